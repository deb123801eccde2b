// Command chaos tests the provider of this repository with a real Terraform or
// OpenTofu against the embedded Seam. In a storm, the CLI applies, changes and
// destroys links while requests meet faults, the provider or the CLI is killed or
// interrupted, and outside changes come in between. The invariants afterwards:
//
//   - A get of the ACS user in the apply phase, after the previous write to it,
//     allowed each effect. None moved or removed another link, unless an outside
//     change came between that get and the effect.
//   - A command that succeeds has removed what it was to remove. What it added is
//     in the state, unless a process was killed. While an access system is out of
//     sight, its links stay in the state.
//   - After the storm, one apply, with the import blocks that it asks for and
//     without the links that it refuses, leads to an empty plan.
//
// The seed determines what happens, except for ids and the timing of processes. A
// storm with a violation prints its seed, and chaos exits with status 1.
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
	"strconv"
	"syscall"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// options say what to run.
type options struct {
	seed    uint64
	storms  int
	links   int
	cliPath string
	verbose bool
}

var errViolations = errors.New("there are violations")

func main() {
	var o options
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the first storm; the next one has the next number")
	flag.IntVar(&o.storms, "storms", 10, "how many storms")
	flag.IntVar(&o.links, "links", 50, "how many links a configuration asks for, more or less")
	flag.StringVar(&o.cliPath, "cli", "", "path of the Terraform or OpenTofu to use (default: TF_ACC_TERRAFORM_PATH,\n"+
		"else terraform or tofu on PATH, else a Terraform that is installed for this run)")
	flag.BoolVar(&o.verbose, "v", false, "tell what happens in a storm")
	flag.Parse()
	if flag.NArg() > 0 || o.storms < 1 || o.links < 1 {
		fmt.Fprintln(flag.CommandLine.Output(), "chaos takes no arguments, and at least one storm and one link")
		flag.Usage()
		os.Exit(exitUsage)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// A program that is killed may leave a SIGPIPE behind, which is no reason to
	// end; a reader of the output who goes away, as in `| head`, is one.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, cancel := context.WithCancel(ctx)
	_, err := run(ctx, o, &screen{os.Stdout, cancel})
	interrupted := ctx.Err() != nil
	cancel()
	stop()
	switch {
	case err == nil:
	case interrupted && errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "\nInterrupted. Nothing is left behind on this machine.")
		os.Exit(exitInterrupted)
	case errors.Is(err, errViolations):
		os.Exit(exitFailed)
	default:
		fmt.Fprintf(os.Stderr, "\nChaos failed: %v\n", err)
		os.Exit(exitFailed)
	}
}

// screen ends the run when its reader is gone.
type screen struct {
	out io.Writer
	end context.CancelFunc
}

func (s *screen) Write(text []byte) (int, error) {
	n, err := s.out.Write(text)
	if err != nil {
		s.end()
	}
	return n, err
}

// run runs the storms, one after the other, and tells about them on out.
func run(ctx context.Context, o options, out io.Writer) (all tally, err error) {
	root, err := testbed.RepositoryRoot(ctx)
	if err != nil {
		return all, err
	}
	dir, err := os.MkdirTemp("", "seam-chaos-")
	if err != nil {
		return all, err
	}
	defer func() { err = errors.Join(err, testbed.RemoveAll(dir)) }()
	path, err := testbed.Find(ctx, o.cliPath, dir, out)
	if err != nil {
		return all, err
	}
	binDir, err := testbed.Build(ctx, root, dir)
	if err != nil {
		return all, err
	}

	for n := range o.storms {
		seed := o.seed + uint64(n)
		stormDir := filepath.Join(dir, strconv.Itoa(n))
		if err := os.Mkdir(stormDir, 0o700); err != nil {
			return all, err
		}
		began := time.Now()
		s, err := newStorm(ctx, seed, o, testbed.Setup{Path: path, BinDir: binDir, Dir: stormDir}, out)
		if err != nil {
			return all, err
		}
		err = errors.Join(s.run(ctx), s.close(), testbed.RemoveAll(stormDir))
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
	if len(all.violations) > 0 {
		return all, errViolations
	}
	return all, nil
}
