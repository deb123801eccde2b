package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
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
	_ resource.ResourceWithConfigure   = (*acsUserResource)(nil)
	_ resource.ResourceWithIdentity    = (*acsUserResource)(nil)
	_ resource.ResourceWithImportState = (*acsUserResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*acsUserResource)(nil)
)

// acsUserResource manages a person's record in one access system.
type acsUserResource struct{ withSeam }

func newACSUserResource() resource.Resource { return &acsUserResource{} }

// acsUserModel is an ACS user as Terraform keeps it.
type acsUserModel struct {
	ACSUserID      types.String `tfsdk:"acs_user_id"`
	ACSSystemID    types.String `tfsdk:"acs_system_id"`
	FullName       types.String `tfsdk:"full_name"`
	EmailAddress   types.String `tfsdk:"email_address"`
	PhoneNumber    types.String `tfsdk:"phone_number"`
	AccessSchedule types.Object `tfsdk:"access_schedule"`
	IsSuspended    types.Bool   `tfsdk:"is_suspended"`
	DisplayName    types.String `tfsdk:"display_name"`
	ExternalType   types.String `tfsdk:"external_type"`
	WorkspaceID    types.String `tfsdk:"workspace_id"`
}

// accessScheduleModel is an access schedule that is known and not null.
type accessScheduleModel struct{ StartsAt, EndsAt types.String }

var accessScheduleTypes = map[string]attr.Type{"starts_at": types.StringType, "ends_at": types.StringType}

// schedule returns the access schedule, nil if there is none, or it is not known yet.
func (m acsUserModel) schedule() *accessScheduleModel {
	if m.AccessSchedule.IsNull() || m.AccessSchedule.IsUnknown() {
		return nil
	}
	attributes := m.AccessSchedule.Attributes()
	startsAt, _ := attributes["starts_at"].(types.String)
	endsAt, _ := attributes["ends_at"].(types.String)
	return &accessScheduleModel{startsAt, endsAt}
}

// acsUserIdentityModel is the resource identity of an ACS user.
type acsUserIdentityModel struct {
	ACSUserID types.String `tfsdk:"acs_user_id"`
}

func (m acsUserModel) identity() acsUserIdentityModel {
	return acsUserIdentityModel{ACSUserID: m.ACSUserID}
}

// known is the ACS user as the state, or the plan, has it.
func (m acsUserModel) known() seam.ACSUser {
	user := seam.ACSUser{
		ACSUserID: m.ACSUserID.ValueString(), ACSSystemID: m.ACSSystemID.ValueString(), WorkspaceID: m.WorkspaceID.ValueString(),
		FullName: m.FullName.ValueString(), EmailAddress: m.EmailAddress.ValueString(), PhoneNumber: m.PhoneNumber.ValueString(),
		IsSuspended: m.IsSuspended.ValueBool(), DisplayName: m.DisplayName.ValueString(), ExternalType: m.ExternalType.ValueString(),
	}
	if schedule := m.schedule(); schedule != nil {
		user.AccessSchedule = &seam.AccessSchedule{StartsAt: inUTC(schedule.StartsAt.ValueString()), EndsAt: inUTC(schedule.EndsAt.ValueString())}
	}
	return user
}

// read takes over what was read. What is the same keeps the spelling of the model.
func (m *acsUserModel) read(user seam.ACSUser) {
	m.ACSUserID = keepID(m.ACSUserID, user.ACSUserID)
	m.ACSSystemID = keepID(m.ACSSystemID, user.ACSSystemID)
	m.FullName = keepSame(m.FullName, user.FullName, people.SameName)
	m.EmailAddress = keepSame(m.EmailAddress, user.EmailAddress, people.SameEmail)
	m.PhoneNumber = textOrNull(user.PhoneNumber)
	m.readSchedule(user.AccessSchedule)
	m.IsSuspended = types.BoolValue(user.IsSuspended)
	m.DisplayName = textOrNull(user.DisplayName)
	m.ExternalType = textOrNull(user.ExternalType)
	m.WorkspaceID = textOrNull(user.WorkspaceID)
}

func (m *acsUserModel) readSchedule(schedule *seam.AccessSchedule) {
	if schedule == nil {
		m.AccessSchedule = types.ObjectNull(accessScheduleTypes)
		return
	}
	known := m.schedule()
	if known == nil {
		known = &accessScheduleModel{}
	}
	m.AccessSchedule = types.ObjectValueMust(accessScheduleTypes, map[string]attr.Value{
		"starts_at": keepSame(known.StartsAt, schedule.StartsAt, people.SameMoment),
		"ends_at":   keepSame(known.EndsAt, schedule.EndsAt, people.SameMoment),
	})
}

