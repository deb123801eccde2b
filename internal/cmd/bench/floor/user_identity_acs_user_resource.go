package main

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ resource.ResourceWithIdentity = floorResource{}

// floorResource has the attributes, the kinds of plan modifiers and the identity
// of a link. It does what Terraform requires, waits, and does nothing else.
type floorResource struct{ waits }

type model struct {
	UserIdentityID types.String `tfsdk:"user_identity_id"`
	ACSUserID      types.String `tfsdk:"acs_user_id"`
	ACSSystemID    types.String `tfsdk:"acs_system_id"`
	WorkspaceID    types.String `tfsdk:"workspace_id"`
}

type identityModel struct {
	UserIdentityID types.String `tfsdk:"user_identity_id"`
	ACSUserID      types.String `tfsdk:"acs_user_id"`
}

func (m model) identity() identityModel {
	return identityModel{UserIdentityID: m.UserIdentityID, ACSUserID: m.ACSUserID}
}

func (floorResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user_identity_acs_user"
}

func (floorResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	required := schema.StringAttribute{
		Required:      true,
		PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
	computed := schema.StringAttribute{
		Computed:      true,
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
	resp.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"user_identity_id": required,
			"acs_user_id":      required,
			"acs_system_id":    computed,
			"workspace_id":     computed,
		},
	}
}

func (floorResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	id := identityschema.StringAttribute{RequiredForImport: true}
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{"user_identity_id": id, "acs_user_id": id},
	}
}

func (r floorResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	if err := wait(ctx, r.create); err != nil {
		resp.Diagnostics.AddError("Cannot add", err.Error())
		return
	}
	m.ACSSystemID = types.StringValue("00000000-0000-4000-8000-000000000001")
	m.WorkspaceID = types.StringValue("00000000-0000-4000-8000-000000000002")
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
}

func (r floorResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m model
	if resp.Diagnostics.Append(req.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	if err := wait(ctx, r.read); err != nil {
		resp.Diagnostics.AddError("Cannot read", err.Error())
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
}

func (floorResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (r floorResource) Delete(ctx context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	if err := wait(ctx, r.delete); err != nil {
		resp.Diagnostics.AddError("Cannot remove", err.Error())
	}
}

// wait takes as long as requests, and sends none.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
