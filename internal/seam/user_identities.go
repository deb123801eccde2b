package seam

import (
	"context"
	"slices"
)

// UserIdentity is a person's account in the customer's app. Strings are empty
// where the API leaves a property out, or sends null.
//
// See https://docs.seam.co/latest/api/user_identities.
type UserIdentity struct {
	UserIdentityID  string   `json:"user_identity_id"`
	UserIdentityKey string   `json:"user_identity_key"`
	EmailAddress    string   `json:"email_address"`
	PhoneNumber     string   `json:"phone_number"`
	FullName        string   `json:"full_name"`
	DisplayName     string   `json:"display_name"`
	ACSUserIDs      []string `json:"acs_user_ids"`
	WorkspaceID     string   `json:"workspace_id"`
	CreatedAt       string   `json:"created_at"` // RFC 3339

	// MergedUserIdentityIDs are identities that were merged into this one.
	// Their ids keep working as aliases of it.
	MergedUserIdentityIDs []string `json:"merged_user_identity_ids"`
	// MergedUserIdentityKeys are the keys of those identities, which keep working
	// in the same way.
	MergedUserIdentityKeys []string `json:"merged_user_identity_keys"`

	Errors   []Problem `json:"errors"`
	Warnings []Warning `json:"warnings"`
}

// BeingDeleted reports whether the user identity is about to go away.
func (u UserIdentity) BeingDeleted() bool { return beingDeleted(u.Warnings) }

// UserIdentitiesFilter narrows a list of user identities. Empty fields do not,
// save for a list of ids that is empty and not nil: that is sent as it is.
type UserIdentitiesFilter struct {
	UserIdentityIDs []string `json:"user_identity_ids,omitzero"`
	// Search is a partial match over names, phone numbers, email addresses
	// and ids.
	Search                       string `json:"search,omitempty"`
	CredentialManagerACSSystemID string `json:"credential_manager_acs_system_id,omitempty"`
	CreatedBefore                string `json:"created_before,omitempty"` // RFC 3339
}

// UserIdentitiesPage is one page of a list of user identities.
type UserIdentitiesPage struct {
	UserIdentities []UserIdentity
	NextPageCursor string // "": this is the last page
}

// GetUserIdentity returns a user identity. Its id is another than asked for
// if that one was merged into it. [IsNotFound] with "user_identity_not_found"
// recognises that there is none.
//
// See https://docs.seam.co/latest/api/user_identities/get.
func (c *Client) GetUserIdentity(ctx context.Context, userIdentityID string) (UserIdentity, error) {
	return c.getUserIdentity(ctx, "/user_identities/get", struct {
		UserIdentityID string `json:"user_identity_id"`
	}{userIdentityID})
}

// GetUserIdentityByKey returns the user identity with this key, or the one
// that it was merged into.
//
// See https://docs.seam.co/latest/api/user_identities/get.
func (c *Client) GetUserIdentityByKey(ctx context.Context, key string) (UserIdentity, error) {
	return c.getUserIdentity(ctx, "/user_identities/get", struct {
		UserIdentityKey string `json:"user_identity_key"`
	}{key})
}

// GetUnmanagedUserIdentity returns a user identity that Seam does not manage.
// [IsNotFound] with "user_identity_not_found" recognises that there is none.
//
// See https://docs.seam.co/latest/api/user_identities/unmanaged/get.
func (c *Client) GetUnmanagedUserIdentity(ctx context.Context, userIdentityID string) (UserIdentity, error) {
	return c.getUserIdentity(ctx, "/user_identities/unmanaged/get", struct {
		UserIdentityID string `json:"user_identity_id"`
	}{userIdentityID})
}

func (c *Client) getUserIdentity(ctx context.Context, path string, request any) (UserIdentity, error) {
	var a userIdentityAnswer
	if err := c.call(ctx, read, path, request, &a); err != nil {
		return UserIdentity{}, err
	}
	return *a.UserIdentity, nil
}

type userIdentityAnswer struct {
	envelope
	UserIdentity *UserIdentity `json:"user_identity"`
}

func (a *userIdentityAnswer) problem() string {
	switch {
	case a.UserIdentity == nil:
		return "the answer holds no user_identity"
	case a.UserIdentity.UserIdentityID == "":
		return "its user_identity has no id"
	default:
		return ""
	}
}

// ListUserIdentities returns one page of the user identities of the workspace.
//
// See https://docs.seam.co/latest/api/user_identities/list.
func (c *Client) ListUserIdentities(ctx context.Context, filter UserIdentitiesFilter, page PageRequest) (UserIdentitiesPage, error) {
	request := struct {
		UserIdentitiesFilter
		PageRequest
	}{filter, page}
	a := userIdentitiesAnswer{cursor: page.Cursor}
	if err := c.call(ctx, read, "/user_identities/list", request, &a); err != nil {
		return UserIdentitiesPage{}, err
	}
	return UserIdentitiesPage{UserIdentities: a.UserIdentities, NextPageCursor: a.Pagination.NextPageCursor}, nil
}

type userIdentitiesAnswer struct {
	envelope
	cursor         string         // of this page
	UserIdentities []UserIdentity `json:"user_identities"`
	Pagination     *pagination    `json:"pagination"`
}

func (a *userIdentitiesAnswer) problem() string {
	if a.UserIdentities == nil {
		return "the answer holds no user_identities"
	}
	if slices.ContainsFunc(a.UserIdentities, func(u UserIdentity) bool { return u.UserIdentityID == "" }) {
		return "one of its user_identities has no id"
	}
	return a.Pagination.problem(a.cursor)
}

// ListUserIdentityACSUsers returns all ACS users that are linked to a user
// identity.
//
// See https://docs.seam.co/latest/api/user_identities/list_acs_users.
func (c *Client) ListUserIdentityACSUsers(ctx context.Context, userIdentityID string) ([]ACSUser, error) {
	request := struct {
		UserIdentityID string `json:"user_identity_id"`
	}{userIdentityID}
	var a acsUsersAnswer
	if err := c.call(ctx, read, "/user_identities/list_acs_users", request, &a); err != nil {
		return nil, err
	}
	return a.ACSUsers, nil
}

// link is a user identity and an ACS user, by id alone: given a key that does
// not exist, Seam would create an identity.
type link struct {
	UserIdentityID string `json:"user_identity_id"`
	ACSUserID      string `json:"acs_user_id"`
}

// AddACSUser links an ACS user to a user identity. What it does to an ACS
// user that is linked already is not documented. An attempt that has begun is
// not cut off when ctx is cancelled. After an error that [IsAmbiguous], the
// link may be there.
//
// See https://docs.seam.co/latest/api/user_identities/add_acs_user.
func (c *Client) AddACSUser(ctx context.Context, userIdentityID, acsUserID string) error {
	return c.call(ctx, write, "/user_identities/add_acs_user", link{userIdentityID, acsUserID}, &envelope{})
}

// RemoveACSUser removes the link between an ACS user and a user identity. What
// it does to a link to another identity is not documented. An attempt that
// has begun is not cut off when ctx is cancelled. After an error that
// [IsAmbiguous], the link may be gone.
//
// See https://docs.seam.co/latest/api/user_identities/remove_acs_user.
func (c *Client) RemoveACSUser(ctx context.Context, userIdentityID, acsUserID string) error {
	return c.call(ctx, write, "/user_identities/remove_acs_user", link{userIdentityID, acsUserID}, &envelope{})
}
