package provider

import (
	"context"

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
		MarkdownDescription: "Links an ACS user, a person's record in one access system, to a user identity, a person's account in an app. " +
			"The link hands the user identity the credentials of the ACS user, which open doors; destroying the resource takes them away.\n\n" +
			"An ACS user is linked to one user identity at most. A link that somebody else made is never moved or cut: " +
			"creating it is an error while another identity holds the ACS user, and so it is when the link exists already. " +
			"Destroying removes the link only while the ACS user is still linked to this identity.",
		Attributes: map[string]schema.Attribute{
			"user_identity_id": schema.StringAttribute{
				MarkdownDescription: "ID of the user identity that the ACS user is linked to, a UUID. Changing it replaces the link. " +
					"UUIDs compare without regard to case.",
				Required:      true,
				Validators:    []validator.String{uuidValidator{}},
				PlanModifiers: []planmodifier.String{replaceOnOtherUUID{}},
			},
			"acs_user_id": schema.StringAttribute{
				MarkdownDescription: "ID of the ACS user to link, a UUID. Changing it replaces the link. " +
					"UUIDs compare without regard to case.",
				Required:      true,
				Validators:    []validator.String{uuidValidator{}},
				PlanModifiers: []planmodifier.String{replaceOnOtherUUID{}},
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

// ModifyPlan warns of a conflict that exists now. It is a warning and no more,
// for the same plan may be about to remove what stands in the way.
//
// The CLI plans the second half of a replacement anew, as a creation, and shows
// nobody the warnings of that. A tainted resource it plans as a creation alone,
// whose warnings it shows: they have to be true of a replacement, too.
func (r *userIdentityACSUserResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.seam == nil || !req.State.Raw.IsNull() {
		return
	}
	var planned userIdentityACSUserModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...); resp.Diagnostics.HasError() {
		return
	}
	if planned.UserIdentityID.IsUnknown() || planned.ACSUserID.IsUnknown() || r.seam.links.Applying() {
		return
	}
	finding, err := r.seam.links.Find(ctx, planned.pair(), link.Unlinked)
	if err != nil {
		appendPlanError(&resp.Diagnostics, planned.pair(), err)
		return
	}
	appendPlanWarning(&resp.Diagnostics, finding, r.seam.inState.includes(planned.pair()))
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
		appendCreateError(&resp.Diagnostics, model.pair(), err)
		if !isEffectUnknown(err) {
			return
		}
		// The link may be there. Terraform has to know of it: it marks the
		// resource as tainted, and the next apply settles it.
	} else if created.PrimaryUserIdentityID != "" {
		appendMergedWarning(&resp.Diagnostics, created)
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
	// Before the look, for a plan that meets the same link looks at the same time.
	r.seam.inState.add(model.pair())
	finding, err := r.seam.links.Read(ctx, model.known())
	if err != nil {
		appendReadError(&resp.Diagnostics, model.pair(), err)
		return
	}
	if finding.Standing != link.Linked {
		appendGoneWarning(&resp.Diagnostics, finding)
		resp.State.RemoveResource(ctx)
		return
	}
	if finding.Link.PrimaryUserIdentityID != "" {
		appendMergedWarning(&resp.Diagnostics, finding.Link)
	}
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
		appendDeleteError(&resp.Diagnostics, model.pair(), err)
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
	finding, err := r.seam.links.Find(ctx, pair, link.Linked)
	if err != nil {
		appendImportError(&resp.Diagnostics, pair, err)
		return
	}
	if finding.Standing != link.Linked {
		appendNotLinkedError(ctx, &resp.Diagnostics, r.seam.workspace, finding)
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
