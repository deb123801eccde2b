package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

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
	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
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

func (m userIdentityModel) values() seam.UserIdentityValues {
	return seam.UserIdentityValues{
		FullName: m.FullName.ValueString(), EmailAddress: m.EmailAddress.ValueString(),
		PhoneNumber: m.PhoneNumber.ValueString(), UserIdentityKey: m.UserIdentityKey.ValueString(),
	}
}

// known is the user identity as the state has it.
func (m userIdentityModel) known() seam.UserIdentity {
	return seam.UserIdentity{
		UserIdentityID: m.UserIdentityID.ValueString(), UserIdentityKey: m.UserIdentityKey.ValueString(), FullName: m.FullName.ValueString(),
		EmailAddress: m.EmailAddress.ValueString(), PhoneNumber: m.PhoneNumber.ValueString(), DisplayName: m.DisplayName.ValueString(), WorkspaceID: m.WorkspaceID.ValueString(),
	}
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
			"The key, the email address and the phone number are unique in a workspace: creating a user identity with one that is in use is an error.",
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

// ModifyPlan keeps the display name unless a value that Seam may make it of changes, and
// an email address that changes its case only. Two creations with one unique value are an
// error: Terraform's scheduling would decide between them.
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
			r.claim(planned, &resp.Diagnostics)
		}
		return
	}
	if resp.Diagnostics.Append(req.State.Get(ctx, &prior)...); resp.Diagnostics.HasError() {
		return
	}
	same := func(a, b types.String, same func(a, b string) bool) bool {
		return !a.IsUnknown() && (a.Equal(b) || !a.IsNull() && !b.IsNull() && same(a.ValueString(), b.ValueString()))
	}
	if same(planned.FullName, prior.FullName, people.SameName) && same(planned.EmailAddress, prior.EmailAddress, people.SameEmail) &&
		planned.PhoneNumber.Equal(prior.PhoneNumber) && planned.UserIdentityKey.Equal(prior.UserIdentityKey) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("display_name"), prior.DisplayName)...)
	}
}

