package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const acsUserType = "seam_acs_user"

// completeACSUser is an ACS user with all fields.
const completeACSUser = `{
	"acs_user_id": "10000000-0000-4000-8000-000000000001", "acs_system_id": "20000000-0000-4000-8000-000000000002",
	"workspace_id": "30000000-0000-4000-8000-000000000003", "connected_account_id": "40000000-0000-4000-8000-000000000004",
	"display_name": "Jane (HQ)", "full_name": "Jane Doe", "email_address": "jane@example.com", "phone_number": "+15555550100",
	"user_identity_id": "50000000-0000-4000-8000-000000000005", "user_identity_email_address": "jane@app.example",
	"user_identity_full_name": "Jane D.", "user_identity_phone_number": "+15555550199",
	"external_type": "salto_site_user", "external_type_display_name": "Salto site user", "is_suspended": true,
	"created_at": "2025-01-06T08:00:01.007Z",
	"errors": [{"error_code": "failed_to_create_on_acs_system", "message": "It failed.", "created_at": "2025-01-07T08:00:00.000Z"}],
	"warnings": [{"warning_code": "being_deleted", "message": "It is being deleted.", "created_at": "2025-01-08T08:00:00.000Z"}],
	"pending_mutations": [{"mutation_code": "deleting", "message": "Deleting.", "created_at": "2025-01-09T08:00:00.000Z"}]
}`

var completeACSUserAttributes = values{
	"acs_user_id": "10000000-0000-4000-8000-000000000001", "acs_system_id": "20000000-0000-4000-8000-000000000002",
	"workspace_id": "30000000-0000-4000-8000-000000000003", "connected_account_id": "40000000-0000-4000-8000-000000000004",
	"display_name": "Jane (HQ)", "full_name": "Jane Doe", "email_address": "jane@example.com", "phone_number": "+15555550100",
	"user_identity_id": "50000000-0000-4000-8000-000000000005", "user_identity_email_address": "jane@app.example",
	"user_identity_full_name": "Jane D.", "user_identity_phone_number": "+15555550199",
	"external_type": "salto_site_user", "external_type_display_name": "Salto site user", "is_suspended": true,
	"created_at":        "2025-01-06T08:00:01.007Z",
	"errors":            []any{values{"error_code": "failed_to_create_on_acs_system", "message": "It failed.", "created_at": "2025-01-07T08:00:00.000Z"}},
	"warnings":          []any{values{"warning_code": "being_deleted", "message": "It is being deleted.", "created_at": "2025-01-08T08:00:00.000Z"}},
	"pending_mutations": []any{values{"mutation_code": "deleting", "message": "Deleting.", "created_at": "2025-01-09T08:00:00.000Z"}},
}

func TestACSUser_allAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(fakeseam.Fault{Route: getUserRoute, Body: `{"ok":true,"acs_user":` + completeACSUser + `}`})
	tf := w.terraform()
	state, found := tf.data(acsUserType, values{"acs_user_id": "10000000-0000-4000-8000-000000000001"})
	tf.wantNothingSaid(found)
	tf.wantData(state, completeACSUserAttributes)
	tf.wantData(state, values{"primary_user_identity_id": "50000000-0000-4000-8000-000000000005"})
}

func TestACSUser_byID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	state, found := tf.data(acsUserType, values{"acs_user_id": strings.ToUpper(w.jane.ID)}) // the state keeps the case
	tf.wantNothingSaid(found)
	tf.wantData(state, values{
		"acs_system_id": w.system.ID, "workspace_id": w.workspace.ID, "full_name": "Jane Doe", "phone_number": nil,
		"user_identity_id": nil, "primary_user_identity_id": nil, "is_suspended": false, "errors": []any{},
	})
	_, found = tf.data(acsUserType, values{"acs_user_id": strangeID})
	tf.wantError(found, "No ACS user "+strangeID, `AttributeName("acs_user_id")`, "Harbour House", w.workspace.ID)
}

