package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func TestMain(m *testing.M) { testbed.Tests{M: m}.Run() }

// Two storms that are short and yet hold a bit of everything.
func TestAccChaos(t *testing.T) {
	t.Parallel()
	all, err := run(t.Context(), testbed.SharedBed(t), options{seed: 307, storms: 2, links: 16}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if n := all.counts; n["storm"] != 2 || n["command"] < 6 || n["request"] == 0 || n["fault"] == 0 {
		t.Errorf("there was no storm: %v", n)
	}
	if len(all.violations) > 0 {
		t.Errorf("there are violations: %q", all.violations)
	}
}

// testStorm is a storm without a CLI, in which a test plays the provider.
type testStorm struct {
	*storm
	t        *testing.T
	url, key string
	planned  time.Time // when the plan of the command was complete
	next     string    // the kind of fault that the next write meets
}

func newTestStorm(t *testing.T) *testStorm {
	t.Helper()
	s := newStorm(1, 4, t.Logf)
	seam := testbed.ServeTest(t, s.seam)
	s.cli = &testbed.CLI{WorkDir: t.TempDir()}
	test := &testStorm{storm: s, t: t, url: seam.URL, key: seam.Workspaces()[0].APIKey}
	s.seam.OnRequest(func(r fakeseam.Request) {
		at := slices.IndexFunc(kindsOfFault, func(k kindOfFault) bool { return k.name == test.next })
		if at >= 0 && isWrite(r.Route) {
			s.faults.mu.Lock()
			defer s.faults.mu.Unlock()
			s.faults.inject(kindsOfFault[at], r)
		}
	})
	return test
}

// sends plays the provider, which sends a request.
func (s *testStorm) sends(route string, body map[string]string) {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+route, strings.NewReader(string(text)))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.key)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	response.Body.Close()
}

func (s *testStorm) reads(pair fakeseam.Link) {
	s.t.Helper()
	s.sends("/acs/users/get", map[string]string{"acs_user_id": pair.ACSUserID})
}

func (s *testStorm) adds(pair fakeseam.Link) {
	s.t.Helper()
	s.sends(addRoute, map[string]string{"acs_user_id": pair.ACSUserID, "user_identity_id": pair.UserIdentityID})
}

func (s *testStorm) removes(pair fakeseam.Link) {
	s.t.Helper()
	s.sends(removeRoute, map[string]string{"acs_user_id": pair.ACSUserID, "user_identity_id": pair.UserIdentityID})
}

func (s *testStorm) readsAndAdds(pair fakeseam.Link) {
	s.t.Helper()
	s.reads(pair)
	s.adds(pair)
}

func (s *testStorm) readsAndRemoves(pair fakeseam.Link) {
	s.t.Helper()
	s.reads(pair)
	s.removes(pair)
}

// saves writes the state.
func (s *testStorm) saves(pairs ...fakeseam.Link) {
	s.t.Helper()
	type attributes struct {
		UserIdentityID string `json:"user_identity_id"`
		ACSUserID      string `json:"acs_user_id"`
	}
	type instance struct {
		Attributes attributes `json:"attributes"`
	}
	instances := []instance{}
	for _, pair := range pairs {
		instances = append(instances, instance{attributes(pair)})
	}
	text, err := json.Marshal(map[string]any{"resources": []any{map[string]any{"mode": "managed", "type": "seam_user_identity_acs_user", "instances": instances}}})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cli.Write(testbed.StateFile, string(text)); err != nil {
		s.t.Fatal(err)
	}
}

// ends is the success of a command that saves these links in the state.
func (s *testStorm) ends(c command, pairs ...fakeseam.Link) {
	s.t.Helper()
	s.saves(pairs...)
	if err := s.end(c, result{planned: s.planned}); err != nil {
		s.t.Fatal(err)
	}
}

