package fakeseam

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
)

// Semantics chooses among behaviors that Seam's documentation leaves open. The zero value has
// the most careful or most likely behavior of each.
type Semantics struct {
	AddHeldElsewhere    AddHeldElsewhere
	AddHeldHere         AddHeldHere
	AddSecondInSystem   AddSecondInSystem
	AddUnknownIdentity  AddUnknownIdentity
	RemoveUnlinked      RemoveUnlinked
	RemoveHeldElsewhere RemoveHeldElsewhere
	StalePages          StalePages
	Aliases             Aliases

	// of user identities and ACS users
	TakenValue    TakenValue
	SecondACSUser SecondACSUser
	EmailCase     EmailCase
	Mutations     Mutations

	// of access groups
	AddMemberTwice  AddMemberTwice
	RemoveNonMember RemoveNonMember
	Memberships     Memberships
}

// AddHeldElsewhere is what add_acs_user does with an ACS user that is linked
// to another identity.
type AddHeldElsewhere int

// The possible behaviors; the first one is the zero value.
const (
	AddHeldElsewhereRefused AddHeldElsewhere = iota // 400
	AddHeldElsewhereMoves                           // the link moves
)

func (v AddHeldElsewhere) String() string { return name(v, "refused", "moves") }

// AddHeldHere is what add_acs_user does with an ACS user that is linked to
// this very identity.
type AddHeldHere int

// The possible behaviors; the first one is the zero value.
const (
	AddHeldHereOK      AddHeldHere = iota // 200, nothing changes
	AddHeldHereRefused                    // 400
)

func (v AddHeldHere) String() string { return name(v, "ok", "refused") }

// AddSecondInSystem is what add_acs_user does when the identity has another
// ACS user in the same access system.
type AddSecondInSystem int

// The possible behaviors; the first one is the zero value.
const (
	AddSecondInSystemRefused  AddSecondInSystem = iota // 400
	AddSecondInSystemBothStay                          // the identity has two
)

func (v AddSecondInSystem) String() string { return name(v, "refused", "both-stay") }

// AddUnknownIdentity is the status of add_acs_user and remove_acs_user for an unknown identity.
// The type is user_identity_not_found either way.
type AddUnknownIdentity int

// The possible behaviors; the first one is the zero value.
const (
	AddUnknownIdentity404 AddUnknownIdentity = iota
	AddUnknownIdentity400
)

func (v AddUnknownIdentity) String() string { return name(v, "404", "400") }

// RemoveUnlinked is what remove_acs_user does with an ACS user that is linked
// to no identity.
type RemoveUnlinked int

// The possible behaviors; the first one is the zero value.
const (
	RemoveUnlinkedOK       RemoveUnlinked = iota // 200, nothing changes
	RemoveUnlinkedRefused                        // 400
	RemoveUnlinkedNotFound                       // 404 acs_user_not_found, although the ACS user exists
)

func (v RemoveUnlinked) String() string { return name(v, "ok", "refused", "not-found") }

// RemoveHeldElsewhere is what remove_acs_user does with an ACS user that is
// linked to another identity.
type RemoveHeldElsewhere int

// The possible behaviors; the first one is the zero value.
const (
	RemoveHeldElsewhereRefused RemoveHeldElsewhere = iota // 400
	RemoveHeldElsewhereIgnored                            // 200, nothing changes
	RemoveHeldElsewhereCuts                               // 200, the other identity's link is gone
)

func (v RemoveHeldElsewhere) String() string { return name(v, "refused", "ignored", "cuts") }

// StalePages is what list routes (/acs/users/list, /user_identities/list,
// /user_identities/list_acs_users and /acs/access_groups/list_users) show after a request
// changed a link, a membership, an identity or an ACS user. For direct gets, see SetGetLag.
// Changes by the test, for instance with Link, are shown at once, except with PagesFrozen.
// Objects that the test adds or deletes are always shown as they are.
type StalePages int

// What the lists show; the first one is the zero value.
const (
	PagesFresh     StalePages = iota
	PagesStaleOnce            // the first list that meets the object shows, and filters by, its state before the change
	PagesLag                  // until SettlePages, every list shows the state before the last change, and no new object
	// PagesFrozen: until SettlePages, every list shows the state before the first change of an
	// object, also of changes by the test. Changes before the switch to PagesFrozen are shown;
	// changes after SettlePages are hidden again.
	PagesFrozen
)

func (v StalePages) String() string { return name(v, "fresh", "stale-once", "lag", "frozen") }

// Aliases are the routes where the id or key of a merged identity finds the primary one.
type Aliases int

// Where aliases are found; the first one is the zero value. Elsewhere they are not found, while
// the primary identity still lists them in merged_user_identity_ids and
// merged_user_identity_keys.
const (
	AliasesFound     Aliases = iota // everywhere
	AliasesNotInGets                // in lists and in writes, not in direct gets
	AliasesNowhere                  // neither in gets, lists nor writes
)

