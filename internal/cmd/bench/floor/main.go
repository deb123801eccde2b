// Command floor is a provider that does nothing. It has the name of the Seam provider and
// a link resource of the same shape, and calls no API: what a command takes with it is
// what Terraform and the plugin protocol take.
//
// SEAM_FLOOR_CREATE, SEAM_FLOOR_READ and SEAM_FLOOR_DELETE are durations such as 100ms.
// They say how long an operation waits, as for an API that is far away. Only
// internal/cmd/bench builds and runs this program.
package main

import (
	"cmp"
	"context"
	"log"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	w := waits{duration("SEAM_FLOOR_CREATE"), duration("SEAM_FLOOR_READ"), duration("SEAM_FLOOR_DELETE")}
	opts := providerserver.ServeOpts{Address: "registry.terraform.io/seamapi/seam"}
	if err := providerserver.Serve(context.Background(), newFloorProvider(w), opts); err != nil {
		log.Fatal(err)
	}
}

func duration(variable string) time.Duration {
	d, err := time.ParseDuration(cmp.Or(os.Getenv(variable), "0s"))
	if err != nil {
		log.Fatalf("%s: %v", variable, err)
	}
	return d
}

// waits is how long each operation waits.
type waits struct{ create, read, delete time.Duration }

type floorProvider struct{ waits }

func newFloorProvider(w waits) func() provider.Provider {
	return func() provider.Provider { return floorProvider{w} }
}

func (floorProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "seam"
}

func (floorProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (floorProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (p floorProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return floorResource(p) }}
}

func (floorProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

var _ resource.ResourceWithIdentity = floorResource{}

// floorResource has the attributes, the kinds of plan modifiers and the identity of a
// link. It does what Terraform requires, and waits.
type floorResource struct{ waits }

type identityModel struct {
	UserIdentityID types.String `tfsdk:"user_identity_id"`
	ACSUserID      types.String `tfsdk:"acs_user_id"`
}

type model struct {
	identityModel

	ACSSystemID types.String `tfsdk:"acs_system_id"`
	WorkspaceID types.String `tfsdk:"workspace_id"`
}

func (floorResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user_identity_acs_user"
}

func (floorResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	required := schema.StringAttribute{Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}}
	computed := schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"user_identity_id": required, "acs_user_id": required, "acs_system_id": computed, "workspace_id": computed,
	}}
}

func (floorResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	id := identityschema.StringAttribute{RequiredForImport: true}
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{"user_identity_id": id, "acs_user_id": id}}
}

func (r floorResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	wait(ctx, r.create, &resp.Diagnostics)
	m.ACSSystemID = types.StringValue("00000000-0000-4000-8000-000000000001")
	m.WorkspaceID = types.StringValue("00000000-0000-4000-8000-000000000002")
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identityModel)...)
}

func (r floorResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m model
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	wait(ctx, r.read, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identityModel)...)
}

func (floorResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (r floorResource) Delete(ctx context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	wait(ctx, r.delete, &resp.Diagnostics)
}

// wait takes as long as requests, and sends none.
func wait(ctx context.Context, d time.Duration, diagnostics *diag.Diagnostics) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
		diagnostics.AddError("Interrupted", ctx.Err().Error())
	}
}
