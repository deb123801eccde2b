package provider

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// What users of links can rely on when Seam is late, down, or ignores a request.

// inTime runs a test for each kind of link, in which nothing but the waits takes time, and
// no wait takes any: a world that is reached without a network, and providers for it.
func inTime(t *testing.T, test func(w *world, providerWith func(http.RoundTripper, values) *terraform)) {
	t.Helper()
	for _, kind := range kindsOfLinks {
		t.Run(kind.noun, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := fakeseam.New()
				w := newWorldOf(t, server, "http://127.0.0.1").of(kind)
				test(w, func(transport http.RoundTripper, config values) *terraform {
					if transport == nil {
						transport = inMemory{server}
					}
					return w.through(transport, seam.SystemClock{}, config)
				})
			})
		})
	}
}

// unreachable is what a closed port is to a request.
type unreachable struct{}

func (unreachable) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("dial tcp 127.0.0.1:1: connect: connection refused")
}

// crossed has another user make the links who is not refused: to John instead, or those
// memberships that there are not, and end those that there are.
func (w *world) crossed(pairs []link.Pair) {
	for _, pair := range pairs {
		switch {
		case w.kind == linksToIdentities:
			w.Link(w.johnID.ID, pair.ACSUserID)
		case w.isLinked(pair):
			w.unlink(pair)
		default:
			w.link(pair)
		}
	}
}

// crossedError is what a creation says of a link that was crossed.
func (w *world) crossedError() string {
	if w.kind == membershipsInGroups {
		return "The membership exists already."
	}
	return "linked to user identity " + w.johnID.ID
}

// careless is a Seam that moves and removes whatever it is asked to, and whose lists
// show no change.
var careless = fakeseam.Semantics{
	StalePages: fakeseam.PagesFrozen, AddHeldElsewhere: fakeseam.AddHeldElsewhereMoves,
	AddSecondInSystem: fakeseam.AddSecondInSystemBothStay, RemoveHeldElsewhere: fakeseam.RemoveHeldElsewhereCuts,
}

// The link of another process is neither moved nor removed, whatever lists show.
func TestLink_changedWhileListsLag(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		linked, unlinked := w.crowd(60, true), w.crowd(60, false)
		w.SetSemantics(careless)
		w.crossed(linked)
		w.crossed(unlinked)
		tf := w.terraform()
		tenAtATime(linked, func(pair link.Pair) { tf.read(w.linkState(pair)) })
		tenAtATime(unlinked, func(pair link.Pair) {
			tf.plan(nil, configOf(pair))
		})
		if w.Count(w.kind.listRoute) == 0 {
			w.t.Error("no list was fetched: the test shows nothing")
		}
		tenAtATime(unlinked, func(pair link.Pair) {
			state, found := tf.create(pair)
			tf.wantError(found, pair.ACSUserID, pair.TargetID, w.crossedError(), "No changes were made")
			if state != nil {
				w.t.Errorf("the state of a link that was not added is %v", state)
			}
		})
		tenAtATime(linked, func(pair link.Pair) {
			state, found := tf.destroy(w.linkState(pair))
			tf.wantNothingSaid(found)
			if state != nil {
				w.t.Errorf("the state of a link that is gone is %v", state)
			}
		})
		w.wantNoWrites()
	})
}

// A Seam that ignores removals from some time on leaves links, and no destroy says
// otherwise.
func TestDelete_ignoredFromSomeTimeOn(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		pairs := w.crowd(30, true)
		w.Inject(fakeseam.Fault{Route: w.kind.removeRoute, Skip: 12, NoEffect: true})
		tf := w.terraform()
		var mu sync.Mutex
		removed := 0
		tenAtATime(pairs, func(pair link.Pair) {
			state, found := tf.destroy(w.linkState(pair))
			mu.Lock()
			defer mu.Unlock()
			if !w.isLinked(pair) {
				removed++
				tf.wantNothingSaid(found)
				return
			}
			tf.wantError(found, pair.ACSUserID, pair.TargetID, "Seam accepted the request to remove the "+w.kind.noun+", and it had no effect", w.stays())
			if !maps.Equal(state, w.linkState(pair)) {
				w.t.Errorf("the state of a link that is there is %v", state)
			}
		})
		if removed != 12 {
			w.t.Errorf("%d links were removed, want 12", removed)
		}
		if n := w.Count(w.kind.removeRoute); n != 30 {
			w.t.Errorf("%d removes were sent, want one for each link", n)
		}
	})
}

