package fakeseam

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The functions in this file set up and read the world. They panic for an id that does not
// exist, which is a mistake of the test. Every id is a UUID of version 4 in lower case, and is
// accepted in either case.

// Workspace is a workspace and its first API key.
type Workspace struct {
	ID     string
	Name   string
	APIKey string // such as seam_test…
}

// System is an access system.
type System struct {
	ID           string
	WorkspaceID  string
	Name         string
	ExternalType string // such as salto_ks_site
}

// Person is the personal data of an ACS user or a user identity. Empty fields are not set.
type Person struct {
	FullName     string
	EmailAddress string
	PhoneNumber  string // in E.164 form, such as +15555550100
	Key          string // user_identity_key, for identities only
}

// ACSUser is a person's record in one access system.
type ACSUser struct {
	ID             string
	SystemID       string
	WorkspaceID    string
	UserIdentityID string // empty when it is not linked
	CreatedAt      time.Time
	Person
	AccessSchedule AccessSchedule // as last requested
	IsSuspended    bool           // as last requested
	BeingDeleted   bool
	Pending        bool // a change has not reached the access system yet
}

// AccessSchedule is when the credentials of an ACS user open doors. The zero value is always.
type AccessSchedule struct {
	StartsAt time.Time
	EndsAt   time.Time // zero for an open end
}

// UserIdentity is a person's account in the customer's app.
type UserIdentity struct {
	ID          string
	WorkspaceID string
	ACSUserIDs  []string // linked ones, oldest first
	MergedIDs   []string // identities that were merged into this one
	Unmanaged   bool
	CreatedAt   time.Time
	Person
	BeingDeleted bool
}

// Link is the link of an ACS user to an identity.
type Link struct {
	UserIdentityID string
	ACSUserID      string
}

type workspace struct {
	id, name, apiKey, publishableKey string
	seam                             *Server

	systems    ordered[*system]
	groups     ordered[*accessGroup]
	users      ordered[*acsUser]
	identities ordered[*identity]
	byKey      map[string]*identity // also by the keys of merged identities
}

type system struct {
	moment
	id, name, externalType, accountID string
	ws                                *workspace
	groups                            ordered[*accessGroup]
	users                             ordered[*acsUser]
	hidden                            bool
}

type acsUser struct {
	moment
	userState
	history[userState]
	id          string
	system      *system
	memberships []*membership // also former ones
	deletedBy   string        // the route of the request that is deleting it

	errors, warnings, mutations []string // codes
}

type identity struct {
	moment
	identityState
	history[identityState]
	id         string
	ws         *workspace
	users      ordered[*acsUser]
	merged     []string // ids
	mergedKeys []string
	unmanaged  bool
	deletedBy  string // as for an ACS user

	errors, warnings []string // codes
}

// moment is a place in the order of creation, which determines created_at.
type moment int64

func (m moment) order() int64 { return int64(m) }

// created returns a plausible, strictly increasing time, the same in every run.
func (m moment) created() time.Time {
	first := time.Date(2025, time.January, 6, 8, 0, 0, 0, time.UTC)
	return first.Add(time.Duration(m) * 1007 * time.Millisecond)
}

func (s *Server) next() moment {
	s.moments++
	return moment(s.moments)
}

// randomText returns n random letters and digits.
func randomText(n int) string {
	text := rand.Text()
	for len(text) < n {
		text += rand.Text()
	}
	return strings.ToLower(text[:n])
}

// AddWorkspace adds an empty sandbox workspace with one API key.
func (s *Server) AddWorkspace(name string) Workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	ws := &workspace{
		id:             uuid.NewString(),
		name:           name,
		seam:           s,
		publishableKey: "seam_pk" + randomText(4) + "_" + randomText(24),
		byKey:          map[string]*identity{},
	}
	ws.apiKey = s.addAPIKey(ws)
	s.workspaces = append(s.workspaces, ws)
	s.byID.workspaces[ws.id] = ws
	return ws.public()
}

