package seam

import (
	"net/http"
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

// An answer is trusted only if it is about the ACS user that was asked for.
func FuzzDecodeACSUser(f *testing.F) {
	f.Add([]byte(`{"ok":true,"acs_user":{"acs_user_id":"` + userA + `","user_identity_id":"` + identityA + `"}}`))
	f.Add([]byte(`{"ok":true,"acs_user":{"acs_user_id":"` + strings.ToUpper(userA) + `","user_identity_id":null,"warnings":[{}],"pending_mutations":null}}`))
	f.Add([]byte(`{"ok":true,"acs_user":{"acs_user_id":"` + userB + `"}}`))
	f.Add([]byte(`{"ok":false,"acs_user":{"acs_user_id":"` + userA + `"}}`))
	f.Add([]byte(`{"ok":true,"acs_user":{"acs_user_id":7}}`))
	f.Add([]byte(`{"ok":tr`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := &Client{token: testToken}
		a := &acsUserAnswer{asked: userA}
		resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}}
		if failure := c.decodeAnswer(&call{path: "/acs/users/get", answer: a}, resp, body, nil); failure != nil {
			if failure.Problem == "" || strings.Contains(failure.Error(), testToken) {
				t.Errorf("got %+v", failure)
			}
			return
		}
		if !a.OK || a.ACSUser == nil || !strings.EqualFold(a.ACSUser.ACSUserID, userA) {
			t.Errorf("trusted %q", body)
		}
	})
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
