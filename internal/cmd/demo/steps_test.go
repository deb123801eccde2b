package main

import (
	"slices"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func TestCompareLinks(t *testing.T) {
	t.Parallel()
	w := newWorld()
	jane, amira := w.janeGarage(), w.amiraSalto()
	for _, test := range []struct {
		name      string
		want, got []fakeseam.Link
		says      string
	}{
		{"nothing", nil, nil, ""},
		{"another order", []fakeseam.Link{jane, amira}, []fakeseam.Link{amira, jane}, ""},
		{"one is missing", []fakeseam.Link{jane, amira}, []fakeseam.Link{amira}, "Seam lacks Jane Doe in Visionline Garage, linked to Jane Doe"},
		{"one too many", nil, []fakeseam.Link{amira}, "Seam has Amira Haddad in Salto HQ, linked to Amira Haddad"},
		{
			"moved",
			[]fakeseam.Link{jane},
			[]fakeseam.Link{{UserIdentityID: w.Amira.ID, ACSUserID: jane.ACSUserID}},
			"Seam lacks Jane Doe in Visionline Garage, linked to Jane Doe, and has Jane Doe in Visionline Garage, linked to Amira Haddad",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			says := ""
			if err := w.compareLinks("Seam", test.want, test.got); err != nil {
				says = err.Error()
			}
			if says != test.says {
				t.Errorf("got %q, want %q", says, test.says)
			}
		})
	}
}

func TestCompareWrites(t *testing.T) {
	t.Parallel()
	if err := compareWrites(testbed.Changes{Add: 1}, testbed.Changes{Add: 1}); err != nil {
		t.Error(err)
	}
	if err := compareWrites(testbed.Changes{}, testbed.Changes{Remove: 1}); err == nil {
		t.Error("an unexpected write is accepted")
	}
}

func TestWorld_links(t *testing.T) {
	t.Parallel()
	w := newWorld()
	johns := fakeseam.Link{UserIdentityID: w.John.ID, ACSUserID: w.JohnGarage.ID}
	if !slices.Contains(w.foreign, johns) {
		t.Error("the ACS user of the mistake is not linked to John")
	}
	for _, ours := range []fakeseam.Link{w.amiraSalto(), w.frontDesk(), w.janeGarage()} {
		if linked := w.HolderOf(ours.ACSUserID); linked != "" {
			t.Errorf("%s is not free", w.nameUser(ours.ACSUserID))
		}
	}
}
