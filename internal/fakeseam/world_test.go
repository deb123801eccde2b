package fakeseam_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// house is the small world with a client for it.
type house struct {
	fakeseam.Small
	s   *fakeseam.Server
	run *fakeseam.Running
	t   *testing.T
}

func newHouse(t *testing.T) *house {
	t.Helper()
	s := fakeseam.New()
	small := fakeseam.SeedSmall(s)
	run, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run.Close(); err != nil {
			t.Error(err)
		}
	})
	return &house{small, s, run, t}
}

type body = map[string]any

// reply is an answer as a client sees it.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	text   string
}

// send does one request with the house's API key.
func (h *house) send(method, route string, params any, header http.Header) (*reply, error) {
	h.t.Helper()
	target := h.run.URL + route
	var content io.Reader
	switch params := params.(type) {
	case url.Values:
		target += "?" + params.Encode()
	case string:
		content = bytes.NewBufferString(params)
	case nil:
	default:
		text, err := json.Marshal(params)
		if err != nil {
			h.t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(h.t.Context(), method, target, content)
	if err != nil {
		h.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+h.Workspace.APIKey)
	if content != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	maps.Copy(request.Header, header)
	// A client of its own, so that no other test's connections are reused.
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	r := &reply{h.t, response.StatusCode, response.Header, string(text)}
	return r, err
}

func (h *house) do(method, route string, params any) *reply {
	h.t.Helper()
	r, err := h.send(method, route, params, nil)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, route, err)
	}
	if r.header.Get("seam-request-id") == "" {
		h.t.Errorf("%s %s: no seam-request-id", method, route)
	}
	return r
}

func (h *house) post(route string, params any) *reply {
	h.t.Helper()
	return h.do(http.MethodPost, route, params)
}

func (r *reply) want(status int, text string) {
	r.t.Helper()
	if r.status != status || text != "" && r.text != text {
		r.t.Errorf("got  %d %s\nwant %d %s", r.status, r.text, status, text)
	}
}

// wantError checks the type and the message of an error.
func (r *reply) wantError(status int, kind, message string) {
	r.t.Helper()
	failure, ok := r.object()["error"].(body)
	if !ok || r.status != status || failure["type"] != kind || failure["message"] != message {
		r.t.Errorf("got  %d %s\nwant %d %s: %s", r.status, r.text, status, kind, message)
	}
	if r.object()["ok"] != false {
		r.t.Errorf("an error without ok: false: %s", r.text)
	}
}

func (r *reply) object() body {
	r.t.Helper()
	var object body
	if err := json.Unmarshal([]byte(r.text), &object); err != nil {
		r.t.Fatalf("%d %s: %v", r.status, r.text, err)
	}
	return object
}

// list returns a field of each entry of a list.
func (r *reply) list(name, field string) []string {
	r.t.Helper()
	entries, ok := r.object()[name].([]any)
	if !ok {
		r.t.Fatalf("no list %s in %d %s", name, r.status, r.text)
	}
	var values []string
	for _, entry := range entries {
		value, _ := entry.(body)[field].(string)
		values = append(values, value)
	}
	return values
}

func (r *reply) cursor() any {
	r.t.Helper()
	return r.object()["pagination"].(body)["next_page_cursor"]
}

func TestWorld_deletingAnIdentityDeletesItsACSUsers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.DeleteUserIdentity(h.John.ID)
	for _, id := range []string{h.JohnSalto.ID, h.JohnGarage.ID} {
		h.post("/acs/users/get", body{"acs_user_id": id}).wantError(404, "acs_user_not_found", "acs_user not found")
	}
	h.post("/user_identities/get", body{"user_identity_key": "john_smith"}).
		wantError(404, "user_identity_not_found", "User identity not found")
	if got := h.s.Links(); len(got) != 1 || got[0].ACSUserID != h.JaneSalto.ID {
		t.Errorf("links: %v", got)
	}
}

func TestWorld_linkMovesAndUnlinkCuts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.Link(h.Amira.ID, h.JaneSalto.ID)
	if got := h.s.HolderOf(h.JaneSalto.ID); got != h.Amira.ID {
		t.Errorf("holder %s, want Amira %s", got, h.Amira.ID)
	}
	h.s.Unlink(h.JaneSalto.ID)
	if got := h.s.HolderOf(h.JaneSalto.ID); got != "" {
		t.Errorf("holder %s, want none", got)
	}
	if got := h.s.Count(""); got != 0 {
		t.Errorf("%d requests recorded, want none", got)
	}
}

