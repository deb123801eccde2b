package seam

import "testing"

func TestNotices(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		user                            ACSUser
		beingDeleted, deletedExternally bool
	}{
		"none":                {},
		"warning":             {ACSUser{Warnings: []Warning{{WarningCode: "other"}, {WarningCode: "being_deleted"}}}, true, false},
		"other warnings":      {ACSUser{Warnings: []Warning{{WarningCode: "other"}, {WarningCode: "deleted_externally"}}}, false, false},
		"pending":             {ACSUser{PendingMutations: []PendingMutation{{MutationCode: "deleting"}}}, true, false},
		"another one pending": {ACSUser{PendingMutations: []PendingMutation{{MutationCode: "creating"}}}, false, false},
		"error":               {ACSUser{Errors: []Problem{{ErrorCode: "x"}, {ErrorCode: "deleted_externally"}}}, false, true},
		"another error":       {ACSUser{Errors: []Problem{{ErrorCode: "failed_to_delete_on_acs_system"}}}, false, false},
	} {
		if test.user.BeingDeleted() != test.beingDeleted || test.user.DeletedExternally() != test.deletedExternally {
			t.Errorf("%s: being deleted: %t, deleted externally: %t", name, test.user.BeingDeleted(), test.user.DeletedExternally())
		}
		if (UserIdentity{Warnings: test.user.Warnings}).BeingDeleted() != (name == "warning") {
			t.Errorf("%s: a user identity is being deleted when a warning says so", name)
		}
	}
}
