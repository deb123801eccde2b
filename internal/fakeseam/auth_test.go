package fakeseam_test

import (
	"net/http"
	"testing"
)

func TestAuthentication(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other := h.s.AddWorkspace("Annex")
	revoked := h.s.AddAPIKey(h.Workspace.ID)
	h.s.Revoke(revoked)

	for name, test := range map[string]struct {
		authorization, workspace string
		status                   int
		kind, message            string
	}{
		"none":           {"", "", 401, "unauthorized", "No Authorization header"},
		"basic":          {"Basic eDp5", "", 401, "unauthorized", "No token provided"},
		"unknown key":    {"Bearer seam_test1_x", "", 401, "unauthorized", "API Key not found"},
		"revoked key":    {"Bearer " + revoked, "", 401, "unauthorized", "API Key not found"},
		"publishable":    {"Bearer seam_pk1_x", "", 401, "unauthorized", "API Key not found"},
		"client session": {"Bearer seam_cst1_x", "", 401, "client_session_token_used_for_api_key", "A client session token was used instead of an API key"},
		"JWT":            {"Bearer eyJhbGciOiJub25lIn0.e30.", "", 401, "unauthorized", "A JWT was used instead of an API key"},
		"bare token":     {"Bearer " + h.Token, "", 400, "missing_workspace_id", "When using access token authentication, you must provide the Seam-Workspace header"},
		"unknown token":  {"Bearer seam_at1_x", h.Workspace.ID, 401, "unauthorized", "Access token not found"},
		"out of reach":   {"Bearer " + h.Token, other.ID, 401, "unauthorized", "Access token not found"},
	} {
		header := http.Header{"Authorization": {test.authorization}, "Seam-Workspace": {test.workspace}}
		r, err := h.send(http.MethodPost, "/workspaces/get", body{}, header)
		if err != nil {
			t.Fatal(name, err)
		}
		t.Log(name)
		r.wantError(test.status, test.kind, test.message)
	}

	reaching := h.s.AddToken(h.Workspace.ID, other.ID)
	r, err := h.send(http.MethodGet, "/workspaces/get", nil,
		http.Header{"Authorization": {"Bearer " + reaching}, "Seam-Workspace": {other.ID}})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.object()["workspace"].(body)["name"]; got != "Annex" {
		t.Errorf("workspace %v, want the Annex", got)
	}
}

func TestAuthentication_refusedKeyIsNotFound(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.SetRefusedKeyNotFound(true)
	h.post("/workspaces/get", body{}).want(200, "")
	h.s.Revoke(h.Workspace.APIKey)
	h.post("/workspaces/get", body{}).wantError(404, "api_key_not_found", "API Key not found")
	h.s.SetRefusedKeyNotFound(false)
	h.post("/workspaces/get", body{}).wantError(401, "unauthorized", "API Key not found")
}

func TestAuthentication_otherWorkspaceIsNotFound(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other := h.s.AddWorkspace("Annex")
	key := http.Header{"Authorization": {"Bearer " + other.APIKey}}
	for route, params := range map[string]body{
		"/acs/users/get":                  {"acs_user_id": h.JaneSalto.ID},
		"/acs/systems/get":                {"acs_system_id": h.Salto.ID},
		"/user_identities/get":            {"user_identity_id": h.Jane.ID},
		"/user_identities/list_acs_users": {"user_identity_id": h.Jane.ID},
		"/user_identities/add_acs_user":   {"user_identity_id": h.Jane.ID, "acs_user_id": h.JaneGarage.ID},
	} {
		r, err := h.send(http.MethodPost, route, params, key)
		if err != nil {
			t.Fatal(err)
		}
		r.want(404, "")
	}
	for route, list := range map[string]string{
		"/acs/users/list": "acs_users", "/acs/systems/list": "acs_systems", "/user_identities/list": "user_identities",
	} {
		r, err := h.send(http.MethodPost, route, body{}, key)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.list(list, "workspace_id"); len(got) != 0 {
			t.Errorf("%s shows %d things of another workspace", route, len(got))
		}
	}
}
