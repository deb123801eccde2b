package fakeseam

// profile is what an access system knows of an ACS user.
type profile struct {
	person    Person
	schedule  AccessSchedule
	suspended bool
}

// userState is what can change of an ACS user.
type userState struct {
	exists       bool
	beingDeleted bool
	creating     bool // the access system does not have it yet
	profile
	// pushed is what the access system has while profile is on its way there,
	// and nil otherwise.
	pushed *profile
	holder *identity
}

// identityState is what can change of an identity.
type identityState struct {
	exists       bool
	beingDeleted bool
	person       Person
}

// history is what lists and direct gets that lag show of something.
type history[T any] struct {
	listed *T // what lists show; nil: the state as it is
	lag    getLag[T]
}

// keep keeps the state before a change.
func (h *history[T]) keep(s *Server, before T) {
	h.lag = getLag[T]{}
	if s.getLag > 0 && s.serving != "" { // what the test itself does is shown at once
		h.lag = getLag[T]{before: &before, gets: s.getLag, identityGets: s.getLag}
	}
	if h.listed == nil || s.semantics.StalePages != PagesFrozen {
		h.listed = &before
	}
}

// showAtOnce makes gets and lists show a change that the test itself made. Frozen
// lists do not show it.
func (h *history[T]) showAtOnce(s *Server) {
	h.lag = getLag[T]{}
	if s.semantics.StalePages != PagesFrozen {
		h.settle()
	}
}

// settle makes lists show the state as it is.
func (h *history[T]) settle() { h.listed = nil }

// inLists returns the state that lists show.
func (h *history[T]) inLists(s *Server, now *T) *T {
	if h.listed != nil && s.semantics.StalePages != PagesFresh {
		return h.listed
	}
	return now
}

// listedUser is what a list shows of an ACS user.
func (s *Server) listedUser(u *acsUser) *userState { return u.inLists(s, &u.userState) }

// listedIdentity is what a list shows of an identity.
func (s *Server) listedIdentity(i *identity) *identityState { return i.inLists(s, &i.identityState) }
