package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seamapi/terraform-provider-seam/internal/link"
)

var (
	_ resource.ResourceWithConfigure   = (*userIdentityACSUserResource)(nil)
	_ resource.ResourceWithIdentity    = (*userIdentityACSUserResource)(nil)
	_ resource.ResourceWithImportState = (*userIdentityACSUserResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*userIdentityACSUserResource)(nil)
)

// userIdentityACSUserResource is a link between a user identity and an ACS user.
type userIdentityACSUserResource struct{ withSeam }

func newUserIdentityACSUserResource() resource.Resource { return &userIdentityACSUserResource{} }

func (r *userIdentityACSUserResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user_identity_acs_user"
}

func (r *userIdentityACSUserResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Links an ACS user, a person's record in one access system, to a user identity, the person's account in your app. " +
			"The link grants the user identity the ACS user's credentials, which open doors. Destroying the resource removes the link.\n\n" +
			"An ACS user is linked to at most one user identity. " +
			"Creating the link is an error if it exists already, or if the ACS user is linked to another user identity: the provider does not move a link. " +
			"Destroying removes the link only while the ACS user is linked to this user identity.",
		Attributes: map[string]schema.Attribute{
			"user_identity_id": schema.StringAttribute{
				MarkdownDescription: "ID of the user identity, a UUID, case-insensitive. Changing it replaces the link.",
				Required:            true,
				Validators:          []validator.String{uuidValidator{}},
				PlanModifiers:       []planmodifier.String{replaceOnOtherUUID{}},
			},
			"acs_user_id": schema.StringAttribute{
				MarkdownDescription: "ID of the ACS user, a UUID, case-insensitive. Changing it replaces the link.",
				Required:            true,
				Validators:          []validator.String{uuidValidator{}},
				PlanModifiers:       []planmodifier.String{replaceOnOtherUUID{}},
			},
			"acs_system_id": schema.StringAttribute{
				MarkdownDescription: "ID of the access system that the ACS user belongs to.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"workspace_id": schema.StringAttribute{
				MarkdownDescription: "ID of the workspace that the ACS user belongs to.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		},
	}
}

func (r *userIdentityACSUserResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"user_identity_id": identityschema.StringAttribute{
				Description:       "ID of the user identity that the ACS user is linked to.",
				RequiredForImport: true,
			},
			"acs_user_id": identityschema.StringAttribute{
				Description:       "ID of the linked ACS user.",
				RequiredForImport: true,
			},
		},
	}
}

// ModifyPlan tells what the plan itself does not show: that a creation meets a
// conflict, that two creations are about one ACS user, and that a replacement has no
// other reason than an unknown ID.
//
// The CLI plans the second half of a replacement anew, as a creation, and shows no
// warning of that. A tainted resource it plans as a creation alone, and shows its
// warnings: they have to be true of a replacement, too. And it plans each creation
// once more while it applies.
func (r *userIdentityACSUserResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var planned, prior userIdentityACSUserModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...); resp.Diagnostics.HasError() {
		return
	}
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
		switch {
		case planned.UserIdentityID.IsUnknown():
			appendUnknownIDWarning(&resp.Diagnostics, "user_identity_id", prior.pair())
		case planned.ACSUserID.IsUnknown():
			appendUnknownIDWarning(&resp.Diagnostics, "acs_user_id", prior.pair())
		}
		return
	}
	if r.seam == nil || planned.UserIdentityID.IsUnknown() || planned.ACSUserID.IsUnknown() || r.seam.links.HaveWritten() {
		return
	}
	if other, ok := r.seam.creations.add(planned.pair()); !ok {
		appendPlannedTwiceError(&resp.Diagnostics, planned.pair(), other)
		return
	}
	r.checkForConflict(ctx, planned.pair(), &resp.Diagnostics)
}

// conflictTimeout is how long one check for a conflict may take. Applying reads
// everything again, so that a plan need not wait for it.
const conflictTimeout = 10 * time.Second

