package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

var _ datasource.DataSourceWithConfigure = (*acsAccessGroupsDataSource)(nil)

// acsAccessGroupsDataSource lists access groups.
type acsAccessGroupsDataSource struct{ dataSourceWithSeam }

func newACSAccessGroupsDataSource() datasource.DataSource { return &acsAccessGroupsDataSource{} }

type acsAccessGroupsDataSourceModel struct {
	ACSSystemID     types.String                    `tfsdk:"acs_system_id"`
	ACSUserID       types.String                    `tfsdk:"acs_user_id"`
	ACSAccessGroups []acsAccessGroupDataSourceModel `tfsdk:"acs_access_groups"`
}

func (d *acsAccessGroupsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_acs_access_groups"
}

func (d *acsAccessGroupsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the access groups of a workspace. If several filters are set, an access group must match all of them.\n\n" +
			"For `for_each`, use `acs_access_group_id` as the key: names can change.",
		Attributes: map[string]schema.Attribute{
			"acs_system_id": schema.StringAttribute{
				MarkdownDescription: "ID of an access system, a UUID. Returns only its access groups, and an error if it does not exist.",
				Optional:            true,
				Validators:          []validator.String{uuidValidator{}},
			},
			"acs_user_id": schema.StringAttribute{
				MarkdownDescription: "ID of an ACS user, a UUID. Returns only the access groups that it is a member of, and an error if it does not exist.",
				Optional:            true,
				Validators:          []validator.String{uuidValidator{}},
			},
			"acs_access_groups": schema.ListNestedAttribute{
				MarkdownDescription: "The access groups, in order of creation.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: acsAccessGroupAttributes()},
			},
		},
	}
}

func (d *acsAccessGroupsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	readDataSource[acsAccessGroupsDataSourceModel](ctx, &d.withSeam, req, resp)
}

func (m *acsAccessGroupsDataSourceModel) subject() string { return "the list of access groups" }

// answer holds that what the filters name exists. Its absence would look like an
// empty list, and an empty for_each like the end of many memberships.
func (m *acsAccessGroupsDataSourceModel) answer(ctx context.Context, data *configured, diags *diag.Diagnostics) {
	groups, err := data.client.ListAccessGroups(ctx, seam.AccessGroupsFilter{ACSSystemID: m.ACSSystemID.ValueString(), ACSUserID: m.ACSUserID.ValueString()})
	missing := seam.IsNotFound(err, seam.TypeACSSystemNotFound) || seam.IsNotFound(err, seam.TypeACSUserNotFound)
	if len(groups) == 0 && (err == nil || missing) && !m.filtersExist(ctx, data, diags) {
		return
	}
	if err != nil {
		appendCannotRead(diags, data, m.subject(), err)
		return
	}
	slices.SortFunc(groups, func(a, b seam.AccessGroup) int {
		return byAge(a.CreatedAt, a.ACSAccessGroupID, b.CreatedAt, b.ACSAccessGroupID)
	})
	m.ACSAccessGroups = make([]acsAccessGroupDataSourceModel, 0, len(groups))
	for _, group := range groups {
		m.ACSAccessGroups = append(m.ACSAccessGroups, newACSAccessGroupModel(group))
	}
}

func (m *acsAccessGroupsDataSourceModel) filtersExist(ctx context.Context, data *configured, diags *diag.Diagnostics) bool {
	if !m.ACSSystemID.IsNull() {
		if _, ok := askedACSSystem(ctx, diags, data, "acs_system_id", m.ACSSystemID.ValueString()); !ok {
			return false
		}
	}
	if !m.ACSUserID.IsNull() {
		_, ok := askedACSUser(ctx, diags, data, m.ACSUserID.ValueString())
		return ok
	}
	return true
}
