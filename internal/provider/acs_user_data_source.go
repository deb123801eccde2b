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
	_ datasource.DataSourceWithConfigure        = (*acsUserDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*acsUserDataSource)(nil)
)

// acsUserDataSource looks up one ACS user.
type acsUserDataSource struct{ dataSourceWithSeam }

func newACSUserDataSource() datasource.DataSource { return &acsUserDataSource{} }

type acsUserDataSourceModel struct {
	acsUserAttributesModel

	PrimaryUserIdentityID types.String `tfsdk:"primary_user_identity_id"`
}

func (d *acsUserDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_acs_user"
}

func (d *acsUserDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	inSystem := stringvalidator.AlsoRequires(path.MatchRoot("acs_system_id"))
	attributes := acsUserAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"acs_user_id": schema.StringAttribute{
			MarkdownDescription: "ID of the ACS user, a UUID, case-insensitive.",
			Optional:            true, Computed: true,
			Validators: []validator.String{uuidValidator{}},
		},
		"acs_system_id": schema.StringAttribute{
			MarkdownDescription: "ID of the access system that the ACS user belongs to, a UUID. " +
				"Required with `user_identity_id`, `email_address`, `phone_number` and `full_name`, which are searched in this access system only. Conflicts with `acs_user_id`.",
			Optional: true, Computed: true,
			Validators: []validator.String{uuidValidator{}, stringvalidator.ConflictsWith(path.MatchRoot("acs_user_id"))},
		},
		"user_identity_id": schema.StringAttribute{
			MarkdownDescription: "ID of the user identity that the ACS user is linked to, a UUID. Null if it is not linked. " +
				"If the configuration contains the ID of an identity that was merged into another one, the ACS user of the primary is returned, with a warning; " +
				"this attribute then keeps the configured ID, and `primary_user_identity_id` is the ID of the primary.",
			Optional: true, Computed: true,
			Validators: []validator.String{uuidValidator{}, inSystem},
		},
		"email_address": schema.StringAttribute{
			MarkdownDescription: "Email address of the ACS user itself, not of its user identity. " + byEmailAddress.explanation + " Null if the access system has none.",
			Optional:            true, Computed: true,
			Validators: append(lookupText(), inSystem),
		},
		"phone_number": schema.StringAttribute{
			MarkdownDescription: "Phone number of the ACS user itself, not of its user identity, in E.164 form, such as `+15555550100`. " +
				byPhoneNumber.explanation + " Null if the access system has none.",
			Optional: true, Computed: true,
			Validators: []validator.String{e164(), inSystem},
		},
		"full_name": schema.StringAttribute{
			MarkdownDescription: "Full name of the ACS user itself, not of its user identity. " + byFullName.explanation + " Null if the access system has none.",
			Optional:            true, Computed: true,
			Validators: append(lookupText(), inSystem),
		},
		"primary_user_identity_id": computedText("ID of the user identity that the ACS user is linked to, as reported by Seam. Null if it is not linked. " +
			"It differs from `user_identity_id` if the configuration contains the ID of an identity that was merged into this one."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks up an ACS user, a person's record in one access system, by `acs_user_id`, " +
			"or, within the access system `acs_system_id`, by exactly one of `user_identity_id`, `email_address`, `phone_number` and `full_name`. " +
			"Returns an error that lists the candidates if none or several match.",
		Attributes: attributes,
	}
}

func (d *acsUserDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(
		path.MatchRoot("acs_user_id"), path.MatchRoot("user_identity_id"), path.MatchRoot("email_address"),
		path.MatchRoot("phone_number"), path.MatchRoot("full_name"),
	)}
}

func (d *acsUserDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	readDataSource[acsUserDataSourceModel](ctx, &d.withSeam, req, resp)
}

func (m *acsUserDataSourceModel) subject() string {
	if !m.ACSUserID.IsNull() {
		return "ACS user " + m.ACSUserID.ValueString()
	}
	return m.question().subject()
}

// question is what a lookup within an access system asks.
func (m *acsUserDataSourceModel) question() question {
	q := question{thing: "ACS user", things: "ACS users", idAttribute: "acs_user_id"}
	switch {
	case !m.UserIdentityID.IsNull():
		q.attribute, q.rule, q.value = "user_identity_id", byUserIdentityID, m.UserIdentityID.ValueString()
		q.reading = readFiltered
	case !m.EmailAddress.IsNull():
		q.attribute, q.rule, q.value = "email_address", byEmailAddress, m.EmailAddress.ValueString()
	case !m.PhoneNumber.IsNull():
		q.attribute, q.rule, q.value = "phone_number", byPhoneNumber, m.PhoneNumber.ValueString()
	default:
		q.attribute, q.rule, q.value = "full_name", byFullName, m.FullName.ValueString()
	}
	return q
}

