package fakeseam

// getLag is how long direct gets keep showing an ACS user's link as it was before
// a request changed it. Each route has its own count, so that reads of one do
// not end the lag of the other.
type getLag struct {
	before                 *identity
	userGets, identityGets int // how many more gets show before
}

// SetGetLag makes direct gets lag behind the changes that requests make. After a
// change of an ACS user's link, the next n responses of /acs/users/get for it
// show the link before that change. The next n responses of
// /user_identities/get that the change affects do the same in acs_user_ids. Each
// change restarts both counts. A change by the test itself, for instance with
// Link, is shown at once and ends the lag of that ACS user.
//
// With n = 0, the default, gets are fresh. Each call ends all lags.
func (s *Server) SetGetLag(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.getLag = n
	for _, u := range s.byID.users {
		u.lag = getLag{}
	}
}

// newLag returns the lag that a change begins: none if the test made it.
func (s *Server) newLag(before *identity) getLag {
	if s.getLag <= 0 || s.serving == "" {
		return getLag{}
	}
	return getLag{before: before, userGets: s.getLag, identityGets: s.getLag}
}

// gotHolder is the identity that a get shows, with this many stale gets left.
func (u *acsUser) gotHolder(left int) *identity {
	if left > 0 {
		return u.lag.before
	}
	return u.holder
}

// userGet returns the identity that /acs/users/get shows, and counts the get.
func (u *acsUser) userGet() *identity {
	holder := u.gotHolder(u.lag.userGets)
	u.lag.userGets = max(0, u.lag.userGets-1)
	return holder
}

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
		shown := u.gotHolder(u.lag.userGets) == i
		if shown && found == nil {
			found = u // the caller counts the get of this one
		} else if shown || u.holder == i {
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
		shown := u.gotHolder(u.lag.identityGets) == i
		if shown {
			users = append(users, u)
		}
		if shown || u.holder == i {
			u.lag.identityGets = max(0, u.lag.identityGets-1)
		}
	}
	return users
}
