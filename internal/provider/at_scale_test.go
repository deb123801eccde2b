package provider

import (
	"fmt"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

const listUsersRoute = "/acs/users/list"

// crowd adds people, and returns the links of this kind that they have, or may have: each
// to an identity of their own, or all in one access group.
func (w *world) crowd(people int, linked bool) []link.Pair {
	w.t.Helper()
	pairs := make([]link.Pair, people)
	for i := range pairs {
		person := fakeseam.Person{FullName: fmt.Sprintf("Person %d", i)}
		pairs[i] = w.linkOf(w.AddUserIdentity(w.workspace.ID, person), w.AddACSUser(w.system.ID, person))
		if linked {
			w.link(pairs[i])
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

// farAway is a world 100 ms away, and a provider that reaches it, in fake time. Reads
// that are sent together are answered together, so that requests can be counted.
func farAway(t *testing.T, kind *kindOfLink) (*world, *terraform) {
	t.Helper()
	server := fakeseam.New()
	w := newWorldOf(t, server, "http://127.0.0.1").of(kind)
	w.SetLatency(100 * time.Millisecond)
	return w, w.through(inMemory{server}, seam.SystemClock{}, nil)
}

// requestsWithPages is the most that ten reads at a time need with so many pages. The
// first ten need no page. Then each page is sent together with ten reads, and another ten
// may be sent at the moment the last one arrives.
func requestsWithPages(pages int) int { return 20 + 11*pages }

func TestScale_refresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, tf := farAway(t, linksToIdentities)
		pairs := w.crowd(1000, true)
		tenAtATime(pairs, func(pair link.Pair) {
			state, found := tf.read(w.linkState(pair))
			tf.wantNothingSaid(found)
			if state == nil {
				t.Errorf("%v was removed from state", pair)
			}
		})
		// 1002 ACS users: the last two need a page and two reads at most.
		if n, most := w.Count(""), requestsWithPages(2)+3; n > most {
			t.Errorf("%d requests to refresh 1000 links, want at most %d", n, most)
		}
	})
}

// One read of an access group answers for all of its members.
func TestScale_refreshMembers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, tf := farAway(t, membershipsInGroups)
		tenAtATime(w.crowd(300, true), func(pair link.Pair) {
			state, found := tf.read(w.linkState(pair))
			tf.wantNothingSaid(found)
			if state == nil {
				t.Errorf("%v was removed from state", pair)
			}
		})
		if n := w.Count(""); n > 20 || w.Count(listMembersRoute) != 1 {
			t.Errorf("%d requests to refresh 300 memberships, %d of them for the members, want at most 20 and one", n, w.Count(listMembersRoute))
		}
	})
}

// A link that is to be created may be in any access system: the list of the whole
// workspace says that its ACS user is not linked.
func TestScale_planCreations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, tf := farAway(t, linksToIdentities)
		pairs := w.crowd(1000, false)
		for i := range pairs {
			if i%2 == 0 { // in two access systems
				pairs[i].ACSUserID = w.AddACSUser(w.garage.ID, fakeseam.Person{FullName: fmt.Sprintf("Person %d", i)}).ID
			}
		}
		tenAtATime(pairs, func(pair link.Pair) {
			_, _, found := tf.plan(nil, configOf(pair))
			tf.wantNothingSaid(found)
		})
		// 1502 ACS users: the last two need a page and two reads at most.
		if n, most := w.Count(""), requestsWithPages(3)+3; n > most {
			t.Errorf("%d requests to plan 1000 links, want at most %d", n, most)
		}
	})
}

// Drift is found among links that are not read one by one.
func TestScale_drift(t *testing.T) {
	t.Parallel()
	for _, kind := range kindsOfLinks {
		t.Run(kind.noun, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, tf := farAway(t, kind)
				pairs := w.crowd(300, true)
				w.unlink(pairs[50])
				w.crossed(pairs[150:151])
				w.DeleteACSUser(pairs[250].ACSUserID)
				drifted := map[link.Pair]string{
					pairs[50]: "removed outside Terraform", pairs[150]: "utside Terraform", pairs[250]: "deleted outside Terraform",
				}
				tenAtATime(pairs, func(pair link.Pair) {
					state, found := tf.read(w.linkState(pair))
					if said, ok := drifted[pair]; ok {
						tf.wantWarning(found, pair.ACSUserID, said)
						if state != nil {
							t.Errorf("%v is still in state", pair)
						}
						return
					}
					tf.wantNothingSaid(found)
					if state == nil {
						t.Errorf("%v was removed from state", pair)
					}
				})
				// Each of the three is read, and both identities of the one that is linked to
				// another, and the workspace and the access system of the one that is gone. To
				// say that an ACS user is no member takes four requests: its access groups,
				// itself, its access groups again, and the access group.
				most := requestsWithPages(1) + 3 + 2 + 2
				if kind == membershipsInGroups {
					most = 20 + 4 + 4 + 2 + 2
				}
				if n := w.Count(""); n > most {
					t.Errorf("%d requests, want at most %d", n, most)
				}
			})
		})
	}
}

