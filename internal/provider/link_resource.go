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
	_ resource.ResourceWithConfigure   = (*linkResource)(nil)
	_ resource.ResourceWithIdentity    = (*linkResource)(nil)
	_ resource.ResourceWithImportState = (*linkResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*linkResource)(nil)
)

// linkResource is a link of one kind.
type linkResource struct {
	withSeam
	kind *linkKind
}

func (r *linkResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.kind.typeName
}

func (r *linkResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: r.kind.MarkdownDescription,
		Attributes: map[string]schema.Attribute{
			r.kind.attribute: schema.StringAttribute{
				MarkdownDescription: r.kind.targetID.MarkdownDescription + ", a UUID, case-insensitive. Changing it replaces the " + r.kind.noun + ".",
				Required:            true,
				Validators:          []validator.String{uuidValidator{}},
				PlanModifiers:       []planmodifier.String{replaceOnOtherUUID{}},
			},
			"acs_user_id": schema.StringAttribute{
				MarkdownDescription: r.kind.acsUserID.MarkdownDescription + ", a UUID, case-insensitive. Changing it replaces the " + r.kind.noun + ".",
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

func (r *linkResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			r.kind.attribute: identityschema.StringAttribute{
				Description:       r.kind.targetID.Description,
				RequiredForImport: true,
			},
			"acs_user_id": identityschema.StringAttribute{
				Description:       r.kind.acsUserID.Description,
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
func (r *linkResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var planned, prior linkModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, r.kind.tagged(&planned))...); resp.Diagnostics.HasError() {
		return
	}
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, r.kind.tagged(&prior))...)
		switch {
		case planned.TargetID.IsUnknown():
			appendUnknownIDWarning(&resp.Diagnostics, r.kind.attribute, r.kind.pair(prior))
		case planned.ACSUserID.IsUnknown():
			appendUnknownIDWarning(&resp.Diagnostics, "acs_user_id", r.kind.pair(prior))
		}
		return
	}
	if r.seam == nil || planned.TargetID.IsUnknown() || planned.ACSUserID.IsUnknown() || r.seam.links.HaveWritten() {
		return
	}
	if other, again := r.seam.creations.add(r.kind.pair(planned)); again {
		appendPlannedTwice(&resp.Diagnostics, r.kind.pair(planned), other)
		return
	}
	r.checkForConflict(ctx, r.kind.pair(planned), &resp.Diagnostics)
}

// conflictTimeout is how long one check for a conflict may take. Applying reads
// everything again, so that a plan need not wait for it.
const conflictTimeout = 10 * time.Second

// checkForConflict warns of a conflict that exists now. It is a warning and no more:
// the same plan may remove what stands in the way. After a check that failed there is
// no other, so that all of them together take no longer than one.
func (r *linkResource) checkForConflict(ctx context.Context, pair link.Pair, diags *diag.Diagnostics) {
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

func (r *linkResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	var model linkModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, r.kind.tagged(&model))...); resp.Diagnostics.HasError() {
		return
	}
	created, err := r.seam.links.Create(ctx, r.kind.pair(model))
	if err != nil {
		appendCreateError(&resp.Diagnostics, r.seam, r.kind.pair(model), err)
		if !isEffectUnknown(err) {
			return
		}
		// The link may be there. With the error, Terraform saves it as tainted.
	} else {
		appendLinkWarnings(&resp.Diagnostics, created)
	}
	model.seen(created)
	resp.Diagnostics.Append(resp.State.Set(ctx, r.kind.tagged(&model))...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, r.kind.identity(model))...)
}

func (r *linkResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model linkModel
	if resp.Diagnostics.Append(req.State.Get(ctx, r.kind.tagged(&model))...); resp.Diagnostics.HasError() {
		return
	}
	// Terraform wants the identity even of a resource that turns out to be gone.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, r.kind.identity(model))...)
	if r.seam == nil {
		appendNotRefreshedWarning(&resp.Diagnostics, r.kind.pair(model))
		return
	}
	// Before the read: a plan of the same link may check it at the same time.
	if !r.seam.inState.add(r.kind.pair(model)) {
		appendTwiceInStateWarning(&resp.Diagnostics, r.kind.pair(model))
	}
	finding, err := r.seam.links.Read(ctx, r.kind.known(model))
	if err != nil {
		appendReadError(&resp.Diagnostics, r.seam, r.kind.pair(model), err)
		return
	}
	logPending(ctx, finding)
	if finding.Standing != link.Linked {
		appendGoneWarning(&resp.Diagnostics, finding)
		resp.State.RemoveResource(ctx)
		return
	}
	appendLinkWarnings(&resp.Diagnostics, finding.Link)
	before := model
	if model.seen(finding.Link); model != before {
		resp.Diagnostics.Append(resp.State.Set(ctx, r.kind.tagged(&model))...)
	}
}

// Update is never called with a change: another id replaces the resource, and
// everything else is computed.
func (r *linkResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var model linkModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, r.kind.tagged(&model))...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, r.kind.tagged(&model))...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, r.kind.identity(model))...)
}

func (r *linkResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	var model linkModel
	if resp.Diagnostics.Append(req.State.Get(ctx, r.kind.tagged(&model))...); resp.Diagnostics.HasError() {
		return
	}
	finding, err := r.seam.links.Delete(ctx, r.kind.known(model))
	if err != nil {
		appendDeleteError(&resp.Diagnostics, r.seam, r.kind.pair(model), err)
		return
	}
	logPending(ctx, finding)
	logDeleted(ctx, finding)
}

func (r *linkResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
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
	logPending(ctx, finding)
	if finding.Standing != link.Linked {
		appendNotLinkedError(ctx, &resp.Diagnostics, r.seam, finding)
		return
	}
	model := newLinkModel(finding.Link)
	resp.Diagnostics.Append(resp.State.Set(ctx, r.kind.tagged(&model))...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, r.kind.identity(model))...)
}

// importedPair reads what is to be imported from the import id or, where the
// CLI knows of it, the resource identity.
func (r *linkResource) importedPair(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) (link.Pair, bool) {
	if req.ID != "" {
		pair, ok := r.kind.parseImportID(req.ID)
		if !ok {
			appendImportIDError(&resp.Diagnostics, r.kind, req.ID)
		}
		return pair, ok
	}
	if req.Identity == nil || req.Identity.Raw.IsNull() {
		appendImportIDError(&resp.Diagnostics, r.kind, "")
		return link.Pair{}, false
	}
	var identity linkIdentityModel
	if resp.Diagnostics.Append(req.Identity.Get(ctx, r.kind.taggedIdentity(&identity))...); resp.Diagnostics.HasError() {
		return link.Pair{}, false
	}
	pair := r.kind.pair(linkModel{TargetID: identity.TargetID, ACSUserID: identity.ACSUserID})
	if !isUUID(pair.TargetID) {
		appendIdentityError(&resp.Diagnostics, path.Root(r.kind.attribute), pair.TargetID)
	}
	if !isUUID(pair.ACSUserID) {
		appendIdentityError(&resp.Diagnostics, path.Root("acs_user_id"), pair.ACSUserID)
	}
	return pair, !resp.Diagnostics.HasError()
}