// AddSystem adds an access system. externalType is one of Seam's, such as
// salto_ks_site or visionline_system; empty is salto_ks_site. See
// https://docs.seam.co/latest/api/acs/systems.
func (s *Server) AddSystem(workspaceID, name, externalType string) System {
	if externalType == "" {
		externalType = "salto_ks_site"
	}
	if _, ok := systemTypes[externalType]; !ok {
		panic(fmt.Sprintf("fakeseam: AddSystem: no external type %q; there are %q",
			externalType, slices.Sorted(maps.Keys(systemTypes))))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sys := &system{
		moment:       s.next(),
		id:           uuid.NewString(),
		name:         name,
		externalType: externalType,
		accountID:    uuid.NewString(),
		ws:           s.mustWorkspace(workspaceID),
	}
	sys.ws.systems = append(sys.ws.systems, sys)
	s.byID.systems[sys.id] = sys
	return sys.public()
}

// AddACSUser adds a person's record to an access system, without a link.
func (s *Server) AddACSUser(systemID string, p Person) ACSUser {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addUser(s.mustSystem(systemID), profile{person: p}).public()
}

// addUser returns a new ACS user, and adds it unless the request has no effect.
func (s *Server) addUser(sys *system, p profile) *acsUser {
	p.person = s.normalized(p.person)
	p.person.Key = ""
	u := &acsUser{moment: s.next(), id: s.newID(), system: sys, userState: userState{exists: true, profile: p}}
	if s.serving != "" {
		u.creating = s.semantics.Mutations != MutationsAtOnce
	}
	if s.noEffect {
		return u
	}
	sys.users = append(sys.users, u)
	sys.ws.users = append(sys.ws.users, u)
	s.byID.users[u.id] = u
	if s.serving != "" {
		u.begin(s)
		s.objectChanged(KindACSUser, u.id, Created, "")
	}
	return u
}

// AddUserIdentity adds a person's account, without a link.
func (s *Server) AddUserIdentity(workspaceID string, p Person) UserIdentity {
	s.mu.Lock()
	defer s.mu.Unlock()
	ws := s.mustWorkspace(workspaceID)
	if _, taken := ws.byKey[p.Key]; taken {
		panic(fmt.Sprintf("fakeseam: the user identity key %q is taken in workspace %q", p.Key, ws.name))
	}
	return s.addIdentity(ws, p).public()
}

// AddUnmanagedUserIdentity adds an unmanaged user identity. /user_identities/unmanaged/get finds
// it, other reads of user identities do not, and ACS users may be linked to it. It has no key.
func (s *Server) AddUnmanagedUserIdentity(workspaceID string, p Person) UserIdentity {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.Key = ""
	i := s.addIdentity(s.mustWorkspace(workspaceID), p)
	i.unmanaged = true
	return i.public()
}

func (s *Server) addIdentity(ws *workspace, p Person) *identity {
	p = s.normalized(p)
	i := &identity{moment: s.next(), id: s.newID(), ws: ws, identityState: identityState{exists: true, person: p}}
	if s.noEffect {
		return i
	}
	ws.identities = append(ws.identities, i)
	s.byID.identities[i.id] = i
	i.claimKey()
	if s.serving != "" {
		i.begin(s)
		s.objectChanged(KindUserIdentity, i.id, Created, "")
	}
	return i
}

// normalized returns a person as Seam stores it.
func (s *Server) normalized(p Person) Person {
	if s.semantics.EmailCase == EmailLowerCase {
		p.EmailAddress = strings.ToLower(p.EmailAddress)
	}
	return p
}

// claimKey makes the identity's key find it, unless it finds an older one.
func (i *identity) claimKey() {
	if key := i.person.Key; key != "" && i.ws.byKey[key] == nil {
		i.ws.byKey[key] = i
	}
}

// releaseKeys frees those keys of the identity that free selects.
func (i *identity) releaseKeys(free func(key string) bool) {
	for key, other := range i.ws.byKey {
		if other != i || !free(key) {
			continue
		}
		delete(i.ws.byKey, key)
		for _, next := range i.ws.identities {
			if next != i && next.exists && next.person.Key == key {
				next.claimKey()
				break
			}
		}
	}
}

// Link links an ACS user to an identity, also from another one, as another process would. No
// request is recorded.
func (s *Server) Link(userIdentityID, acsUserID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, u := s.mustIdentity(userIdentityID), s.mustUser(acsUserID)
	if i.ws != u.system.ws {
		panic(fmt.Sprintf("fakeseam: identity %s and ACS user %s are in different workspaces", i.id, u.id))
	}
	u.setHolder(i)
	u.showAtOnce(s)
}

// Unlink removes the link of an ACS user, as another process would.
func (s *Server) Unlink(acsUserID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.mustUser(acsUserID)
	u.setHolder(nil)
	u.showAtOnce(s)
}

func (u *acsUser) setHolder(i *identity) {
	seam := u.system.ws.seam
	if u.holder == i || seam.noEffect {
		return
	}
	u.keep(seam, u.userState)
	u.point(i)
}

// point links an ACS user to an identity. Call keep before.
func (u *acsUser) point(i *identity) {
	if u.holder == i {
		return
	}
	u.system.ws.seam.changed(u, i)
	if u.holder != nil {
		u.holder.users.remove(u)
	}
	u.holder = i
	if i != nil {
		i.users.add(u)
	}
}

// HolderOf returns the id of the identity that an ACS user is linked to, or "".
func (s *Server) HolderOf(acsUserID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mustUser(acsUserID).public().UserIdentityID
}

// Links returns all links of all workspaces, sorted.
func (s *Server) Links() []Link {
	s.mu.Lock()
	defer s.mu.Unlock()
	links := []Link{}
	for _, u := range s.byID.users {
		if u.holder != nil {
			links = append(links, Link{u.holder.id, u.id})
		}
	}
	slices.SortFunc(links, func(a, b Link) int {
		return cmp.Or(cmp.Compare(a.UserIdentityID, b.UserIdentityID), cmp.Compare(a.ACSUserID, b.ACSUserID))
	})
	return links
}

// DeleteACSUser deletes an ACS user and its link, as another process would. Every list shows
// that at once.
func (s *Server) DeleteACSUser(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.mustUser(id)
	s.deleteUser(u)
	u.forget()
}

// forget makes every list show the current state of an ACS user.
func (u *acsUser) forget() {
	u.history = history[userState]{}
	for _, m := range u.memberships {
		m.history = history[membershipState]{}
	}
}

// deleteUser marks an ACS user as deleted, unless the request has no effect. Lists and gets that
// lag still show it.
func (s *Server) deleteUser(u *acsUser) {
	if s.noEffect {
		return
	}
	u.keep(s, u.userState)
	if u.deletedBy == "" {
		s.objectChanged(KindACSUser, u.id, Deleted, "")
	}
	u.point(nil)
	for _, m := range u.memberships {
		s.setMember(m.group, u, false)
		m.pushed = false
	}
	u.exists = false
}

// DeleteUserIdentity deletes an identity and, as in Seam, its ACS users. Every list shows that
// at once. See
// https://docs.seam.co/latest/api/user_identities/delete.
func (s *Server) DeleteUserIdentity(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.mustIdentity(id)
	users := slices.Clone(i.users)
	s.deleteIdentity(i)
	i.history = history[identityState]{}
	for _, u := range users {
		u.forget()
	}
}

// deleteIdentity is deleteUser for an identity and its ACS users.
func (s *Server) deleteIdentity(i *identity) {
	if s.noEffect {
		return
	}
	for _, u := range slices.Clone(i.users) {
		s.deleteUser(u)
	}
	i.keep(s, i.identityState)
	if i.deletedBy == "" {
		s.objectChanged(KindUserIdentity, i.id, Deleted, "")
	}
	i.exists = false
	i.releaseKeys(func(string) bool { return true })
}

// MergeUserIdentities merges one identity into another, the primary one. The ACS users of the
// merged one are linked to the primary one, and its id and key become aliases of the primary
// one, subject to Semantics.Aliases.
func (s *Server) MergeUserIdentities(primaryID, mergedID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	primary, merged := s.mustIdentity(primaryID), s.mustIdentity(mergedID)
	if primary == merged || primary.ws != merged.ws {
		panic(fmt.Sprintf("fakeseam: cannot merge identity %s into %s", mergedID, primaryID))
	}
	for _, u := range slices.Clone(merged.users) {
		u.setHolder(primary)
		u.showAtOnce(s)
	}
	s.objectChanges = append(s.objectChanges, ObjectChange{
		Kind: KindUserIdentity, ID: merged.id, Action: Merged, Into: primary.id, At: time.Now(),
	})
	merged.ws.identities.remove(merged)
	merged.exists = false
	primary.merged = append(append(primary.merged, merged.merged...), merged.id)
	primary.mergedKeys = append(primary.mergedKeys, merged.mergedKeys...)
	if merged.person.Key != "" {
		primary.mergedKeys = append(primary.mergedKeys, merged.person.Key)
	}
	for _, alias := range primary.merged {
		s.byID.identities[alias] = primary
	}
	for key, i := range merged.ws.byKey {
		if i == merged {
			merged.ws.byKey[key] = primary
		}
	}
}

// MarkACSUserBeingDeleted gives an ACS user the warning being_deleted.
func (s *Server) MarkACSUserBeingDeleted(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.mustUser(id)
	u.beingDeleted = true
	if u.listed != nil {
		u.listed.beingDeleted = true
	}
}

// MarkUserIdentityBeingDeleted gives an identity the warning being_deleted.
func (s *Server) MarkUserIdentityBeingDeleted(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.mustIdentity(id)
	i.beingDeleted = true
	if i.listed != nil {
		i.listed.beingDeleted = true
	}
}

func (s *Server) mustWorkspace(id string) *workspace {
	ws, ok := s.byID.workspaces[strings.ToLower(id)]
	if !ok {
		panic(fmt.Sprintf("fakeseam: no workspace %q", id))
	}
	return ws
}

func (s *Server) mustSystem(id string) *system {
	sys, ok := s.byID.systems[strings.ToLower(id)]
	if !ok {
		panic(fmt.Sprintf("fakeseam: no access system %q", id))
	}
	return sys
}

func (s *Server) mustUser(id string) *acsUser {
	u, ok := s.byID.users[strings.ToLower(id)]
	if !ok || !u.exists {
		panic(fmt.Sprintf("fakeseam: no ACS user %q", id))
	}
	return u
}

func (s *Server) mustIdentity(id string) *identity {
	i, ok := s.byID.identities[strings.ToLower(id)]
	if !ok || !i.exists {
		panic(fmt.Sprintf("fakeseam: no user identity %q", id))
	}
	return i
}
