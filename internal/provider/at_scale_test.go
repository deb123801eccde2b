package provider

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
)

const listUsersRoute = "/acs/users/list"

// crowd adds people who are ACS users and user identities, linked or not.
func (w *world) crowd(people int, linked bool) []link.Pair {
	w.t.Helper()
	pairs := make([]link.Pair, people)
	for i := range pairs {
		person := fakeseam.Person{FullName: fmt.Sprintf("Person %d", i)}
		pairs[i] = link.Pair{
			ACSUserID:      w.AddACSUser(w.system.ID, person).ID,
			UserIdentityID: w.AddUserIdentity(w.workspace.ID, person).ID,
		}
		if linked {
			w.Link(pairs[i].UserIdentityID, pairs[i].ACSUserID)
		}
	}
	return pairs
}

// tenAtATime is how Terraform works through resources.
func tenAtATime[T any](items []T, do func(T)) {
	queue := make(chan T)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for item := range queue {
				do(item)
			}
		})
	}
	for _, item := range items {
		queue <- item
	}
	close(queue)
	wg.Wait()
}

// advance lets time pass.
func (c *hurriedClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

func TestScale_refresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pairs := w.crowd(1000, true)
	tf := w.terraform()
	tenAtATime(pairs, func(pair link.Pair) {
		state, found := tf.read(w.linkState(pair))
		tf.wantNothingSaid(found)
		if state == nil {
			t.Errorf("%v was dropped from the state", pair)
		}
	})
	if n := w.Count(""); n > 22 {
		t.Errorf("%d requests to refresh 1000 links, want at most 22", n)
	}
	if n := w.Connections(); n > 10 {
		t.Errorf("%d connections, want at most 10", n)
	}
}

// Drift is found among links that are not read one by one.
func TestScale_drift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pairs := w.crowd(300, true)
	w.Unlink(pairs[50].ACSUserID)
	w.Link(w.johnID.ID, pairs[150].ACSUserID)
	w.DeleteACSUser(pairs[250].ACSUserID)
	drifted := map[link.Pair]string{
		pairs[50]: "removed outside Terraform", pairs[150]: w.johnID.ID, pairs[250]: "deleted outside Terraform",
	}
	tf := w.terraform()
	tenAtATime(pairs, func(pair link.Pair) {
		state, found := tf.read(w.linkState(pair))
		if said, ok := drifted[pair]; ok {
			tf.wantWarning(found, pair.ACSUserID, said)
			if state != nil {
				t.Errorf("%v is still in the state", pair)
			}
			return
		}
		tf.wantNothingSaid(found)
	})
	if n := w.Count(""); n > 30 {
		t.Errorf("%d requests, want at most 30", n)
	}
}

// A creation is little more than its write, and so is a removal, once lists have
// shown that they are fresh and Seam that it keeps its word, or the command is old
// enough.
func TestScale_writes(t *testing.T) {
	t.Parallel()
	for name, age := range map[string]time.Duration{"just begun": 0, "settled": time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			pairs := w.crowd(300, false)
			tf := w.terraform()
			w.clock.advance(age)
			tenAtATime(pairs, func(pair link.Pair) {
				_, found := tf.create(pair)
				tf.wantNothingSaid(found)
			})
			if n := w.Count("") - w.Count(addRoute); n > 120 {
				t.Errorf("%d requests beside 300 adds, want at most 120", n)
			}
			w.ResetRequests()
			tf = w.terraform()
			w.clock.advance(age)
			tenAtATime(pairs, func(pair link.Pair) {
				_, found := tf.destroy(w.linkState(pair))
				tf.wantNothingSaid(found)
			})
			if n := w.Count("") - w.Count(removeRoute); n > 150 {
				t.Errorf("%d requests beside 300 removes, want at most 150", n)
			}
			if links := w.Links(); len(links) != 0 {
				t.Errorf("%d links are left", len(links))
			}
		})
	}
}

// While a plan is applied, Terraform plans each creation again. That asks Seam for
// nothing, and the creation finds the conflict.
func TestScale_planWhileApplying(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pairs := w.crowd(21, false)
	tf := w.terraform()
	for _, pair := range pairs[:20] {
		_, found := tf.create(pair)
		tf.wantNothingSaid(found)
	}
	last := pairs[20]
	w.Link(w.johnID.ID, last.ACSUserID)
	w.ResetRequests()
	_, _, found := tf.plan(nil, values{"user_identity_id": last.UserIdentityID, "acs_user_id": last.ACSUserID})
	tf.wantNothingSaid(found)
	if n := w.Count(""); n != 0 {
		t.Errorf("%d requests for a plan, want none", n)
	}
	_, found = tf.create(last)
	tf.wantError(found, w.johnID.ID, "never moved")
}

// A conflict that was there when the command began is caught, also while lists
// do not show it yet.
func TestScale_conflictWhileListsLag(t *testing.T) {
	t.Parallel()
	for name, passes := range map[string]func(w *world){
		"just begun": func(*world) {},
		"settled": func(w *world) {
			w.SettlePages()
			w.clock.advance(11 * time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetSemantics(fakeseam.Semantics{
				StalePages: fakeseam.PagesLag, AddSecondInSystem: fakeseam.AddSecondInSystemBothStay, AddHeldElsewhere: fakeseam.AddHeldElsewhereMoves, RemoveHeldElsewhere: fakeseam.RemoveHeldElsewhereCuts,
			})
			pairs := w.crowd(100, false)
			others := w.terraform()
			tenAtATime(pairs, func(pair link.Pair) { // somebody links them all, through the API
				_, found := others.create(link.Pair{ACSUserID: pair.ACSUserID, UserIdentityID: w.johnID.ID})
				others.wantNothingSaid(found)
			})
			adds := w.Count(addRoute)

			tf := w.terraform()
			tenAtATime(pairs[:50], func(pair link.Pair) { // as a plan does, from pages that lag
				_, _, _ = tf.plan(nil, values{"user_identity_id": pair.UserIdentityID, "acs_user_id": pair.ACSUserID})
			})
			passes(w)
			tenAtATime(pairs, func(pair link.Pair) {
				state, found := tf.create(pair)
				tf.wantError(found, w.johnID.ID, "never moved")
				if state != nil {
					t.Errorf("%v is in the state", pair)
				}
				state, found = tf.destroy(w.linkState(pair))
				tf.wantNothingSaid(found)
				if state != nil {
					t.Errorf("%v is still in the state", pair)
				}
			})
			if n := w.Count(addRoute); n != adds || w.Count(removeRoute) != 0 {
				t.Errorf("%d adds and %d removes were sent, want none", n-adds, w.Count(removeRoute))
			}
		})
	}
}
