package provider

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// However a request that changes a person fails, under every answer that Seam's
// documentation leaves open: one block is one person at most, and none is left
// outside the state.

// personKinds are the blocks that these tests are about: what they are at first, what
// they become, and what a user who is not part of the configuration has.
var personKinds = map[string]struct {
	typeName                       string
	kind                           fakeseam.ObjectKind
	createRoute, update, deletedBy string
	config, changed                values
}{
	"identity with all values": {
		identityType, fakeseam.KindUserIdentity, createIdentityRoute, updateIdentityRoute, deleteIdentityRoute,
		values{"full_name": "Ann Lee", "email_address": "Ann@Example.com", "phone_number": "+15555550177", "user_identity_key": "ann"},
		values{"full_name": "Ann Lee-Poe", "email_address": "poe@example.com"},
	},
	"identity with an email address": {
		identityType, fakeseam.KindUserIdentity, createIdentityRoute, updateIdentityRoute, deleteIdentityRoute,
		values{"email_address": "ann@example.com"},
		values{"email_address": "poe@example.com", "phone_number": "+15555550178"},
	},
	"ACS user": {
		acsUserRecordType, fakeseam.KindACSUser, createUserRoute, updateUserRoute, deleteUserRoute,
		values{"full_name": "Ann Lee", "email_address": "Ann@Example.com", "phone_number": "+15555550177"},
		values{"full_name": "Ann Lee-Poe", "email_address": "poe@example.com", "access_schedule": values{"starts_at": "2030-01-01T08:00:00+01:00", "ends_at": "2031-01-01T00:00:00Z"}},
	},
}

// writeFaults are what may become of a write. Those of landsLater take effect when the
// operation has ended.
func writeFaults() map[string]fakeseam.Fault {
	faults := map[string]fakeseam.Fault{
		"answer lost":      {Drop: fakeseam.DropAfterEffect},
		"500, with effect": {Status: 500, AfterEffect: true},
		"504, with effect": {Status: 504, AfterEffect: true, HTML: true},
		"hang, and effect": {HangAfterEffect: time.Hour},
		"no effect":        {NoEffect: true},
		"429":              {Status: 429},
		"403":              {Status: 403},
		"not ok":           {Body: `{"ok":false}`, AfterEffect: true},
	}
	maps.Copy(faults, failures())
	return faults
}

// mishap is a fault of a write, for one request or for all, that takes effect now, or
// later, or when the operation has ended.
type mishap struct {
	name  string
	fault fakeseam.Fault
	after time.Duration // of a request that takes effect later; -1: when the operation has ended
}

