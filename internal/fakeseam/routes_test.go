package fakeseam_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestRoutes_addAndRemove(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ add, remove string }{
		{http.MethodPost, http.MethodPost}, {http.MethodPut, http.MethodDelete},
	} {
		h := newHouse(t)
		// IDs are case-insensitive, as in Seam.
		h.do(test.add, "/user_identities/add_acs_user",
			body{"user_identity_id": strings.ToUpper(h.Jane.ID), "acs_user_id": h.JaneGarage.ID}).want(200, `{"ok":true}`)
		if got := h.s.HolderOf(h.JaneGarage.ID); got != h.Jane.ID {
			t.Errorf("holder %q after add", got)
		}
		var params any = body{"user_identity_id": h.Jane.ID, "acs_user_id": h.JaneGarage.ID}
		if test.remove == http.MethodDelete {
			params = url.Values{"user_identity_id": {h.Jane.ID}, "acs_user_id": {h.JaneGarage.ID}}
		}
		h.do(test.remove, "/user_identities/remove_acs_user", params).want(200, `{"ok":true}`)
		if got := h.s.HolderOf(h.JaneGarage.ID); got != "" {
			t.Errorf("holder %q after remove", got)
		}
	}
}

func TestRoutes_addByUnknownKeyCreatesAnIdentity(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.post("/user_identities/add_acs_user", body{"user_identity_key": "wei_chen", "acs_user_id": h.WeiGarage.ID}).want(200, "")
	i, ok := h.s.UserIdentity(h.s.HolderOf(h.WeiGarage.ID))
	if !ok || i.Key != "wei_chen" {
		t.Errorf("holder %+v", i)
	}
}

func TestRoutes_get(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	byPair := h.do(http.MethodGet, "/acs/users/get", url.Values{"user_identity_id": {h.John.ID}, "acs_system_id": {h.Garage.ID}})
	if got := byPair.object()["acs_user"].(body)["acs_user_id"]; got != h.JohnGarage.ID {
		t.Errorf("ACS user of John in the garage: %v", got)
	}
	h.post("/acs/users/get", body{"user_identity_id": h.Jane.ID, "acs_system_id": h.Garage.ID}).
		wantError(404, "acs_user_not_found", "acs_user not found")
	system := h.post("/acs/systems/get", body{"acs_system_id": h.Salto.ID}).object()["acs_system"].(body)
	if system["name"] != "Salto HQ" || system["acs_user_count"] != 4.0 {
		t.Errorf("system %v", system)
	}
	if got := h.post("/user_identities/list_acs_users", body{"user_identity_id": h.John.ID}).
		list("acs_users", "acs_user_id"); !slices.Equal(got, []string{h.JohnSalto.ID, h.JohnGarage.ID}) {
		t.Errorf("John's ACS users: %v", got)
	}
}

func TestRoutes_invalidInput(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.post("/user_identities/remove_acs_user", body{"acs_user_id": "x"}).want(400,
		`{"error":{"type":"invalid_input","message":"2 Input Errors: user_identity_id is required, Invalid uuid for \"acs_user_id\"",`+
			`"validation_errors":{"_errors":[],"acs_user_id":{"_errors":["Invalid uuid"]},"user_identity_id":{"_errors":["Required"]}}},"ok":false}`)
	h.post("/acs/users/get", body{"acs_user_id": 7}).want(400,
		`{"error":{"type":"invalid_input","message":"Expected string, received number for \"acs_user_id\"",`+
			`"validation_errors":{"_errors":[],"acs_user_id":{"_errors":["Expected string, received number"]}}},"ok":false}`)
	h.post("/user_identities/add_acs_user", body{"acs_user_id": h.JaneGarage.ID}).want(400,
		`{"error":{"type":"invalid_input","message":"You must provide either user_identity_id or user_identity_key",`+
			`"validation_errors":{"_errors":["You must provide either user_identity_id or user_identity_key"]}},"ok":false}`)
	h.post("/user_identities/list", body{"user_identity_ids": []any{h.Jane.ID, 7, "x"}}).want(400,
		`{"error":{"type":"invalid_input","message":"2 Input Errors: Expected string, received number for \"user_identity_ids.1\", Invalid uuid for \"user_identity_ids.2\"",`+
			`"validation_errors":{"_errors":[],"user_identity_ids":{"1":{"_errors":["Expected string, received number"]},"2":{"_errors":["Invalid uuid"]},"_errors":[]}}},"ok":false}`)
	for _, text := range []string{"{", `{} {}`, "acs_user_id=x"} {
		h.post("/acs/users/get", text).want(400, "Invalid JSON")
	}
	for _, cursor := range []string{"!", "e30="} {
		if r := h.post("/acs/users/list", body{"page_cursor": cursor}); r.status != 400 || !strings.Contains(r.text, "validation_errors") {
			t.Errorf("%v: %d %s", cursor, r.status, r.text)
		}
	}
}

