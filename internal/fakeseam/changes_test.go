package fakeseam_test

import (
	"net/http"
	"slices"
	"testing"

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
