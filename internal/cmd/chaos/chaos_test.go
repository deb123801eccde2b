package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/localcli"
)

// Two storms that are short and yet hold a bit of everything.
func TestAccChaos(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs a real Terraform or OpenTofu: set TF_ACC=1 to run it")
	}
	all, err := run(t.Context(), options{seed: 307, storms: 2, links: 16}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if all.storms != 2 || all.commands < 6 || all.requests == 0 || total(all.faults) == 0 {
		t.Errorf("there was no storm: %+v", all)
	}
}

// testStorm is a storm without a CLI, in which a test plays the provider.
type testStorm struct {
	*storm
	t   *testing.T
	key string
}

func newTestStorm(t *testing.T) *testStorm {
	t.Helper()
	w, workspace := newWorld(4)
	running, err := w.seam.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := running.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &storm{
		world: w, running: running, cli: &localcli.CLI{WorkDir: t.TempDir()},
		lost: map[fakeseam.Link]bool{}, tally: newTally(), log: t.Logf,
	}
	return &testStorm{s, t, workspace.APIKey}
}

// sends plays the provider, which sends a request.
func (s *testStorm) sends(route string, body map[string]string) {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.running.URL+route, strings.NewReader(string(text)))
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

func (s *testStorm) looks(pair fakeseam.Link) {
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

// remembers writes the state.
func (s *testStorm) remembers(pairs ...fakeseam.Link) {
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
	text, err := json.Marshal(map[string]any{"resources": []any{map[string]any{"instances": instances}}})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.write(stateFile, string(text)); err != nil {
		s.t.Fatal(err)
	}
}

// ends is the success of a command that began as e says.
func (s *testStorm) ends(e intent) {
	s.t.Helper()
	if err := s.end(e, result{}, false, "apply"); err != nil {
		s.t.Fatal(err)
	}
}

// The books find what a provider must not do. What they say about one that does
// it right is in the first case.
func TestInvariants(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		play  func(*testStorm)
		races int
		want  []string // the beginnings or parts of what is found
	}{
		"all is well": {
			play: func(s *testStorm) {
				e := s.mustBegin(s.pairs[0], s.pairs[1])
				for _, pair := range s.pairs[:2] {
					s.looks(pair)
					s.adds(pair)
				}
				s.remembers(s.pairs[:2]...)
				s.ends(e)
				e = s.mustBegin(s.pairs[0])
				s.looks(s.pairs[1])
				s.removes(s.pairs[1])
				s.remembers(s.pairs[0])
				s.ends(e)
			},
		},
		"a link that nobody asked for": {
			play: func(s *testStorm) {
				e := s.mustBegin()
				s.looks(s.pairs[0])
				s.adds(s.pairs[0])
				s.remembers(s.pairs[0])
				s.ends(e)
			},
			want: []string{"nobody asked for a link of this ACS user", "does not ask for", "the state holds 1 links, and the configuration asks for 0"},
		},
		"a link of somebody else is moved": {
			play: func(s *testStorm) {
				s.seam.SetSemantics(fakeseam.Semantics{AddHeldElsewhere: fakeseam.AddHeldElsewhereMoves})
				s.seam.Link(s.spares[0], s.pairs[0].ACSUserID)
				e := s.mustBegin(s.pairs[0])
				s.looks(s.pairs[0])
				s.adds(s.pairs[0])
				s.remembers(s.pairs[0])
				s.ends(e)
			},
			want: []string{"a link was moved"},
		},
		"a link is moved that came after the look": {
			play: func(s *testStorm) {
				s.seam.SetSemantics(fakeseam.Semantics{AddHeldElsewhere: fakeseam.AddHeldElsewhereMoves})
				e := s.mustBegin(s.pairs[0])
				s.looks(s.pairs[0])
				s.seam.Link(s.spares[0], s.pairs[0].ACSUserID)
				s.adds(s.pairs[0])
				s.remembers(s.pairs[0])
				s.ends(e)
			},
			races: 1,
		},
		"a link of somebody else is cut": {
			play: func(s *testStorm) {
				s.seam.Link(s.pairs[0].UserIdentityID, s.pairs[0].ACSUserID)
				e := s.mustBegin()
				s.looks(s.pairs[0])
				s.removes(s.pairs[0])
				s.ends(e)
			},
			want: []string{"a link was cut that is not in the state"},
		},
		"a link is cut that was moved before the look": {
			play: func(s *testStorm) {
				s.seam.SetSemantics(fakeseam.Semantics{RemoveHeldElsewhere: fakeseam.RemoveHeldElsewhereCuts})
				s.seam.Link(s.spares[0], s.pairs[0].ACSUserID)
				s.remembers(s.pairs[0])
				e := s.mustBegin()
				s.looks(s.pairs[0])
				s.removes(s.pairs[0])
				s.remembers()
				s.ends(e)
			},
			want: []string{"a link was cut that is not the one in the state"},
		},
		"a link is cut that is to stay": {
			play: func(s *testStorm) {
				s.seam.Link(s.pairs[0].UserIdentityID, s.pairs[0].ACSUserID)
				s.remembers(s.pairs[0])
				e := s.mustBegin(s.pairs[0])
				s.looks(s.pairs[0])
				s.removes(s.pairs[0])
				s.ends(e)
			},
			want: []string{"a link was cut that the configuration asks for", "apply succeeded, and ACS user", "the state holds a link that Seam does not"},
		},
		"a link is forgotten": {
			play: func(s *testStorm) {
				e := s.mustBegin(s.pairs[0])
				s.looks(s.pairs[0])
				s.adds(s.pairs[0])
				s.ends(e)
			},
			want: []string{"after apply, ACS user", "the state holds 0 links, and the configuration asks for 1", "and the state does not know it"},
		},
		"a link is there that was to go": {
			play: func(s *testStorm) {
				s.seam.Link(s.pairs[0].UserIdentityID, s.pairs[0].ACSUserID)
				s.remembers(s.pairs[0])
				e := s.mustBegin()
				s.remembers()
				s.ends(e)
			},
			want: []string{"is still linked to identity"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTestStorm(t)
			test.play(s)
			if err := s.balance(); err != nil {
				t.Fatal(err)
			}
			if s.tally.races != test.races {
				t.Errorf("%d races, want %d", s.tally.races, test.races)
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
func (s *testStorm) mustBegin(pairs ...fakeseam.Link) intent {
	s.t.Helper()
	s.want = wanted{}
	for _, pair := range pairs {
		s.want[pair.ACSUserID] = pair.UserIdentityID
	}
	e, err := s.begin(false)
	if err != nil {
		s.t.Fatal(err)
	}
	return e
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

// What cannot be written ends the run, as an interrupt does.
func TestScreen(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := (&screen{w, cancel}).Write([]byte("gone")); err == nil || ctx.Err() == nil {
		t.Errorf("got %v and %v", err, ctx.Err())
	}
}
