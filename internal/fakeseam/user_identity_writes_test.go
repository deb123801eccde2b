package fakeseam_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const (
	createIdentityRoute = "/user_identities/create"
	updateIdentityRoute = "/user_identities/update"
	deleteIdentityRoute = "/user_identities/delete"
)

// createdIdentity creates an identity and returns its id.
func (h *house) createdIdentity(fields body) string {
	h.t.Helper()
	r := h.post(createIdentityRoute, fields)
	r.want(200, "")
	return r.object()["user_identity"].(body)["user_identity_id"].(string)
}

// person returns what is known of an identity.
func (h *house) person(id string) fakeseam.Person {
	h.t.Helper()
	i, ok := h.s.UserIdentity(id)
	if !ok {
		h.t.Fatalf("no identity %s", id)
	}
	return i.Person
}

// changedObjects returns the changes of objects from a place on, each as
// kind action fields route.
func (h *house) changedObjects(from int) []string {
	var changes []string
	for _, c := range h.s.ObjectChanges()[from:] {
		changes = append(changes, fmt.Sprint(c.Kind, " ", c.Action, " ", c.Fields, " ", c.Route))
	}
	return changes
}

func TestUserIdentities_createUpdateDelete(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	wei := fakeseam.Person{FullName: "Wei Chen", EmailAddress: "wei@example.com", PhoneNumber: "+15555550104", Key: "wei"}
	id := h.createdIdentity(body{
		"full_name": wei.FullName, "email_address": wei.EmailAddress, "phone_number": wei.PhoneNumber, "user_identity_key": wei.Key,
	})
	if got := h.person(id); got != wei {
		t.Errorf("created %+v", got)
	}
	h.post("/user_identities/get", body{"user_identity_key": "wei"}).want(200, "")

	// Fields that are left out stay, and null clears.
	h.do(http.MethodPatch, updateIdentityRoute, body{"user_identity_id": id, "phone_number": nil, "user_identity_key": "wei_chen"}).want(200, `{"ok":true}`)
	wei.PhoneNumber, wei.Key = "", "wei_chen"
	if got := h.person(id); got != wei {
		t.Errorf("updated %+v", got)
	}
	h.post("/user_identities/get", body{"user_identity_key": "wei"}).want(404, "")
	h.post("/user_identities/get", body{"user_identity_key": "wei_chen"}).want(200, "")
	h.post(updateIdentityRoute, body{"user_identity_id": id, "full_name": "Wei Chen"}).want(200, `{"ok":true}`) // no change

	h.s.Link(id, h.WeiGarage.ID)
	h.do(http.MethodDelete, deleteIdentityRoute, url.Values{"user_identity_id": {id}}).want(200, `{"ok":true}`)
	h.post("/user_identities/get", body{"user_identity_id": id}).wantError(404, "user_identity_not_found", "User identity not found")
	h.post("/user_identities/get", body{"user_identity_key": "wei_chen"}).want(404, "")
	h.post("/acs/users/get", body{"acs_user_id": h.WeiGarage.ID}).want(404, "")
	h.post(deleteIdentityRoute, body{"user_identity_id": id}).want(404, "")
	h.createdIdentity(body{"user_identity_key": "wei_chen", "email_address": wei.EmailAddress}) // free again

	want := []string{
		"user_identity created  /user_identities/create",
		"user_identity updated phone_number,user_identity_key /user_identities/update",
		"acs_user deleted  /user_identities/delete",
		"user_identity deleted  /user_identities/delete",
		"user_identity created  /user_identities/create",
	}
	if got := h.changedObjects(0); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestUserIdentities_createJoinsAccessSystems(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.createdIdentity(body{"email_address": "WEI@example.com", "acs_system_ids": []string{h.Salto.ID, h.Garage.ID}})
	i, _ := h.s.UserIdentity(id)
	if len(i.ACSUserIDs) != 2 || !slices.Contains(i.ACSUserIDs, h.WeiGarage.ID) {
		t.Errorf("ACS users %v", i.ACSUserIDs)
	}
}

func TestSemantics_takenValues(t *testing.T) {
	t.Parallel()
	const conflict, keyConflict = "user_identity_email_or_phone_conflict", "user_identity_key_conflict"
	for _, test := range []struct {
		taken  fakeseam.TakenValue
		fields body
		create string // the error; empty: another identity
		update string
	}{
		{fakeseam.TakenValueRefused, body{"email_address": "JANE@example.com"}, conflict, conflict},
		{fakeseam.TakenValueRefused, body{"phone_number": "+15555550100"}, conflict, conflict},
		{fakeseam.TakenValueRefused, body{"user_identity_key": "jane_doe"}, keyConflict, keyConflict},
		{fakeseam.TakenValueAccepted, body{"email_address": "jane@example.com", "user_identity_key": "jane_doe"}, "", ""},
		{fakeseam.TakenValueExisting, body{"email_address": "jane@example.com"}, "existing", conflict},
		{fakeseam.TakenValueExisting, body{"user_identity_key": "jane_doe"}, "existing", keyConflict},
	} {
		h := newHouse(t)
		h.s.SetSemantics(fakeseam.Semantics{TakenValue: test.taken})
		outcome := func(r *reply) string {
			t.Helper()
			if r.status != 200 {
				return r.object()["error"].(body)["type"].(string)
			}
			if i, ok := r.object()["user_identity"].(body); ok && i["user_identity_id"] == h.Jane.ID {
				return "existing"
			}
			return ""
		}
		if got := outcome(h.post(createIdentityRoute, test.fields)); got != test.create {
			t.Errorf("%v, create %v: %q, want %q", test.taken, test.fields, got, test.create)
		}
		test.fields["user_identity_id"] = h.Priya.ID
		if got := outcome(h.post(updateIdentityRoute, test.fields)); got != test.update {
			t.Errorf("%v, update %v: %q, want %q", test.taken, test.fields, got, test.update)
		}
		// An identity may keep its own values.
		h.post(updateIdentityRoute, body{"user_identity_id": h.Jane.ID, "email_address": "jane@example.com", "user_identity_key": "jane_doe"}).want(200, "")
		key := h.post("/user_identities/get", body{"user_identity_key": "jane_doe"}).object()["user_identity"].(body)
		if key["user_identity_id"] != h.Jane.ID || h.person(h.Jane.ID) != h.Jane.Person {
			t.Errorf("%v: the key finds %v", test.taken, key)
		}
	}
}

// When the older of two identities with one key is deleted, the key finds the other.
func TestSemantics_takenKeyIsInherited(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.SetSemantics(fakeseam.Semantics{TakenValue: fakeseam.TakenValueAccepted})
	second := h.createdIdentity(body{"user_identity_key": "jane_doe"})
	h.s.DeleteUserIdentity(h.Jane.ID)
	got := h.post("/user_identities/get", body{"user_identity_key": "jane_doe"}).object()["user_identity"].(body)
	if got["user_identity_id"] != second {
		t.Errorf("the key finds %v", got)
	}
}

func TestSemantics_emailCase(t *testing.T) {
	t.Parallel()
	for as, want := range map[fakeseam.EmailCase]string{
		fakeseam.EmailAsWritten: "Wei@Example.com", fakeseam.EmailLowerCase: "wei@example.com",
	} {
		h := newHouse(t)
		h.s.SetSemantics(fakeseam.Semantics{EmailCase: as})
		id := h.createdIdentity(body{"email_address": "Wei@Example.com"})
		user := h.createdUser(body{"acs_system_id": h.Salto.ID, "full_name": "Wei", "email_address": "Wei@Example.com"})
		h.post(updateUserRoute, body{"acs_user_id": h.FrontDesk.ID, "email_address": "Wei@Example.com"}).want(200, "")
		for what, got := range map[string]string{
			"identity": h.person(id).EmailAddress, "ACS user": h.user(user).EmailAddress, "update": h.user(h.FrontDesk.ID).EmailAddress,
			"a test's own": h.s.AddACSUser(h.Salto.ID, fakeseam.Person{EmailAddress: "Wei@Example.com"}).EmailAddress,
		} {
			if got != want {
				t.Errorf("%v, %s: %q", as, what, got)
			}
		}
	}
}

// A write through the id of a merged identity reaches the primary one.
func TestUserIdentities_writesFollowAliases(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		aliases fakeseam.Aliases
		status  int
	}{{fakeseam.AliasesFound, 200}, {fakeseam.AliasesNowhere, 404}} {
		h := newHouse(t)
		h.s.SetSemantics(fakeseam.Semantics{Aliases: test.aliases})
		h.s.MergeUserIdentities(h.Jane.ID, h.Priya.ID)
		h.post(updateIdentityRoute, body{"user_identity_id": h.Priya.ID, "full_name": "Both"}).want(test.status, "")
		if got := h.person(h.Jane.ID).FullName; (got == "Both") != (test.status == 200) {
			t.Errorf("%v: %s", test.aliases, got)
		}
		h.post(deleteIdentityRoute, body{"user_identity_id": h.Priya.ID}).want(test.status, "")
		if _, found := h.s.UserIdentity(h.Jane.ID); found != (test.status == 404) {
			t.Errorf("%v: found %v", test.aliases, found)
		}
	}
}

