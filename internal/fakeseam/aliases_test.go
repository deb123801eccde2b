package fakeseam_test

import (
	"net/http"
	"reflect"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

func TestAliases(t *testing.T) {
	t.Parallel()
	const found, missing = http.StatusOK, http.StatusNotFound
	for _, test := range []struct {
		aliases             fakeseam.Aliases
		gets, lists, writes int
	}{
		{fakeseam.AliasesFound, found, found, found},
		{fakeseam.AliasesNotInGets, missing, found, found},
		{fakeseam.AliasesNowhere, missing, missing, missing},
	} {
		t.Run(test.aliases.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.s.SetSemantics(fakeseam.Semantics{Aliases: test.aliases})
			h.s.MergeUserIdentities(h.Amira.ID, h.John.ID)
			john := body{"user_identity_id": h.John.ID}

			h.post("/user_identities/get", john).want(test.gets, "")
			h.post("/user_identities/get", body{"user_identity_key": h.John.Key}).want(test.gets, "")
			h.post("/acs/users/get", body{"user_identity_id": h.John.ID, "acs_system_id": h.Garage.ID}).want(test.gets, "")

			h.post("/user_identities/list_acs_users", john).want(test.lists, "")
			counts := [2]int{
				len(h.post("/acs/users/list", john).list("acs_users", "acs_user_id")),
				len(h.post("/user_identities/list", body{"user_identity_ids": []string{h.John.ID}}).list("user_identities", "user_identity_id")),
			}
			want := [2]int{2, 1}
			if test.lists == missing {
				want = [2]int{}
			}
			if counts != want {
				t.Errorf("lists of the alias have %v entries, want %v", counts, want)
			}

			remove := body{"user_identity_id": h.John.ID, "acs_user_id": h.JohnGarage.ID}
			h.post(removeRoute, remove).want(test.writes, "")
			h.post(addRoute, remove).want(test.writes, "")
			identities := len(h.s.UserIdentities(h.Workspace.ID))
			h.post(addRoute, body{"user_identity_key": h.John.Key, "acs_user_id": h.JohnGarage.ID}).want(test.writes, "")
			if got := len(h.s.UserIdentities(h.Workspace.ID)); got != identities {
				t.Errorf("the key of a merged identity made a new one: %d", got)
			}
			if got := h.s.HolderOf(h.JohnGarage.ID); got != h.Amira.ID {
				t.Errorf("holder %s, want Amira %s", got, h.Amira.ID)
			}

			// The primary identity is found under its own names, and names
			// what was merged into it.
			for _, name := range []body{{"user_identity_id": h.Amira.ID}, {"user_identity_key": h.Amira.Key}} {
				i := h.post("/user_identities/get", name).object()["user_identity"].(body)
				if !reflect.DeepEqual(i["merged_user_identity_ids"], []any{h.John.ID}) ||
					!reflect.DeepEqual(i["merged_user_identity_keys"], []any{h.John.Key}) {
					t.Errorf("merged: %v", i)
				}
			}
			h.post(removeRoute, body{"user_identity_id": h.Amira.ID, "acs_user_id": h.JohnGarage.ID}).want(200, `{"ok":true}`)
		})
	}
}

func TestAliases_areListedOrNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.MergeUserIdentities(h.John.ID, h.Priya.ID) // Priya has no key
	h.s.MergeUserIdentities(h.Jane.ID, h.John.ID)
	for _, test := range []struct {
		id        string
		ids, keys []any
	}{
		{h.Jane.ID, []any{h.Priya.ID, h.John.ID}, []any{h.John.Key}},
		{h.Amira.ID, []any{}, []any{}},
	} {
		i := h.post("/user_identities/get", body{"user_identity_id": test.id}).object()["user_identity"].(body)
		if !reflect.DeepEqual(i["merged_user_identity_ids"], test.ids) || !reflect.DeepEqual(i["merged_user_identity_keys"], test.keys) {
			t.Errorf("merged: %v", i)
		}
	}
	h.s.SetMergedListed(false)
	for _, entry := range h.post("/user_identities/list", body{}).object()["user_identities"].([]any) {
		for _, field := range []string{"merged_user_identity_ids", "merged_user_identity_keys"} {
			if value, found := entry.(body)[field]; found {
				t.Errorf("%s is %v", field, value)
			}
		}
	}
	h.post("/user_identities/get", body{"user_identity_id": h.John.ID}).want(200, "") // known all the same
}
