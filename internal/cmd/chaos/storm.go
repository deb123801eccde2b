package main

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

const (
	stormRetryTimeout = 4 * time.Second // so that some operations give up
	calmRetryTimeout  = time.Minute
	// maxRounds is how often apply may run after the storm: first with errors that say
	// what to import and what to remove from the configuration, of an ACS user and then of
	// its link, and then with success.
	maxRounds = 5
)

// storm is a world, a CLI, and what happens between them.
type storm struct {
	*world
	cli     *testbed.CLI
	rng     *rand.Rand
	faults  *faults
	outside *outside

	semantics fakeseam.Semantics
	getLag    int

	want    wanted            // what the configuration asks for
	effects []fakeseam.Effect // what happened in Seam so far, in order
	named   map[string]string // addresses by id of an ACS user or a user identity
	lost    map[string]bool   // what was made before a process was killed
	// imported has the keys of what the configuration imported.
	imported map[string]bool
	tally    *tally
	log      func(format string, args ...any)
}

// newStorm gives each part its own random numbers, so that the order of requests does
// not change what happens elsewhere.
func newStorm(seed uint64, links int, all *tally, log func(string, ...any)) *storm {
	rng := func(part uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, part)) }
	s := &storm{
		world: newWorld(links), rng: rng(1), tally: all, log: log,
		named: map[string]string{}, lost: map[string]bool{}, imported: map[string]bool{},
	}
	s.faults = &faults{seam: s.seam, rng: rng(2), record: s.record}
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
	s.chooseSemantics()

	want := s.change(nil, s.rng)
	if s.rng.IntN(3) == 0 { // else the storm begins with the first apply, which creates everyone
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
	if err := s.settle(ctx, "destroy"); err != nil {
		return err
	}
	s.want = nil
	return s.checkBalance()
}

