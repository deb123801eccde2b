package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/link"
)

// userIdentityACSUserModel is a link as Terraform keeps it.
type userIdentityACSUserModel struct {
	UserIdentityID types.String `tfsdk:"user_identity_id"`
	ACSUserID      types.String `tfsdk:"acs_user_id"`
	ACSSystemID    types.String `tfsdk:"acs_system_id"`
	WorkspaceID    types.String `tfsdk:"workspace_id"`
}

// userIdentityACSUserIdentityModel is the resource identity of a link.
type userIdentityACSUserIdentityModel struct {
	UserIdentityID types.String `tfsdk:"user_identity_id"`
	ACSUserID      types.String `tfsdk:"acs_user_id"`
}

func newUserIdentityACSUserModel(l link.Link) userIdentityACSUserModel {
	model := userIdentityACSUserModel{
		UserIdentityID: types.StringValue(l.UserIdentityID),
		ACSUserID:      types.StringValue(l.ACSUserID),
	}
	model.seen(l)
	return model
}

// pair returns the link that the model names.
func (m userIdentityACSUserModel) pair() link.Pair {
	return link.Pair{UserIdentityID: m.UserIdentityID.ValueString(), ACSUserID: m.ACSUserID.ValueString()}
}

// known returns the link as the state has it.
func (m userIdentityACSUserModel) known() link.Link {
	return link.Link{Pair: m.pair(), ACSSystemID: m.ACSSystemID.ValueString(), WorkspaceID: m.WorkspaceID.ValueString()}
}

func (m userIdentityACSUserModel) identity() userIdentityACSUserIdentityModel {
	return userIdentityACSUserIdentityModel{UserIdentityID: m.UserIdentityID, ACSUserID: m.ACSUserID}
}

// seen takes over what was seen of the link. The ids stay as they are written in
// the configuration, whatever the case in which Seam writes them.
func (m *userIdentityACSUserModel) seen(l link.Link) {
	m.ACSSystemID = types.StringValue(l.ACSSystemID)
	m.WorkspaceID = types.StringValue(l.WorkspaceID)
}

// importID is how a link is written for terraform import.
func importID(pair link.Pair) string { return pair.UserIdentityID + "/" + pair.ACSUserID }

// parseImportID is the inverse of importID. It accepts nothing but two UUIDs.
func parseImportID(id string) (link.Pair, bool) {
	userIdentityID, acsUserID, found := strings.Cut(id, "/")
	return link.Pair{UserIdentityID: userIdentityID, ACSUserID: acsUserID},
		found && isUUID(userIdentityID) && isUUID(acsUserID)
}