// names returns the full names that a list of identities shows.
func (h *house) names() []string {
	h.t.Helper()
	return h.post("/user_identities/list", body{"search": "example.com"}).list("user_identities", "full_name")
}

func TestSemantics_stalePagesOfIdentities(t *testing.T) {
	t.Parallel()
	before := []string{"Jane Doe", "John Smith", "Amira Haddad", "Priya Patel"}
	after := []string{"John Smith", "Amira", "Priya Patel", "New"}
	for pages, want := range map[fakeseam.StalePages][3][]string{ // at first, then, and after SettlePages
		fakeseam.PagesFresh:     {after, after, after},
		fakeseam.PagesStaleOnce: {before, after, after},
		fakeseam.PagesLag:       {before, before, after},
		fakeseam.PagesFrozen:    {before, before, after},
	} {
		h := newHouse(t)
		h.s.SetSemantics(fakeseam.Semantics{StalePages: pages})
		id := h.createdIdentity(body{"full_name": "New", "email_address": "new@example.com"})
		h.post(updateIdentityRoute, body{"user_identity_id": h.Amira.ID, "full_name": "Amira"}).want(200, "")
		h.post(deleteIdentityRoute, body{"user_identity_id": h.Jane.ID}).want(200, "")
		h.post("/user_identities/get", body{"user_identity_id": id}).want(200, "") // gets are fresh
		h.post("/user_identities/get", body{"user_identity_id": h.Jane.ID}).want(404, "")
		for round, names := range want {
			if round == 2 {
				h.s.SettlePages()
			}
			if got := h.names(); !slices.Equal(got, names) {
				t.Errorf("%v, list %d: %q, want %q", pages, round, got, names)
			}
		}
	}
}