// chooseSemantics chooses how Seam responds where its documentation is silent.
func (s *storm) chooseSemantics() {
	rng, all := s.rng, slices.Concat(fakeseam.AllSemantics(), fakeseam.AllPeopleSemantics(), fakeseam.AllGroupSemantics())
	s.faults.share = pick(rng, 0.02, 0.06, 0.12, 0.25)
	// In a mixture, links made outside are at risk.
	s.semantics = pick(rng, pick(rng, all...), fakeseam.MixedSemantics(rng, all))
	s.seam.SetSemantics(s.semantics)
	s.faults.noLateRemove = s.semantics.RemoveHeldElsewhere == fakeseam.RemoveHeldElsewhereCuts
	s.seam.SetUnlinkedAs(pick(rng, fakeseam.UnlinkedAbsent, fakeseam.UnlinkedNull, fakeseam.UnlinkedEmpty))
	s.seam.SetMaxPageSize(pick(rng, 10, 30, 500))
	s.getLag = max(0, rng.IntN(6)-2)
	slow := rng.IntN(2) == 0
	s.seam.SetDeletesTakeAWhile(slow)
	// If aliases are not found, merged_user_identity_ids alone tell of a merge.
	mergedListed := s.semantics.Aliases != fakeseam.AliasesFound || rng.IntN(3) > 0
	s.seam.SetMergedListed(mergedListed)
	s.log("%s, get lag %d, slow deletes: %t, merged ids are listed: %t", s.semantics, s.getLag, slow, mergedListed)
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

// disturb runs two to four commands in the storm.
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
	for range 2 + s.rng.IntN(3) {
		if err := s.configure(want, stormRetryTimeout); err != nil {
			return err
		}
		// After a kill the configuration stays: what it no longer has, and what is not in
		// the state, could not be reported.
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
	c := command{args: []string{"apply", "-json"}, want: s.want}
	if destroy {
		c.args[0], c.want = "destroy", nil
	}
	if s.rng.IntN(5) < 3 {
		c.kill.How = pick(s.rng, slices.Sorted(maps.Keys(testbed.Kills))...)
		c.kill.After = time.Duration(s.rng.IntN(40)) * time.Millisecond
		c.killAt = 1 + s.rng.IntN(2*len(s.pairs))
		if c.killWrites = s.rng.IntN(3) > 0; c.killWrites {
			c.killAt = 1 + c.killAt/6
		}
	}
	if c.unrefreshed = s.rng.IntN(3) == 0; c.unrefreshed {
		c.args = append(c.args, "-refresh=false")
	}
	if s.rng.IntN(6) == 0 {
		c.hidden = pick(s.rng, s.systems...)
	}
	s.outside.prepare(s.rng.IntN(9), 3*len(s.pairs), c.killAt == 0)
	return c
}

// step runs a command and checks what it did.
func (s *storm) step(ctx context.Context, c command) (result, error) {
	c, err := s.begin(c)
	if err != nil {
		return result{}, err
	}
	if c.unrefreshed { // and the state is out of date
		for range s.rng.IntN(1 + len(s.pairs)/3) {
			s.outside.change("")
		}
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

// passTime makes reads fresh, as they are after some time. What takes longer may be over.
func (s *storm) passTime() {
	s.seam.SettlePages()
	s.seam.SetGetLag(s.getLag)
	if !s.faults.on.Load() || s.rng.IntN(2) == 0 {
		s.seam.FinishDeletes()
	}
	if s.rng.IntN(2) == 0 {
		s.seam.FinishMutations()
	}
}

// begin notes what there is before a command.
func (s *storm) begin(c command) (command, error) {
	s.passTime()
	var err error
	c.before, err = s.state()
	c.began = time.Now()
	return c, err
}

// end checks what a command did, after its last effect has landed.
func (s *storm) end(c command, r result) error {
	s.faults.pending.Wait()
	if c.hidden != "" {
		s.seam.HideSystem(c.hidden, false)
	}
	if r.killed {
		if err := s.cli.RestoreState(); err != nil {
			return err
		}
	}
	state, err := s.state()
	if err != nil {
		return err
	}
	s.learn(state)
	s.checkEffects(c, r.PlannedAt())
	if !r.killed {
		s.checkState(c, r.Exit == 0, state)
	}
	for _, what := range s.unknown(state) {
		s.lost[what] = true
	}
	return nil
}

// calm brings the configuration, the state and Seam together, as a user does who
// follows the errors.
func (s *storm) calm(ctx context.Context, want wanted) error {
	if err := errors.Join(s.configure(want, calmRetryTimeout), s.settle(ctx, "apply")); err != nil {
		return err
	}
	s.passTime()
	r, err := s.execute(ctx, command{args: []string{"plan", "-json", "-detailed-exitcode"}})
	if err != nil {
		return err
	}
	if r.Exit != 0 {
		s.tally.violation("the plan after a calm apply is not empty: exit status %d, %v", r.Exit, r.Errors())
	}
	for _, m := range r.Messages {
		if m.Type == "planned_change" {
			s.tally.violation("the plan after a calm apply is not empty: %s", m.Text)
		}
	}
	return s.checkBalance()
}

const importsFile = "imports.tf"

// settle repeats a command until it succeeds, and does in between what its errors say.
func (s *storm) settle(ctx context.Context, name string) error {
	s.outside.prepare(0, 1, false)
	for round := 1; ; round++ {
		c := command{args: []string{name, "-json"}, want: s.want}
		if name == "destroy" {
			c.want = nil
		}
		r, err := s.step(ctx, c)
		if err := errors.Join(err, s.cli.Write(importsFile, "")); err != nil || r.Exit == 0 {
			return err
		}
		if round == maxRounds {
			s.tally.violation("%s fails for the %dth time after the storm: %s", name, round, strings.ReplaceAll(r.Err().Error(), "\n", "\n    "))
			return nil
		}
		if err := s.followErrors(ctx, r); err != nil {
			return err
		}
	}
}
