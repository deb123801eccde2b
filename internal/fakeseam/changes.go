package fakeseam

import (
	"slices"
	"strings"
	"time"
)

// Change is one change of the identity that an ACS user points to.
type Change struct {
	ACSUserID string
	From, To  string // the ids of user identities; empty for none
	// Route is that of the request that took effect, and empty when someone
	// outside did it, as with Link.
	Route string
	At    time.Time
}

// Changes returns what became of all links, in the order in which it happened:
// the requests alone do not tell, for a request may have had no effect. A
// deletion and a merge are changes of the links that they move.
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

// Action is what became of an object.
type Action string

// What becomes of objects.
const (
	Created Action = "created"
	Updated Action = "updated"
	Deleted Action = "deleted"
)

// ObjectChange says that a user identity or an ACS user was created, updated or
// deleted.
type ObjectChange struct {
	Kind   ObjectKind
	ID     string
	Action Action
	// Fields names what an update changed, sorted, such as
	// "email_address,full_name".
	Fields string
	// Route is that of the request that took effect, and empty when someone
	// outside did it, as with UpdateACSUser.
	Route string
	At    time.Time
}

// ObjectChanges returns what became of all user identities and ACS users, in the
// order in which it happened. What AddUserIdentity and AddACSUser set up is not
// among it, nor are updates that change nothing. A deletion that takes a while is
// there as soon as it was accepted, once.
func (s *Server) ObjectChanges() []ObjectChange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.objectChanges)
}

func (s *Server) objectChanged(kind ObjectKind, id string, action Action, fields string) {
	s.objectChanges = append(s.objectChanges, ObjectChange{
		Kind: kind, ID: id, Action: action, Fields: fields, Route: s.serving, At: time.Now(),
	})
}

// changedFields names the fields in which two profiles differ.
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

// MembershipChange says that an ACS user became a member of an access group, or
// is no longer one.
type MembershipChange struct {
	AccessGroupID string
	ACSUserID     string
	Added         bool // or removed
	// Route is that of the request that took effect, and empty when someone
	// outside did it, as with AddToGroup.
	Route string
	At    time.Time
}

// MembershipChanges returns what became of all memberships, in the order in which
// it was asked for: one that is pending is there already. A deletion is a change
// of the memberships that it ends.
func (s *Server) MembershipChanges() []MembershipChange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.membershipChanges)
}

// changed notes that an ACS user is about to point to another identity.
func (s *Server) changed(u *acsUser, to *identity) {
	change := Change{ACSUserID: u.id, Route: s.serving, At: time.Now()}
	if u.holder != nil {
		change.From = u.holder.id
	}
	if to != nil {
		change.To = to.id
	}
	s.changes = append(s.changes, change)
}
