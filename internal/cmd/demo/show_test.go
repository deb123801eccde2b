package main

import (
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func TestTable(t *testing.T) {
	t.Parallel()
	w := newWorld()
	before := w.rows()
	w.Unlink(w.JaneSalto.ID)
	w.Link(w.Priya.ID, w.JohnGarage.ID)
	const want = `
     User identity   ACS user                          Access groups
     -               Amira Haddad in Salto HQ
     -               Front Desk in Salto HQ
   + -               Jane Doe in Salto HQ              Staff
     -               Jane Doe in Visionline Garage
     -               Wei Chen in Visionline Garage
     Amira Haddad    -
   + Jane Doe        -
   - Jane Doe        Jane Doe in Salto HQ              Staff
     John Smith      John Smith in Salto HQ
   - John Smith      John Smith in Visionline Garage
   - Priya Patel     -
   + Priya Patel     John Smith in Visionline Garage
`
	if got := "\n" + table(w.rows(), before); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	const linked = `{"type":"diagnostic","diagnostic":{"severity":"warning","summary":"linked","detail":"to John"}}`
	w := newWorld()
	var out strings.Builder
	d := &demo{world: w, out: &out}
	d.show(testbed.Result{Messages: testbed.ReadMessages(strings.Join([]string{
		`{"@message":"a.b: Plan to create","type":"planned_change","change":{"action":"create"}}`,
		linked,
		`{"@message":"a.b: Creating...","type":"apply_start"}`,
		linked,
		`{"@message":"Apply complete!","type":"change_summary","changes":{"add":1,"import":0,"change":0,"remove":2,"operation":"apply"}}`,
		`{"type":"diagnostic","diagnostic":{"severity":"error","summary":"no","detail":"It is linked to ` + w.Jane.ID + `.\n\n  code { is kept }"}}`,
	}, "\n"))})
	want := `
     a.b: Plan to create
     Apply complete!

     Warning: linked

     to John

     Error: no

     It is linked to ` + w.Jane.ID + `.

       code { is kept }

     ` + w.Jane.ID + ` is Jane Doe

`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	word := strings.Repeat("w", diagnosticWidth/2)
	if got := wrap(word + " " + word + " short"); got != word+"\n"+word+" short" {
		t.Errorf("got %s", got)
	}
}
