package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/people"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

var (
	_ resource.ResourceWithConfigure        = (*userIdentityResource)(nil)
	_ resource.ResourceWithConfigValidators = (*userIdentityResource)(nil)
	_ resource.ResourceWithIdentity         = (*userIdentityResource)(nil)
	_ resource.ResourceWithImportState      = (*userIdentityResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*userIdentityResource)(nil)
)

// userIdentityResource manages a person's account in an app.
type userIdentityResource struct{ withSeam }

func newUserIdentityResource() resource.Resource { return &userIdentityResource{} }

// userIdentityModel is a user identity as Terraform keeps it.
type userIdentityModel struct {
	UserIdentityID  types.String `tfsdk:"user_identity_id"`
	UserIdentityKey types.String `tfsdk:"user_identity_key"`
	FullName        types.String `tfsdk:"full_name"`
	EmailAddress    types.String `tfsdk:"email_address"`
	PhoneNumber     types.String `tfsdk:"phone_number"`
	ForceDestroy    types.Bool   `tfsdk:"force_destroy"`
	DisplayName     types.String `tfsdk:"display_name"`
	WorkspaceID     types.String `tfsdk:"workspace_id"`
}

// userIdentityIdentityModel is the resource identity of a user identity.
type userIdentityIdentityModel struct {
	UserIdentityID types.String `tfsdk:"user_identity_id"`
}

func (m userIdentityModel) identity() userIdentityIdentityModel {
	return userIdentityIdentityModel{UserIdentityID: m.UserIdentityID}
}

// known is the user identity as the state has it.
func (m userIdentityModel) known() seam.UserIdentity {
	return seam.UserIdentity{
		UserIdentityID: m.UserIdentityID.ValueString(), UserIdentityKey: m.UserIdentityKey.ValueString(), FullName: m.FullName.ValueString(),
		EmailAddress: m.EmailAddress.ValueString(), PhoneNumber: m.PhoneNumber.ValueString(), DisplayName: m.DisplayName.ValueString(), WorkspaceID: m.WorkspaceID.ValueString(),
	}
}

// hasValuesOf reports whether Seam has nothing to change between the two.
func (m userIdentityModel) hasValuesOf(other userIdentityModel) bool {
	return sameText(m.FullName, other.FullName, people.SameName) && sameText(m.EmailAddress, other.EmailAddress, people.SameEmail) &&
		m.PhoneNumber.Equal(other.PhoneNumber) && m.UserIdentityKey.Equal(other.UserIdentityKey)
}

// sameText reports whether two known texts, or none, are the same.
func sameText(a, b types.String, same func(a, b string) bool) bool {
	return a.Equal(b) || !a.IsUnknown() && !a.IsNull() && !b.IsNull() && same(a.ValueString(), b.ValueString())
}

// read takes over what was read. An email address or a name that is the same keeps the
// spelling that the model has.
func (m *userIdentityModel) read(identity seam.UserIdentity) {
	m.UserIdentityID = keepID(m.UserIdentityID, identity.UserIdentityID)
	m.UserIdentityKey = textOrNull(identity.UserIdentityKey)
	m.FullName = keepSame(m.FullName, identity.FullName, people.SameName)
	m.EmailAddress = keepSame(m.EmailAddress, identity.EmailAddress, people.SameEmail)
	m.PhoneNumber = textOrNull(identity.PhoneNumber)
	m.DisplayName = textOrNull(identity.DisplayName)
	m.WorkspaceID = textOrNull(identity.WorkspaceID)
	if m.ForceDestroy.IsNull() {
		m.ForceDestroy = types.BoolValue(false)
	}
}

// keepSame returns the text of the state if what was read is the same.
func keepSame(state types.String, read string, same func(a, b string) bool) types.String {
	if state.ValueString() != "" && same(state.ValueString(), read) {
		return state
	}
	return textOrNull(read)
}

// keepID returns the ID of the state if what was read is the same, in whatever case.
func keepID(state types.String, read string) types.String {
	return keepSame(state, read, strings.EqualFold)
}

func (r *userIdentityResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user_identity"
}

func (r *userIdentityResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	unchanged := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a user identity, a person's account in an app. Link it to the person's ACS users with `seam_user_identity_acs_user`.\n\n" +
			"At least one of `full_name`, `email_address`, `phone_number` and `user_identity_key` is required. " +
			"The key, the email address and the phone number are unique in a workspace: creating a user identity with one that is in use, or changing one to it, is an error.",
		Attributes: map[string]schema.Attribute{
			"full_name": schema.StringAttribute{
				MarkdownDescription: "Full name of the person. Removing it clears it in Seam.",
				Optional:            true, Validators: lookupText(),
			},
			"email_address": schema.StringAttribute{
				MarkdownDescription: "Email address of the person, case-insensitive for the letters A to Z. Removing it clears it in Seam.",
				Optional:            true, Validators: lookupText(),
			},
			"phone_number": schema.StringAttribute{
				MarkdownDescription: "Phone number of the person in E.164 form, such as `+15555550100`. Removing it clears it in Seam.",
				Optional:            true, Validators: []validator.String{e164()},
			},
			"user_identity_key": schema.StringAttribute{
				MarkdownDescription: "Key of the user identity in the app, such as its user ID. Removing it clears it in Seam.",
				Optional:            true, Validators: lookupText(),
			},
			"force_destroy": schema.BoolAttribute{
				MarkdownDescription: "Whether the user identity can be destroyed while ACS users are linked to it. **Seam then deletes these ACS users and their credentials, too.** " +
					"It takes effect with the apply after the one that sets it. Defaults to `false`.",
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			},
			"user_identity_id": schema.StringAttribute{MarkdownDescription: "ID of the user identity.", Computed: true, PlanModifiers: unchanged},
			"display_name":     schema.StringAttribute{MarkdownDescription: "Name that Seam displays for the user identity.", Computed: true},
			"workspace_id":     schema.StringAttribute{MarkdownDescription: "ID of the workspace that the user identity belongs to.", Computed: true, PlanModifiers: unchanged},
		},
	}
}

