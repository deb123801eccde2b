package fakeseam_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const (
	createUserRoute = "/acs/users/create"
	updateUserRoute = "/acs/users/update"
	deleteUserRoute = "/acs/users/delete"
	suspendRoute    = "/acs/users/suspend"
	unsuspendRoute  = "/acs/users/unsuspend"
)

// createdUser creates an ACS user and returns its id.
func (h *house) createdUser(fields body) string {
	h.t.Helper()
	r := h.post(createUserRoute, fields)
	r.want(200, "")
	return r.object()["acs_user"].(body)["acs_user_id"].(string)
}

func (h *house) user(id string) fakeseam.ACSUser {
	h.t.Helper()
	u, ok := h.s.ACSUser(id)
	if !ok {
		h.t.Fatalf("no ACS user %s", id)
	}
	return u
}

// gotten returns an ACS user as a get shows it.
func (h *house) gotten(id string) body {
	h.t.Helper()
	u, _ := h.post("/acs/users/get", body{"acs_user_id": id}).object()["acs_user"].(body)
	return u
}

func TestACSUsers_createUpdateDelete(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.createdUser(body{
		"acs_system_id": h.Garage.ID, "full_name": "Amira", "email": "old@example.com", "email_address": "amira@example.com",
		"access_schedule": body{"starts_at": "2026-01-02T05:04:05+02:00"}, "user_identity_id": h.Amira.ID,
	})
	u := h.user(id)
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if u.FullName != "Amira" || u.EmailAddress != "amira@example.com" || u.UserIdentityID != h.Amira.ID || u.Pending ||
		u.AccessSchedule != (fakeseam.AccessSchedule{StartsAt: start}) {
		t.Errorf("created %+v", u)
	}
	if got := fmt.Sprint(h.gotten(id)["access_schedule"]); got != "map[ends_at:<nil> starts_at:2026-01-02T03:04:05.000Z]" {
		t.Errorf("access schedule %s", got)
	}

	h.do(http.MethodPatch, updateUserRoute, body{"acs_user_id": id, "phone_number": "+15555550102"}).want(200, `{"ok":true}`)
	h.post(updateUserRoute, body{
		"user_identity_id": h.Amira.ID, "acs_system_id": h.Garage.ID, "full_name": "Amira Haddad",
		"access_schedule": body{"starts_at": "2026-01-02T03:04:05Z", "ends_at": "2099-01-02T03:04:05Z"},
	}).want(200, `{"ok":true}`)
	if u := h.user(id); u.FullName != "Amira Haddad" || u.PhoneNumber != "+15555550102" || u.EmailAddress != "amira@example.com" ||
		u.AccessSchedule != (fakeseam.AccessSchedule{StartsAt: start, EndsAt: time.Date(2099, 1, 2, 3, 4, 5, 0, time.UTC)}) {
		t.Errorf("updated %+v", u)
	}
	h.post(updateUserRoute, body{"acs_user_id": id, "access_schedule": nil}).want(200, `{"ok":true}`)
	if got, found := h.gotten(id)["access_schedule"]; found {
		t.Errorf("access schedule %v", got)
	}
	for range 2 {
		h.post(suspendRoute, body{"acs_user_id": id}).want(200, `{"ok":true}`)
		if got := h.gotten(id)["is_suspended"]; got != true {
			t.Errorf("suspended: %v", got)
		}
	}
	h.post(unsuspendRoute, body{"user_identity_id": h.Amira.ID, "acs_system_id": h.Garage.ID}).want(200, `{"ok":true}`)
	if h.user(id).IsSuspended {
		t.Error("still suspended")
	}
	h.do(http.MethodDelete, deleteUserRoute, url.Values{"acs_user_id": {id}}).want(200, `{"ok":true}`)
	h.post("/acs/users/get", body{"acs_user_id": id}).want(404, "")
	if i, _ := h.s.UserIdentity(h.Amira.ID); len(i.ACSUserIDs) != 0 {
		t.Errorf("Amira has %v", i.ACSUserIDs)
	}
	system := h.post("/acs/systems/get", body{"acs_system_id": h.Garage.ID}).object()["acs_system"].(body)
	if system["acs_user_count"] != 3.0 {
		t.Errorf("acs_user_count %v", system["acs_user_count"])
	}

	want := []string{
		"acs_user created  " + createUserRoute,
		"acs_user updated phone_number " + updateUserRoute,
		"acs_user updated access_schedule,full_name " + updateUserRoute,
		"acs_user updated access_schedule " + updateUserRoute,
		"acs_user updated is_suspended " + suspendRoute,
		"acs_user updated is_suspended " + unsuspendRoute,
		"acs_user deleted  " + deleteUserRoute,
	}
	if got := h.changedObjects(0); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	links := h.s.Changes()
	if got := links[len(links)-2:]; got[0].Route != createUserRoute || got[0].To != h.Amira.ID || got[1].Route != deleteUserRoute {
		t.Errorf("links: %+v", got)
	}
}

