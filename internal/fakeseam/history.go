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

// membershipState is what can change of an ACS user's membership in a group.
type membershipState struct {
	is       bool
	pushed   bool // what the access system has: is, unless a change is pending
	deferred bool // the pending change is scheduled
}

// history is what lists and direct gets that lag show of something.
type history[T any] struct {
	listed *T // what lists show; nil: the state as it is
	// unlisted says that lists do not show it yet: whatever else happens to it,
	// they show nothing of it before they show that it was created.
	unlisted bool
	got      *T // what gets show, while some are left
	left     [getRoutes]int
}

// keep keeps the state before a change.
func (h *history[T]) keep(s *Server, before T) {
	h.fresh()
	if s.getLag > 0 && s.serving != "" { // what the test itself does is shown at once
		h.got = &before
		for route := range h.left {
			h.left[route] = s.getLag
		}
	}
	if h.listed == nil || s.semantics.StalePages != PagesFrozen && !h.unlisted {
		h.listed = &before
	}
}

// begin does the same for something that a request creates.
func (h *history[T]) begin(s *Server) {
	var nothing T
	h.keep(s, nothing)
	h.unlisted = true
}

// showAtOnce makes gets and lists show a change that the test itself made. Frozen
// lists do not show it.
func (h *history[T]) showAtOnce(s *Server) {
	h.fresh()
	if s.semantics.StalePages != PagesFrozen {
		h.settle()
	}
}

// settle makes lists show the state as it is.
func (h *history[T]) settle() { h.listed, h.unlisted = nil, false }

// fresh makes gets show the state as it is.
func (h *history[T]) fresh() { h.got, h.left = nil, [getRoutes]int{} }

// inLists returns the state that lists show.
func (h *history[T]) inLists(s *Server, now *T) *T {
	if h.listed != nil && s.semantics.StalePages != PagesFresh {
		return h.listed
	}
	return now
}

// inGets returns the state that a get of a route shows.
func (h *history[T]) inGets(now *T, route getRoute) *T {
	if h.left[route] > 0 {
		return h.got
	}
	return now
}

// get does the same, and counts the get.
func (h *history[T]) get(now *T, route getRoute) *T {
	state := h.inGets(now, route)
	h.left[route] = max(0, h.left[route]-1)
	return state
}

// listedUser is what a list shows of an ACS user.
func (s *Server) listedUser(u *acsUser) *userState { return u.inLists(s, &u.userState) }

// listedIdentity is what a list shows of an identity.
func (s *Server) listedIdentity(i *identity) *identityState { return i.inLists(s, &i.identityState) }
