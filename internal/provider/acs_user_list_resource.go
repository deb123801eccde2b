package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

var _ list.ListResourceWithConfigure = (*acsUserListResource)(nil)

// acsUserListResource finds ACS users, for terraform query.
type acsUserListResource struct{ withSeam }

func newACSUserListResource() list.ListResource { return &acsUserListResource{} }

type acsUserListModel struct {
	ACSSystemID types.String `tfsdk:"acs_system_id"`
	Search      types.String `tfsdk:"search"`
}

func (r *acsUserListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_acs_user"
}

func (r *acsUserListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the ACS users of a workspace, linked or not, except those that are being deleted.\n\n" +
			"Terraform returns at most 100 results unless the `list` block sets `limit`.",
		Attributes: map[string]schema.Attribute{
			"acs_system_id": schema.StringAttribute{
				MarkdownDescription: "ID of an access system, a UUID. Returns only its ACS users, and an error if it does not exist.",
				Optional:            true, Validators: []validator.String{uuidValidator{}},
			},
			"search": schema.StringAttribute{
				MarkdownDescription: "Text that is part of a name, phone number, email address or ID of the ACS user or its user identity.",
				Optional:            true, Validators: lookupText(),
			},
		},
	}
}

// List streams the ACS users. An error ends the stream as a result of its own.
func (r *acsUserListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var model acsUserListModel
	r.stream(ctx, req, stream, &model, "Cannot list ACS users", func(ctx context.Context, diags *diag.Diagnostics) iter.Seq2[list.ListResult, error] {
		systems := &acsSystemNames{client: r.seam.client}
		id := model.ACSSystemID.ValueString()
		if id != "" && systems.lacks(ctx, id) {
			diags.AddAttributeError(path.Root("acs_system_id"), "Cannot list ACS users",
				"There is no access system "+id+" in "+theWorkspace(ctx, r.seam)+", which the provider's credentials reach.\n\nCheck acs_system_id, and that the credentials belong to the right workspace.")
			return nil
		}
		users := r.seam.client.ACSUsers(ctx, seam.ACSUsersFilter{ACSSystemID: id, Search: model.Search.ValueString()}, perPage(req.Limit))
		return results(users, seam.ACSUser.BeingDeleted, func(user seam.ACSUser) list.ListResult {
			var model acsUserModel
			model.read(user)
			result := req.NewListResult(ctx)
			result.DisplayName = linkDisplayName(user, systems.nameOf(ctx, user.ACSSystemID, &result.Diagnostics))
			result.Diagnostics.Append(result.Identity.Set(ctx, model.identity())...)
			if req.IncludeResource {
				result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
			}
			return result
		})
	})
}
