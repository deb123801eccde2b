package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// params are the parameters of a request: a JSON body, or a query.
type params map[string]any

// rightParams are valid requests by route. Together they use every parameter that the
// document describes for the route. What they delete is new in each call.
func (w *world) rightParams() map[string][]params {
	named := params{"user_identity_id": w.jane.ID, "acs_system_id": w.system.ID}
	leaver := w.leaver()
	group := params{"acs_access_group_id": w.group.ID}
	return map[string][]params{
		"/acs/access_groups/get": {group},
		"/acs/access_groups/list": {
			{},
			{"acs_system_id": w.system.ID, "acs_user_id": w.linked.ID, "user_identity_id": w.jane.ID, "search": "staff"},
		},
		"/acs/access_groups/list_users": {group},
		"/acs/systems/get":              {{"acs_system_id": w.system.ID}},
		"/acs/systems/list": {
			{},
			{"connected_account_id": someID, "customer_key": "hotel", "search": "door"},
		},
		"/acs/users/add_to_access_group": {group.with("acs_user_id", w.free.ID)},
		"/acs/users/create": {
			{"acs_system_id": w.system.ID, "full_name": "Guest"},
			{
				"acs_system_id": w.system.ID, "full_name": "Guest", "email_address": "guest@example.com", "phone_number": "+15555550111",
				"access_schedule":  params{"starts_at": "2026-01-02T03:04:05.678Z", "ends_at": "2099-01-02T03:04:05Z"},
				"user_identity_id": w.seam.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Guest"}).ID,
			},
			{"acs_system_id": w.system.ID, "full_name": "", "access_schedule": params{}, "acs_access_group_ids": []any{}},
			{"acs_system_id": w.system.ID, "full_name": "Guest", "acs_access_group_ids": []any{w.group.ID}},
			{
				"acs_system_id": w.system.ID, "full_name": "Guest", "email": "guest@example.com",
				"access_schedule": params{"starts_at": "2026-01-02T03:04:05+02:00", "ends_at": nil},
			},
		},
		"/acs/users/delete": {
			{"acs_user_id": leaver.ID},
			{"user_identity_id": w.leaver().UserIdentityID, "acs_system_id": w.system.ID},
		},
		"/acs/users/get": {
			{"acs_user_id": w.linked.ID},
			{"acs_user_id": w.free.ID},
			{"acs_user_id": w.deleting.ID},
			{"user_identity_id": w.jane.ID, "acs_system_id": w.system.ID},
		},
		"/acs/users/list": {
			{},
			{"limit": 1},
			{"acs_system_id": w.system.ID, "user_identity_id": w.jane.ID},
			{"user_identity_email_address": "jane@example.com", "user_identity_phone_number": "+15555550100"},
			{"search": "Jane", "created_before": "2030-01-02T03:04:05.678Z"},
		},
		"/acs/users/remove_from_access_group": {group.with("acs_user_id", w.free.ID), group.with("user_identity_id", w.jane.ID)},

		"/acs/users/suspend":   {{"acs_user_id": w.linked.ID}, named},
		"/acs/users/unsuspend": {{"acs_user_id": w.linked.ID}, named},
		"/acs/users/update": {
			{"acs_user_id": w.linked.ID},
			named.with("full_name", "Jane D.").with("email_address", "jane.d@example.com").with("phone_number", "+15555550112").
				with("access_schedule", params{"starts_at": "2026-01-02T03:04:05.678Z", "ends_at": "2099-01-02T03:04:05Z"}),
			{"acs_user_id": w.linked.ID, "email": "jane@example.com", "hid_acs_system_id": someID},
			{"acs_user_id": w.linked.ID, "access_schedule": nil},
		},
		// Adding an ACS user that is linked already succeeds.
		"/user_identities/add_acs_user": {
			{"user_identity_id": w.john.ID, "acs_user_id": w.free.ID},
			{"user_identity_key": "jane", "acs_user_id": w.linked.ID},
		},
		"/user_identities/create": {
			{},
			{
				"full_name": "Guest", "email_address": "guest@example.com", "phone_number": "+15555550111",
				"user_identity_key": "guest", "acs_system_ids": []any{w.system.ID},
			},
			{"full_name": nil, "email_address": nil, "phone_number": nil, "user_identity_key": nil, "acs_system_ids": []any{}},
		},
		"/user_identities/delete": {{"user_identity_id": w.leaver().UserIdentityID}},
		"/user_identities/get": {
			{"user_identity_id": w.jane.ID},
			{"user_identity_id": w.john.ID},
			{"user_identity_id": w.formerJane.ID},
			{"user_identity_key": "jane"},
		},
		"/user_identities/list": {
			{},
			{"limit": 1},
			{"user_identity_ids": []any{w.jane.ID, w.john.ID}},
			{"search": "", "created_before": "2030-01-02T03:04:05Z"},
			{"credential_manager_acs_system_id": w.system.ID},
		},
		"/user_identities/list_acs_users": {
			{"user_identity_id": w.jane.ID},
			{"user_identity_id": w.john.ID},
		},
		"/user_identities/remove_acs_user": {
			{"user_identity_id": w.john.ID, "acs_user_id": w.free.ID},
		},
		"/user_identities/unmanaged/get": {{"user_identity_id": w.unmanaged.ID}},
		"/user_identities/update": {
			{"user_identity_id": w.john.ID},
			{
				"user_identity_id": w.john.ID, "full_name": "John Smith", "email_address": "john@example.com",
				"phone_number": "+15555550101", "user_identity_key": "john",
			},
			{"user_identity_id": w.john.ID, "full_name": "John", "email_address": nil, "phone_number": nil, "user_identity_key": nil},
			{"user_identity_id": w.john.ID, "full_name": nil},
		},
		"/workspaces/get": {{}},
	}
}

