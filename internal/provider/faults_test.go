package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// Each kind of fault, on each route of each request of Terraform: the diagnostic tells it,
// and state and Seam agree, or an error says that they may not. What each status does to a
// request is shown in internal/seam, and what each failure does to a link in internal/link.

// wireFault is a fault, and what becomes of a request that meets it.
type wireFault struct {
	name  string
	fault fakeseam.Fault
	said  string // by the error, while the fault lasts
	// retried: the same request is sent again, so that a fault that comes once goes
	// unnoticed.
	retried, writeRetried bool
}

func wireFaults() []wireFault {
	return []wireFault{
		{"403", fakeseam.Fault{Status: 403}, "403 Forbidden", false, false},
		{"404 of no type", fakeseam.Fault{Status: 404, Body: `{"ok":false}`}, "404 Not Found", false, false},
		{"503", fakeseam.Fault{Status: 503, Header: map[string]string{"Retry-After": "3"}}, "503", true, true},
		{"no JSON", fakeseam.Fault{HTML: true}, "response is not JSON", false, true},
		{"dropped after the effect", fakeseam.Fault{Drop: fakeseam.DropAfterEffect}, "got no response", true, true},
	}
}

// request is something that Terraform asks of the provider.
type request struct {
	name string
	set  func(w *world)
	// send sends it, and checks what must hold whatever the response was.
	send func(w *world, tf *terraform) diagnostics
	// warns: a failure is a warning, unless it is about credentials.
	warns bool
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
			w.t.Errorf("the link is in Seam, and the state is %v", state)
		}
		return found
	}
	destroy := func(w *world, tf *terraform) diagnostics {
		state, found := tf.destroy(w.linkState(w.janesLink()))
		w.wantAgreement(state == nil, found, w.HolderOf(w.jane.ID) == "", "the link is not in state, but in Seam")
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
			w.wantAgreement(state != nil, found, w.HolderOf(w.jane.ID) == w.janeID.ID, "the link is in state, but not in Seam")
			if state == nil && w.HolderOf(w.jane.ID) != "" {
				w.t.Error("the link is in Seam, but not in state")
			}
			return found
		}, false},
		{"plan", func(*world) {}, func(w *world, tf *terraform) diagnostics {
			pair := w.janesLink()
			planned, _, found := tf.plan(nil, values{"user_identity_id": pair.TargetID, "acs_user_id": pair.ACSUserID})
			if planned == nil {
				w.t.Error("no state was planned")
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
				w.t.Error("the action succeeded, but the link is still in Seam")
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
		{"seam_acs_systems", func(*world) values { return values{} }},
		{"seam_acs_access_groups", func(w *world) values { return values{"acs_system_id": w.system.ID} }},
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

// wantAgreement checks that state and Seam agree, unless an error says that they may not, and
// that an operation that changed nothing is an error.
func (w *world) wantAgreement(inState bool, found diagnostics, inSeam bool, otherwise string) {
	w.t.Helper()
	if inState && !inSeam && len(found.errors()) == 0 {
		w.t.Error(otherwise)
	}
	if !inState && len(found.errors()) == 0 {
		w.t.Error("the operation changed nothing and returned no error")
	}
}

// routes are those that the request takes without faults.
func (r request) routes(t *testing.T) []string {
	t.Helper()
	w := r.world(t)
	w.wantFine(r.send(w, w.guarded()))
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

// guarded returns a provider that verifies the workspace before each operation.
func (w *world) guarded() *terraform {
	w.t.Helper()
	return w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "workspace_id": w.workspace.ID})
}

// wantFine checks that the only diagnostics are warnings of a merged identity.
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
				for _, fault := range wireFaults() {
					t.Run(route+"/"+fault.name, func(t *testing.T) {
						t.Parallel()
						request.meets(t, route, fault)
					})
				}
			}
		})
	}
}

// meets sends the request while the fault lasts, then without it, and in another world
// with a fault that comes once.
func (r request) meets(t *testing.T, route string, meets wireFault) {
	t.Helper()
	isWrite := route == addRoute || route == removeRoute
	fault := meets.fault
	fault.Route = route
	w := r.world(t)
	w.Inject(fault)
	tf := w.guarded()
	found := r.send(w, tf)
	if isWrite && fault.Drop == fakeseam.DropAfterEffect {
		w.wantFine(found) // a read verifies the effect
	} else {
		w.wantTold(r, route, meets, found)
	}

	w.ClearFaults()
	if r.name == "create" {
		w.Unlink(w.jane.ID)
	} else {
		r.set(w)
	}
	tf.again() // the next command, in the same process
	w.wantFine(r.send(w, tf))

	w = r.world(t)
	fault.Times = 1
	w.Inject(fault)
	found = r.send(w, w.guarded())
	if meets.retried || isWrite && meets.writeRetried {
		w.wantFine(found)
	} else {
		w.wantTold(r, route, meets, found)
	}
	w.wantHolder(w.john.ID, w.johnID.ID)
}

// wantTold checks that one diagnostic tells the fault, and no secret.
func (w *world) wantTold(r request, route string, fault wireFault, found diagnostics) {
	w.t.Helper()
	told := found.errors()
	// Without the names of the access systems, a list goes on.
	if len(told) == 0 && (r.warns || r.name == "list" && route == listSystemsRoute) {
		told = found
	}
	if len(told) != 1 || told[0].Summary == "" || !strings.Contains(told[0].Detail, fault.said) {
		w.t.Errorf("the diagnostic does not say %q:\n%s", fault.said, found)
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
