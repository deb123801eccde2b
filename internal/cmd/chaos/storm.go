package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// In a storm an operation gives up soon, so that some do.
const (
	stormRetryTimeout = 4 * time.Second
	calmRetryTimeout  = time.Minute
)

// storm is a world, a CLI, and what happens between them.
type storm struct {
	*world
	running *fakeseam.Running
	cli     *testbed.CLI
	rng     *rand.Rand
	faults  *faults
	outside *outsideChanges
	// semantics and getLag are how Seam answers, and answers is that in words.
	semantics fakeseam.Semantics
	getLag    int
	answers   string

	want wanted // what the configuration asks for
	// lost are the links that a process added before it was killed.
	lost  map[fakeseam.Link]bool
	tally tally
	log   func(format string, args ...any)
}

// The parts of a storm draw their own numbers, so that the order of requests in
// one does not change what happens in the others.
func (o options) draw(seed, part uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, part)) }

func newStorm(bed *testbed.Bed, seed uint64, o options, out io.Writer) (*storm, error) {
	w, workspace := newWorld(o.links)
	s := &storm{world: w, rng: o.draw(seed, 1), lost: map[fakeseam.Link]bool{}, tally: newTally()}
	began := time.Now()
	s.log = func(string, ...any) {}
	if o.verbose {
		s.log = func(format string, args ...any) {
			fmt.Fprintf(out, "  %6.2f  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
		}
	}
	s.faults = &faults{
		seam:     w.seam,
		share:    []float64{0.02, 0.06, 0.12, 0.25}[s.rng.IntN(4)],
		rng:      o.draw(seed, 2),
		injected: map[string]*injection{},
		counts:   s.tally.faults,
		log:      s.log,
	}
	s.outside = &outsideChanges{world: w, workspace: workspace.ID, rng: o.draw(seed, 3), made: s.tally.outside, log: s.log}
	s.answers = s.chooseSemantics()
	s.faults.noLateRemove = s.semantics.RemoveHeldElsewhere == fakeseam.RemoveHeldElsewhereCuts

	seam, err := testbed.Serve(w.seam)
	if err != nil {
		return nil, err
	}
	s.running = seam.Running
	if s.cli, err = bed.NewCLI(seam.Env()); err != nil {
		return nil, errors.Join(err, s.running.Close())
	}
	return s, nil
}

func (s *storm) close() error { return errors.Join(s.running.Close(), s.cli.Close()) }

func (s *storm) summary() string {
	return fmt.Sprintf("%s; %d commands, %d requests, %d faults, %d kills, %d outside changes, %d imported, violations: %d",
		s.answers, s.tally.commands, s.tally.requests, total(s.tally.faults), total(s.tally.kills), total(s.tally.outside),
		s.tally.imported, len(s.tally.violations))
}

// run runs a storm and the calm after it.
func (s *storm) run(ctx context.Context) error {
	defer func() { s.tally.requests = s.seam.Count("") }()
	want := s.initial()
	if s.rng.IntN(2) == 0 { // else the storm is there from the first apply on
		if err := s.configure(want, calmRetryTimeout); err != nil {
			return err
		}
		if err := s.calm(ctx); err != nil {
			return err
		}
		want = s.change(want, s.rng)
	}

	s.faults.on.Store(true)
	s.seam.SetLatency(time.Duration(s.rng.IntN(15)) * time.Millisecond)
	if s.rng.IntN(5) == 0 {
		s.seam.SetRateLimit(30+s.rng.IntN(30), 400*time.Millisecond)
	}
	dead := false
	for range 1 + s.rng.IntN(3) {
		if err := s.configure(want, stormRetryTimeout); err != nil {
			return err
		}
		// A configuration that follows a killed run is the same as before: who
		// changes it then, and so gives up a link of which nothing is known,
		// cannot be told of it.
		destroy := !dead && s.rng.IntN(3) == 0
		killed, err := s.runCommand(ctx, destroy)
		if err != nil {
			return err
		}
		if dead = dead || killed; !dead {
			want = s.change(want, s.rng)
		}
	}
	s.faults.on.Store(false)
	s.seam.SetRateLimit(0, 0)
	s.seam.SetLatency(0)

	if err := s.configure(s.want, calmRetryTimeout); err != nil {
		return err
	}
	if err := s.calm(ctx); err != nil {
		return err
	}
	return s.leave(ctx)
}

// runCommand runs one command in the storm, and reports whether a process was killed.
func (s *storm) runCommand(ctx context.Context, destroy bool) (killed bool, err error) {
	s.outside.prepare(s.rng.IntN(9), 2*len(s.pairs))
	var k kill
	if s.rng.IntN(5) < 3 {
		all := kindsOfKill()
		writes := s.rng.IntN(3) > 0
		k = kill{
			how:   all[s.rng.IntN(len(all))],
			at:    1 + s.rng.IntN(3*len(s.pairs)/2),
			after: time.Duration(s.rng.IntN(40)) * time.Millisecond,
		}
		if writes {
			k.writes, k.at = true, 1+s.rng.IntN(len(s.pairs)/3+1)
		}
	}
	in, err := s.begin(destroy)
	if err != nil {
		return false, err
	}
	name := "apply"
	if destroy {
		name = "destroy"
	}
	args := []string{name, "-json"}
	if s.rng.IntN(3) == 0 { // the state may be out of date then
		in.unrefreshed = true
		s.outside.changeRemovals(in)
		args = append(args, "-refresh=false")
	}
	if s.rng.IntN(6) == 0 {
		in.hidden = s.systemOf[s.pairs[s.rng.IntN(len(s.pairs))].ACSUserID]
		s.seam.HideSystem(in.hidden, true)
		s.log("access system %s is out of sight", in.hidden)
	}
	r, err := s.command(ctx, k, args...)
	if err != nil {
		return false, err
	}
	killed = r.hit && k.deadly()
	if err := s.end(in, r, killed, name); err != nil {
		return killed, err
	}
	return killed, nil
}

// endLags makes reads fresh, as they are after some time.
func (s *storm) endLags() {
	s.seam.SettlePages()
	s.seam.SetGetLag(s.getLag)
}

// begin records how things are before a command.
func (s *storm) begin(destroy bool) (intent, error) {
	s.endLags()
	before, err := s.state()
	in := intent{before: before, want: s.want, began: time.Now(), changes: len(s.seam.Changes())}
	if destroy {
		in.want = wanted{}
	}
	return in, err
}

// end checks what a command has done, after its last effect has landed.
func (s *storm) end(in intent, r result, killed bool, name string) error {
	s.faults.pending.Wait()
	if in.hidden != "" {
		s.seam.HideSystem(in.hidden, false)
	}
	if killed {
		if err := s.mendState(); err != nil {
			return err
		}
	}
	s.judge(in, r.planned)
	state, err := s.state()
	if err != nil {
		return err
	}
	if killed {
		for _, link := range s.unknown(state) {
			s.lost[link] = true
		}
		return nil
	}
	s.checkKnown(state, name)
	s.checkHidden(in, r, state, name)
	s.checkDone(in, r, state, name)
	return nil
}

// leave destroys what there is. Links made outside stay.
func (s *storm) leave(ctx context.Context) error {
	in, err := s.begin(true)
	if err != nil {
		return err
	}
	r, err := s.command(ctx, kill{}, "destroy", "-json")
	if err != nil {
		return err
	}
	if r.Exit != 0 {
		s.tally.violation("destroy fails after the storm: %s", describe(r))
	}
	s.want = wanted{}
	if err := s.end(in, r, false, "destroy"); err != nil {
		return err
	}
	return s.balance()
}

func describe(r result) string { return strings.ReplaceAll(r.Err().Error(), "\n", "\n    ") }