// withCursor returns requests for the second page of the list routes.
func withCursor(t *testing.T, w *world) map[string][]params {
	t.Helper()
	second := map[string][]params{}
	for _, route := range []string{"/acs/users/list", "/user_identities/list"} {
		first := w.send(t, http.MethodPost, route, params{"limit": 1})
		var body struct {
			Pagination struct {
				NextPageCursor string `json:"next_page_cursor"`
			}
		}
		if err := json.Unmarshal(first.responseBody, &body); err != nil || body.Pagination.NextPageCursor == "" {
			t.Fatalf("%v has no second page: %v\n%s", first, err, first.responseBody)
		}
		second[route] = []params{{"limit": 1, "page_cursor": body.Pagination.NextPageCursor}}
	}
	return second
}

func TestFakeSeam_right(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cursors := withCursor(t, w)

	for _, route := range routes {
		for _, method := range offeredMethods(w.spec, route) {
			right := w.rightParams()
			right[route] = append(right[route], cursors[route]...)
			if len(right[route]) == 0 {
				t.Errorf("%s: no requests to check it with", route)
			}
			var used []string
			for _, p := range right[route] {
				used = slices.AppendSeq(used, maps.Keys(p))
				e := w.send(t, method, route, p)
				if e.status != http.StatusOK {
					t.Errorf("%v, with %v: %s", e, p, e.responseBody)
				}
				if e.request != nil {
					t.Errorf("%v: the test's own request is wrong: %v", e, e.request)
				}
				if e.response != nil {
					t.Errorf("%v: Seam's OpenAPI refuses the embedded Seam's response: %v\n%s", e, e.response, e.responseBody)
				}
			}
			for name := range describedParams(w.spec, method, route) {
				if !slices.Contains(used, name) {
					t.Errorf("%s %s: nothing here uses the parameter %s", method, route, name)
				}
			}
		}
	}
}

// TestFakeSeam_wrong: the embedded Seam refuses what the document does not allow. Otherwise a
// mistake of the client would show only in a real workspace.
func TestFakeSeam_wrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)

	for _, route := range routes {
		for _, method := range offeredMethods(w.spec, route) {
			described := describedParams(w.spec, method, route)
			for _, p := range w.rightParams()[route] {
				for name := range p {
					for _, value := range wrongValues(described[name], hasBody(method)) {
						changed := maps.Clone(p)
						changed[name] = value
						w.expectRefusal(t, method, route, changed, http.StatusBadRequest)
					}
				}
			}
			for _, name := range requiredParams(w.spec, method, route) {
				lacking := maps.Clone(w.rightParams()[route][0])
				delete(lacking, name)
				w.expectRefusal(t, method, route, lacking, http.StatusBadRequest)
			}
		}
	}
}

// expectRefusal sends an invalid request, and expects that both the checker and the embedded
// Seam refuse it.
func (w *world) expectRefusal(t *testing.T, method, route string, p params, status int) {
	t.Helper()
	e := w.send(t, method, route, p)
	if e.request == nil {
		t.Errorf("%v, with %v: the document allows the test's invalid request", e, p)
	}
	if e.status != status {
		t.Errorf("%v, with %v: expected %d: %s", e, p, status, e.responseBody)
	}
	if e.response != nil {
		t.Errorf("%v: %v\n%s", e, e.response, e.responseBody)
	}
}