func TestACSUsers_refusedWrites(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	guest := func(more body) body {
		more["acs_system_id"], more["full_name"] = h.Salto.ID, "Guest"
		return more
	}
	schedule := func(starts, ends any) body { return body{"starts_at": starts, "ends_at": ends} }
	const later, past = "2099-01-02T03:04:05Z", "2020-01-02T03:04:05Z"
	for _, test := range []struct {
		route         string
		params        body
		kind, message string
	}{
		{createUserRoute, guest(body{"access_schedule": schedule("soon", nil)}), "invalid_input", `Invalid datetime for "access_schedule.starts_at"`},
		{createUserRoute, guest(body{"access_schedule": schedule("2020-01-01T00:00:00Z", past)}), "invalid_input", `ends_at must be in the future for "access_schedule.ends_at"`},
		{createUserRoute, guest(body{"access_schedule": schedule("2100-01-01T00:00:00Z", later)}), "invalid_input", `ends_at must be after starts_at for "access_schedule.ends_at"`},
		{createUserRoute, guest(body{"user_identity_id": h.John.ID}), "user_identity_already_in_acs_system", "The user identity already has an ACS user in this access system"},
		{updateUserRoute, body{"full_name": "x"}, "invalid_input", "You must provide acs_user_id or user_identity_id with acs_system_id"},
		{suspendRoute, body{"acs_user_id": h.JaneSalto.ID, "acs_system_id": h.Salto.ID}, "invalid_input", "You can only provide acs_user_id or user_identity_id with acs_system_id"},
	} {
		h.post(test.route, test.params).wantError(400, test.kind, test.message)
	}
	h.s.HideSystem(h.Salto.ID, true)
	h.post(createUserRoute, guest(body{})).want(404, "")
	h.post(deleteUserRoute, body{"acs_user_id": h.JaneSalto.ID}).want(404, "")
	if got := h.changedObjects(0); len(got) != 0 {
		t.Errorf("changes: %q", got)
	}
}

func TestSemantics_secondACSUser(t *testing.T) {
	t.Parallel()
	for second, status := range map[fakeseam.SecondACSUser]int{
		fakeseam.SecondACSUserCreated: 200, fakeseam.SecondACSUserRefused: 400,
	} {
		h := newHouse(t)
		h.s.SetSemantics(fakeseam.Semantics{SecondACSUser: second})
		h.post(createUserRoute, body{"acs_system_id": h.Salto.ID, "full_name": "J", "email_address": "JANE@example.com"}).want(status, "")
		h.post(createUserRoute, body{"acs_system_id": h.Garage.ID, "full_name": "A", "email_address": "amira@example.com"}).want(200, "")
		h.post(createUserRoute, body{"acs_system_id": h.Salto.ID, "full_name": "No address"}).want(200, "")
	}
}

