package fakeseam_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const (
	addMemberRoute    = "/acs/users/add_to_access_group"
	removeMemberRoute = "/acs/users/remove_from_access_group"
)

// groupHouse is a house in which Jane's ACS user is in a group, and Amira's and
// the front desk are not.
type groupHouse struct {
	*house
	staff fakeseam.AccessGroup
}

func newGroupHouse(t *testing.T) *groupHouse {
	t.Helper()
	h := &groupHouse{house: newHouse(t)}
	h.staff = h.s.AddAccessGroup(h.Salto.ID, "Staff")
	h.s.AddToGroup(h.staff.ID, h.JaneSalto.ID)
	return h
}

// member names an ACS user and the group.
func (h *groupHouse) member(acsUserID string) body {
	return body{"acs_access_group_id": h.staff.ID, "acs_user_id": acsUserID}
}

// listed returns the ACS users that list_users shows.
func (h *groupHouse) listed() []string {
	h.t.Helper()
	return h.post("/acs/access_groups/list_users", body{"acs_access_group_id": h.staff.ID}).list("acs_users", "acs_user_id")
}

// in returns whether so many direct reads show an ACS user in the group.
func (h *groupHouse) in(n int, acsUserID string) []bool {
	h.t.Helper()
	var shown []bool
	for range n {
		groups := h.post("/acs/access_groups/list", body{"acs_user_id": acsUserID}).list("acs_access_groups", "acs_access_group_id")
		shown = append(shown, slices.Contains(groups, h.staff.ID))
	}
	return shown
}

// mutations returns the pending mutations of an ACS user and of the group.
func (h *groupHouse) mutations(acsUserID string) (user, group []body) {
	h.t.Helper()
	g := h.post("/acs/access_groups/get", body{"acs_access_group_id": h.staff.ID}).object()["acs_access_group"].(body)
	for _, entry := range h.gotten(acsUserID)["pending_mutations"].([]any) {
		user = append(user, entry.(body))
	}
	for _, entry := range g["pending_mutations"].([]any) {
		group = append(group, entry.(body))
	}
	return user, group
}

