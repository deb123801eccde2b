package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/link"
)

func newACSAccessGroupUserResource() resource.Resource { return &linkResource{kind: groupMemberships} }

// groupMemberships are memberships of ACS users in access groups.
var groupMemberships = &linkKind{
	target:    link.AccessGroup,
	typeName:  "acs_access_group_user",
	attribute: "acs_access_group_id",

	noun:     "membership",
	cannot:   "Cannot add ACS user %s to access group %s",
	named:    "membership of ACS user %s in access group %s",
	standing: "a member of",
	still:    "a member",
	none:     "not a member of the access group",

	MarkdownDescription: "Makes an ACS user, a person's record in one access system, a member of an access group of that access system. " +
		"In most access systems, the access groups of an ACS user decide which doors its credentials open. Destroying the resource removes the ACS user from the access group.\n\n" +
		"An ACS user can be a member of several access groups: use one resource for each. " +
		"Creating the membership is an error if it exists already. " +
		"A change that is pending in the access system counts as made.",
	targetID: linkIDAttribute{MarkdownDescription: "ID of the access group", Description: "ID of the access group."},
	acsUserID: linkIDAttribute{
		MarkdownDescription: "ID of the ACS user",
		Description:         "ID of the ACS user that is a member of the access group.",
	},

	tagged:         func(m *linkModel) any { return (*membershipModel)(m) },
	taggedIdentity: func(m *linkIdentityModel) any { return (*membershipIdentityModel)(m) },
}

// membershipModel is linkModel with the attributes of a membership.
type membershipModel struct {
	TargetID    types.String `tfsdk:"acs_access_group_id"`
	ACSUserID   types.String `tfsdk:"acs_user_id"`
	ACSSystemID types.String `tfsdk:"acs_system_id"`
	WorkspaceID types.String `tfsdk:"workspace_id"`
}

// membershipIdentityModel is linkIdentityModel likewise.
type membershipIdentityModel struct {
	TargetID  types.String `tfsdk:"acs_access_group_id"`
	ACSUserID types.String `tfsdk:"acs_user_id"`
}
