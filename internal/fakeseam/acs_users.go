package fakeseam

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// acsUserView is the JSON of an ACS user, see
// https://docs.seam.co/latest/api/acs/users.
type acsUserView struct {
	ACSUserID                string          `json:"acs_user_id"`
	ACSSystemID              string          `json:"acs_system_id"`
	WorkspaceID              string          `json:"workspace_id"`
	ConnectedAccountID       string          `json:"connected_account_id"`
	DisplayName              string          `json:"display_name"`
	FullName                 string          `json:"full_name,omitempty"`
	Email                    string          `json:"email,omitempty"`
	EmailAddress             string          `json:"email_address,omitempty"`
	PhoneNumber              string          `json:"phone_number,omitempty"`
	UserIdentityID           json.RawMessage `json:"user_identity_id,omitempty"`
	UserIdentityFullName     json.RawMessage `json:"user_identity_full_name,omitempty"`
	UserIdentityEmailAddress json.RawMessage `json:"user_identity_email_address,omitempty"`
	UserIdentityPhoneNumber  json.RawMessage `json:"user_identity_phone_number,omitempty"`
	ExternalType             string          `json:"external_type,omitempty"`
	ExternalTypeDisplayName  string          `json:"external_type_display_name,omitempty"`
	IsManaged                bool            `json:"is_managed"`
	IsSuspended              bool            `json:"is_suspended"`
	AccessSchedule           *scheduleView   `json:"access_schedule,omitempty"`
	LastSuccessfulSyncAt     *string         `json:"last_successful_sync_at"`
	CreatedAt                string          `json:"created_at"`
	Errors                   []notice        `json:"errors"`
	Warnings                 []notice        `json:"warnings"`
	PendingMutations         []notice        `json:"pending_mutations"`
}

// scheduleView is the JSON of an access schedule. From and to of a mutation may have no start.
type scheduleView struct {
	StartsAt *string `json:"starts_at"`
	EndsAt   *string `json:"ends_at"`
}

func (a AccessSchedule) view() scheduleView {
	write := func(t time.Time) *string {
		if t.IsZero() {
			return nil
		}
		text := timestamp(t)
		return &text
	}
	return scheduleView{write(a.StartsAt), write(a.EndsAt)}
}