func (r *userIdentityResource) claim(planned userIdentityModel, diags *diag.Diagnostics) {
	for attribute, value := range map[string]string{
		"user_identity_key": planned.UserIdentityKey.ValueString(),
		"email_address":     strings.ToLower(planned.EmailAddress.ValueString()),
		"phone_number":      planned.PhoneNumber.ValueString(),
	} {
		if value != "" && !r.seam.creations.claim("user identity "+attribute+" "+value) {
			diags.AddAttributeError(path.Root(attribute), fmt.Sprintf("Two resources create a user identity with %s %s", attribute, excerpt(value)),
				fmt.Sprintf("%s is unique in a workspace. Remove one of the two resources.", attribute))
		}
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
	created, err := r.seam.userIdentities.Create(ctx, model.values())
	if err != nil {
		appendUserIdentityCreateError(&resp.Diagnostics, r.seam, model, err)
		if !isEffectUnknown(err) || errors.Is(err, people.ErrUnrecognizable) {
			return
		}
		// There may be one. With the error, Terraform saves it as tainted, and the
		// next read recognizes it by its values.
		created = model.known()
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
	if r.seam == nil && id != "" {
		resp.Diagnostics.AddWarning("User identity not refreshed", notRefreshed("User identity "+id))
		return
	}
	if !r.ready(&resp.Diagnostics) {
		return
	}
	identity, err := r.seam.userIdentities.Read(ctx, model.known())
	switch {
	case err != nil:
		resp.Diagnostics.AddError(strings.TrimSpace("Cannot read user identity "+id), r.seam.explainPerson(err)+userIdentityKept)
		return
	case identity == nil && id == "":
		appendNotCreated(&resp.Diagnostics, "user identity")
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, userIdentityIdentityModel{UserIdentityID: types.StringValue("")})...)
		return
	case identity == nil:
		resp.Diagnostics.AddWarning(fmt.Sprintf("User identity %s no longer exists", id), "The user identity was deleted outside Terraform.")
		resp.State.RemoveResource(ctx)
		return
	case id != "" && !strings.EqualFold(identity.UserIdentityID, id):
		appendMergedIdentityWarning(&resp.Diagnostics, id, identity.UserIdentityID)
		return // the state stays as it is: the values are those of another identity
	}
	if identity.BeingDeleted() {
		resp.Diagnostics.AddWarning("User identity is being deleted", fmt.Sprintf("Seam is deleting user identity %s.", identity.UserIdentityID))
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
	if planned.values() != prior.values() {
		var err error
		if latest, err = r.seam.userIdentities.Update(ctx, prior.known(), planned.values()); err != nil {
			appendUserIdentityChangeError(&resp.Diagnostics, r.seam, "Cannot update user identity "+prior.UserIdentityID.ValueString(), "updated", err)
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
	if err := r.seam.userIdentities.Delete(ctx, model.known(), model.ForceDestroy.ValueBool()); err != nil {
		appendUserIdentityChangeError(&resp.Diagnostics, r.seam, "Cannot delete user identity "+model.UserIdentityID.ValueString(), "deleted", err)
	}
}

func (r *userIdentityResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	id, ok := importedID(ctx, req, resp, "user_identity_id")
	if !ok {
		return
	}
	identity, err := r.seam.userIdentities.Read(ctx, seam.UserIdentity{UserIdentityID: id})
	switch {
	case err != nil:
		resp.Diagnostics.AddError("Cannot import user identity "+id, r.seam.explainOnce(err))
		return
	case identity == nil:
		appendNoSuch(&resp.Diagnostics, "user_identity_id", "user identity", id, theWorkspace(ctx, r.seam))
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

// importedID reads the UUID to import from the import ID or, where the CLI has it, the
// resource identity.
func importedID(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse, attribute string) (string, bool) {
	id := req.ID
	if id == "" && req.Identity != nil && !req.Identity.Raw.IsNull() {
		var value types.String
		if resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(attribute), &value)...); resp.Diagnostics.HasError() {
			return "", false
		}
		id = value.ValueString()
	}
	if !isUUID(id) {
		resp.Diagnostics.AddError("Invalid import ID", fmt.Sprintf("The import ID is the %s, which %s. Got: %s.", attribute, uuidValidator{}.Description(ctx), excerpt(id)))
		return "", false
	}
	return id, true
}

const userIdentityKept = "\n\nThe user identity stays in state."

func notRefreshed(what string) string {
	return what + " was not read, because the provider configuration is not known before apply. It stays in state."
}

func appendUserIdentityCreateError(diags *diag.Diagnostics, data *configured, model userIdentityModel, err error) {
	values := model.values()
	summary := "Cannot create a user identity for " + excerpt(firstOf(values.FullName, values.EmailAddress, values.PhoneNumber, values.UserIdentityKey))
	var exists *people.ExistsError
	var unknown *reconcile.UnknownEffectError
	switch {
	case errors.Is(err, people.ErrUnrecognizable):
		diags.AddError(summary, "It is not known whether the user identity was created: the response was inconclusive, and no key, email address or phone number tells it from others.\n\n"+
			"Look for a new user identity with this full name in the Seam Console before you apply again. If there is one, import it, or delete it.")
	case errors.As(err, &unknown) && errors.As(unknown.Reason, &exists):
		diags.AddError(summary, fmt.Sprintf("It is not known whether the user identity was created: the response was inconclusive, and now user identity %s has %s %s and other values.",
			exists.ID, exists.Field, excerpt(exists.Value))+savedAsTainted("key, email address and phone number"))
	case errors.As(err, &unknown):
		diags.AddError(summary, data.explainUnknown(unknown, "the user identity was created")+savedAsTainted("key, email address and phone number"))
	case errors.As(err, &exists):
		diags.AddAttributeError(path.Root(exists.Field), summary, explainExists(exists, "seam_user_identity", "User identity"))
	default:
		diags.AddError(summary, data.explainOnce(err))
	}
}

// appendNotCreated tells that a create had no effect of which that was not known. The
// framework wants a resource identity even then, which is not null.
func appendNotCreated(diags *diag.Diagnostics, what string) {
	diags.AddWarning("The "+what+" was not created", fmt.Sprintf("It was not known whether an earlier apply created it, and no %s has its values.", what))
}

// savedAsTainted says what becomes of a record that may have been created.
func savedAsTainted(by string) string {
	return fmt.Sprintf("\n\nIt is saved in state as tainted. The next plan looks for it by its %s, and the next apply creates a missing one and replaces an existing one. "+
		"To keep an existing one, run terraform apply -refresh-only and terraform untaint.", by)
}

// explainExists says which record has a value already, with the block to paste.
func explainExists(exists *people.ExistsError, resourceType, what string) string {
	return fmt.Sprintf("%s %s already has %s %s. No changes were made.\n\n"+
		"To manage it with this resource, import it:\n\nimport {\n  to = %s.example\n  id = %q\n}\n\nWith Terraform before 1.5: terraform import %[5]s.example %[2]s",
		what, exists.ID, exists.Field, excerpt(exists.Value), resourceType, exists.ID)
}

// appendUserIdentityChangeError says why an update or a deletion failed.
func appendUserIdentityChangeError(diags *diag.Diagnostics, data *configured, summary, done string, err error) {
	var merged *people.MergedError
	var linked *people.LinkedError
	var unknown *reconcile.UnknownEffectError
	var notShown *people.NotShownError
	switch {
	case errors.As(err, &unknown):
		diags.AddError(summary, data.explainUnknown(unknown, "the user identity was "+done)+userIdentityKept+" Run the same command again.")
	case errors.As(err, &merged):
		diags.AddError(summary, fmt.Sprintf("User identity %s was merged into %s, which is never changed or deleted through the old ID. No changes were made.\n\n"+
			"Remove this resource from state with terraform state rm or a removed block. To manage the other user identity, import %[2]s.", merged.ID, merged.PrimaryID))
	case errors.As(err, &linked):
		var users []string
		for _, user := range linked.ACSUsers {
			users = append(users, fmt.Sprintf("  - %s, acs_user_id %s", acsUserRecord(user), user.ACSUserID))
		}
		diags.AddError(summary, "ACS users are linked to the user identity. Seam would delete them and their credentials with it. No changes were made:\n"+strings.Join(users, "\n")+
			"\n\nRemove the links first, or set force_destroy = true and apply before you destroy.")
	case errors.As(err, &notShown):
		diags.AddError(summary, fmt.Sprintf("Seam accepted the request, and it had no effect for %s, until retry_timeout was over.\n\n"+
			"Run the same command again. If the error persists, ask Seam's support.", notShown.Waited.Tried.Round(time.Second))+userIdentityKept)
	default:
		diags.AddError(summary, data.explainPerson(err)+userIdentityKept)
	}
}

// explainPerson is explainOnce for what only people can be.
func (c *configured) explainPerson(err error) string {
	var several *people.SeveralError
	var missing *people.MissingError
	switch {
	case errors.As(err, &several):
		return "It is not known which one was created: several have these values.\n  - " + strings.Join(several.IDs, "\n  - ") +
			"\n\nDelete all but one in the Seam Console."
	case errors.As(err, &missing):
		return "It no longer exists. Run the same command again: the next plan creates a new one."
	default:
		return c.explainOnce(err)
	}
}

func appendMergedIdentityWarning(diags *diag.Diagnostics, id, primaryID string) {
	diags.AddWarning("User identity was merged into another one",
		fmt.Sprintf("User identity %s was merged into %s, and its values in state are no longer read. It cannot be changed or deleted through the old ID.\n\n"+
			"Remove the resource from state with terraform state rm or a removed block, and import %[2]s if you want to manage that one.", id, primaryID))
}