// TestFakeSeam_missing: an id that does not exist is a valid request, and refused. What the
// client sends by id is in clientCalls.
func TestFakeSeam_missing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	users := []params{
		{"user_identity_id": someID, "acs_system_id": w.system.ID},
		{"user_identity_id": w.john.ID, "acs_system_id": w.system.ID},
	}
	group := []params{{"acs_access_group_id": someID}}
	member := params{"acs_access_group_id": w.group.ID, "acs_user_id": w.linked.ID}
	members := []params{member.with("acs_access_group_id", someID), member.with("acs_user_id", someID)}
	guest := params{"acs_system_id": w.system.ID, "full_name": "Guest"}
	unknown := []params{{"user_identity_id": someID, "acs_user_id": w.linked.ID}}
	for route, requests := range map[string][]params{
		"/acs/access_groups/get":         group,
		"/acs/access_groups/list_users":  group,
		"/acs/users/add_to_access_group": members,
		"/acs/users/remove_from_access_group": append(members,
			params{"acs_access_group_id": w.group.ID, "user_identity_id": someID},
			params{"acs_access_group_id": w.group.ID, "user_identity_id": w.john.ID}),
		"/acs/users/create":                {guest.with("user_identity_id", someID), guest.with("acs_access_group_ids", []any{someID})},
		"/acs/users/delete":                users,
		"/acs/users/get":                   users,
		"/acs/users/suspend":               users,
		"/acs/users/unsuspend":             users,
		"/acs/users/update":                users,
		"/user_identities/create":          {{"acs_system_ids": []any{someID}}},
		"/user_identities/delete":          {{"user_identity_id": w.unmanaged.ID}},
		"/user_identities/update":          {{"user_identity_id": w.unmanaged.ID}},
		"/user_identities/get":             {{"user_identity_id": w.unmanaged.ID}},
		"/user_identities/unmanaged/get":   {{"user_identity_id": w.jane.ID}},
		"/user_identities/add_acs_user":    unknown,
		"/user_identities/remove_acs_user": unknown,
	} {
		for _, method := range offeredMethods(w.spec, route) {
			for _, p := range requests {
				e := w.send(t, method, route, p)
				if e.status != http.StatusNotFound || e.request != nil || e.response != nil {
					t.Errorf("%v, with %v: request: %v, response: %v\n%s", e, p, e.request, e.response, e.responseBody)
				}
			}
		}
	}
}

// TestFakeSeam_methods: a method that the document does not offer has no effect.
func TestFakeSeam_methods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, route := range routes {
		offered := offeredMethods(w.spec, route)
		if !slices.Contains(offered, http.MethodPost) {
			t.Errorf("%s: Seam's OpenAPI offers %v alone", route, offered)
		}
		for _, method := range []string{
			http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		} {
			if !slices.Contains(offered, method) {
				w.expectRefusal(t, method, route, w.rightParams()[route][0], http.StatusMethodNotAllowed)
			}
		}
	}
}

// TestFakeSeam_credentials: the embedded Seam requires the credentials that the document
// describes.
func TestFakeSeam_credentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		header http.Header
		status int
		right  bool // The form is right, known or not.
	}{
		"API key":               {http.Header{"Authorization": {"Bearer " + w.workspace.APIKey}}, 200, true},
		"personal access token": {http.Header{"Authorization": {"Bearer " + w.token}, "Seam-Workspace": {w.workspace.ID}}, 200, true},
		"unknown API key":       {http.Header{"Authorization": {"Bearer seam_unknown"}}, 401, true},
		"token elsewhere":       {http.Header{"Authorization": {"Bearer " + w.token}, "Seam-Workspace": {someID}}, 401, true},
		"token alone":           {http.Header{"Authorization": {"Bearer " + w.token}}, 400, false},
		"nothing":               {http.Header{}, 401, false},
		"basic":                 {http.Header{"Authorization": {"Basic c2VhbQ=="}}, 401, false},
	} {
		for _, route := range routes {
			for _, method := range offeredMethods(w.spec, route) {
				e := w.sendAs(t, c.header, method, route, w.rightParams()[route][0])
				if e.status != c.status || (e.request == nil) != c.right || e.response != nil {
					t.Errorf("%s: %v, expected %d; request: %v, response: %v\n%s",
						name, e, c.status, e.request, e.response, e.responseBody)
				}
			}
		}
	}
	expectExercised(t, w.seen(), routes)
}

