package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/link"
	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
)

var _ action.ActionWithConfigure = (*userIdentityRemoveACSUserAction)(nil)

// userIdentityRemoveACSUserAction removes one link, whoever made it.
type userIdentityRemoveACSUserAction struct{ withSeam }

func newUserIdentityRemoveACSUserAction() action.Action { return &userIdentityRemoveACSUserAction{} }

// userIdentityRemoveACSUserModel is the config block of the action.
type userIdentityRemoveACSUserModel struct {
	UserIdentityID types.String `tfsdk:"user_identity_id"`
	ACSUserID      types.String `tfsdk:"acs_user_id"`
}

func (a *userIdentityRemoveACSUserAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user_identity_remove_acs_user"
}

func (a *userIdentityRemoveACSUserAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Removes the link between an ACS user and a user identity, whether Terraform manages the link or not. " +
			"The user identity no longer has the ACS user's credentials, which open doors.\n\n" +
			"The link is removed only while the ACS user is linked to this user identity. " +
			"If the ACS user is not linked, the action succeeds without changes. " +
			"If it is linked to another user identity, the action fails without changes.",
		Attributes: map[string]schema.Attribute{
			"user_identity_id": schema.StringAttribute{
				MarkdownDescription: "ID of the user identity to remove the ACS user from, a UUID.",
				Required:            true,
				Validators:          []validator.String{uuidValidator{}},
			},
			"acs_user_id": schema.StringAttribute{
				MarkdownDescription: "ID of the ACS user to remove, a UUID. The ACS user and its credentials stay in the access system.",
				Required:            true,
				Validators:          []validator.String{uuidValidator{}},
			},
		},
	}
}

// Configure takes over what the provider's Configure handed out, if anything.
func (a *userIdentityRemoveACSUserAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.use(req.ProviderData, &resp.Diagnostics)
}

func (a *userIdentityRemoveACSUserAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	if !a.ready(&resp.Diagnostics) {
		return
	}
	var model userIdentityRemoveACSUserModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	pair := link.ToIdentity(model.UserIdentityID.ValueString(), model.ACSUserID.ValueString())

	// This read is for the progress message alone. Delete decides on a read of its
	// own, so that nothing said here can make it remove what it would not.
	found, err := a.seam.links.Find(ctx, pair)
	if err != nil {
		appendRemoveError(&resp.Diagnostics, a.seam, pair, err)
		return
	}
	if found.Standing == link.Linked {
		say(ctx, resp, fmt.Sprintf("ACS user %s is linked to %s: removing it", pair.ACSUserID, linkedIdentity(found.Link)))
	}

	// An action has no state that says which workspace is meant, so an ACS
	// user that is not there is an error: it may be there in another one.
	finding, err := a.seam.links.Delete(ctx, link.Link{Pair: pair})
	if err != nil {
		appendRemoveError(&resp.Diagnostics, a.seam, pair, err)
		return
	}
	logDeleted(ctx, finding)
	switch finding.Standing {
	case link.Linked:
		say(ctx, resp, fmt.Sprintf("ACS user %s was removed from %s", pair.ACSUserID, linkedIdentity(finding.Link)))
	case link.HeldByAnother:
		appendRemoveHeldError(&resp.Diagnostics, pair, finding.HolderID)
	default:
		say(ctx, resp, fmt.Sprintf("ACS user %s is not linked to any user identity: there is nothing to remove", pair.ACSUserID))
	}
}

// say reports progress. After Ctrl-C nobody listens any more: the framework
// would wait for somebody to take the message, and the action with it.
func say(ctx context.Context, resp *action.InvokeResponse, message string) {
	if ctx.Err() == nil {
		resp.SendProgress(action.InvokeProgressEvent{Message: message})
	}
}

func linkedIdentity(l link.Link) string {
	if l.PrimaryUserIdentityID != "" {
		return fmt.Sprintf("user identity %s, which %s was merged into", l.PrimaryUserIdentityID, l.TargetID)
	}
	return "user identity " + l.TargetID
}

func appendRemoveError(diags *diag.Diagnostics, data *configured, pair link.Pair, err error) {
	summary := cannotRemove(pair)
	if unknown, ok := errors.AsType[*reconcile.UnknownEffectError](err); ok {
		diags.AddError(summary, data.explainUnknown(unknown, "the link was removed")+
			"\n\nInvoke the action again: it reads the ACS user and removes the link if it is still there.")
		return
	}
	if missing, ok := errors.AsType[*link.MissingError](err); ok {
		diags.AddAttributeError(path.Root(attributeOf(missing.What)), summary, explain(err))
		return
	}
	diags.AddError(summary, data.explainOnce(err))
}

func appendRemoveHeldError(diags *diag.Diagnostics, pair link.Pair, holderID string) {
	diags.AddAttributeError(path.Root("user_identity_id"), cannotRemove(pair),
		fmt.Sprintf("ACS user %s is linked to user identity %s. No changes were made.\n\n"+
			"Check which person is meant. To remove the link to %[2]s, give the action that user_identity_id.", pair.ACSUserID, holderID))
}
