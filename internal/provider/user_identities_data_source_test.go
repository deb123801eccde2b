package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const userIdentitiesType = "seam_user_identities"

func TestUserIdentities_filters(t *testing.T) {
	t.Parallel()
	for _, pageSize := range []int{1, 2, 500} {
		t.Run(fmt.Sprint("pages of ", pageSize), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetMaxPageSize(pageSize)
			ann := w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Ann"})
			w.Link(w.johnID.ID, w.AddACSUser(w.garage.ID, fakeseam.Person{FullName: "John"}).ID)
			tf := w.terraform()
			for name, test := range map[string]struct {
				config values
				want   []string
			}{
				"none":               {nil, []string{w.janeID.ID, w.johnID.ID, ann.ID}},
				"ids":                {values{"user_identity_ids": []any{ann.ID, w.janeID.ID}}, []string{w.janeID.ID, ann.ID}},
				"no ids":             {values{"user_identity_ids": []any{}}, []string{}},
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
		})
	}
}

// What Seam makes of an empty list of ids is not documented, and everybody would
// be the wrong answer.
func TestUserIdentities_noIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	state, found := tf.data(userIdentitiesType, values{"user_identity_ids": []any{}})
	tf.wantNothingSaid(found)
	tf.wantData(state, values{"user_identities": []any{}})
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

	_, found = tf.data(userIdentitiesType, values{"user_identity_ids": many, "search": "jane"}) // says nothing
	tf.wantNothingSaid(found)

	_, found = tf.data(userIdentitiesType, values{"credential_manager_acs_system_id": strangeID})
	tf.wantError(found, "No access system "+strangeID, `AttributeName("credential_manager_acs_system_id")`, "Harbour House")
}

func TestUserIdentities_invalid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	for said, config := range map[string]values{
		"must be a UUID":                              {"user_identity_ids": []any{"jane"}},
		"Null Set Value":                              {"user_identity_ids": []any{nil}},
		"must not be blank":                           {"search": ""},
		"must be a date and time in RFC 3339 form":    {"created_before": "2026"},
		"credential_manager_acs_system_id must be a ": {"credential_manager_acs_system_id": "salto"},
	} {
		_, found := tf.data(userIdentitiesType, config)
		tf.wantError(found, said)
	}
	w.wantNoRequests()
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

func TestAccUserIdentities_byKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Ann", Key: "ann"})
	w.run(resource.TestStep{
		Config: w.config(fmt.Sprintf(`
			data "seam_user_identities" "all" {}
			data "seam_user_identities" "two" { user_identity_ids = [%q, %q] }
			output "by_id" { value = { for i in data.seam_user_identities.all.user_identities : i.user_identity_id => i.display_name } }`,
			w.johnID.ID, strings.ToUpper(w.janeID.ID))),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValueAtPath("by_id", tfjsonpath.New(w.janeID.ID), knownvalue.StringExact("Jane Doe")),
			statecheck.ExpectKnownValue("data.seam_user_identities.all", tfjsonpath.New("user_identities").AtSliceIndex(2).AtMapKey("user_identity_key"), knownvalue.StringExact("ann")),
			statecheck.ExpectKnownValue("data.seam_user_identities.two", tfjsonpath.New("user_identities").AtSliceIndex(0).AtMapKey("user_identity_id"), knownvalue.StringExact(w.janeID.ID)),
			statecheck.ExpectKnownValue("data.seam_user_identities.two", tfjsonpath.New("user_identities"), knownvalue.ListSizeExact(2)),
		},
	})
}