// timestamp formats a time as JavaScript does.
func timestamp(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// shownProfile returns the profile that responses show for a state.
func (s *Server) shownProfile(state *userState) *profile {
	if state.pushed != nil && s.semantics.Mutations == MutationsShowOld {
		return state.pushed
	}
	return &state.profile
}

// view returns the JSON of an ACS user in a state. holder is the shown state of its identity,
// and member that of its memberships.
func (s *Server) view(u *acsUser, state *userState, holder Person, member func(*membership) *membershipState) acsUserView {
	created := timestamp(u.created())
	kind := systemTypes[u.system.externalType]
	shown := s.shownProfile(state)
	v := acsUserView{
		ACSUserID:               u.id,
		ACSSystemID:             u.system.id,
		WorkspaceID:             u.system.ws.id,
		ConnectedAccountID:      u.system.accountID,
		DisplayName:             shown.person.displayName(),
		FullName:                shown.person.FullName,
		Email:                   shown.person.EmailAddress,
		EmailAddress:            shown.person.EmailAddress,
		PhoneNumber:             shown.person.PhoneNumber,
		ExternalType:            kind.userType,
		ExternalTypeDisplayName: kind.userTypeName,
		IsManaged:               true,
		IsSuspended:             shown.suspended,
		LastSuccessfulSyncAt:    &created,
		CreatedAt:               created,
		Errors:                  errorNotices(created, u.errors),
		Warnings:                warningNotices(created, u.warnings),
		PendingMutations:        append(mutationNotices(created, u.mutations), state.mutations(created)...),
	}
	for _, m := range u.memberships {
		v.PendingMutations = append(v.PendingMutations, m.userMutations(*member(m))...)
	}
	if shown.schedule != (AccessSchedule{}) {
		schedule := shown.schedule.view()
		v.AccessSchedule = &schedule
	}
	switch {
	case state.holder != nil:
		v.UserIdentityID = nullable(state.holder.id)
		v.UserIdentityFullName = nullable(holder.FullName)
		v.UserIdentityEmailAddress = nullable(holder.EmailAddress)
		v.UserIdentityPhoneNumber = nullable(holder.PhoneNumber)
	case s.unlinkedAs == UnlinkedNull:
		v.UserIdentityID = nullable("")
	case s.unlinkedAs == UnlinkedEmpty:
		v.UserIdentityID = json.RawMessage(`""`)
	}
	if state.beingDeleted {
		v.Warnings = append(v.Warnings, notice{
			CreatedAt: created, WarningCode: "being_deleted",
			Message: "The ACS user is being deleted.",
		})
		v.PendingMutations = append(v.PendingMutations, notice{
			CreatedAt: created, MutationCode: "deleting",
			Message: "Deleting this user from the access system.",
		})
	}
	return v
}

// nullable encodes text as JSON, and empty text as null.
func nullable(text string) json.RawMessage {
	if text == "" {
		return json.RawMessage("null")
	}
	return encode(0, text).body
}

func (p Person) displayName() string {
	for _, name := range []string{p.FullName, p.EmailAddress, p.PhoneNumber, p.Key} {
		if name != "" {
			return name
		}
	}
	return "Unnamed"
}

// personNow returns the personal data of an identity, which may be nil.
func (i *identity) personNow() Person {
	if i == nil {
		return Person{}
	}
	return i.person
}

// listedPerson returns the personal data that lists show.
func (s *Server) listedPerson(i *identity) Person {
	if i == nil {
		return Person{}
	}
	return s.listedIdentity(i).person
}

// getACSUser handles https://docs.seam.co/latest/api/acs/users/get .
func (s *Server) getACSUser(ws *workspace, in *input) (any, *apiError) {
	name := in.userSelector()
	if err := in.check(); err != nil {
		return nil, err
	}
	var u *acsUser
	if name.byUser {
		u = s.byID.users[name.userID]
	} else if i := s.identityIn(ws, name.identityID, inGets); i != nil {
		u = s.gotUserIn(i, name.systemID)
	}
	if u == nil || u.system.ws != ws || u.system.hidden {
		return nil, acsUserNotFound()
	}
	state := u.get(&u.userState, userGets)
	if !state.exists {
		return nil, acsUserNotFound()
	}
	return struct {
		ACSUser acsUserView `json:"acs_user"`
		OK      bool        `json:"ok"`
	}{s.view(u, state, state.holder.personNow(), gotMembership), true}, nil
}

// listACSUsers handles https://docs.seam.co/latest/api/acs/users/list .
func (s *Server) listACSUsers(ws *workspace, in *input) (any, *apiError) {
	identityID, byIdentity := in.id("user_identity_id", false)
	phone, byPhone := in.text("user_identity_phone_number", false)
	email, byEmail := in.text("user_identity_email_address", false)
	systemID, bySystem := in.id("acs_system_id", false)
	search := in.search(1)
	limit := in.limit()
	before := in.moment("created_before")
	after, mismatch := in.place()
	if err := in.check(); err != nil {
		return nil, err
	}
	if mismatch != nil {
		return nil, mismatch
	}

	candidates := ws.users
	if bySystem {
		candidates = nil
		if sys := s.byID.systems[systemID]; sys != nil && sys.ws == ws {
			candidates = sys.users
		}
	}
	candidates = candidates.after(after)

	wanted := s.identityIn(ws, identityID, inLists)
	shown, pages := page(s, in, candidates, limit, func(u *acsUser) bool {
		state := s.listedUser(u)
		holder := state.holder
		switch {
		case !state.exists,
			u.system.hidden,
			byIdentity && (holder == nil || holder != wanted),
			byPhone && (holder == nil || s.listedPerson(holder).PhoneNumber != phone),
			byEmail && (holder == nil || s.listedPerson(holder).EmailAddress != email),
			!before.IsZero() && !u.created().Before(before):
			return false
		}
		return search == "" || s.matches(u, state, search)
	})
	views := s.listViews(shown)
	s.catchUpAll(coveredBy(candidates, shown, pages))
	return struct {
		ACSUsers   []acsUserView `json:"acs_users"`
		Pagination pagination    `json:"pagination"`
		OK         bool          `json:"ok"`
	}{views, pages, true}, nil
}

func (s *Server) listViews(users []*acsUser) []acsUserView {
	views := make([]acsUserView, 0, len(users))
	for _, u := range users {
		if !u.system.hidden {
			state := s.listedUser(u)
			views = append(views, s.view(u, state, s.listedPerson(state.holder), s.listedMembership))
		}
	}
	return views
}

// catchUpAll with PagesStaleOnce, ends the lag of the ACS users that a list covered.
func (s *Server) catchUpAll(covered []*acsUser) {
	if s.semantics.StalePages == PagesStaleOnce {
		for _, u := range covered {
			u.catchUp()
		}
	}
}

func (s *Server) matches(u *acsUser, state *userState, search string) bool {
	person := s.shownProfile(state).person
	fields := []string{person.FullName, person.PhoneNumber, person.EmailAddress, u.id}
	if state.holder != nil {
		holder := s.listedPerson(state.holder)
		fields = append(fields, state.holder.id, holder.FullName, holder.PhoneNumber)
	}
	return contains(fields, search)
}

// contains reports whether a field holds the text, which is in lower case.
func contains(fields []string, text string) bool {
	return slices.ContainsFunc(fields, func(field string) bool {
		return strings.Contains(strings.ToLower(field), text)
	})
}
