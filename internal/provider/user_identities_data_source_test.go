package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const userIdentitiesType = "seam_user_identities"

func TestUserIdentities_filters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetMaxPageSize(1)
	ann := w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Ann"})
	w.Link(w.johnID.ID, w.AddACSUser(w.garage.ID, fakeseam.Person{FullName: "John"}).ID)
	tf := w.terraform()
	for name, test := range map[string]struct {
		config values
		want   []string
	}{
		"none":               {nil, []string{w.janeID.ID, w.johnID.ID, ann.ID}},
		"ids":                {values{"user_identity_ids": []any{ann.ID, w.janeID.ID}}, []string{w.janeID.ID, ann.ID}},
		"search":             {values{"search": "john"}, []string{w.johnID.ID}},
		"credential manager": {values{"credential_manager_acs_system_id": w.garage.ID}, []string{w.johnID.ID}},
		"created before":     {values{"created_before": ann.CreatedAt.Format("2006-01-02T15:04:05.000Z07:00")}, []string{w.janeID.ID, w.johnID.ID}},
		"several":            {values{"user_identity_ids": []any{ann.ID}, "search": "john"}, []string{}},
	} {
		state, found := tf.data(userIdentitiesType, test.config)
		tf.wantNothingSaid(found)
		if got := idsIn(state["user_identities"], "user_identity_id"); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

// What Seam returns for an empty list of ids is not documented; all user identities would
// be wrong.
func TestUserIdentities_noIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	state, found := tf.data(userIdentitiesType, values{"user_identity_ids": []any{}})
	tf.wantNothingSaid(found)
	tf.wantData(state, values{"user_identities": []any{}})
	_, found = tf.data(userIdentitiesType, values{"user_identity_ids": []any{nil}})
	tf.wantError(found, "Null Set Value")
	w.wantNoRequests()
}

func TestUserIdentities_missing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	former := w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Former"})
	w.MergeUserIdentities(w.janeID.ID, former.ID)
	tf := w.terraform()
	state, found := tf.data(userIdentitiesType, values{"user_identity_ids": []any{strings.ToUpper(w.johnID.ID), former.ID, strangeID}})
	tf.wantWarning(found, `AttributeName("user_identity_ids")`, "  - "+strangeID+"\n")
	tf.wantNotSaid(found, former.ID, strings.ToUpper(w.johnID.ID))
	if got := idsIn(state["user_identities"], "user_identity_id"); !slices.Equal(got, []string{w.janeID.ID, w.johnID.ID}) {
		t.Errorf("got %v", got)
	}

	var many []any
	for n := range 12 {
		many = append(many, fmt.Sprintf("00000000-0000-4000-8000-0000000000%02d", n))
	}
	_, found = tf.data(userIdentitiesType, values{"user_identity_ids": many})
	tf.wantWarning(found, "0000000009\n", "and 2 more")
	tf.wantNotSaid(found, "0000000010")

	_, found = tf.data(userIdentitiesType, values{"user_identity_ids": many, "search": "jane"}) // no warning
	tf.wantNothingSaid(found)

	_, found = tf.data(userIdentitiesType, values{"credential_manager_acs_system_id": strangeID})
	tf.wantError(found, "No access system "+strangeID, `AttributeName("credential_manager_acs_system_id")`, "Harbour House")
}

func TestUserIdentities_stableOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(fakeseam.Fault{Route: listIdentitiesRoute, Body: `{"ok":true,"user_identities":[
		{"user_identity_id":"30000000-0000-4000-8000-000000000000","created_at":"2025-01-06T09:00:00.000Z"},
		{"user_identity_id":"20000000-0000-4000-8000-000000000000","created_at":"2025-01-06T08:00:00.000Z"},
		{"user_identity_id":"10000000-0000-4000-8000-000000000000","created_at":"2025-01-06T08:00:00.000Z"}],"pagination":{"has_next_page":false}}`})
	tf := w.terraform()
	state, found := tf.data(userIdentitiesType, nil)
	tf.wantNothingSaid(found)
	want := []string{"10000000-0000-4000-8000-000000000000", "20000000-0000-4000-8000-000000000000", "30000000-0000-4000-8000-000000000000"}
	if got := idsIn(state["user_identities"], "user_identity_id"); !slices.Equal(got, want) {
		t.Errorf("got %v, want the oldest first, then by id", got)
	}
}
