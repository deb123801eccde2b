package fakeseam

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// acsUserView is an ACS user as Seam writes it, see
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
	LastSuccessfulSyncAt     *string         `json:"last_successful_sync_at"`
	CreatedAt                string          `json:"created_at"`
	Errors                   []notice        `json:"errors"`
	Warnings                 []notice        `json:"warnings"`
	PendingMutations         []notice        `json:"pending_mutations"`
}

// timestamp writes a time as JavaScript does.
func timestamp(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// view writes an ACS user as it looks while holder holds it.
func (u *acsUser) view(holder *identity, unlinked UnlinkedAs) acsUserView {
	created := timestamp(u.created())
	kind := systemTypes[u.system.externalType]
	v := acsUserView{
		ACSUserID:               u.id,
		ACSSystemID:             u.system.id,
		WorkspaceID:             u.system.ws.id,
		ConnectedAccountID:      u.system.accountID,
		DisplayName:             u.person.displayName(),
		FullName:                u.person.FullName,
		Email:                   u.person.EmailAddress,
		EmailAddress:            u.person.EmailAddress,
		PhoneNumber:             u.person.PhoneNumber,
		ExternalType:            kind.userType,
		ExternalTypeDisplayName: kind.userName,
		IsManaged:               true,
		LastSuccessfulSyncAt:    &created,
		CreatedAt:               created,
		Errors:                  errorNotices(created, u.errors),
		Warnings:                warningNotices(created, u.warnings),
		PendingMutations:        mutationNotices(created, u.mutations),
	}
	switch {
	case holder != nil:
		v.UserIdentityID = nullable(holder.id)
		v.UserIdentityFullName = nullable(holder.person.FullName)
		v.UserIdentityEmailAddress = nullable(holder.person.EmailAddress)
		v.UserIdentityPhoneNumber = nullable(holder.person.PhoneNumber)
	case unlinked == UnlinkedNull:
		v.UserIdentityID = nullable("")
	case unlinked == UnlinkedEmpty:
		v.UserIdentityID = json.RawMessage(`""`)
	}
	if u.beingDeleted {
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

// nullable writes text as JSON, and the lack of it as null.
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

// shownHolder is who a list says holds an ACS user.
func (s *Server) shownHolder(u *acsUser) *identity {
	if u.stale && s.semantics.StalePages != PagesFresh {
		return u.before
	}
	return u.holder
}

// getACSUser answers https://docs.seam.co/latest/api/acs/users/get .
func (s *Server) getACSUser(ws *workspace, in *input) (any, *apiError) {
	userID, byUser := in.id("acs_user_id", false)
	identityID, byIdentity := in.id("user_identity_id", false)
	systemID, bySystem := in.id("acs_system_id", false)
	if len(in.issues) == 0 {
		switch {
		case byUser && (byIdentity || bySystem):
			in.fault("You can only provide acs_user_id or user_identity_id with acs_system_id")
		case !byUser && (!byIdentity || !bySystem):
			in.fault("You must provide acs_user_id or user_identity_id with acs_system_id")
		}
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var u *acsUser
	if byUser {
		u = s.byID.users[userID]
	} else if i := s.identityIn(ws, identityID, inGets); i != nil {
		u = s.gotUserIn(i, systemID)
	}
	if u == nil || u.system.ws != ws || u.system.hidden {
		return nil, notFound("acs_user_not_found", "acs_user not found")
	}
	holder := u.userGet()
	return struct {
		ACSUser acsUserView `json:"acs_user"`
		OK      bool        `json:"ok"`
	}{u.view(holder, s.unlinkedAs), true}, nil
}

// listACSUsers answers https://docs.seam.co/latest/api/acs/users/list .
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
		holder := s.shownHolder(u)
		switch {
		case u.system.hidden,
			byIdentity && (holder == nil || holder != wanted),
			byPhone && (holder == nil || holder.person.PhoneNumber != phone),
			byEmail && (holder == nil || holder.person.EmailAddress != email),
			!before.IsZero() && !u.created().Before(before):
			return false
		}
		return search == "" || u.matches(holder, search)
	})
	views := s.listViews(shown)
	met := candidates
	if pages.HasNextPage {
		met = candidates[:candidates.search(shown[len(shown)-1].order()+1)]
	}
	s.settleMet(met)
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
			views = append(views, u.view(s.shownHolder(u), s.unlinkedAs))
		}
	}
	return views
}

// settleMet settles the ACS users that a list has met once.
func (s *Server) settleMet(met []*acsUser) {
	if s.semantics.StalePages == PagesStaleOnce {
		for _, u := range met {
			u.settle()
		}
	}
}

func (u *acsUser) matches(holder *identity, search string) bool {
	fields := []string{u.person.FullName, u.person.PhoneNumber, u.person.EmailAddress, u.id}
	if holder != nil {
		fields = append(fields, holder.id, holder.person.FullName, holder.person.PhoneNumber)
	}
	return contains(fields, search)
}

// contains reports whether a field holds the text, which is in lower case.
func contains(fields []string, text string) bool {
	return slices.ContainsFunc(fields, func(field string) bool {
		return strings.Contains(strings.ToLower(field), text)
	})
}