func (r *userIdentityResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"user_identity_id": identityschema.StringAttribute{Description: "ID of the user identity.", RequiredForImport: true},
	}}
}

func (r *userIdentityResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{resourcevalidator.AtLeastOneOf(
		path.MatchRoot("full_name"), path.MatchRoot("email_address"), path.MatchRoot("phone_number"), path.MatchRoot("user_identity_key"),
	)}
}

// ModifyPlan keeps the display name unless a value that Seam may make it of changes. Two
// creations with one unique value are an error.
func (r *userIdentityResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var planned, prior userIdentityModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...); resp.Diagnostics.HasError() {
		return
	}
	if req.State.Raw.IsNull() {
		if r.seam != nil {
			r.claim(planned.known(), &resp.Diagnostics)
		}
		return
	}
	if resp.Diagnostics.Append(req.State.Get(ctx, &prior)...); resp.Diagnostics.HasError() {
		return
	}
	if planned.hasValuesOf(prior) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("display_name"), prior.DisplayName)...)
	}
}

func (r *userIdentityResource) claim(planned seam.UserIdentity, diags *diag.Diagnostics) {
	for attribute, value := range map[string]string{
		"user_identity_key": planned.UserIdentityKey, "email_address": planned.EmailAddress, "phone_number": planned.PhoneNumber,
	} {
		same := value
		if attribute == "email_address" {
			same = people.FoldEmail(value)
		}
		userIdentityKind.claim(r.seam, diags, planned, attribute, value, same, attribute+" is unique in a workspace.")
	}
}

func (r *userIdentityResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	var model userIdentityModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	want := model.known()
	created, err := r.seam.userIdentities.Create(ctx, want)
	if err != nil {
		saved := isEffectUnknown(err) && !errors.Is(err, people.ErrUnrecognizable)
		summary := "Cannot create a user identity for " + excerpt(firstOf(want.FullName, want.EmailAddress, want.PhoneNumber, want.UserIdentityKey))
		userIdentityKind.appendCreateError(&resp.Diagnostics, r.seam, summary, err, saved, "the Seam Console")
		if !saved {
			return
		}
		// There may be one. With the error, Terraform saves it as tainted, and the
		// next read recognizes it by its values.
		created = want
		created.WorkspaceID = noteDoubt(ctx, r.seam, resp)
	}
	model.UserIdentityID = types.StringNull()
	model.read(created)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	if created.UserIdentityID != "" {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, model.identity())...)
	}
}

func (r *userIdentityResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model userIdentityModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, model.identity())...)
	id := model.UserIdentityID.ValueString()
	identity := readPerson(ctx, &r.withSeam, userIdentityKind, id, req, resp, func(settled bool) (*seam.UserIdentity, error) {
		return r.seam.userIdentities.Read(ctx, model.known(), settled)
	})
	switch {
	case identity == nil:
		return
	case id != "" && !strings.EqualFold(identity.UserIdentityID, id):
		appendMergedIdentityWarning(&resp.Diagnostics, id, identity.UserIdentityID)
		return // the state stays as it is: the values are those of another identity
	case identity.BeingDeleted():
		resp.Diagnostics.AddWarning("User identity is being deleted", fmt.Sprintf("Seam is deleting user identity %s. Remove the resource from the configuration, or apply again after the deletion to create a new one.", identity.UserIdentityID))
	}
	model.read(*identity)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, model.identity())...)
}

func (r *userIdentityResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	var planned, prior userIdentityModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// force_destroy alone is no change in Seam.
	latest := prior.known()
	if !planned.hasValuesOf(prior) {
		var err error
		if latest, err = r.seam.userIdentities.Update(ctx, prior.known(), planned.known()); err != nil {
			userIdentityKind.appendChangeError(&resp.Diagnostics, r.seam, "Cannot update user identity "+prior.UserIdentityID.ValueString(), "updated", err)
			return
		}
	}
	planned.read(latest)
	resp.Diagnostics.Append(resp.State.Set(ctx, planned)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, planned.identity())...)
}

func (r *userIdentityResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	var model userIdentityModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	err := r.seam.userIdentities.Delete(ctx, model.known(), settled(ctx, r.seam, req.Private), model.ForceDestroy.ValueBool())
	if err != nil {
		userIdentityKind.appendChangeError(&resp.Diagnostics, r.seam, strings.TrimSpace("Cannot delete user identity "+model.UserIdentityID.ValueString()), "deleted", err)
	}
}

func (r *userIdentityResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	identity, id := importPerson(ctx, r.seam, userIdentityKind, req, resp, r.seam.userIdentities.Find)
	switch {
	case identity == nil:
		return
	case !strings.EqualFold(identity.UserIdentityID, id):
		resp.Diagnostics.AddError("Cannot import user identity "+id,
			fmt.Sprintf("User identity %s was merged into %s. Import the latter instead.", id, identity.UserIdentityID))
		return
	}
	var model userIdentityModel
	model.read(*identity)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, model.identity())...)
}

func appendMergedIdentityWarning(diags *diag.Diagnostics, id, primaryID string) {
	diags.AddWarning("User identity was merged into another one",
		fmt.Sprintf("User identity %s was merged into %s, and its values in state are no longer read. It cannot be changed or deleted through the old ID.\n\n"+
			"Remove the resource from state with terraform state rm or a removed block, and import %[2]s if you want to manage that one.", id, primaryID))
}
