// Command fakeseam runs an embedded Seam on this machine, for trying the provider
// without an account. It prints the environment to set and what the embedded Seam
// contains, and runs until it is interrupted. Nothing is saved.
//
// While it runs, control routes rehearse what can go wrong: see control.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func main() {
	os.Exit(testbed.Main("fakeseam", func(ctx context.Context, stdout io.Writer) error {
		return run(ctx, os.Args[1:], stdout, os.Stderr)
	}))
}

// seeds add a workspace with content to an embedded Seam.
var seeds = map[string]func(s *fakeseam.Server, people int) fakeseam.Workspace{
	"small":    func(s *fakeseam.Server, _ int) fakeseam.Workspace { return fakeseam.SeedSmall(s).Workspace },
	"building": func(s *fakeseam.Server, n int) fakeseam.Workspace { return fakeseam.SeedBuilding(s, n).Workspace },
	"empty":    func(s *fakeseam.Server, _ int) fakeseam.Workspace { return s.AddWorkspace("Harbour House") },
}

type options struct {
	addr, seed, shell        string
	people, workspaces, rows int
	control                  []*url.URL // commands, as references to controlPath
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("fakeseam", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:0", "loopback `address` to listen on; port 0 is any free port")
	flags.StringVar(&o.seed, "seed", "small", "content of each workspace: small, building or empty")
	flags.IntVar(&o.people, "people", 200, "how many people are in a building")
	flags.IntVar(&o.workspaces, "workspaces", 1, "how many workspaces to create; the environment is for the first one")
	flags.StringVar(&o.shell, "shell", "posix", "how to print the environment: posix or powershell")
	flags.IntVar(&o.rows, "rows", 20, "how many rows of a table to print at most; 0 is all")
	flags.Func("control", "a control `command` to start with, such as 'latency?for=100ms'; may be repeated", func(command string) error {
		reference, err := url.Parse(command)
		o.control = append(o.control, reference)
		return err
	})
	err := testbed.Parse(flags, args, stderr, func() string {
		switch {
		case seeds[o.seed] == nil:
			return fmt.Sprintf("-seed is small, building or empty, not %q", o.seed)
		case o.shell != "posix" && o.shell != "powershell":
			return fmt.Sprintf("-shell is posix or powershell, not %q", o.shell)
		case o.workspaces < 1:
			return "-workspaces is 1 or more"
		case o.people < 0 || o.rows < 0:
			return "-people and -rows are 0 or more"
		}
		return ""
	})
	return o, err
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	s := fakeseam.New()
	var ids []string
	for range o.workspaces {
		ids = append(ids, seeds[o.seed](s, o.people).ID)
	}
	token := s.AddToken(ids...)
	for _, command := range o.control {
		if _, err := control(s, command.Path, command.Query()); err != nil {
			return err
		}
	}
	running, err := s.StartAt(o.addr, withControl(s, o.shell))
	if err != nil {
		return err
	}
	if _, err = io.WriteString(stdout, describe(s, running.URL, token, o)); err == nil {
		<-ctx.Done()
	}
	return errors.Join(err, running.Close())
}