func TestWorld_mergedIdentityIsAnAlias(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.MergeUserIdentities(h.Jane.ID, h.John.ID)
	h.s.MergeUserIdentities(h.Amira.ID, h.Jane.ID) // a chain

	for _, name := range []body{
		{"user_identity_id": h.John.ID}, {"user_identity_key": "john_smith"}, {"user_identity_key": "jane_doe"},
	} {
		got := h.post("/user_identities/get", name).object()["user_identity"].(body)
		if got["user_identity_id"] != h.Amira.ID {
			t.Errorf("%v leads to %v, want Amira %s", name, got["user_identity_id"], h.Amira.ID)
		}
		if merged := got["merged_user_identity_ids"].([]any); len(merged) != 2 {
			t.Errorf("merged_user_identity_ids: %v", merged)
		}
	}
	user := h.post("/acs/users/get", body{"acs_user_id": h.JohnSalto.ID}).object()["acs_user"].(body)
	if user["user_identity_id"] != h.Amira.ID {
		t.Errorf("John's ACS user points to %v, want Amira", user["user_identity_id"])
	}
	if got := h.post("/acs/users/list", body{"user_identity_id": h.John.ID}).list("acs_users", "acs_user_id"); len(got) != 3 {
		t.Errorf("ACS users of the merged id: %v", got)
	}
	if got := h.post("/user_identities/list", body{"user_identity_ids": []string{h.John.ID, h.Amira.ID}}).
		list("user_identities", "user_identity_id"); len(got) != 1 {
		t.Errorf("identities of two names of one: %v", got)
	}
	h.post("/user_identities/remove_acs_user", body{"user_identity_id": h.John.ID, "acs_user_id": h.JohnSalto.ID}).want(200, `{"ok":true}`)
	h.post("/user_identities/add_acs_user", body{"user_identity_id": h.Jane.ID, "acs_user_id": h.WeiGarage.ID}).
		wantError(400, "user_identity_already_in_acs_system", "The user identity already has an ACS user in this access system")
}

func TestWorld_beingDeleted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.MarkACSUserBeingDeleted(h.JaneSalto.ID)
	h.s.MarkUserIdentityBeingDeleted(h.Jane.ID)
	user := h.post("/acs/users/get", body{"acs_user_id": h.JaneSalto.ID}).object()["acs_user"].(body)
	if got := user["warnings"].([]any)[0].(body)["warning_code"]; got != "being_deleted" {
		t.Errorf("warning of the ACS user: %v", got)
	}
	if got := user["pending_mutations"].([]any)[0].(body)["mutation_code"]; got != "deleting" {
		t.Errorf("mutation of the ACS user: %v", got)
	}
	i := h.post("/user_identities/get", body{"user_identity_id": h.Jane.ID}).object()["user_identity"].(body)
	if got := i["warnings"].([]any)[0].(body)["warning_code"]; got != "being_deleted" {
		t.Errorf("warning of the identity: %v", got)
	}
}

func TestWorld_accessors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if sys, ok := h.s.SystemNamed(h.Workspace.ID, "Salto HQ"); !ok || sys != h.Salto {
		t.Errorf("system %v %v", sys, ok)
	}
	if u, ok := h.s.ACSUserNamed(h.Garage.ID, "Jane Doe"); !ok || u.ID != h.JaneGarage.ID {
		t.Errorf("ACS user %v %v", u, ok)
	}
	if i, ok := h.s.UserIdentityNamed(h.Workspace.ID, "John Smith"); !ok || len(i.ACSUserIDs) != 2 {
		t.Errorf("identity %v %v", i, ok)
	}
	if _, ok := h.s.UserIdentityNamed(h.Workspace.ID, "Nobody"); ok {
		t.Error("found nobody")
	}
	users := h.s.ACSUsers(h.Workspace.ID)
	for n := 1; n < len(users); n++ {
		if !users[n].CreatedAt.After(users[n-1].CreatedAt) {
			t.Errorf("created_at does not increase at %d", n)
		}
	}
	if len(h.Unlinked) != 4 || len(h.LinkedPairs) != 3 {
		t.Errorf("unlinked %d, linked %d", len(h.Unlinked), len(h.LinkedPairs))
	}
	want := h.s.Links()
	if len(want) != 3 {
		t.Errorf("links: %v", want)
	}
}
