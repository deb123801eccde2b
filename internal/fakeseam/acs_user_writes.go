package fakeseam

import (
	"slices"
	"strings"
	"time"
)

// createACSUser handles https://docs.seam.co/latest/api/acs/users/create .
func (s *Server) createACSUser(ws *workspace, in *input) (any, *apiError) {
	var p profile
	systemID, _ := in.id("acs_system_id", true)
	groupIDs, _ := in.ids("acs_access_group_ids")
	identityID, byIdentity := in.id("user_identity_id", false)
	p.schedule, _ = in.schedule(false, false)
	p.person.FullName, _ = in.text("full_name", true)
	in.userContact().apply(&p.person)
	if err := in.check(); err != nil {
		return nil, err
	}
	sys, err := s.systemIn(ws, systemID)
	if err != nil {
		return nil, err
	}
	var groups []*accessGroup
	for _, id := range groupIDs {
		g, err := s.groupFor(ws, id, sys)
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	var holder *identity
	if byIdentity {
		holder = s.identityIn(ws, identityID, inWrites)
		if holder == nil {
			return nil, s.writeIdentityNotFound()
		}
		if err := s.secondInSystem(holder, sys); err != nil {
			return nil, err
		}
	}
	if s.semantics.SecondACSUser == SecondACSUserRefused && sys.hasEmail(p.person.EmailAddress) {
		return nil, badRequest("acs_user_email_conflict", "An ACS user with this email address already exists in this access system")
	}

	u := s.addUser(sys, p)
	switch {
	case s.noEffect:
		u.holder = holder // only in this response
	case holder != nil:
		u.point(holder)
	}
	for _, g := range groups {
		s.setMember(g, u, true)
	}
	return struct {
		ACSUser acsUserView `json:"acs_user"`
		OK      bool        `json:"ok"`
	}{s.view(u, &u.userState, holder.personNow(), gotMembership), true}, nil
}

func (sys *system) hasEmail(email string) bool {
	return email != "" && slices.ContainsFunc(sys.users, func(u *acsUser) bool {
		return u.exists && strings.EqualFold(u.person.EmailAddress, email)
	})
}

// userContact are the fields that an ACS user is created or updated with, apart
// from the name.
type userContact struct{ email, emailAddress, phone change }

func (in *input) userContact() userContact {
	return userContact{
		email:        in.email("email", in.change("email", 0)), // deprecated
		emailAddress: in.email("email_address", in.change("email_address", 0)),
		phone:        in.change("phone_number", 0),
	}
}

func (c userContact) apply(p *Person) {
	c.email.apply(&p.EmailAddress)
	c.emailAddress.apply(&p.EmailAddress)
	c.phone.apply(&p.PhoneNumber)
}

// userSelector selects an ACS user by its id, or by its identity and access system.
type userSelector struct {
	userID, identityID, systemID string
	byUser                       bool
}

// userSelector reads the selector of a request. Call it before other parameters are read.
func (in *input) userSelector() userSelector {
	var name userSelector
	var byIdentity, bySystem bool
	name.userID, name.byUser = in.id("acs_user_id", false)
	name.identityID, byIdentity = in.id("user_identity_id", false)
	name.systemID, bySystem = in.id("acs_system_id", false)
	if len(in.issues) == 0 {
		switch {
		case name.byUser && (byIdentity || bySystem):
			in.fault("You can only provide acs_user_id or user_identity_id with acs_system_id")
		case !name.byUser && (!byIdentity || !bySystem):
			in.fault("You must provide acs_user_id or user_identity_id with acs_system_id")
		}
	}
	return name
}

// selectedUser returns the ACS user of a write.
func (s *Server) selectedUser(ws *workspace, name userSelector) (*acsUser, *apiError) {
	if name.byUser {
		return s.userIn(ws, name.userID)
	}
	if i := s.identityIn(ws, name.identityID, inWrites); i != nil {
		for _, u := range i.users {
			if u.system.id == name.systemID {
				return s.userIn(ws, u.id)
			}
		}
	}
	return nil, acsUserNotFound()
}

// updateACSUser handles https://docs.seam.co/latest/api/acs/users/update .
func (s *Server) updateACSUser(ws *workspace, in *input) (any, *apiError) {
	name := in.userSelector()
	schedule, scheduled := in.schedule(true, true)
	fullName := in.change("full_name", 1)
	contact := in.userContact()
	in.id("hid_acs_system_id", false) // no access system of this fake is from HID
	if err := in.check(); err != nil {
		return nil, err
	}
	u, err := s.selectedUser(ws, name)
	if err != nil {
		return nil, err
	}
	p := u.profile
	fullName.apply(&p.person.FullName)
	contact.apply(&p.person)
	if scheduled {
		p.schedule = schedule
	}
	s.changeUser(u, p)
	return okView{OK: true}, nil
}

// changeUser changes an ACS user, unless the request has no effect.
func (s *Server) changeUser(u *acsUser, p profile) {
	p.person = s.normalized(p.person)
	p.person.Key = ""
	if s.noEffect || p == u.profile {
		return
	}
	u.keep(s, u.userState)
	s.objectChanged(KindACSUser, u.id, Updated, changedFields(u.profile, p))
	switch {
	case s.serving == "" || s.semantics.Mutations == MutationsAtOnce:
		u.pushed = nil
	case u.pushed == nil:
		before := u.profile
		u.pushed = &before
	case *u.pushed == p:
		u.pushed = nil
	}
	u.profile = p
}

// suspendACSUser handles https://docs.seam.co/latest/api/acs/users/suspend .
func (s *Server) suspendACSUser(ws *workspace, in *input) (any, *apiError) {
	return s.setSuspended(ws, in, true)
}

// unsuspendACSUser handles https://docs.seam.co/latest/api/acs/users/unsuspend .
func (s *Server) unsuspendACSUser(ws *workspace, in *input) (any, *apiError) {
	return s.setSuspended(ws, in, false)
}

func (s *Server) setSuspended(ws *workspace, in *input, suspended bool) (any, *apiError) {
	name := in.userSelector()
	if err := in.check(); err != nil {
		return nil, err
	}
	u, err := s.selectedUser(ws, name)
	if err != nil {
		return nil, err
	}
	p := u.profile
	p.suspended = suspended
	s.changeUser(u, p)
	return okView{OK: true}, nil
}

// deleteACSUser handles https://docs.seam.co/latest/api/acs/users/delete .
func (s *Server) deleteACSUser(ws *workspace, in *input) (any, *apiError) {
	name := in.userSelector()
	if err := in.check(); err != nil {
		return nil, err
	}
	u, err := s.selectedUser(ws, name)
	if err != nil {
		return nil, err
	}
	if s.slowDeletes {
		s.startDeletingUser(u)
	} else {
		s.deleteUser(u)
	}
	return okView{OK: true}, nil
}

// UpdateACSUser replaces the personal data of an ACS user, as another process would. Like
// SetACSUserSchedule and SuspendACSUser, it ends pending changes, and no request is recorded.
func (s *Server) UpdateACSUser(id string, p Person) {
	s.changeOutside(id, func(now *profile) { now.person = p })
}

// SetACSUserSchedule sets the access schedule of an ACS user, or with the zero value clears
// it, as another process would.
func (s *Server) SetACSUserSchedule(id string, schedule AccessSchedule) {
	s.changeOutside(id, func(now *profile) {
		for _, t := range []*time.Time{&schedule.StartsAt, &schedule.EndsAt} {
			*t = t.UTC().Truncate(time.Millisecond)
		}
		now.schedule = schedule
	})
}

// SuspendACSUser suspends or unsuspends an ACS user, as another process would.
func (s *Server) SuspendACSUser(id string, suspended bool) {
	s.changeOutside(id, func(now *profile) { now.suspended = suspended })
}

func (s *Server) changeOutside(id string, apply func(*profile)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.mustUser(id)
	p := u.profile
	apply(&p)
	s.changeUser(u, p)
	u.showAtOnce(s)
}

// FinishMutations finishes all pending changes, also those of memberships.
func (s *Server) FinishMutations() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.byID.users {
		u.creating, u.pushed = false, nil
		for _, m := range u.memberships {
			m.pushed, m.deferred = m.is, false
		}
	}
}
