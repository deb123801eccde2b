// Command bench compares the provider with one that does nothing: how much longer do
// plan, apply and destroy take than Terraform takes anyway? It builds this repository's
// provider and internal/cmd/bench/floor, starts an embedded Seam that responds after a
// while, and runs a real CLI with each of the two in turn. It leaves no files behind.
//
// A write takes as long as its requests: Terraform runs ten operations at a time, and
// each waits for its requests. So the floor runs a second time, and waits: see setting.
//
// Machines are noisy, so only ratios within one round count. Requests are exact: the
// embedded Seam counts them. The targets for these figures are in targets.go; -full
// measures all of them, and -plot draws how they grow.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func main() {
	os.Exit(testbed.Main("bench", func(ctx context.Context, stdout io.Writer) error {
		return run(ctx, os.Args[1:], stdout, os.Stderr)
	}))
}

type options struct {
	workloads   []workload
	rounds      int
	latency     time.Duration
	parallelism int
	bed         testbed.Options
	plot        string
	profile     string
}

func parse(args []string, stderr io.Writer) (options, error) {
	// The programs are built as they are released.
	o := options{bed: testbed.Options{BuildFlags: []string{"-trimpath", "-ldflags=-s -w"}, Out: stderr}}
	links, users, commands, full := []int{10, 1_000}, []int{1_000, 100_000}, allCommands, false
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.Func("links", "how many links to manage, such as 10,1000,10000 (default 10,1000)", numbers(&links))
	flags.Func("users", "how many ACS users the workspace has (default 1000,100000);\nthere are at least as many as links", numbers(&users))
	flags.Func("commands", "which of apply, plan and destroy to run (default apply,plan,destroy);\nwithout apply, a round begins with links that exist", names(&commands))
	flags.BoolVar(&full, "full", false, "measure everything that has a target, and ignore -links, -users and -commands:\n1,000 links of 1,000, 20,000 and 100,000 ACS users, and a plan of 10,000 links\nof 10,000 and 100,000")
	flags.IntVar(&o.rounds, "rounds", 3, "how often to measure everything")
	flags.DurationVar(&o.latency, "latency", targetLatency, "how long the embedded Seam takes to respond")
	flags.IntVar(&o.parallelism, "parallelism", targetParallelism, "how many operations Terraform runs at a time")
	flags.StringVar(&o.plot, "plot", "", "draw how the commands grow with the number of links into this SVG `file`")
	flags.StringVar(&o.profile, "profile", "", "write CPU and heap profiles of the provider into this `directory`,\none subdirectory for each command; profiling itself takes a little time")
	o.bed.AddFlag(flags)
	err := testbed.Parse(flags, args, stderr, func() string {
		switch {
		case o.rounds < 1 || o.parallelism < 1:
			return "-rounds and -parallelism are 1 or more"
		case o.latency < 0:
			return "-latency is 0 or more"
		}
		return ""
	})
	if err == nil && o.profile != "" {
		o.profile, err = filepath.Abs(o.profile)
		o.bed.BuildFlags = append(o.bed.BuildFlags, "-tags=profile")
	}
	for _, n := range links {
		sizes := slices.Clone(users)
		for i := range sizes {
			sizes[i] = max(sizes[i], n)
		}
		slices.Sort(sizes)
		o.workloads = append(o.workloads, workload{n, slices.Compact(sizes), commands})
	}
	if full {
		o.workloads = fullTable
	}
	return o, err
}

// numbers parses numbers that are separated by commas.
func numbers(list *[]int) func(string) error {
	return func(text string) error {
		*list = nil
		for part := range strings.SplitSeq(text, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(part))
			if err != nil || n < 1 {
				return fmt.Errorf("%q is not a number of 1 or more", part)
			}
			*list = append(*list, n)
		}
		return nil
	}
}

// names parses commands that are separated by commas, and returns them in the order in
// which they run.
func names(list *[]command) func(string) error {
	return func(text string) error {
		given := strings.Split(text, ",")
		*list = slices.DeleteFunc(slices.Clone(allCommands), func(name command) bool { return !slices.Contains(given, string(name)) })
		if len(*list) != len(given) {
			return fmt.Errorf("%q is not a list of %q", text, allCommands)
		}
		return nil
	}
}

// bench is what all measurements share.
type bench struct {
	options
	*testbed.Bed
	floorDir string
	results  []result
}

// run measures, prints one table, and draws the plot.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	bed, err := testbed.Open(ctx, o.bed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bed.Close()) }()
	b := &bench{options: o, Bed: bed}
	if b.floorDir, err = bed.Build(ctx, "internal/cmd/bench/floor", o.bed.BuildFlags...); err != nil {
		return err
	}
	for _, w := range o.workloads {
		if err := b.measure(ctx, w); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("%s\n\n%s", b.setting(), table(b.results))
	if lines := verdicts(b.results); lines != "" && o.latency == targetLatency && o.parallelism == targetParallelism {
		text += "\n" + lines
	}
	if _, err := io.WriteString(stdout, text); err != nil || o.plot == "" {
		return err
	}
	file, err := os.Create(o.plot)
	if err != nil {
		return err
	}
	return errors.Join(plot(file, b.results), file.Close())
}

// measure runs all rounds of a workload: in each round the floor, the floor that waits,
// and the provider in a workspace of each size.
func (b *bench) measure(ctx context.Context, w workload) (err error) {
	floor := &contestant{name: "floor", binDir: b.floorDir, users: w.links}
	// As long as the requests of a write take, and one request for each link in a plan.
	reference := &contestant{name: "floor that waits", binDir: b.floorDir, users: w.links, env: map[command]map[string]string{
		apply:   {"SEAM_FLOOR_CREATE": (2 * b.latency).String()},
		plan:    {"SEAM_FLOOR_READ": b.latency.String()},
		destroy: {"SEAM_FLOOR_DELETE": (3 * b.latency).String()},
	}}
	contestants := []*contestant{floor, reference}
	for _, users := range w.users {
		contestants = append(contestants, &contestant{name: fmt.Sprintf("provider with %d users", users), binDir: b.BinDir, users: users})
	}
	for _, c := range contestants {
		server := fakeseam.New()
		server.SetLatency(b.latency)
		c.links, c.pairs, c.samples = w.links, seed(server, w.links, c.users), map[command][]sample{}
		if c.seam, err = testbed.Serve(server); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.seam.Close()) }()
		if err := b.prepare(c); err != nil {
			return err
		}
	}
	for round := range b.rounds {
		// Each round begins with another contestant, so that the load of the machine
		// spreads over all of them.
		for n := range contestants {
			c := contestants[(n+round)%len(contestants)]
			if w.commands[0] != apply {
				if err := c.linked(); err != nil {
					return err
				}
			}
			for _, command := range w.commands {
				sample, err := b.run(ctx, c, command, round)
				if err != nil {
					return err
				}
				fmt.Fprintf(b.bed.Out, "round %d of %d, %d links, %s: %s %.1f s\n", round+1, b.rounds, w.links, c.name, command, sample.took.Seconds())
				c.samples[command] = append(c.samples[command], sample)
			}
		}
	}
	for _, c := range contestants[2:] {
		for _, command := range w.commands {
			b.results = append(b.results, result{w.links, c.users, command, floor.samples[command], reference.samples[command], c.samples[command]})
		}
	}
	return nil
}
