package contract

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// A clientCall is a call of the client.
type clientCall struct {
	method string // Of seam.Client.
	route  string
	status int // Of the response.
	call   func(context.Context, *seam.Client) error
}

// clientCalls are all calls of the client, for objects that exist and for ones that do not.
func clientCalls(w *world) []clientCall {
	const missing = someID
	got := func(_ any, err error) error { return err }
	calls := []clientCall{
		{"GetWorkspace", "/workspaces/get", 200, func(ctx context.Context, c *seam.Client) error {
			return got(c.GetWorkspace(ctx))
		}},
		{"ListACSSystems", "/acs/systems/list", 200, func(ctx context.Context, c *seam.Client) error {
			return got(c.ListACSSystems(ctx, filled[seam.ACSSystemsFilter](w)))
		}},
		{"ListACSSystems", "/acs/systems/list", 200, func(ctx context.Context, c *seam.Client) error {
			return got(c.ListACSSystems(ctx, seam.ACSSystemsFilter{}))
		}},
		{"ListACSUsers", "/acs/users/list", 200, func(ctx context.Context, c *seam.Client) error {
			return got(c.ListACSUsers(ctx, filled[seam.ACSUsersFilter](w), seam.PageRequest{Limit: 10}))
		}},
		{"ListACSUsers", "/acs/users/list", 200, func(ctx context.Context, c *seam.Client) error {
			first, err := c.ListACSUsers(ctx, seam.ACSUsersFilter{}, seam.PageRequest{Limit: 1})
			if err != nil || first.NextPageCursor == "" {
				return errors.Join(err, errors.New("there is no second page"))
			}
			return got(c.ListACSUsers(ctx, seam.ACSUsersFilter{}, seam.PageRequest{Limit: 1, Cursor: first.NextPageCursor}))
		}},
		{"ListUserIdentities", "/user_identities/list", 200, func(ctx context.Context, c *seam.Client) error {
			return got(c.ListUserIdentities(ctx, filled[seam.UserIdentitiesFilter](w), seam.PageRequest{Limit: 10}))
		}},
		{"ListUserIdentities", "/user_identities/list", 200, func(ctx context.Context, c *seam.Client) error {
			first, err := c.ListUserIdentities(ctx, seam.UserIdentitiesFilter{}, seam.PageRequest{Limit: 1})
			if err != nil || first.NextPageCursor == "" {
				return errors.Join(err, errors.New("there is no second page"))
			}
			return got(c.ListUserIdentities(ctx, seam.UserIdentitiesFilter{}, seam.PageRequest{Limit: 1, Cursor: first.NextPageCursor}))
		}},
		{"ListAccessGroups", "/acs/access_groups/list", 200, func(ctx context.Context, c *seam.Client) error {
			return got(c.ListAccessGroups(ctx, filled[seam.AccessGroupsFilter](w)))
		}},
		{"ListAccessGroups", "/acs/access_groups/list", 200, func(ctx context.Context, c *seam.Client) error {
			return got(c.ListAccessGroups(ctx, seam.AccessGroupsFilter{}))
		}},
	}

	// Calls for one object by its id or key.
	byID := func(method, route string, call func(context.Context, *seam.Client, string) error, found ...string) {
		for _, id := range append(found, missing) {
			status := http.StatusOK
			if id == missing {
				status = http.StatusNotFound
			}
			calls = append(calls, clientCall{method, route, status, func(ctx context.Context, c *seam.Client) error {
				return call(ctx, c, id)
			}})
		}
	}
	byID("GetACSSystem", "/acs/systems/get", func(ctx context.Context, c *seam.Client, id string) error {
		return got(c.GetACSSystem(ctx, id))
	}, w.system.ID)
	byID("GetACSUser", "/acs/users/get", func(ctx context.Context, c *seam.Client, id string) error {
		return got(c.GetACSUser(ctx, id))
	}, w.linked.ID, w.free.ID, w.deleting.ID, strings.ToUpper(w.free.ID))
	byID("GetUserIdentity", "/user_identities/get", func(ctx context.Context, c *seam.Client, id string) error {
		return got(c.GetUserIdentity(ctx, id))
	}, w.jane.ID, w.john.ID, w.formerJane.ID)
	byID("GetUnmanagedUserIdentity", "/user_identities/unmanaged/get", func(ctx context.Context, c *seam.Client, id string) error {
		return got(c.GetUnmanagedUserIdentity(ctx, id))
	}, w.unmanaged.ID)
	byID("GetUserIdentityByKey", "/user_identities/get", func(ctx context.Context, c *seam.Client, key string) error {
		return got(c.GetUserIdentityByKey(ctx, key))
	}, w.jane.Key, w.formerJane.Key)
	byID("ListUserIdentityACSUsers", "/user_identities/list_acs_users", func(ctx context.Context, c *seam.Client, id string) error {
		return got(c.ListUserIdentityACSUsers(ctx, id))
	}, w.jane.ID, w.john.ID)
	byID("AddACSUser", "/user_identities/add_acs_user", func(ctx context.Context, c *seam.Client, id string) error {
		return c.AddACSUser(ctx, w.john.ID, id)
	}, w.free.ID)
	byID("RemoveACSUser", "/user_identities/remove_acs_user", func(ctx context.Context, c *seam.Client, id string) error {
		return c.RemoveACSUser(ctx, w.john.ID, id)
	}, w.free.ID)
	byID("GetAccessGroup", "/acs/access_groups/get", func(ctx context.Context, c *seam.Client, id string) error {
		return got(c.GetAccessGroup(ctx, id))
	}, w.group.ID, strings.ToUpper(w.group.ID))
	byID("ListAccessGroupUsers", "/acs/access_groups/list_users", func(ctx context.Context, c *seam.Client, id string) error {
		return got(c.ListAccessGroupUsers(ctx, id))
	}, w.group.ID)
	byID("AddToAccessGroup", "/acs/users/add_to_access_group", func(ctx context.Context, c *seam.Client, id string) error {
		return c.AddToAccessGroup(ctx, w.group.ID, id)
	}, w.free.ID)
	byID("RemoveFromAccessGroup", "/acs/users/remove_from_access_group", func(ctx context.Context, c *seam.Client, id string) error {
		return c.RemoveFromAccessGroup(ctx, w.group.ID, id)
	}, w.free.ID)
	return append(append(calls, creations(w)...), changes(w)...)
}

