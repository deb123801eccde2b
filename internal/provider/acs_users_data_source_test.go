package provider

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const acsUsersType = "seam_acs_users"

// idsIn are the ids of a list of objects, in its order.
func idsIn(list any, attribute string) []string {
	ids := []string{}
	entries, _ := list.([]any)
	for _, entry := range entries {
		id, _ := entry.(values)[attribute].(string)
		ids = append(ids, id)
	}
	return ids
}

func TestACSUsers_allAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(fakeseam.Fault{Route: listUsersRoute, Body: `{"ok":true,"acs_users":[` + completeACSUser + `],"pagination":{"has_next_page":false}}`})
	tf := w.terraform()
	state, found := tf.data(acsUsersType, nil)
	tf.wantNothingSaid(found)
	tf.wantData(state, values{"acs_users": []any{completeACSUserAttributes}})
}

func TestACSUsers_filters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetMaxPageSize(1)
	ann := w.AddUserIdentity(w.workspace.ID, fakeseam.Person{EmailAddress: "ann@example.com", PhoneNumber: "+15555550103"})
	garage := w.AddACSUser(w.garage.ID, fakeseam.Person{FullName: "Ann in the garage"})
	w.Link(w.johnID.ID, w.john.ID)
	w.Link(ann.ID, garage.ID)
	tf := w.terraform()
	for name, test := range map[string]struct {
		config values
		want   []string
	}{
		"none":           {nil, []string{w.jane.ID, w.john.ID, garage.ID}},
		"system":         {values{"acs_system_id": strings.ToUpper(w.system.ID)}, []string{w.jane.ID, w.john.ID}},
		"identity":       {values{"user_identity_id": strings.ToUpper(w.johnID.ID)}, []string{w.john.ID}},
		"email":          {values{"user_identity_email_address": "ann@example.com"}, []string{garage.ID}},
		"phone":          {values{"user_identity_phone_number": "+15555550103"}, []string{garage.ID}},
		"search":         {values{"search": "jane"}, []string{w.jane.ID}},
		"created before": {values{"created_before": garage.CreatedAt.Format("2006-01-02T15:04:05.000Z07:00")}, []string{w.jane.ID, w.john.ID}},
		"several":        {values{"acs_system_id": w.garage.ID, "search": "jane"}, []string{}},
		"none match":     {values{"search": "unknown"}, []string{}},
	} {
		state, found := tf.data(acsUsersType, test.config)
		tf.wantNothingSaid(found)
		if got := idsIn(state["acs_users"], "acs_user_id"); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

// Seam's validator is strict about timestamps, so they are sent in Seam's form.
func TestACSUsers_createdBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	_, found := tf.data(acsUsersType, values{"created_before": "2026-11-24T08:00:00.5+02:00"})
	tf.wantNothingSaid(found)
	if body := string(w.lastBody(listUsersRoute)); !strings.Contains(body, `"created_before":"2026-11-24T06:00:00.5Z"`) {
		t.Errorf("the list was asked for %s", body)
	}
}

// The order is the same whatever the order of Seam's list.
func TestACSUsers_stableOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := func(n int, created string) string {
		return fmt.Sprintf(`{"acs_user_id":"0000000%d-0000-4000-8000-000000000000","created_at":%q}`, n, created)
	}
	w.Inject(fakeseam.Fault{Route: listUsersRoute, Body: fmt.Sprintf(`{"ok":true,"acs_users":[%s],"pagination":{"has_next_page":false}}`, strings.Join([]string{
		user(5, "2025-01-07T00:00:00+09:00"), user(4, "2025-01-06T08:00:00.500Z"), user(3, "2025-01-06T08:00:00Z"), user(2, "2025-01-06T08:00:00Z"), user(1, "2025-01-06T09:00:00Z"),
	}, ","))})
	tf := w.terraform()
	state, found := tf.data(acsUsersType, nil)
	tf.wantNothingSaid(found)
	var got []string
	for _, id := range idsIn(state["acs_users"], "acs_user_id") {
		got = append(got, id[7:8])
	}
	if want := []string{"2", "3", "4", "1", "5"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: the oldest first, then by id", got, want)
	}
}

// An empty list empties a for_each and removes its links, so what a filter names must exist.
func TestACSUsers_filterNamesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := w.AddSystem(w.AddWorkspace("Elsewhere").ID, "Lobby", "salto_ks_site")
	tf := w.terraform()
	_, found := tf.data(acsUsersType, values{"acs_system_id": foreign.ID})
	tf.wantError(found, "No access system "+foreign.ID, `AttributeName("acs_system_id")`, "Harbour House")
	_, found = tf.data(acsUsersType, values{"user_identity_id": strangeID})
	tf.wantError(found, "No user identity "+strangeID, `AttributeName("user_identity_id")`, "Harbour House")
	state, found := tf.data(acsUsersType, values{"acs_system_id": w.garage.ID}) // there, and empty
	tf.wantNothingSaid(found)
	tf.wantData(state, values{"acs_users": []any{}})
}

func TestACSUsers_mergedUserIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	w.MergeUserIdentities(w.johnID.ID, w.janeID.ID)
	tf := w.terraform()
	state, found := tf.data(acsUsersType, values{"user_identity_id": w.janeID.ID})
	tf.wantWarning(found, w.janeID.ID+" was merged into "+w.johnID.ID)
	if got := idsIn(state["acs_users"], "acs_user_id"); !slices.Equal(got, []string{w.jane.ID}) {
		t.Errorf("got %v", got)
	}
	if body := string(w.lastBody(listUsersRoute)); !strings.Contains(body, w.johnID.ID) {
		t.Errorf("the list was asked for %s, want the primary", body)
	}
}

// The example of the documentation links the people of an access system by email address.
func TestAccACSUsers_linkByEmail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetMaxPageSize(2)
	w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "Front Desk"}) // no email address
	// no identity
	w.AddACSUser(w.system.ID, fakeseam.Person{FullName: `Guest "G" O'Neil`, EmailAddress: "guest@example.com"})
	// no email address
	w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "An account", PhoneNumber: "+15555550100"})
	chloe := fakeseam.Person{FullName: "Chloé Müller 👩\u200d🚒", EmailAddress: "Chloe@Example.com"}
	chloeUser := w.AddACSUser(w.system.ID, chloe)
	chloe.EmailAddress = "chloe@example.com"
	chloeID := w.AddUserIdentity(w.workspace.ID, chloe)
	w.AddACSUser(w.garage.ID, chloe) // of another access system

	example, err := os.ReadFile("../../examples/data-sources/seam_acs_users/data-source.tf")
	if err != nil {
		t.Fatal(err)
	}
	c := w.builtCLI(nil)
	c.write("main.tf", string(example))
	c.succeed("apply")
	if links := w.Links(); len(links) != 3 {
		t.Errorf("Seam has %v, want three links", links)
	}
	w.wantHolder(w.jane.ID, w.janeID.ID)
	w.wantHolder(w.john.ID, w.johnID.ID)
	w.wantHolder(chloeUser.ID, chloeID.ID)
	c.wantEmptyPlan()
	if got, want := strings.TrimSpace(c.succeed("output", "-json", "without_user_identity")), `["Front Desk","Guest \"G\" O'Neil"]`; got != want {
		t.Errorf("without a user identity are %s, want %s", got, want)
	}
}
