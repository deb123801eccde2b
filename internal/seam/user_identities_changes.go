package seam

import "context"

// UserIdentityValues are what a user identity can be given. Empty fields are not set.
type UserIdentityValues struct {
	FullName        string `json:"full_name,omitempty"`
	EmailAddress    string `json:"email_address,omitempty"`
	PhoneNumber     string `json:"phone_number,omitempty"` // E.164
	UserIdentityKey string `json:"user_identity_key,omitempty"`
}

// UserIdentityChanges are the fields of an update.
type UserIdentityChanges struct {
	FullName        Change `json:"full_name,omitzero"`
	EmailAddress    Change `json:"email_address,omitzero"`
	PhoneNumber     Change `json:"phone_number,omitzero"`
	UserIdentityKey Change `json:"user_identity_key,omitzero"`
}

// ChangesOf returns what differs. An empty value clears the field.
func ChangesOf(from, to UserIdentityValues) UserIdentityChanges {
	return UserIdentityChanges{
		FullName:        changeOf(from.FullName, to.FullName, nil),
		EmailAddress:    changeOf(from.EmailAddress, to.EmailAddress, nil),
		PhoneNumber:     changeOf(from.PhoneNumber, to.PhoneNumber, nil),
		UserIdentityKey: changeOf(from.UserIdentityKey, to.UserIdentityKey, nil),
	}
}

// CreateUserIdentity makes a user identity. It is not idempotent: after an error that
// [IsAmbiguous], there may be one. Key, email address and phone number are unique in a
// workspace; what Seam answers to one that is in use is not documented.
// See https://docs.seam.co/latest/api/user_identities/create.
func (c *Client) CreateUserIdentity(ctx context.Context, values UserIdentityValues) (UserIdentity, error) {
	return creates(ctx, c, "/user_identities/create", values, validUserIdentity)
}

// UpdateUserIdentity changes fields of a user identity. After an error that
// [IsAmbiguous], they may have changed.
// See https://docs.seam.co/latest/api/user_identities/update.
func (c *Client) UpdateUserIdentity(ctx context.Context, id string, changes UserIdentityChanges) error {
	body := struct {
		UserIdentityID string `json:"user_identity_id"`
		UserIdentityChanges
	}{id, changes}
	return c.command(ctx, "/user_identities/update", body)
}

// DeleteUserIdentity deletes a user identity, and with it its ACS users, their credentials
// and client sessions. After an error that [IsAmbiguous], they may be gone.
// See https://docs.seam.co/latest/api/user_identities/delete.
func (c *Client) DeleteUserIdentity(ctx context.Context, id string) error {
	c.forget(id)
	return c.command(ctx, "/user_identities/delete", map[string]string{"user_identity_id": id})
}
