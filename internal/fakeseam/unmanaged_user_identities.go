package fakeseam

import "encoding/json"

// unmanagedIdentityView is the JSON of an unmanaged user identity, without a key and merged
// identities. See
// https://docs.seam.co/latest/api/user_identities/unmanaged.
type unmanagedIdentityView struct {
	UserIdentityID string          `json:"user_identity_id"`
	EmailAddress   json.RawMessage `json:"email_address"`
	PhoneNumber    json.RawMessage `json:"phone_number"`
	FullName       json.RawMessage `json:"full_name"`
	DisplayName    string          `json:"display_name"`
	ACSUserIDs     []string        `json:"acs_user_ids"`
	WorkspaceID    string          `json:"workspace_id"`
	CreatedAt      string          `json:"created_at"`
	Errors         []notice        `json:"errors"`
	Warnings       []notice        `json:"warnings"`
}

// getUnmanagedIdentity handles https://docs.seam.co/latest/api/user_identities/unmanaged/get .
func (s *Server) getUnmanagedIdentity(ws *workspace, in *input) (any, *apiError) {
	id, _ := in.id("user_identity_id", true)
	if err := in.check(); err != nil {
		return nil, err
	}
	i := s.identityByID(ws, id, inGets)
	if i == nil || !i.unmanaged {
		return nil, identityNotFound()
	}
	state := i.get(&i.identityState, identityGets)
	if !state.exists {
		return nil, identityNotFound()
	}
	v := i.view(state, s.gotUsers(i))
	return struct {
		UserIdentity unmanagedIdentityView `json:"user_identity"`
		OK           bool                  `json:"ok"`
	}{unmanagedIdentityView{
		UserIdentityID: v.UserIdentityID,
		EmailAddress:   v.EmailAddress,
		PhoneNumber:    v.PhoneNumber,
		FullName:       v.FullName,
		DisplayName:    v.DisplayName,
		ACSUserIDs:     v.ACSUserIDs,
		WorkspaceID:    v.WorkspaceID,
		CreatedAt:      v.CreatedAt,
		Errors:         v.Errors,
		Warnings:       v.Warnings,
	}, true}, nil
}

// SetUnmanagedInGets chooses whether /user_identities/get and
// /user_identities/list_acs_users find unmanaged identities, too, which is not documented. By
// default they do not.
// /user_identities/list never shows them.
func (s *Server) SetUnmanagedInGets(found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unmanagedInGets = found
}
