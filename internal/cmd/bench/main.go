// Command bench compares the provider with one that does nothing: how much
// longer do plan, apply and destroy take than Terraform takes anyway? It builds
// this repository's provider and internal/cmd/bench/floor, starts an embedded
// Seam that answers after a while, and runs a real CLI over the two in turn.
// It leaves no files behind.
//
// What a write takes is mostly distance: Terraform runs ten operations at a time,
// and each one waits for its requests. So the floor runs a second time. For apply
// and destroy it waits as long as the requests of a write take ("same requests"):
// two to add a link, and three to remove one. For plan it waits as long as one
// request for each link takes ("one read").
//
// Machines are noisy, so only the ratio of two contestants within one round counts.
// Requests and connections are exact: the embedded Seam counts them. The targets for
// these figures are in targets.go; -full measures all of them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil && interrupted:
		fmt.Fprintln(os.Stderr, "Interrupted.")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// errUsage says that the flags were wrong and that this was printed already.
var errUsage = errors.New("wrong usage")

type options struct {
	workloads   []workload
	rounds      int
	latency     time.Duration
	parallelism int
	cli         string
	markdown    bool
	profile     string
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	links, users, commands, full := []int{10, 1_000}, []int{1_000, 100_000}, allCommands, false
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Func("links", "how many links to manage, such as 10,1000,10000 (default 10,1000)", numbers(&links))
	flags.Func("users", "how many ACS users live in the workspace (default 1000,100000);\nthere are at least as many as links", numbers(&users))
	flags.Func("commands", "which commands to run, of apply, plan and destroy (default apply,plan,destroy);\nwithout apply, a round begins with links that exist", names(&commands))
	flags.BoolVar(&full, "full", false, "measure everything that has a target, and ignore -links, -users and -commands:\n1,000 links of 1,000, 20,000 and 100,000 ACS users, and a plan of 10,000 links\nof 10,000 and 100,000")
	flags.IntVar(&o.rounds, "rounds", 3, "how often to measure everything")
	flags.DurationVar(&o.latency, "latency", targetLatency, "how long the embedded Seam takes to answer")
	flags.IntVar(&o.parallelism, "parallelism", targetParallelism, "how many operations Terraform runs at a time")
	flags.StringVar(&o.cli, "cli", "", "path of the Terraform or OpenTofu to use (default: TF_ACC_TERRAFORM_PATH,\nelse terraform or tofu on PATH, else a Terraform that is installed for this run)")
	flags.BoolVar(&o.markdown, "markdown", false, "print the table as Markdown")
	flags.StringVar(&o.profile, "profile", "", "write CPU and heap profiles of the provider into this `directory`,\none subdirectory a command; profiling itself takes a little time")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, errUsage
	}
	problem := ""
	switch {
	case flags.NArg() > 0:
		problem = fmt.Sprintf("unexpected argument %q", flags.Arg(0))
	case o.rounds < 1 || o.parallelism < 1:
		problem = "-rounds and -parallelism are 1 or more"
	case o.latency < 0:
		problem = "-latency is not negative"
	}
	if problem != "" {
		fmt.Fprintln(stderr, "bench:", problem)
		flags.Usage()
		return o, errUsage
	}
	if full {
		o.workloads = fullTable
		return o, nil
	}
	for _, n := range links {
		o.workloads = append(o.workloads, workload{n, sizes(users, n), commands})
	}
	return o, nil
}

// numbers reads numbers that are separated by commas.
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

// names reads commands that are separated by commas. They run in their own order.
func names(list *[]command) func(string) error {
	return func(text string) error {
		asked := strings.Split(text, ",")
		*list = slices.DeleteFunc(slices.Clone(allCommands), func(name command) bool {
			return !slices.Contains(asked, string(name))
		})
		if len(*list) != len(asked) {
			return fmt.Errorf("%q is not a list of %q", text, allCommands)
		}
		return nil
	}
}

// run measures, and prints one table.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if o.profile != "" {
		if o.profile, err = filepath.Abs(o.profile); err != nil {
			return err
		}
	}
	root, err := testbed.RepositoryRoot(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "seam-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, testbed.RemoveAll(dir)) }()

	b := &bench{options: o, dir: dir, progress: stderr}
	if b.cliPath, err = testbed.Find(ctx, o.cli, dir, stderr); err != nil {
		return err
	}
	fmt.Fprintln(stderr, "Building the provider and the floor ...")
	if b.providerDir, err = build(ctx, root, filepath.Join(dir, "provider")); err != nil {
		return err
	}
	if b.floorDir, err = build(ctx, filepath.Join(root, "internal", "cmd", "bench", "floor"), filepath.Join(dir, "floor")); err != nil {
		return err
	}

	var results []result
	for _, w := range o.workloads {
		measured, err := b.measure(ctx, w)
		if err != nil {
			return err
		}
		results = append(results, measured...)
	}
	startUps, err := b.startUps(ctx)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s\n%s\n%s\n\n%s", b.setting(), startUps, b.machine(ctx), table(results, o.markdown))
	if lines := verdicts(results); lines != "" && o.latency == targetLatency && o.parallelism == targetParallelism {
		text += "\n" + lines
	}
	_, err = io.WriteString(stdout, text)
	return err
}

// build builds the program in a directory of the repository as it is released, in a
// new directory.
func build(ctx context.Context, source, dir string) (binDir string, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	return testbed.Build(ctx, source, dir, "-trimpath", "-ldflags=-s -w")
}

// bench is what all measurements share.
type bench struct {
	options

	dir                   string
	cliPath, cliVersion   string
	providerDir, floorDir string
	contestants           int
	progress              io.Writer
}

// measure runs all rounds of a workload: in each round the floor, the floor that
// waits, and the provider in a workspace of each size.
func (b *bench) measure(ctx context.Context, w workload) (results []result, err error) {
	floor, err := b.newFloor(ctx, "floor", w.links, nil)
	if err != nil {
		return nil, err
	}
	reference, err := b.newFloor(ctx, "floor that waits", w.links, b.referenceWaits())
	if err != nil {
		return nil, err
	}
	contestants := []*contestant{floor, reference}
	for _, users := range w.users {
		c, err := b.newProvider(ctx, w.links, users)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, c.running.Close()) }()
		contestants = append(contestants, c)
	}

	for round := range b.rounds {
		// Each round begins with another contestant, so that what else the
		// machine does is spread over all of them.
		for n := range contestants {
			c := contestants[(n+round)%len(contestants)]
			if w.commands[0] != apply {
				if err := c.linked(); err != nil {
					return nil, err
				}
			}
			for _, command := range w.commands {
				sample, err := b.run(ctx, c, command, round)
				if err != nil {
					return nil, err
				}
				fmt.Fprintf(b.progress, "round %d of %d, %d links, %s: %s %.1f s\n",
					round+1, b.rounds, w.links, c.name, command, sample.took.Seconds())
				c.samples[command] = append(c.samples[command], sample)
			}
		}
	}
	for _, c := range contestants[2:] {
		for _, command := range w.commands {
			results = append(results, result{
				w.links, c.users, command,
				floor.samples[command], reference.samples[command], c.samples[command],
			})
		}
	}
	return results, nil
}

// sizes returns the sizes of workspaces, with room for that many links.
func sizes(users []int, links int) []int {
	var sizes []int
	for _, n := range users {
		sizes = append(sizes, max(n, links))
	}
	slices.Sort(sizes)
	return slices.Compact(sizes)
}
