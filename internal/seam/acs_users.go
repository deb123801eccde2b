package seam

import (
	"context"
	"iter"
	"slices"
)

// ACSUser is a person's record in one access system. Absent strings are empty.
// See https://docs.seam.co/latest/api/acs/users.
type ACSUser struct {
	ACSUserID          string `json:"acs_user_id"`
	ACSSystemID        string `json:"acs_system_id"`
	WorkspaceID        string `json:"workspace_id"`
	ConnectedAccountID string `json:"connected_account_id"`
	DisplayName        string `json:"display_name"`
	FullName           string `json:"full_name"`
	EmailAddress       string `json:"email_address"`
	PhoneNumber        string `json:"phone_number"`

	UserIdentityID           string `json:"user_identity_id"` // what the ACS user is linked to; "" if to nothing
	UserIdentityEmailAddress string `json:"user_identity_email_address"`
	UserIdentityFullName     string `json:"user_identity_full_name"`
	UserIdentityPhoneNumber  string `json:"user_identity_phone_number"`

	ExternalType            string            `json:"external_type"`
	ExternalTypeDisplayName string            `json:"external_type_display_name"`
	IsSuspended             bool              `json:"is_suspended"`
	AccessSchedule          *AccessSchedule   `json:"access_schedule"`
	CreatedAt               string            `json:"created_at"` // RFC 3339
	Errors                  []Problem         `json:"errors"`
	Warnings                []Warning         `json:"warnings"`
	PendingMutations        []PendingMutation `json:"pending_mutations"`
}

func (u ACSUser) id() string { return u.ACSUserID }

// BeingDeleted reports whether the ACS user is being deleted.
func (u ACSUser) BeingDeleted() bool {
	return beingDeleted(u.Warnings) || slices.ContainsFunc(u.PendingMutations, func(m PendingMutation) bool { return m.MutationCode == "deleting" })
}

// DeletedExternally reports whether the ACS user was deleted in the access system.
// Seam keeps the record and its link, but neither opens anything.
func (u ACSUser) DeletedExternally() bool {
	return slices.ContainsFunc(u.Errors, func(p Problem) bool { return p.ErrorCode == "deleted_externally" })
}

// Problem is an entry of the errors that Seam lists on an object.
type Problem struct {
	ErrorCode string `json:"error_code"`
	Message   string `json:"message"`
	CreatedAt string `json:"created_at"` // RFC 3339
}

// Warning is an entry of the warnings that Seam lists on an object.
type Warning struct {
	WarningCode string `json:"warning_code"`
	Message     string `json:"message"`
	CreatedAt   string `json:"created_at"` // RFC 3339
}

func beingDeleted(warnings []Warning) bool {
	return slices.ContainsFunc(warnings, func(w Warning) bool { return w.WarningCode == "being_deleted" })
}

// PendingMutation is a change that Seam has yet to carry to the access system.
type PendingMutation struct {
	MutationCode string `json:"mutation_code"`
	Message      string `json:"message"`
	CreatedAt    string `json:"created_at"` // RFC 3339

	// Of a change of a membership, see [ACSUser.PendingMembership].
	From             Membership `json:"from,omitzero"`
	To               Membership `json:"to,omitzero"`
	ACSAccessGroupID string     `json:"acs_access_group_id,omitempty"`
	ACSUserID        string     `json:"acs_user_id,omitempty"`
	Variant          string     `json:"variant,omitempty"` // adding or removing
}

// Membership is an ACS user in an access group. An object of either kind names only the
// other one.
type Membership struct {
	ACSAccessGroupID string `json:"acs_access_group_id,omitempty"`
	ACSUserID        string `json:"acs_user_id,omitempty"`
}

// ACSUsersFilter filters a list of ACS users. Empty fields are not sent.
type ACSUsersFilter struct {
	ACSSystemID              string `json:"acs_system_id,omitempty"`
	UserIdentityID           string `json:"user_identity_id,omitempty"`
	UserIdentityEmailAddress string `json:"user_identity_email_address,omitempty"`
	UserIdentityPhoneNumber  string `json:"user_identity_phone_number,omitempty"`
	Search                   string `json:"search,omitempty"`         // a part of a name, phone number, email address or id
	CreatedBefore            string `json:"created_before,omitempty"` // RFC 3339
}

// GetACSUser returns an ACS user. If there is none, the error [IsNotFound] with
// [TypeACSUserNotFound].
// See https://docs.seam.co/latest/api/acs/users/get.
func (c *Client) GetACSUser(ctx context.Context, id string) (ACSUser, error) {
	return getCreated(ctx, c, id, TypeACSUserNotFound, func() (ACSUser, error) {
		return post(ctx, c, read, "/acs/users/get", map[string]string{"acs_user_id": id}, func(r response) (ACSUser, error) {
			return validObject("acs_user", r.ACSUser, id)
		})
	})
}

// ACSUsers reads all ACS users that the filter matches, in pages of that size (0: the API's
// default). Each page is an operation of its own, with its own retry budget. An error ends
// the list.
func (c *Client) ACSUsers(ctx context.Context, filter ACSUsersFilter, pageSize int) iter.Seq2[ACSUser, error] {
	return paginate(ctx, c, "/acs/users/list", pageSize, filter, c.ListACSUsers)
}

// ListACSUsers returns one page of the list that [Client.ACSUsers] reads.
// See https://docs.seam.co/latest/api/acs/users/list.
func (c *Client) ListACSUsers(ctx context.Context, filter ACSUsersFilter, page PageRequest) (Page[ACSUser], error) {
	body := struct {
		ACSUsersFilter
		PageRequest
	}{filter, page}
	return post(ctx, c, read, "/acs/users/list", body, func(r response) (Page[ACSUser], error) {
		return validPage("acs_users", r.ACSUsers, r.Pagination)
	})
}