// The invariants find what a provider must not do. The first case is a provider that
// does it right.
func TestInvariants(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		play  func(*testStorm)
		races int
		want  []string // the beginnings or parts of what is found
	}{
		"all is well": {func(s *testStorm) {
			c := s.mustBegin(s.pairs[0], s.pairs[1])
			for _, pair := range s.pairs[:2] {
				s.readsAndAdds(pair)
			}
			s.ends(c, s.pairs[:2]...)
			c = s.mustBegin(s.pairs[0])
			s.readsAndRemoves(s.pairs[1])
			s.ends(c, s.pairs[0])
		}, 0, nil},
		"a link that the configuration does not ask for": {func(s *testStorm) {
			c := s.mustBegin()
			s.readsAndAdds(s.pairs[0])
			s.ends(c, s.pairs[0])
		}, 0, []string{"the configuration asks for no link", "does not ask for", "the state holds 1 links, and the configuration asks for 0"}},
		"a link made outside is moved": {func(s *testStorm) {
			s.seam.SetSemantics(fakeseam.Semantics{AddHeldElsewhere: fakeseam.AddHeldElsewhereMoves})
			s.seam.Link(s.spares[0], s.pairs[0].ACSUserID)
			c := s.mustBegin(s.pairs[0])
			s.readsAndAdds(s.pairs[0])
			s.ends(c, s.pairs[0])
		}, 0, []string{"a link was moved"}},
		"a link is moved that was made after the read": {func(s *testStorm) {
			s.seam.SetSemantics(fakeseam.Semantics{AddHeldElsewhere: fakeseam.AddHeldElsewhereMoves})
			c := s.mustBegin(s.pairs[0])
			s.reads(s.pairs[0])
			s.seam.Link(s.spares[0], s.pairs[0].ACSUserID)
			s.adds(s.pairs[0])
			s.ends(c, s.pairs[0])
		}, 1, nil},
		"a link made outside is removed": {func(s *testStorm) {
			s.seam.Link(s.pairs[0].UserIdentityID, s.pairs[0].ACSUserID)
			c := s.mustBegin()
			s.readsAndRemoves(s.pairs[0])
			s.ends(c)
		}, 0, []string{"a link was removed that is not in the state"}},
		"a link is removed that was moved before the read": {func(s *testStorm) {
			s.seam.SetSemantics(fakeseam.Semantics{RemoveHeldElsewhere: fakeseam.RemoveHeldElsewhereCuts})
			s.seam.Link(s.spares[0], s.pairs[0].ACSUserID)
			s.saves(s.pairs[0])
			c := s.mustBegin()
			s.readsAndRemoves(s.pairs[0])
			s.ends(c)
		}, 0, []string{"a link was removed that is not the one in the state"}},
		"a link is removed that is to stay": {func(s *testStorm) {
			s.seam.Link(s.pairs[0].UserIdentityID, s.pairs[0].ACSUserID)
			s.saves(s.pairs[0])
			c := s.mustBegin(s.pairs[0])
			s.readsAndRemoves(s.pairs[0])
			s.ends(c, s.pairs[0])
		}, 0, []string{"a link was removed that the configuration asks for", "apply succeeded, and ACS user", "the state holds a link that is not in Seam"}},
		"a link is forgotten": {func(s *testStorm) {
			c := s.mustBegin(s.pairs[0])
			s.readsAndAdds(s.pairs[0])
			s.ends(c)
		}, 0, []string{"after apply, ACS user", "the state holds 0 links, and the configuration asks for 1", "and the link is not in the state"}},
		"a removal is believed that has no effect": {func(s *testStorm) {
			s.seam.Link(s.pairs[0].UserIdentityID, s.pairs[0].ACSUserID)
			s.saves(s.pairs[0])
			c := s.mustBegin()
			s.next = "no effect"
			s.readsAndRemoves(s.pairs[0])
			s.ends(c)
		}, 0, []string{"is still linked to identity"}},
		"an add has no effect, which the next plan shows": {func(s *testStorm) {
			c := s.mustBegin(s.pairs[0])
			s.next = "no effect"
			s.readsAndAdds(s.pairs[0])
			s.ends(c, s.pairs[0])
		}, 0, []string{"the state holds a link that is not in Seam"}},
		"a write is repeated without a read, and the first one is late": {func(s *testStorm) {
			c := s.mustBegin(s.pairs[0])
			s.next = "500 late"
			s.readsAndAdds(s.pairs[0])
			s.next = ""
			s.adds(s.pairs[0])
			s.ends(c, s.pairs[0])
		}, 0, []string{"there is no get between the previous write request and this one"}},
		"a late effect is not in the state": {func(s *testStorm) {
			c := s.mustBegin(s.pairs[0])
			s.want = wanted{}
			s.next = "500 late"
			s.readsAndAdds(s.pairs[0])
			if err := s.end(c, result{Result: testbed.Result{Exit: 1}, planned: s.planned}); err != nil {
				s.t.Fatal(err)
			}
		}, 0, []string{"after apply, ACS user", "and the link is not in the state"}},
		"a link is removed that was read in the plan": {func(s *testStorm) {
			s.seam.Link(s.pairs[0].UserIdentityID, s.pairs[0].ACSUserID)
			s.saves(s.pairs[0])
			c := s.mustBegin()
			s.reads(s.pairs[0])
			s.planned = time.Now()
			s.removes(s.pairs[0])
			s.ends(c)
		}, 0, []string{"the last get was made before the apply phase"}},
		"links are forgotten while their access system is out of sight": {func(s *testStorm) {
			s.saves(s.pairs[0], s.pairs[1])
			c := s.mustBegin()
			c.hidden = s.systemOf[s.pairs[0].ACSUserID]
			s.ends(c)
		}, 0, []string{"is not in the state any more, and its access system was hidden"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTestStorm(t)
			test.play(s)
			if err := s.checkBalance(); err != nil {
				t.Fatal(err)
			}
			if s.tally.counts["race"] != test.races {
				t.Errorf("%d races, want %d", s.tally.counts["race"], test.races)
			}
			for _, violation := range s.tally.violations {
				t.Log(violation)
			}
			if len(s.tally.violations) != len(test.want) {
				t.Fatalf("%d violations, want %d", len(s.tally.violations), len(test.want))
			}
			for n, want := range test.want {
				if !strings.Contains(s.tally.violations[n], want) {
					t.Errorf("got %s\nwant %s", s.tally.violations[n], want)
				}
			}
		})
	}
}

// mustBegin begins a command with a configuration that asks for these links.
func (s *testStorm) mustBegin(pairs ...fakeseam.Link) command {
	s.t.Helper()
	s.want = wanted{}
	for _, pair := range pairs {
		s.want[pair.ACSUserID] = pair.UserIdentityID
	}
	c, err := s.begin(command{args: []string{"apply"}, want: s.want})
	if err != nil {
		s.t.Fatal(err)
	}
	s.planned = time.Now()
	return c
}

// After a merge two ids stand for one identity, and not before.
func TestWorld_same(t *testing.T) {
	t.Parallel()
	now := time.Now()
	w := &world{merges: []merge{{"a", "b", now}, {"b", "c", now.Add(2 * time.Second)}}}
	for _, test := range []struct {
		a, b  string
		after time.Duration
		want  bool
	}{
		{"a", "b", -time.Second, false},
		{"A", "b", time.Second, true},
		{"a", "c", time.Second, false},
		{"a", "c", 3 * time.Second, true},
		{"", "", time.Second, false},
	} {
		if got := w.same(test.a, test.b, now.Add(test.after)); got != test.want {
			t.Errorf("%q and %q after %s: %t, want %t", test.a, test.b, test.after, got, test.want)
		}
	}
}
