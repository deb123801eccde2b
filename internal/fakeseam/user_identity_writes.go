package fakeseam

import (
	"slices"
	"strings"
)

// createIdentity handles https://docs.seam.co/latest/api/user_identities/create .
func (s *Server) createIdentity(ws *workspace, in *input) (any, *apiError) {
	var p Person
	in.identityFields().apply(&p)
	systemIDs, _ := in.ids("acs_system_ids")
	if err := in.check(); err != nil {
		return nil, err
	}
	systems := make([]*system, 0, len(systemIDs))
	for _, id := range systemIDs {
		sys, err := s.systemIn(ws, id)
		if err != nil {
			return nil, err
		}
		systems = append(systems, sys)
	}

	p = s.normalized(p)
	i, conflict := s.taken(ws, p, nil)
	switch {
	case i == nil || s.semantics.TakenValue == TakenValueAccepted:
		i = s.addIdentity(ws, p)
		for _, sys := range systems {
			s.joinSystem(i, sys)
		}
	case s.semantics.TakenValue == TakenValueRefused:
		return nil, conflict
	}
	return struct {
		UserIdentity identityView `json:"user_identity"`
		OK           bool         `json:"ok"`
	}{i.view(&i.identityState, i.users), true}, nil
}

// identityChanges are the fields that an identity is created or updated with.
type identityChanges struct{ key, email, phone, name change }

func (in *input) identityFields() identityChanges {
	return identityChanges{
		key:   in.nullable("user_identity_key", 1),
		email: in.email("email_address", in.nullable("email_address", 0)),
		phone: in.nullable("phone_number", 0),
		name:  in.nullable("full_name", 1),
	}
}

func (c identityChanges) apply(p *Person) {
	c.key.apply(&p.Key)
	c.email.apply(&p.EmailAddress)
	c.phone.apply(&p.PhoneNumber)
	c.name.apply(&p.FullName)
}

// taken returns an identity of the workspace, other than self, with the key, email address or
// phone number of the person, and the error of that conflict.
func (s *Server) taken(ws *workspace, p Person, self *identity) (*identity, *apiError) {
	if other := ws.byKey[p.Key]; other != nil && other != self {
		return other, badRequest("user_identity_key_conflict", "A user identity with this key already exists")
	}
	for _, other := range ws.identities {
		if other != self && other.exists &&
			(p.EmailAddress != "" && strings.EqualFold(other.person.EmailAddress, p.EmailAddress) ||
				p.PhoneNumber != "" && other.person.PhoneNumber == p.PhoneNumber) {
			return other, badRequest("user_identity_email_or_phone_conflict",
				"A user identity with this email address or phone number already exists")
		}
	}
	return nil, nil
}

// joinSystem links a new identity to an unlinked ACS user with the same email address or phone
// number, or else to a new one.
func (s *Server) joinSystem(i *identity, sys *system) {
	if s.noEffect {
		return
	}
	for _, u := range sys.users {
		if u.exists && u.holder == nil &&
			(i.person.EmailAddress != "" && strings.EqualFold(u.person.EmailAddress, i.person.EmailAddress) ||
				i.person.PhoneNumber != "" && u.person.PhoneNumber == i.person.PhoneNumber) {
			u.setHolder(i)
			return
		}
	}
	s.addUser(sys, profile{person: i.person}).point(i)
}

// updateUserIdentity handles https://docs.seam.co/latest/api/user_identities/update .
func (s *Server) updateUserIdentity(ws *workspace, in *input) (any, *apiError) {
	id, _ := in.id("user_identity_id", true)
	changes := in.identityFields()
	if err := in.check(); err != nil {
		return nil, err
	}
	i, err := s.managedIdentity(ws, id)
	if err != nil {
		return nil, err
	}
	p := i.person
	changes.apply(&p)
	p = s.normalized(p)
	if _, conflict := s.taken(ws, p.without(i.person), i); conflict != nil && s.semantics.TakenValue != TakenValueAccepted {
		return nil, conflict
	}
	s.changeIdentity(i, p)
	return okView{OK: true}, nil
}