var (
	identityValues = seam.UserIdentityValues{
		FullName: "New Doe", EmailAddress: "new@example.com", PhoneNumber: "+15555550111", UserIdentityKey: "new",
	}
	acsUserValues = seam.ACSUserValues{
		FullName: "New Doe", EmailAddress: "new@example.com", PhoneNumber: "+15555550111",
		AccessSchedule: &seam.AccessSchedule{StartsAt: "2030-01-02T03:04:05Z", EndsAt: "2031-01-02T03:04:05Z"},
	}
)

// creations are calls with all values of a person, and with as few as possible.
func creations(w *world) []clientCall {
	var calls []clientCall
	for _, values := range []seam.UserIdentityValues{identityValues, {FullName: "New Doe"}} {
		calls = append(calls, clientCall{"CreateUserIdentity", "/user_identities/create", 200, func(ctx context.Context, c *seam.Client) error {
			_, err := c.CreateUserIdentity(ctx, values)
			return err
		}})
	}
	for _, values := range []seam.ACSUserValues{acsUserValues, {FullName: "New Doe"}, {FullName: "New Doe", AccessSchedule: &seam.AccessSchedule{StartsAt: "2030-01-02T03:04:05Z"}}} {
		calls = append(calls, clientCall{"CreateACSUser", "/acs/users/create", 200, func(ctx context.Context, c *seam.Client) error {
			_, err := c.CreateACSUser(ctx, w.system.ID, values)
			return err
		}})
	}
	return append(calls, clientCall{"CreateACSUser", "/acs/users/create", 404, func(ctx context.Context, c *seam.Client) error {
		_, err := c.CreateACSUser(ctx, someID, acsUserValues)
		return err
	}})
}

