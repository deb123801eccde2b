package seam

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// ACSUser is a person's record in one access system. Strings are empty where
// the API leaves a property out, or sends null.
//
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

	// UserIdentityID is what the ACS user is linked to; "" if to nothing.
	UserIdentityID           string `json:"user_identity_id"`
	UserIdentityEmailAddress string `json:"user_identity_email_address"`
	UserIdentityFullName     string `json:"user_identity_full_name"`
	UserIdentityPhoneNumber  string `json:"user_identity_phone_number"`

	ExternalType            string `json:"external_type"`
	ExternalTypeDisplayName string `json:"external_type_display_name"`
	IsSuspended             bool   `json:"is_suspended"`
	CreatedAt               string `json:"created_at"` // RFC 3339

	Errors           []Problem         `json:"errors"`
	Warnings         []Warning         `json:"warnings"`
	PendingMutations []PendingMutation `json:"pending_mutations"`
}

// BeingDeleted reports whether the ACS user is about to go away.
func (u ACSUser) BeingDeleted() bool {
	return beingDeleted(u.Warnings) || slices.ContainsFunc(u.PendingMutations, func(m PendingMutation) bool {
		return m.MutationCode == "deleting"
	})
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
}

// ACSUsersFilter narrows a list of ACS users. Empty fields do not.
type ACSUsersFilter struct {
	ACSSystemID              string `json:"acs_system_id,omitempty"`
	UserIdentityID           string `json:"user_identity_id,omitempty"`
	UserIdentityEmailAddress string `json:"user_identity_email_address,omitempty"`
	UserIdentityPhoneNumber  string `json:"user_identity_phone_number,omitempty"`
	// Search is a partial match over names, phone numbers, email addresses
	// and ids.
	Search        string `json:"search,omitempty"`
	CreatedBefore string `json:"created_before,omitempty"` // RFC 3339
}

// PageRequest asks for one page of a list. The filter has to be the same for
// all pages of one list.
type PageRequest struct {
	Limit  int    `json:"limit,omitempty"`       // 0: the API's default, 500
	Cursor string `json:"page_cursor,omitempty"` // "": the first page
}

// ACSUsersPage is one page of a list of ACS users.
type ACSUsersPage struct {
	ACSUsers       []ACSUser
	NextPageCursor string // "": this is the last page
}

// GetACSUser returns an ACS user. [IsNotFound] with "acs_user_not_found"
// recognises that there is none.
//
// See https://docs.seam.co/latest/api/acs/users/get.
func (c *Client) GetACSUser(ctx context.Context, acsUserID string) (ACSUser, error) {
	request := struct {
		ACSUserID string `json:"acs_user_id"`
	}{acsUserID}
	a := acsUserAnswer{asked: acsUserID}
	if err := c.call(ctx, read, "/acs/users/get", request, &a); err != nil {
		return ACSUser{}, err
	}
	return *a.ACSUser, nil
}

type acsUserAnswer struct {
	envelope
	asked   string
	ACSUser *ACSUser `json:"acs_user"`
}

func (a *acsUserAnswer) problem() string {
	if a.ACSUser == nil {
		return "the answer holds no acs_user"
	}
	return wrongID("acs_user", a.ACSUser.ACSUserID, a.asked)
}

// wrongID says what is wrong with the id of an object that was asked for by
// that id; "" if nothing is. Ids are UUIDs, which compare without case.
func wrongID(object, id, asked string) string {
	switch {
	case id == "":
		return "its " + object + " has no id"
	case !strings.EqualFold(id, asked):
		return fmt.Sprintf("its %s is another one than asked for: %s", object, id)
	default:
		return ""
	}
}

// ListACSUsers returns one page of the ACS users of the workspace.
//
// See https://docs.seam.co/latest/api/acs/users/list.
func (c *Client) ListACSUsers(ctx context.Context, filter ACSUsersFilter, page PageRequest) (ACSUsersPage, error) {
	request := struct {
		ACSUsersFilter
		PageRequest
	}{filter, page}
	a := acsUsersPageAnswer{cursor: page.Cursor}
	if err := c.call(ctx, read, "/acs/users/list", request, &a); err != nil {
		return ACSUsersPage{}, err
	}
	return ACSUsersPage{ACSUsers: a.ACSUsers, NextPageCursor: a.Pagination.NextPageCursor}, nil
}

type acsUsersPageAnswer struct {
	acsUsersAnswer
	cursor     string      // of this page
	Pagination *pagination `json:"pagination"`
}

func (a *acsUsersPageAnswer) problem() string {
	if problem := a.acsUsersAnswer.problem(); problem != "" {
		return problem
	}
	return a.Pagination.problem(a.cursor)
}

type acsUsersAnswer struct {
	envelope
	ACSUsers []ACSUser `json:"acs_users"`
}

func (a *acsUsersAnswer) problem() string {
	// An absent list is not an empty one: that would read as "nothing left".
	if a.ACSUsers == nil {
		return "the answer holds no acs_users"
	}
	if slices.ContainsFunc(a.ACSUsers, func(u ACSUser) bool { return u.ACSUserID == "" }) {
		return "one of its acs_users has no id"
	}
	return ""
}

// pagination says how a list goes on.
//
// See https://docs.seam.co/latest/api/pagination.
type pagination struct {
	HasNextPage    *bool  `json:"has_next_page"`
	NextPageCursor string `json:"next_page_cursor"` // "" on the last page
}

// problem says why it is not certain how a list goes on; "" if it is. A list that ends
// too early would pass for a whole one.
func (p *pagination) problem(asked string) string {
	switch {
	case p == nil:
		return "the answer holds no pagination"
	case p.HasNextPage == nil:
		return "the pagination does not say has_next_page"
	case !*p.HasNextPage && p.NextPageCursor != "":
		return "the pagination says that this is the last page, and has a cursor for the next one"
	case *p.HasNextPage && p.NextPageCursor == "":
		return "the list goes on, and no cursor says where"
	case *p.HasNextPage && p.NextPageCursor == asked:
		return "the next page of the list is the same page again"
	default:
		return ""
	}
}