func (v Aliases) String() string { return name(v, "found", "not-in-gets", "nowhere") }

// TakenValue is what happens when an identity is created or updated with an
// email address, a phone number or a key that another one of the workspace has.
// The comparison of email addresses is case-insensitive.
type TakenValue int

// The possible behaviors; the first one is the zero value.
const (
	TakenValueRefused  TakenValue = iota // 400
	TakenValueAccepted                   // both have it; a key leads to the older one
	TakenValueExisting                   // create returns the other identity and changes nothing; update is refused
)

func (v TakenValue) String() string { return name(v, "refused", "accepted", "existing") }

// SecondACSUser is what /acs/users/create does when the access system has an ACS
// user of that email address.
type SecondACSUser int

// The possible behaviors; the first one is the zero value.
const (
	SecondACSUserCreated SecondACSUser = iota // there are two
	SecondACSUserRefused                      // 400
)

func (v SecondACSUser) String() string { return name(v, "created", "refused") }

// EmailCase is how Seam stores email addresses. It applies to later changes, by requests and by
// the test.
type EmailCase int

// How an email address is stored; the first one is the zero value.
const (
	EmailAsWritten EmailCase = iota
	EmailLowerCase
)

func (v EmailCase) String() string { return name(v, "as-written", "lower-case") }

// Mutations is when a request's change of an ACS user reaches the access system, and what
// responses show until then. Changes by the test reach it at once.
type Mutations int

// When changes reach the access system; the first one is the zero value.
const (
	MutationsAtOnce  Mutations = iota
	MutationsShowNew           // until FinishMutations, with pending_mutations and the new values
	MutationsShowOld           // likewise, with the old values
)

func (v Mutations) String() string { return name(v, "at-once", "show-new", "show-old") }

// AddMemberTwice is what add_to_access_group does with an ACS user that is a
// member already.
type AddMemberTwice int

// The possible behaviors; the first one is the zero value.
const (
	AddMemberTwiceOK      AddMemberTwice = iota // 200, nothing changes
	AddMemberTwiceRefused                       // 400
)

func (v AddMemberTwice) String() string { return name(v, "ok", "refused") }

// RemoveNonMember is what remove_from_access_group does with an ACS user that is
// not a member.
type RemoveNonMember int

// The possible behaviors; the first one is the zero value.
const (
	RemoveNonMemberOK       RemoveNonMember = iota // 200, nothing changes
	RemoveNonMemberRefused                         // 400
	RemoveNonMemberNotFound                        // 404 acs_user_not_found, although the ACS user exists
)

func (v RemoveNonMember) String() string { return name(v, "ok", "refused", "not-found") }

// Memberships is when a request's change of a membership reaches the access system, and what
// list_users and /acs/access_groups/list show until then. Changes by the test reach it at once.
type Memberships int

// When the access system has the change; the first one is the zero value. Until
// FinishMutations, pending_mutations of the ACS user and of the group have the change.
const (
	MembershipsAtOnce         Memberships = iota
	MembershipsPendingShown               // the lists show the membership as it will be
	MembershipsPendingHidden              // the lists show the membership as it was
	MembershipsDeferredHidden             // likewise, and the mutations are those of a scheduled change
)

func (v Memberships) String() string {
	return name(v, "at-once", "pending-shown", "pending-hidden", "deferred-hidden")
}

func name[T ~int](v T, names ...string) string {
	if v < 0 || int(v) >= len(names) {
		return fmt.Sprintf("%T(%d)", v, int(v))
	}
	return names[v]
}

// rivals has the behavior farthest from the first in every field. A client that verifies its
// writes with gets still succeeds.
var rivals = Semantics{
	AddHeldElsewhere:    AddHeldElsewhereMoves,
	AddHeldHere:         AddHeldHereRefused,
	AddSecondInSystem:   AddSecondInSystemBothStay,
	AddUnknownIdentity:  AddUnknownIdentity400,
	RemoveUnlinked:      RemoveUnlinkedNotFound,
	RemoveHeldElsewhere: RemoveHeldElsewhereCuts,
	StalePages:          PagesFrozen,
	Aliases:             AliasesNowhere,
	TakenValue:          TakenValueExisting,
	SecondACSUser:       SecondACSUserRefused,
	Mutations:           MutationsShowOld,
	AddMemberTwice:      AddMemberTwiceRefused,
	RemoveNonMember:     RemoveNonMemberNotFound,
	Memberships:         MembershipsPendingHidden,
}

// peopleRivals is rivals for writes of user identities and ACS users.
var peopleRivals = Semantics{
	StalePages:    PagesFrozen,
	Aliases:       AliasesNowhere,
	TakenValue:    TakenValueExisting,
	SecondACSUser: SecondACSUserRefused,
	EmailCase:     EmailLowerCase,
	Mutations:     MutationsShowOld,
}

