package seam

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// route is a call to the API: what it sends, and what it returns for a response. It is
// written out once more, so that a wrong JSON tag shows.
type route struct {
	name, path, body, response string
	call                       func(context.Context, *Client) (any, error)
	want                       any
}

var routes = []route{
	{
		name: "get an ACS user",
		path: "/acs/users/get", body: `{"acs_user_id":"` + userA + `"}`,
		response: `{"ok":true,"acs_user":{"acs_user_id":"` + userA + `","acs_system_id":"s","workspace_id":"w","connected_account_id":"ca",
				"display_name":"Ada L.","full_name":"Ada Lovelace","email_address":"ada@example.com","phone_number":"+1555","user_identity_id":"i",
				"user_identity_email_address":"i@example.com","user_identity_full_name":"I","user_identity_phone_number":"+1556","external_type":"salto_ks",
				"external_type_display_name":"Salto","is_suspended":true,"created_at":"2026-01-01T00:00:00Z","new_property":{"a":[1]},
				"errors":[{"error_code":"e","message":"m"}],"warnings":[{"warning_code":"w","message":"n","created_at":"c"}],
				"pending_mutations":[{"mutation_code":"creating","message":"o","created_at":"d"},
					{"mutation_code":"updating_group_membership","from":{"acs_access_group_id":null},"to":{"acs_access_group_id":"g"}},
					{"mutation_code":"deferring_group_membership_update","acs_access_group_id":"g","variant":"removing"}]}}`,
		call: func(ctx context.Context, c *Client) (any, error) { return c.GetACSUser(ctx, userA) },
		want: ACSUser{
			ACSUserID: userA, ACSSystemID: "s", WorkspaceID: "w", ConnectedAccountID: "ca",
			DisplayName: "Ada L.", FullName: "Ada Lovelace", EmailAddress: "ada@example.com", PhoneNumber: "+1555", UserIdentityID: "i",
			UserIdentityEmailAddress: "i@example.com", UserIdentityFullName: "I", UserIdentityPhoneNumber: "+1556", ExternalType: "salto_ks",
			ExternalTypeDisplayName: "Salto", IsSuspended: true, CreatedAt: "2026-01-01T00:00:00Z",
			Errors: []Problem{{ErrorCode: "e", Message: "m"}}, Warnings: []Warning{{"w", "n", "c"}},
			PendingMutations: []PendingMutation{
				{MutationCode: "creating", Message: "o", CreatedAt: "d"},
				{MutationCode: "updating_group_membership", To: Membership{ACSAccessGroupID: "g"}},
				{MutationCode: "deferring_group_membership_update", ACSAccessGroupID: "g", Variant: "removing"},
			},
		},
	},
	{
		name: "list ACS users",
		path: "/acs/users/list",
		body: `{"acs_system_id":"s","user_identity_id":"i","user_identity_email_address":"e","user_identity_phone_number":"p","search":"q","created_before":"b","limit":7,"page_cursor":"c"}`,
		response: `{"ok":true,"acs_users":[{"acs_user_id":"1","user_identity_id":null},{"acs_user_id":"2","user_identity_id":""},{"acs_user_id":"3"}],
				"pagination":{"has_next_page":true,"next_page_cursor":"d","next_page_url":"https://x"}}`,
		call: func(ctx context.Context, c *Client) (any, error) {
			return c.ListACSUsers(ctx, ACSUsersFilter{"s", "i", "e", "p", "q", "b"}, PageRequest{7, "c"})
		},
		want: Page[ACSUser]{[]ACSUser{{ACSUserID: "1"}, {ACSUserID: "2"}, {ACSUserID: "3"}}, "d"},
	},
	{
		name: "list ACS users without a filter, on the last page",
		path: "/acs/users/list", body: `{}`,
		response: `{"ok":true,"acs_users":[],"pagination":{"has_next_page":false}}`,
		call: func(ctx context.Context, c *Client) (any, error) {
			return c.ListACSUsers(ctx, ACSUsersFilter{}, PageRequest{})
		},
		want: Page[ACSUser]{Items: []ACSUser{}},
	},
	{
		name: "get a user identity",
		path: "/user_identities/get", body: `{"user_identity_id":"` + identityA + `"}`,
		response: `{"ok":true,"user_identity":{"user_identity_id":"` + identityA + `","user_identity_key":null,"email_address":"e","phone_number":"p",
				"full_name":"f","display_name":"d","acs_user_ids":["u"],"workspace_id":"w","created_at":"c","merged_user_identity_ids":["m"],
				"merged_user_identity_keys":["k"],"errors":[],"warnings":[{"warning_code":"being_deleted"}]}}`,
		call: func(ctx context.Context, c *Client) (any, error) { return c.GetUserIdentity(ctx, identityA) },
		want: UserIdentity{
			UserIdentityID: identityA, EmailAddress: "e", PhoneNumber: "p", FullName: "f", DisplayName: "d",
			ACSUserIDs: []string{"u"}, WorkspaceID: "w", CreatedAt: "c", MergedUserIdentityIDs: []string{"m"}, MergedUserIdentityKeys: []string{"k"},
			Errors: []Problem{}, Warnings: []Warning{{WarningCode: "being_deleted"}},
		},
	},
	{
		name: "get a user identity that was merged",
		path: "/user_identities/get", body: `{"user_identity_id":"` + identityA + `"}`,
		response: `{"ok":true,"user_identity":{"user_identity_id":"` + identityB + `","merged_user_identity_ids":["` + identityA + `"]}}`,
		call:     func(ctx context.Context, c *Client) (any, error) { return c.GetUserIdentity(ctx, identityA) },
		want:     UserIdentity{UserIdentityID: identityB, MergedUserIdentityIDs: []string{identityA}},
	},
	{
		name: "get a user identity by key",
		path: "/user_identities/get", body: `{"user_identity_key":"k"}`,
		response: `{"ok":true,"user_identity":{"user_identity_id":"i","user_identity_key":"k"}}`,
		call:     func(ctx context.Context, c *Client) (any, error) { return c.GetUserIdentityByKey(ctx, "k") },
		want:     UserIdentity{UserIdentityID: "i", UserIdentityKey: "k"},
	},
	{
		name: "get an unmanaged user identity",
		path: "/user_identities/unmanaged/get", body: `{"user_identity_id":"` + identityA + `"}`,
		response: `{"ok":true,"user_identity":{"user_identity_id":"` + identityA + `","full_name":"f","acs_user_ids":["u"],"workspace_id":"w"}}`,
		call:     func(ctx context.Context, c *Client) (any, error) { return c.GetUnmanagedUserIdentity(ctx, identityA) },
		want:     UserIdentity{UserIdentityID: identityA, FullName: "f", ACSUserIDs: []string{"u"}, WorkspaceID: "w"},
	},
	{
		name: "list user identities",
		path: "/user_identities/list",
		body: `{"user_identity_ids":["i","j"],"search":"q","credential_manager_acs_system_id":"s","created_before":"b","limit":500,"page_cursor":"c"}`,
		response: `{"ok":true,"user_identities":[{"user_identity_id":"i"}],
				"pagination":{"has_next_page":true,"next_page_cursor":"d","next_page_url":null}}`,
		call: func(ctx context.Context, c *Client) (any, error) {
			return c.ListUserIdentities(ctx, UserIdentitiesFilter{[]string{"i", "j"}, "q", "s", "b"}, PageRequest{500, "c"})
		},
		want: Page[UserIdentity]{[]UserIdentity{{UserIdentityID: "i"}}, "d"},
	},
	{
		name: "list none of the user identities",
		path: "/user_identities/list", body: `{"user_identity_ids":[]}`,
		response: `{"ok":true,"user_identities":[],"pagination":{"has_next_page":false,"next_page_cursor":null,"next_page_url":null}}`,
		call: func(ctx context.Context, c *Client) (any, error) {
			return c.ListUserIdentities(ctx, UserIdentitiesFilter{UserIdentityIDs: []string{}}, PageRequest{})
		},
		want: Page[UserIdentity]{Items: []UserIdentity{}},
	},
	{
		name: "list the ACS users of a user identity",
		path: "/user_identities/list_acs_users", body: `{"user_identity_id":"i"}`,
		response: `{"ok":true,"acs_users":[{"acs_user_id":"1"}]}`,
		call:     func(ctx context.Context, c *Client) (any, error) { return c.ListUserIdentityACSUsers(ctx, "i") },
		want:     []ACSUser{{ACSUserID: "1"}},
	},
	{
		name: "add",
		path: "/user_identities/add_acs_user", body: `{"acs_user_id":"u","user_identity_id":"i"}`,
		response: okBody,
		call:     func(ctx context.Context, c *Client) (any, error) { return nil, c.AddACSUser(ctx, "i", "u") },
	},
	{
		name: "remove",
		path: "/user_identities/remove_acs_user", body: `{"acs_user_id":"u","user_identity_id":"i"}`,
		response: okBody,
		call:     func(ctx context.Context, c *Client) (any, error) { return nil, c.RemoveACSUser(ctx, "i", "u") },
	},
	{
		name: "get an access group",
		path: "/acs/access_groups/get", body: `{"acs_access_group_id":"` + groupA + `"}`,
		response: `{"ok":true,"acs_access_group":{"acs_access_group_id":"` + groupA + `","acs_system_id":"s","workspace_id":"w","connected_account_id":"ca",
				"name":"Staff","display_name":"The staff","external_type":"t","external_type_display_name":"T","access_group_type":"t","is_managed":true,
				"access_schedule":{"starts_at":"a","ends_at":null},"created_at":"c","errors":[{"error_code":"e"}],"warnings":[{"warning_code":"w"}],
				"pending_mutations":[{"mutation_code":"updating_user_membership","from":{"acs_user_id":"u"},"to":{"acs_user_id":null}},
					{"mutation_code":"deferring_user_membership_update","acs_user_id":"u","variant":"adding"},
					{"mutation_code":"updating_group_information","from":{"name":"n"},"to":{"name":null}}]}}`,
		call: func(ctx context.Context, c *Client) (any, error) { return c.GetAccessGroup(ctx, groupA) },
		want: AccessGroup{
			ACSAccessGroupID: groupA, ACSSystemID: "s", WorkspaceID: "w", ConnectedAccountID: "ca", Name: "Staff", DisplayName: "The staff",
			ExternalType: "t", ExternalTypeDisplayName: "T", AccessSchedule: &AccessSchedule{StartsAt: "a"}, CreatedAt: "c",
			Errors: []Problem{{ErrorCode: "e"}}, Warnings: []Warning{{WarningCode: "w"}},
			PendingMutations: []PendingMutation{
				{MutationCode: "updating_user_membership", From: Membership{ACSUserID: "u"}},
				{MutationCode: "deferring_user_membership_update", ACSUserID: "u", Variant: "adding"},
				{MutationCode: "updating_group_information"},
			},
		},
	},
	{
		name: "list access groups",
		path: "/acs/access_groups/list", body: `{"acs_system_id":"s","acs_user_id":"u","search":"q"}`,
		response: `{"ok":true,"acs_access_groups":[{"acs_access_group_id":"g"}]}`,
		call: func(ctx context.Context, c *Client) (any, error) {
			return c.ListAccessGroups(ctx, AccessGroupsFilter{"s", "u", "q"})
		},
		want: []AccessGroup{{ACSAccessGroupID: "g"}},
	},
	{
		name: "list access groups without a filter",
		path: "/acs/access_groups/list", body: `{}`,
		response: `{"ok":true,"acs_access_groups":[]}`,
		call: func(ctx context.Context, c *Client) (any, error) {
			return c.ListAccessGroups(ctx, AccessGroupsFilter{})
		},
		want: []AccessGroup{},
	},
	{
		name: "list the members of an access group",
		path: "/acs/access_groups/list_users", body: `{"acs_access_group_id":"g"}`,
		response: `{"ok":true,"acs_users":[{"acs_user_id":"1"}]}`,
		call:     func(ctx context.Context, c *Client) (any, error) { return c.ListAccessGroupUsers(ctx, "g") },
		want:     []ACSUser{{ACSUserID: "1"}},
	},
	{
		name: "add to an access group",
		path: "/acs/users/add_to_access_group", body: `{"acs_access_group_id":"g","acs_user_id":"u"}`,
		response: okBody,
		call:     func(ctx context.Context, c *Client) (any, error) { return nil, c.AddToAccessGroup(ctx, "g", "u") },
	},
	{
		name: "remove from an access group",
		path: "/acs/users/remove_from_access_group", body: `{"acs_access_group_id":"g","acs_user_id":"u"}`,
		response: okBody,
		call:     func(ctx context.Context, c *Client) (any, error) { return nil, c.RemoveFromAccessGroup(ctx, "g", "u") },
	},
	{
		name: "get an access system, with its id in another case",
		path: "/acs/systems/get", body: `{"acs_system_id":"` + strings.ToUpper(systemA) + `"}`,
		response: `{"ok":true,"acs_system":{"acs_system_id":"` + systemA + `","name":"HQ","external_type":"t","external_type_display_name":"T",
				"workspace_id":"w","connected_account_id":"ca","created_at":"c","acs_user_count":12,"is_credential_manager":true,"errors":[],"warnings":[]}}`,
		call: func(ctx context.Context, c *Client) (any, error) {
			return c.GetACSSystem(ctx, strings.ToUpper(systemA))
		},
		want: ACSSystem{
			ACSSystemID: systemA, Name: "HQ", ExternalType: "t", ExternalTypeDisplayName: "T", WorkspaceID: "w",
			ConnectedAccountID: "ca", CreatedAt: "c", ACSUserCount: new(int64(12)), IsCredentialManager: true,
			Errors: []Problem{}, Warnings: []Warning{},
		},
	},
	{
		name: "list access systems",
		path: "/acs/systems/list", body: `{"connected_account_id":"ca"}`,
		response: `{"ok":true,"acs_systems":[{"acs_system_id":"s"}]}`,
		call: func(ctx context.Context, c *Client) (any, error) {
			return c.ListACSSystems(ctx, ACSSystemsFilter{ConnectedAccountID: "ca"})
		},
		want: []ACSSystem{{ACSSystemID: "s"}},
	},
	{
		name: "get the workspace",
		path: "/workspaces/get", body: `{}`,
		response: `{"ok":true,"workspace":{"workspace_id":"w","name":"N","connect_partner_name":"P","company_name":"C","is_sandbox":true,"is_suspended":true}}`,
		call:     func(ctx context.Context, c *Client) (any, error) { return c.GetWorkspace(ctx) },
		want:     Workspace{"w", "N", "P", "C", true, true},
	},
}

