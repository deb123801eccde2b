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

var _ datasource.DataSourceWithConfigure = (*acsSystemsDataSource)(nil)

// acsSystemsDataSource lists access systems.
type acsSystemsDataSource struct{ dataSourceWithSeam }

func newACSSystemsDataSource() datasource.DataSource { return &acsSystemsDataSource{} }

type acsSystemsDataSourceModel struct {
	ConnectedAccountID types.String               `tfsdk:"connected_account_id"`
	ACSSystems         []acsSystemDataSourceModel `tfsdk:"acs_systems"`
}

func (d *acsSystemsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_acs_systems"
}

func (d *acsSystemsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the access systems of a workspace.\n\nFor `for_each`, use `acs_system_id` as the key: names can change.",
		Attributes: map[string]schema.Attribute{
			"connected_account_id": schema.StringAttribute{
				MarkdownDescription: "ID of a connected account, a UUID. Returns only the access systems of that account.",
				Optional:            true,
				Validators:          []validator.String{uuidValidator{}},
			},
			"acs_systems": schema.ListNestedAttribute{
				MarkdownDescription: "The access systems, in order of creation.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: acsSystemAttributes()},
			},
		},
	}
}

func (d *acsSystemsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	readDataSource[acsSystemsDataSourceModel](ctx, &d.withSeam, req, resp)
}

func (m *acsSystemsDataSourceModel) subject() string { return "the list of access systems" }

func (m *acsSystemsDataSourceModel) answer(ctx context.Context, data *configured, diags *diag.Diagnostics) {
	systems, err := data.client.ListACSSystems(ctx, seam.ACSSystemsFilter{ConnectedAccountID: m.ConnectedAccountID.ValueString()})
	if err != nil {
		appendCannotRead(diags, data, m.subject(), err)
		return
	}
	slices.SortFunc(systems, func(a, b seam.ACSSystem) int { return byAge(a.CreatedAt, a.ACSSystemID, b.CreatedAt, b.ACSSystemID) })
	m.ACSSystems = make([]acsSystemDataSourceModel, 0, len(systems))
	for _, system := range systems {
		m.ACSSystems = append(m.ACSSystems, newACSSystemModel(system))
	}
}
