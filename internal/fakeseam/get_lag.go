package fakeseam

// getRoute is a route whose responses lag. Each has its own count, so that reads of one route
// do not end the lag of another.
type getRoute int

const (
	userGets     getRoute = iota // /acs/users/get
	identityGets                 // /user_identities/get
	groupGets                    // /acs/access_groups/get
	groupLists                   // /acs/access_groups/list by ACS user or identity
	getRoutes                    // their number
)

// SetGetLag makes direct gets lag behind the changes that requests make. After a
// change of an ACS user, the next n responses of /acs/users/get for it show it as
// it was before that change: with the old link or the old values, not found if it
// was created, and still there if it was deleted. The next n responses of
// /user_identities/get that a changed link affects do the same in acs_user_ids,
// and so do those for an identity that was created, updated or deleted. Each
// change restarts the counts. /acs/access_groups/list lags likewise for the
// groups of an ACS user, being the narrowest read of a membership. A change by the test, for
// instance with Link, is shown at once and ends the lag of the object.
//
// With n = 0, the default, gets are fresh. Each call ends all lags.
func (s *Server) SetGetLag(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.getLag = n
	for _, u := range s.byID.users {
		u.fresh()
		for _, m := range u.memberships {
			m.fresh()
		}
	}
	for _, i := range s.byID.identities {
		i.fresh()
	}
}

func (state *userState) isOf(i *identity) bool { return state.exists && state.holder == i }

// gotUserIn returns the ACS user that /acs/users/get finds for an identity in an access system.
// It also counts the get for those that the lag hides.
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
		shown := u.inGets(&u.userState, userGets).isOf(i)
		if shown && found == nil {
			found = u // the caller counts the get of this one
		} else if shown || u.isOf(i) {
			u.get(&u.userState, userGets)
		}
	}
	return found
}

// gotUsers returns the ACS users that /user_identities/get shows for an identity, and counts
// the get for all that are linked to it or shown as linked.
func (s *Server) gotUsers(i *identity) []*acsUser {
	if s.getLag <= 0 {
		return i.users
	}
	var users []*acsUser
	for _, u := range i.ws.users {
		shown := u.inGets(&u.userState, identityGets).isOf(i)
		if shown {
			users = append(users, u)
		}
		if shown || u.isOf(i) {
			u.get(&u.userState, identityGets)
		}
	}
	return users
}

// gotByKey returns the identity that a get finds by a key or, if the lag hides it, the one
// whose get is counted.
func (s *Server) gotByKey(ws *workspace, key string) *identity {
	if s.getLag > 0 {
		for _, i := range ws.identities {
			if i.left[identityGets] > 0 && i.got.exists && i.got.person.Key == key {
				return i
			}
		}
	}
	return s.identityByKey(ws, key, inGets)
}
