package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*workspaceDataSource)(nil)

// workspaceDataSource reads the workspace in use.
type workspaceDataSource struct{ dataSourceWithSeam }

func newWorkspaceDataSource() datasource.DataSource { return &workspaceDataSource{} }

// workspaceDataSourceModel leaves out the publishable key, which is a credential.
type workspaceDataSourceModel struct {
	WorkspaceID        types.String `tfsdk:"workspace_id"`
	Name               types.String `tfsdk:"name"`
	ConnectPartnerName types.String `tfsdk:"connect_partner_name"`
	CompanyName        types.String `tfsdk:"company_name"`
	IsSandbox          types.Bool   `tfsdk:"is_sandbox"`
	IsSuspended        types.Bool   `tfsdk:"is_suspended"`
}

func (d *workspaceDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace"
}

func (d *workspaceDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the workspace that the provider's credentials reach.",
		Attributes: map[string]schema.Attribute{
			"workspace_id":         computedText("ID of the workspace."),
			"name":                 computedText("Name of the workspace."),
			"connect_partner_name": computedText("Name that Connect Webviews show as the partner. Null if not reported by Seam."),
			"company_name": schema.StringAttribute{
				MarkdownDescription: "Name of the company that the workspace belongs to. Null if not reported by Seam.",
				Computed:            true,
				DeprecationMessage:  "Use connect_partner_name instead. Seam has deprecated company_name.",
			},
			"is_sandbox": schema.BoolAttribute{
				MarkdownDescription: "Whether the workspace is a sandbox, with virtual devices and no real doors.",
				Computed:            true,
			},
			"is_suspended": schema.BoolAttribute{
				MarkdownDescription: "Whether Seam suspended the workspace, as it does with unused sandboxes.",
				Computed:            true,
			},
		},
	}
}

func (d *workspaceDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	readDataSource[workspaceDataSourceModel](ctx, &d.withSeam, req, resp)
}

func (m *workspaceDataSourceModel) subject() string { return "the workspace" }

func (m *workspaceDataSourceModel) answer(ctx context.Context, data *configured, diags *diag.Diagnostics) {
	workspace, err := data.workspace.Get(ctx)
	if err != nil {
		appendCannotRead(diags, data, m.subject(), err)
		return
	}
	*m = workspaceDataSourceModel{
		WorkspaceID:        types.StringValue(workspace.WorkspaceID),
		Name:               textOrNull(workspace.Name),
		ConnectPartnerName: textOrNull(workspace.ConnectPartnerName),
		CompanyName:        textOrNull(workspace.CompanyName),
		IsSandbox:          types.BoolValue(workspace.IsSandbox),
		IsSuspended:        types.BoolValue(workspace.IsSuspended),
	}
}
