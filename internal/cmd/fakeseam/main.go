// Command fakeseam runs an in-memory Seam on this machine, for trying the
// provider without an account. It prints the environment to set and what is in
// it, and runs until it is interrupted. Nothing is kept.
//
// What Seam does is in internal/fakeseam; here are only the flags and the
// printing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "fakeseam:", err)
		os.Exit(1)
	}
}

// errUsage says that the flags were wrong and that this was printed already.
var errUsage = errors.New("wrong usage")

type options struct {
	addr       string
	seed       string
	people     int
	workspaces int
	shell      string
	rows       int
	latency    time.Duration
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("fakeseam", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:0", "loopback `address` to listen on; port 0 takes a free one")
	flags.StringVar(&o.seed, "seed", "small", "what is in each workspace: small, building or empty")
	flags.IntVar(&o.people, "people", 200, "how many people live in a building")
	flags.IntVar(&o.workspaces, "workspaces", 1, "how many workspaces to make; the environment is set for the first")
	flags.StringVar(&o.shell, "shell", "posix", "how to print the environment: posix or powershell")
	flags.IntVar(&o.rows, "rows", 20, "print at most so many rows of a table; 0 for all")
	flags.DurationVar(&o.latency, "latency", 0, "let every request wait so long, such as 100ms")
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
	case o.seed != "small" && o.seed != "building" && o.seed != "empty":
		problem = fmt.Sprintf("-seed is small, building or empty, not %q", o.seed)
	case o.shell != "posix" && o.shell != "powershell":
		problem = fmt.Sprintf("-shell is posix or powershell, not %q", o.shell)
	case o.workspaces < 1:
		problem = "-workspaces is 1 or more"
	case o.people < 0 || o.rows < 0 || o.latency < 0:
		problem = "-people, -rows and -latency are not negative"
	}
	if problem != "" {
		if _, err := fmt.Fprintln(stderr, "fakeseam:", problem); err != nil {
			return o, err
		}
		flags.Usage()
		return o, errUsage
	}
	return o, nil
}

// run serves until ctx is done.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	s := fakeseam.New()
	s.SetLatency(o.latency)
	var ids []string
	for range o.workspaces {
		ids = append(ids, seed(s, o).ID)
	}
	token := s.AddToken(ids...)

	running, err := s.StartAt(o.addr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, running.Close()) }()

	if err := describe(stdout, s, running.URL, token, o); err != nil {
		return fmt.Errorf("printing what is in the fake: %w", err)
	}
	<-ctx.Done()
	return nil
}

func seed(s *fakeseam.Server, o options) fakeseam.Workspace {
	switch o.seed {
	case "building":
		return fakeseam.SeedBuilding(s, o.people).Workspace
	case "empty":
		return s.AddWorkspace("Harbour House")
	default:
		return fakeseam.SeedSmall(s).Workspace
	}
}
