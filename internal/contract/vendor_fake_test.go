package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// vendorDifferences are the known differences between Seam's fake server and Seam's
// OpenAPI document or documentation. TestVendorFake fails for a difference that is
// not listed and for a listed one that is gone.
var vendorDifferences = []string{
	// Fields. The client decodes the objects without the missing ones.
	"/workspaces/get: workspace: property \"created_at\" is unsupported", "workspace/organization_id is missing",
	"acs_system/connected_account_ids is missing", "acs_system/errors is missing", "acs_system/image_alt_text is missing",
	"acs_system/image_url is missing", "acs_system/is_credential_manager is missing", "acs_system/location is missing",
	"acs_system/warnings is missing",
	"acs_user/acs_user_id: string doesn't match the format \"uuid\" (not a UUID)", "acs_user/connected_account_id is missing",
	"acs_user/errors is missing", "acs_user/is_managed is missing", "acs_user/last_successful_sync_at is missing",
	"acs_user/warnings is missing",
	// Behavior. The client refuses a list without pagination.
	"/acs/users/list: pagination is missing", "/acs/users/list: limit is ignored", "/acs/users/list: search is ignored",
	"/acs/users/list: created_before is ignored", "/acs/users/list: an unknown user_identity_id is ignored",
	"/workspaces/get: an unknown API key is refused with 400",
	// Stubs ("Not implemented!") and missing routes. Links, user identities and access groups are not tested here.
	"/user_identities/add_acs_user: 500: status is not supported", "/user_identities/create: 500: status is not supported",
	noRoute("/acs/access_groups/get"), noRoute("/acs/access_groups/list"), noRoute("/acs/access_groups/list_users"),
	noRoute("/user_identities/delete"), noRoute("/user_identities/get"), noRoute("/user_identities/list"),
	noRoute("/user_identities/list_acs_users"), noRoute("/user_identities/remove_acs_user"),
	noRoute("/user_identities/unmanaged/get"), noRoute("/user_identities/update"),
}

func noRoute(path string) string { return path + `: 404: an error has the content type ""` }

// vendorFake is the output of vendor_fake.mjs: credentials and ids.
type vendorFake struct {
	URL, APIKey, OtherAPIKey, Token, Workspace, System, ConnectedAccount, Identity, Linked, Free string
}

