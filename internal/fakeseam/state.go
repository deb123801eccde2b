package fakeseam

import (
	"slices"
	"strings"
)

func (ws *workspace) public() Workspace {
	return Workspace{ID: ws.id, Name: ws.name, APIKey: ws.apiKey}
}

func (sys *system) public() System {
	return System{ID: sys.id, WorkspaceID: sys.ws.id, Name: sys.name, ExternalType: sys.externalType}
}

func (u *acsUser) public() ACSUser {
	p := ACSUser{
		ID:          u.id,
		SystemID:    u.system.id,
		WorkspaceID: u.system.ws.id,
		CreatedAt:   u.created(),
		Person:      u.person,

		AccessSchedule: u.schedule,
		IsSuspended:    u.suspended,
		BeingDeleted:   u.beingDeleted,
		Pending:        u.creating || u.pushed != nil,
	}
	if u.holder != nil {
		p.UserIdentityID = u.holder.id
	}
	return p
}

func (i *identity) public() UserIdentity {
	return UserIdentity{
		ID:          i.id,
		WorkspaceID: i.ws.id,
		ACSUserIDs:  userIDs(i.users),
		MergedIDs:   slices.Clone(i.merged),
		Unmanaged:   i.unmanaged,
		CreatedAt:   i.created(),
		Person:      i.person,

		BeingDeleted: i.beingDeleted,
	}
}

func userIDs(users []*acsUser) []string {
	ids := make([]string, 0, len(users))
	for _, u := range users {
		ids = append(ids, u.id)
	}
	return ids
}

// Workspaces returns all workspaces, oldest first.
func (s *Server) Workspaces() []Workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return publish(s.workspaces, (*workspace).public)
}

// Systems returns the access systems of a workspace, oldest first.
func (s *Server) Systems(workspaceID string) []System {
	s.mu.Lock()
	defer s.mu.Unlock()
	return publish(s.mustWorkspace(workspaceID).systems, (*system).public)
}

// AccessGroups returns the access groups of a workspace, oldest first.
func (s *Server) AccessGroups(workspaceID string) []AccessGroup {
	s.mu.Lock()
	defer s.mu.Unlock()
	return publish(s.mustWorkspace(workspaceID).groups, (*accessGroup).public)
}

// AccessGroup returns an access group; false when it is gone.
func (s *Server) AccessGroup(id string) (AccessGroup, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.byID.groups[strings.ToLower(id)]
	if !ok {
		return AccessGroup{}, false
	}
	return g.public(), true
}

// Members returns the ids of the ACS users that were added to an access group and
// not removed, oldest first, also those whose change is pending.
func (s *Server) Members(accessGroupID string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := []string{}
	for _, m := range s.mustGroup(accessGroupID).members {
		if m.is {
			ids = append(ids, m.user.id)
		}
	}
	return ids
}

// ACSUsers returns the ACS users of a workspace, oldest first.
func (s *Server) ACSUsers(workspaceID string) []ACSUser {
	s.mu.Lock()
	defer s.mu.Unlock()
	users := slices.DeleteFunc(slices.Clone(s.mustWorkspace(workspaceID).users), func(u *acsUser) bool { return !u.exists })
	return publish(users, (*acsUser).public)
}

// UserIdentities returns the identities of a workspace, oldest first.
func (s *Server) UserIdentities(workspaceID string) []UserIdentity {
	s.mu.Lock()
	defer s.mu.Unlock()
	identities := slices.DeleteFunc(slices.Clone(s.mustWorkspace(workspaceID).identities), func(i *identity) bool { return !i.exists })
	return publish(identities, (*identity).public)
}

func publish[T, P any](list []T, public func(T) P) []P {
	all := make([]P, 0, len(list))
	for _, item := range list {
		all = append(all, public(item))
	}
	return all
}

// ACSUser returns an ACS user as it is now; false when it is gone.
func (s *Server) ACSUser(id string) (ACSUser, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.byID.users[strings.ToLower(id)]
	if !ok || !u.exists {
		return ACSUser{}, false
	}
	return u.public(), true
}

// UserIdentity returns an identity as it is now, the primary one for the id of
// a merged one; false when it is gone.
func (s *Server) UserIdentity(id string) (UserIdentity, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.byID.identities[strings.ToLower(id)]
	if !ok || !i.exists {
		return UserIdentity{}, false
	}
	return i.public(), true
}

// ACSUserNamed returns the oldest ACS user of that full name in an access
// system.
func (s *Server) ACSUserNamed(systemID, fullName string) (ACSUser, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sys, ok := s.byID.systems[strings.ToLower(systemID)]
	if !ok {
		return ACSUser{}, false
	}
	u, ok := first(sys.users, func(u *acsUser) bool { return u.exists && u.person.FullName == fullName })
	if !ok {
		return ACSUser{}, false
	}
	return u.public(), true
}

// UserIdentityNamed returns the oldest identity of that full name in a
// workspace.
func (s *Server) UserIdentityNamed(workspaceID, fullName string) (UserIdentity, bool) {
	return first(s.UserIdentities(workspaceID), func(i UserIdentity) bool { return i.FullName == fullName })
}

func first[T any](list []T, is func(T) bool) (T, bool) {
	if at := slices.IndexFunc(list, is); at >= 0 {
		return list[at], true
	}
	var none T
	return none, false
}
