package fakeseam

import (
	"slices"
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
