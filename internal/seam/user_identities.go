package seam

import (
	"context"
	"iter"
)

// UserIdentity is a person's account in the customer's app. Absent strings are empty.
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

	// Of identities that were merged into this one. They keep working as aliases of it.
	MergedUserIdentityIDs  []string `json:"merged_user_identity_ids"`
	MergedUserIdentityKeys []string `json:"merged_user_identity_keys"`

	Errors   []Problem `json:"errors"`
	Warnings []Warning `json:"warnings"`
}

func (u UserIdentity) id() string { return u.UserIdentityID }

// BeingDeleted reports whether the user identity is being deleted.
func (u UserIdentity) BeingDeleted() bool { return beingDeleted(u.Warnings) }

// UserIdentitiesFilter filters a list of user identities. Empty fields are not sent,
// except for a list of ids that is empty and not nil.
type UserIdentitiesFilter struct {
	UserIdentityIDs              []string `json:"user_identity_ids,omitzero"`
	Search                       string   `json:"search,omitempty"` // as in [ACSUsersFilter]
	CredentialManagerACSSystemID string   `json:"credential_manager_acs_system_id,omitempty"`
	CreatedBefore                string   `json:"created_before,omitempty"` // RFC 3339
}

// validUserIdentity returns the identity in a response, which has another id than requested
// if that one was merged into it.
func validUserIdentity(r response) (UserIdentity, error) {
	return validObject("user_identity", r.UserIdentity, "")
}

// GetUserIdentity returns a user identity, or the one that it was merged into. If there
// is none, the error [IsNotFound] with [TypeUserIdentityNotFound].
// See https://docs.seam.co/latest/api/user_identities/get.
func (c *Client) GetUserIdentity(ctx context.Context, id string) (UserIdentity, error) {
	return getCreated(ctx, c, id, TypeUserIdentityNotFound, func() (UserIdentity, error) {
		return post(ctx, c, read, "/user_identities/get", map[string]string{"user_identity_id": id}, validUserIdentity)
	})
}

// GetUserIdentityByKey is [Client.GetUserIdentity] by key.
// See https://docs.seam.co/latest/api/user_identities/get.
func (c *Client) GetUserIdentityByKey(ctx context.Context, key string) (UserIdentity, error) {
	return post(ctx, c, read, "/user_identities/get", map[string]string{"user_identity_key": key}, validUserIdentity)
}

// GetUnmanagedUserIdentity is [Client.GetUserIdentity] for one that Seam does not manage.
// See https://docs.seam.co/latest/api/user_identities/unmanaged/get.
func (c *Client) GetUnmanagedUserIdentity(ctx context.Context, id string) (UserIdentity, error) {
	return post(ctx, c, read, "/user_identities/unmanaged/get", map[string]string{"user_identity_id": id}, validUserIdentity)
}

// UserIdentities is [Client.ACSUsers] for user identities.
func (c *Client) UserIdentities(ctx context.Context, filter UserIdentitiesFilter, pageSize int) iter.Seq2[UserIdentity, error] {
	return paginate(ctx, c, "/user_identities/list", pageSize, filter, c.ListUserIdentities)
}

// ListUserIdentities returns one page of the list that [Client.UserIdentities] reads.
// See https://docs.seam.co/latest/api/user_identities/list.
func (c *Client) ListUserIdentities(ctx context.Context, filter UserIdentitiesFilter, page PageRequest) (Page[UserIdentity], error) {
	body := struct {
		UserIdentitiesFilter
		PageRequest
	}{filter, page}
	return post(ctx, c, read, "/user_identities/list", body, func(r response) (Page[UserIdentity], error) {
		return validPage("user_identities", r.UserIdentities, r.Pagination)
	})
}

// ListUserIdentityACSUsers returns all ACS users that are linked to a user identity.
// See https://docs.seam.co/latest/api/user_identities/list_acs_users.
func (c *Client) ListUserIdentityACSUsers(ctx context.Context, id string) ([]ACSUser, error) {
	return post(ctx, c, read, "/user_identities/list_acs_users", map[string]string{"user_identity_id": id}, func(r response) ([]ACSUser, error) {
		return validList("acs_users", r.ACSUsers)
	})
}

// AddACSUser links an ACS user to a user identity. What it does to an ACS user that is
// linked already is not documented. An attempt that has begun is not ended when ctx is
// cancelled. After an error that [IsAmbiguous], the link may be there.
// See https://docs.seam.co/latest/api/user_identities/add_acs_user.
func (c *Client) AddACSUser(ctx context.Context, userIdentityID, acsUserID string) error {
	// By id alone: given a key that does not exist, Seam would create an identity.
	return c.command(ctx, "/user_identities/add_acs_user", map[string]string{"user_identity_id": userIdentityID, "acs_user_id": acsUserID})
}

// RemoveACSUser removes a link as [Client.AddACSUser] adds it. What it does to a link to
// another identity is not documented.
// See https://docs.seam.co/latest/api/user_identities/remove_acs_user.
func (c *Client) RemoveACSUser(ctx context.Context, userIdentityID, acsUserID string) error {
	return c.command(ctx, "/user_identities/remove_acs_user", map[string]string{"user_identity_id": userIdentityID, "acs_user_id": acsUserID})
}