// A lookup is exact: each of these people could be mistaken for another.
func TestACSUser_exactly(t *testing.T) {
	t.Parallel()
	const nfd = "Jose\u0301 Garci\u0301a"
	people := map[string]fakeseam.Person{
		"jane's longer namesake": {FullName: "Jane Doe-Smith", EmailAddress: "mary.jane@example.com", PhoneNumber: "+155555501001"},
		"lower case":             {FullName: "jane doe", EmailAddress: "lower@example.com"},
		"quotes":                 {FullName: `Dwayne "The Rock" O'Neil \ Sons`, EmailAddress: `"dwayne o'neil"@example.com`},
		"accents":                {FullName: "Chloé Müller", EmailAddress: "CHLOE@Example.COM"},
		"without accents":        {FullName: "Chloe Muller"},
		"decomposed":             {FullName: nfd},
		"emoji":                  {FullName: "Zoë 👩\u200d🚒 Fire", EmailAddress: "zoe@example.com"},
		"space":                  {FullName: "  Spacey Kay \t", EmailAddress: " spacey@example.com"},
		"wildcards":              {FullName: "100% _Under_", PhoneNumber: "+15555550177"},
		"without email":          {FullName: "Front Desk"},
		"kelvin":                 {FullName: "Kevin Kelvin", EmailAddress: "\u212Aevin@example.com"},
	}
	for name, test := range map[string]struct{ attribute, value, want string }{
		"full_name: not a part of another":        {"full_name", "Jane Doe", "jane"},
		"full_name: the longer one":               {"full_name", "Jane Doe-Smith", "jane's longer namesake"},
		"full_name: in lower case":                {"full_name", "jane doe", "lower case"},
		"full_name: quotes and backslashes":       {"full_name", `Dwayne "The Rock" O'Neil \ Sons`, "quotes"},
		"full_name: accents":                      {"full_name", "Chloé Müller", "accents"},
		"full_name: without accents":              {"full_name", "Chloe Muller", "without accents"},
		"full_name: composed here, not in Seam":   {"full_name", "José García", "decomposed"},
		"full_name: emoji":                        {"full_name", "Zoë 👩\u200d🚒 Fire", "emoji"},
		"full_name: space around it in Seam":      {"full_name", "Spacey Kay", "space"},
		"full_name: space around it here":         {"full_name", " Front Desk ", "without email"},
		"full_name: wildcards":                    {"full_name", "100% _Under_", "wildcards"},
		"email_address: not a part of another":    {"email_address", "jane@example.com", "jane"},
		"email_address: in another case":          {"email_address", "Chloe@example.com", "accents"},
		"email_address: quoted":                   {"email_address", `"dwayne o'neil"@example.com`, "quotes"},
		"email_address: space around it":          {"email_address", "spacey@example.com", "space"},
		"phone_number: not a part of another":     {"phone_number", "+15555550100", ""},
		"phone_number: the longer one":            {"phone_number", "+155555501001", "jane's longer namesake"},
		"email_address: Kelvin sign is no K":      {"email_address", "kevin@example.com", ""},
		"email_address: of the identity, not own": {"email_address", "app@example.com", ""},
		"full_name: of the identity, not own":     {"full_name", "Desk Account", ""},
		"full_name: of another system":            {"full_name", "Garage Gary", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetMaxPageSize(3)
			ids := map[string]string{"jane": w.jane.ID}
			for name, person := range people {
				ids[name] = w.AddACSUser(w.system.ID, person).ID
			}
			account := w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Desk Account", EmailAddress: "app@example.com"})
			w.Link(account.ID, ids["without email"])
			w.AddACSUser(w.garage.ID, fakeseam.Person{FullName: "Garage Gary"})
			tf := w.terraform()
			state, found := tf.data(acsUserType, values{"acs_system_id": w.system.ID, test.attribute: test.value})
			if test.want == "" {
				tf.wantError(found, "No ACS user with", `AttributeName("`+test.attribute+`")`, "Salto HQ", w.system.ID, w.workspace.ID)
				return
			}
			tf.wantNothingSaid(found)
			tf.wantData(state, values{"acs_user_id": ids[test.want]})
		})
	}
}

