package fakeseam

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Change is one change of the identity that an ACS user points to.
type Change struct {
	ACSUserID string
	From, To  string // the ids of user identities; empty for none
	// Route is that of the request that took effect, and empty for a change by the test, as
	// with Link.
	Route     string
	RequestID string // of that request
	At        time.Time
}

// Changes returns all changes of links in order. Requests without effect are not among them.
// A deletion and a merge are changes of the links that they affect.
func (s *Server) Changes() []Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.changes)
}

// ObjectKind is a kind of object, by the name that it has in Seam's API.
type ObjectKind string

// The kinds of objects that requests create, update and delete.
const (
	KindUserIdentity ObjectKind = "user_identity"
	KindACSUser      ObjectKind = "acs_user"
)

// Action is a kind of change of an object.
type Action string

// The kinds of changes.
const (
	Created Action = "created"
	Updated Action = "updated"
	Deleted Action = "deleted"
	Merged  Action = "merged" // a user identity, into another one
)

// ObjectChange is the creation, update, deletion or merge of a user identity or an ACS user.
type ObjectChange struct {
	Kind   ObjectKind
	ID     string
	Action Action
	Into   string // the id of the primary identity of a merge
	// Fields are the fields that an update changed, sorted, such as
	// "email_address,full_name".
	Fields string
	// Route is that of the request that took effect, and empty for a change by the test, as
	// with UpdateACSUser.
	Route     string
	RequestID string // of that request
	At        time.Time
}

// ObjectChanges returns all changes of user identities and ACS users in order, without those of
// AddUserIdentity and AddACSUser, and without updates that change nothing. A deletion that
// takes a while is included once, when it is accepted.
func (s *Server) ObjectChanges() []ObjectChange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.objectChanges)
}

func (s *Server) objectChanged(kind ObjectKind, id string, action Action, fields string) {
	s.objectChanges = append(s.objectChanges, ObjectChange{
		Kind: kind, ID: id, Action: action, Fields: fields, Route: s.serving, RequestID: s.requestID, At: time.Now(),
	})
}

// changedFields returns the names of the fields in which two profiles differ.
func changedFields(from, to profile) string {
	var fields []string
	for _, field := range []struct {
		name    string
		changed bool
	}{
		{"access_schedule", from.schedule != to.schedule},
		{"email_address", from.person.EmailAddress != to.person.EmailAddress},
		{"full_name", from.person.FullName != to.person.FullName},
		{"is_suspended", from.suspended != to.suspended},
		{"phone_number", from.person.PhoneNumber != to.person.PhoneNumber},
		{"user_identity_key", from.person.Key != to.person.Key},
	} {
		if field.changed {
			fields = append(fields, field.name)
		}
	}
	return strings.Join(fields, ",")
}

// MembershipChange is the addition of an ACS user to an access group, or its removal.
type MembershipChange struct {
	AccessGroupID string
	ACSUserID     string
	Added         bool // or removed
	// Route is that of the request that took effect, and empty for a change by the test, as
	// with AddToGroup.
	Route     string
	RequestID string // of that request
	At        time.Time
}

// MembershipChanges returns all changes of memberships in the order of the requests, pending
// ones included. A deletion is a change of the memberships that it ends.
func (s *Server) MembershipChanges() []MembershipChange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.membershipChanges)
}

// changed records that an ACS user will point to another identity.
func (s *Server) changed(u *acsUser, to *identity) {
	change := Change{ACSUserID: u.id, Route: s.serving, RequestID: s.requestID, At: time.Now()}
	if u.holder != nil {
		change.From = u.holder.id
	}
	if to != nil {
		change.To = to.id
	}
	s.changes = append(s.changes, change)
}

// Effect is a Change, an ObjectChange or a MembershipChange.
type Effect struct {
	Kind      ObjectKind
	ID        string // of the ACS user of a link; of a membership, also of the group, after a slash
	Action    Action
	From, To  string // user identities, of a link or a merge; groups, of a membership
	Route     string
	RequestID string
	At        time.Time
}

// The kinds of a Change and of a MembershipChange, and what becomes of links and
// memberships. An ACS user that is linked, and was linked before, was moved.
const (
	KindLink       ObjectKind = "user_identity_acs_user"
	KindMembership ObjectKind = "acs_access_group_user"
	Linked         Action     = "linked"
	Unlinked       Action     = "unlinked"
)

// Key is the kind and the id.
func (e Effect) Key() string { return string(e.Kind) + " " + e.ID }

func (e Effect) String() string {
	return fmt.Sprintf("%s: %s %s, from %q to %q", e.Route, e.Key(), e.Action, e.From, e.To)
}

// Effects returns all Changes, ObjectChanges and MembershipChanges, in the order in which they happened.
func (s *Server) Effects() []Effect {
	s.mu.Lock()
	defer s.mu.Unlock()
	var effects []Effect
	for _, c := range s.changes {
		action := Linked
		if c.To == "" {
			action = Unlinked
		}
		effects = append(effects, Effect{KindLink, c.ACSUserID, action, c.From, c.To, c.Route, c.RequestID, c.At})
	}
	for _, c := range s.membershipChanges {
		e := Effect{KindMembership, c.ACSUserID + "/" + c.AccessGroupID, Unlinked, c.AccessGroupID, "", c.Route, c.RequestID, c.At}
		if c.Added {
			e.Action, e.From, e.To = Linked, "", c.AccessGroupID
		}
		effects = append(effects, e)
	}
	for _, c := range s.objectChanges {
		effects = append(effects, Effect{c.Kind, c.ID, c.Action, "", c.Into, c.Route, c.RequestID, c.At})
	}
	slices.SortStableFunc(effects, func(a, b Effect) int { return a.At.Compare(b.At) })
	return effects
}
