package seam

import (
	"cmp"
	"context"
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

// BeingDeleted reports whether the user identity is about to go away.
func (u UserIdentity) BeingDeleted() bool { return beingDeleted(u.Warnings) }

// UserIdentitiesFilter narrows a list of user identities. Empty fields do not,
// save for a list of ids that is empty and not nil: that is sent as it is.
type UserIdentitiesFilter struct {
	UserIdentityIDs              []string `json:"user_identity_ids,omitzero"`
	Search                       string   `json:"search,omitempty"` // as in [ACSUsersFilter]
	CredentialManagerACSSystemID string   `json:"credential_manager_acs_system_id,omitempty"`
	CreatedBefore                string   `json:"created_before,omitempty"` // RFC 3339
}

// UserIdentitiesPage is one page of a list of user identities.
type UserIdentitiesPage struct {
	UserIdentities []UserIdentity
	NextPageCursor string // "": this is the last page
}

// identityOf opens the response with an identity, which has another id than asked for
// if that one was merged into it.
func identityOf(r response) (UserIdentity, error) { return one("user_identity", r.UserIdentity, "") }

// GetUserIdentity returns a user identity, or the one that it was merged into. If there
// is none, the error [IsNotFound] with [TypeUserIdentityNotFound].
// See https://docs.seam.co/latest/api/user_identities/get.
func (c *Client) GetUserIdentity(ctx context.Context, id string) (UserIdentity, error) {
	return post(ctx, c, read, "/user_identities/get", map[string]string{"user_identity_id": id}, identityOf)
}

// GetUserIdentityByKey is [Client.GetUserIdentity] by key.
// See https://docs.seam.co/latest/api/user_identities/get.
func (c *Client) GetUserIdentityByKey(ctx context.Context, key string) (UserIdentity, error) {
	return post(ctx, c, read, "/user_identities/get", map[string]string{"user_identity_key": key}, identityOf)
}

// GetUnmanagedUserIdentity is [Client.GetUserIdentity] for one that Seam does not manage.
// See https://docs.seam.co/latest/api/user_identities/unmanaged/get.
func (c *Client) GetUnmanagedUserIdentity(ctx context.Context, id string) (UserIdentity, error) {
	return post(ctx, c, read, "/user_identities/unmanaged/get", map[string]string{"user_identity_id": id}, identityOf)
}

// ListUserIdentities returns one page of the list that [Client.UserIdentities] reads.
// See https://docs.seam.co/latest/api/user_identities/list.
func (c *Client) ListUserIdentities(ctx context.Context, filter UserIdentitiesFilter, page PageRequest) (UserIdentitiesPage, error) {
	body := struct {
		UserIdentitiesFilter
		PageRequest
	}{filter, page}
	return post(ctx, c, read, "/user_identities/list", body, func(r response) (UserIdentitiesPage, error) {
		identities, err := all("user_identities", r.UserIdentities)
		next, unclear := r.Pagination.check(page.Cursor)
		return UserIdentitiesPage{identities, next}, cmp.Or(err, unclear)
	})
}

// ListUserIdentityACSUsers returns all ACS users that are linked to a user identity.
// See https://docs.seam.co/latest/api/user_identities/list_acs_users.
func (c *Client) ListUserIdentityACSUsers(ctx context.Context, id string) ([]ACSUser, error) {
	return post(ctx, c, read, "/user_identities/list_acs_users", map[string]string{"user_identity_id": id}, func(r response) ([]ACSUser, error) {
		return all("acs_users", r.ACSUsers)
	})
}

// link is by id alone: given a key that does not exist, Seam would create an identity.
type link struct {
	UserIdentityID string `json:"user_identity_id"`
	ACSUserID      string `json:"acs_user_id"`
}

// AddACSUser links an ACS user to a user identity. What it does to an ACS user that is
// linked already is not documented. An attempt that has begun is not cut off when ctx is
// cancelled. After an error that [IsAmbiguous], the link may be there.
// See https://docs.seam.co/latest/api/user_identities/add_acs_user.
func (c *Client) AddACSUser(ctx context.Context, userIdentityID, acsUserID string) error {
	_, err := post(ctx, c, write, "/user_identities/add_acs_user", link{userIdentityID, acsUserID}, accepted)
	return err
}

// RemoveACSUser removes a link as [Client.AddACSUser] adds it. What it does to a link to
// another identity is not documented.
// See https://docs.seam.co/latest/api/user_identities/remove_acs_user.
func (c *Client) RemoveACSUser(ctx context.Context, userIdentityID, acsUserID string) error {
	_, err := post(ctx, c, write, "/user_identities/remove_acs_user", link{userIdentityID, acsUserID}, accepted)
	return err
}