func TestSemantics_mutations(t *testing.T) {
	t.Parallel()
	all := []string{"updating_user_information", "updating_access_schedule", "updating_suspension_state"}
	for mutations, want := range map[fakeseam.Mutations]struct {
		name    string
		created []string
		updated []string
	}{
		fakeseam.MutationsAtOnce:  {"J", []string{}, []string{}},
		fakeseam.MutationsShowNew: {"J", []string{"creating"}, all},
		fakeseam.MutationsShowOld: {"Jane Doe", []string{"creating"}, all},
	} {
		h := newHouse(t)
		h.s.SetSemantics(fakeseam.Semantics{Mutations: mutations})
		user := body{"acs_user_id": h.JaneSalto.ID}
		change := body{
			"acs_user_id": h.JaneSalto.ID, "full_name": "J",
			"access_schedule": body{"starts_at": "2026-01-02T03:04:05Z", "ends_at": "2099-01-02T03:04:05Z"},
		}
		created := h.createdUser(body{"acs_system_id": h.Salto.ID, "full_name": "New"})
		h.post(updateUserRoute, change).want(200, "")
		h.post(suspendRoute, user).want(200, "")
		if got := codesIn(h.gotten(created), "pending_mutations", "mutation_code"); !slices.Equal(got, want.created) {
			t.Errorf("%v: created: %q", mutations, got)
		}
		shown := h.gotten(h.JaneSalto.ID)
		listed := h.post("/acs/users/list", body{"search": h.JaneSalto.ID}).object()["acs_users"].([]any)[0].(body)
		for _, u := range []body{shown, listed} {
			if got := codesIn(u, "pending_mutations", "mutation_code"); !slices.Equal(got, want.updated) || u["full_name"] != want.name ||
				u["is_suspended"] != (want.name == "J") || (u["access_schedule"] != nil) != (want.name == "J") {
				t.Errorf("%v: %v", mutations, u)
			}
		}
		// The test sees the requested values.
		if u := h.user(h.JaneSalto.ID); u.FullName != "J" || !u.IsSuspended || u.Pending != (len(want.updated) > 0) {
			t.Errorf("%v: %+v", mutations, u)
		}
		if mutations == fakeseam.MutationsShowOld {
			info := shown["pending_mutations"].([]any)[0].(body)
			if info["from"].(body)["full_name"] != "Jane Doe" || info["to"].(body)["full_name"] != "J" {
				t.Errorf("%v", info)
			}
			// A change back is no longer pending.
			h.post(unsuspendRoute, user).want(200, "")
			if got := codesIn(h.gotten(h.JaneSalto.ID), "pending_mutations", "mutation_code"); !slices.Equal(got, all[:2]) {
				t.Errorf("changed back: %q", got)
			}
			h.post(suspendRoute, user).want(200, "")
		}
		h.s.FinishMutations()
		u := h.gotten(h.JaneSalto.ID)
		if u["full_name"] != "J" || u["is_suspended"] != true || len(u["pending_mutations"].([]any)) != 0 ||
			len(h.gotten(created)["pending_mutations"].([]any)) != 0 || h.user(created).Pending {
			t.Errorf("%v, finished: %v", mutations, u)
		}
		// Changes by the test are shown at once.
		h.post(updateUserRoute, body{"acs_user_id": h.JaneSalto.ID, "full_name": "Jane"}).want(200, "")
		h.s.SuspendACSUser(h.JaneSalto.ID, false)
		if u := h.gotten(h.JaneSalto.ID); u["full_name"] != "Jane" || u["is_suspended"] != false || len(u["pending_mutations"].([]any)) != 0 {
			t.Errorf("%v, outside: %v", mutations, u)
		}
	}
}