// TestVendorFake runs the client against the fake server that Seam publishes. Only
// responses are checked against the document: the fake's ACS users have ids that are
// no UUIDs, and so do the requests for them.
func TestVendorFake(t *testing.T) {
	t.Parallel()
	w, differences := &world{checker: &checker{spec: seamSpec(t)}}, map[string]bool{}
	fake := startVendorFake(t)
	target, err := url.Parse(fake.URL)
	if err != nil || target.Hostname() != "127.0.0.1" {
		t.Fatalf("the fake listens on %q, expected 127.0.0.1: %v", fake.URL, err)
	}
	w.next = httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(w.checker)
	t.Cleanup(server.Close)
	w.url = &url.URL{Scheme: "http", Host: server.Listener.Addr().String()}
	ctx, client, withToken := t.Context(), newClient(w, fake.APIKey, ""), newClient(w, fake.Token, fake.Workspace)

	// Authentication.
	workspace := seam.Workspace{WorkspaceID: fake.Workspace, Name: "Hotel", CompanyName: "Hotels Ltd.", IsSandbox: true}
	expectResult(t, workspace)(client.GetWorkspace(ctx))
	expectResult(t, workspace)(withToken.GetWorkspace(ctx))
	unknownKey := newClient(w, "seam_unknown", "")
	for name, refused := range map[string]*seam.Client{
		"unknown API key": unknownKey, "unknown personal access token": newClient(w, "seam_at1_unknown", fake.Workspace),
		"no workspace": newClient(w, fake.Token, ""), "unknown workspace": newClient(w, fake.Token, someID),
	} {
		if _, err := refused.ListACSSystems(ctx, seam.ACSSystemsFilter{}); !seam.IsUnauthorized(err) {
			t.Errorf("%s: got %v, expected an error that IsUnauthorized", name, err)
		}
	}
	_, err = unknownKey.GetWorkspace(ctx)
	differences["/workspaces/get: an unknown API key is refused with 400"] = err != nil && w.last(t).status == http.StatusBadRequest

	// Access systems.
	const createdAt = "2026-01-02T03:04:05.678Z"
	systems := []seam.ACSSystem{{
		ACSSystemID: fake.System, Name: "Front door", WorkspaceID: fake.Workspace, ConnectedAccountID: fake.ConnectedAccount,
		ExternalType: "visionline_system", ExternalTypeDisplayName: "Visionline", CreatedAt: createdAt,
	}}
	expectResult(t, systems)(client.ListACSSystems(ctx, seam.ACSSystemsFilter{}))
	expectResult(t, systems)(withToken.ListACSSystems(ctx, seam.ACSSystemsFilter{ConnectedAccountID: fake.ConnectedAccount}))
	expectResult(t, []seam.ACSSystem{})(client.ListACSSystems(ctx, seam.ACSSystemsFilter{ConnectedAccountID: someID}))
	expectResult(t, systems[0])(client.GetACSSystem(ctx, fake.System))
	_, err = client.GetACSSystem(ctx, someID)
	expectNotFound(t, err, seam.TypeACSSystemNotFound)
	_, err = newClient(w, fake.OtherAPIKey, "").GetACSSystem(ctx, fake.System)
	expectNotFound(t, err, seam.TypeACSSystemNotFound)

	// ACS users.
	free := seam.ACSUser{
		ACSUserID: fake.Free, ACSSystemID: fake.System, WorkspaceID: fake.Workspace, CreatedAt: createdAt, IsSuspended: true,
		DisplayName: "John", FullName: "John", EmailAddress: "john@example.com",
		ExternalType: "salto_site_user", ExternalTypeDisplayName: "Salto site user",
	}
	linked := free
	linked.ACSUserID, linked.UserIdentityID, linked.IsSuspended = fake.Linked, fake.Identity, false
	linked.DisplayName, linked.FullName = "Jane Doe", "Jane Doe"
	linked.EmailAddress, linked.UserIdentityEmailAddress = "jane@example.com", "jane@example.com"
	linked.PhoneNumber, linked.UserIdentityPhoneNumber = "+15555550100", "+15555550100"
	expectResult(t, linked)(client.GetACSUser(ctx, fake.Linked))
	expectResult(t, free)(withToken.GetACSUser(ctx, fake.Free))
	_, err = client.GetACSUser(ctx, someID)
	expectNotFound(t, err, seam.TypeACSUserNotFound)

	// The client reports missing pagination only after it has decoded the ACS users.
	list := func(filter seam.ACSUsersFilter, limit int) ([]seam.ACSUser, error) {
		_, err := client.ListACSUsers(ctx, filter, seam.PageRequest{Limit: limit})
		var answer struct {
			ACSUsers []seam.ACSUser `json:"acs_users"`
		}
		if e, ok := errors.AsType[*seam.ResponseError](err); !ok || e.Problem != "the response lacks pagination" {
			t.Errorf("ListACSUsers: got %v, expected an error for missing pagination", err)
		}
		err = json.Unmarshal(w.last(t).responseBody, &answer)
		return answer.ACSUsers, err
	}
	both := []seam.ACSUser{linked, free}
	expectResult(t, both)(list(seam.ACSUsersFilter{ACSSystemID: fake.System}, 0))
	expectResult(t, both[:0])(list(seam.ACSUsersFilter{ACSSystemID: someID}, 0))
	expectResult(t, both[:1])(list(seam.ACSUsersFilter{UserIdentityID: fake.Identity}, 0))
	expectResult(t, both[:1])(list(seam.ACSUsersFilter{UserIdentityEmailAddress: linked.EmailAddress}, 0))
	expectResult(t, both[:1])(list(seam.ACSUsersFilter{UserIdentityPhoneNumber: linked.PhoneNumber}, 0))
	expectIgnored := func(name string, filter seam.ACSUsersFilter, limit int) {
		users, _ := list(filter, limit)
		differences["/acs/users/list: "+name+" is ignored"] = len(users) == len(both)
	}
	expectIgnored("limit", seam.ACSUsersFilter{}, 1)
	expectIgnored("search", seam.ACSUsersFilter{Search: "Jane"}, 0)
	expectIgnored("created_before", seam.ACSUsersFilter{CreatedBefore: createdAt}, 0)
	expectIgnored("an unknown user_identity_id", seam.ACSUsersFilter{UserIdentityID: someID}, 0)

	// A server error is ambiguous. A 404 for the route is not one for the user identity.
	if err := client.AddACSUser(ctx, fake.Identity, someID); !seam.IsAmbiguous(err) {
		t.Errorf("AddACSUser: got %v, expected an error that IsAmbiguous", err)
	}
	if _, err := client.GetUserIdentity(ctx, fake.Identity); err == nil || seam.IsNotFound(err, seam.TypeUserIdentityNotFound) {
		t.Errorf("GetUserIdentity: got %v, expected an error that is not IsNotFound", err)
	}
	for _, route := range routes {
		if !slices.ContainsFunc(w.seen(), func(e exchange) bool { return e.path == route }) {
			request := httptest.NewRequest(http.MethodPost, route, strings.NewReader("{}"))
			request.Header = http.Header{"Authorization": {"Bearer " + fake.APIKey}, "Content-Type": {"application/json"}}
			w.ServeHTTP(httptest.NewRecorder(), request)
		}
	}

	for _, e := range w.seen() {
		addDifferences(differences, e, e.response)
	}
	for difference, found := range differences {
		if found && !slices.Contains(vendorDifferences, difference) {
			t.Errorf("not listed: %q", difference)
		}
	}
	for _, difference := range vendorDifferences {
		if !differences[difference] {
			t.Errorf("listed, but gone: %q", difference)
		}
	}
}