// A write is decided on direct reads, however many there are: of both ends for an add, of
// the link for a removal, and once more to verify it.
func TestScale_writes(t *testing.T) {
	t.Parallel()
	const links = 300
	eachKind(t, func(w *world) {
		pairs := w.crowd(links, false)
		tf := w.terraform()
		wantRequests := func(want map[string]int) {
			w.t.Helper()
			got := map[string]int{}
			for _, request := range w.Requests() {
				got[request.Route]++
			}
			if !maps.Equal(got, want) {
				w.t.Errorf("the requests are %v, want %v", got, want)
			}
			w.ResetRequests()
		}
		tenAtATime(pairs, func(pair link.Pair) {
			_, found := tf.create(pair)
			tf.wantNothingSaid(found)
		})
		if w.kind == membershipsInGroups {
			wantRequests(map[string]int{getUserRoute: links, listGroupsRoute: links, getGroupRoute: links, addMemberRoute: links})
		} else {
			wantRequests(map[string]int{getUserRoute: links, getIdentity: links, addRoute: links})
		}

		tf = w.terraform()
		tenAtATime(pairs, func(pair link.Pair) {
			_, found := tf.destroy(w.linkState(pair))
			tf.wantNothingSaid(found)
		})
		if w.kind == membershipsInGroups {
			// Without the group in the list of those of an ACS user, the ACS user tells
			// whether it is about to be in it, and the access system whether it is in sight.
			wantRequests(map[string]int{getUserRoute: links, listGroupsRoute: 2 * links, removeMemberRoute: links, "/acs/systems/get": 1})
		} else {
			wantRequests(map[string]int{getUserRoute: 2 * links, removeRoute: links})
		}
		if left := w.links(); left != 0 {
			w.t.Errorf("%d links are left", left)
		}
	})
}

// While a plan is applied, Terraform plans each creation again. From the first write on,
// that sends no requests, and the creation finds the conflict.
func TestScale_planWhileApplying(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		pairs := w.crowd(2, false)
		tf := w.terraform()
		_, found := tf.create(pairs[0])
		tf.wantNothingSaid(found)
		last := pairs[1]
		w.crossed(pairs[1:])
		w.ResetRequests()
		_, _, found = tf.plan(nil, configOf(last))
		tf.wantNothingSaid(found)
		w.wantNoRequests()
		_, found = tf.create(last)
		tf.wantError(found, last.ACSUserID, w.crossedError())
	})
}

// Lists that lag behind never lead to a write: a link that another process made is found,
// and neither moved nor removed.
func TestScale_conflictWhileListsLag(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetSemantics(fakeseam.Semantics{
		StalePages: fakeseam.PagesLag, AddSecondInSystem: fakeseam.AddSecondInSystemBothStay, AddHeldElsewhere: fakeseam.AddHeldElsewhereMoves, RemoveHeldElsewhere: fakeseam.RemoveHeldElsewhereCuts,
	})
	pairs := w.crowd(100, false)
	others := w.terraform()
	tenAtATime(pairs, func(pair link.Pair) { // another process links them all, through the API
		_, found := others.create(link.ToIdentity(w.johnID.ID, pair.ACSUserID))
		others.wantNothingSaid(found)
	})
	adds := w.Count(addRoute)

	tf := w.terraform()
	tenAtATime(pairs[:50], func(pair link.Pair) { // as a plan does, with pages that lag
		_, _, _ = tf.plan(nil, configOf(pair))
	})
	if w.Count(listUsersRoute) == 0 {
		t.Error("no page was fetched, so this shows nothing")
	}
	tenAtATime(pairs, func(pair link.Pair) {
		state, found := tf.create(pair)
		tf.wantError(found, isHeldBy(pair.ACSUserID, w.johnID.ID))
		if state != nil {
			t.Errorf("%v is in state", pair)
		}
		state, found = tf.destroy(w.linkState(pair))
		tf.wantNothingSaid(found)
		if state != nil {
			t.Errorf("%v is still in state", pair)
		}
	})
	if n := w.Count(addRoute); n != adds || w.Count(removeRoute) != 0 {
		t.Errorf("%d adds and %d removes were sent, want none", n-adds, w.Count(removeRoute))
	}
}
