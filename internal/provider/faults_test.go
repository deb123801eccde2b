package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// Everything that the embedded Seam can do wrong, on every route, in the middle of
// everything that Terraform asks of the provider. Whatever happens: it ends, it
// says what happened, and state and Seam agree or the state is the careful one.

// trouble is a fault, and what it means.
type trouble struct {
	name  string
	fault fakeseam.Fault
	said  string // by the error, if the trouble lasts
	// passes says that the same request is sent again, so that trouble that
	// comes once goes unnoticed; passesWrite says so of a write.
	passes, passesWrite bool
}

const redirectTarget = "http://somewhere.example.com/login"

func troubles() []trouble {
	status := func(code int) fakeseam.Fault { return fakeseam.Fault{Status: code} }
	redirect := func(code int) fakeseam.Fault {
		return fakeseam.Fault{Status: code, Header: map[string]string{"Location": redirectTarget}}
	}
	after := func(fault fakeseam.Fault) fakeseam.Fault { fault.AfterEffect = true; return fault }
	wait := func(code int, retryAfter string) fakeseam.Fault {
		return fakeseam.Fault{Status: code, Header: map[string]string{"Retry-After": retryAfter}}
	}
	return []trouble{
		{"400", status(400), "400 Bad Request", false, false},
		{"401", status(401), "401 Unauthorized", false, false},
		{"403", status(403), "403 Forbidden", false, false},
		{"404 page", fakeseam.Fault{Status: 404, HTML: true}, "404 Not Found", false, false},
		{"404 of no type", fakeseam.Fault{Status: 404, Body: `{"ok":false}`}, "404 Not Found", false, false},
		{"407", status(407), "407 Proxy Authentication Required", false, false},
		{"408", status(408), "408 Request Timeout", false, true},
		{"429", status(429), "429", true, true},
		{"429 for a while", wait(429, "7"), "429", true, true},
		{"429 for a day", wait(429, "86400"), "another try would have to wait 1 day", false, false},
		{"500", status(500), "500 Internal Server Error", true, true},
		{"500 after the effect", after(status(500)), "500 Internal Server Error", true, true},
		{"502 page", fakeseam.Fault{Status: 502, HTML: true}, "502 Bad Gateway", true, true},
		{"503 for a while", wait(503, "3"), "503", true, true},
		{"504 after the effect", after(status(504)), "504 Gateway Timeout", true, true},
		{"501", status(501), "501 Not Implemented", false, true},
		{"301", redirect(301), "a redirect to somewhere.example.com", false, false},
		{"307", redirect(307), "a redirect to somewhere.example.com", false, false},
		{"page", fakeseam.Fault{HTML: true}, "answer is not JSON", false, true},
		{"page after the effect", after(fakeseam.Fault{HTML: true}), "answer is not JSON", false, true},
		{"not ok", fakeseam.Fault{Body: `{"ok":false}`}, `does not say "ok": true`, false, true},
		{"another shape", fakeseam.Fault{Body: `[{"ok":true}]`}, "where none belongs", false, true},
		{"null", fakeseam.Fault{Body: `null`}, `does not say "ok": true`, false, true},
		{"cut off", fakeseam.Fault{CutBody: true}, "answer was cut off", true, true},
		{"dropped before the effect", fakeseam.Fault{Drop: fakeseam.DropBeforeEffect}, "got no response", true, true},
		{"dropped after the effect", fakeseam.Fault{Drop: fakeseam.DropAfterEffect}, "got no response", true, true},
	}
}

// request is something that Terraform asks of the provider.
type request struct {
	name string
	set  func(w *world)
	// ask asks it, and holds what must be so whatever was answered.
	ask func(w *world, tf *terraform) diagnostics
	// mild says that what fails is a warning, unless it is about credentials.
	mild bool
}