func TestACSUser_oneRequestIfItIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	_, found := tf.data(acsUserType, values{"acs_system_id": w.system.ID, "full_name": "Jane Doe"})
	tf.wantNothingSaid(found)
	if n := w.Count(""); n != 1 {
		t.Errorf("%d requests, want one search", n)
	}
	if body := string(w.lastBody(listUsersRoute)); !strings.Contains(body, `"search":"Jane Doe"`) || !strings.Contains(body, w.system.ID) {
		t.Errorf("the list was asked for %s", body)
	}
}

// Two people with one name, on different pages.
func TestACSUser_several(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetMaxPageSize(1)
	w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "Jane Doe-Smith"})
	other := w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "Jane Doe"})
	tf := w.terraform()
	_, found := tf.data(acsUserType, values{"acs_system_id": w.system.ID, "full_name": "Jane Doe"})
	tf.wantError(found, `Several ACS users with full name "Jane Doe"`, `AttributeName("full_name")`, "Salto HQ", w.system.ID, w.workspace.ID, "found 2",
		`  - "Jane Doe" (jane@example.com), acs_user_id `+w.jane.ID+"\n", `  - "Jane Doe", acs_user_id `+other.ID+"\n", "Use acs_user_id to select one")
	tf.wantNotSaid(found, "Doe-Smith", "more")
}

// One name in two forms of Unicode looks the same; a search by bytes finds one of them.
func TestACSUser_severalInOtherForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	composed := w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "José García"})
	decomposed := w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "Jose\u0301 Garci\u0301a"})
	tf := w.terraform()
	_, found := tf.data(acsUserType, values{"acs_system_id": w.system.ID, "full_name": "José García"})
	tf.wantError(found, "Several ACS users with full name", composed.ID, decomposed.ID)
}

// An ACS user that is being deleted is found only if there is no other.
func TestACSUser_beingDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	leaving := w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "Jane Doe"})
	w.MarkACSUserBeingDeleted(leaving.ID)
	tf := w.terraform()
	config := values{"acs_system_id": w.system.ID, "full_name": "Jane Doe"}
	state, found := tf.data(acsUserType, config)
	tf.wantNothingSaid(found)
	tf.wantData(state, values{"acs_user_id": w.jane.ID})

	w.MarkACSUserBeingDeleted(w.jane.ID)
	_, found = tf.data(acsUserType, config)
	tf.wantError(found, "Several ACS users", `  - "Jane Doe", being deleted, acs_user_id `+leaving.ID)

	w.DeleteACSUser(leaving.ID)
	state, found = tf.data(acsUserType, config)
	tf.wantNothingSaid(found)
	tf.wantData(state, values{"acs_user_id": w.jane.ID})
}

func TestACSUser_manyCandidates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ids []string
	for range 13 {
		ids = append(ids, w.AddACSUser(w.system.ID, fakeseam.Person{EmailAddress: "Desk@example.com"}).ID)
	}
	tf := w.terraform()
	_, found := tf.data(acsUserType, values{"acs_system_id": w.system.ID, "email_address": "desk@example.com"})
	tf.wantError(found, "found 13", "regardless of the case", ids[0], ids[9], "and 3 more")
	tf.wantNotSaid(found, ids[10], ids[12])
}

func TestACSUser_nearMisses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	longer := w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "Jane Doe-Smith"})
	tf := w.terraform()
	for name, test := range map[string]struct {
		attribute, value string
		near             []string
	}{
		"what the search finds": {"full_name", "jane doe", []string{w.jane.ID, longer.ID}},
		"with accents too many": {"full_name", "Jane Doé-Smith", []string{w.jane.ID, longer.ID}},
		"none is similar":       {"full_name", "Wei Chen", nil},
	} {
		_, found := tf.data(acsUserType, values{"acs_system_id": w.system.ID, test.attribute: test.value})
		tf.wantError(found, append(test.near, "No ACS user with")...)
		if (len(test.near) > 0) != strings.Contains(found.String(), "Similar ones are:") {
			t.Errorf("%s: %s", name, found)
		}
		tf.wantNotSaid(found, w.john.ID)
	}
}

