package provider

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

var (
	_ datasource.DataSourceWithConfigure        = (*acsAccessGroupDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*acsAccessGroupDataSource)(nil)
)

// acsAccessGroupDataSource looks up one access group.
type acsAccessGroupDataSource struct{ dataSourceWithSeam }

func newACSAccessGroupDataSource() datasource.DataSource { return &acsAccessGroupDataSource{} }

type acsAccessGroupDataSourceModel struct {
	ACSAccessGroupID        types.String           `tfsdk:"acs_access_group_id"`
	ACSSystemID             types.String           `tfsdk:"acs_system_id"`
	Name                    types.String           `tfsdk:"name"`
	DisplayName             types.String           `tfsdk:"display_name"`
	WorkspaceID             types.String           `tfsdk:"workspace_id"`
	ConnectedAccountID      types.String           `tfsdk:"connected_account_id"`
	ExternalType            types.String           `tfsdk:"external_type"`
	ExternalTypeDisplayName types.String           `tfsdk:"external_type_display_name"`
	CreatedAt               types.String           `tfsdk:"created_at"`
	Errors                  []errorModel           `tfsdk:"errors"`
	Warnings                []warningModel         `tfsdk:"warnings"`
	PendingMutations        []pendingMutationModel `tfsdk:"pending_mutations"`
}

func (d *acsAccessGroupDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_acs_access_group"
}

func (d *acsAccessGroupDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := acsAccessGroupAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"acs_access_group_id": schema.StringAttribute{
			MarkdownDescription: "ID of the access group, a UUID, case-insensitive.",
			Optional:            true, Computed: true,
			Validators: []validator.String{uuidValidator{}},
		},
		"acs_system_id": schema.StringAttribute{
			MarkdownDescription: "ID of the access system that the access group belongs to, a UUID. " +
				"Required with `name`, which is searched in this access system only. Conflicts with `acs_access_group_id`.",
			Optional: true, Computed: true,
			Validators: []validator.String{uuidValidator{}, stringvalidator.ConflictsWith(path.MatchRoot("acs_access_group_id"))},
		},
		"name": schema.StringAttribute{
			MarkdownDescription: "Name of the access group. " + byName.explanation,
			Optional:            true, Computed: true,
			Validators: append(lookupText(), stringvalidator.AlsoRequires(path.MatchRoot("acs_system_id"))),
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks up an access group, a group of ACS users in one access system that decides which doors their credentials open, " +
			"by `acs_access_group_id` or, within the access system `acs_system_id`, by `name`. " +
			"Returns an error that lists the candidates if none or several match.",
		Attributes: attributes,
	}
}

// acsAccessGroupAttributes describes an access group as it is listed.
func acsAccessGroupAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"acs_access_group_id":        computedText("ID of the access group."),
		"acs_system_id":              computedText("ID of the access system that the access group belongs to."),
		"name":                       computedText("Name of the access group."),
		"display_name":               computedText("Name that Seam displays for the access group."),
		"workspace_id":               computedText("ID of the workspace that the access group belongs to."),
		"connected_account_id":       computedText("ID of the connected account through which Seam reaches the access system."),
		"external_type":              computedText("Type of the access group in the access system, such as `salto_ks_access_group`. Null if not reported by Seam."),
		"external_type_display_name": computedText("Human-readable type of the access group. Null if not reported by Seam."),
		"created_at":                 computedText("Date and time at which the access group was created, in RFC 3339 form."),
		"errors":                     errorsAttribute("access group"),
		"warnings":                   warningsAttribute("access group"),
		"pending_mutations":          pendingMutationsAttribute(),
	}
}

func (d *acsAccessGroupDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("acs_access_group_id"), path.MatchRoot("name"))}
}

func (d *acsAccessGroupDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	readDataSource[acsAccessGroupDataSourceModel](ctx, &d.withSeam, req, resp)
}

func (m *acsAccessGroupDataSourceModel) subject() string {
	if !m.ACSAccessGroupID.IsNull() {
		return "access group " + m.ACSAccessGroupID.ValueString()
	}
	return m.question().subject()
}

