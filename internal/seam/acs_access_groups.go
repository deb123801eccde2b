package seam

import (
	"context"
	"slices"
	"strings"
)

// AccessGroup is a group of ACS users in one access system, which decides what they may
// open. Absent strings are empty.
// See https://docs.seam.co/latest/api/acs/access_groups.
type AccessGroup struct {
	ACSAccessGroupID        string            `json:"acs_access_group_id"`
	ACSSystemID             string            `json:"acs_system_id"`
	WorkspaceID             string            `json:"workspace_id"`
	ConnectedAccountID      string            `json:"connected_account_id"`
	Name                    string            `json:"name"`
	DisplayName             string            `json:"display_name"`
	ExternalType            string            `json:"external_type"`
	ExternalTypeDisplayName string            `json:"external_type_display_name"`
	AccessSchedule          *AccessSchedule   `json:"access_schedule"`
	CreatedAt               string            `json:"created_at"` // RFC 3339
	Errors                  []Problem         `json:"errors"`
	Warnings                []Warning         `json:"warnings"`
	PendingMutations        []PendingMutation `json:"pending_mutations"`
}

func (g AccessGroup) id() string { return g.ACSAccessGroupID }

// BeingDeleted reports whether the access group is being deleted.
func (g AccessGroup) BeingDeleted() bool {
	return beingDeleted(g.Warnings) || slices.ContainsFunc(g.PendingMutations, func(m PendingMutation) bool { return m.MutationCode == "deleting" })
}

// PendingMembership reports whether a change is pending that makes the ACS user a member
// of the access group, and whether one is that ends its membership. Both may be.
func (g AccessGroup) PendingMembership(acsUserID string) (adding, removing bool) {
	return pendingMembership(g.PendingMutations, acsUserID)
}

// PendingMembership is [AccessGroup.PendingMembership] as the ACS user tells it.
func (u ACSUser) PendingMembership(acsAccessGroupID string) (adding, removing bool) {
	return pendingMembership(u.PendingMutations, acsAccessGroupID)
}

func pendingMembership(mutations []PendingMutation, id string) (adding, removing bool) {
	for _, m := range mutations {
		switch m.MutationCode {
		case "updating_group_membership", "updating_user_membership":
			adding = adding || m.To.names(id)
			removing = removing || m.From.names(id) && !m.To.names(id)
		case "deferring_group_membership_update", "deferring_user_membership_update":
			this := Membership{m.ACSAccessGroupID, m.ACSUserID}.names(id)
			adding = adding || this && m.Variant == "adding"
			removing = removing || this && m.Variant == "removing"
		}
	}
	return adding, removing
}

func (m Membership) names(id string) bool {
	return strings.EqualFold(m.ACSAccessGroupID, id) || strings.EqualFold(m.ACSUserID, id)
}

// AccessGroupsFilter filters a list of access groups. Empty fields are not sent.
type AccessGroupsFilter struct {
	ACSSystemID string `json:"acs_system_id,omitempty"`
	ACSUserID   string `json:"acs_user_id,omitempty"` // those that the ACS user is a member of
	Search      string `json:"search,omitempty"`      // a part of a name or id
}

// GetAccessGroup returns an access group. If there is none, the error [IsNotFound] with
// [TypeAccessGroupNotFound].
// See https://docs.seam.co/latest/api/acs/access_groups/get.
func (c *Client) GetAccessGroup(ctx context.Context, id string) (AccessGroup, error) {
	return post(ctx, c, read, "/acs/access_groups/get", map[string]string{"acs_access_group_id": id}, func(r response) (AccessGroup, error) {
		return validObject("acs_access_group", r.ACSAccessGroup, id)
	})
}

// ListAccessGroups returns all access groups of the workspace that the filter matches.
// What it answers about an ACS user that does not exist is not documented: an error that
// [IsNotFound] with [TypeACSUserNotFound], or no access groups.
// See https://docs.seam.co/latest/api/acs/access_groups/list.
func (c *Client) ListAccessGroups(ctx context.Context, filter AccessGroupsFilter) ([]AccessGroup, error) {
	return post(ctx, c, read, "/acs/access_groups/list", filter, func(r response) ([]AccessGroup, error) {
		return validList("acs_access_groups", r.ACSAccessGroups)
	})
}

// ListAccessGroupUsers returns all ACS users that are members of an access group. Whether
// it shows a change that is pending is not documented. If there is no such group, the
// error [IsNotFound] with [TypeAccessGroupNotFound].
// See https://docs.seam.co/latest/api/acs/access_groups/list_users.
func (c *Client) ListAccessGroupUsers(ctx context.Context, id string) ([]ACSUser, error) {
	return post(ctx, c, read, "/acs/access_groups/list_users", map[string]string{"acs_access_group_id": id}, func(r response) ([]ACSUser, error) {
		return validList("acs_users", r.ACSUsers)
	})
}

// AddToAccessGroup makes an ACS user a member of an access group of its access system.
// What it does to a member is not documented. An attempt that has begun is not ended
// when ctx is cancelled. After an error that [IsAmbiguous], the ACS user may be a member.
// See https://docs.seam.co/latest/api/acs/users/add_to_access_group.
func (c *Client) AddToAccessGroup(ctx context.Context, acsAccessGroupID, acsUserID string) error {
	return c.command(ctx, "/acs/users/add_to_access_group", Membership{acsAccessGroupID, acsUserID})
}

// RemoveFromAccessGroup ends a membership as [Client.AddToAccessGroup] begins it. What it
// does to an ACS user that is no member is not documented.
// See https://docs.seam.co/latest/api/acs/users/remove_from_access_group.
func (c *Client) RemoveFromAccessGroup(ctx context.Context, acsAccessGroupID, acsUserID string) error {
	return c.command(ctx, "/acs/users/remove_from_access_group", Membership{acsAccessGroupID, acsUserID})
}