func TestRequests(t *testing.T) {
	t.Parallel()
	for _, r := range routes {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			s := answers(status(200, r.response))
			got, err := r.call(t.Context(), newTestClient(t, s))
			if err != nil || !reflect.DeepEqual(got, r.want) {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, r.want)
			}
			sent := s.seen()[0]
			if sent.method != "POST" || sent.url != "https://connect.example.com"+r.path || sent.body != r.body {
				t.Errorf("sent %s %s %s, want POST %s %s", sent.method, sent.url, sent.body, r.path, r.body)
			}
		})
	}
}

func TestRequestHeader(t *testing.T) {
	t.Parallel()
	for _, workspace := range []string{"", "w-1"} { // of an API key, and of a personal access token
		s := answers(status(200, workspaceBody))
		c := newTestClient(t, s, func(cfg *Config) { cfg.WorkspaceID = workspace })
		if err := doRead(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		want := http.Header{
			"Authorization":    {"Bearer " + testToken},
			"Content-Type":     {"application/json"},
			"Accept":           {"application/json"},
			"User-Agent":       {"terraform-provider-seam/test"},
			"Seam-Sdk-Name":    {"terraform-provider-seam"},
			"Seam-Sdk-Version": {"1.2.3"},
		}
		if workspace != "" {
			want["Seam-Workspace"] = []string{workspace}
		}
		if got := s.seen()[0].header; !reflect.DeepEqual(got, want) {
			t.Errorf("sent %v, want %v", got, want)
		}
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"https://connect.example.com":                   "https://connect.example.com/workspaces/get",
		"https://example.com/base/seam/":                "https://example.com/base/seam/workspaces/get",
		"https://example.com/a%2Fb":                     "https://example.com/a%2Fb/workspaces/get",
		"http://127.0.0.1:8080/x":                       "http://127.0.0.1:8080/x/workspaces/get",
		"https://user:secret@example.com/x?key=1#frag":  "https://example.com/x/workspaces/get",
		"https://connect.example.com/base/../other/../": "https://connect.example.com/workspaces/get",
	} {
		u, err := url.Parse(endpoint)
		if err != nil {
			t.Fatal(err)
		}
		s := answers(status(200, workspaceBody))
		err = doRead(t.Context(), newTestClient(t, s, func(cfg *Config) { cfg.Endpoint = u }))
		if got := s.seen()[0].url; err != nil || got != want {
			t.Errorf("%s: sent to %s, want %s: %v", endpoint, got, want, err)
		}
	}
}

// No secret and nothing that Seam wrote is logged: it may quote personal data.
func TestLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := answers(
			status(429, seamError("rate_limited", "slow down, person@example.com, "+testToken), "Retry-After: 3", "seam-request-id: req_1"),
			after(70*time.Millisecond, fails(errors.New("lost https://x/?key="+testToken))),
			status(200, `{"ok":true,"workspace":{"workspace_id":"w","name":"Secret Name"}}`, "seam-request-id: req_3"),
			status(200, "<html>person@example.com"),
		)
		c := newTestClient(t, s, func(cfg *Config) {
			cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		_, _ = doRead(t.Context(), c), doRead(t.Context(), c)
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		want := [][]string{
			{"method=POST", "path=/workspaces/get", "attempt=1", "status=429", "request_id=req_1", "duration=0s"},
			{"wait=3s", `reason="POST /workspaces/get: 429 Too Many Requests"`},
			{"attempt=2", "duration=70ms", "no response: lost https://x/"},
			{"wait=500ms", "no response"},
			{"attempt=3", "status=200", "request_id=req_3"},
			{"attempt=1", `failure="POST /workspaces/get: 200, but the response is not JSON"`},
		}
		if len(lines) != len(want) {
			t.Fatalf("got %d lines, want %d:\n%s", len(lines), len(want), log.String())
		}
		for i, parts := range want {
			for _, part := range parts {
				if !strings.Contains(lines[i], part) {
					t.Errorf("line %d lacks %s: %s", i, part, lines[i])
				}
			}
		}
		for _, secret := range []string{testToken, "person@example.com", "Secret Name", "Bearer"} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log has %q:\n%s", secret, log.String())
			}
		}
	})
}