func requests() []request {
	linked := func(w *world) { w.Link(w.janeID.ID, w.jane.ID) }
	merged := func(w *world) {
		linked(w)
		other := w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Jane at home"})
		w.MergeUserIdentities(other.ID, w.janeID.ID)
	}
	read := func(w *world, tf *terraform) diagnostics {
		before := w.linkState(w.janesLink())
		state, found := tf.read(before)
		if !maps.Equal(state, before) {
			w.t.Errorf("the link is there, and the state is %v", state)
		}
		return found
	}
	destroy := func(w *world, tf *terraform) diagnostics {
		state, found := tf.destroy(w.linkState(w.janesLink()))
		w.wantInState(state == nil, found, w.HolderOf(w.jane.ID) == "", "the link is gone from the state, and still in Seam")
		return found
	}
	imported := func(importState func(*world, *terraform) (values, diagnostics)) func(*world, *terraform) diagnostics {
		return func(w *world, tf *terraform) diagnostics {
			state, found := importState(w, tf)
			if failed := len(found.errors()) > 0; failed != (state == nil) {
				w.t.Errorf("imported %v and said:\n%s", state, found)
			}
			return found
		}
	}
	all := []request{
		{"create", func(*world) {}, func(w *world, tf *terraform) diagnostics {
			state, found := tf.create(w.janesLink())
			w.wantInState(state != nil, found, w.HolderOf(w.jane.ID) == w.janeID.ID, "the link is in the state, and not in Seam")
			if state == nil && w.HolderOf(w.jane.ID) != "" {
				w.t.Error("the link is in Seam, and not in the state")
			}
			return found
		}, false},
		{"plan", func(*world) {}, func(w *world, tf *terraform) diagnostics {
			pair := w.janesLink()
			planned, _, found := tf.plan(nil, values{"user_identity_id": pair.TargetID, "acs_user_id": pair.ACSUserID})
			if planned == nil {
				w.t.Error("nothing is planned")
			}
			w.wantNoWrites()
			return found
		}, true},
		{"read", linked, read, false},
		{"read a merged identity", merged, read, false},
		{"delete", linked, destroy, false},
		{"delete a merged identity", merged, destroy, false},
		{"import by id", linked, imported(func(w *world, tf *terraform) (values, diagnostics) {
			return tf.importByID(importID(w.janesLink()))
		}), false},
		{"import by identity", merged, imported(func(w *world, tf *terraform) (values, diagnostics) {
			return tf.importByIdentity(w.janesLink())
		}), false},
		{"list", linked, func(w *world, tf *terraform) diagnostics {
			var found diagnostics
			for _, one := range tf.query(query{config: values{"user_identity_id": w.janeID.ID, "acs_system_id": w.system.ID}}) {
				found = append(found, one.said...)
				if len(one.said) == 0 && one.pair() != w.janesLink() {
					w.t.Errorf("listed %v", one)
				}
			}
			return found
		}, false},
		{"invoke the action", linked, func(w *world, tf *terraform) diagnostics {
			_, found := tf.invoke(w.janesLink())
			if len(found.errors()) == 0 && w.HolderOf(w.jane.ID) != "" {
				w.t.Error("the action succeeded, and the link is still there")
			}
			return found
		}, false},
	}
	lookups := []struct {
		typeName string
		config   func(w *world) values
	}{
		{"seam_acs_system", func(w *world) values { return values{"acs_system_id": w.system.ID} }},
		{"seam_acs_system", func(*world) values { return values{"name": "Salto HQ"} }},
		{"seam_acs_user", func(w *world) values { return values{"acs_user_id": w.jane.ID} }},
		{"seam_acs_user", func(w *world) values {
			return values{"acs_system_id": w.system.ID, "user_identity_id": w.janeID.ID}
		}},
		{"seam_acs_user", func(w *world) values {
			return values{"acs_system_id": w.system.ID, "email_address": "jane@example.com"}
		}},
		{"seam_acs_users", func(w *world) values { return values{"acs_system_id": w.system.ID} }},
		{"seam_user_identities", func(*world) values { return values{} }},
		{"seam_user_identity", func(w *world) values { return values{"user_identity_id": w.janeID.ID} }},
		{"seam_user_identity", func(*world) values { return values{"email_address": "jane@example.com"} }},
		{"seam_workspace", func(*world) values { return values{} }},
	}
	for _, lookup := range lookups {
		all = append(all, request{
			"look up " + lookup.typeName + " by " + strings.Join(slices.Sorted(maps.Keys(lookup.config(&world{}))), " and "), linked,
			func(w *world, tf *terraform) diagnostics {
				state, found := tf.data(lookup.typeName, lookup.config(w))
				if failed := len(found.errors()) > 0; failed != (state == nil) {
					w.t.Errorf("read %v and said:\n%s", state, found)
				}
				return found
			}, false,
		})
	}
	return all
}