// checkForConflict warns of a conflict that exists now. It is a warning and no more:
// the same plan may remove what stands in the way. After a check that failed there is
// no other, so that all of them together take no longer than one.
func (r *userIdentityACSUserResource) checkForConflict(ctx context.Context, pair link.Pair, diags *diag.Diagnostics) {
	if failure := r.seam.checkFailure.Load(); failure != nil {
		appendConflictError(diags, r.seam, pair, *failure)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, conflictTimeout)
	defer cancel()
	finding, err := r.seam.links.FindConflict(ctx, pair, conflictTimeout)
	if r.seam.links.HaveWritten() {
		return // what was found may have changed since
	}
	if err != nil {
		r.seam.checkFailure.CompareAndSwap(nil, &err)
		appendConflictError(diags, r.seam, pair, err)
		return
	}
	appendConflictWarning(diags, finding, r.seam.inState.includes(pair))
}

func (r *userIdentityACSUserResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	var model userIdentityACSUserModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	created, err := r.seam.links.Create(ctx, model.pair())
	if err != nil {
		appendCreateError(&resp.Diagnostics, r.seam, model.pair(), err)
		if !isEffectUnknown(err) {
			return
		}
		// The link may be there. With the error, Terraform saves it as tainted.
	} else {
		appendLinkWarnings(&resp.Diagnostics, created)
	}
	model.seen(created)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, model.identity())...)
}

func (r *userIdentityACSUserResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model userIdentityACSUserModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	// Terraform wants the identity even of a resource that turns out to be gone.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, model.identity())...)
	if r.seam == nil {
		appendNotRefreshedWarning(&resp.Diagnostics, model.pair())
		return
	}
	// Before the read: a plan of the same link may check it at the same time.
	if !r.seam.inState.add(model.pair()) {
		appendTwiceInStateWarning(&resp.Diagnostics, model.pair())
	}
	finding, err := r.seam.links.Read(ctx, model.known())
	if err != nil {
		appendReadError(&resp.Diagnostics, r.seam, model.pair(), err)
		return
	}
	if finding.Standing != link.Linked {
		appendGoneWarning(&resp.Diagnostics, finding)
		resp.State.RemoveResource(ctx)
		return
	}
	appendLinkWarnings(&resp.Diagnostics, finding.Link)
	before := model
	if model.seen(finding.Link); model != before {
		resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	}
}

// Update is never called with a change: another id replaces the resource, and
// everything else is computed.
func (r *userIdentityACSUserResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var model userIdentityACSUserModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, model.identity())...)
}

func (r *userIdentityACSUserResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	var model userIdentityACSUserModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	finding, err := r.seam.links.Delete(ctx, model.known())
	if err != nil {
		appendDeleteError(&resp.Diagnostics, r.seam, model.pair(), err)
		return
	}
	logDeleted(ctx, finding)
}

func (r *userIdentityACSUserResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	pair, ok := r.importedPair(ctx, req, resp)
	if !ok {
		return
	}
	finding, err := r.seam.links.Find(ctx, pair)
	if err != nil {
		appendImportError(&resp.Diagnostics, r.seam, pair, err)
		return
	}
	if finding.Standing != link.Linked {
		appendNotLinkedError(ctx, &resp.Diagnostics, r.seam, finding)
		return
	}
	model := newUserIdentityACSUserModel(finding.Link)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, model.identity())...)
}

// importedPair reads what is to be imported from the import id or, where the
// CLI knows of it, the resource identity.
func (r *userIdentityACSUserResource) importedPair(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) (link.Pair, bool) {
	if req.ID != "" {
		pair, ok := parseImportID(req.ID)
		if !ok {
			appendImportIDError(&resp.Diagnostics, req.ID)
		}
		return pair, ok
	}
	if req.Identity == nil || req.Identity.Raw.IsNull() {
		appendImportIDError(&resp.Diagnostics, "")
		return link.Pair{}, false
	}
	var identity userIdentityACSUserIdentityModel
	if resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...); resp.Diagnostics.HasError() {
		return link.Pair{}, false
	}
	pair := link.Pair{UserIdentityID: identity.UserIdentityID.ValueString(), ACSUserID: identity.ACSUserID.ValueString()}
	if !isUUID(pair.UserIdentityID) {
		appendIdentityError(&resp.Diagnostics, path.Root("user_identity_id"), pair.UserIdentityID)
	}
	if !isUUID(pair.ACSUserID) {
		appendIdentityError(&resp.Diagnostics, path.Root("acs_user_id"), pair.ACSUserID)
	}
	return pair, !resp.Diagnostics.HasError()
}
