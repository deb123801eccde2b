package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/link"
)

// linkKind is what differs between the resources for the two kinds of links: the name of
// an attribute, and words.
type linkKind struct {
	target    link.Thing
	typeName  string // without that of the provider
	attribute string // the ID of the target

	noun     string // such as "link"
	cannot   string // create, with the IDs of the ACS user and the target
	named    string // the link, with the same IDs
	standing string // of an ACS user that is linked, such as "linked to"
	still    string // the same without the target, such as "linked"
	none     string // the same of one that is not linked

	MarkdownDescription string
	targetID, acsUserID linkIDAttribute

	tagged         func(*linkModel) any // with the attributes of this kind
	taggedIdentity func(*linkIdentityModel) any
}

// linkIDAttribute describes the ID of an end, in the schema and in the resource identity.
type linkIDAttribute struct{ MarkdownDescription, Description string }

// linkKinds are the kinds by target.
var linkKinds = map[link.Thing]*linkKind{link.UserIdentity: identityLinks, link.AccessGroup: groupMemberships}

func kindOf(pair link.Pair) *linkKind { return linkKinds[pair.Target] }

// linkModel is a link as Terraform keeps it. Its kind has the name of the first attribute.
type linkModel struct {
	TargetID    types.String `tfsdk:"user_identity_id"`
	ACSUserID   types.String `tfsdk:"acs_user_id"`
	ACSSystemID types.String `tfsdk:"acs_system_id"`
	WorkspaceID types.String `tfsdk:"workspace_id"`
}

// linkIdentityModel is the resource identity of a link.
type linkIdentityModel struct {
	TargetID  types.String `tfsdk:"user_identity_id"`
	ACSUserID types.String `tfsdk:"acs_user_id"`
}

func newLinkModel(l link.Link) linkModel {
	model := linkModel{
		TargetID:  types.StringValue(l.TargetID),
		ACSUserID: types.StringValue(l.ACSUserID),
	}
	model.seen(l)
	return model
}

// pair returns the link that the model names.
func (k *linkKind) pair(m linkModel) link.Pair {
	return link.Pair{Target: k.target, TargetID: m.TargetID.ValueString(), ACSUserID: m.ACSUserID.ValueString()}
}

// known returns the link as the state has it.
func (k *linkKind) known(m linkModel) link.Link {
	return link.Link{Pair: k.pair(m), ACSSystemID: m.ACSSystemID.ValueString(), WorkspaceID: m.WorkspaceID.ValueString()}
}

func (k *linkKind) identity(m linkModel) any {
	return k.taggedIdentity(&linkIdentityModel{TargetID: m.TargetID, ACSUserID: m.ACSUserID})
}

// seen takes over what was seen of the link. The ids stay as they are written in
// the configuration, whatever the case in which Seam writes them.
func (m *linkModel) seen(l link.Link) {
	m.ACSSystemID = types.StringValue(l.ACSSystemID)
	m.WorkspaceID = types.StringValue(l.WorkspaceID)
}

// importID is how a link is written for terraform import.
func importID(pair link.Pair) string { return pair.TargetID + "/" + pair.ACSUserID }

// parseImportID is the inverse of importID. It accepts nothing but two UUIDs.
func (k *linkKind) parseImportID(id string) (link.Pair, bool) {
	targetID, acsUserID, found := strings.Cut(id, "/")
	return link.Pair{Target: k.target, TargetID: targetID, ACSUserID: acsUserID}, found && isUUID(targetID) && isUUID(acsUserID)
}
