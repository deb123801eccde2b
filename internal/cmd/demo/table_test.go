package main

import (
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

func TestTable(t *testing.T) {
	t.Parallel()
	w := newWorld()
	before := w.rows(nil)

	jane, john := w.janeGarage(), w.JohnGarage.ID
	w.Link(jane.UserIdentityID, jane.ACSUserID)
	w.Link(w.Priya.ID, john)
	w.Unlink(w.JaneSalto.ID)

	var out strings.Builder
	writeTable(&out, w.rows([]fakeseam.Link{jane}), before)
	const want = `
     Person         Access system       Linked to     Managed by
     ------------   -----------------   -----------   ---------------
   - Jane Doe       Salto HQ            -
     John Smith     Salto HQ            John Smith    another process
     Amira Haddad   Salto HQ            -
     Front Desk     Salto HQ            -
   + Jane Doe       Visionline Garage   Jane Doe      this demo
   ~ John Smith     Visionline Garage   Priya Patel   another process
     Wei Chen       Visionline Garage   -
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestTable_nothingBefore(t *testing.T) {
	t.Parallel()
	w := newWorld()
	var out strings.Builder
	writeTable(&out, w.rows(nil), nil)
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "     ") {
			t.Errorf("a sign in front of %q", line)
		}
	}
}
