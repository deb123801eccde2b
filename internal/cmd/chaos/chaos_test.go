package main

import (
	"encoding/json"
	"maps"
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
	if n := all.counts; n["storm"] != 2 || n["command"] < 6 || n["fault"] == 0 {
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
	s := newStorm(1, 4, &tally{counts: map[string]int{}}, t.Logf)
	seam := testbed.ServeTest(t, s.seam)
	s.cli = &testbed.CLI{WorkDir: t.TempDir()}
	test := &testStorm{storm: s, t: t, url: seam.URL, key: seam.Workspaces()[0].APIKey}
	s.seam.OnRequest(func(r fakeseam.Request) {
		at := slices.IndexFunc(fakeseam.FaultKinds, func(k fakeseam.FaultKind) bool { return k.Name == test.next })
		if at >= 0 && isWrite(r.Route) {
			s.faults.mu.Lock()
			defer s.faults.mu.Unlock()
			s.faults.inject(fakeseam.FaultKinds[at], r)
		}
	})
	return test
}

// sends plays the provider, which sends a request. It returns the id of what it creates.
func (s *testStorm) sends(route string, body values) (id string) {
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
	defer response.Body.Close()
	var created struct {
		UserIdentity struct {
			ID string `json:"user_identity_id"`
		} `json:"user_identity"`
		ACSUser struct {
			ID string `json:"acs_user_id"`
		} `json:"acs_user"`
	}
	if err := json.NewDecoder(response.Body).Decode(&created); err != nil && s.next == "" {
		s.t.Fatal(err)
	}
	return created.UserIdentity.ID + created.ACSUser.ID
}

func (s *testStorm) reads(pair fakeseam.Link) {
	s.t.Helper()
	s.sends("/acs/users/get", values{"acs_user_id": pair.ACSUserID})
}

func (s *testStorm) adds(pair fakeseam.Link) {
	s.t.Helper()
	s.sends(addRoute, values{"acs_user_id": pair.ACSUserID, "user_identity_id": pair.UserIdentityID})
}

func (s *testStorm) removes(pair fakeseam.Link) {
	s.t.Helper()
	s.sends(removeRoute, values{"acs_user_id": pair.ACSUserID, "user_identity_id": pair.UserIdentityID})
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

// changesAnn reads the user identity with an id, and sends a request about it.
func (s *testStorm) changesAnn(route, id string, body values) {
	s.t.Helper()
	about := values{"user_identity_id": id}
	s.sends("/user_identities/get", about)
	maps.Copy(about, body)
	s.sends("/user_identities/"+route, about)
}

// ann is a block that the configuration asks for: person-0, whose name is Ann.
const ann = identityType + ".person-0"

var annsValues = values{"full_name": "person-0 Ann", "email_address": "Ann@example.com"}

// state is what a test saves: values by address.
func stateOf(pairs ...fakeseam.Link) wanted {
	state := wanted{}
	for _, pair := range pairs {
		state[seeded(pair.ACSUserID)] = values{"acs_user_id": pair.ACSUserID, "user_identity_id": pair.UserIdentityID}
	}
	return state
}

func stateOfAnn(id string) wanted {
	state := values{"user_identity_id": id}
	maps.Copy(state, annsValues)
	return wanted{ann: state}
}

// stateOfMember is the first ACS user as one of a person, who may be a member of the
// access group there.
func (s *testStorm) stateOfMember(isMember bool) wanted {
	id := s.pairs[0].ACSUserID
	s.imported["acs_user "+id] = true
	state := wanted{userType + ".person-0-0": values{
		"full_name": "Resident 0", "email_address": "resident-0@example.com", "acs_system_id": s.systems[0], "acs_user_id": id,
	}}
	if isMember {
		state[membershipType+".person-0-0"] = values{"acs_access_group_id": s.groups[0], "acs_user_id": id}
	}
	return state
}

// changesMember reads the access groups of the first ACS user, and adds it to the one of
// its access system, or removes it.
func (s *testStorm) changesMember(route string) {
	s.t.Helper()
	id := s.pairs[0].ACSUserID
	s.sends(groupsRoute, values{"acs_user_id": id})
	s.sends("/acs/users/"+route, values{"acs_user_id": id, "acs_access_group_id": s.groups[0]})
}

// saves writes the state.
func (s *testStorm) saves(state wanted) {
	s.t.Helper()
	var resources []any
	for address, attributes := range state {
		kind, name, _ := strings.Cut(address, ".")
		instance := values{"attributes": attributes}
		if attributes.text("user_identity_id")+attributes.text("acs_user_id") == "" {
			instance["status"] = "tainted"
		}
		resources = append(resources, values{"mode": "managed", "type": kind, "name": name, "instances": []any{instance}})
	}
	text, err := json.Marshal(values{"resources": resources})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cli.Write(testbed.StateFile, string(text)); err != nil {
		s.t.Fatal(err)
	}
}

// begins is the start of a command with a configuration that asks for this.
func (s *testStorm) begins(want wanted) command {
	s.t.Helper()
	s.want = want
	c, err := s.begin(command{args: []string{"apply"}, want: want})
	if err != nil {
		s.t.Fatal(err)
	}
	s.planned = time.Now()
	return c
}

// ends is the end of a command that saves this state.
func (s *testStorm) ends(c command, state wanted, exit int) {
	s.t.Helper()
	s.saves(state)
	var r result
	r.Exit = exit
	r.Messages = []testbed.Message{{Type: "change_summary", Time: s.planned, Changes: &testbed.Changes{Operation: "plan"}}}
	if err := s.end(c, r); err != nil {
		s.t.Fatal(err)
	}
}

// has is a command that creates Ann, who is then in the state.
func (s *testStorm) hasAnn() (id string) {
	s.t.Helper()
	c := s.begins(wanted{ann: annsValues})
	id = s.sends("/user_identities/create", annsValues)
	s.ends(c, stateOfAnn(id), 0)
	return id
}

// The invariants find what a provider must not do. The first case of each kind is a
// provider that does it right.
func TestInvariants(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		play  func(*testStorm)
		races int
		want  []string // parts of what is found
	}{
		"links: all is well": {func(s *testStorm) {
			c := s.begins(stateOf(s.pairs[0], s.pairs[1]))
			for _, pair := range s.pairs[:2] {
				s.readsAndAdds(pair)
			}
			s.ends(c, stateOf(s.pairs[:2]...), 0)
			c = s.begins(stateOf(s.pairs[0]))
			s.readsAndRemoves(s.pairs[1])
			s.ends(c, stateOf(s.pairs[0]), 0)
		}, 0, nil},
		"a link that the configuration does not ask for": {func(s *testStorm) {
			c := s.begins(nil)
			s.readsAndAdds(s.pairs[0])
			s.ends(c, stateOf(s.pairs[0]), 0)
		}, 0, []string{"the configuration asks for no link", "not in the configuration"}},
		"a link made outside is moved": {func(s *testStorm) {
			s.seam.SetSemantics(fakeseam.Semantics{AddHeldElsewhere: fakeseam.AddHeldElsewhereMoves})
			s.seam.Link(s.spares[0], s.pairs[0].ACSUserID)
			c := s.begins(stateOf(s.pairs[0]))
			s.readsAndAdds(s.pairs[0])
			s.ends(c, stateOf(s.pairs[0]), 0)
		}, 0, []string{"a link was moved"}},
		"a link is moved that was made after the read": {func(s *testStorm) {
			s.seam.SetSemantics(fakeseam.Semantics{AddHeldElsewhere: fakeseam.AddHeldElsewhereMoves})
			c := s.begins(stateOf(s.pairs[0]))
			s.reads(s.pairs[0])
			s.seam.Link(s.spares[0], s.pairs[0].ACSUserID)
			s.adds(s.pairs[0])
			s.ends(c, stateOf(s.pairs[0]), 0)
		}, 1, nil},
		"a link made outside is removed": {func(s *testStorm) {
			s.seam.Link(s.pairs[0].UserIdentityID, s.pairs[0].ACSUserID)
			c := s.begins(nil)
			s.readsAndRemoves(s.pairs[0])
			s.ends(c, nil, 0)
		}, 0, []string{"a link was removed that is not in the state"}},
		"a link is removed that was moved before the read": {func(s *testStorm) {
			s.seam.SetSemantics(fakeseam.Semantics{RemoveHeldElsewhere: fakeseam.RemoveHeldElsewhereCuts})
			s.seam.Link(s.spares[0], s.pairs[0].ACSUserID)
			s.saves(stateOf(s.pairs[0]))
			c := s.begins(nil)
			s.readsAndRemoves(s.pairs[0])
			s.ends(c, nil, 0)
		}, 0, []string{"a link was removed that is not the one in the state"}},
		"a link is removed that is to stay": {func(s *testStorm) {
			s.seam.Link(s.pairs[0].UserIdentityID, s.pairs[0].ACSUserID)
			s.saves(stateOf(s.pairs[0]))
			c := s.begins(stateOf(s.pairs[0]))
			s.readsAndRemoves(s.pairs[0])
			s.ends(c, stateOf(s.pairs[0]), 0)
		}, 0, []string{"a link was removed that the configuration asks for", "apply succeeded, and"}},
		"a link is forgotten": {func(s *testStorm) {
			c := s.begins(stateOf(s.pairs[0]))
			s.readsAndAdds(s.pairs[0])
			s.ends(c, nil, 0)
		}, 0, []string{"is by Terraform, and not in the state", "apply succeeded, and", "is by Terraform, and not in the state"}},
		"a removal is believed that has no effect": {func(s *testStorm) {
			s.seam.Link(s.pairs[0].UserIdentityID, s.pairs[0].ACSUserID)
			s.saves(stateOf(s.pairs[0]))
			c := s.begins(nil)
			s.next = "no effect"
			s.readsAndRemoves(s.pairs[0])
			s.ends(c, nil, 0)
		}, 0, []string{"is still there, and was to be removed"}},
		"an add has no effect, which the next plan shows": {func(s *testStorm) {
			c := s.begins(stateOf(s.pairs[0]))
			s.next = "no effect"
			s.readsAndAdds(s.pairs[0])
			s.ends(c, stateOf(s.pairs[0]), 0)
		}, 0, nil},
		"a write is repeated without a read": {func(s *testStorm) {
			c := s.begins(stateOf(s.pairs[0]))
			s.next = "500 before"
			s.readsAndAdds(s.pairs[0])
			s.next = ""
			s.adds(s.pairs[0])
			s.ends(c, stateOf(s.pairs[0]), 0)
		}, 0, []string{"there is no get between the previous write request and this one"}},
		"a late effect is not in the state": {func(s *testStorm) {
			c := s.begins(stateOf(s.pairs[0]))
			s.want = nil
			s.next = "500 late"
			s.readsAndAdds(s.pairs[0])
			s.ends(c, nil, 1)
		}, 0, []string{"is by Terraform, and not in the state", "is by Terraform, and not in the state"}},
		"a link is removed that was read in the plan": {func(s *testStorm) {
			s.seam.Link(s.pairs[0].UserIdentityID, s.pairs[0].ACSUserID)
			s.saves(stateOf(s.pairs[0]))
			c := s.begins(nil)
			s.reads(s.pairs[0])
			s.planned = time.Now()
			s.removes(s.pairs[0])
			s.ends(c, nil, 0)
		}, 0, []string{"the last get was made before the apply phase"}},
		"links are forgotten while their access system is out of sight": {func(s *testStorm) {
			state := stateOf(s.pairs[0], s.pairs[1])
			state[seeded(s.pairs[0].ACSUserID)]["acs_system_id"] = s.systems[0]
			s.saves(state)
			c := s.begins(nil)
			c.hidden = s.systems[0]
			s.ends(c, nil, 0)
		}, 0, []string{"is not in the state any more, and its access system was hidden"}},

		"memberships: all is well": {func(s *testStorm) {
			s.saves(s.stateOfMember(false))
			c := s.begins(s.stateOfMember(true))
			s.changesMember("add_to_access_group")
			s.ends(c, s.stateOfMember(true), 0)
			c = s.begins(s.stateOfMember(false))
			s.changesMember("remove_from_access_group")
			s.ends(c, s.stateOfMember(false), 0)
		}, 0, nil},
		"a membership that the configuration does not ask for": {func(s *testStorm) {
			s.saves(s.stateOfMember(false))
			c := s.begins(s.stateOfMember(false))
			s.changesMember("add_to_access_group")
			s.ends(c, s.stateOfMember(false), 0)
		}, 0, []string{"the configuration asks for no link", "is by Terraform, and not in the state", "is by Terraform, and not in the state"}},
		"a membership made outside is removed": {func(s *testStorm) {
			s.seam.AddToGroup(s.groups[0], s.pairs[0].ACSUserID)
			s.saves(s.stateOfMember(false))
			c := s.begins(s.stateOfMember(false))
			s.changesMember("remove_from_access_group")
			s.ends(c, s.stateOfMember(false), 0)
		}, 0, []string{"a link was removed that is not in the state"}},
		"a removal of a membership is believed that has no effect": {func(s *testStorm) {
			s.seam.AddToGroup(s.groups[0], s.pairs[0].ACSUserID)
			s.saves(s.stateOfMember(true))
			c := s.begins(s.stateOfMember(false))
			s.next = "no effect"
			s.changesMember("remove_from_access_group")
			s.ends(c, s.stateOfMember(false), 0)
		}, 0, []string{"is still there, and was to be removed"}},
		"a membership is added without reading the access groups": {func(s *testStorm) {
			s.saves(s.stateOfMember(false))
			c := s.begins(s.stateOfMember(true))
			s.reads(s.pairs[0])
			s.sends("/acs/users/add_to_access_group", values{"acs_user_id": s.pairs[0].ACSUserID, "acs_access_group_id": s.groups[0]})
			s.ends(c, s.stateOfMember(true), 0)
		}, 0, []string{"there is no get at all"}},

		"people: all is well": {func(s *testStorm) {
			id := s.hasAnn()
			poe := values{"full_name": "person-0 Poe", "email_address": "ann@example.com"}
			c := s.begins(wanted{ann: poe})
			s.changesAnn("update", id, poe)
			s.ends(c, stateOfAnn(id), 0)
			c = s.begins(nil)
			s.changesAnn("delete", id, nil)
			s.ends(c, nil, 0)
		}, 0, nil},
		"a create whose response was lost is sent again": {func(s *testStorm) {
			s.seam.SetSemantics(fakeseam.Semantics{TakenValue: fakeseam.TakenValueAccepted})
			c := s.begins(wanted{ann: annsValues})
			s.next = "200 empty after"
			s.sends("/user_identities/create", annsValues)
			s.next = ""
			s.ends(c, stateOfAnn(s.sends("/user_identities/create", annsValues)), 0)
		}, 0, []string{"became 2 people", "is by Terraform, and not in the state", "is by Terraform, and not in the state"}},
		"a late create is in the state without an id": {func(s *testStorm) {
			c := s.begins(wanted{ann: annsValues})
			s.next = "200 empty after"
			s.sends("/user_identities/create", annsValues)
			s.ends(c, wanted{ann: annsValues}, 1)
		}, 0, []string{"which is tainted (true)"}},
		"a late create is not in the state": {func(s *testStorm) {
			c := s.begins(wanted{ann: annsValues})
			s.next = "500 late"
			s.sends("/user_identities/create", annsValues)
			s.ends(c, nil, 1)
			s.want = nil
		}, 0, []string{"is by Terraform, and not in the state", "is by Terraform, and not in the state"}},
		"a person is created for whom the configuration does not ask": {func(s *testStorm) {
			c := s.begins(nil)
			s.ends(c, stateOfAnn(s.sends("/user_identities/create", annsValues)), 1)
			s.saves(nil)
		}, 0, []string{"a person was created for whom the configuration does not ask", "is by Terraform, and not in the state"}},
		"someone else is changed": {func(s *testStorm) {
			c := s.begins(nil)
			s.changesAnn("update", s.spares[0], values{"full_name": "Spare No More"})
			s.ends(c, nil, 1)
		}, 0, []string{"a person was changed who is not in the state", "is by Terraform, and not in the state", "is by Terraform, and not in the state"}},
		"someone else is deleted": {func(s *testStorm) {
			c := s.begins(nil)
			s.changesAnn("delete", s.spares[0], nil)
			s.ends(c, nil, 0)
		}, 0, []string{"a person was deleted who is not in the state"}},
		"a person is deleted who is to stay": {func(s *testStorm) {
			id := s.hasAnn()
			c := s.begins(wanted{ann: annsValues})
			s.changesAnn("delete", id, nil)
			s.ends(c, nil, 1)
			s.want = nil
		}, 0, []string{"a person was deleted for whom the configuration asks"}},
		"a person is deleted without a read": {func(s *testStorm) {
			id := s.hasAnn()
			c := s.begins(nil)
			s.sends("/user_identities/delete", values{"user_identity_id": id})
			s.ends(c, nil, 0)
		}, 0, []string{"there is no get at all"}},
		"someone else is in the state": {func(s *testStorm) {
			id := s.seam.AddUserIdentity(s.workspace, fakeseam.Person{FullName: "Rival", EmailAddress: "ann@example.com"}).ID
			s.ends(s.begins(wanted{ann: annsValues}), stateOfAnn(id), 1)
		}, 0, []string{"the state holds another person"}},
		"a deletion is believed that has no effect": {func(s *testStorm) {
			id := s.hasAnn()
			c := s.begins(nil)
			s.next = "no effect"
			s.changesAnn("delete", id, nil)
			s.ends(c, nil, 0)
		}, 0, []string{"is by Terraform, and not in the state", "is still there, and was to be removed", "is by Terraform, and not in the state"}},
		"an update is believed that has no effect": {func(s *testStorm) {
			id := s.hasAnn()
			poe := values{"full_name": "person-0 Poe"}
			c := s.begins(wanted{ann: poe})
			s.next = "no effect"
			s.changesAnn("update", id, poe)
			s.ends(c, stateOfAnn(id), 0)
			s.want = wanted{ann: annsValues}
		}, 0, []string{"is not as the configuration asks"}},
		"a primary is deleted through the id of a merged identity": {func(s *testStorm) {
			id := s.hasAnn()
			s.seam.MergeUserIdentities(s.spares[0], id)
			c := s.begins(nil)
			s.changesAnn("delete", id, nil)
			s.ends(c, nil, 0)
		}, 0, []string{"through the id of one that was merged into it"}},
		"an identity is deleted that was merged after the read": {func(s *testStorm) {
			id := s.hasAnn()
			c := s.begins(nil)
			s.sends("/user_identities/get", values{"user_identity_id": id})
			s.seam.MergeUserIdentities(s.spares[0], id)
			s.sends("/user_identities/delete", values{"user_identity_id": id})
			s.ends(c, nil, 0)
		}, 1, nil},
		"an ACS user is deleted with its identity": {func(s *testStorm) {
			id := s.hasAnn()
			s.seam.Link(id, s.pairs[0].ACSUserID)
			c := s.begins(nil)
			s.changesAnn("delete", id, nil)
			s.ends(c, nil, 0)
		}, 0, []string{"an ACS user was deleted with its user identity"}},
		"an ACS user is deleted with its identity that was linked after the read": {func(s *testStorm) {
			id := s.hasAnn()
			c := s.begins(nil)
			s.sends("/user_identities/get", values{"user_identity_id": id})
			s.seam.Link(id, s.pairs[0].ACSUserID)
			s.sends("/user_identities/delete", values{"user_identity_id": id})
			s.ends(c, nil, 0)
		}, 1, nil},
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

// After a merge two ids stand for one identity, and not before.
func TestStorm_same(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := &storm{effects: []fakeseam.Effect{
		{ID: "a", To: "b", Action: fakeseam.Merged, At: now},
		{ID: "b", To: "c", Action: fakeseam.Merged, At: now.Add(2 * time.Second)},
	}}
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
		if got := s.same(test.a, test.b, now.Add(test.after)); got != test.want {
			t.Errorf("%q and %q after %s: %t, want %t", test.a, test.b, test.after, got, test.want)
		}
	}
}