// failures are what may become of a request whose effect comes later.
func failures() map[string]fakeseam.Fault {
	return map[string]fakeseam.Fault{
		"408":     {Status: 408},
		"500":     {Status: 500},
		"502":     {Status: 502, HTML: true},
		"503":     {Status: 503},
		"504":     {Status: 504},
		"reset":   {Drop: fakeseam.DropBeforeEffect},
		"cut off": {CutBody: true},
		"hang":    {Hang: time.Hour},
		"no JSON": {HTML: true},
	}
}

// However an add fails, and whenever it takes effect, the state knows of the link.
func TestCreate_landsLater(t *testing.T) {
	t.Parallel()
	for name, fault := range failures() {
		for _, when := range []struct {
			name         string
			after        time.Duration // 0: when the operation has ended
			retryTimeout string
			said         []string
		}{
			{"while it is retried", 45 * time.Second, "5m", nil},
			{"after the last read", 0, "0s", []string{"It is not known whether the ", " was added", "tainted"}},
			{"after all retries", 0, "2m", []string{"It is not known whether the ", " was added", "tainted"}},
		} {
			t.Run(name+" "+when.name, func(t *testing.T) {
				t.Parallel()
				inTime(t, func(w *world, providerWith func(http.RoundTripper, values) *terraform) {
					var first func()
					fault := fault // the three tests of a fault run at once
					fault.Route = w.kind.addRoute
					fault.Later = func(land func()) {
						switch {
						case first != nil: // one is enough
						case when.after > 0:
							first = land
							time.AfterFunc(when.after, land)
						default:
							first = land
						}
					}
					w.Inject(fault)
					tf := providerWith(nil, values{"retry_timeout": when.retryTimeout})
					state, found := tf.create(w.janesLink())
					if when.said == nil {
						tf.wantNothingSaid(found)
					} else {
						tf.wantError(found, when.said...)
						w.wantLinked(w.janesLink(), false)
						first()
					}
					w.wantLinked(w.janesLink(), true)
					if !maps.Equal(state, w.linkState(w.janesLink())) {
						w.t.Fatalf("the state is %v, want the whole link", state)
					}
					state, found = tf.destroy(state) // as a tainted link is
					tf.wantNothingSaid(found)
					if state != nil {
						w.t.Errorf("the state is %v after the destroy", state)
					}
					w.wantLinked(w.janesLink(), false)
				})
			})
		}
	}
}

// A write that was accepted is not sent again while reads do not show it.
func TestWrites_getsLag(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		pairs := w.crowd(20, false)
		tf := w.terraform()
		for _, write := range []struct {
			route string
			send  func(link.Pair) (values, diagnostics)
		}{
			{w.kind.addRoute, tf.create},
			{w.kind.removeRoute, func(pair link.Pair) (values, diagnostics) { return tf.destroy(w.linkState(pair)) }},
		} {
			w.SetGetLag(3)
			w.ResetRequests()
			tenAtATime(pairs, func(pair link.Pair) {
				state, found := write.send(pair)
				tf.wantNothingSaid(found)
				if (state == nil) != (write.route == w.kind.removeRoute) {
					w.t.Errorf("the state is %v after %s", state, write.route)
				}
			})
			if w.writes() != len(pairs) || w.Count(write.route) != len(pairs) {
				w.t.Errorf("%d writes, %d of them %s, want one for each link", w.writes(), w.Count(write.route), write.route)
			}
		}
		if n := w.links(); n != 0 {
			w.t.Errorf("%d links are left", n)
		}
	})
}

