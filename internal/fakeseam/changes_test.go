package fakeseam_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// Changes lists effects, not requests.
func TestChanges(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before := len(h.s.Changes())
	h.s.Inject(fakeseam.Fault{Route: addRoute, Times: 1, Status: http.StatusServiceUnavailable})
	for range 3 { // without effect, with an effect, and with nothing to change
		if _, err := h.add(); err != nil {
			t.Fatal(err)
		}
	}
	h.s.MergeUserIdentities(h.Amira.ID, h.Jane.ID)
	h.s.DeleteACSUser(h.JaneGarage.ID)

	var got []fakeseam.Change
	for _, change := range h.s.Changes()[before:] {
		if change.At.IsZero() {
			t.Error("a change without a time")
		}
		if change.ACSUserID == h.JaneGarage.ID {
			got = append(got, fakeseam.Change{ACSUserID: change.ACSUserID, From: change.From, To: change.To, Route: change.Route})
		}
	}
	user, jane, amira := h.JaneGarage.ID, h.Jane.ID, h.Amira.ID
	want := []fakeseam.Change{
		{ACSUserID: user, To: jane, Route: addRoute},
		{ACSUserID: user, From: jane, To: amira},
		{ACSUserID: user, From: amira},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// Effects are in order, whatever they are about, and name the request that had them.
func TestEffects(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before := len(h.s.Effects())
	id := h.createdIdentity(body{"full_name": "Wei Chen"})
	h.s.Link(id, h.JaneSalto.ID)
	h.s.MergeUserIdentities(h.Amira.ID, id)
	group := h.s.AddAccessGroup(h.Salto.ID, "Staff").ID
	h.s.AddToGroup(group, h.JaneSalto.ID)
	h.post("/acs/users/delete", body{"acs_user_id": h.JaneSalto.ID}).want(200, "")

	requests := h.s.Requests()
	create, remove := requests[len(requests)-2], requests[len(requests)-1]
	user, amira := h.JaneSalto.ID, h.Amira.ID
	want := []fakeseam.Effect{
		{Kind: fakeseam.KindUserIdentity, ID: id, Action: fakeseam.Created, Route: create.Route, RequestID: create.RequestID},
		{Kind: fakeseam.KindLink, ID: user, Action: fakeseam.Linked, From: h.Jane.ID, To: id},
		{Kind: fakeseam.KindLink, ID: user, Action: fakeseam.Linked, From: id, To: amira},
		{Kind: fakeseam.KindUserIdentity, ID: id, Action: fakeseam.Merged, To: amira},
		{Kind: fakeseam.KindMembership, ID: user + "/" + group, Action: fakeseam.Linked, To: group},
		{Kind: fakeseam.KindACSUser, ID: user, Action: fakeseam.Deleted, Route: remove.Route, RequestID: remove.RequestID},
		{Kind: fakeseam.KindLink, ID: user, Action: fakeseam.Unlinked, From: amira, Route: remove.Route, RequestID: remove.RequestID},
		{Kind: fakeseam.KindMembership, ID: user + "/" + group, Action: fakeseam.Unlinked, From: group, Route: remove.Route, RequestID: remove.RequestID},
	}
	got := h.s.Effects()[before:]
	for n := range got {
		got[n].At = time.Time{}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}
