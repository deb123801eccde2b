package fakeseam_test

import (
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

func TestFaults_edit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	edited := func(route string, params body, edit func(body)) *reply {
		t.Helper()
		h.s.Inject(fakeseam.Fault{Route: route, Times: 1, Edit: edit})
		return h.post(route, params)
	}
	const users = "/acs/users/list"

	r := edited(users, body{"limit": 2}, func(b body) {
		delete(b, "pagination")
		h.s.Count("") // no lock is held
	})
	if _, found := r.object()["pagination"]; found || len(r.list("acs_users", "acs_user_id")) != 2 {
		t.Errorf("pagination is not removed: %s", r.text)
	}
	r = edited(users, body{"limit": 2}, func(b body) { b["pagination"].(body)["has_next_page"] = false })
	if p := r.object()["pagination"].(body); p["has_next_page"] != false || r.cursor() == nil {
		t.Errorf("pagination does not contradict itself: %v", p)
	}
	r = edited(users, body{"limit": 1}, func(b body) {
		user := b["acs_users"].([]any)[0].(body)
		delete(user, "acs_user_id")
		user["novelty"] = []int{1}
	})
	if user := r.object()["acs_users"].([]any)[0].(body); user["acs_user_id"] != nil || user["novelty"] == nil {
		t.Errorf("ACS user: %v", user)
	}

	// A write with an odd response still takes effect.
	r = edited(addRoute, body{"user_identity_id": h.Jane.ID, "acs_user_id": h.JaneGarage.ID}, func(b body) { b["ok"] = "<yes>" })
	r.want(200, `{"ok":"<yes>"}`)
	if !h.linked() || r.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("linked: %v, header %v", h.linked(), r.header)
	}

	// Errors are edited, too. A body that is not a JSON object is left as it is.
	edited("/acs/systems/get", body{}, func(b body) { b["error"].(body)["type"] = "teapot" }).
		wantError(400, "teapot", "acs_system_id is required")
	h.s.Inject(fakeseam.Fault{Times: 1, HTML: true, Edit: func(body) { t.Error("called for HTML") }})
	h.post(users, body{}).want(200, "")
}