func (m *acsUserDataSourceModel) answer(ctx context.Context, data *configured, diags *diag.Diagnostics) {
	var user seam.ACSUser
	var ok bool
	switch {
	case !m.ACSUserID.IsNull():
		user, ok = askedACSUser(ctx, diags, data, m.ACSUserID.ValueString())
	case !m.UserIdentityID.IsNull():
		user, ok = m.byUserIdentity(ctx, data, diags)
	default:
		user, ok = m.bySearch(ctx, data, diags)
	}
	if !ok {
		return
	}
	written := m.acsUserAttributesModel
	m.acsUserAttributesModel = newACSUserAttributesModel(user)
	m.PrimaryUserIdentityID = m.UserIdentityID
	m.ACSUserID = keepWritten(written.ACSUserID, m.ACSUserID)
	m.ACSSystemID = keepWritten(written.ACSSystemID, m.ACSSystemID)
	m.UserIdentityID = keepWritten(written.UserIdentityID, m.UserIdentityID)
	m.EmailAddress = keepWritten(written.EmailAddress, m.EmailAddress)
	m.PhoneNumber = keepWritten(written.PhoneNumber, m.PhoneNumber)
	m.FullName = keepWritten(written.FullName, m.FullName)
}

// askedACSUser returns the ACS user that acs_user_id of the configuration names. It
// returns false, and says why, if there is none.
func askedACSUser(ctx context.Context, diags *diag.Diagnostics, data *configured, id string) (seam.ACSUser, bool) {
	user, err := data.client.GetACSUser(ctx, id)
	switch {
	case seam.IsNotFound(err, seam.TypeACSUserNotFound):
		appendNoSuch(diags, "acs_user_id", "ACS user", id, theWorkspace(ctx, data))
		return seam.ACSUser{}, false
	case err != nil:
		appendCannotRead(diags, data, "ACS user "+id, err)
		return seam.ACSUser{}, false
	}
	return user, true
}

// byUserIdentity first asks for the user identity: ACS users point to the primary
// of identities that were merged, and an identity that does not exist is another
// mistake than one without an ACS user in this access system.
func (m *acsUserDataSourceModel) byUserIdentity(ctx context.Context, data *configured, diags *diag.Diagnostics) (seam.ACSUser, bool) {
	identity, ok := askedIdentity(ctx, diags, data, "user_identity_id", m.UserIdentityID.ValueString())
	if !ok {
		return seam.ACSUser{}, false
	}
	aliases := append(slices.Clone(identity.MergedUserIdentityIDs), identity.UserIdentityID)
	q := m.question()
	q.rule.same = func(holder, _ string) bool {
		return slices.ContainsFunc(aliases, func(id string) bool { return strings.EqualFold(id, holder) })
	}
	return m.findOne(ctx, data, diags, q, seam.ACSUsersFilter{UserIdentityID: identity.UserIdentityID})
}

func (m *acsUserDataSourceModel) bySearch(ctx context.Context, data *configured, diags *diag.Diagnostics) (seam.ACSUser, bool) {
	return m.findOne(ctx, data, diags, m.question(), seam.ACSUsersFilter{})
}

// findOne looks within the access system.
func (m *acsUserDataSourceModel) findOne(ctx context.Context, data *configured, diags *diag.Diagnostics, q question, filter seam.ACSUsersFilter) (seam.ACSUser, bool) {
	filter.ACSSystemID = m.ACSSystemID.ValueString()
	place := func() (string, bool) {
		if q.reading == readFiltered { // two requests were sent, and a lookup that finds nothing costs no more
			return "access system " + filter.ACSSystemID, true
		}
		return theACSSystem(ctx, diags, data, "acs_system_id", filter.ACSSystemID)
	}
	return findOne(ctx, data, diags, q, place, acsUserRecord, func(ctx context.Context, search string) iter.Seq2[seam.ACSUser, error] {
		filter := filter
		filter.Search = search
		return within(filter.ACSSystemID, data.client.ACSUsers(ctx, filter, 0))
	})
}

// within leaves out the ACS users of other access systems: Seam's filter does
// already, and a person of another building must not be the answer if it fails to.
func within(acsSystemID string, users iter.Seq2[seam.ACSUser, error]) iter.Seq2[seam.ACSUser, error] {
	return func(yield func(seam.ACSUser, error) bool) {
		for user, err := range users {
			if err == nil && !strings.EqualFold(user.ACSSystemID, acsSystemID) {
				continue
			}
			if !yield(user, err) {
				return
			}
		}
	}
}
