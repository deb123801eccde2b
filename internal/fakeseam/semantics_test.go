package fakeseam_test

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

func TestSemantics_eachAnswer(t *testing.T) {
	t.Parallel()
	const add, remove = "/user_identities/add_acs_user", "/user_identities/remove_acs_user"
	type sem = fakeseam.Semantics
	for _, test := range []struct {
		sem    sem
		route  string
		who    func(*house) string
		user   func(*house) string
		status int
		holder func(*house) string
	}{
		{sem{}, add, amira, johnSalto, 400, john},
		{sem{AddHeldElsewhere: fakeseam.AddHeldElsewhereMoves}, add, amira, johnSalto, 200, amira},
		{sem{}, add, john, johnSalto, 200, john},
		{sem{AddHeldHere: fakeseam.AddHeldHereRefused}, add, john, johnSalto, 400, john},
		{sem{}, add, jane, amiraSalto, 400, none},
		{sem{AddSecondInSystem: fakeseam.AddSecondInSystemBothStay}, add, jane, amiraSalto, 200, jane},
		{sem{}, remove, amira, amiraSalto, 200, none},
		{sem{RemoveUnlinked: fakeseam.RemoveUnlinkedRefused}, remove, amira, amiraSalto, 400, none},
		{sem{RemoveUnlinked: fakeseam.RemoveUnlinkedNotFound}, remove, amira, amiraSalto, 404, none},
		{sem{}, remove, jane, johnSalto, 400, john},
		{sem{RemoveHeldElsewhere: fakeseam.RemoveHeldElsewhereIgnored}, remove, jane, johnSalto, 200, john},
		{sem{RemoveHeldElsewhere: fakeseam.RemoveHeldElsewhereCuts}, remove, jane, johnSalto, 200, none},
		{sem{}, add, unknown, amiraSalto, 404, none},
		{sem{AddUnknownIdentity: fakeseam.AddUnknownIdentity400}, add, unknown, amiraSalto, 400, none},
		{sem{AddUnknownIdentity: fakeseam.AddUnknownIdentity400}, remove, unknown, johnSalto, 400, john},
	} {
		h := newHouse(t)
		h.s.SetSemantics(test.sem)
		t.Log(test.sem, test.route)
		h.post(test.route, body{"user_identity_id": test.who(h), "acs_user_id": test.user(h)}).want(test.status, "")
		if got, want := h.s.HolderOf(test.user(h)), test.holder(h); got != want {
			t.Errorf("holder %q, want %q", got, want)
		}
	}
}

func jane(h *house) string       { return h.Jane.ID }
func john(h *house) string       { return h.John.ID }
func amira(h *house) string      { return h.Amira.ID }
func unknown(*house) string      { return "0b2f7a3e-0000-4000-8000-000000000000" }
func none(*house) string         { return "" }
func johnSalto(h *house) string  { return h.JohnSalto.ID }
func amiraSalto(h *house) string { return h.AmiraSalto.ID }

func TestSemantics_stalePages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pages fakeseam.StalePages
		want  []string // what the list shows at first, then, and after SettlePages; J is Jane
	}{
		{fakeseam.PagesFresh, []string{"J", "J", "J"}},
		{fakeseam.PagesStaleOnce, []string{"", "J", "J"}},
		{fakeseam.PagesLag, []string{"", "", "J"}},
	} {
		h := newHouse(t)
		h.s.SetSemantics(fakeseam.Semantics{StalePages: test.pages})
		h.post("/user_identities/add_acs_user", body{"user_identity_id": h.Jane.ID, "acs_user_id": h.JaneGarage.ID}).want(200, "")
		// A get is fresh, and does not update lists.
		user := h.post("/acs/users/get", body{"acs_user_id": h.JaneGarage.ID}).object()["acs_user"].(body)
		if user["user_identity_id"] != h.Jane.ID {
			t.Errorf("%v: a get says %v", test.pages, user["user_identity_id"])
		}
		// Neither does a page that ends before the ACS user.
		h.post("/acs/users/list", body{"limit": 2}).want(200, "")
		for round, want := range test.want {
			if round == 2 {
				h.s.SettlePages()
			}
			got := h.post("/acs/users/list", body{"search": h.JaneGarage.ID}).list("acs_users", "user_identity_id")
			if want == "J" {
				want = h.Jane.ID
			}
			if !slices.Equal(got, []string{want}) {
				t.Errorf("%v, list %d: %q, want %q", test.pages, round, got, want)
			}
		}
	}
}

