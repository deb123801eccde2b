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

var _ datasource.DataSourceWithConfigure = (*acsUsersDataSource)(nil)

// acsUsersDataSource lists ACS users.
type acsUsersDataSource struct{ dataSourceWithSeam }

func newACSUsersDataSource() datasource.DataSource { return &acsUsersDataSource{} }

type acsUsersDataSourceModel struct {
	ACSSystemID              types.String             `tfsdk:"acs_system_id"`
	UserIdentityID           types.String             `tfsdk:"user_identity_id"`
	UserIdentityEmailAddress types.String             `tfsdk:"user_identity_email_address"`
	UserIdentityPhoneNumber  types.String             `tfsdk:"user_identity_phone_number"`
	Search                   types.String             `tfsdk:"search"`
	CreatedBefore            types.String             `tfsdk:"created_before"`
	ACSUsers                 []acsUserAttributesModel `tfsdk:"acs_users"`
}

func (d *acsUsersDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_acs_users"
}

func (d *acsUsersDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the ACS users of a workspace, linked or not. An ACS user is returned if it matches all filters.\n\n" +
			"For `for_each`, use `acs_user_id` as the key: it is the only attribute that is never null and never changes.",
		Attributes: map[string]schema.Attribute{
			"acs_system_id": schema.StringAttribute{
				MarkdownDescription: "ID of an access system, a UUID. Returns only its ACS users, and an error if it does not exist. Without it, the ACS users of all access systems are returned.",
				Optional:            true,
				Validators:          []validator.String{uuidValidator{}},
			},
			"user_identity_id": schema.StringAttribute{
				MarkdownDescription: "ID of a user identity, a UUID. Returns only the ACS users that are linked to it, and an error if it does not exist. " +
					"For the ID of an identity that was merged into another one, the ACS users of the primary are returned, with a warning.",
				Optional:   true,
				Validators: []validator.String{uuidValidator{}},
			},
			"user_identity_email_address": schema.StringAttribute{
				MarkdownDescription: "Email address of a user identity. Returns only the ACS users that are linked to it. Seam compares the addresses.",
				Optional:            true,
				Validators:          lookupText(),
			},
			"user_identity_phone_number": schema.StringAttribute{
				MarkdownDescription: "Phone number of a user identity in E.164 form, such as `+15555550100`. Returns only the ACS users that are linked to it.",
				Optional:            true,
				Validators:          []validator.String{e164()},
			},
			"search": schema.StringAttribute{
				MarkdownDescription: "Text that is part of a name, phone number, email address or ID of the ACS user or its user identity. " +
					"It is a partial match: to look up one person, use `seam_acs_user`.",
				Optional:   true,
				Validators: lookupText(),
			},
			"created_before": schema.StringAttribute{
				MarkdownDescription: "Date and time in RFC 3339 form, such as `2026-11-24T08:00:00Z`. Returns only the ACS users that were created before it.",
				Optional:            true,
				Validators:          []validator.String{timestampValidator{}},
			},
			"acs_users": schema.ListNestedAttribute{
				MarkdownDescription: "The ACS users, in order of creation.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: acsUserAttributes()},
			},
		},
	}
}

func (d *acsUsersDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	readDataSource[acsUsersDataSourceModel](ctx, &d.withSeam, req, resp)
}

func (m *acsUsersDataSourceModel) subject() string { return "the list of ACS users" }

// answer holds that what the filters name exists. Its absence would look like an
// empty list, and an empty for_each like the end of many links.
func (m *acsUsersDataSourceModel) answer(ctx context.Context, data *configured, diags *diag.Diagnostics) {
	filter := seam.ACSUsersFilter{
		ACSSystemID:              m.ACSSystemID.ValueString(),
		UserIdentityEmailAddress: m.UserIdentityEmailAddress.ValueString(),
		UserIdentityPhoneNumber:  m.UserIdentityPhoneNumber.ValueString(),
		Search:                   m.Search.ValueString(),
		CreatedBefore:            inUTC(m.CreatedBefore.ValueString()),
	}
	if !m.UserIdentityID.IsNull() {
		identity, ok := askedIdentity(ctx, diags, data, "user_identity_id", m.UserIdentityID.ValueString())
		if !ok {
			return
		}
		filter.UserIdentityID = identity.UserIdentityID
	}
	users, err := collect(data.client.ACSUsers(ctx, filter, 0))
	if len(users) == 0 && !m.ACSSystemID.IsNull() && (err == nil || seam.IsNotFound(err, seam.TypeACSSystemNotFound)) {
		if _, ok := askedACSSystem(ctx, diags, data, "acs_system_id", m.ACSSystemID.ValueString()); !ok {
			return
		}
	}
	if err != nil {
		appendCannotRead(diags, data, m.subject(), err)
		return
	}
	slices.SortFunc(users, func(a, b seam.ACSUser) int { return byAge(a.CreatedAt, a.ACSUserID, b.CreatedAt, b.ACSUserID) })
	m.ACSUsers = make([]acsUserAttributesModel, 0, len(users))
	for _, user := range users {
		m.ACSUsers = append(m.ACSUsers, newACSUserAttributesModel(user))
	}
}