// TestFakeSeam_unlinked: an ACS user without a link has no user_identity_id, or an empty one.
// The document does not allow null, but the client accepts it, and the embedded Seam can send
// it.
func TestFakeSeam_unlinked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		as        fakeseam.UnlinkedAs
		sent      string
		described bool
	}{
		{fakeseam.UnlinkedAbsent, ``, true},
		{fakeseam.UnlinkedEmpty, `"user_identity_id":""`, true},
		{fakeseam.UnlinkedNull, `"user_identity_id":null`, false},
	} {
		t.Run(c.as.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.seam.SetUnlinkedAs(c.as)
			user, err := newClient(w, w.workspace.APIKey, "").GetACSUser(t.Context(), w.free.ID)
			if err != nil || user.UserIdentityID != "" {
				t.Errorf("the client finds the identity %q, and %v", user.UserIdentityID, err)
			}
			last := w.last(t)
			if (last.response == nil) != c.described {
				t.Errorf("described: %t, expected %t: %v\n%s", last.response == nil, c.described, last.response, last.responseBody)
			}
			if !bytes.Contains(last.responseBody, []byte(c.sent)) || c.sent == "" && bytes.Contains(last.responseBody, []byte("user_identity_id")) {
				t.Errorf("expected %q in %s", c.sent, last.responseBody)
			}
		})
	}
}

// TestFakeSeam_notices: the embedded Seam can send every error, warning and pending mutation
// of the document, in the form that it describes.
func TestFakeSeam_notices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	codes := func(schema, list, property string) []string {
		t.Helper()
		var codes []string
		for _, kind := range w.spec.Components.Schemas[schema].Value.Properties[list].Value.Items.Value.OneOf {
			for _, code := range kind.Value.Properties[property].Value.Enum {
				codes = append(codes, code.(string))
			}
		}
		if len(codes) == 0 {
			t.Errorf("no %s of %s", property, schema)
		}
		return codes
	}
	for _, c := range []struct {
		schema, list, property string
		set                    func(id string, codes ...string)
		id                     string
		requests               map[string]params
	}{
		{"acs_user", "errors", "error_code", w.seam.SetACSUserErrors, w.linked.ID, w.showingUser()},
		{"acs_user", "warnings", "warning_code", w.seam.SetACSUserWarnings, w.linked.ID, w.showingUser()},
		{"acs_user", "pending_mutations", "mutation_code", w.seam.SetACSUserPendingMutations, w.linked.ID, w.showingUser()},
		{"acs_access_group", "errors", "error_code", w.seam.SetAccessGroupErrors, w.group.ID, w.showingGroup()},
		{"acs_access_group", "warnings", "warning_code", w.seam.SetAccessGroupWarnings, w.group.ID, w.showingGroup()},
		{"acs_access_group", "pending_mutations", "mutation_code", w.seam.SetAccessGroupPendingMutations, w.group.ID, w.showingGroup()},
		{"user_identity", "errors", "error_code", w.seam.SetUserIdentityErrors, w.jane.ID, w.showingIdentity()},
		{"user_identity", "warnings", "warning_code", w.seam.SetUserIdentityWarnings, w.jane.ID, w.showingIdentity()},
		{"user_identity", "errors", "error_code", w.seam.SetUserIdentityErrors, w.unmanaged.ID, w.showingUnmanaged()},
		{"user_identity", "warnings", "warning_code", w.seam.SetUserIdentityWarnings, w.unmanaged.ID, w.showingUnmanaged()},
	} {
		known := codes(c.schema, c.list, c.property)
		c.set(c.id, known...)
		for route, p := range c.requests {
			e := w.send(t, http.MethodPost, route, p)
			if e.status != http.StatusOK || e.response != nil {
				t.Errorf("%s of %s: %v: %v\n%s", c.list, c.schema, e, e.response, e.responseBody)
			}
			for _, code := range known {
				if !bytes.Contains(e.responseBody, []byte(`"`+c.property+`":"`+code+`"`)) {
					t.Errorf("%s of %s: %v lacks %s\n%s", c.list, c.schema, e, code, e.responseBody)
				}
			}
		}
	}
}

