package provider

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"unicode"

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

const (
	// mostPerPage is how many ACS users Seam returns when it is not told.
	mostPerPage = 500
	// leastPerPage keeps a query for a handful of links from crawling through
	// ACS users of whom most are not linked.
	leastPerPage = 50
)

const cannotList = "Cannot list the links between ACS users and user identities"

// accessSystem is what a filter names beside the two ends of a link.
const accessSystem link.Thing = "access system"

var _ list.ListResourceWithConfigure = (*userIdentityACSUserListResource)(nil)

// userIdentityACSUserListResource finds the links that exist, for terraform query.
type userIdentityACSUserListResource struct{ withSeam }

func newUserIdentityACSUserListResource() list.ListResource {
	return &userIdentityACSUserListResource{}
}

// userIdentityACSUserListModel is the config block of a query.
type userIdentityACSUserListModel struct {
	ACSSystemID    types.String `tfsdk:"acs_system_id"`
	UserIdentityID types.String `tfsdk:"user_identity_id"`
}

func (r *userIdentityACSUserListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user_identity_acs_user"
}

func (r *userIdentityACSUserListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the links between ACS users and user identities in a workspace, including links that were created outside Terraform.\n\n" +
			"Terraform returns at most 100 results unless the `list` block sets `limit`.",
		Attributes: map[string]schema.Attribute{
			"acs_system_id": schema.StringAttribute{
				MarkdownDescription: "ID of an access system, a UUID. Returns only the links of its ACS users, and an error if it does not exist.",
				Optional:            true,
				Validators:          []validator.String{uuidValidator{}},
			},
			"user_identity_id": schema.StringAttribute{
				MarkdownDescription: "ID of a user identity, a UUID. Returns only its links, and an error if it does not exist. " +
					"For the ID of an identity that was merged into another one, the links of the primary are returned.",
				Optional:   true,
				Validators: []validator.String{uuidValidator{}},
			},
		},
	}
}

// List streams the links, each once: a link must not be imported twice.
func (r *userIdentityACSUserListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var model userIdentityACSUserListModel
	r.stream(ctx, req, stream, &model, cannotList, func(ctx context.Context, diags *diag.Diagnostics) iter.Seq2[list.ListResult, error] {
		systems := &acsSystemNames{client: r.seam.client}
		filter := r.filter(ctx, model, systems, diags)
		isUnlinked := func(user seam.ACSUser) bool { return user.UserIdentityID == "" }
		return results(r.seam.client.ACSUsers(ctx, filter, perPage(req.Limit)), isUnlinked, func(user seam.ACSUser) list.ListResult {
			// As the ACS user has it: after a merge that is the primary identity.
			return newListResult(ctx, req, link.ToIdentity(user.UserIdentityID, user.ACSUserID), user, func(diags *diag.Diagnostics) string {
				return systems.nameOf(ctx, user.ACSSystemID, diags)
			})
		})
	})
}

// filter makes a filter of a query, and refuses what does not exist: an empty
// list would read as if nobody were linked.
func (r *userIdentityACSUserListResource) filter(ctx context.Context, model userIdentityACSUserListModel, systems *acsSystemNames, diags *diag.Diagnostics) seam.ACSUsersFilter {
	filter := seam.ACSUsersFilter{ACSSystemID: model.ACSSystemID.ValueString()}
	ctx = r.seam.client.StartOperation(ctx)
	if filter.ACSSystemID != "" && systems.lacks(ctx, filter.ACSSystemID) {
		diags.AddAttributeError(path.Root("acs_system_id"), cannotList, explain(r.missing(ctx, accessSystem, filter.ACSSystemID)))
	}
	if id := model.UserIdentityID.ValueString(); id != "" {
		// ACS users point to the primary of identities that were merged, so
		// that is the one to look for.
		identity, err := r.seam.client.GetUserIdentity(ctx, id)
		switch {
		case seam.IsNotFound(err, seam.TypeUserIdentityNotFound):
			diags.AddAttributeError(path.Root("user_identity_id"), cannotList, explain(r.missing(ctx, link.UserIdentity, id)))
		case err != nil:
			diags.AddError(cannotList, r.seam.explainOnce(err))
		}
		filter.UserIdentityID = identity.UserIdentityID
	}
	return filter
}

