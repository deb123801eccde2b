package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const userIdentityType = "seam_user_identity"

func TestUserIdentity_allAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(fakeseam.Fault{Route: getIdentity, Body: `{"ok":true,"user_identity":{
		"user_identity_id": "50000000-0000-4000-8000-000000000005", "user_identity_key": "jane_doe", "email_address": "jane@example.com",
		"phone_number": "+15555550100", "full_name": "Jane Doe", "display_name": "Jane",
		"acs_user_ids": ["10000000-0000-4000-8000-000000000002", "10000000-0000-4000-8000-000000000001"],
		"merged_user_identity_ids": ["60000000-0000-4000-8000-000000000006"], "workspace_id": "30000000-0000-4000-8000-000000000003",
		"created_at": "2025-01-06T08:00:01.007Z",
		"errors": [{"error_code": "issue_with_acs_user", "message": "It failed.", "created_at": "2025-01-07T08:00:00.000Z"}],
		"warnings": [{"warning_code": "being_deleted", "message": "It is being deleted.", "created_at": "2025-01-08T08:00:00.000Z"}]}}`})
	tf := w.terraform()
	state, found := tf.data(userIdentityType, values{"user_identity_id": "50000000-0000-4000-8000-000000000005"})
	tf.wantNothingSaid(found)
	tf.wantData(state, values{
		"primary_user_identity_id": "50000000-0000-4000-8000-000000000005", "user_identity_key": "jane_doe", "email_address": "jane@example.com",
		"phone_number": "+15555550100", "full_name": "Jane Doe", "display_name": "Jane",
		"acs_user_ids":             []any{"10000000-0000-4000-8000-000000000001", "10000000-0000-4000-8000-000000000002"},
		"merged_user_identity_ids": []any{"60000000-0000-4000-8000-000000000006"}, "workspace_id": "30000000-0000-4000-8000-000000000003",
		"created_at": "2025-01-06T08:00:01.007Z",
		"errors":     []any{values{"error_code": "issue_with_acs_user", "message": "It failed.", "created_at": "2025-01-07T08:00:00.000Z"}},
		"warnings":   []any{values{"warning_code": "being_deleted", "message": "It is being deleted.", "created_at": "2025-01-08T08:00:00.000Z"}},
	})
}

func TestUserIdentity_byEachKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetMaxPageSize(1)
	w.AddUserIdentity(w.workspace.ID, fakeseam.Person{EmailAddress: "mary.amira@example.com", PhoneNumber: "+155555501021"})
	amira := w.AddUserIdentity(w.workspace.ID, fakeseam.Person{
		FullName: "Amira Haddad", EmailAddress: "Amira@example.com", PhoneNumber: "+15555550102", Key: `amira "h"`,
	})
	tf := w.terraform()
	for _, config := range []values{
		{"user_identity_id": amira.ID},
		{"user_identity_id": strings.ToUpper(amira.ID)},
		{"user_identity_key": `amira "h"`},
		{"email_address": "aMIRA@example.com"},
		{"phone_number": "+15555550102"},
	} {
		state, found := tf.data(userIdentityType, config)
		tf.wantNothingSaid(found)
		tf.wantData(state, values{
			"primary_user_identity_id": amira.ID, "full_name": "Amira Haddad", "user_identity_key": `amira "h"`, "phone_number": "+15555550102",
			"acs_user_ids": []any{}, "merged_user_identity_ids": []any{},
		})
	}
}

func TestUserIdentity_none(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	_, found := tf.data(userIdentityType, values{"user_identity_key": "jane", "email_address": "jane@example.com"})
	tf.wantError(found, "Exactly one of these attributes must be configured: [user_identity_id,user_identity_key,email_address,phone_number]")
	for attribute, test := range map[string]struct {
		value string
		said  []string
	}{
		"user_identity_id":  {strangeID, []string{"No user identity " + strangeID}},
		"user_identity_key": {"unknown", []string{`No user identity with key "unknown"`}},
		"email_address":     {"ane@example.com", []string{`No user identity with email address "ane@example.com"`, "Similar ones are:", w.janeID.ID, "regardless of the case"}},
		"phone_number":      {"+15555550109", []string{`No user identity with phone number "+15555550109"`}},
	} {
		_, found := tf.data(userIdentityType, values{attribute: test.value})
		tf.wantError(found, append(test.said, `AttributeName("`+attribute+`")`, "Harbour House", w.workspace.ID, "Check "+attribute)...)
		tf.wantNotSaid(found, w.johnID.ID)
	}
}

// Email addresses of user identities are unique in Seam, perhaps case-sensitively.
func TestUserIdentity_several(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetMaxPageSize(1)
	other := w.AddUserIdentity(w.workspace.ID, fakeseam.Person{EmailAddress: "JANE@example.com"})
	tf := w.terraform()
	_, found := tf.data(userIdentityType, values{"email_address": "jane@example.com"})
	tf.wantError(found, `Several user identities with email address "jane@example.com"`, w.janeID.ID, other.ID, "JANE@example.com", "Harbour House", "Use user_identity_id to select one")
}

// A key that Seam finds in another case is not that of a merged identity.
func TestUserIdentity_keyInAnotherSpelling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(fakeseam.Fault{Route: getIdentity, Body: fmt.Sprintf(
		`{"ok":true,"user_identity":{"user_identity_id":%q,"user_identity_key":"Jane","workspace_id":%q,"merged_user_identity_keys":["former"]}}`,
		w.janeID.ID, w.workspace.ID)})
	tf := w.terraform()
	state, found := tf.data(userIdentityType, values{"user_identity_key": "jane"})
	tf.wantNothingSaid(found)
	tf.wantData(state, values{"user_identity_key": "jane", "user_identity_id": w.janeID.ID})
}

func TestUserIdentity_merged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	former := w.AddUserIdentity(w.workspace.ID, fakeseam.Person{Key: "former", EmailAddress: "former@example.com"})
	w.MergeUserIdentities(w.janeID.ID, former.ID)
	tf := w.terraform()

	state, found := tf.data(userIdentityType, values{"user_identity_id": former.ID})
	tf.wantWarning(found, former.ID+" was merged into "+w.janeID.ID, `AttributeName("user_identity_id")`)
	tf.wantData(state, values{
		"user_identity_id": former.ID, "primary_user_identity_id": w.janeID.ID, "email_address": "jane@example.com",
		"merged_user_identity_ids": []any{former.ID},
	})

	state, found = tf.data(userIdentityType, values{"user_identity_key": "former"})
	tf.wantWarning(found, `The user identity with key "former" was merged into `+w.janeID.ID, `AttributeName("user_identity_key")`)
	tf.wantData(state, values{"user_identity_key": "former", "user_identity_id": w.janeID.ID, "primary_user_identity_id": w.janeID.ID})

	_, found = tf.data(userIdentityType, values{"email_address": "former@example.com"})
	tf.wantError(found, "No user identity with email address")
}