// TestFakeSeam_pending: pending changes have the form that the document describes.
func TestFakeSeam_pending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.seam.SetDeletesTakeAWhile(true)
	group := params{"acs_access_group_id": w.group.ID}
	for _, semantics := range []fakeseam.Semantics{
		{Mutations: fakeseam.MutationsShowNew, Memberships: fakeseam.MembershipsPendingHidden},
		{Mutations: fakeseam.MutationsShowOld, Memberships: fakeseam.MembershipsDeferredHidden},
	} {
		w.seam.SetSemantics(semantics)
		w.seam.AddToGroup(w.group.ID, w.linked.ID)
		w.seam.RemoveFromGroup(w.group.ID, w.free.ID)
		updating, ofUser := "updating_user_membership", "updating_group_membership"
		if semantics.Memberships == fakeseam.MembershipsDeferredHidden {
			updating, ofUser = "deferring_user_membership_update", "deferring_group_membership_update"
		}
		w.seam.UpdateACSUser(w.linked.ID, fakeseam.Person{FullName: "Jane"})
		w.seam.SetACSUserSchedule(w.linked.ID, fakeseam.AccessSchedule{})
		w.seam.SuspendACSUser(w.linked.ID, false)
		for _, request := range []struct {
			route string
			p     params
			codes []string
		}{
			{"/acs/users/create", params{"acs_system_id": w.system.ID, "full_name": "Guest"}, []string{"creating"}},
			{"/acs/users/update", params{"acs_user_id": w.linked.ID, "full_name": "Jane D.", "email_address": "jane.d@example.com"}, nil},
			{"/acs/users/update", params{"acs_user_id": w.linked.ID, "access_schedule": params{"starts_at": "2026-01-02T03:04:05Z", "ends_at": "2099-01-02T03:04:05Z"}}, nil},
			{"/acs/users/suspend", params{"acs_user_id": w.linked.ID}, nil},
			{"/acs/users/add_to_access_group", group.with("acs_user_id", w.free.ID), nil},
			{"/acs/users/remove_from_access_group", group.with("acs_user_id", w.linked.ID), nil},
			{"/acs/access_groups/get", group, []string{updating}},
			{"/acs/access_groups/list_users", group, []string{ofUser}},
			{"/acs/users/get", params{"acs_user_id": w.free.ID}, []string{ofUser}},
			{"/user_identities/delete", params{"user_identity_id": w.jane.ID}, nil},
			{"/acs/users/get", params{"acs_user_id": w.linked.ID}, []string{ofUser, "updating_user_information", "updating_access_schedule", "updating_suspension_state", "deleting"}},
			{"/user_identities/get", params{"user_identity_id": w.jane.ID}, []string{"being_deleted"}},
		} {
			e := w.send(t, http.MethodPost, request.route, request.p)
			if e.status != http.StatusOK || e.request != nil || e.response != nil {
				t.Errorf("%v: request: %v, response: %v\n%s", e, e.request, e.response, e.responseBody)
			}
			for _, code := range request.codes {
				if !bytes.Contains(e.responseBody, []byte(`"`+code+`"`)) {
					t.Errorf("%v lacks %s\n%s", e, code, e.responseBody)
				}
			}
		}
	}
}

// The requests that show w.linked, w.jane, w.group and w.unmanaged.
func (w *world) showingUser() map[string]params {
	return map[string]params{
		"/acs/access_groups/list_users":   {"acs_access_group_id": w.group.ID},
		"/acs/users/get":                  {"acs_user_id": w.linked.ID},
		"/acs/users/list":                 {},
		"/user_identities/list_acs_users": {"user_identity_id": w.jane.ID},
	}
}

func (w *world) showingIdentity() map[string]params {
	return map[string]params{
		"/user_identities/get":  {"user_identity_id": w.jane.ID},
		"/user_identities/list": {},
	}
}

func (w *world) showingGroup() map[string]params {
	return map[string]params{
		"/acs/access_groups/get":  {"acs_access_group_id": w.group.ID},
		"/acs/access_groups/list": {},
	}
}

func (w *world) showingUnmanaged() map[string]params {
	return map[string]params{"/user_identities/unmanaged/get": {"user_identity_id": w.unmanaged.ID}}
}

func (p params) with(name string, value any) params {
	p = maps.Clone(p)
	p[name] = value
	return p
}

func hasBody(method string) bool {
	return method != http.MethodGet && method != http.MethodDelete
}

// send sends a request with the workspace's API key.
func (w *world) send(t *testing.T, method, route string, p params) exchange {
	t.Helper()
	return w.sendAs(t, http.Header{"Authorization": {"Bearer " + w.workspace.APIKey}}, method, route, p)
}

