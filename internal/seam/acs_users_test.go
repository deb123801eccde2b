package seam

import (
	"strings"
	"testing"
)

// Three ways to say that an ACS user is not linked.
func TestACSUserUnlinked(t *testing.T) {
	t.Parallel()
	for name, property := range map[string]string{"absent": "", "null": `,"user_identity_id":null`, "empty": `,"user_identity_id":""`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newTestClient(t, answers(status(200, `{"ok":true,"acs_user":{"acs_user_id":"`+strings.ToUpper(userA)+`"`+property+`}}`)))
			u, err := c.GetACSUser(t.Context(), userA)
			if err != nil || u.UserIdentityID != "" {
				t.Errorf("got %+v, %v", u, err)
			}
		})
	}
}

func TestBeingDeleted(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		user ACSUser
		want bool
	}{
		"no":                {ACSUser{}, false},
		"warning":           {ACSUser{Warnings: []Warning{{WarningCode: "other"}, {WarningCode: "being_deleted"}}}, true},
		"other warning":     {ACSUser{Warnings: []Warning{{WarningCode: "other"}}}, false},
		"pending":           {ACSUser{PendingMutations: []PendingMutation{{MutationCode: "deleting"}}}, true},
		"something pending": {ACSUser{PendingMutations: []PendingMutation{{MutationCode: "creating"}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tc.user.BeingDeleted(); got != tc.want {
				t.Errorf("got %t", got)
			}
		})
	}
	if (UserIdentity{}).BeingDeleted() || !(UserIdentity{Warnings: []Warning{{WarningCode: "being_deleted"}}}).BeingDeleted() {
		t.Error("a user identity is being deleted when a warning says so")
	}
}

func TestACSUserDeletedExternally(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		user ACSUser
		want bool
	}{
		"nothing":             {ACSUser{}, false},
		"error":               {ACSUser{Errors: []Problem{{ErrorCode: "x"}, {ErrorCode: "deleted_externally"}}}, true},
		"another error":       {ACSUser{Errors: []Problem{{ErrorCode: "failed_to_delete_on_acs_system"}}}, false},
		"a warning like that": {ACSUser{Warnings: []Warning{{WarningCode: "deleted_externally"}}}, false},
	} {
		if got := tc.user.DeletedExternally(); got != tc.want {
			t.Errorf("%s: got %t, want %t", name, got, tc.want)
		}
	}
}