func mishaps(all bool) []mishap {
	var chosen []mishap
	add := func(m mishap, typical bool) {
		if all || typical {
			chosen = append(chosen, m)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(writeFaults())) {
		fault := writeFaults()[name]
		add(mishap{name + " always", fault, 0}, name == "reset" || name == "500, with effect")
		fault.Times = 1
		add(mishap{name + " once", fault, 0}, name == "answer lost" || name == "no effect")
	}
	for _, name := range slices.Sorted(maps.Keys(failures())) {
		add(mishap{name + ", lands later", failures()[name], 45 * time.Second}, name == "hang")
		add(mishap{name + ", lands last", failures()[name], -1}, name == "reset")
	}
	return chosen
}

// inject injects the fault, and returns what lands what is under way.
func (m mishap) inject(w *world, route string) (land func()) {
	fault := m.fault
	fault.Route = route
	var pending []func()
	if m.after != 0 {
		fault.Later = func(land func()) {
			if m.after > 0 {
				time.AfterFunc(m.after, land)
				return
			}
			pending = append(pending, land)
		}
	}
	w.Inject(fault)
	return func() {
		for _, land := range pending {
			land()
		}
	}
}

// underEachMishap runs a test in fake time, once for each kind of person, mishap and set
// of answers.
func underEachMishap(t *testing.T, test func(w *world, name string, m mishap, command func() *terraform)) {
	t.Helper()
	for name := range personKinds {
		for n, semantics := range fakeseam.AllPeopleSemantics() {
			t.Run(name+"/"+semantics.String(), func(t *testing.T) {
				t.Parallel()
				for _, m := range mishaps(n < 2) { // the first answers, and all rivals at once
					inTime(t, func(w *world, providerWith func(http.RoundTripper, values) *terraform) {
						w.SetSemantics(semantics)
						test(w, name, m, func() *terraform { return providerWith(nil, values{"retry_timeout": "2m"}) })
						if w.t.Failed() {
							w.t.Fatalf("with %s, and these changes: %+v", m.name, w.ObjectChanges())
						}
					})
				}
			})
		}
	}
}

// settle lets pending writes take effect, and time pass.
func (w *world) settle(land func()) {
	w.ClearFaults()
	land()
	w.SettlePages()
	w.FinishMutations()
	time.Sleep(10 * time.Minute)
}

// withACSSystem completes a configuration.
func (w *world) withACSSystem(typeName string, config values) values {
	config = maps.Clone(config)
	if typeName == acsUserRecordType {
		config["acs_system_id"] = w.system.ID
	}
	return config
}

// wantOnePerson holds that this block is the one person of its kind that was made, and in state.
func (b *resourceBlock) wantOnePerson(w *world, kind fakeseam.ObjectKind) {
	b.t.Helper()
	if left, _ := w.made(kind); len(left) != 1 || b.id() != left[0] || b.tainted {
		b.t.Errorf("the block is %q (tainted: %t), and there are %q", b.id(), b.tainted, left)
	}
}

func TestPeople_createFails(t *testing.T) {
	t.Parallel()
	underEachMishap(t, func(w *world, name string, m mishap, command func() *terraform) {
		kind := personKinds[name]
		config := w.withACSSystem(kind.typeName, kind.config)
		land := m.inject(w, kind.createRoute)
		block := command().block(kind.typeName)
		found := block.command(config)
		if _, created := w.made(kind.kind); created > 1 {
			w.t.Errorf("one create made %d people", created)
		}
		if left, _ := w.made(kind.kind); len(left) == 1 && block.state == nil {
			w.t.Errorf("a person was created, and is not in state:\n%s", found)
		}
		if len(found.errors()) == 0 && !m.fault.NoEffect {
			block.wantOnePerson(w, kind.kind)
		}
		w.settle(land)
		if left, _ := w.made(kind.kind); len(left) > 1 || len(left) == 1 && block.state == nil {
			w.t.Errorf("%q are there, and the state is %v", left, block.state)
		}
		block = block.in(command())
		block.wantNoErrors(block.command(config))
		block.wantOnePerson(w, kind.kind)
		block = block.in(command())
		block.wantNoErrors(block.refresh())
		block.wantPlanEmpty(config)
		block.wantNothingSaid(block.apply(nil))
		if left, _ := w.made(kind.kind); len(left) != 0 {
			w.t.Errorf("%q are left", left)
		}
	})
}

// Ann is there already, as the state says, and a bystander with a similar name.
func (w *world) existing(command func() *terraform, typeName string, config values) *resourceBlock {
	w.t.Helper()
	block := command().block(typeName)
	block.wantNoErrors(block.command(config))
	w.SettlePages()
	w.FinishMutations()
	return block.in(command())
}

func TestPeople_updateFails(t *testing.T) {
	t.Parallel()
	underEachMishap(t, func(w *world, name string, m mishap, command func() *terraform) {
		kind := personKinds[name]
		block := w.existing(command, kind.typeName, w.withACSSystem(kind.typeName, kind.config))
		config := w.withACSSystem(kind.typeName, kind.changed)
		land := m.inject(w, kind.update)
		found := block.command(config)
		if len(found.errors()) == 0 {
			w.wantPerson(block, config)
		}
		w.settle(land)
		block = block.in(command())
		block.wantNoErrors(block.command(config))
		w.wantPerson(block, config)
		block.wantOnePerson(w, kind.kind)
		block = block.in(command())
		w.FinishMutations()
		block.wantNoErrors(block.refresh())
		block.wantPlanEmpty(config)
		if _, created := w.made(kind.kind); created != 1 {
			w.t.Errorf("%d were created", created)
		}
	})
}

// wantPerson holds that Seam has what the configuration says, whatever is pending.
func (w *world) wantPerson(b *resourceBlock, config values) {
	w.t.Helper()
	var got fakeseam.Person
	if b.typeName == identityType {
		identity, _ := w.UserIdentity(b.id())
		got = identity.Person
	} else {
		user, _ := w.ACSUser(b.id())
		got = user.Person
		if got, want := !user.AccessSchedule.StartsAt.IsZero(), config["access_schedule"] != nil; got != want {
			w.t.Errorf("there is a schedule: %t, want %t", got, want)
		}
	}
	for name, has := range map[string]string{"full_name": got.FullName, "email_address": got.EmailAddress, "phone_number": got.PhoneNumber, "user_identity_key": got.Key} {
		if want, _ := config[name].(string); !strings.EqualFold(has, want) {
			w.t.Errorf("%s is %q in Seam, want %q", name, has, want)
		}
	}
}

func TestPeople_deleteFails(t *testing.T) {
	t.Parallel()
	underEachMishap(t, func(w *world, name string, m mishap, command func() *terraform) {
		kind := personKinds[name]
		for _, slow := range []bool{false, true} {
			w.SetDeletesTakeAWhile(slow)
			block := w.existing(command, kind.typeName, w.withACSSystem(kind.typeName, kind.config))
			land := m.inject(w, kind.deletedBy)
			found := block.command(nil)
			if left, _ := w.made(kind.kind); len(left) > 0 && block.state == nil {
				w.t.Errorf("%q is there, and not in state:\n%s", left, found)
			}
			if (len(found.errors()) > 0) != (block.state != nil) {
				w.t.Errorf("the state is %v, and it was said:\n%s", block.state, found)
			}
			w.settle(land)
			w.FinishDeletes()
			block = block.in(command())
			block.wantNoErrors(block.command(nil))
			if left, _ := w.made(kind.kind); len(left) > 0 || block.state != nil {
				w.t.Errorf("%q is there, and the state is %v", left, block.state)
			}
		}
		for _, change := range w.ObjectChanges() {
			if change.ID == w.janeID.ID || change.ID == w.johnID.ID || change.ID == w.jane.ID || change.ID == w.john.ID {
				w.t.Errorf("another person was changed: %+v", change)
			}
		}
	})
}

// An apply that is interrupted during a create keeps the person in state, and a destroy
// without a refresh finds them by their values.
func TestPeople_createInterrupted(t *testing.T) {
	t.Parallel()
	for name, kind := range personKinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, visible := range []bool{true, false} {
				w := newWorld(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				w.Inject(fakeseam.Fault{Route: kind.createRoute, Drop: fakeseam.DropAfterEffect})
				w.act(kind.createRoute, 1, func() {
					cancel()
					if !visible {
						for _, route := range []string{listIdentitiesRoute, getIdentity, listUsersRoute} {
							w.Inject(fakeseam.Fault{Route: route, Status: 503})
						}
					}
				})
				block := w.terraform().with(ctx).block(kind.typeName)
				found := block.command(w.withACSSystem(kind.typeName, kind.config))
				if block.state == nil || block.tainted == visible {
					t.Errorf("the state is %v (tainted: %t):\n%s", block.state, block.tainted, found)
				}
				w.ClearFaults()
				block = block.in(w.terraform())
				block.wantNothingSaid(block.apply(nil)) // as with -refresh=false
				if left, created := w.made(kind.kind); len(left) != 0 || created != 1 {
					t.Errorf("%d were created, and %q are left", created, left)
				}
			}
		})
	}
}

