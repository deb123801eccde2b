package main

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

const (
	stormRetryTimeout = 4 * time.Second // so that some operations give up
	calmRetryTimeout  = time.Minute
	// maxRounds is how often apply may run after the storm: first with errors that say
	// what to import and what to remove from the configuration, then with success.
	maxRounds = 2
)

// storm is a world, a CLI, and what happens between them.
type storm struct {
	*world
	cli     *testbed.CLI
	rng     *rand.Rand
	faults  *faults
	outside *outside

	climate   string // how Seam responds
	semantics fakeseam.Semantics
	getLag    int

	want  wanted                 // what the configuration asks for
	lost  map[fakeseam.Link]bool // added before a process was killed
	tally *tally
	log   func(format string, args ...any)
}

// newStorm gives each part its own random numbers, so that the order of requests does
// not change what happens elsewhere.
func newStorm(seed uint64, links int, log func(string, ...any)) *storm {
	rng := func(part uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, part)) }
	s := &storm{
		world: newWorld(links), rng: rng(1), lost: map[fakeseam.Link]bool{},
		tally: &tally{counts: map[string]int{}}, log: log,
	}
	s.faults = &faults{seam: s.seam, rng: rng(2), injected: map[string]*injection{}, record: s.record}
	s.outside = &outside{world: s.world, rng: rng(3), record: s.record}
	return s
}

// record counts and logs an event.
func (s *storm) record(what, kind, format string, args ...any) {
	s.tally.count(what, what+": "+kind)
	s.log(what+", "+kind+": "+format, args...)
}

func (s *storm) run(ctx context.Context, bed *testbed.Bed) (err error) {
	seam, err := testbed.Serve(s.seam)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, seam.Close()) }()
	if s.cli, err = bed.NewCLI(seam.Env()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.cli.Close()) }()
	s.chooseClimate()

	want := wanted{}
	for _, pair := range s.pairs {
		want[pair.ACSUserID] = pair.UserIdentityID
	}
	if s.rng.IntN(2) == 0 { // else the storm begins with the first apply
		if err := s.calm(ctx, want); err != nil {
			return err
		}
		want = s.change(want, s.rng)
	}
	if err := s.disturb(ctx, want); err != nil {
		return err
	}
	if err := s.calm(ctx, s.want); err != nil {
		return err
	}
	r, err := s.step(ctx, command{args: []string{"destroy", "-json"}})
	if err != nil {
		return err
	}
	if r.Exit != 0 {
		s.tally.violation("destroy fails after the storm: %s", r.describe())
	}
	s.want = nil
	s.tally.mu.Lock()
	s.tally.counts["request"] = s.seam.Count("")
	s.tally.mu.Unlock()
	return s.checkBalance()
}

