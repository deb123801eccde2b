package seam

import "context"

// AccessSchedule limits the access of an ACS user in time. Timestamps are RFC 3339;
// EndsAt is "" if the access does not end.
type AccessSchedule struct {
	StartsAt string `json:"starts_at"`
	EndsAt   string `json:"ends_at,omitempty"`
}

// ACSUserValues are what an ACS user can be given. Empty fields are not set.
type ACSUserValues struct {
	FullName       string          `json:"full_name,omitempty"`
	EmailAddress   string          `json:"email_address,omitempty"`
	PhoneNumber    string          `json:"phone_number,omitempty"` // E.164
	AccessSchedule *AccessSchedule `json:"access_schedule,omitempty"`
}

// ACSUserChanges are the fields of an update.
type ACSUserChanges struct {
	FullName       Change `json:"full_name,omitzero"`
	EmailAddress   Change `json:"email_address,omitzero"`
	PhoneNumber    Change `json:"phone_number,omitzero"`
	AccessSchedule Change `json:"access_schedule,omitzero"`
}

// ACSUserChangesOf returns what differs; whether the schedules do, the caller says. An
// empty phone number or a nil schedule clears the field, an email address cannot be
// cleared.
func ACSUserChangesOf(from, to ACSUserValues, sameSchedule bool) ACSUserChanges {
	changes := ACSUserChanges{
		FullName:     changeOf(from.FullName, to.FullName, nil),
		EmailAddress: changeOf(from.EmailAddress, to.EmailAddress, nil),
		PhoneNumber:  changeOf(from.PhoneNumber, to.PhoneNumber, ""), // which may not be null
	}
	switch {
	case sameSchedule:
	case to.AccessSchedule == nil:
		changes.AccessSchedule = Change{set: true}
	default:
		changes.AccessSchedule = Change{set: true, value: to.AccessSchedule}
	}
	return changes
}

// CreateACSUser makes an ACS user in an access system. It is not idempotent, and no value
// is unique: after an error that [IsAmbiguous], there may be one.
// See https://docs.seam.co/latest/api/acs/users/create.
func (c *Client) CreateACSUser(ctx context.Context, acsSystemID string, values ACSUserValues) (ACSUser, error) {
	body := struct {
		ACSSystemID string `json:"acs_system_id"`
		ACSUserValues
	}{acsSystemID, values}
	return creates(ctx, c, "/acs/users/create", body, func(r response) (ACSUser, error) {
		return validObject("acs_user", r.ACSUser, "")
	})
}

// UpdateACSUser changes fields of an ACS user. After an error that [IsAmbiguous], they may
// have changed. The access system may carry a change out later: see
// [ACSUser.PendingMutations].
// See https://docs.seam.co/latest/api/acs/users/update.
func (c *Client) UpdateACSUser(ctx context.Context, id string, changes ACSUserChanges) error {
	body := struct {
		ACSUserID string `json:"acs_user_id"`
		ACSUserChanges
	}{id, changes}
	return c.command(ctx, "/acs/users/update", body)
}

// DeleteACSUser deletes an ACS user and its credentials. After an error that
// [IsAmbiguous], it may be gone.
// See https://docs.seam.co/latest/api/acs/users/delete.
func (c *Client) DeleteACSUser(ctx context.Context, id string) error {
	c.forget(id)
	return c.acsUserAction(ctx, "/acs/users/delete", id)
}

// SuspendACSUser keeps the credentials of an ACS user from opening doors.
// See https://docs.seam.co/latest/api/acs/users/suspend.
func (c *Client) SuspendACSUser(ctx context.Context, id string) error {
	return c.acsUserAction(ctx, "/acs/users/suspend", id)
}

// UnsuspendACSUser ends the suspension of an ACS user.
// See https://docs.seam.co/latest/api/acs/users/unsuspend.
func (c *Client) UnsuspendACSUser(ctx context.Context, id string) error {
	return c.acsUserAction(ctx, "/acs/users/unsuspend", id)
}

func (c *Client) acsUserAction(ctx context.Context, path, id string) error {
	return c.command(ctx, path, map[string]string{"acs_user_id": id})
}