// wantInState holds that what is known to Terraform is so, unless an error says
// that it may not be.
func (w *world) wantInState(known bool, found diagnostics, so bool, otherwise string) {
	w.t.Helper()
	if known && !so && len(found.errors()) == 0 {
		w.t.Error(otherwise)
	}
	if !known && len(found.errors()) == 0 {
		w.t.Error("nothing was done, and nothing was said")
	}
}

// routes are those that the request takes when nothing goes wrong.
func (r request) routes(t *testing.T) []string {
	t.Helper()
	w := r.world(t)
	w.wantFine(r.ask(w, w.guarded()))
	routes := map[string]bool{}
	for _, one := range w.Requests() {
		routes[one.Route] = true
	}
	return slices.Sorted(maps.Keys(routes))
}

func (r request) world(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.Link(w.johnID.ID, w.john.ID)
	r.set(w)
	return w
}

// guarded is a provider that checks the workspace before everything it does.
func (w *world) guarded() *terraform {
	w.t.Helper()
	return w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "workspace_id": w.workspace.ID})
}

// wantFine holds that nothing was said but that an identity was merged.
func (w *world) wantFine(found diagnostics) {
	w.t.Helper()
	for _, one := range found {
		if one.Severity == tfprotov6.DiagnosticSeverityError || !strings.Contains(one.Summary, "was merged into") {
			w.t.Errorf("unexpected:\n%s", found)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, request := range requests() {
		t.Run(request.name, func(t *testing.T) {
			t.Parallel()
			for _, route := range request.routes(t) {
				for _, trouble := range troubles() {
					if trouble.fault.AfterEffect && !isWrite(route) {
						continue
					}
					t.Run(route+"/"+trouble.name, func(t *testing.T) {
						t.Parallel()
						request.meets(t, route, trouble)
					})
				}
			}
		})
	}
}

// meets asks while the trouble lasts, then when it is over, and in another world
// while it comes once.
func (r request) meets(t *testing.T, route string, trouble trouble) {
	t.Helper()
	fault := trouble.fault
	fault.Route = route
	w := r.world(t)
	w.Inject(fault)
	tf := w.guarded()
	found := r.ask(w, tf)
	if isWrite(route) && trouble.takesEffect() {
		w.wantFine(found) // a read resolves it
	} else {
		w.wantTold(r, route, trouble, found)
	}

	// What Seam and Terraform believe comes together again.
	w.ClearFaults()
	if r.name == "create" {
		w.Unlink(w.jane.ID)
	} else {
		r.set(w)
	}
	w.clock.advance(25 * time.Hour) // or a wait of a day would still run
	tf.again()                      // the next command, in the same process
	w.wantFine(r.ask(w, tf))

	w = r.world(t)
	fault.Times = 1
	w.Inject(fault)
	found = r.ask(w, w.guarded())
	passes := trouble.passes
	if isWrite(route) {
		passes = trouble.passesWrite
	}
	if passes {
		w.wantFine(found)
	} else {
		w.wantTold(r, route, trouble, found)
	}
	w.wantHolder(w.john.ID, w.johnID.ID)
}

func isWrite(route string) bool { return route == addRoute || route == removeRoute }

// takesEffect reports whether a write that meets the trouble takes effect.
func (t trouble) takesEffect() bool {
	return t.fault.AfterEffect || t.fault.CutBody || t.fault.Drop == fakeseam.DropAfterEffect
}

// wantTold holds that the trouble is told to a person, and no secret with it.
func (w *world) wantTold(r request, route string, trouble trouble, found diagnostics) {
	w.t.Helper()
	told := found.errors()
	// A list goes on without the names of the access systems.
	if len(told) == 0 && (r.mild || r.name == "list" && route == listSystemsRoute) {
		told = found
	}
	if len(told) != 1 || told[0].Summary == "" || !strings.Contains(told[0].Detail, trouble.said) {
		w.t.Errorf("the diagnostic does not say %q:\n%s", trouble.said, found)
		return
	}
	text := told.String()
	for _, secret := range []string{w.workspace.APIKey, "panic", "%!", "goroutine"} {
		if strings.Contains(text, secret) {
			w.t.Errorf("the diagnostic says %q:\n%s", secret, text)
		}
	}
	if len(text) > 3000 {
		w.t.Errorf("the diagnostic has %d bytes", len(text))
	}
}
