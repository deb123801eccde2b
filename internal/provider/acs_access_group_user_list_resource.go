package provider

import (
	"context"
	"iter"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/link"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

const cannotListMemberships = "Cannot list the memberships of ACS users in access groups"

var _ list.ListResourceWithConfigure = (*acsAccessGroupUserListResource)(nil)

// acsAccessGroupUserListResource finds the memberships that exist, for terraform query.
type acsAccessGroupUserListResource struct{ withSeam }

func newACSAccessGroupUserListResource() list.ListResource { return &acsAccessGroupUserListResource{} }

// acsAccessGroupUserListModel is the config block of a query.
type acsAccessGroupUserListModel struct {
	ACSSystemID      types.String `tfsdk:"acs_system_id"`
	ACSAccessGroupID types.String `tfsdk:"acs_access_group_id"`
}

func (r *acsAccessGroupUserListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + groupMemberships.typeName
}

func (r *acsAccessGroupUserListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the memberships of ACS users in access groups in a workspace, including memberships that were created outside Terraform. " +
			"Memberships that are about to be removed are left out.\n\n" +
			"Terraform returns at most 100 results unless the `list` block sets `limit`.",
		Attributes: map[string]schema.Attribute{
			"acs_system_id": schema.StringAttribute{
				MarkdownDescription: "ID of an access system, a UUID. Returns only the memberships in its access groups, and an error if it does not exist.",
				Optional:            true,
				Validators:          []validator.String{uuidValidator{}},
			},
			"acs_access_group_id": schema.StringAttribute{
				MarkdownDescription: "ID of an access group, a UUID. Returns only its memberships, and an error if it does not exist.",
				Optional:            true,
				Validators:          []validator.String{uuidValidator{}},
			},
		},
	}
}

// List streams the memberships, one access group after the other.
func (r *acsAccessGroupUserListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var model acsAccessGroupUserListModel
	r.stream(ctx, req, stream, &model, cannotListMemberships, func(ctx context.Context, diags *diag.Diagnostics) iter.Seq2[list.ListResult, error] {
		groups := r.groups(ctx, model, diags)
		return func(yield func(list.ListResult, error) bool) {
			for _, group := range groups {
				users, err := r.seam.client.ListAccessGroupUsers(r.seam.client.StartOperation(ctx), group.ACSAccessGroupID)
				if err != nil {
					yield(list.ListResult{}, err)
					return
				}
				for _, user := range users {
					if adding, removing := user.PendingMembership(group.ACSAccessGroupID); removing && !adding {
						continue
					}
					place := func(*diag.Diagnostics) string { return firstOf(group.DisplayName, group.Name, group.ACSAccessGroupID) }
					if !yield(newListResult(ctx, req, link.InGroup(group.ACSAccessGroupID, user.ACSUserID), user, place), nil) {
						return
					}
				}
			}
		}
	})
}

// groups are the access groups of a query. One that does not exist is refused: an empty
// list would read as if it had no members.
func (r *acsAccessGroupUserListResource) groups(ctx context.Context, model acsAccessGroupUserListModel, diags *diag.Diagnostics) []seam.AccessGroup {
	ctx = r.seam.client.StartOperation(ctx)
	systemID, groupID := model.ACSSystemID.ValueString(), model.ACSAccessGroupID.ValueString()
	if systemID != "" && (&acsSystemNames{client: r.seam.client}).lacks(ctx, systemID) {
		diags.AddAttributeError(path.Root("acs_system_id"), cannotListMemberships, explain(r.missing(ctx, accessSystem, systemID)))
		return nil
	}
	var groups []seam.AccessGroup
	var err error
	if groupID == "" {
		groups, err = r.seam.client.ListAccessGroups(ctx, seam.AccessGroupsFilter{ACSSystemID: systemID})
	} else {
		var group seam.AccessGroup
		group, err = r.seam.client.GetAccessGroup(ctx, groupID)
		if systemID == "" || strings.EqualFold(group.ACSSystemID, systemID) {
			groups = []seam.AccessGroup{group}
		}
	}
	switch {
	case seam.IsNotFound(err, seam.TypeAccessGroupNotFound):
		diags.AddAttributeError(path.Root("acs_access_group_id"), cannotListMemberships, explain(r.missing(ctx, link.AccessGroup, groupID)))
	case err != nil:
		diags.AddError(cannotListMemberships, r.seam.explainOnce(err))
	}
	return groups
}