func TestAccessGroups_addAndRemove(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ add, remove string }{
		{http.MethodPost, http.MethodPost}, {http.MethodPut, http.MethodDelete},
	} {
		h := newGroupHouse(t)
		before := len(h.s.MembershipChanges())
		h.do(test.add, addMemberRoute, h.member(h.AmiraSalto.ID)).want(200, `{"ok":true}`)
		if got, want := h.s.Members(h.staff.ID), []string{h.JaneSalto.ID, h.AmiraSalto.ID}; !slices.Equal(got, want) || !slices.Equal(h.listed(), want) {
			t.Errorf("members %v, listed %v", got, h.listed())
		}
		params := any(h.member(h.AmiraSalto.ID))
		byIdentity := any(body{"acs_access_group_id": h.staff.ID, "user_identity_id": h.Jane.ID})
		if test.remove == http.MethodDelete {
			params = url.Values{"acs_access_group_id": {h.staff.ID}, "acs_user_id": {h.AmiraSalto.ID}}
			byIdentity = url.Values{"acs_access_group_id": {h.staff.ID}, "user_identity_id": {h.Jane.ID}}
		}
		h.do(test.remove, removeMemberRoute, params).want(200, `{"ok":true}`)
		h.do(test.remove, removeMemberRoute, byIdentity).want(200, `{"ok":true}`)
		if got := h.s.Members(h.staff.ID); len(got) != 0 || len(h.listed()) != 0 {
			t.Errorf("members %v, listed %v", got, h.listed())
		}
		h.s.AddToGroup(h.staff.ID, h.FrontDesk.ID)
		h.s.AddToGroup(h.staff.ID, h.FrontDesk.ID) // no change
		h.post(deleteUserRoute, body{"acs_user_id": h.FrontDesk.ID}).want(200, "")
		if got := h.listed(); len(got) != 0 {
			t.Errorf("listed %v", got)
		}

		staff := h.staff.ID
		want := []fakeseam.MembershipChange{
			{AccessGroupID: staff, ACSUserID: h.AmiraSalto.ID, Added: true, Route: addMemberRoute},
			{AccessGroupID: staff, ACSUserID: h.AmiraSalto.ID, Route: removeMemberRoute},
			{AccessGroupID: staff, ACSUserID: h.JaneSalto.ID, Route: removeMemberRoute},
			{AccessGroupID: staff, ACSUserID: h.FrontDesk.ID, Added: true},
			{AccessGroupID: staff, ACSUserID: h.FrontDesk.ID, Route: deleteUserRoute},
		}
		if got := h.memberships(before); !slices.Equal(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

// memberships returns the changes of memberships from a place on, without times.
func (h *groupHouse) memberships(from int) []fakeseam.MembershipChange {
	var changes []fakeseam.MembershipChange
	for _, c := range h.s.MembershipChanges()[from:] {
		changes = append(changes, fakeseam.MembershipChange{AccessGroupID: c.AccessGroupID, ACSUserID: c.ACSUserID, Added: c.Added, Route: c.Route})
	}
	return changes
}

func TestAccessGroups_reads(t *testing.T) {
	t.Parallel()
	h := newGroupHouse(t)
	kisi := h.s.AddSystem(h.Workspace.ID, "Kisi", "kisi_organization")
	roof := h.s.AddAccessGroup(kisi.ID, "Roof")
	john := h.s.AddACSUser(kisi.ID, fakeseam.Person{FullName: "John Smith"})
	h.s.Link(h.John.ID, john.ID)
	h.s.AddToGroup(roof.ID, john.ID)
	h.s.AddToGroup(h.staff.ID, h.JohnSalto.ID)

	for name, test := range map[string]struct {
		params body
		want   []string
	}{
		"all":              {body{}, []string{"Staff", "Roof"}},
		"system":           {body{"acs_system_id": h.Salto.ID}, []string{"Staff"}},
		"ACS user":         {body{"acs_user_id": h.JaneSalto.ID}, []string{"Staff"}},
		"identity":         {body{"user_identity_id": h.John.ID}, []string{"Staff", "Roof"}},
		"search":           {body{"search": "sTAF"}, []string{"Staff"}},
		"part of an id":    {body{"search": roof.ID[4:30]}, []string{"Roof"}},
		"two":              {body{"user_identity_id": h.John.ID, "acs_system_id": kisi.ID}, []string{"Roof"}},
		"neither's":        {body{"acs_user_id": h.JaneSalto.ID, "user_identity_id": h.Amira.ID}, nil},
		"unknown ACS user": {body{"acs_user_id": uuid.NewString()}, nil},
		"unknown person":   {body{"user_identity_id": uuid.NewString()}, nil},
	} {
		if got := h.post("/acs/access_groups/list", test.params).list("acs_access_groups", "name"); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	got := h.post("/acs/access_groups/get", body{"acs_access_group_id": roof.ID}).object()["acs_access_group"].(body)
	if got["name"] != "Roof" || got["external_type"] != "kisi_access_group" || got["acs_system_id"] != kisi.ID || got["workspace_id"] != h.Workspace.ID {
		t.Errorf("got %v", got)
	}
	system := h.post("/acs/systems/get", body{"acs_system_id": kisi.ID}).object()["acs_system"].(body)
	if system["acs_access_group_count"] != 1.0 {
		t.Errorf("acs_access_group_count %v", system["acs_access_group_count"])
	}
	if all := h.s.AccessGroups(h.Workspace.ID); len(all) != 2 || all[1] != roof {
		t.Errorf("groups %+v", all)
	}

	h.s.HideSystem(kisi.ID, true)
	h.post("/acs/access_groups/get", body{"acs_access_group_id": roof.ID}).wantError(404, "acs_access_group_not_found", "Access group not found")
	if got := h.post("/acs/access_groups/list", body{}).list("acs_access_groups", "name"); !slices.Equal(got, []string{"Staff"}) {
		t.Errorf("hidden: %q", got)
	}
	h.s.HideSystem(kisi.ID, false)
	h.s.DeleteAccessGroup(roof.ID)
	if _, found := h.s.AccessGroup(roof.ID); found {
		t.Error("the group is still there")
	}
	if got := h.post("/acs/access_groups/list", body{"user_identity_id": h.John.ID}).list("acs_access_groups", "name"); !slices.Equal(got, []string{"Staff"}) {
		t.Errorf("deleted: %q", got)
	}
	h.post("/acs/access_groups/list_users", body{"acs_access_group_id": roof.ID}).want(404, "")
}

func TestAccessGroups_refusedWrites(t *testing.T) {
	t.Parallel()
	h := newGroupHouse(t)
	before := len(h.s.MembershipChanges())
	staff := h.staff.ID
	for _, test := range []struct {
		route         string
		params        body
		status        int
		kind, message string
	}{
		{addMemberRoute, h.member(h.JaneGarage.ID), 400, "acs_system_mismatch", "The ACS user and the access group are in different access systems"},
		{removeMemberRoute, body{"acs_access_group_id": staff}, 400, "invalid_input", "You must provide either acs_user_id or user_identity_id"},
		{removeMemberRoute, h.member(h.JaneGarage.ID), 400, "acs_system_mismatch", "The ACS user and the access group are in different access systems"},
		{removeMemberRoute, body{"acs_access_group_id": staff, "user_identity_id": h.Amira.ID}, 404, "acs_user_not_found", "acs_user not found"},
		{createUserRoute, body{"acs_system_id": h.Garage.ID, "full_name": "G", "acs_access_group_ids": []string{staff}}, 400, "acs_system_mismatch", "The ACS user and the access group are in different access systems"},
	} {
		h.post(test.route, test.params).wantError(test.status, test.kind, test.message)
	}
	if got := h.memberships(before); len(got) != 0 || len(h.s.ObjectChanges()) != 0 {
		t.Errorf("changes: %+v", got)
	}
	id := h.createdUser(body{"acs_system_id": h.Salto.ID, "full_name": "G", "acs_access_group_ids": []string{staff}})
	if got := h.listed(); !slices.Equal(got, []string{h.JaneSalto.ID, id}) {
		t.Errorf("listed %v", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a Visionline system has an access group")
		}
	}()
	h.s.AddAccessGroup(h.Garage.ID, "Garage")
}

func TestSemantics_members(t *testing.T) {
	t.Parallel()
	type sem = fakeseam.Semantics
	for _, test := range []struct {
		sem    sem
		route  string
		status int
	}{
		{sem{}, addMemberRoute, 200},
		{sem{AddMemberTwice: fakeseam.AddMemberTwiceRefused}, addMemberRoute, 400},
		{sem{}, removeMemberRoute, 200},
		{sem{RemoveNonMember: fakeseam.RemoveNonMemberRefused}, removeMemberRoute, 400},
		{sem{RemoveNonMember: fakeseam.RemoveNonMemberNotFound}, removeMemberRoute, 404},
	} {
		h := newGroupHouse(t)
		h.s.SetSemantics(test.sem)
		before := len(h.s.MembershipChanges())
		user := map[string]string{addMemberRoute: h.JaneSalto.ID, removeMemberRoute: h.AmiraSalto.ID}[test.route]
		t.Log(test.sem, test.route)
		h.post(test.route, h.member(user)).want(test.status, "")
		if got := h.memberships(before); len(got) != 0 {
			t.Errorf("changes: %+v", got)
		}
	}
}

func TestSemantics_pendingMemberships(t *testing.T) {
	t.Parallel()
	const updating, updatingUser = "updating_group_membership", "updating_user_membership"
	const deferring, deferringUser = "deferring_group_membership_update", "deferring_user_membership_update"
	for memberships, test := range map[fakeseam.Memberships]struct {
		shown       bool // what was asked for
		user, group string
	}{
		fakeseam.MembershipsAtOnce:         {true, "", ""},
		fakeseam.MembershipsPendingShown:   {true, updating, updatingUser},
		fakeseam.MembershipsPendingHidden:  {false, updating, updatingUser},
		fakeseam.MembershipsDeferredHidden: {false, deferring, deferringUser},
	} {
		h := newGroupHouse(t)
		h.s.SetSemantics(fakeseam.Semantics{Memberships: memberships})
		check := func(what, id string, member bool) {
			t.Helper()
			listed := slices.Contains(h.listed(), id)
			direct := h.in(1, id)[0]
			if want := member == test.shown; listed != want || direct != want {
				t.Errorf("%v, %s: listed %v, direct %v, want %v", memberships, what, listed, direct, want)
			}
			if slices.Contains(h.s.Members(h.staff.ID), id) != member {
				t.Errorf("%v, %s: members %v", memberships, what, h.s.Members(h.staff.ID))
			}
			user, group := h.mutations(id)
			if test.user == "" {
				if len(user)+len(group) != 0 {
					t.Errorf("%v, %s: %v, %v", memberships, what, user, group)
				}
				return
			}
			if len(user) != 1 || len(group) != 1 || user[0]["mutation_code"] != test.user || group[0]["mutation_code"] != test.group {
				t.Fatalf("%v, %s: %v, %v", memberships, what, user, group)
			}
			end, variant := "from", "removing"
			if member {
				end, variant = "to", "adding"
			}
			if test.user == deferring {
				if user[0]["acs_access_group_id"] != h.staff.ID || group[0]["acs_user_id"] != id || user[0]["variant"] != variant || group[0]["variant"] != variant {
					t.Errorf("%s: %v, %v", what, user, group)
				}
				return
			}
			if user[0][end].(body)["acs_access_group_id"] != h.staff.ID || group[0][end].(body)["acs_user_id"] != id {
				t.Errorf("%s: %v, %v", what, user, group)
			}
		}
		h.post(addMemberRoute, h.member(h.AmiraSalto.ID)).want(200, "")
		check("added", h.AmiraSalto.ID, true)
		h.s.FinishMutations()
		if got := h.listed(); !slices.Equal(got, []string{h.JaneSalto.ID, h.AmiraSalto.ID}) {
			t.Errorf("%v, finished: %v", memberships, got)
		}
		h.post(removeMemberRoute, h.member(h.JaneSalto.ID)).want(200, "")
		check("removed", h.JaneSalto.ID, false)

		// What the test does is there at once, and a deletion ends what is pending.
		h.s.RemoveFromGroup(h.staff.ID, h.JaneSalto.ID)
		h.post(removeMemberRoute, h.member(h.AmiraSalto.ID)).want(200, "")
		h.post(deleteUserRoute, body{"acs_user_id": h.AmiraSalto.ID}).want(200, "")
		if user, group := h.mutations(h.JaneSalto.ID); len(h.listed()) != 0 || len(user)+len(group) != 0 {
			t.Errorf("%v: listed %v, mutations %v, %v", memberships, h.listed(), user, group)
		}
	}
}

func TestSemantics_stalePagesOfMembers(t *testing.T) {
	t.Parallel()
	for pages, late := range map[fakeseam.StalePages]int{ // how many of two lists show the members before
		fakeseam.PagesFresh: 0, fakeseam.PagesStaleOnce: 1, fakeseam.PagesLag: 2, fakeseam.PagesFrozen: 2,
	} {
		h := newGroupHouse(t)
		h.s.SetSemantics(fakeseam.Semantics{StalePages: pages})
		h.s.AddToGroup(h.staff.ID, h.JohnSalto.ID)
		h.s.SettlePages()
		before := []string{h.JaneSalto.ID, h.JohnSalto.ID}
		h.post(addMemberRoute, h.member(h.AmiraSalto.ID)).want(200, "")
		h.post(removeMemberRoute, h.member(h.JaneSalto.ID)).want(200, "")
		h.post(deleteUserRoute, body{"acs_user_id": h.JohnSalto.ID}).want(200, "")
		for round := range 3 {
			if round == 2 {
				h.s.SettlePages()
			}
			want := []string{h.AmiraSalto.ID}
			if round < late {
				want = before
			}
			if got := h.listed(); !slices.Equal(got, want) {
				t.Errorf("%v, list %d: %v, want %v", pages, round, got, want)
			}
			// The groups of one ACS user are a direct read.
			if got := []bool{h.in(1, h.AmiraSalto.ID)[0], h.in(1, h.JaneSalto.ID)[0], h.in(1, h.JohnSalto.ID)[0]}; !slices.Equal(got, []bool{true, false, false}) {
				t.Errorf("%v: direct reads %v", pages, got)
			}
		}
		h.s.RemoveFromGroup(h.staff.ID, h.AmiraSalto.ID)
		if got := h.listed(); (len(got) == 0) != (pages != fakeseam.PagesFrozen) {
			t.Errorf("%v: removed by the test: %v", pages, got)
		}
	}
}

func TestGetLag_ofMemberships(t *testing.T) {
	t.Parallel()
	h := newGroupHouse(t)
	h.s.SetGetLag(2)
	h.s.SetSemantics(fakeseam.Semantics{Memberships: fakeseam.MembershipsPendingShown})
	h.post(addMemberRoute, h.member(h.AmiraSalto.ID)).want(200, "")
	h.post(removeMemberRoute, h.member(h.JaneSalto.ID)).want(200, "")
	for round := range 3 {
		user, group := h.mutations(h.AmiraSalto.ID)
		if late := round < 2; (len(user) == 0) != late || (len(group) == 0) != late {
			t.Errorf("get %d: %v, %v", round, user, group)
		}
	}
	if got := h.in(3, h.AmiraSalto.ID); !slices.Equal(got, []bool{false, false, true}) {
		t.Errorf("added: %v", got)
	}
	if got := h.in(3, h.JaneSalto.ID); !slices.Equal(got, []bool{true, true, false}) {
		t.Errorf("removed: %v", got)
	}
	h.post(addMemberRoute, h.member(h.JaneSalto.ID)).want(200, "")
	h.post(deleteUserRoute, body{"acs_user_id": h.JaneSalto.ID}).want(200, "")
	if got := h.in(3, h.JaneSalto.ID); !slices.Equal(got, []bool{true, true, false}) {
		t.Errorf("deleted: %v", got)
	}
	h.post(addMemberRoute, h.member(h.FrontDesk.ID)).want(200, "")
	h.s.AddToGroup(h.staff.ID, h.FrontDesk.ID)
	if got := h.in(1, h.FrontDesk.ID); !slices.Equal(got, []bool{true}) {
		t.Errorf("added outside: %v", got)
	}
}

func TestDeletes_ofMembersTakeAWhile(t *testing.T) {
	t.Parallel()
	h := newGroupHouse(t)
	h.s.SetDeletesTakeAWhile(true)
	before := len(h.s.MembershipChanges())
	h.s.AddToGroup(h.staff.ID, h.AmiraSalto.ID)
	h.post(deleteIdentityRoute, body{"user_identity_id": h.Jane.ID}).want(200, "")
	if got := h.listed(); !slices.Equal(got, []string{h.JaneSalto.ID, h.AmiraSalto.ID}) {
		t.Errorf("listed %v", got)
	}
	h.s.FinishDeletes()
	h.s.DeleteACSUser(h.AmiraSalto.ID)
	if got := h.listed(); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
	want := []fakeseam.MembershipChange{
		{AccessGroupID: h.staff.ID, ACSUserID: h.AmiraSalto.ID, Added: true},
		{AccessGroupID: h.staff.ID, ACSUserID: h.JaneSalto.ID, Route: deleteIdentityRoute},
		{AccessGroupID: h.staff.ID, ACSUserID: h.AmiraSalto.ID},
	}
	if got := h.memberships(before); !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestFaults_membershipsWithoutEffect(t *testing.T) {
	t.Parallel()
	h := newGroupHouse(t)
	before := len(h.s.MembershipChanges())
	h.s.Inject(fakeseam.Fault{NoEffect: true})
	h.post(addMemberRoute, h.member(h.AmiraSalto.ID)).want(200, `{"ok":true}`)
	h.post(removeMemberRoute, h.member(h.JaneSalto.ID)).want(200, `{"ok":true}`)
	if got := h.memberships(before); len(got) != 0 {
		t.Errorf("changes: %+v", got)
	}
}