// A plan and its apply are processes of their own, and an apply plans each creation
// once more. With Seam down they take one retry_timeout all the same, or nearly so.
func TestCreate_seamIsDown(t *testing.T) {
	t.Parallel()
	const retryTimeout = 5 * time.Minute
	for name, transport := range map[string]func(*world) http.RoundTripper{
		"closed port":  func(*world) http.RoundTripper { return unreachable{} },
		"503 for ever": func(w *world) http.RoundTripper { return inMemory{w.Server} },
		"silence":      func(w *world) http.RoundTripper { return silent{inMemory{w.Server}, w.kind.readRoute} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inTime(t, func(w *world, providerWith func(http.RoundTripper, values) *terraform) {
				if name == "503 for ever" {
					w.Inject(fakeseam.Fault{Status: 503})
				}
				began := time.Now()
				for _, step := range []string{"plan", "apply"} {
					tf := providerWith(transport(w), values{"retry_timeout": retryTimeout.String()})
					_, _, found := tf.plan(nil, configOf(w.janesLink()))
					tf.wantWarning(found, w.kind.Noun()+" not checked for conflicts")
					if step == "apply" {
						state, found := tf.create(w.janesLink())
						tf.wantError(found, fmt.Sprintf(w.kind.cannot, w.jane.ID, w.janesLink().TargetID))
						if state != nil {
							w.t.Errorf("the state is %v, and nothing was sent", state)
						}
					}
				}
				if took := time.Since(began); took > retryTimeout+time.Minute {
					w.t.Errorf("took %s, want about %s", took, retryTimeout)
				}
				w.wantNoWrites()
			})
		})
	}
}

// Whoever plans waits ten seconds at most for what a plan can do without.
func TestPlan_conflictChecksTogether(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]func(*world) http.RoundTripper{
		"closed port":  func(*world) http.RoundTripper { return unreachable{} },
		"503 for ever": func(w *world) http.RoundTripper { return inMemory{w.Server} },
		"silence":      func(w *world) http.RoundTripper { return silent{inMemory{w.Server}, w.kind.readRoute} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inTime(t, func(w *world, providerWith func(http.RoundTripper, values) *terraform) {
				pairs := w.crowd(100, false)
				if name == "503 for ever" {
					w.Inject(fakeseam.Fault{Status: 503})
				}
				tf := providerWith(transport(w), nil)
				began := time.Now()
				tenAtATime(pairs, func(pair link.Pair) {
					_, _, found := tf.plan(nil, configOf(pair))
					tf.wantWarning(found, w.kind.Noun()+" not checked for conflicts\n", pair.ACSUserID) // one summary, to be folded
				})
				if took := time.Since(began); took > 10*time.Second {
					w.t.Errorf("the plan took %s, want 10s at most", took)
				}
			})
		})
	}
}

// While the access system is out of sight, nothing is concluded from what is missing.
func TestLink_systemOutOfSight(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		pairs := w.crowd(30, true)
		w.HideSystem(w.system.ID, true)
		tf := w.terraform()
		w.SetLatency(5 * time.Millisecond) // so that ten ask at the same time
		for _, do := range []func(values) (values, diagnostics){tf.read, tf.destroy} {
			tenAtATime(pairs, func(pair link.Pair) {
				state, found := do(w.linkState(pair))
				tf.wantError(found, pair.ACSUserID, w.system.ID, w.stays())
				if !maps.Equal(state, w.linkState(pair)) {
					w.t.Errorf("the state is %v", state)
				}
			})
		}
		if n := w.Count("/acs/systems/get"); n != 1 {
			w.t.Errorf("the access system was asked for %d times, want once", n)
		}
		w.wantNoWrites()
		w.HideSystem(w.system.ID, false)
		if n := w.links(); n != len(pairs) {
			w.t.Errorf("%d links are left of %d", n, len(pairs))
		}
	})
}