func TestACSUser_noSuchSystem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.AddWorkspace("Elsewhere")
	foreign := w.AddSystem(other.ID, "Lobby", "salto_ks_site")
	w.AddACSUser(foreign.ID, fakeseam.Person{FullName: "Jane Doe"})
	w.Link(w.janeID.ID, w.jane.ID)
	tf := w.terraform()
	for _, id := range []string{strangeID, foreign.ID} {
		_, found := tf.data(acsUserType, values{"acs_system_id": id, "full_name": "Jane Doe"})
		tf.wantError(found, "No access system "+id, `AttributeName("acs_system_id")`)
		_, found = tf.data(acsUserType, values{"acs_system_id": id, "user_identity_id": w.janeID.ID})
		tf.wantError(found, "No ACS user with user identity", "access system "+id)
	}
}

// Seam may also refuse to list an access system that does not exist.
func TestACSUser_listRefusesTheSystem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(fakeseam.Fault{
		Route: listUsersRoute, Status: 404,
		Body: `{"ok":false,"error":{"type":"acs_system_not_found","message":"Access control system not found"}}`,
	})
	tf := w.terraform()
	_, found := tf.data(acsUserType, values{"acs_system_id": strangeID, "full_name": "Jane Doe"})
	tf.wantError(found, "No access system "+strangeID)
	// Seam contradicts itself: that is a failure, not an empty list.
	_, found = tf.data(acsUserType, values{"acs_system_id": w.system.ID, "full_name": "Jane Doe"})
	tf.wantError(found, `Cannot read the ACS user with full name "Jane Doe"`, "404")
	_, found = tf.data("seam_acs_users", values{"acs_system_id": w.system.ID})
	tf.wantError(found, "Cannot read the list of ACS users", "404")
}

func TestACSUser_byUserIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	tf := w.terraform()
	config := values{"acs_system_id": strings.ToUpper(w.system.ID), "user_identity_id": strings.ToUpper(w.janeID.ID)}
	state, found := tf.data(acsUserType, config)
	tf.wantNothingSaid(found)
	tf.wantData(state, values{"acs_user_id": w.jane.ID, "primary_user_identity_id": w.janeID.ID, "user_identity_full_name": "Jane Doe"})

	_, found = tf.data(acsUserType, values{"acs_system_id": w.garage.ID, "user_identity_id": w.janeID.ID})
	tf.wantError(found, "No ACS user with user identity", "Searched access system "+w.garage.ID, `AttributeName("user_identity_id")`)
	tf.wantNotSaid(found, w.jane.ID)

	_, found = tf.data(acsUserType, values{"acs_system_id": w.system.ID, "user_identity_id": strangeID})
	tf.wantError(found, "No user identity "+strangeID, `AttributeName("user_identity_id")`, "Harbour House")

	second := w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "Jane's second card"})
	w.Link(w.janeID.ID, second.ID)
	_, found = tf.data(acsUserType, config)
	tf.wantError(found, "Several ACS users with user identity", w.jane.ID, second.ID, "Jane's second card", strings.ToUpper(w.system.ID))
}

// Whether Seam's filter accepts the ids of merged identities is not documented, so the
// identity is read first.
func TestACSUser_byMergedUserIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	w.MergeUserIdentities(w.johnID.ID, w.janeID.ID)
	tf := w.terraform()
	state, found := tf.data(acsUserType, values{"acs_system_id": w.system.ID, "user_identity_id": w.janeID.ID})
	tf.wantWarning(found, w.janeID.ID+" was merged into "+w.johnID.ID, `AttributeName("user_identity_id")`)
	tf.wantData(state, values{"acs_user_id": w.jane.ID, "user_identity_id": w.janeID.ID, "primary_user_identity_id": w.johnID.ID})
	if body := string(w.lastBody(listUsersRoute)); !strings.Contains(body, w.johnID.ID) {
		t.Errorf("the list was asked for %s, want the primary", body)
	}
}

// If Seam ignores a filter, another ACS user must not be the result.
func TestACSUser_filterIsIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.johnID.ID, w.john.ID)
	w.Inject(fakeseam.Fault{Route: listUsersRoute, Body: `{"ok":true,"acs_users":[` + completeACSUser + `],"pagination":{"has_next_page":false}}`})
	tf := w.terraform()
	_, found := tf.data(acsUserType, values{"acs_system_id": w.system.ID, "user_identity_id": w.johnID.ID})
	tf.wantError(found, "No ACS user with user identity")
	_, found = tf.data(acsUserType, values{"acs_system_id": w.system.ID, "email_address": "jane@example.com"})
	tf.wantError(found, "No ACS user with email address")
}

