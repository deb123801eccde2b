package fakeseam_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

func TestUnmanagedUserIdentities(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	visitor := h.s.AddUnmanagedUserIdentity(h.Workspace.ID, fakeseam.Person{FullName: "Visitor", Key: "visitor"})
	if !visitor.Unmanaged || visitor.Key != "" {
		t.Errorf("added %+v", visitor)
	}
	h.s.Link(visitor.ID, h.WeiGarage.ID)
	named := body{"user_identity_id": visitor.ID}
	const route = "/user_identities/unmanaged/get"

	for _, r := range []*reply{h.post(route, named), h.do(http.MethodGet, route, url.Values{"user_identity_id": {visitor.ID}})} {
		i := r.object()["user_identity"].(body)
		if i["user_identity_id"] != visitor.ID || i["full_name"] != "Visitor" || !slices.Equal(i["acs_user_ids"].([]any), []any{h.WeiGarage.ID}) {
			t.Errorf("got %v", i)
		}
		for _, field := range []string{"user_identity_key", "merged_user_identity_ids", "merged_user_identity_keys"} {
			if value, found := i[field]; found {
				t.Errorf("%s is %v", field, value)
			}
		}
	}
	h.post(route, body{"user_identity_id": h.Jane.ID}).wantError(404, "user_identity_not_found", "User identity not found")
	h.post(route, body{}).wantError(400, "invalid_input", "user_identity_id is required")

	h.post("/user_identities/get", named).wantError(404, "user_identity_not_found", "User identity not found")
	h.post("/user_identities/list_acs_users", named).wantError(404, "user_identity_not_found", "User identity not found")
	if got := h.gets(1, h.WeiGarage.ID); !slices.Equal(got, []string{visitor.ID}) {
		t.Errorf("the ACS user is linked to %q", got)
	}
	if got := h.post("/user_identities/list", body{}).list("user_identities", "user_identity_id"); slices.Contains(got, visitor.ID) {
		t.Errorf("listed among the managed ones: %v", got)
	}

	h.s.SetUnmanagedInGets(true)
	h.post("/user_identities/get", named).want(200, "")
	h.post("/user_identities/list_acs_users", named).want(200, "")
	h.post(route, named).want(200, "")

	h.post(removeRoute, body{"user_identity_id": visitor.ID, "acs_user_id": h.WeiGarage.ID}).want(200, `{"ok":true}`)
	h.post(addRoute, body{"user_identity_id": visitor.ID, "acs_user_id": h.WeiGarage.ID}).want(200, `{"ok":true}`)
}
