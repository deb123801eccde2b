package provider

import (
	"context"
	"iter"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

var (
	_ datasource.DataSourceWithConfigure        = (*acsSystemDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*acsSystemDataSource)(nil)
)

// acsSystemDataSource looks up one access system.
type acsSystemDataSource struct{ dataSourceWithSeam }

func newACSSystemDataSource() datasource.DataSource { return &acsSystemDataSource{} }

type acsSystemDataSourceModel struct {
	ACSSystemID             types.String   `tfsdk:"acs_system_id"`
	Name                    types.String   `tfsdk:"name"`
	WorkspaceID             types.String   `tfsdk:"workspace_id"`
	ConnectedAccountID      types.String   `tfsdk:"connected_account_id"`
	ExternalType            types.String   `tfsdk:"external_type"`
	ExternalTypeDisplayName types.String   `tfsdk:"external_type_display_name"`
	ACSUserCount            types.Int64    `tfsdk:"acs_user_count"`
	IsCredentialManager     types.Bool     `tfsdk:"is_credential_manager"`
	CreatedAt               types.String   `tfsdk:"created_at"`
	Errors                  []errorModel   `tfsdk:"errors"`
	Warnings                []warningModel `tfsdk:"warnings"`
}

func (d *acsSystemDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_acs_system"
}

func (d *acsSystemDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := acsSystemAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"acs_system_id": schema.StringAttribute{
			MarkdownDescription: "ID of the access system, a UUID, case-insensitive.",
			Optional:            true, Computed: true,
			Validators: []validator.String{uuidValidator{}},
		},
		"name": schema.StringAttribute{
			MarkdownDescription: "Name of the access system. " + byName.explanation,
			Optional:            true, Computed: true,
			Validators: lookupText(),
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks up an access system, a physical access control system that is connected to a workspace, by exactly one of `acs_system_id` and `name`. " +
			"Returns an error that lists the candidates if none or several match.",
		Attributes: attributes,
	}
}

// acsSystemAttributes describes an access system as it is listed.
func acsSystemAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"acs_system_id":              computedText("ID of the access system."),
		"name":                       computedText("Name of the access system."),
		"workspace_id":               computedText("ID of the workspace that the access system belongs to."),
		"connected_account_id":       computedText("ID of the connected account through which Seam reaches the access system."),
		"external_type":              computedText("Type of the access system, such as `salto_ks_site`. Null if not reported by Seam."),
		"external_type_display_name": computedText("Human-readable type of the access system. Null if not reported by Seam."),
		"acs_user_count": schema.Int64Attribute{
			MarkdownDescription: "Number of ACS users in the access system. Null if not reported by Seam.",
			Computed:            true,
		},
		"is_credential_manager": schema.BoolAttribute{
			MarkdownDescription: "Whether the access system manages credentials for other access systems.",
			Computed:            true,
		},
		"created_at": computedText("Date and time at which the access system was created, in RFC 3339 form."),
		"errors":     errorsAttribute("access system"),
		"warnings":   warningsAttribute("access system"),
	}
}

func (d *acsSystemDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("acs_system_id"), path.MatchRoot("name"))}
}

func (d *acsSystemDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	readDataSource[acsSystemDataSourceModel](ctx, &d.withSeam, req, resp)
}

func (m *acsSystemDataSourceModel) subject() string {
	if !m.ACSSystemID.IsNull() {
		return "access system " + m.ACSSystemID.ValueString()
	}
	return m.question().subject()
}

func (m *acsSystemDataSourceModel) question() question {
	return question{
		thing: "access system", things: "access systems", idAttribute: "acs_system_id",
		attribute: "name", rule: byName, value: m.Name.ValueString(), reading: readWhole,
	}
}

func (m *acsSystemDataSourceModel) answer(ctx context.Context, data *configured, diags *diag.Diagnostics) {
	var system seam.ACSSystem
	var ok bool
	if m.ACSSystemID.IsNull() {
		system, ok = m.byName(ctx, data, diags)
	} else {
		system, ok = askedACSSystem(ctx, diags, data, "acs_system_id", m.ACSSystemID.ValueString())
	}
	if !ok {
		return
	}
	written := *m
	*m = newACSSystemModel(system)
	m.ACSSystemID = keepWritten(written.ACSSystemID, m.ACSSystemID)
	m.Name = keepWritten(written.Name, m.Name)
}

func newACSSystemModel(system seam.ACSSystem) acsSystemDataSourceModel {
	return acsSystemDataSourceModel{
		ACSSystemID:             types.StringValue(system.ACSSystemID),
		Name:                    textOrNull(system.Name),
		WorkspaceID:             textOrNull(system.WorkspaceID),
		ConnectedAccountID:      textOrNull(system.ConnectedAccountID),
		ExternalType:            textOrNull(system.ExternalType),
		ExternalTypeDisplayName: textOrNull(system.ExternalTypeDisplayName),
		ACSUserCount:            types.Int64PointerValue(system.ACSUserCount),
		IsCredentialManager:     types.BoolValue(system.IsCredentialManager),
		CreatedAt:               textOrNull(system.CreatedAt),
		Errors:                  newErrorModels(system.Errors),
		Warnings:                newWarningModels(system.Warnings),
	}
}

// byName lists all access systems at once: they are few, and Seam's list of them
// has no pages.
func (m *acsSystemDataSourceModel) byName(ctx context.Context, data *configured, diags *diag.Diagnostics) (seam.ACSSystem, bool) {
	place := func() (string, bool) { return theWorkspace(ctx, data), true }
	return findOne(ctx, data, diags, m.question(), place, acsSystemRecord, func(ctx context.Context, _ string) iter.Seq2[seam.ACSSystem, error] {
		return sequence(data.client.ListACSSystems(ctx, seam.ACSSystemsFilter{}))
	})
}

// askedACSSystem returns the access system that an attribute of the configuration
// names by its id. It returns false, and says why, if there is none.
func askedACSSystem(ctx context.Context, diags *diag.Diagnostics, data *configured, attribute, acsSystemID string) (seam.ACSSystem, bool) {
	return acsSystemIn(ctx, diags, data, attribute, acsSystemID, func() string { return theWorkspace(ctx, data) })
}

// acsSystemIn is askedACSSystem with a name for the workspace, asked for only if there is
// no such access system.
func acsSystemIn(ctx context.Context, diags *diag.Diagnostics, data *configured, attribute, acsSystemID string, workspace func() string) (seam.ACSSystem, bool) {
	system, err := data.client.GetACSSystem(ctx, acsSystemID)
	switch {
	case seam.IsNotFound(err, seam.TypeACSSystemNotFound):
		appendNoSuch(diags, attribute, "access system", acsSystemID, workspace())
		return seam.ACSSystem{}, false
	case err != nil:
		appendCannotRead(diags, data, "access system "+acsSystemID, err)
		return seam.ACSSystem{}, false
	}
	return system, true
}

func acsSystemRecord(system seam.ACSSystem) record {
	return record{
		id: system.ACSSystemID, createdAt: system.CreatedAt,
		name: system.Name, kind: system.ExternalTypeDisplayName,
	}
}