func TestACSUser_invalid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	for name, test := range map[string]struct {
		config values
		said   string
	}{
		"nothing":                {values{}, "Exactly one of these attributes must be configured"},
		"only a system":          {values{"acs_system_id": w.system.ID}, "Exactly one of these attributes must be configured"},
		"two":                    {values{"acs_system_id": w.system.ID, "full_name": "Jane", "email_address": "jane@example.com"}, "Exactly one of these attributes must be configured"},
		"id and system":          {values{"acs_system_id": w.system.ID, "acs_user_id": w.jane.ID}, `"acs_user_id" cannot be specified when "acs_system_id" is specified`},
		"email without a system": {values{"email_address": "jane@example.com"}, `Attribute "acs_system_id" must be specified when "email_address" is specified`},
		"blank name":             {values{"acs_system_id": w.system.ID, "full_name": " \t"}, "must not be blank"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := tf.with(t.Context())
			tf.t = t
			_, found := tf.data(acsUserType, test.config)
			tf.wantError(found, test.said)
		})
	}
	t.Cleanup(w.wantNoRequests)
}

// Validation accepts unknown values.
func TestACSUser_validatesUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	for _, config := range []values{
		{"acs_system_id": unknown, "full_name": "Jane Doe"},
		{"acs_system_id": w.system.ID, "full_name": unknown, "email_address": unknown},
		{"acs_user_id": unknown},
	} {
		resp, err := tf.server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
			TypeName: acsUserType, Config: tf.encodeData(tf.dataType(acsUserType), config),
		})
		tf.noFault(err)
		tf.wantNothingSaid(diagnosticsOf(resp.Diagnostics))
	}
}

func TestAccACSUser_lookups(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rock := w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "Dwayne \"The Rock\" Müller 👩\u200d🚒"})
	w.Link(w.johnID.ID, w.john.ID)
	at := func(name string) string { return "data.seam_acs_user." + name }
	is := func(name, id string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(at(name), tfjsonpath.New("acs_user_id"), knownvalue.StringExact(id))
	}
	w.run(
		resource.TestStep{
			Config: w.config(fmt.Sprintf(`
				data "seam_acs_user" "by_id" {
				  acs_user_id = %[2]q
				}
				data "seam_acs_user" "by_email" {
				  acs_system_id = %[1]q
				  email_address = "Jane@Example.com"
				}
				data "seam_acs_user" "by_name" {
				  acs_system_id = %[1]q
				  full_name     = %[3]q
				}
				data "seam_acs_user" "by_identity" {
				  acs_system_id    = %[1]q
				  user_identity_id = %[4]q
				}
				resource "seam_user_identity_acs_user" "test" {
				  user_identity_id = %[5]q
				  acs_user_id      = data.seam_acs_user.by_email.acs_user_id
				}`, w.system.ID, w.jane.ID, rock.FullName, w.johnID.ID, w.janeID.ID)),
			ConfigStateChecks: []statecheck.StateCheck{
				is("by_id", w.jane.ID), is("by_email", w.jane.ID), is("by_name", rock.ID), is("by_identity", w.john.ID),
				statecheck.ExpectKnownValue(at("by_email"), tfjsonpath.New("email_address"), knownvalue.StringExact("Jane@Example.com")),
				statecheck.ExpectKnownValue(at("by_email"), tfjsonpath.New("user_identity_id"), knownvalue.Null()),
				statecheck.ExpectKnownValue(at("by_name"), tfjsonpath.New("full_name"), knownvalue.StringExact(rock.FullName)),
				w.held(w.janesLink()),
			},
		},
		resource.TestStep{
			Config:      w.config(fmt.Sprintf("data \"seam_acs_user\" \"gone\" {\n acs_system_id = %q\n full_name = \"Jane Do\"\n}\n", w.system.ID)),
			ExpectError: says(`No ACS user with full name "Jane Do"`),
		},
	)
}
