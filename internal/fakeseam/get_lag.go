package fakeseam

// getLag is how long direct gets keep showing something as it was before a
// request changed it. Each route has its own count, so that reads of one do not
// end the lag of the other.
type getLag[T any] struct {
	before *T
	gets   int // how many more gets of the thing itself show before
	// identityGets counts those of /user_identities/get, for an ACS user.
	identityGets int
}

// SetGetLag makes direct gets lag behind the changes that requests make. After a
// change of an ACS user, the next n responses of /acs/users/get for it show it as
// it was before that change: with the old link or the old values, not found if it
// was created, and still there if it was deleted. The next n responses of
// /user_identities/get that a changed link affects do the same in acs_user_ids,
// and so do those for an identity that was created, updated or deleted. Each
// change restarts the counts. A change by the test itself, for instance with
// Link, is shown at once and ends the lag of what it changes.
//
// With n = 0, the default, gets are fresh. Each call ends all lags.
func (s *Server) SetGetLag(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.getLag = n
	for _, u := range s.byID.users {
		u.lag = getLag[userState]{}
	}
	for _, i := range s.byID.identities {
		i.lag = getLag[identityState]{}
	}
}

// got is the state that a get shows, with this many stale gets left.
func (u *acsUser) got(left int) *userState {
	if left > 0 {
		return u.lag.before
	}
	return &u.userState
}

// userGet returns what /acs/users/get shows, and counts the get.
func (u *acsUser) userGet() *userState {
	state := u.got(u.lag.gets)
	u.lag.gets = max(0, u.lag.gets-1)
	return state
}

func (state *userState) isOf(i *identity) bool { return state.exists && state.holder == i }

// gotUserIn returns the ACS user in an access system that /acs/users/get finds
// for an identity. It also counts the get for those that the lag hides from it.
func (s *Server) gotUserIn(i *identity, systemID string) *acsUser {
	if s.getLag <= 0 {
		u, _ := first(i.users, func(u *acsUser) bool { return u.system.id == systemID })
		return u
	}
	var found *acsUser
	for _, u := range i.ws.users {
		if u.system.id != systemID {
			continue
		}
		shown := u.got(u.lag.gets).isOf(i)
		if shown && found == nil {
			found = u // the caller counts the get of this one
		} else if shown || u.isOf(i) {
			u.userGet()
		}
	}
	return found
}

// gotUsers returns the ACS users that /user_identities/get shows for an identity,
// and counts the get for all that are linked to it or shown so.
func (s *Server) gotUsers(i *identity) []*acsUser {
	if s.getLag <= 0 {
		return i.users
	}
	var users []*acsUser
	for _, u := range i.ws.users {
		shown := u.got(u.lag.identityGets).isOf(i)
		if shown {
			users = append(users, u)
		}
		if shown || u.isOf(i) {
			u.lag.identityGets = max(0, u.lag.identityGets-1)
		}
	}
	return users
}

// got is the state that /user_identities/get shows.
func (i *identity) got() *identityState {
	if i.lag.gets > 0 {
		return i.lag.before
	}
	return &i.identityState
}

// identityGet returns what /user_identities/get shows, and counts the get.
func (i *identity) identityGet() *identityState {
	state := i.got()
	i.lag.gets = max(0, i.lag.gets-1)
	return state
}

// gotByKey returns the identity that a get finds by a key, or, when the lag hides
// it, the one whose get is to be counted.
func (s *Server) gotByKey(ws *workspace, key string) *identity {
	if s.getLag > 0 {
		for _, i := range ws.identities {
			if state := i.got(); i.lag.gets > 0 && state.exists && state.person.Key == key {
				return i
			}
		}
	}
	return s.identityByKey(ws, key, inGets)
}