func TestSemantics_stalePagesOfACSUsers(t *testing.T) {
	t.Parallel()
	before := []string{"Jane Doe", "John Smith", "Amira Haddad", "Front Desk"}
	after := []string{"John Smith", "Amira", "Front Desk", "New"}
	for pages, want := range map[fakeseam.StalePages][3][]string{ // at first, then, and after SettlePages
		fakeseam.PagesFresh:     {after, after, after},
		fakeseam.PagesStaleOnce: {before, after, after},
		fakeseam.PagesLag:       {before, before, after},
		fakeseam.PagesFrozen:    {before, before, after},
	} {
		h := newHouse(t)
		h.s.SetSemantics(fakeseam.Semantics{StalePages: pages})
		h.createdUser(body{"acs_system_id": h.Salto.ID, "full_name": "New", "user_identity_id": h.Priya.ID})
		h.post(updateUserRoute, body{"acs_user_id": h.AmiraSalto.ID, "full_name": "Amira"}).want(200, "")
		h.post(deleteUserRoute, body{"acs_user_id": h.JaneSalto.ID}).want(200, "")
		if got := h.gotten(h.JaneSalto.ID); got != nil {
			t.Errorf("%v: a get finds %v", pages, got)
		}
		for round, names := range want {
			if round == 2 {
				h.s.SettlePages()
			}
			if got := h.post("/acs/users/list", body{"acs_system_id": h.Salto.ID}).list("acs_users", "full_name"); !slices.Equal(got, names) {
				t.Errorf("%v, list %d: %q, want %q", pages, round, got, names)
			}
		}
	}
	// A new ACS user stays hidden from lists after its next change, and a change from before
	// the lag is shown.
	h := newHouse(t)
	h.createdUser(body{"acs_system_id": h.Garage.ID, "full_name": "Old"})
	h.s.SetSemantics(fakeseam.Semantics{StalePages: fakeseam.PagesLag})
	h.post(suspendRoute, body{"acs_user_id": h.createdUser(body{"acs_system_id": h.Garage.ID, "full_name": "New"})}).want(200, "")
	if got, want := h.post("/acs/users/list", body{"acs_system_id": h.Garage.ID}).list("acs_users", "full_name"),
		[]string{"Jane Doe", "John Smith", "Wei Chen", "Old"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	// The lists of an identity agree.
	h = newHouse(t)
	h.s.SetSemantics(fakeseam.Semantics{StalePages: fakeseam.PagesLag})
	h.createdUser(body{"acs_system_id": h.Salto.ID, "full_name": "New", "user_identity_id": h.Priya.ID})
	h.post(deleteUserRoute, body{"acs_user_id": h.JaneSalto.ID}).want(200, "")
	for id, want := range map[string]int{h.Priya.ID: 0, h.Jane.ID: 1} {
		if got := h.post("/user_identities/list_acs_users", body{"user_identity_id": id}).list("acs_users", "acs_user_id"); len(got) != want {
			t.Errorf("list_acs_users: %q", got)
		}
		listed := h.post("/user_identities/list", body{"user_identity_ids": []string{id}}).object()["user_identities"].([]any)[0].(body)
		if got := listed["acs_user_ids"].([]any); len(got) != want {
			t.Errorf("acs_user_ids: %q", got)
		}
	}
	h.s.SetACSUserSchedule(h.AmiraSalto.ID, fakeseam.AccessSchedule{StartsAt: time.Date(2026, 1, 2, 0, 0, 0, 0, time.FixedZone("", 3600))})
	h.s.DeleteACSUser(h.s.AddACSUser(h.Salto.ID, fakeseam.Person{}).ID)
	listed := h.post("/acs/users/list", body{"acs_system_id": h.Salto.ID}).object()["acs_users"].([]any)
	if got := fmt.Sprint(listed[2].(body)["access_schedule"]); !strings.Contains(got, "2026-01-01T23:00:00.000Z") || len(listed) != 4 {
		t.Errorf("%d ACS users, schedule %s", len(listed), got)
	}
}

func TestGetLag_ofACSUsers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.SetGetLag(2)
	shown := func(id string) []string {
		t.Helper()
		var shown []string
		for range 3 {
			name, _ := h.gotten(id)["full_name"].(string)
			shown = append(shown, name)
		}
		return shown
	}
	want := func(what string, got, want []string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	id := h.createdUser(body{"acs_system_id": h.Garage.ID, "full_name": "New", "user_identity_id": h.Jane.ID})
	if got := h.has(3, h.Jane.ID, id); !slices.Equal(got, []bool{false, false, true}) {
		t.Errorf("the identity has it: %v", got)
	}
	want("created", shown(id), []string{"", "", "New"})
	h.post(updateUserRoute, body{"acs_user_id": id, "full_name": "Newer"}).want(200, "")
	want("updated", shown(id), []string{"New", "New", "Newer"})
	h.post(deleteUserRoute, body{"acs_user_id": id}).want(200, "")
	want("deleted", shown(id), []string{"Newer", "Newer", ""})
	h.post(updateUserRoute, body{"acs_user_id": h.JohnSalto.ID, "full_name": "J"}).want(200, "")
	h.s.UpdateACSUser(h.JohnSalto.ID, fakeseam.Person{FullName: "John"})
	want("outside", shown(h.JohnSalto.ID), []string{"John", "John", "John"})
	h.post(deleteUserRoute, body{"acs_user_id": h.JohnSalto.ID}).want(200, "")
	h.s.SetGetLag(0)
	want("fresh", shown(h.JohnSalto.ID), []string{"", "", ""})
}