func (r *acsUserResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_acs_user"
}

func (r *acsUserResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	unchanged := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages an ACS user, a person's record in one access system. Its credentials open doors. " +
			"Link it to the person's account with `seam_user_identity_acs_user`.\n\n" +
			"The provider does not create a second ACS user with the same email address in an access system: creating an ACS user with an email address that is in use there, or changing one to it, is an error.",
		Attributes: map[string]schema.Attribute{
			"acs_system_id": schema.StringAttribute{
				MarkdownDescription: "ID of the access system, a UUID. Changing it replaces the ACS user: the record and its credentials are deleted.",
				Required:            true, Validators: []validator.String{uuidValidator{}}, PlanModifiers: []planmodifier.String{replaceOnOtherUUID{}},
			},
			"full_name": schema.StringAttribute{
				MarkdownDescription: "Full name of the person.",
				Required:            true, Validators: lookupText(),
			},
			"email_address": schema.StringAttribute{
				MarkdownDescription: "Email address of the person, case-insensitive for the letters A to Z. Seam can change it, but not clear it: removing it is an error.",
				Optional:            true, Validators: lookupText(),
			},
			"phone_number": schema.StringAttribute{
				MarkdownDescription: "Phone number of the person in E.164 form, such as `+15555550100`. Removing it clears it in Seam.",
				Optional:            true, Validators: []validator.String{e164()},
			},
			"access_schedule": schema.SingleNestedAttribute{
				MarkdownDescription: "When the person has access. Without it, access is not limited in time. Removing it clears it in Seam.",
				Optional:            true,
				Attributes: map[string]schema.Attribute{
					"starts_at": schema.StringAttribute{
						MarkdownDescription: "Date and time at which access begins, in RFC 3339 form, such as `2026-11-24T08:00:00Z`.",
						Required:            true, Validators: []validator.String{timestampValidator{}},
					},
					"ends_at": schema.StringAttribute{
						MarkdownDescription: "Date and time at which access ends, in RFC 3339 form. Without it, access does not end. An existing ACS user cannot be given a schedule without an end.",
						Optional:            true, Validators: []validator.String{timestampValidator{}},
					},
				},
			},
			"is_suspended": schema.BoolAttribute{
				MarkdownDescription: "Whether the ACS user is suspended: its credentials open no doors. Defaults to `false`.",
				Optional:            true, Computed: true, Default: booldefault.StaticBool(false),
			},
			"acs_user_id":   schema.StringAttribute{MarkdownDescription: "ID of the ACS user.", Computed: true, PlanModifiers: unchanged},
			"display_name":  schema.StringAttribute{MarkdownDescription: "Name that Seam displays for the ACS user.", Computed: true},
			"external_type": schema.StringAttribute{MarkdownDescription: "What the access system's brand calls the ACS user, such as `salto_site_user`. Null if not reported by Seam.", Computed: true, PlanModifiers: unchanged},
			"workspace_id":  schema.StringAttribute{MarkdownDescription: "ID of the workspace that the ACS user belongs to.", Computed: true, PlanModifiers: unchanged},
		},
	}
}

func (r *acsUserResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"acs_user_id": identityschema.StringAttribute{Description: "ID of the ACS user.", RequiredForImport: true},
	}}
}

// ModifyPlan keeps the display name unless the values that Seam may make it of change.
// Two creations with one email address in one access system are an error.
func (r *acsUserResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var planned, prior acsUserModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...); resp.Diagnostics.HasError() {
		return
	}
	if req.State.Raw.IsNull() {
		if r.seam != nil && !planned.ACSSystemID.IsUnknown() {
			email := planned.EmailAddress.ValueString()
			acsUserKind.claim(r.seam, &resp.Diagnostics, planned, "email_address", email, people.FoldEmail(email)+" in "+strings.ToLower(planned.ACSSystemID.ValueString()),
				"The provider creates only one ACS user per email address in an access system.")
		}
		return
	}
	if resp.Diagnostics.Append(req.State.Get(ctx, &prior)...); resp.Diagnostics.HasError() {
		return
	}
	if strings.EqualFold(planned.ACSSystemID.ValueString(), prior.ACSSystemID.ValueString()) { // else it is replaced
		r.refuseChange(planned, prior, &resp.Diagnostics)
	}
	if sameText(planned.FullName, prior.FullName, people.SameName) && sameText(planned.EmailAddress, prior.EmailAddress, people.SameEmail) && planned.PhoneNumber.Equal(prior.PhoneNumber) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("display_name"), prior.DisplayName)...)
	}
}

