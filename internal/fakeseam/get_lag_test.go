package fakeseam_test

import (
	"slices"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// gets returns the identities that so many gets of an ACS user show.
func (h *house) gets(n int, acsUserID string) []string {
	h.t.Helper()
	var shown []string
	for range n {
		user := h.post("/acs/users/get", body{"acs_user_id": acsUserID}).object()["acs_user"].(body)
		id, _ := user["user_identity_id"].(string)
		shown = append(shown, id)
	}
	return shown
}

// has returns whether so many gets of an identity show the ACS user.
func (h *house) has(n int, userIdentityID, acsUserID string) []bool {
	h.t.Helper()
	var shown []bool
	for range n {
		i := h.post("/user_identities/get", body{"user_identity_id": userIdentityID}).object()["user_identity"].(body)
		shown = append(shown, slices.Contains(i["acs_user_ids"].([]any), any(acsUserID)))
	}
	return shown
}

func TestGetLag(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.SetGetLag(2)
	jane, user := h.Jane.ID, h.JaneGarage.ID
	pair := body{"user_identity_id": jane, "acs_user_id": user}

	h.post(addRoute, pair).want(200, "")
	if got := h.gets(4, user); !slices.Equal(got, []string{"", "", jane, jane}) {
		t.Errorf("gets after add: %q", got)
	}
	if got := h.has(3, jane, user); !slices.Equal(got, []bool{false, false, true}) {
		t.Errorf("gets of the identity after add: %v", got)
	}
	h.post(removeRoute, pair).want(200, "")
	if got := h.gets(3, user); !slices.Equal(got, []string{jane, jane, ""}) {
		t.Errorf("gets after remove: %q", got)
	}
	if got := h.has(3, jane, user); !slices.Equal(got, []bool{true, true, false}) {
		t.Errorf("gets of the identity after remove: %v", got)
	}

	// A change during a lag starts a new lag, with the link before that change.
	h.post(addRoute, pair).want(200, "")
	h.gets(1, user)
	h.post(removeRoute, pair).want(200, "")
	if got := h.gets(3, user); !slices.Equal(got, []string{jane, jane, ""}) {
		t.Errorf("gets after add and remove: %q", got)
	}
	// Other ACS users, lists and writes do not lag.
	h.post(addRoute, pair).want(200, "")
	if got := h.gets(1, h.JohnGarage.ID); !slices.Equal(got, []string{h.John.ID}) {
		t.Errorf("get of another ACS user: %q", got)
	}
	if got := h.post("/acs/users/list", body{"search": user}).list("acs_users", "user_identity_id"); !slices.Equal(got, []string{jane}) {
		t.Errorf("list: %q", got)
	}
	h.s.SetSemantics(fakeseam.Semantics{AddHeldHere: fakeseam.AddHeldHereRefused})
	h.post(addRoute, pair).wantError(400, "acs_user_already_added", "The ACS user is already added to this user identity")

	h.s.SetGetLag(0)
	if got := h.gets(1, user); !slices.Equal(got, []string{jane}) {
		t.Errorf("get once gets are fresh: %q", got)
	}
}

func TestGetLag_byIdentityAndSystem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.SetGetLag(2)
	h.post(addRoute, body{"user_identity_id": h.Jane.ID, "acs_user_id": h.JaneGarage.ID}).want(200, "")
	h.post(removeRoute, body{"user_identity_id": h.John.ID, "acs_user_id": h.JohnGarage.ID}).want(200, "")
	statuses := func(userIdentityID string) []int {
		t.Helper()
		var got []int
		for range 3 {
			got = append(got, h.post("/acs/users/get", body{"user_identity_id": userIdentityID, "acs_system_id": h.Garage.ID}).status)
		}
		return got
	}
	if got := statuses(h.Jane.ID); !slices.Equal(got, []int{404, 404, 200}) {
		t.Errorf("added: %v", got)
	}
	if got := statuses(h.John.ID); !slices.Equal(got, []int{200, 200, 404}) {
		t.Errorf("removed: %v", got)
	}
}

func TestGetLag_ofAMoveThatLandsLate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.SetGetLag(1)
	h.s.SetSemantics(fakeseam.Semantics{AddHeldElsewhere: fakeseam.AddHeldElsewhereMoves})
	landings := make(chan func(), 1)
	h.s.Inject(fakeseam.Fault{Route: addRoute, Status: 502, Later: func(land func()) { landings <- land }})
	h.post(addRoute, body{"user_identity_id": h.Amira.ID, "acs_user_id": h.JohnGarage.ID}).want(502, "")
	(<-landings)()
	if got := h.has(2, h.John.ID, h.JohnGarage.ID); !slices.Equal(got, []bool{true, false}) {
		t.Errorf("John: %v", got)
	}
	if got := h.gets(2, h.JohnGarage.ID); !slices.Equal(got, []string{h.John.ID, h.Amira.ID}) {
		t.Errorf("the ACS user: %q", got)
	}
}

// Changes by the test are shown at once, also during a lag.
func TestGetLag_endsWithAChangeByTheTest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.SetGetLag(5)
	user := h.JaneGarage.ID
	add := func() { h.post(addRoute, body{"user_identity_id": h.Jane.ID, "acs_user_id": user}).want(200, "") }
	for name, test := range map[string]struct {
		act  func()
		want string
	}{
		"another link":  {func() { h.s.Link(h.Amira.ID, user) }, h.Amira.ID},
		"the same link": {func() { h.s.Link(h.Jane.ID, user) }, h.Jane.ID},
		"no link":       {func() { h.s.Unlink(user) }, ""},
	} {
		add()
		test.act()
		if got := h.gets(1, user); !slices.Equal(got, []string{test.want}) {
			t.Errorf("%s: %q", name, got)
		}
		h.s.Unlink(user)
	}
	add()
	h.s.MergeUserIdentities(h.Priya.ID, h.Jane.ID)
	if got := h.gets(1, user); !slices.Equal(got, []string{h.Priya.ID}) {
		t.Errorf("merge: %q", got)
	}
}