// without clears the key, email address and phone number that another person has, too.
func (p Person) without(other Person) Person {
	for _, field := range []struct {
		of   *string
		same string
	}{{&p.Key, other.Key}, {&p.EmailAddress, other.EmailAddress}, {&p.PhoneNumber, other.PhoneNumber}} {
		if *field.of == field.same {
			*field.of = ""
		}
	}
	return p
}

// changeIdentity changes an identity, unless the request has no effect.
func (s *Server) changeIdentity(i *identity, p Person) {
	if s.noEffect || p == i.person {
		return
	}
	i.keep(s, i.identityState)
	s.objectChanged(KindUserIdentity, i.id, Updated, changedFields(profile{person: i.person}, profile{person: p}))
	if before := i.person.Key; before != p.Key {
		i.releaseKeys(func(key string) bool { return key == before })
	}
	i.person = p
	i.claimKey()
}

// managedIdentity returns the identity of a write.
func (s *Server) managedIdentity(ws *workspace, id string) (*identity, *apiError) {
	i := s.identityIn(ws, id, inWrites)
	if i == nil || i.unmanaged && !s.unmanagedInGets {
		return nil, identityNotFound()
	}
	return i, nil
}

// UpdateUserIdentity replaces the personal data of an identity, as another process would. No
// request is recorded.
func (s *Server) UpdateUserIdentity(id string, p Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.mustIdentity(id)
	s.changeIdentity(i, s.normalized(p))
	i.showAtOnce(s)
}

// deleteUserIdentity handles https://docs.seam.co/latest/api/user_identities/delete .
func (s *Server) deleteUserIdentity(ws *workspace, in *input) (any, *apiError) {
	id, _ := in.id("user_identity_id", true)
	if err := in.check(); err != nil {
		return nil, err
	}
	i, err := s.managedIdentity(ws, id)
	if err != nil {
		return nil, err
	}
	if s.slowDeletes {
		s.startDeletingIdentity(i)
	} else {
		s.deleteIdentity(i)
	}
	return okView{OK: true}, nil
}

func (s *Server) startDeletingIdentity(i *identity) {
	for _, u := range i.users {
		s.startDeletingUser(u)
	}
	if s.noEffect || i.deletedBy != "" {
		return
	}
	i.keep(s, i.identityState)
	s.objectChanged(KindUserIdentity, i.id, Deleted, "")
	i.beingDeleted, i.deletedBy = true, s.serving
}

func (s *Server) startDeletingUser(u *acsUser) {
	if s.noEffect || u.deletedBy != "" {
		return
	}
	u.keep(s, u.userState)
	s.objectChanged(KindACSUser, u.id, Deleted, "")
	u.beingDeleted, u.deletedBy = true, s.serving
}

// SetDeletesTakeAWhile chooses whether an object that a request deletes stays until
// FinishDeletes, with the warning being_deleted and its links. A second request to delete it
// changes nothing.
func (s *Server) SetDeletesTakeAWhile(slow bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slowDeletes = slow
}

// FinishDeletes deletes all user identities and ACS users that are being deleted,
// also those of MarkUserIdentityBeingDeleted and MarkACSUserBeingDeleted. The changes of their
// links have the route of the request that asked for the deletion.
func (s *Server) FinishDeletes() {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.serving = "" }()
	for _, ws := range s.workspaces {
		for _, u := range ws.users {
			if u.exists && u.beingDeleted {
				s.serving = u.deletedBy
				s.deleteUser(u)
				u.showDeletionAtOnce(s)
			}
		}
		for _, i := range ws.identities {
			if i.exists && i.beingDeleted {
				s.serving = i.deletedBy
				users := slices.Clone(i.users)
				s.deleteIdentity(i)
				i.showAtOnce(s)
				for _, u := range users {
					u.showDeletionAtOnce(s)
				}
			}
		}
	}
}

func (u *acsUser) showDeletionAtOnce(s *Server) {
	u.showAtOnce(s)
	for _, m := range u.memberships {
		m.showAtOnce(s)
	}
}