// changes set each field of an object, and clear each that can be cleared. The
// deletions come last.
func changes(w *world) []clientCall {
	var calls []clientCall
	byID := func(method, route, id string, call func(*seam.Client, context.Context, string) error) {
		for id, status := range map[string]int{id: http.StatusOK, someID: http.StatusNotFound} {
			calls = append(calls, clientCall{method, route, status, func(ctx context.Context, c *seam.Client) error {
				return call(c, ctx, id)
			}})
		}
	}
	for _, changes := range []seam.UserIdentityChanges{
		seam.ChangesOf(seam.UserIdentityValues{}, seam.UserIdentityValues{FullName: "Joe", EmailAddress: "joe@example.com", PhoneNumber: "+15555550112", UserIdentityKey: "joe"}),
		seam.ChangesOf(identityValues, seam.UserIdentityValues{}),
	} {
		byID("UpdateUserIdentity", "/user_identities/update", w.john.ID, func(c *seam.Client, ctx context.Context, id string) error {
			return c.UpdateUserIdentity(ctx, id, changes)
		})
	}
	for _, changes := range []seam.ACSUserChanges{
		seam.ACSUserChangesOf(seam.ACSUserValues{}, acsUserValues, false),
		seam.ACSUserChangesOf(acsUserValues, seam.ACSUserValues{FullName: acsUserValues.FullName, EmailAddress: acsUserValues.EmailAddress}, false),
	} {
		byID("UpdateACSUser", "/acs/users/update", w.free.ID, func(c *seam.Client, ctx context.Context, id string) error {
			return c.UpdateACSUser(ctx, id, changes)
		})
	}
	byID("SuspendACSUser", "/acs/users/suspend", w.free.ID, (*seam.Client).SuspendACSUser)
	byID("UnsuspendACSUser", "/acs/users/unsuspend", w.free.ID, (*seam.Client).UnsuspendACSUser)
	byID("DeleteACSUser", "/acs/users/delete", w.free.ID, (*seam.Client).DeleteACSUser)
	byID("DeleteUserIdentity", "/user_identities/delete", w.john.ID, (*seam.Client).DeleteUserIdentity)
	return calls
}

// filled sets every field of a filter. It panics for an unknown field, so that new fields are
// checked, too.
func filled[Filter any](w *world) Filter {
	var filter Filter
	value := reflect.ValueOf(&filter).Elem()
	for i := range value.NumField() {
		value.Field(i).Set(reflect.ValueOf(map[string]any{
			"ConnectedAccountID":           someID,
			"ACSSystemID":                  w.system.ID,
			"ACSUserID":                    w.linked.ID,
			"UserIdentityID":               w.jane.ID,
			"UserIdentityIDs":              []string{w.jane.ID, w.john.ID},
			"UserIdentityEmailAddress":     w.jane.EmailAddress,
			"UserIdentityPhoneNumber":      w.jane.PhoneNumber,
			"Search":                       "Jane",
			"CreatedBefore":                "2030-01-02T03:04:05Z",
			"CredentialManagerACSSystemID": w.system.ID,
		}[value.Type().Field(i).Name]))
	}
	return filter
}

func TestClient(t *testing.T) {
	t.Parallel()
	for name, login := range map[string]func(*world) (credential, workspaceID string){
		"API key":               func(w *world) (string, string) { return w.workspace.APIKey, "" },
		"personal access token": func(w *world) (string, string) { return w.token, w.workspace.ID },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			credential, workspaceID := login(w)
			client := newClient(w, credential, workspaceID)

			calls := clientCalls(w)
			for _, c := range calls {
				expectCall(t, w, client, c)
			}
			// With revoked credentials, Seam refuses every call.
			w.seam.Revoke(credential)
			for _, c := range calls {
				c.status = http.StatusUnauthorized
				expectCall(t, w, client, c)
			}

			exchanges := w.seen()
			for _, e := range exchanges {
				if e.request != nil {
					t.Errorf("%v: Seam's OpenAPI refuses the client's request: %v\n%s", e, e.request, e.requestBody)
				}
				if e.response != nil {
					t.Errorf("%v: Seam's OpenAPI refuses the embedded Seam's response: %v\n%s", e, e.response, e.responseBody)
				}
				if e.workspace != (workspaceID != "") {
					t.Errorf("%v: seam-workspace is for personal access tokens only", e)
				}
			}
			var called []string
			for _, c := range calls {
				called = append(called, c.route)
			}
			expectExercised(t, exchanges, called)
		})
	}
}

func expectCall(t *testing.T, w *world, client *seam.Client, c clientCall) {
	t.Helper()
	before := len(w.seen())
	err := c.call(t.Context(), client)

	if after := len(w.seen()); after == before {
		t.Errorf("%s sent nothing: %v", c.method, err)
		return
	}
	last := w.last(t)
	if last.path != c.route || last.status != c.status {
		t.Errorf("%s: %v, expected %s → %d", c.method, last, c.route, c.status)
	}
	var refused *seam.Error
	switch {
	case c.status == http.StatusOK && err != nil:
		t.Errorf("%s: the client does not accept the response: %v\n%s", c.method, err, last.responseBody)
	case c.status != http.StatusOK && (!errors.As(err, &refused) || refused.Status != c.status || refused.Type == ""):
		t.Errorf("%s: the client returns %v for status %d\n%s", c.method, err, c.status, last.responseBody)
	}
}

