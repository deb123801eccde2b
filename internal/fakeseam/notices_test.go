package fakeseam_test

import (
	"slices"
	"testing"
)

// codesIn returns the codes of a list of errors, warnings or mutations.
func codesIn(object any, list, field string) []string {
	codes := []string{}
	for _, entry := range object.(body)[list].([]any) {
		code, _ := entry.(body)[field].(string)
		codes = append(codes, code)
	}
	return codes
}

func TestNotices_ofACSUsers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	user := h.JaneSalto.ID
	h.s.SetACSUserErrors(user, "deleted_externally", "not_invented_yet")
	h.s.SetACSUserWarnings(user, "acs_user_inactive")
	h.s.SetACSUserPendingMutations(user, "updating_user_information")
	h.s.MarkACSUserBeingDeleted(user)

	shown := map[string]any{
		"get":  h.post("/acs/users/get", body{"acs_user_id": user}).object()["acs_user"],
		"list": h.post("/acs/users/list", body{"search": user}).object()["acs_users"].([]any)[0],
		"list_acs_users": h.post("/user_identities/list_acs_users", body{"user_identity_id": h.Jane.ID}).
			object()["acs_users"].([]any)[0],
	}
	for route, u := range shown {
		if got := codesIn(u, "errors", "error_code"); !slices.Equal(got, []string{"deleted_externally", "not_invented_yet"}) {
			t.Errorf("%s: errors %q", route, got)
		}
		if got := codesIn(u, "warnings", "warning_code"); !slices.Equal(got, []string{"acs_user_inactive", "being_deleted"}) {
			t.Errorf("%s: warnings %q", route, got)
		}
		if got := codesIn(u, "pending_mutations", "mutation_code"); !slices.Equal(got, []string{"updating_user_information", "deleting"}) {
			t.Errorf("%s: pending mutations %q", route, got)
		}
		if got := u.(body)["user_identity_id"]; got != h.Jane.ID {
			t.Errorf("%s: linked to %v", route, got)
		}
		if got := u.(body)["errors"].([]any)[0].(body)["message"]; got != "Deleted externally." {
			t.Errorf("%s: message %q", route, got)
		}
	}

	// The record can be written to, and is without errors again.
	h.post(removeRoute, body{"user_identity_id": h.Jane.ID, "acs_user_id": user}).want(200, `{"ok":true}`)
	h.s.SetACSUserErrors(user)
	if got := codesIn(h.post("/acs/users/get", body{"acs_user_id": user}).object()["acs_user"], "errors", "error_code"); len(got) != 0 {
		t.Errorf("errors %q", got)
	}
}
