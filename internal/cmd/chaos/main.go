// Command chaos runs the provider of this repository under a real Terraform or OpenTofu
// against an embedded Seam. A configuration creates people, with ACS users, links and
// memberships in access groups, and links people who are there already. Faults hit requests
// (server errors, lost responses, late effects), kills and interrupts hit the CLI or the
// provider, and outside changes come between the requests. It checks these invariants:
//
//   - Each update, removal and deletion follows a get of its object in the apply phase,
//     after the previous write. Nothing else is touched: no link and no one that is not in
//     the state, no one through the id of a merged identity, unless an outside change came
//     after the get.
//   - One block never becomes two people. What was created or added is in the state, unless
//     a process was killed, and what a command claims to have removed is gone. What is
//     hidden for a while stays in the state.
//   - After the storm, apply, with the import blocks that it asks for and without the blocks
//     that it refuses, leads to an empty plan, and destroy to nobody left.
//
// The seed determines everything but ids and timing. A violation is printed with the
// seed of its storm, and makes the exit status 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

type options struct {
	seed    uint64
	storms  int
	links   int
	verbose bool
}

func main() {
	os.Exit(testbed.Main("chaos", func(ctx context.Context, stdout io.Writer) error {
		var o options
		bedOptions := testbed.Options{Out: stdout}
		flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
		flags.Uint64Var(&o.seed, "seed", 1, "seed of the first storm; the next storm has the next number")
		flags.IntVar(&o.storms, "storms", 10, "how many storms to run")
		flags.IntVar(&o.links, "links", 50, "about how many links a configuration has")
		flags.BoolVar(&o.verbose, "v", false, "print the events of each storm")
		bedOptions.AddFlag(flags)
		if err := testbed.Parse(flags, os.Args[1:], os.Stderr, func() string {
			if o.storms < 1 || o.links < 1 {
				return "-storms and -links are 1 or more"
			}
			return ""
		}); err != nil {
			return err
		}
		bed, err := testbed.Open(ctx, bedOptions)
		if err != nil {
			return err
		}
		all, err := run(ctx, bed, o, stdout)
		if err == nil && len(all.violations) > 0 {
			err = fmt.Errorf("found violations: %d", len(all.violations))
		}
		return errors.Join(err, bed.Close())
	}))
}

// run runs the storms one after the other, and prints what happened.
func run(ctx context.Context, bed *testbed.Bed, o options, out io.Writer) (*tally, error) {
	all := &tally{counts: map[string]int{}}
	for n := range o.storms {
		seed, began, before := o.seed+uint64(n), time.Now(), len(all.violations)
		log := func(string, ...any) {}
		if o.verbose {
			log = func(format string, args ...any) {
				fmt.Fprintf(out, "  %6.2f  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
			}
		}
		s := newStorm(seed, o.links, all, log)
		err := s.run(ctx, bed)
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		if err != nil {
			return all, fmt.Errorf("the storm with seed %d: %w", seed, err)
		}
		all.count("storm")
		fmt.Fprintf(out, "storm %d of %d, seed %d, %s, %s: %d requests, %d violations\n",
			n+1, o.storms, seed, time.Since(began).Round(100*time.Millisecond), s.semantics, s.seam.Count(""), len(all.violations)-before)
		for _, violation := range all.violations[before:] {
			fmt.Fprintf(out, "  VIOLATION: %s\n", violation)
		}
		if len(all.violations) > before {
			fmt.Fprintf(out, "  To repeat it: go run ./internal/cmd/chaos -seed %d -storms 1 -links %d -v\n", seed, o.links)
		}
	}
	fmt.Fprintf(out, "\nIn all: %v\nAt most %s from a read to its effect\nViolations: %d\n",
		all.counts, all.window.Round(time.Millisecond), len(all.violations))
	return all, nil
}

// tally counts what happened.
type tally struct {
	mu     sync.Mutex
	counts map[string]int // such as fault, and fault: 500 late
	// window is the longest time between a read and the effect that it allowed.
	window     time.Duration
	violations []string
}

// count counts an event, also while requests are being handled.
func (t *tally) count(events ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, event := range events {
		t.counts[event]++
	}
}

func (t *tally) violation(format string, args ...any) {
	t.violations = append(t.violations, fmt.Sprintf(format, args...))
}