// chooseClimate chooses how Seam responds where its documentation is silent.
func (s *storm) chooseClimate() {
	rng, all := s.rng, fakeseam.AllSemantics()
	s.faults.share = pick(rng, 0.02, 0.06, 0.12, 0.25)
	s.semantics = pick(rng, all...)
	if rng.IntN(2) == 0 { // a mixture, in which links made outside are at risk
		s.semantics = fakeseam.Semantics{
			AddHeldElsewhere:    fakeseam.AddHeldElsewhere(rng.IntN(2)),
			AddHeldHere:         pick(rng, all...).AddHeldHere,
			AddSecondInSystem:   pick(rng, all...).AddSecondInSystem,
			AddUnknownIdentity:  pick(rng, all...).AddUnknownIdentity,
			RemoveUnlinked:      pick(rng, all...).RemoveUnlinked,
			RemoveHeldElsewhere: fakeseam.RemoveHeldElsewhere(rng.IntN(3)),
			StalePages:          fakeseam.StalePages(rng.IntN(4)),
			Aliases:             fakeseam.Aliases(rng.IntN(3)),
		}
	}
	s.seam.SetSemantics(s.semantics)
	s.faults.noLateRemove = s.semantics.RemoveHeldElsewhere == fakeseam.RemoveHeldElsewhereCuts
	s.seam.SetUnlinkedAs(pick(rng, fakeseam.UnlinkedAbsent, fakeseam.UnlinkedNull, fakeseam.UnlinkedEmpty))
	s.seam.SetMaxPageSize(pick(rng, 10, 30, 500))
	s.climate = strings.ReplaceAll(s.semantics.String(), ",", ", ")
	if s.getLag = max(0, rng.IntN(6)-2); s.getLag > 0 {
		s.climate += ", get lag " + strconv.Itoa(s.getLag)
	}
	// If aliases are not found, merged_user_identity_ids alone tell of a merge.
	if s.semantics.Aliases == fakeseam.AliasesFound && rng.IntN(3) == 0 {
		s.seam.SetMergedListed(false)
		s.climate += ", merged ids not listed"
	}
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

// disturb runs one to three commands in the storm.
func (s *storm) disturb(ctx context.Context, want wanted) error {
	s.faults.on.Store(true)
	defer s.faults.on.Store(false)
	s.seam.SetLatency(time.Duration(s.rng.IntN(15)) * time.Millisecond)
	defer s.seam.SetLatency(0)
	if s.rng.IntN(5) == 0 {
		s.seam.SetRateLimit(30+s.rng.IntN(30), 400*time.Millisecond)
		defer s.seam.SetRateLimit(0, 0)
	}
	killed := false
	for range 1 + s.rng.IntN(3) {
		if err := s.configure(want, stormRetryTimeout); err != nil {
			return err
		}
		// After a kill the configuration stays: a link that it no longer has, and that
		// is not in the state, could not be reported.
		r, err := s.step(ctx, s.disturbed(!killed && s.rng.IntN(3) == 0))
		if err != nil {
			return err
		}
		if killed = killed || r.killed; !killed {
			want = s.change(want, s.rng)
		}
	}
	return nil
}

// disturbed chooses what disturbs a command.
func (s *storm) disturbed(destroy bool) command {
	s.outside.prepare(s.rng.IntN(9), 2*len(s.pairs))
	c := command{args: []string{"apply", "-json"}, want: s.want}
	if destroy {
		c.args[0], c.want = "destroy", nil
	}
	if s.rng.IntN(5) < 3 {
		c.kill = kill{
			writes: s.rng.IntN(3) > 0,
			how:    pick(s.rng, slices.Sorted(maps.Keys(kills))...),
			at:     1 + s.rng.IntN(max(1, 3*len(s.pairs)/2)),
			after:  time.Duration(s.rng.IntN(40)) * time.Millisecond,
		}
		if c.kill.writes {
			c.kill.at = 1 + s.rng.IntN(len(s.pairs)/3+1)
		}
	}
	if c.unrefreshed = s.rng.IntN(3) == 0; c.unrefreshed {
		c.args = append(c.args, "-refresh=false")
	}
	if s.rng.IntN(6) == 0 {
		c.hidden = s.systemOf[pick(s.rng, s.pairs...).ACSUserID]
	}
	return c
}

// step runs a command and checks what it did.
func (s *storm) step(ctx context.Context, c command) (result, error) {
	c, err := s.begin(c)
	if err != nil {
		return result{}, err
	}
	if c.unrefreshed { // and the state is out of date
		s.outside.changeRemovals(c)
	}
	if c.hidden != "" {
		s.seam.HideSystem(c.hidden, true)
		s.log("access system %s cannot be read", c.hidden)
	}
	r, err := s.execute(ctx, c)
	if err != nil {
		return r, err
	}
	return r, s.end(c, r)
}

// settleReads makes reads fresh, as they are after some time.
func (s *storm) settleReads() {
	s.seam.SettlePages()
	s.seam.SetGetLag(s.getLag)
}

// begin notes what there is before a command.
func (s *storm) begin(c command) (command, error) {
	s.settleReads()
	var err error
	c.before, err = s.state()
	c.began, c.changes = time.Now(), len(s.seam.Changes())
	return c, err
}

// end checks what a command did, after its last effect has landed.
func (s *storm) end(c command, r result) error {
	s.faults.await()
	if c.hidden != "" {
		s.seam.HideSystem(c.hidden, false)
	}
	if r.killed {
		if err := s.restoreState(); err != nil {
			return err
		}
	}
	s.checkEffects(c, r.planned)
	state, err := s.state()
	if err != nil {
		return err
	}
	if r.killed {
		for _, link := range s.unknown(state) {
			s.lost[link] = true
		}
		return nil
	}
	s.checkState(c, r, state)
	return nil
}

// calm brings the configuration, the state and Seam together, as a user does who
// follows the errors.
func (s *storm) calm(ctx context.Context, want wanted) error {
	s.outside.prepare(0, 1)
	if err := s.configure(want, calmRetryTimeout); err != nil {
		return err
	}
	for round := 1; ; round++ {
		r, err := s.step(ctx, command{args: []string{"apply", "-json"}, want: s.want})
		if err := errors.Join(err, s.cli.Write(importsFile, "")); err != nil {
			return err
		}
		if r.Exit == 0 {
			break
		}
		if round == maxRounds {
			s.tally.violation("apply fails for the %dth time after the storm: %s", round, r.describe())
			return nil
		}
		if err := s.followErrors(r); err != nil {
			return err
		}
	}
	s.settleReads()
	r, err := s.execute(ctx, command{args: []string{"plan", "-json", "-detailed-exitcode"}})
	if err != nil {
		return err
	}
	if r.Exit != 0 {
		s.tally.violation("the plan after a calm apply is not empty: exit status %d\n%s", r.Exit, r.Output)
	}
	return s.checkBalance()
}