// refuseChange refuses what Seam has no request for.
func (r *acsUserResource) refuseChange(planned, prior acsUserModel, diags *diag.Diagnostics) {
	const advice = "No request of Seam's API does this. To create a new ACS user instead, which deletes the old one and its credentials, run terraform taint."
	if planned.EmailAddress.IsNull() && prior.EmailAddress.ValueString() != "" {
		diags.AddAttributeError(path.Root("email_address"), "The email address of an ACS user cannot be removed", advice)
	}
	schedule := planned.schedule()
	if schedule == nil || !schedule.EndsAt.IsNull() {
		return
	}
	if was := prior.schedule(); was == nil || !was.EndsAt.IsNull() || !people.SameMoment(schedule.StartsAt.ValueString(), was.StartsAt.ValueString()) {
		diags.AddAttributeError(path.Root("access_schedule"), "An existing ACS user cannot be given a schedule without ends_at", advice)
	}
}

func (r *acsUserResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	var model acsUserModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	created, lookalikes, err := r.seam.acsUsers.Create(ctx, model.known())
	if err != nil {
		summary := "Cannot create an ACS user for " + excerpt(model.FullName.ValueString())
		if seam.IsNotFound(err, seam.TypeACSSystemNotFound) {
			appendNoSuch(&resp.Diagnostics, "acs_system_id", "access system", model.ACSSystemID.ValueString(), theWorkspace(ctx, r.seam))
			return
		}
		saved := isEffectUnknown(err) && model.EmailAddress.ValueString() != ""
		acsUserKind.appendCreateError(&resp.Diagnostics, r.seam, summary, err, saved, "access system "+model.ACSSystemID.ValueString())
		if saved {
			// There may be one. With the error, Terraform saves it as tainted, and the
			// next read recognizes it by its values.
			model.ACSUserID = types.StringNull()
			model.created(seam.ACSUser{WorkspaceID: noteDoubt(ctx, r.seam, resp)})
			resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
		}
		return
	}
	appendLookalikes(&resp.Diagnostics, created, lookalikes)
	appendReports(&resp.Diagnostics, created)
	suspend := model.IsSuspended.ValueBool()
	model.ACSUserID, model.IsSuspended = types.StringNull(), types.BoolValue(created.IsSuspended)
	model.created(created)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, model.identity())...)
	if suspend == created.IsSuspended {
		return
	}
	if _, err := r.seam.acsUsers.SetSuspended(ctx, created, suspend); err != nil {
		acsUserKind.appendChangeError(&resp.Diagnostics, r.seam, fmt.Sprintf("Cannot suspend ACS user %s, which was created and is saved in state as tainted", created.ACSUserID), "suspended", err)
		return
	}
	model.IsSuspended = types.BoolValue(suspend)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// created takes over what Seam adds to the planned values. What is pending in the
// access system counts as what was planned.
func (m *acsUserModel) created(user seam.ACSUser) {
	m.ACSUserID = keepID(m.ACSUserID, user.ACSUserID)
	m.DisplayName, m.ExternalType, m.WorkspaceID = textOrNull(user.DisplayName), textOrNull(user.ExternalType), textOrNull(user.WorkspaceID)
}

func (r *acsUserResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model acsUserModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, model.identity())...)
	user := readPerson(ctx, &r.withSeam, acsUserKind, model.ACSUserID.ValueString(), req, resp, func(settled bool) (*seam.ACSUser, error) {
		return r.seam.acsUsers.Read(ctx, model.known(), settled)
	})
	if user == nil {
		return
	}
	appendReports(&resp.Diagnostics, *user)
	model.read(*user)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, model.identity())...)
}

func (r *acsUserResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	var planned, prior acsUserModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	summary := "Cannot update ACS user " + prior.ACSUserID.ValueString()
	latest := prior.known()
	// A suspension shuts doors, and comes first; the end of one opens them, and comes last.
	suspend := func() (err error) {
		if !planned.IsSuspended.Equal(prior.IsSuspended) {
			latest, err = r.seam.acsUsers.SetSuspended(ctx, prior.known(), planned.IsSuspended.ValueBool())
		}
		return err
	}
	update := func() (err error) {
		latest, err = r.seam.acsUsers.Update(ctx, prior.known(), planned.known())
		return err
	}
	steps := []func() error{update, suspend}
	if planned.IsSuspended.ValueBool() {
		slices.Reverse(steps)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			acsUserKind.appendChangeError(&resp.Diagnostics, r.seam, summary, "updated", err)
			return
		}
	}
	appendReports(&resp.Diagnostics, latest)
	planned.created(latest)
	resp.Diagnostics.Append(resp.State.Set(ctx, planned)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, planned.identity())...)
}

