// Package provider is the Terraform side of the product: schemas, configuration,
// and the words that people read. It decides nothing about links, which is the
// business of package link, and sends nothing to Seam but through package seam.
package provider

import (
	"context"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/bulkread"
	"github.com/seamapi/terraform-provider-seam/internal/link"
	"github.com/seamapi/terraform-provider-seam/internal/people"
	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

const (
	defaultEndpoint     = "https://connect.getseam.com"
	defaultRetryTimeout = 5 * time.Minute
	sdkName             = "seamapi/terraform-provider-seam"
)

var (
	_ provider.Provider                   = (*seamProvider)(nil)
	_ provider.ProviderWithActions        = (*seamProvider)(nil)
	_ provider.ProviderWithFunctions      = (*seamProvider)(nil)
	_ provider.ProviderWithListResources  = (*seamProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*seamProvider)(nil)
)

// seamProvider is the provider of one process. What it holds is shared by all
// configurations of that process: Terraform has one, a debugging session many.
type seamProvider struct {
	version   string
	getenv    func(string) string
	clock     seam.Clock
	transport http.RoundTripper // nil is the client's own
	throttle  *seam.Throttle
	locks     *reconcile.Locks
}

// New returns the constructor of the provider that plugin servers ask for.
// version is the provider's own, for the User-Agent.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return newProvider(version) }
}

func newProvider(version string) *seamProvider {
	return &seamProvider{
		version:   version,
		getenv:    os.Getenv,
		clock:     seam.SystemClock{},
		transport: seam.NewTransport(),
		throttle:  new(seam.Throttle),
		locks:     reconcile.NewLocks(),
	}
}

// providerModel is the provider block.
type providerModel struct {
	APIKey              types.String `tfsdk:"api_key"`
	PersonalAccessToken types.String `tfsdk:"personal_access_token"`
	WorkspaceID         types.String `tfsdk:"workspace_id"`
	Endpoint            types.String `tfsdk:"endpoint"`
	RetryTimeout        types.String `tfsdk:"retry_timeout"`
}

func (p *seamProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "seam"
	resp.Version = p.version
}

func (p *seamProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages people and their access in [Seam](https://www.seam.co), the API for physical access control.",
		Attributes: map[string]schema.Attribute{
			"api_key": schema.StringAttribute{
				MarkdownDescription: "Seam API key. It starts with `seam_` and belongs to one workspace. " +
					"Environment variable: `SEAM_API_KEY`. Conflicts with `personal_access_token`.",
				Optional:  true,
				Sensitive: true,
			},
			"personal_access_token": schema.StringAttribute{
				MarkdownDescription: "Seam personal access token. It starts with `seam_at` and requires `workspace_id`. " +
					"Environment variable: `SEAM_PERSONAL_ACCESS_TOKEN`. Conflicts with `api_key`.",
				Optional:  true,
				Sensitive: true,
			},
			"workspace_id": schema.StringAttribute{
				MarkdownDescription: "ID of the workspace. Required with a personal access token. " +
					"With an API key, it is a safeguard: every operation fails if the key belongs to another workspace. " +
					"Environment variable: `SEAM_WORKSPACE_ID`.",
				Optional: true,
			},
			"endpoint": schema.StringAttribute{
				MarkdownDescription: "Base URL of the Seam API. Plain `http` is accepted for loopback addresses only, because requests carry the credentials. " +
					"Environment variables: `SEAM_ENDPOINT`, then `SEAM_API_URL`. Defaults to `" + defaultEndpoint + "`.",
				Optional: true,
			},
			"retry_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one operation on one object may retry transient errors (no connection, throttling, server errors) or wait for a write to take effect, " +
					"as a duration such as `90s` or `10m`. `0s` disables retries. Defaults to `5m`.",
				Optional: true,
			},
		},
	}
}

// ValidateConfig checks what is written in the provider block. What the
// environment adds is known only where Terraform runs, and is for Configure.
func (p *seamProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	appendProblems(&resp.Diagnostics, checkWritten(model))
}

// Configure resolves the credentials and hands a client to the resources. It
// sends no request: the first resource that needs Seam does.
func (p *seamProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if model.anyUnknown() {
		// Terraform plans with a value that another resource is still to give.
		// What is written can be judged, the rest waits until it is known.
		appendProblems(&resp.Diagnostics, checkWritten(model))
		if req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
		}
		return
	}
	access, problems := resolveAccess(model, p.getenv)
	appendProblems(&resp.Diagnostics, problems)
	if resp.Diagnostics.HasError() {
		return
	}

	data := p.connect(access, req.TerraformVersion)
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.ListResourceData = data
	resp.ActionData = data
}