func TestSemantics_pagesShowWhatTheTestDoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.SetSemantics(fakeseam.Semantics{StalePages: fakeseam.PagesLag})
	h.post(updateIdentityRoute, body{"user_identity_id": h.Amira.ID, "full_name": "A"}).want(200, "")
	h.s.UpdateUserIdentity(h.Amira.ID, fakeseam.Person{FullName: "Amira H.", EmailAddress: "amira@example.com"})
	h.s.AddUserIdentity(h.Workspace.ID, fakeseam.Person{FullName: "New", EmailAddress: "new@example.com"})
	h.s.DeleteUserIdentity(h.Jane.ID)
	if got, want := h.names(), []string{"John Smith", "Amira H.", "Priya Patel", "New"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := h.changedObjects(1), []string{
		"user_identity updated full_name,phone_number,user_identity_key ", "acs_user deleted  ", "user_identity deleted  ",
	}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGetLag_ofIdentities(t *testing.T) {
	t.Parallel()
	for name, get := range map[string]func(*house, string, string) *reply{
		"by id": func(h *house, id, _ string) *reply {
			return h.post("/user_identities/get", body{"user_identity_id": id})
		},
		"by key": func(h *house, _, key string) *reply {
			return h.post("/user_identities/get", body{"user_identity_key": key})
		},
	} {
		h := newHouse(t)
		h.s.SetGetLag(2)
		shown := func(id, key string) []string {
			t.Helper()
			var shown []string
			for range 3 {
				i, _ := get(h, id, key).object()["user_identity"].(body)
				full, _ := i["full_name"].(string)
				shown = append(shown, full)
			}
			return shown
		}
		want := func(what string, got, want []string) {
			t.Helper()
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: %q, want %q", name, what, got, want)
			}
		}
		id := h.createdIdentity(body{"full_name": "New", "user_identity_key": "new"})
		want("created", shown(id, "new"), []string{"", "", "New"})
		h.post(updateIdentityRoute, body{"user_identity_id": id, "full_name": "Newer"}).want(200, "")
		want("updated", shown(id, "new"), []string{"New", "New", "Newer"})
		h.post(deleteIdentityRoute, body{"user_identity_id": id}).want(200, "")
		want("deleted", shown(id, "new"), []string{"Newer", "Newer", ""})

		h.post(updateIdentityRoute, body{"user_identity_id": h.Jane.ID, "user_identity_key": "jane"}).want(200, "")
		if name == "by key" {
			want("the old key", shown("", "jane_doe"), []string{"Jane Doe", "Jane Doe", ""})
			want("the new key", shown("", "jane"), []string{"Jane Doe", "Jane Doe", "Jane Doe"})
			h.post(updateIdentityRoute, body{"user_identity_id": h.Jane.ID, "user_identity_key": "j"}).want(200, "")
			want("the newest key", shown("", "j"), []string{"", "", "Jane Doe"})
		}
		h.post(updateIdentityRoute, body{"user_identity_id": h.Jane.ID, "full_name": "J"}).want(200, "")
		h.s.UpdateUserIdentity(h.Jane.ID, fakeseam.Person{FullName: "Jane", Key: "k"})
		want("outside", shown(h.Jane.ID, "k"), []string{"Jane", "Jane", "Jane"})
	}
}