func (r *acsUserResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	var model acsUserModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	if err := r.seam.acsUsers.Delete(ctx, model.known(), settled(ctx, r.seam, req.Private)); err != nil {
		acsUserKind.appendChangeError(&resp.Diagnostics, r.seam, strings.TrimSpace("Cannot delete ACS user "+model.ACSUserID.ValueString()), "deleted", err)
	}
}

func (r *acsUserResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.ready(&resp.Diagnostics) {
		return
	}
	user, _ := importPerson(ctx, r.seam, acsUserKind, req, resp, r.seam.acsUsers.Find)
	if user == nil {
		return
	}
	var model acsUserModel
	model.read(*user)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, model.identity())...)
}

// appendLookalikes warns that a new record may be the second one of a person.
func appendLookalikes(diags *diag.Diagnostics, created seam.ACSUser, lookalikes []people.Lookalike) {
	for _, lookalike := range lookalikes {
		diags.AddAttributeWarning(path.Root(lookalike.Field), "ACS user may be the second record of a person",
			fmt.Sprintf("ACS user %s was created, and ACS user %s has the same %s in this access system. If both are records of one person, delete one of them.",
				created.ACSUserID, lookalike.ACSUser.ACSUserID, lookalike.Field))
	}
}

// acsUserReports are what an access system reports about an ACS user: what it means,
// and what to do.
var acsUserReports = []struct{ code, meaning, advice string }{
	{"deleted_externally", "The ACS user was deleted in its access system. Seam keeps its record, which grants no access.", "Replace the resource to create the ACS user again, or remove it."},
	{"failed_to_create_on_acs_system", "The access system did not create the ACS user, so it has no access yet.", "Check the person's details and the access system's limits in the Seam Console."},
	{"failed_to_update_on_acs_system", "The access system did not carry out the latest change of the ACS user.", "Check the person's details in the Seam Console, and apply the change again."},
	{"failed_to_delete_on_acs_system", "The access system did not delete the ACS user, which may still have access.", "Delete the record in the access system."},
	{"salto_ks_subscription_limit_exceeded", "The Salto KS site has no subscription left for the ACS user, so it has no access.", "Raise the limit of subscriptions, or unsubscribe another user."},
	{"latch_conflict_with_resident_user", "A resident of the Latch property has the same email address or phone number, so the ACS user has no access.", "Use another email address and phone number, or manage the resident in Latch."},
	{"latch_resident_user", "The ACS user is a resident of the Latch property, which Latch does not let Seam change.", "Manage the resident in Latch."},
	{"salto_ks_user_not_subscribed", "The ACS user is not subscribed to the Salto KS site, so it has no access.", "Subscribe the user in Salto KS."},
	{"acs_user_inactive", "The ACS user is not active in its access system, so it has no access.", "Activate the record in the access system."},
	{"unknown_issue_with_acs_user", "The access system reports a problem with the ACS user.", "Check it in the Seam Console."},
	{"being_deleted", "Seam is deleting the ACS user.", "Remove the resource, or apply again when it is gone to create a new one."},
	{"creating", "The access system has not created the ACS user yet, so it has no access yet.", "No action is needed."},
	{"deferring_creation", "The access system will create the ACS user later, for example when its access begins.", "No action is needed."},
}

// appendReports tells what the access system reports about an ACS user.
func appendReports(diags *diag.Diagnostics, user seam.ACSUser) {
	codes := map[string]bool{}
	for _, problem := range user.Errors {
		codes[problem.ErrorCode] = true
	}
	for _, warning := range user.Warnings {
		codes[warning.WarningCode] = true
	}
	for _, mutation := range user.PendingMutations {
		codes[mutation.MutationCode] = true
	}
	for _, report := range acsUserReports {
		if codes[report.code] {
			diags.AddWarning("Access system reports "+report.code, fmt.Sprintf("ACS user %s: %s %s", user.ACSUserID, report.meaning, report.advice))
		}
	}
}