func TestSemantics_stalePagesFilterByTheOldLink(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.SetSemantics(fakeseam.Semantics{StalePages: fakeseam.PagesLag})
	h.post("/user_identities/remove_acs_user", body{"user_identity_id": h.John.ID, "acs_user_id": h.JohnGarage.ID}).want(200, "")
	both := []string{h.JohnSalto.ID, h.JohnGarage.ID}
	if got := h.post("/acs/users/list", body{"user_identity_id": h.John.ID}).list("acs_users", "acs_user_id"); !slices.Equal(got, both) {
		t.Errorf("list: %v", got)
	}
	if got := h.post("/user_identities/list_acs_users", body{"user_identity_id": h.John.ID}).list("acs_users", "acs_user_id"); !slices.Equal(got, both) {
		t.Errorf("list_acs_users: %v", got)
	}
	john := h.post("/user_identities/list", body{"user_identity_ids": []string{h.John.ID}}).object()["user_identities"].([]any)[0].(body)
	if got := john["acs_user_ids"]; !reflect.DeepEqual(got, []any{both[0], both[1]}) {
		t.Errorf("list of user identities: %v", got)
	}
	// Changes by the test are listed at once.
	h.s.Link(h.Amira.ID, h.JohnGarage.ID)
	if got := h.post("/acs/users/list", body{"user_identity_id": h.John.ID}).list("acs_users", "acs_user_id"); !slices.Equal(got, both[:1]) {
		t.Errorf("list after Link: %v", got)
	}
}

func TestSemantics_frozenPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.post(addRoute, body{"user_identity_id": h.Jane.ID, "acs_user_id": h.JaneGarage.ID}).want(200, "")
	h.s.SetSemantics(fakeseam.Semantics{StalePages: fakeseam.PagesFrozen})
	listed := func(params body) []string {
		t.Helper()
		return h.post("/acs/users/list", params).list("acs_users", "user_identity_id")
	}
	want := func(situation, acsUserID, shown string) {
		t.Helper()
		if got := listed(body{"search": acsUserID}); !slices.Equal(got, []string{shown}) {
			t.Errorf("%s: the list says %q, want %q", situation, got, shown)
		}
	}
	want("changed before", h.JaneGarage.ID, h.Jane.ID)

	h.s.Link(h.Amira.ID, h.JohnGarage.ID)
	h.s.Unlink(h.JaneSalto.ID)
	h.s.Link(h.Priya.ID, h.JaneSalto.ID)
	h.post(removeRoute, body{"user_identity_id": h.Jane.ID, "acs_user_id": h.JaneGarage.ID}).want(200, "")
	h.s.MergeUserIdentities(h.Priya.ID, h.John.ID)
	for range 2 { // a list does not end the lag
		want("moved", h.JohnGarage.ID, h.John.ID)
		want("changed twice", h.JaneSalto.ID, h.Jane.ID)
		want("removed by a request", h.JaneGarage.ID, h.Jane.ID)
		want("merged", h.JohnSalto.ID, h.John.ID)
	}
	if got := h.post("/user_identities/list_acs_users", body{"user_identity_id": h.Jane.ID}).list("acs_users", "acs_user_id"); !slices.Equal(got, []string{h.JaneSalto.ID, h.JaneGarage.ID}) {
		t.Errorf("list_acs_users: %q", got)
	}
	if got := h.gets(1, h.JohnGarage.ID); !slices.Equal(got, []string{h.Amira.ID}) {
		t.Errorf("a get: %q", got)
	}

	// The same semantics again change nothing.
	h.s.SetSemantics(fakeseam.Semantics{StalePages: fakeseam.PagesFrozen})
	want("moved", h.JohnGarage.ID, h.John.ID)

	h.s.SettlePages()
	want("moved, settled", h.JohnGarage.ID, h.Amira.ID)
	want("changed twice, settled", h.JaneSalto.ID, h.Priya.ID)
	want("removed, settled", h.JaneGarage.ID, "")
	want("merged, settled", h.JohnSalto.ID, h.Priya.ID)
	h.s.Unlink(h.JohnGarage.ID)
	want("changed after that", h.JohnGarage.ID, h.Amira.ID)
}

func TestSemantics_allHaveTheirOwnName(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, all := range [][]fakeseam.Semantics{fakeseam.AllSemantics(), fakeseam.AllPeopleSemantics(), fakeseam.AllGroupSemantics()} {
		once := map[string]bool{}
		for _, sem := range all {
			if once[sem.String()] {
				t.Errorf("%s twice", sem)
			}
			once[sem.String()] = true
		}
		maps.Copy(seen, once)
	}
	for _, want := range []string{"first-answers", "every-rival", "AddHeldElsewhere=moves", "StalePages=stale-once", "StalePages=frozen", "Aliases=not-in-gets", "Aliases=nowhere", "every-rival-of-people", "TakenValue=existing", "Mutations=show-old", "every-rival-of-groups", "Memberships=pending-hidden"} {
		if !seen[want] {
			t.Errorf("no semantics is called %s", want)
		}
	}
	if got := fakeseam.UnlinkedAs(7).String(); got != "fakeseam.UnlinkedAs(7)" {
		t.Errorf("out of range: %s", got)
	}
}

// A mixture has answers of the set alone, and in time each of them.
func TestMixedSemantics(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	set := []fakeseam.Semantics{{}, {TakenValue: fakeseam.TakenValueExisting}, {Aliases: fakeseam.AliasesNowhere}}
	met := map[fakeseam.Semantics]int{}
	for range 100 {
		met[fakeseam.MixedSemantics(rng, set)]++
	}
	both := fakeseam.Semantics{TakenValue: fakeseam.TakenValueExisting, Aliases: fakeseam.AliasesNowhere}
	if len(met) != 4 || met[both] == 0 {
		t.Errorf("the mixtures are %v", met)
	}
}