func TestFaults_peopleWithoutEffect(t *testing.T) {
	t.Parallel()
	for _, slow := range []bool{false, true} {
		h := newHouse(t)
		h.s.SetDeletesTakeAWhile(slow)
		h.s.Inject(fakeseam.Fault{NoEffect: true})
		identities, users := h.s.UserIdentities(h.Workspace.ID), h.s.ACSUsers(h.Workspace.ID)
		jane := body{"user_identity_id": h.Jane.ID, "full_name": "J", "user_identity_key": "j"}
		user := body{"acs_user_id": h.JaneSalto.ID}
		h.post(createIdentityRoute, body{"email_address": "wei@example.com", "user_identity_key": "w", "acs_system_ids": []string{h.Salto.ID, h.Garage.ID}}).want(200, "")
		created := h.post(createUserRoute, body{"acs_system_id": h.Garage.ID, "full_name": "J", "user_identity_id": h.Jane.ID})
		if got := created.object()["acs_user"].(body)["user_identity_id"]; got != h.Jane.ID {
			t.Errorf("not the usual response: %s", created.text)
		}
		h.post(updateIdentityRoute, jane).want(200, "")
		h.post(updateUserRoute, body{"acs_user_id": h.JaneSalto.ID, "full_name": "J"}).want(200, "")
		h.post(suspendRoute, user).want(200, "")
		h.post(deleteUserRoute, user).want(200, "")
		h.post(deleteIdentityRoute, body{"user_identity_id": h.Jane.ID}).want(200, "")
		h.s.FinishDeletes()
		if got := h.changedObjects(0); len(got) != 0 {
			t.Errorf("changes: %q", got)
		}
		if got := h.s.ACSUsers(h.Workspace.ID); !slices.Equal(got, users) {
			t.Errorf("ACS users: %+v", got)
		}
		if got := h.s.UserIdentities(h.Workspace.ID); fmt.Sprint(got) != fmt.Sprint(identities) {
			t.Errorf("identities: %+v", got)
		}
		h.s.ClearFaults()
		h.post("/user_identities/get", body{"user_identity_key": "w"}).want(404, "")
	}
}

