package provider

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

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
	_ datasource.DataSourceWithConfigure        = (*userIdentityDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*userIdentityDataSource)(nil)
)

// userIdentityDataSource looks up one user identity.
type userIdentityDataSource struct{ dataSourceWithSeam }

func newUserIdentityDataSource() datasource.DataSource { return &userIdentityDataSource{} }

type userIdentityDataSourceModel struct {
	userIdentityAttributesModel

	PrimaryUserIdentityID types.String `tfsdk:"primary_user_identity_id"`
}

func (d *userIdentityDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user_identity"
}

func (d *userIdentityDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := userIdentityAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"user_identity_id": schema.StringAttribute{
			MarkdownDescription: "ID of the user identity, a UUID, case-insensitive. " +
				"For the ID of an identity that was merged into another one, the primary is returned, with a warning; " +
				"this attribute then keeps the configured ID, and `primary_user_identity_id` is the ID of the primary.",
			Optional: true, Computed: true,
			Validators: []validator.String{uuidValidator{}},
		},
		"user_identity_key": schema.StringAttribute{
			MarkdownDescription: "Key of the user identity in your app. Seam compares the keys. " +
				"For the key of an identity that was merged into another one, the primary is returned, with a warning. Null if the user identity has none.",
			Optional: true, Computed: true,
			Validators: lookupText(),
		},
		"email_address": schema.StringAttribute{
			MarkdownDescription: "Email address of the user identity. " + byEmailAddress.explanation + " Null if the user identity has none.",
			Optional:            true, Computed: true,
			Validators: lookupText(),
		},
		"phone_number": schema.StringAttribute{
			MarkdownDescription: "Phone number of the user identity in E.164 form, such as `+15555550100`. " + byPhoneNumber.explanation + " Null if the user identity has none.",
			Optional:            true, Computed: true,
			Validators: []validator.String{e164()},
		},
		"primary_user_identity_id": computedText("ID of the user identity, as reported by Seam. " +
			"It differs from `user_identity_id` if the configuration contains the ID of an identity that was merged into this one."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks up a user identity, a person's account in an app, by exactly one of `user_identity_id`, `user_identity_key`, `email_address` and `phone_number`. " +
			"Returns an error that lists the candidates if none or several match.",
		Attributes: attributes,
	}
}

func (d *userIdentityDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(
		path.MatchRoot("user_identity_id"), path.MatchRoot("user_identity_key"), path.MatchRoot("email_address"), path.MatchRoot("phone_number"),
	)}
}

func (d *userIdentityDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	readDataSource[userIdentityDataSourceModel](ctx, &d.withSeam, req, resp)
}

func (m *userIdentityDataSourceModel) subject() string {
	switch {
	case !m.UserIdentityID.IsNull():
		return "user identity " + m.UserIdentityID.ValueString()
	case !m.UserIdentityKey.IsNull():
		return "the user identity with key " + excerpt(m.UserIdentityKey.ValueString())
	default:
		return m.question().subject()
	}
}

// question is what a lookup by something other than an id or key asks.
func (m *userIdentityDataSourceModel) question() question {
	q := question{thing: "user identity", things: "user identities", idAttribute: "user_identity_id"}
	if !m.EmailAddress.IsNull() {
		q.attribute, q.rule, q.value = "email_address", byEmailAddress, m.EmailAddress.ValueString()
	} else {
		q.attribute, q.rule, q.value = "phone_number", byPhoneNumber, m.PhoneNumber.ValueString()
	}
	return q
}

func (m *userIdentityDataSourceModel) answer(ctx context.Context, data *configured, diags *diag.Diagnostics) {
	var identity seam.UserIdentity
	var ok bool
	switch {
	case !m.UserIdentityID.IsNull():
		identity, ok = askedIdentity(ctx, diags, data, "user_identity_id", m.UserIdentityID.ValueString())
	case !m.UserIdentityKey.IsNull():
		identity, ok = m.byKey(ctx, data, diags)
	default:
		identity, ok = m.bySearch(ctx, data, diags)
	}
	if !ok {
		return
	}
	written := m.userIdentityAttributesModel
	m.userIdentityAttributesModel = newUserIdentityAttributesModel(identity)
	m.PrimaryUserIdentityID = m.UserIdentityID
	m.UserIdentityID = keepWritten(written.UserIdentityID, m.UserIdentityID)
	m.UserIdentityKey = keepWritten(written.UserIdentityKey, m.UserIdentityKey)
	m.EmailAddress = keepWritten(written.EmailAddress, m.EmailAddress)
	m.PhoneNumber = keepWritten(written.PhoneNumber, m.PhoneNumber)
}

func (m *userIdentityDataSourceModel) byKey(ctx context.Context, data *configured, diags *diag.Diagnostics) (seam.UserIdentity, bool) {
	key := m.UserIdentityKey.ValueString()
	identity, err := data.client.GetUserIdentityByKey(ctx, key)
	switch {
	case seam.IsNotFound(err, seam.TypeUserIdentityNotFound):
		appendNoSuch(diags, "user_identity_key", "user identity with key", excerpt(key), theWorkspace(ctx, data))
		return seam.UserIdentity{}, false
	case err != nil:
		appendCannotRead(diags, data, m.subject(), err)
		return seam.UserIdentity{}, false
	}
	if slices.Contains(identity.MergedUserIdentityKeys, key) {
		appendAliasWarning(diags, "user_identity_key", fmt.Sprintf("The user identity with key %s", excerpt(key)), identity.UserIdentityID)
	}
	return identity, true
}

func (m *userIdentityDataSourceModel) bySearch(ctx context.Context, data *configured, diags *diag.Diagnostics) (seam.UserIdentity, bool) {
	place := func() (string, bool) { return theWorkspace(ctx, data), true }
	return findOne(ctx, data, diags, m.question(), place, userIdentityRecord, func(ctx context.Context, search string) iter.Seq2[seam.UserIdentity, error] {
		return data.client.UserIdentities(ctx, seam.UserIdentitiesFilter{Search: search}, 0)
	})
}
