package fakeseam_test

import (
	"slices"
	"testing"
)

func TestHideSystem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	// Every read, to compare the responses afterwards.
	read := func() []string {
		t.Helper()
		var texts []string
		for _, request := range []struct {
			route  string
			params body
		}{
			{"/acs/systems/get", body{"acs_system_id": h.Garage.ID}},
			{"/acs/systems/list", body{}},
			{"/acs/users/get", body{"acs_user_id": h.JohnGarage.ID}},
			{"/acs/users/get", body{"user_identity_id": h.John.ID, "acs_system_id": h.Garage.ID}},
			{"/acs/users/list", body{}},
			{"/user_identities/get", body{"user_identity_id": h.John.ID}},
			{"/user_identities/list", body{}},
			{"/user_identities/list_acs_users", body{"user_identity_id": h.John.ID}},
		} {
			texts = append(texts, h.post(request.route, request.params).text)
		}
		return texts
	}
	before, changes := read(), len(h.s.Changes())

	h.s.HideSystem(h.Garage.ID, true)
	h.post("/acs/systems/get", body{"acs_system_id": h.Garage.ID}).
		wantError(404, "acs_system_not_found", "Access control system not found")
	if got := h.post("/acs/systems/list", body{}).list("acs_systems", "acs_system_id"); !slices.Equal(got, []string{h.Salto.ID}) {
		t.Errorf("systems: %v", got)
	}
	for _, params := range []body{
		{"acs_user_id": h.JohnGarage.ID}, {"user_identity_id": h.John.ID, "acs_system_id": h.Garage.ID},
	} {
		h.post("/acs/users/get", params).wantError(404, "acs_user_not_found", "acs_user not found")
	}
	for _, route := range []string{addRoute, removeRoute} {
		h.post(route, body{"user_identity_id": h.John.ID, "acs_user_id": h.JohnGarage.ID}).
			wantError(404, "acs_user_not_found", "acs_user not found")
	}
	for _, params := range []body{{}, {"acs_system_id": h.Garage.ID}, {"user_identity_id": h.John.ID}, {"limit": 1, "search": "garage"}} {
		for _, id := range h.post("/acs/users/list", params).list("acs_users", "acs_system_id") {
			if id == h.Garage.ID {
				t.Errorf("%v lists an ACS user of the hidden system", params)
			}
		}
	}
	if got := h.post("/user_identities/list_acs_users", body{"user_identity_id": h.John.ID}).list("acs_users", "acs_user_id"); !slices.Equal(got, []string{h.JohnSalto.ID}) {
		t.Errorf("list_acs_users: %v", got)
	}
	if got := h.post("/user_identities/list", body{"credential_manager_acs_system_id": h.Garage.ID}).list("user_identities", "user_identity_id"); len(got) != 0 {
		t.Errorf("identities in the system: %v", got)
	}
	if got := h.has(1, h.John.ID, h.JohnGarage.ID); !slices.Equal(got, []bool{false}) {
		t.Errorf("acs_user_ids: %v", got)
	}
	if h.s.HolderOf(h.JohnGarage.ID) != h.John.ID {
		t.Error("the link is gone")
	}

	h.s.HideSystem(h.Garage.ID, false)
	if after := read(); !slices.Equal(after, before) || len(h.s.Changes()) != changes {
		t.Errorf("before %q\nafter  %q", before, after)
	}
}
