// Command chaos runs the provider of this repository under a real Terraform or OpenTofu
// against an embedded Seam, and checks invariants while things fail. In a storm, the CLI
// applies, changes and destroys links. Requests meet faults such as server errors, lost
// responses and late effects. The CLI or the provider is killed or interrupted. Outside
// changes are made between the requests. The invariants are:
//
//   - A get of the ACS user in the apply phase, after the previous write to it, allowed
//     each effect. No effect moved or removed another link, unless an outside change was
//     made between that get and the effect.
//   - A command that succeeds has removed what it was to remove. What it added is in the
//     state, unless a process was killed. The links of an access system that cannot be
//     read for a while stay in the state.
//   - After the storm, one apply, with the import blocks that it asks for and without
//     the links that it refuses, leads to an empty plan.
//
// The seed determines what happens, except for ids and the timing of processes. A
// violation is printed with the seed of its storm, and makes the exit status 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// options say what to run.
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
func run(ctx context.Context, bed *testbed.Bed, o options, out io.Writer) (all tally, err error) {
	for n := range o.storms {
		seed, began := o.seed+uint64(n), time.Now()
		s, err := newStorm(bed, seed, o, out)
		if err != nil {
			return all, err
		}
		err = errors.Join(s.run(ctx), s.close())
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		if err != nil {
			return all, fmt.Errorf("the storm with seed %d: %w", seed, err)
		}
		s.tally.storms = 1
		fmt.Fprintf(out, "storm %d of %d, seed %d, %s: %s\n", n+1, o.storms, seed, time.Since(began).Round(100*time.Millisecond), s.summary())
		for _, violation := range s.tally.violations {
			fmt.Fprintf(out, "  VIOLATION: %s\n", violation)
		}
		if len(s.tally.violations) > 0 {
			fmt.Fprintf(out, "  To repeat it: go run ./internal/cmd/chaos -seed %d -storms 1 -links %d -v\n", seed, o.links)
		}
		all.add(s.tally)
	}
	all.write(out)
	return all, nil
}