// Lists that lag, in command after command, never lose a person who was created: nothing is
// concluded from them until they have had time, and then no second one is created.
func TestPeople_listsLagInManyCommands(t *testing.T) {
	t.Parallel()
	for name, kind := range personKinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetSemantics(fakeseam.Semantics{StalePages: fakeseam.PagesFrozen, Aliases: fakeseam.AliasesNowhere})
			w.Inject(fakeseam.Fault{Route: kind.createRoute, Drop: fakeseam.DropAfterEffect, Times: 1})
			config := w.withACSSystem(kind.typeName, kind.config)
			block := w.terraform().block(kind.typeName)
			block.command(config)
			if kind.config["user_identity_key"] != nil {
				block.wantOnePerson(w, kind.kind) // by its key, without a list
				return
			}
			for range 2 {
				block = block.in(w.terraform())
				for what, found := range map[string]diagnostics{"plan": block.refresh(), "destroy -refresh=false": block.apply(nil)} {
					if block.wantError(found, "It is not known yet whether an earlier apply created it", "terraform state rm", "stays in state"); block.state == nil {
						t.Fatalf("%s forgot the one who was created", what)
					}
				}
			}
			w.SettlePages()
			w.clock.advance(listsSettle)
			block = block.in(w.terraform())
			block.wantNothingSaid(block.refresh())
			block.tainted = false // terraform untaint
			block.wantPlanEmpty(config)
			block.wantOnePerson(w, kind.kind)
		})
	}
}

// A record with the same values in another workspace is that of another person.
func TestPeople_inDoubtWithOtherKey(t *testing.T) {
	t.Parallel()
	for name, kind := range personKinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			elsewhere := w.AddWorkspace("Elsewhere")
			w.Inject(fakeseam.Fault{Route: kind.createRoute, Status: 500, Times: 1})
			block := w.terraform().block(kind.typeName)
			block.command(w.withACSSystem(kind.typeName, kind.config))
			w.AddUserIdentity(elsewhere.ID, fakeseam.Person{FullName: "Ann Lee", EmailAddress: "ann@example.com", PhoneNumber: "+15555550177", Key: "ann"})
			w.clock.advance(listsSettle)
			block = block.in(w.terraformWith(values{"endpoint": w.url, "api_key": elsewhere.APIKey}))
			for _, found := range []diagnostics{block.refresh(), block.apply(nil)} {
				if block.wantError(found, "reach workspace "+elsewhere.ID, "stays in state"); block.state == nil || block.id() != "" {
					t.Errorf("the state is %v", block.state)
				}
			}
		})
	}
}
