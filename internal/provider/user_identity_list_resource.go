package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

var _ list.ListResourceWithConfigure = (*userIdentityListResource)(nil)

// userIdentityListResource finds user identities, for terraform query.
type userIdentityListResource struct{ withSeam }

func newUserIdentityListResource() list.ListResource { return &userIdentityListResource{} }

type userIdentityListModel struct {
	Search types.String `tfsdk:"search"`
}

func (r *userIdentityListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user_identity"
}

func (r *userIdentityListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the user identities of a workspace, except those that are being deleted.\n\n" +
			"Terraform returns at most 100 results unless the `list` block sets `limit`.",
		Attributes: map[string]schema.Attribute{
			"search": schema.StringAttribute{
				MarkdownDescription: "Text that is part of a name, phone number, email address or ID of the user identity.",
				Optional:            true, Validators: lookupText(),
			},
		},
	}
}

// List streams the user identities. An error ends the stream as a result of its own.
func (r *userIdentityListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var model userIdentityListModel
	r.stream(ctx, req, stream, &model, "Cannot list user identities", func(ctx context.Context, _ *diag.Diagnostics) iter.Seq2[list.ListResult, error] {
		identities := r.seam.client.UserIdentities(ctx, seam.UserIdentitiesFilter{Search: model.Search.ValueString()}, perPage(req.Limit))
		return results(identities, seam.UserIdentity.BeingDeleted, func(identity seam.UserIdentity) list.ListResult {
			var model userIdentityModel
			model.read(identity)
			result := req.NewListResult(ctx)
			result.DisplayName = userIdentityDisplayName(identity)
			result.Diagnostics.Append(result.Identity.Set(ctx, model.identity())...)
			if req.IncludeResource {
				result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
			}
			return result
		})
	})
}

// userIdentityDisplayName names a user identity so that a person recognizes it, as in
// "Jane Doe (jane@example.com)".
func userIdentityDisplayName(identity seam.UserIdentity) string {
	return withContact(
		firstOf(identity.FullName, identity.DisplayName, identity.EmailAddress, identity.PhoneNumber, identity.UserIdentityKey, identity.UserIdentityID),
		firstOf(identity.EmailAddress, identity.PhoneNumber, identity.UserIdentityKey))
}