var listEntry = regexp.MustCompile(`s/\d+/`)

// addDifferences adds what is wrong with a response, by the object or else by the route.
func addDifferences(differences map[string]bool, e exchange, err error) {
	if many, ok := errors.AsType[openapi3.MultiError](err); ok {
		for _, one := range many {
			addDifferences(differences, e, one)
		}
	} else if wrong, ok := errors.AsType[*openapi3.SchemaError](err); ok {
		place := listEntry.ReplaceAllString(strings.Join(wrong.JSONPointer(), "/"), "/")
		if !strings.Contains(place, "/") {
			place = strings.TrimSuffix(e.path+": "+place, ": ")
		}
		if wrong.SchemaField == "required" {
			differences[place+" is missing"] = true
		} else {
			differences[place+": "+wrong.Reason] = true
		}
	} else if err != nil {
		differences[fmt.Sprintf("%s: %d: %v", e.path, e.status, err)] = true
	}
}

func expectResult[T any](t *testing.T, expected T) func(T, error) {
	t.Helper()
	return func(got T, err error) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, expected) {
			t.Errorf("got %+v, %v\nexpected %+v", got, err, expected)
		}
	}
}

func expectNotFound(t *testing.T, err error, typ string) {
	t.Helper()
	if !seam.IsNotFound(err, typ) {
		t.Errorf("got %v, expected %s", err, typ)
	}
}

// startVendorFake starts Seam's fake server, which runs until the test ends.
func startVendorFake(t *testing.T) (fake vendorFake) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	program, err := fromPackages(ctx, "fake-seam-connect.cjs", func(dir string) ([]byte, error) {
		return os.ReadFile(filepath.Join(dir, "node_modules/@seamapi/fake-seam-connect/dist/index.cjs"))
	})
	file := filepath.Join(t.TempDir(), "fake-seam-connect.cjs")
	if err := errors.Join(err, os.WriteFile(file, program, 0o600)); err != nil {
		t.Fatalf("fetching Seam's fake server: %v", err)
	}

	cmd := exec.CommandContext(t.Context(), "node", "vendor_fake.mjs", file)
	cmd.Stderr = t.Output()
	_, inErr := cmd.StdinPipe() // Closed by Wait, or with this process.
	stdout, outErr := cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr, cmd.Start()); err != nil {
		t.Fatalf("starting Seam's fake server: %v", err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // By then, the end of t.Context has killed it.
	if err := json.NewDecoder(stdout).Decode(&fake); err != nil {
		t.Fatalf("starting Seam's fake server: %v", err)
	}
	return fake
}
