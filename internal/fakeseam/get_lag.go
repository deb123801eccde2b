package fakeseam

// getLag is how long direct gets go on showing an ACS user's link as it was
// before a request changed it. The two routes count apart: how often one of
// them is asked hastens nothing for the other.
type getLag struct {
	before                 *identity
	userGets, identityGets int // how many more gets show before
}

// SetGetLag makes direct gets lag behind the changes that requests make: the
// next n times that /acs/users/get meets a changed ACS user, it shows the link
// as it was before the last change, and so does /user_identities/get in
// acs_user_ids the next n times that it meets it. Each change starts anew. What
// a test changes itself, for instance with Link, is shown at once, and ends the
// lag of that ACS user.
//
// n = 0, as at first, means that gets are fresh. A call ends every lag that is
// running.
func (s *Server) SetGetLag(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.getLag = n
	for _, u := range s.byID.users {
		u.lag = getLag{}
	}
}

// newLag begins when a request changes a link.
func (s *Server) newLag(before *identity) getLag {
	if s.getLag <= 0 || s.serving == "" {
		return getLag{}
	}
	return getLag{before: before, userGets: s.getLag, identityGets: s.getLag}
}

// gotHolder is the identity that a get shows while it has so many left to lag.
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
// for an identity. It meets those as well that it finds no longer, or not yet.
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
			found = u // and counted by who shows it
		} else if shown || u.holder == i {
			u.userGet()
		}
	}
	return found
}

// gotUsers returns the ACS users that /user_identities/get shows an identity to
// have, and counts the get for all that it meets.
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
