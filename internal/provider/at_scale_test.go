package provider

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
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

// tenAtATime works through items as Terraform works through resources.
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

// farAway returns a world 100 ms away and a provider for it, in fake time: reads that are
// sent together get their responses together, so that the number of requests is known.
func farAway(t *testing.T, kind *kindOfLink) (*world, *terraform) {
	t.Helper()
	server := fakeseam.New()
	w := newWorldOf(t, server, "http://127.0.0.1").of(kind)
	w.SetLatency(100 * time.Millisecond)
	return w, w.through(inMemory{server}, seam.SystemClock{}, nil)
}

// requestsWithPages returns how many requests ten reads at a time need at most while that
// many pages are fetched. The first ten fetch no page. Then each page is requested together
// with ten reads, and another ten may be sent at the moment the last one arrives.
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

// One read of an access group confirms all of its members.
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

// The plan of a new link does not know the access system: the list of the workspace shows
// that its ACS user is not linked.
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
				// another, and the workspace and the access system of the deleted one. Four
				// requests show that an ACS user is not a member: its access groups, itself, its
				// access groups again, and the access group.
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

// Every write rests on direct reads: of both ends before an add, of the link before a removal
// and after it.
func TestScale_writes(t *testing.T) {
	t.Parallel()
	const links = 30
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
			// If the groups of an ACS user lack the group, the ACS user shows whether it is
			// pending, and the access system whether it is visible.
			wantRequests(map[string]int{getUserRoute: links, listGroupsRoute: 2 * links, removeMemberRoute: links, "/acs/systems/get": 1})
		} else {
			wantRequests(map[string]int{getUserRoute: 2 * links, removeRoute: links})
		}
	})
}

// During an apply, Terraform plans each creation again. From the first write on, that plan
// sends no requests, and the creation itself finds the conflict.
func TestScale_planWhileApplying(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		for name, write := range map[string]func(tf *terraform, pair link.Pair) diagnostics{
			"add": func(tf *terraform, pair link.Pair) diagnostics { _, found := tf.create(pair); return found },
			"remove": func(tf *terraform, pair link.Pair) diagnostics {
				_, found := tf.destroy(w.linkState(pair))
				return found
			},
		} {
			pairs := w.crowd(2, false)
			tf := w.terraform()
			tf.wantNothingSaid(write(tf, pairs[0]))
			w.crossed(pairs[1:])
			w.ResetRequests()
			_, _, found := tf.plan(nil, configOf(pairs[1]))
			tf.wantNothingSaid(found)
			if n := w.Count(""); n != 0 {
				w.t.Errorf("%d requests to plan a creation after the first %s", n, name)
			}
			_, found = tf.create(pairs[1])
			tf.wantError(found, pairs[1].ACSUserID, w.crossedError())
		}
	})
}

// A hundred operations at once under a rate limit all succeed, and none sends a request
// while a Retry-After runs.
func TestScale_rateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, tf := farAway(t, linksToIdentities)
		w.SetRateLimit(30, 2*time.Second)
		pairs := w.crowd(100, false)
		atOnce := func(links int, do func(pair link.Pair) diagnostics) {
			t.Helper()
			var all sync.WaitGroup
			for _, pair := range pairs {
				all.Go(func() { tf.wantNothingSaid(do(pair)) })
			}
			all.Wait()
			if n := len(w.Links()); n != links {
				t.Errorf("Seam has %d links, want %d", n, links)
			}
		}
		atOnce(len(pairs), func(pair link.Pair) diagnostics { _, found := tf.create(pair); return found })
		atOnce(len(pairs), func(pair link.Pair) diagnostics { _, found := tf.read(w.linkState(pair)); return found })
		atOnce(0, func(pair link.Pair) diagnostics { _, found := tf.destroy(w.linkState(pair)); return found })
		if !slices.ContainsFunc(w.Requests(), func(r fakeseam.Request) bool { return r.Status == http.StatusTooManyRequests }) {
			t.Error("no request was throttled: the test shows nothing")
		}
		if n := w.ViolationsAfterStop(); n != 0 {
			t.Errorf("%d requests were sent while a Retry-After ran", n)
		}
	})
}