// configured is what a configured provider hands to its resources, data sources,
// list resources and actions. They have none as long as the configuration is not known.
type configured struct {
	client    *seam.Client
	clock     seam.Clock
	workspace *reconcile.Workspace
	links     *link.Links

	userIdentities *people.UserIdentities
	acsUsers       *people.ACSUsers

	inState      pairs                 // links that were read
	creations    creations             // links that the plan creates
	checkFailure atomic.Pointer[error] // of the first check for a conflict that failed
	causes       causes                // of failures that were explained
}

func (p *seamProvider) connect(access access, terraformVersion string) *configured {
	client := seam.NewClient(seam.Config{
		Endpoint:     access.endpoint,
		Token:        access.token,
		WorkspaceID:  access.workspaceHeader,
		UserAgent:    userAgent(p.version, terraformVersion, p.getenv),
		SDKName:      sdkName,
		SDKVersion:   p.version,
		RetryTimeout: access.retryTimeout,
		Throttle:     p.throttle,
		Clock:        p.clock,
		Transport:    p.transport,
		Logger:       newLogger(p.getenv, access.token),
	})
	workspace := reconcile.NewWorkspace(client, access.expectedWorkspace)
	return &configured{
		client:    client,
		clock:     p.clock,
		workspace: workspace,
		links:     link.New(client, bulkread.NewLinks(client, p.clock), bulkread.NewMemberships(client, p.clock), workspace, p.locks),

		userIdentities: people.NewUserIdentities(client, bulkread.New(identityPages(client), p.clock), workspace, p.locks),
		acsUsers:       people.NewACSUsers(client, bulkread.New(acsUserPages(client), p.clock), workspace, p.locks),
	}
}

// identityPages fetches the pages that confirm user identities. There is one list.
func identityPages(client *seam.Client) bulkread.Fetch {
	return func(ctx context.Context, _, cursor string) ([]bulkread.Entry, string, error) {
		page, err := client.ListUserIdentities(ctx, seam.UserIdentitiesFilter{}, seam.PageRequest{Cursor: cursor})
		return entries(page.Items, people.UserIdentityEntry), page.NextPageCursor, err
	}
}

// acsUserPages fetches the pages that confirm ACS users, by access system.
func acsUserPages(client *seam.Client) bulkread.Fetch {
	return func(ctx context.Context, acsSystemID, cursor string) ([]bulkread.Entry, string, error) {
		page, err := client.ListACSUsers(ctx, seam.ACSUsersFilter{ACSSystemID: acsSystemID}, seam.PageRequest{Cursor: cursor})
		return entries(page.Items, people.ACSUserEntry), page.NextPageCursor, err
	}
}

func entries[T any](objects []T, entry func(T) bulkread.Entry) []bulkread.Entry {
	all := make([]bulkread.Entry, 0, len(objects))
	for _, object := range objects {
		all = append(all, entry(object))
	}
	return all
}

func (p *seamProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newACSAccessGroupUserResource, newACSUserResource, newUserIdentityACSUserResource, newUserIdentityResource}
}

// DataSources is what a configuration can look up.
func (p *seamProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newACSAccessGroupDataSource,
		newACSAccessGroupsDataSource,
		newACSSystemDataSource,
		newACSSystemsDataSource,
		newACSUserDataSource,
		newACSUsersDataSource,
		newUserIdentitiesDataSource,
		newUserIdentityDataSource,
		newWorkspaceDataSource,
	}
}

// Functions is what a configuration can call, with Terraform 1.8 or OpenTofu 1.7.
func (p *seamProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newNormalizeEmailFunction}
}

// ListResources is what terraform query can find.
func (p *seamProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newACSAccessGroupUserListResource, newACSUserListResource, newUserIdentityACSUserListResource, newUserIdentityListResource}
}

// Actions is what can be done once, outside of any state.
func (p *seamProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newUserIdentityRemoveACSUserAction}
}

func (m providerModel) anyUnknown() bool {
	for _, value := range []types.String{m.APIKey, m.PersonalAccessToken, m.WorkspaceID, m.Endpoint, m.RetryTimeout} {
		if value.IsUnknown() {
			return true
		}
	}
	return false
}

func appendProblems(diags *diag.Diagnostics, problems []problem) {
	for _, problem := range problems {
		switch problem.attribute {
		case "api_key", "personal_access_token":
			// Terraform prints the source line of the attribute that an error is
			// about, and this one may hold the secret.
			diags.AddError(problem.summary, problem.detail)
		default:
			diags.AddAttributeError(path.Root(problem.attribute), problem.summary, problem.detail)
		}
	}
}