// groupRivals is rivals for writes of memberships.
var groupRivals = Semantics{
	StalePages:      PagesFrozen,
	AddMemberTwice:  AddMemberTwiceRefused,
	RemoveNonMember: RemoveNonMemberNotFound,
	Memberships:     MembershipsPendingHidden,
}

// AllGroupSemantics returns a small set that covers every behavior of memberships: the first
// ones, the rivals all together, and each other one on its own.
func AllGroupSemantics() []Semantics {
	return []Semantics{
		{},
		groupRivals,
		{AddMemberTwice: AddMemberTwiceRefused},
		{RemoveNonMember: RemoveNonMemberRefused},
		{RemoveNonMember: RemoveNonMemberNotFound},
		{Memberships: MembershipsPendingShown},
		{Memberships: MembershipsPendingHidden},
		{Memberships: MembershipsDeferredHidden},
		{StalePages: PagesStaleOnce},
		{StalePages: PagesLag},
		{StalePages: PagesFrozen},
	}
}

// AllPeopleSemantics is AllGroupSemantics for writes of user identities and ACS users.
func AllPeopleSemantics() []Semantics {
	return []Semantics{
		{},
		peopleRivals,
		{TakenValue: TakenValueAccepted},
		{TakenValue: TakenValueExisting},
		{SecondACSUser: SecondACSUserRefused},
		{EmailCase: EmailLowerCase},
		{Mutations: MutationsShowNew},
		{Mutations: MutationsShowOld},
		{StalePages: PagesStaleOnce},
		{StalePages: PagesLag},
		{StalePages: PagesFrozen},
		{Aliases: AliasesNotInGets},
		{Aliases: AliasesNowhere},
	}
}

// AllSemantics is AllGroupSemantics for links.
func AllSemantics() []Semantics {
	return []Semantics{
		{},
		rivals,
		{AddHeldElsewhere: AddHeldElsewhereMoves},
		{AddHeldHere: AddHeldHereRefused},
		{AddSecondInSystem: AddSecondInSystemBothStay},
		{AddUnknownIdentity: AddUnknownIdentity400},
		{RemoveUnlinked: RemoveUnlinkedRefused},
		{RemoveUnlinked: RemoveUnlinkedNotFound},
		{RemoveHeldElsewhere: RemoveHeldElsewhereIgnored},
		{RemoveHeldElsewhere: RemoveHeldElsewhereCuts},
		{StalePages: PagesStaleOnce},
		{StalePages: PagesLag},
		{StalePages: PagesFrozen},
		{Aliases: AliasesNotInGets},
		{Aliases: AliasesNowhere},
	}
}

// MixedSemantics draws each answer on its own, from those that a set of Semantics has.
func MixedSemantics(rng *rand.Rand, set []Semantics) Semantics {
	var mixed Semantics
	for field := range reflect.ValueOf(mixed).NumField() {
		answers := map[int64]bool{}
		for _, sem := range set {
			answers[reflect.ValueOf(sem).Field(field).Int()] = true
		}
		different := slices.Sorted(maps.Keys(answers))
		reflect.ValueOf(&mixed).Elem().Field(field).SetInt(different[rng.IntN(len(different))])
	}
	return mixed
}

// String names the behaviors that are not the first, as the name of a subtest, such as
// AddHeldElsewhere=moves.
func (sem Semantics) String() string {
	switch sem {
	case Semantics{}:
		return "first-answers"
	case rivals:
		return "every-rival"
	case peopleRivals:
		return "every-rival-of-people"
	case groupRivals:
		return "every-rival-of-groups"
	}
	var parts []string
	value := reflect.ValueOf(sem)
	for i := range value.NumField() {
		if field := value.Field(i); !field.IsZero() {
			parts = append(parts, fmt.Sprintf("%s=%v", value.Type().Field(i).Name, field.Interface()))
		}
	}
	return strings.Join(parts, ",")
}

// SetSemantics chooses the behaviors that Seam's documentation leaves open.
func (s *Server) SetSemantics(sem Semantics) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.semantics.StalePages
	if before != sem.StalePages && (before == PagesFresh || sem.StalePages == PagesFrozen) {
		s.catchUpPages()
	}
	s.semantics = sem
}

// SettlePages makes list routes show the current state, as if some time had passed.
func (s *Server) SettlePages() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUpPages()
}

func (s *Server) catchUpPages() {
	for _, u := range s.byID.users {
		u.catchUp()
		for _, m := range u.memberships {
			m.catchUp()
		}
	}
	for _, i := range s.byID.identities {
		i.catchUp()
	}
}

// UnlinkedAs is the user_identity_id of an ACS user without a link.
type UnlinkedAs int

// The possible forms; the first one is the zero value.
const (
	UnlinkedAbsent UnlinkedAs = iota
	UnlinkedNull
	UnlinkedEmpty // ""
)

func (v UnlinkedAs) String() string { return name(v, "absent", "null", "empty") }

// SetUnlinkedAs chooses the form of an ACS user without a link.
func (s *Server) SetUnlinkedAs(as UnlinkedAs) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unlinkedAs = as
}
