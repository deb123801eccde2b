package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const (
	accessGroupType  = "seam_acs_access_group"
	accessGroupsType = "seam_acs_access_groups"
	listGroupsRoute  = "/acs/access_groups/list"
	getGroupRoute    = "/acs/access_groups/get"
)

func TestACSAccessGroup_allAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const id = "20000000-0000-4000-8000-000000000002"
	w.Inject(fakeseam.Fault{Route: getGroupRoute, Body: `{"ok":true,"acs_access_group":{
		"acs_access_group_id": "` + id + `", "acs_system_id": "30000000-0000-4000-8000-000000000003", "name": "Staff", "display_name": "Staff (all day)",
		"workspace_id": "40000000-0000-4000-8000-000000000004", "connected_account_id": "50000000-0000-4000-8000-000000000005",
		"external_type": "salto_ks_access_group", "external_type_display_name": "Salto KS access group", "is_managed": true, "created_at": "2025-01-06T08:00:01.007Z",
		"errors": [{"error_code": "failed_to_create_on_acs_system", "message": "It failed.", "created_at": "2025-01-07T08:00:00.000Z"}],
		"warnings": [{"warning_code": "being_deleted", "message": "It goes.", "created_at": "2025-01-08T08:00:00.000Z"}],
		"pending_mutations": [{"mutation_code": "deleting", "message": "It is pending.", "created_at": "2025-01-09T08:00:00.000Z"}]}}`})
	tf := w.terraform()
	state, found := tf.data(accessGroupType, values{"acs_access_group_id": id})
	tf.wantNothingSaid(found)
	tf.wantData(state, values{
		"acs_system_id": "30000000-0000-4000-8000-000000000003", "name": "Staff", "display_name": "Staff (all day)",
		"workspace_id": "40000000-0000-4000-8000-000000000004", "connected_account_id": "50000000-0000-4000-8000-000000000005",
		"external_type": "salto_ks_access_group", "external_type_display_name": "Salto KS access group", "created_at": "2025-01-06T08:00:01.007Z",
		"errors":            []any{values{"error_code": "failed_to_create_on_acs_system", "message": "It failed.", "created_at": "2025-01-07T08:00:00.000Z"}},
		"warnings":          []any{values{"warning_code": "being_deleted", "message": "It goes.", "created_at": "2025-01-08T08:00:00.000Z"}},
		"pending_mutations": []any{values{"mutation_code": "deleting", "message": "It is pending.", "created_at": "2025-01-09T08:00:00.000Z"}},
	})
}

func TestACSAccessGroup_found(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	staff := w.AddAccessGroup(w.system.ID, "Staff")
	accented := w.AddAccessGroup(w.system.ID, "Cafe\u0301 \"Zoë\" 🏢") // decomposed
	w.AddAccessGroup(w.system.ID, "Staff 2")
	w.AddAccessGroup(w.AddSystem(w.workspace.ID, "Brivo", "brivo_account").ID, "Staff")
	leaving := w.AddAccessGroup(w.system.ID, "Visitors")
	visitors := w.AddAccessGroup(w.system.ID, "Visitors")
	w.SetAccessGroupWarnings(leaving.ID, "being_deleted")
	tf := w.terraform()
	for _, test := range []struct {
		config values
		want   string
	}{
		{values{"acs_access_group_id": staff.ID}, staff.ID},
		{values{"acs_access_group_id": strings.ToUpper(staff.ID)}, strings.ToUpper(staff.ID)},
		{values{"acs_system_id": w.system.ID, "name": "Staff"}, staff.ID},
		{values{"acs_system_id": strings.ToUpper(w.system.ID), "name": " Staff "}, staff.ID},
		{values{"acs_system_id": w.system.ID, "name": "Café \"Zoë\" 🏢"}, accented.ID},
		{values{"acs_system_id": w.system.ID, "name": "Visitors"}, visitors.ID},
	} {
		w.ResetRequests()
		state, found := tf.data(accessGroupType, test.config)
		tf.wantNothingSaid(found)
		tf.wantData(state, values{"acs_access_group_id": test.want, "workspace_id": w.workspace.ID})
		if n := w.Count(""); n != 1 {
			t.Errorf("%d requests for one lookup", n)
		}
	}
}

func TestACSAccessGroup_notFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	staff, second := w.AddAccessGroup(w.system.ID, "Staff"), w.AddAccessGroup(w.system.ID, "Staff")
	w.SetAccessGroupWarnings(w.AddAccessGroup(w.system.ID, "Visitors").ID, "being_deleted")
	brivo := w.AddSystem(w.workspace.ID, "Brivo", "brivo_account")
	elsewhere := w.AddAccessGroup(brivo.ID, "Lobby")
	tf := w.terraform()

	_, found := tf.data(accessGroupType, values{"acs_access_group_id": strangeID})
	tf.wantError(found, "No access group "+strangeID, `AttributeName("acs_access_group_id")`, "Harbour House", w.workspace.ID)

	w.ResetRequests()
	_, found = tf.data(accessGroupType, values{"acs_system_id": w.system.ID, "name": "staff"})
	tf.wantError(found, `No access group with name "staff"`, `AttributeName("name")`, "Salto HQ", w.system.ID, "There are:",
		staff.ID, second.ID, `"Visitors" (Salto KS access group), being deleted`)
	tf.wantNotSaid(found, elsewhere.ID)
	if n := w.Count(""); n != 2 {
		t.Errorf("%d requests for a lookup that finds nothing, want 2", n)
	}

	_, found = tf.data(accessGroupType, values{"acs_system_id": w.system.ID, "name": "Staff"})
	tf.wantError(found, `Several access groups with name "Staff"`, `AttributeName("name")`, "Salto HQ", staff.ID, second.ID, "Use acs_access_group_id")
	tf.wantNotSaid(found, "Visitors")

	_, found = tf.data(accessGroupType, values{"acs_system_id": strangeID, "name": "Staff"})
	tf.wantError(found, "No access system "+strangeID, `AttributeName("acs_system_id")`)

	const exactlyOne = "Exactly one of these attributes must be configured: [acs_access_group_id,name]"
	for _, test := range []struct {
		config values
		want   string
	}{
		{values{}, exactlyOne},
		{values{"acs_system_id": brivo.ID}, exactlyOne},
		{values{"acs_access_group_id": staff.ID, "acs_system_id": brivo.ID}, `Attribute "acs_access_group_id" cannot be specified when "acs_system_id" is specified`},
		{values{"name": "Staff"}, `Attribute "acs_system_id" must be specified when "name" is specified`},
		{values{"acs_system_id": brivo.ID, "name": " "}, "must not be blank"},
		{values{"acs_access_group_id": "the staff"}, "must be a UUID"},
		{values{"acs_system_id": "Brivo", "name": "Staff"}, "must be a UUID"},
	} {
		_, found = tf.data(accessGroupType, test.config)
		tf.wantError(found, test.want)
	}
}