func (w *world) sendAs(t *testing.T, header http.Header, method, route string, p params) exchange {
	t.Helper()
	target, body := *w.url, io.Reader(http.NoBody)
	target.Path = route
	header = header.Clone()
	if hasBody(method) {
		encoded, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(encoded)
		header.Set("Content-Type", "application/json")
	} else {
		target.RawQuery = p.query().Encode()
	}
	request, err := http.NewRequestWithContext(t.Context(), method, target.String(), body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return w.last(t)
}

// query writes parameters as OpenAPI does by default: a list is one name several
// times.
func (p params) query() url.Values {
	query := url.Values{}
	for name, value := range p {
		list, isList := value.([]any)
		if !isList {
			list = []any{value}
		}
		for _, item := range list {
			query.Add(name, fmt.Sprint(item))
		}
	}
	return query
}

// offeredMethods are the methods that the document has for a route, sorted.
func offeredMethods(spec *openapi3.T, route string) []string {
	return slices.Sorted(maps.Keys(spec.Paths.Value(route).Operations()))
}

// describedParams are the parameters that the document has for an operation.
func describedParams(spec *openapi3.T, method, route string) map[string]*openapi3.Schema {
	described := map[string]*openapi3.Schema{}
	for _, body := range bodySchemas(spec, method, route) {
		for name, schema := range body.Properties {
			described[name] = schema.Value
		}
	}
	for _, parameter := range spec.Paths.Value(route).GetOperation(method).Parameters {
		described[parameter.Value.Name] = parameter.Value.Schema.Value
	}
	return described
}

// requiredParams are the parameters without which an operation is refused.
func requiredParams(spec *openapi3.T, method, route string) []string {
	var required []string
	if bodies := bodySchemas(spec, method, route); len(bodies) == 1 {
		required = bodies[0].Required
	}
	for _, parameter := range spec.Paths.Value(route).GetOperation(method).Parameters {
		if parameter.Value.Required {
			required = append(required, parameter.Value.Name)
		}
	}
	return required
}

// bodySchemas are the objects that an operation takes: one, or alternatives. For
// a GET whose parameters the document lacks, see unionBody.
func bodySchemas(spec *openapi3.T, method, route string) []*openapi3.Schema {
	item := spec.Paths.Value(route)
	operation := item.GetOperation(method)
	body := operation.RequestBody
	if body == nil && len(operation.Parameters) == 0 {
		body = item.Post.RequestBody
	}
	if body == nil {
		return nil
	}
	schema := body.Value.Content["application/json"].Schema.Value
	if len(schema.OneOf) == 0 {
		return []*openapi3.Schema{schema}
	}
	var alternatives []*openapi3.Schema
	for _, alternative := range schema.OneOf {
		alternatives = append(alternatives, alternative.Value)
	}
	return alternatives
}

// wrongValues are values that a parameter must not have. In a query everything
// is text, so that only the text can be wrong.
func wrongValues(schema *openapi3.Schema, typed bool) []any {
	var wrong []any
	switch {
	case schema.Format == "uuid":
		wrong = []any{"123", strings.Repeat("x", len(someID))}
	case schema.Format == "date-time":
		wrong = []any{"yesterday"}
	case schema.Type.Is(openapi3.TypeInteger):
		wrong = []any{0, -1, 1.5, "ten"}
	case schema.Type.Is(openapi3.TypeArray):
		wrong = []any{[]any{"123"}, []any{someID, "123"}}
	case schema.Format == "email":
		wrong = []any{"jane", "", "Jane Doe <jane@example.com>"}
	case schema.MinLength > 0:
		wrong = []any{""}
	case schema.Type.Is(openapi3.TypeObject):
		wrong = wrongObjects(schema)
	}
	if typed {
		wrong = append(wrong, true)
		if !schema.Type.Is(openapi3.TypeObject) {
			wrong = append(wrong, map[string]any{})
		}
		if !schema.Nullable {
			wrong = append(wrong, nil)
		}
	}
	return wrong
}

// wrongObjects are objects with one field that is wrong, or missing. The fields of
// the objects that the provider's routes take are times.
func wrongObjects(schema *openapi3.Schema) []any {
	wrong := []any{"text", []any{}}
	right := params{}
	for name := range schema.Properties {
		right[name] = "2099-01-02T03:04:05Z"
	}
	for name, property := range schema.Properties {
		for _, value := range wrongValues(property.Value, true) {
			wrong = append(wrong, right.with(name, value))
		}
	}
	for _, name := range schema.Required {
		lacking := maps.Clone(right)
		delete(lacking, name)
		wrong = append(wrong, lacking)
	}
	return wrong
}
