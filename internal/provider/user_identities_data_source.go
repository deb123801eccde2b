package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

var _ datasource.DataSourceWithConfigure = (*userIdentitiesDataSource)(nil)

// userIdentitiesDataSource lists user identities.
type userIdentitiesDataSource struct{ dataSourceWithSeam }

func newUserIdentitiesDataSource() datasource.DataSource { return &userIdentitiesDataSource{} }

type userIdentitiesDataSourceModel struct {
	UserIdentityIDs              []string                      `tfsdk:"user_identity_ids"`
	Search                       types.String                  `tfsdk:"search"`
	CredentialManagerACSSystemID types.String                  `tfsdk:"credential_manager_acs_system_id"`
	CreatedBefore                types.String                  `tfsdk:"created_before"`
	UserIdentities               []userIdentityAttributesModel `tfsdk:"user_identities"`
}

func (d *userIdentitiesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user_identities"
}

func (d *userIdentitiesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the user identities of a workspace. A user identity is returned if it matches all filters.\n\n" +
			"An identity that was merged into another one is not returned. Its ID is one of the `merged_user_identity_ids` of the primary.",
		Attributes: map[string]schema.Attribute{
			"user_identity_ids": schema.SetAttribute{
				MarkdownDescription: "IDs of user identities, UUIDs. Returns only these. IDs that do not exist are listed in a warning, unless there are other filters. " +
					"An empty set returns none.",
				ElementType: types.StringType,
				Optional:    true,
				Validators:  []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(uuidValidator{})},
			},
			"search": schema.StringAttribute{
				MarkdownDescription: "Text that is part of a name, phone number, email address or ID of the user identity. " +
					"It is a partial match: to look up one person, use `seam_user_identity`.",
				Optional:   true,
				Validators: lookupText(),
			},
			"credential_manager_acs_system_id": schema.StringAttribute{
				MarkdownDescription: "ID of an access system that manages credentials, a UUID. Returns only the user identities that it manages, " +
					"and an error if it does not exist.",
				Optional:   true,
				Validators: []validator.String{uuidValidator{}},
			},
			"created_before": schema.StringAttribute{
				MarkdownDescription: "Date and time in RFC 3339 form, such as `2026-11-24T08:00:00Z`. Returns only the user identities that were created before it.",
				Optional:            true,
				Validators:          []validator.String{timestampValidator{}},
			},
			"user_identities": schema.ListNestedAttribute{
				MarkdownDescription: "The user identities, in order of creation.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: userIdentityAttributes()},
			},
		},
	}
}

func (d *userIdentitiesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	readDataSource[userIdentitiesDataSourceModel](ctx, &d.withSeam, req, resp)
}

func (m *userIdentitiesDataSourceModel) subject() string { return "the list of user identities" }

func (m *userIdentitiesDataSourceModel) answer(ctx context.Context, data *configured, diags *diag.Diagnostics) {
	m.UserIdentities = []userIdentityAttributesModel{}
	if m.UserIdentityIDs != nil && len(m.UserIdentityIDs) == 0 {
		return // whether Seam takes no ids for none or for all is not documented
	}
	identities, err := collect(data.client.UserIdentities(ctx, seam.UserIdentitiesFilter{
		UserIdentityIDs:              m.UserIdentityIDs,
		Search:                       m.Search.ValueString(),
		CredentialManagerACSSystemID: m.CredentialManagerACSSystemID.ValueString(),
		CreatedBefore:                inUTC(m.CreatedBefore.ValueString()),
	}, 0))
	if len(identities) == 0 && !m.CredentialManagerACSSystemID.IsNull() && (err == nil || seam.IsNotFound(err, seam.TypeACSSystemNotFound)) {
		if _, ok := askedACSSystem(ctx, diags, data, "credential_manager_acs_system_id", m.CredentialManagerACSSystemID.ValueString()); !ok {
			return
		}
	}
	if err != nil {
		appendCannotRead(diags, data, m.subject(), err)
		return
	}
	m.warnOfMissing(diags, identities)
	slices.SortFunc(identities, func(a, b seam.UserIdentity) int {
		return byAge(a.CreatedAt, a.UserIdentityID, b.CreatedAt, b.UserIdentityID)
	})
	for _, identity := range identities {
		m.UserIdentities = append(m.UserIdentities, newUserIdentityAttributesModel(identity))
	}
}

// warnOfMissing names the ids that find nothing. Where other filters leave
// identities out as well, that says nothing.
func (m *userIdentitiesDataSourceModel) warnOfMissing(diags *diag.Diagnostics, identities []seam.UserIdentity) {
	if !m.Search.IsNull() || !m.CredentialManagerACSSystemID.IsNull() || !m.CreatedBefore.IsNull() {
		return
	}
	there := map[string]bool{}
	for _, identity := range identities {
		for _, id := range append(slices.Clone(identity.MergedUserIdentityIDs), identity.UserIdentityID) {
			there[strings.ToLower(id)] = true
		}
	}
	missing := slices.DeleteFunc(slices.Clone(m.UserIdentityIDs), func(id string) bool { return there[strings.ToLower(id)] })
	if len(missing) == 0 {
		return
	}
	slices.Sort(missing)
	text := "  - " + strings.Join(missing[:min(len(missing), maxCandidates)], "\n  - ")
	if more := len(missing) - maxCandidates; more > 0 {
		text += fmt.Sprintf("\n  and %d more", more)
	}
	diags.AddAttributeWarning(path.Root("user_identity_ids"), "User identities are missing from the list",
		"Seam lists no user identity for these IDs. Resources created from this list will not include them:\n"+text+
			"\n\nThey may have been deleted, belong to another workspace, or have been merged into another identity. Check user_identity_ids, and that the provider's credentials belong to the right workspace.")
}