// A filter of Seam's that lets others through gives no group of another access system.
func TestACSAccessGroup_ofAnotherSystem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	elsewhere := w.AddAccessGroup(w.AddSystem(w.workspace.ID, "Brivo", "brivo_account").ID, "Staff")
	w.Inject(fakeseam.Fault{Route: listGroupsRoute, Body: fmt.Sprintf(
		`{"ok":true,"acs_access_groups":[{"acs_access_group_id":%q,"acs_system_id":%q,"name":"Staff"}]}`, elsewhere.ID, elsewhere.SystemID)})
	tf := w.terraform()
	_, found := tf.data(accessGroupType, values{"acs_system_id": w.system.ID, "name": "Staff"})
	tf.wantError(found, `No access group with name "Staff"`)
	tf.wantNotSaid(found, elsewhere.ID)
}

func TestACSAccessGroups_lists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	brivo := w.AddSystem(w.workspace.ID, "Brivo", "brivo_account")
	staff, lobby, visitors := w.AddAccessGroup(w.system.ID, "Staff"), w.AddAccessGroup(brivo.ID, "Lobby"), w.AddAccessGroup(w.system.ID, "Visitors")
	w.AddToGroup(visitors.ID, w.jane.ID)
	tf := w.terraform()
	for _, test := range []struct {
		config values
		want   []fakeseam.AccessGroup
	}{
		{values{}, []fakeseam.AccessGroup{staff, lobby, visitors}},
		{values{"acs_system_id": w.system.ID}, []fakeseam.AccessGroup{staff, visitors}},
		{values{"acs_user_id": w.jane.ID}, []fakeseam.AccessGroup{visitors}},
		{values{"acs_user_id": w.jane.ID, "acs_system_id": w.system.ID}, []fakeseam.AccessGroup{visitors}},
		// These exist, and have none.
		{values{"acs_user_id": w.john.ID}, nil},
		{values{"acs_system_id": w.garage.ID}, nil},
		{values{"acs_user_id": w.jane.ID, "acs_system_id": brivo.ID}, nil},
	} {
		state, found := tf.data(accessGroupsType, test.config)
		tf.wantNothingSaid(found)
		groups, _ := state["acs_access_groups"].([]any)
		if groups == nil || len(groups) != len(test.want) {
			t.Errorf("%v: there are %v, want %v", test.config, groups, test.want)
			continue
		}
		for n, want := range test.want {
			group, _ := groups[n].(values)
			tf.wantData(group, values{"acs_access_group_id": want.ID, "name": want.Name, "acs_system_id": want.SystemID})
		}
	}
	for _, missing := range []string{"acs_system_id", "acs_user_id"} {
		_, found := tf.data(accessGroupsType, values{missing: strangeID})
		tf.wantError(found, strangeID, `AttributeName("`+missing+`")`, "Harbour House")
	}
	w.Inject(fakeseam.Fault{Route: listGroupsRoute, Status: 404, Body: `{"ok":false,"error":{"type":"acs_user_not_found","message":"ACS user not found"}}`})
	_, found := tf.data(accessGroupsType, values{"acs_user_id": strangeID})
	tf.wantError(found, "No ACS user "+strangeID)
	_, found = tf.data(accessGroupsType, values{"acs_user_id": w.jane.ID})
	tf.wantError(found, "Cannot read the list of access groups", "404")
}

func TestAccACSAccessGroup_lookups(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	staff := w.AddAccessGroup(w.system.ID, "Staff")
	byName := fmt.Sprintf("data \"seam_acs_access_group\" \"test\" {\n  acs_system_id = %q\n  name = \"Staff\"\n}\n", w.system.ID)
	all := "data \"seam_acs_access_groups\" \"all\" {\n  acs_system_id = data.seam_acs_access_group.test.acs_system_id\n}\n"
	w.run(
		resource.TestStep{
			Config: w.config(byName, all),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.seam_acs_access_group.test", tfjsonpath.New("acs_access_group_id"), knownvalue.StringExact(staff.ID)),
				statecheck.ExpectKnownValue("data.seam_acs_access_groups.all", tfjsonpath.New("acs_access_groups").AtSliceIndex(0).AtMapKey("name"), knownvalue.StringExact("Staff")),
			},
		},
		resource.TestStep{
			Config:      w.config(strings.ReplaceAll(byName, "Staff", "Sta")),
			ExpectError: says(`No access group with name "Sta"`),
		},
	)
}
