package main

import (
	"strings"
	"testing"
)

func TestReadReport(t *testing.T) {
	t.Parallel()
	const overrides = `{"@message":"Warning: …","type":"diagnostic","diagnostic":{"severity":"warning","summary":"Provider development overrides are in effect"}}`
	const held = `{"@message":"Warning: held","type":"diagnostic","diagnostic":{"severity":"warning","summary":"held","detail":"by John","address":"a.b"}}`
	const refused = `{"@message":"Error: no","type":"diagnostic","diagnostic":{"severity":"error","summary":"no","detail":"It is held.\n\n  code { stays }","address":"a.b",` +
		`"range":{"filename":"main.tf","start":{"line":2}},"snippet":{"context":"resource \"a\" \"b\"","code":"  x = 1","start_line":2}}}`
	r, err := readReport(strings.NewReader(strings.Join([]string{
		overrides,
		`{"@message":"a.b: Plan to create","type":"planned_change","change":{"action":"create"}}`,
		held,
		`{"@message":"a.b: Creating...","type":"apply_start"}`,
		held,
		`{"@message":"Apply complete!","type":"change_summary","changes":{"add":1,"import":0,"change":0,"remove":2,"operation":"apply"}}`,
		refused,
	}, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.lines, "\n"); got != "a.b: Plan to create\nApply complete!" {
		t.Errorf("lines: %s", got)
	}
	if want := (changes{Add: 1, Remove: 2}); r.changes != want {
		t.Errorf("changes: %+v", r.changes)
	}
	if len(r.warnings) != 1 || r.warnings[0].Summary != "held" {
		t.Errorf("warnings: %+v", r.warnings)
	}
	if len(r.errors) != 1 {
		t.Fatalf("errors: %+v", r.errors)
	}

	var out strings.Builder
	r.errors[0].write(&out)
	const want = `
     | Error: no
     |
     |   with a.b,
     |   on main.tf line 2, in resource "a" "b":
     |    2:   x = 1
     |
     | It is held.
     |
     |   code { stays }
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestReadReport_notJSON(t *testing.T) {
	t.Parallel()
	if _, err := readReport(strings.NewReader("Segmentation fault")); err == nil || !strings.Contains(err.Error(), "Segmentation fault") {
		t.Errorf("got %v", err)
	}
}