func TestRoutes_wrongRequests(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.post("/acs/users/frobnicate", body{}).want(404, "404")
	h.do(http.MethodGet, "/user_identities/add_acs_user", nil).wantError(405, "method_not_allowed", "only POST,PUT accepted")
	h.post("/acs/users/get", `{"acs_user_id":"`+strings.Repeat("x", 1<<20)+`"}`).want(413, "Body exceeded 1mb limit")
	r, err := h.send(http.MethodPost, "/workspaces/get", body{}, http.Header{"Content-Type": {"text/plain"}})
	if err != nil {
		t.Fatal(err)
	}
	r.wantError(400, "invalid_content_type", `POST requests must have Content-Type header with "application/json"`)
	h.post("/workspaces/get", nil).want(200, "") // no body, no content type needed
}

func TestRoutes_filters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.Link(h.Amira.ID, h.WeiGarage.ID)
	created := h.JohnSalto.CreatedAt.Format("2006-01-02T15:04:05.000Z07:00")
	for name, test := range map[string]struct {
		params body
		want   []string
	}{
		"all":             {body{}, []string{h.JaneSalto.ID, h.JohnSalto.ID, h.AmiraSalto.ID, h.FrontDesk.ID, h.JaneGarage.ID, h.JohnGarage.ID, h.WeiGarage.ID}},
		"system":          {body{"acs_system_id": h.Garage.ID}, []string{h.JaneGarage.ID, h.JohnGarage.ID, h.WeiGarage.ID}},
		"unknown system":  {body{"acs_system_id": uuid.NewString()}, nil},
		"identity":        {body{"user_identity_id": h.John.ID}, []string{h.JohnSalto.ID, h.JohnGarage.ID}},
		"unknown person":  {body{"user_identity_id": uuid.NewString()}, nil},
		"e-mail":          {body{"user_identity_email_address": "amira@example.com"}, []string{h.WeiGarage.ID}},
		"phone":           {body{"user_identity_phone_number": "+15555550100"}, []string{h.JaneSalto.ID}},
		"name":            {body{"search": "jANE"}, []string{h.JaneSalto.ID, h.JaneGarage.ID}},
		"identity's name": {body{"search": "Haddad"}, []string{h.AmiraSalto.ID, h.WeiGarage.ID}},
		"part of an id":   {body{"search": strings.ToUpper(h.FrontDesk.ID[4:30])}, []string{h.FrontDesk.ID}},
		"created before":  {body{"created_before": created}, []string{h.JaneSalto.ID}},
		"two":             {body{"search": "jane", "acs_system_id": h.Garage.ID}, []string{h.JaneGarage.ID}},
	} {
		if got := h.post("/acs/users/list", test.params).list("acs_users", "acs_user_id"); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
	for name, test := range map[string]struct {
		params url.Values
		want   []string
	}{
		"ids with commas":   {url.Values{"user_identity_ids": {h.Jane.ID + "," + h.John.ID}}, []string{h.Jane.ID, h.John.ID}},
		"ids repeated":      {url.Values{"user_identity_ids": {h.Jane.ID, h.John.ID}}, []string{h.Jane.ID, h.John.ID}},
		"ids with brackets": {url.Values{"user_identity_ids[]": {h.John.ID}}, []string{h.John.ID}},
		"manager":           {url.Values{"credential_manager_acs_system_id": {h.Garage.ID}}, []string{h.John.ID, h.Amira.ID}},
		"search":            {url.Values{"search": {"SMITH"}}, []string{h.John.ID}},
		"limit":             {url.Values{"limit": {"1"}}, []string{h.Jane.ID}},
	} {
		if got := h.do(http.MethodGet, "/user_identities/list", test.params).list("user_identities", "user_identity_id"); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
	if got := h.post("/acs/systems/list", body{"search": "garage"}).list("acs_systems", "acs_system_id"); !slices.Equal(got, []string{h.Garage.ID}) {
		t.Errorf("systems: %v", got)
	}
}