// missing says that something does not exist, and where it was looked for.
func (r *withSeam) missing(ctx context.Context, what link.Thing, id string) error {
	workspace, err := r.seam.workspace.Get(ctx)
	if err != nil {
		return err
	}
	return &link.MissingError{What: what, ID: id, Workspace: workspace}
}

// perPage is the size of the pages for a query with this limit. It has to stay
// the same for all pages of a list.
func perPage(limit int64) int {
	if limit <= 0 {
		return mostPerPage
	}
	return int(min(max(limit, leastPerPage), mostPerPage))
}

// newListResult makes a result of a link. place is where the ACS user is, in words.
func newListResult(ctx context.Context, req list.ListRequest, pair link.Pair, user seam.ACSUser, place func(*diag.Diagnostics) string) list.ListResult {
	kind := kindOf(pair)
	model := newLinkModel(link.Link{Pair: pair, ACSSystemID: user.ACSSystemID, WorkspaceID: user.WorkspaceID})
	result := req.NewListResult(ctx)
	result.DisplayName = linkDisplayName(user, place(&result.Diagnostics))
	result.Diagnostics.Append(result.Identity.Set(ctx, kind.identity(model))...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, kind.tagged(&model))...)
	}
	return result
}

// linkDisplayName names a link, or an ACS user, so that a person recognizes it, as in
// "Jane Doe in Salto HQ (jane@example.com)".
func linkDisplayName(user seam.ACSUser, system string) string {
	contact := firstOf(user.EmailAddress, user.UserIdentityEmailAddress, user.PhoneNumber, user.UserIdentityPhoneNumber)
	name := firstOf(user.FullName, user.DisplayName, user.UserIdentityFullName, contact, user.ACSUserID)
	if strings.EqualFold(contact, name) {
		contact = ""
	}
	return withContact(name+" in "+system, contact)
}

// withContact adds how a person is reached to their name.
func withContact(name, contact string) string {
	if contact == "" || strings.EqualFold(contact, name) {
		return name
	}
	return fmt.Sprintf("%s (%s)", name, contact)
}

// firstOf returns the first text with something to read in it, on one line.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if line := oneLine(text); line != "" {
			return line
		}
	}
	return ""
}

// oneLine leaves out what would move a terminal's cursor or turn the direction
// of reading: names come from access systems, and anybody can write there.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		default:
			return r
		}
	}, text)), " ")
}

// acsSystemNames are the names of a workspace's access systems. Seam is asked
// for all of them at once, when the first one is needed. They make links easier
// to recognise and are nothing more: without them, the ids have to do.
type acsSystemNames struct {
	client *seam.Client
	asked  bool
	names  map[string]string // by id in lower case; nil if they are not known
	err    error             // why they are not known, until it was said
}

func (n *acsSystemNames) ask(ctx context.Context) {
	if n.asked {
		return
	}
	n.asked = true
	systems, err := n.client.ListACSSystems(n.client.StartOperation(ctx), seam.ACSSystemsFilter{})
	if err != nil {
		n.err = err
		return
	}
	n.names = map[string]string{}
	for _, system := range systems {
		n.names[strings.ToLower(system.ACSSystemID)] = system.Name
	}
}

// lacks reports whether the workspace is known to have no such access system.
func (n *acsSystemNames) lacks(ctx context.Context, id string) bool {
	n.ask(ctx)
	_, found := n.names[strings.ToLower(id)]
	return n.names != nil && !found
}

// nameOf returns the name of an access system, or its id. That the names are not
// known is a warning, once.
func (n *acsSystemNames) nameOf(ctx context.Context, id string, diags *diag.Diagnostics) string {
	n.ask(ctx)
	if n.err != nil {
		diags.AddWarning("Access system names not read",
			"The list is complete, but shows the ID of each access system instead of its name.\n\n"+explain(n.err))
		n.err = nil
	}
	return firstOf(n.names[strings.ToLower(id)], id)
}