func newClient(w *world, credential, workspaceID string) *seam.Client {
	return seam.NewClient(seam.Config{
		Endpoint:     w.url,
		Token:        credential,
		WorkspaceID:  workspaceID,
		UserAgent:    "terraform-provider-seam/contract",
		SDKName:      "seamapi/terraform-provider-seam",
		SDKVersion:   "contract",
		RetryTimeout: time.Second,
	})
}

// TestClient_everyCall keeps clientCalls complete.
func TestClient_everyCall(t *testing.T) {
	t.Parallel()
	checked := []string{"Pause"} // It waits, and sends nothing.
	for _, c := range clientCalls(&world{}) {
		checked = append(checked, c.method)
	}
	client := reflect.TypeFor[*seam.Client]()
	contextType, errorType := reflect.TypeFor[context.Context](), reflect.TypeFor[error]()
	for method := range client.Methods() {
		takesContext := method.Type.NumIn() > 1 && method.Type.In(1) == contextType
		returnsError := method.Type.NumOut() > 0 && method.Type.Out(method.Type.NumOut()-1) == errorType
		if takesContext && returnsError && !slices.Contains(checked, method.Name) {
			t.Errorf("seam.Client.%s is not among clientCalls", method.Name)
		}
	}
}

// TestClient_fields: the document has each field that the client decodes. A misspelled field
// would always be empty.
func TestClient_fields(t *testing.T) {
	t.Parallel()
	spec := seamSpec(t)
	optional := map[string]bool{}
	for schema, object := range map[string]reflect.Type{
		"acs_access_group": reflect.TypeFor[seam.AccessGroup](),
		"acs_system":       reflect.TypeFor[seam.ACSSystem](),
		"acs_user":         reflect.TypeFor[seam.ACSUser](),
		"user_identity":    reflect.TypeFor[seam.UserIdentity](),
		"workspace":        reflect.TypeFor[seam.Workspace](),
	} {
		expectDescribed(t, schema, object, spec.Components.Schemas[schema].Value, optional)
	}
	for field, described := range optional {
		if !described {
			t.Errorf("the client reads %s, which Seam's OpenAPI describes nowhere", field)
		}
	}
}

// expectDescribed also notes for each field that may be left out whether any schema
// describes it: what is pending has other fields for each kind of change.
func expectDescribed(t *testing.T, path string, object reflect.Type, schema *openapi3.Schema, optional map[string]bool) {
	t.Helper()
	switch object.Kind() {
	case reflect.Pointer:
		expectDescribed(t, path, object.Elem(), schema, optional)
	case reflect.Slice:
		if !schema.Type.Is(openapi3.TypeArray) {
			t.Errorf("%s: the client reads a list, Seam's OpenAPI says %v", path, schema.Type)
			return
		}
		expectDescribed(t, path+"[]", object.Elem(), schema.Items.Value, optional)
	case reflect.Struct:
		// Each member of a union must have the fields that are read.
		for _, alternative := range schema.OneOf {
			expectDescribed(t, path, object, alternative.Value, optional)
		}
		if len(schema.OneOf) > 0 {
			return
		}
		for field := range object.Fields() {
			name, option, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !strings.EqualFold(strings.ReplaceAll(name, "_", ""), field.Name) {
				t.Errorf("%s: the client reads %q as %s", path, name, field.Name)
			}
			property := schema.Properties[name]
			if key := object.Name() + "." + name; option != "" {
				optional[key] = optional[key] || property != nil
				if property == nil {
					continue
				}
			}
			if property == nil {
				t.Errorf("%s: the client reads %q, which Seam's OpenAPI does not describe", path, name)
				continue
			}
			expectDescribed(t, path+"."+name, field.Type, property.Value, optional)
		}
	default:
		described := map[reflect.Kind][]string{
			reflect.String: {openapi3.TypeString},
			reflect.Bool:   {openapi3.TypeBoolean},
			// The document calls every number a float, also the counts.
			reflect.Int64: {openapi3.TypeInteger, openapi3.TypeNumber},
		}[object.Kind()]
		if !slices.ContainsFunc(described, schema.Type.Is) {
			t.Errorf("%s: the client reads a %s, Seam's OpenAPI says %v", path, object.Kind(), schema.Type)
		}
	}
}