func (m *acsAccessGroupDataSourceModel) question() question {
	return question{
		thing: "access group", things: "access groups", idAttribute: "acs_access_group_id",
		attribute: "name", rule: byName, value: m.Name.ValueString(), reading: readWhole,
	}
}

func (m *acsAccessGroupDataSourceModel) answer(ctx context.Context, data *configured, diags *diag.Diagnostics) {
	lookUp := m.byID
	if m.ACSAccessGroupID.IsNull() {
		lookUp = m.byName
	}
	group, ok := lookUp(ctx, data, diags)
	if !ok {
		return
	}
	written := *m
	*m = newACSAccessGroupModel(group)
	m.ACSAccessGroupID = keepWritten(written.ACSAccessGroupID, m.ACSAccessGroupID)
	m.ACSSystemID = keepWritten(written.ACSSystemID, m.ACSSystemID)
	m.Name = keepWritten(written.Name, m.Name)
}

func newACSAccessGroupModel(group seam.AccessGroup) acsAccessGroupDataSourceModel {
	return acsAccessGroupDataSourceModel{
		ACSAccessGroupID:        types.StringValue(group.ACSAccessGroupID),
		ACSSystemID:             textOrNull(group.ACSSystemID),
		Name:                    textOrNull(group.Name),
		DisplayName:             textOrNull(group.DisplayName),
		WorkspaceID:             textOrNull(group.WorkspaceID),
		ConnectedAccountID:      textOrNull(group.ConnectedAccountID),
		ExternalType:            textOrNull(group.ExternalType),
		ExternalTypeDisplayName: textOrNull(group.ExternalTypeDisplayName),
		CreatedAt:               textOrNull(group.CreatedAt),
		Errors:                  newErrorModels(group.Errors),
		Warnings:                newWarningModels(group.Warnings),
		PendingMutations:        newPendingMutationModels(group.PendingMutations),
	}
}

func (m *acsAccessGroupDataSourceModel) byID(ctx context.Context, data *configured, diags *diag.Diagnostics) (seam.AccessGroup, bool) {
	id := m.ACSAccessGroupID.ValueString()
	group, err := data.client.GetAccessGroup(ctx, id)
	switch {
	case seam.IsNotFound(err, seam.TypeAccessGroupNotFound):
		appendNoSuch(diags, "acs_access_group_id", "access group", id, theWorkspace(ctx, data))
		return seam.AccessGroup{}, false
	case err != nil:
		appendCannotRead(diags, data, m.subject(), err)
		return seam.AccessGroup{}, false
	}
	return group, true
}

// byName lists all access groups of the access system at once: they are few, and
// Seam's list of them has no pages.
func (m *acsAccessGroupDataSourceModel) byName(ctx context.Context, data *configured, diags *diag.Diagnostics) (seam.AccessGroup, bool) {
	systemID := m.ACSSystemID.ValueString()
	place := func() (string, bool) { return theACSSystem(ctx, diags, data, "acs_system_id", systemID) }
	return findOne(ctx, data, diags, m.question(), place, acsAccessGroupRecord, func(ctx context.Context, _ string) iter.Seq2[seam.AccessGroup, error] {
		groups, err := data.client.ListAccessGroups(ctx, seam.AccessGroupsFilter{ACSSystemID: systemID})
		// Seam's filter does this already. A group of another building must not be the
		// answer if it fails to.
		ours := slices.DeleteFunc(groups, func(group seam.AccessGroup) bool { return !strings.EqualFold(group.ACSSystemID, systemID) })
		return sequence(ours, err)
	})
}

func acsAccessGroupRecord(group seam.AccessGroup) record {
	return record{
		id: group.ACSAccessGroupID, createdAt: group.CreatedAt, beingDeleted: group.BeingDeleted(),
		name: group.Name, display: group.DisplayName, kind: group.ExternalTypeDisplayName,
	}
}
