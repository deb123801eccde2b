package main

import (
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func TestShow(t *testing.T) {
	t.Parallel()
	const linked = `{"@message":"Warning: linked","type":"diagnostic","diagnostic":{"severity":"warning","summary":"linked","detail":"to John"}}`
	const refused = `{"@message":"Error: no","type":"diagnostic","diagnostic":{"severity":"error","summary":"no","detail":"It is linked.\n\n  code { is kept }","address":"a.b",` +
		`"range":{"filename":"main.tf","start":{"line":2}},"snippet":{"context":"resource \"a\" \"b\"","code":"  x = 1","start_line":2}}}`
	var out strings.Builder
	d := &demo{out: &out}
	d.show(testbed.Result{Messages: testbed.ReadMessages(strings.Join([]string{
		`{"@message":"a.b: Plan to create","type":"planned_change","change":{"action":"create"}}`,
		linked,
		`{"@message":"a.b: Creating...","type":"apply_start"}`,
		linked,
		`{"@message":"Apply complete!","type":"change_summary","changes":{"add":1,"import":0,"change":0,"remove":2,"operation":"apply"}}`,
		refused,
	}, "\n"))})
	const want = `
     a.b: Plan to create
     Apply complete!

     | Warning: linked
     |
     | to John

     | Error: no
     |
     |   with a.b,
     |   on main.tf line 2, in resource "a" "b":
     |    2:   x = 1
     |
     | It is linked.
     |
     |   code { is kept }
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	word := strings.Repeat("w", diagnosticWidth/2)
	if got := strings.Join(wrap(word+" "+word+" short"), "|"); got != word+"|"+word+" short" {
		t.Errorf("got %s", got)
	}
}
