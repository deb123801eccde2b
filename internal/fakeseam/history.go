package fakeseam

// profile is the data of an ACS user in its access system.
type profile struct {
	person    Person
	schedule  AccessSchedule
	suspended bool
}

// userState is the mutable state of an ACS user.
type userState struct {
	exists       bool
	beingDeleted bool
	creating     bool // the access system does not have it yet
	profile
	// pushed is the profile in the access system while a change is pending, and nil otherwise.
	pushed *profile
	holder *identity
}

// identityState is the mutable state of an identity.
type identityState struct {
	exists       bool
	beingDeleted bool
	person       Person
}

// membershipState is the mutable state of a membership.
type membershipState struct {
	is       bool
	pushed   bool // in the access system: is, unless a change is pending
	deferred bool // the pending change is scheduled
}

// history holds the earlier states that lists and gets show while they lag.
type history[T any] struct {
	listed *T // shown by lists; nil: the current state
	// unlisted: lists do not show the object yet, also after further changes.
	unlisted bool
	got      *T // shown by gets while some are left
	left     [getRoutes]int
}

// keep saves the state before a change.
func (h *history[T]) keep(s *Server, before T) {
	h.fresh()
	if s.getLag > 0 && s.serving != "" { // changes by the test are shown at once
		h.got = &before
		for route := range h.left {
			h.left[route] = s.getLag
		}
	}
	if h.listed == nil || s.semantics.StalePages != PagesFrozen && !h.unlisted {
		h.listed = &before
	}
}

// begin is keep for an object that a request creates.
func (h *history[T]) begin(s *Server) {
	var nothing T
	h.keep(s, nothing)
	h.unlisted = true
}

// showAtOnce makes gets and lists show a change by the test. Frozen lists do not show it.
func (h *history[T]) showAtOnce(s *Server) {
	h.fresh()
	if s.semantics.StalePages != PagesFrozen {
		h.catchUp()
	}
}

// catchUp makes lists show the current state.
func (h *history[T]) catchUp() { h.listed, h.unlisted = nil, false }

// fresh makes gets show the current state.
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

// get is inGets, and counts the get.
func (h *history[T]) get(now *T, route getRoute) *T {
	state := h.inGets(now, route)
	h.left[route] = max(0, h.left[route]-1)
	return state
}

// listedUser returns the state of an ACS user that lists show.
func (s *Server) listedUser(u *acsUser) *userState { return u.inLists(s, &u.userState) }

// listedIdentity returns the state of an identity that lists show.
func (s *Server) listedIdentity(i *identity) *identityState { return i.inLists(s, &i.identityState) }
