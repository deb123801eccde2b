package fakeseam_test

import (
	"slices"
	"strings"
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

	r := edited(users, body{"limit": 2}, func(b body) { delete(b, "pagination") })
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

	// A write that is answered in an odd way takes effect all the same.
	r = edited(addRoute, body{"user_identity_id": h.Jane.ID, "acs_user_id": h.JaneGarage.ID}, func(b body) { b["ok"] = "<yes>" })
	r.want(200, `{"ok":"<yes>"}`)
	if !h.linked() || r.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("linked: %v, header %v", h.linked(), r.header)
	}

	// Errors are edited as well; what is no JSON object is left alone.
	edited("/acs/systems/get", body{}, func(b body) { b["error"].(body)["type"] = "teapot" }).
		wantError(400, "teapot", "acs_system_id is required")
	h.s.Inject(fakeseam.Fault{Times: 1, HTML: true, Edit: func(body) { t.Error("called for HTML") }})
	h.post(users, body{}).want(200, "")
}

func TestFaults_editNeedsNoLock(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.Inject(fakeseam.Fault{Edit: func(b body) { b["requests"] = h.s.Count("") }})
	if got := h.post("/workspaces/get", body{}).object()["requests"]; got != 1.0 {
		t.Errorf("requests: %v", got)
	}
}

// A body arrives byte for byte, whatever its characters.
func TestFaults_messagesBeyondASCII(t *testing.T) {
	t.Parallel()
	for _, message := range []string{
		"Ünbekannt: die Kennung gehört zu niemandem",
		"入退室管理システムのユーザーが見つかりません",
		"المستخدم غير موجود",
		"person \U0001F469\u200d\U0001F4BB \u202e e\u0301",
	} {
		h := newHouse(t)
		text := `{"error":{"type":"invalid_input","message":"` + message + `"},"ok":false}`
		h.s.Inject(fakeseam.Fault{Route: addRoute, Status: 400, Body: text})
		r, err := h.add()
		if err != nil {
			t.Fatal(err)
		}
		r.want(400, text)
		r.wantError(400, "invalid_input", message)
	}
}

// A limit that lasts for long, and does not say how long.
func TestFaults_tooManyRequestsWithoutRetryAfter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const text = "要求が多すぎます。しばらくしてからもう一度お試しください。"
	h.s.Inject(fakeseam.Fault{Status: 429, Body: text})
	for range 20 {
		r := h.post("/acs/users/get", body{"acs_user_id": h.JaneSalto.ID})
		r.want(429, text)
		if values, found := r.header["Retry-After"]; found {
			t.Errorf("Retry-After: %q", values)
		}
		if got := r.header.Get("Content-Type"); !strings.HasPrefix(got, "text/plain") {
			t.Errorf("content type %q", got)
		}
	}
	statuses := []int{}
	for _, request := range h.s.Requests() {
		statuses = append(statuses, request.Status)
	}
	if len(slices.Compact(statuses)) != 1 || h.s.ViolationsAfterStop() != 0 {
		t.Errorf("statuses %v, violations %d", statuses, h.s.ViolationsAfterStop())
	}
	h.s.ClearFaults()
	h.post("/acs/users/get", body{"acs_user_id": h.JaneSalto.ID}).want(200, "")
}