// A list that may end too early, or never, is worth nothing: what it does not show
// is read.
func TestRead_contradictoryPagination(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(map[string]any){
		"missing":                   func(body map[string]any) { delete(body, "pagination") },
		"null":                      func(body map[string]any) { body["pagination"] = nil },
		"empty":                     func(body map[string]any) { body["pagination"] = map[string]any{} },
		"a next page and no cursor": func(body map[string]any) { body["pagination"] = map[string]any{"has_next_page": true} },
		"a cursor and no next page": func(body map[string]any) {
			body["pagination"] = map[string]any{"has_next_page": false, "next_page_cursor": "W10="}
		},
		"the end, too early": func(body map[string]any) {
			users, _ := body["acs_users"].([]any)
			body["acs_users"] = users[:min(len(users), 5)]
			body["pagination"] = map[string]any{"has_next_page": false, "next_page_cursor": nil, "next_page_url": nil}
		},
		"in circles": func(body map[string]any) {
			body["pagination"] = map[string]any{"has_next_page": true, "next_page_cursor": "WyIiLHsiYWZ0ZXIiOjB9XQ==", "next_page_url": nil}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			pairs := w.crowd(100, true)
			w.Inject(fakeseam.Fault{Route: listUsersRoute, Edit: edit})
			drifted := map[link.Pair]bool{}
			for n, pair := range pairs {
				if n%20 == 19 {
					drifted[pair] = true
					w.Unlink(pair.ACSUserID)
				}
			}
			tf := w.terraform()
			tenAtATime(pairs, func(pair link.Pair) {
				state, found := tf.read(w.linkState(pair))
				if drifted[pair] {
					tf.wantWarning(found, pair.ACSUserID, "The link was removed outside Terraform.")
				} else {
					tf.wantNothingSaid(found)
				}
				if (state == nil) != drifted[pair] {
					t.Errorf("the state of %v is %v", pair, state)
				}
			})
			if w.Count(listUsersRoute) == 0 {
				t.Error("no list was fetched: the test shows nothing")
			}
			if n := w.Count(""); n > 120 {
				t.Errorf("%d requests for 100 links, want at most 120", n)
			}
		})
	}
}

// The plan of a creation is no second resource in the state, whichever comes first.
func TestRead_afterThePlanOfTheSameLink(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.link(w.janesLink())
		tf := w.terraform()
		tf.plan(nil, configOf(w.janesLink()))
		_, found := tf.read(w.linkState(w.janesLink()))
		tf.wantNothingSaid(found)
		again := w.janesLink()
		again.TargetID = strings.ToUpper(again.TargetID)
		_, found = tf.read(w.linkState(again))
		tf.wantWarning(found, "Two resources in state manage one "+w.kind.noun, w.jane.ID)
	})
}

// meeting is a place where so many requests wait for one another.
type meeting struct {
	t       *testing.T
	all     chan struct{}
	mu      sync.Mutex
	missing int
}

func (w *world) newMeeting(of int) *meeting {
	return &meeting{t: w.t, all: make(chan struct{}), missing: of}
}

func (m *meeting) await(what string) {
	m.mu.Lock()
	if m.missing--; m.missing == 0 {
		close(m.all)
	}
	m.mu.Unlock()
	select {
	case <-m.all:
	case <-time.After(20 * time.Second):
		m.t.Errorf("%s waits for another request, which does not come", what)
	}
}

// The reads of a creation are one round trip.
func TestCreate_readsAtTheSameTime(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		all := w.newMeeting(w.kind.endReads)
		w.OnRequest(func(r fakeseam.Request) {
			if r.Route != w.kind.addRoute {
				all.await(r.Route)
			}
		})
		tf := w.terraform()
		_, found := tf.create(w.janesLink())
		tf.wantNothingSaid(found)
		if n := w.Count(""); n != w.kind.endReads+1 {
			w.t.Errorf("%d requests for a creation, want %d", n, w.kind.endReads+1)
		}
	})
}

// messages are what Seam might say, in scripts that tests easily forget.
var messages = []string{
	"Der ACS-Benutzer „Jörg“ ist gesperrt – bitte prüfen.",
	"ACSユーザーは別の建物に属しています。",
	"المستخدم مرتبط بحساب آخر.",
	"המשתמש כבר מקושר.",
	"उपयोगकर्ता नहीं मिला।",
	"Пользователь не найден 🚪🔑.",
	"کاربر پیدا نمی\u200cشود.", // with a zero-width non-joiner, which Persian is spelled with
}

func TestCreate_messagesInAnyScript(t *testing.T) {
	t.Parallel()
	for _, message := range messages {
		eachKind(t, func(w *world) {
			w.Inject(refusal(w.kind.addRoute, message))
			tf := w.terraform()
			_, found := tf.create(w.janesLink())
			tf.wantError(found, ": "+message+"\n")
		})
	}
}

// refusal is an add that Seam refuses with this message.
func refusal(route, message string) fakeseam.Fault {
	return fakeseam.Fault{Route: route, Status: 400, Body: fmt.Sprintf(`{"ok":false,"error":{"type":"invalid_input","message":%q}}`, message)}
}