// An object that is created late has the ID of the response.
func TestFaults_createdLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	landings := make(chan func(), 1)
	h.s.Inject(fakeseam.Fault{Later: func(land func()) { landings <- land }})
	identity := h.createdIdentity(body{"full_name": "New"})
	land := <-landings
	if _, found := h.s.UserIdentity(identity); found {
		t.Error("created at once")
	}
	land()
	if _, found := h.s.UserIdentity(identity); !found {
		t.Error("created with another id")
	}
	user := h.createdUser(body{"acs_system_id": h.Salto.ID, "full_name": "New"})
	(<-landings)()
	if _, found := h.s.ACSUser(user); !found {
		t.Error("the ACS user is created with another id")
	}
}

func TestDeletes_takeAWhile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.SetDeletesTakeAWhile(true)
	links := len(h.s.Changes())
	for range 2 {
		h.post(deleteIdentityRoute, body{"user_identity_id": h.John.ID}).want(200, `{"ok":true}`)
		h.post(deleteUserRoute, body{"acs_user_id": h.JaneSalto.ID}).want(200, `{"ok":true}`)
	}
	h.s.MarkACSUserBeingDeleted(h.FrontDesk.ID)
	john := h.post("/user_identities/get", body{"user_identity_id": h.John.ID}).object()["user_identity"]
	if got := codesIn(john, "warnings", "warning_code"); !slices.Equal(got, []string{"being_deleted"}) {
		t.Errorf("warnings of the identity: %q", got)
	}
	for _, id := range []string{h.JohnSalto.ID, h.JohnGarage.ID, h.JaneSalto.ID} {
		u := h.post("/acs/users/get", body{"acs_user_id": id}).object()["acs_user"]
		if got := codesIn(u, "pending_mutations", "mutation_code"); !slices.Equal(got, []string{"deleting"}) {
			t.Errorf("mutations: %q", got)
		}
		if !h.user(id).BeingDeleted || h.user(id).UserIdentityID == "" {
			t.Errorf("%+v", h.user(id))
		}
	}

	h.s.FinishDeletes()
	for _, id := range []string{h.JohnSalto.ID, h.JohnGarage.ID, h.JaneSalto.ID, h.FrontDesk.ID} {
		h.post("/acs/users/get", body{"acs_user_id": id}).want(404, "")
	}
	h.post("/user_identities/get", body{"user_identity_id": h.John.ID}).want(404, "")
	h.post("/user_identities/get", body{"user_identity_id": h.Jane.ID}).want(200, "")
	want := []string{
		"acs_user deleted  " + deleteIdentityRoute, "acs_user deleted  " + deleteIdentityRoute,
		"user_identity deleted  " + deleteIdentityRoute, "acs_user deleted  " + deleteUserRoute, "acs_user deleted  ",
	}
	if got := h.changedObjects(0); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, change := range h.s.Changes()[links:] {
		if change.To != "" || change.Route == "" {
			t.Errorf("link: %+v", change)
		}
	}
}
