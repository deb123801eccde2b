// Command demo shows the provider at work, in one command and without a Seam
// account or a provider registry: it builds the provider of this repository,
// starts an embedded Seam with a few people in it, and drives a real Terraform
// or OpenTofu through the life of a few links.
//
// Each step says what it does, does it, and compares what came of it with the
// embedded Seam and with the state. The first step that does not do what it says
// ends the demo with exit status 1; an interrupt ends it with 130. Nothing stays
// behind in either case.
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
	"syscall"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	cliPath := flag.String("cli", "", "path of the Terraform or OpenTofu to use (default: TF_ACC_TERRAFORM_PATH,\n"+
		"else terraform or tofu on PATH, else a Terraform that is installed for this run)")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(flag.CommandLine.Output(), "demo takes no arguments, got %q\n", flag.Args())
		flag.Usage()
		os.Exit(exitUsage)
	}

	// SIGPIPE is among them so that a reader who goes away, as in `| head`,
	// ends the demo with its cleanup and not without.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	err := run(ctx, newWorld(), *cliPath, os.Stdout)
	interrupted := ctx.Err() != nil
	stop()

	switch {
	case err == nil:
		fmt.Println("\nAll six steps did what they say, and nothing is left behind on this machine.")
	case interrupted && errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "\nInterrupted. Nothing is left behind on this machine.")
		os.Exit(exitInterrupted)
	default:
		fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
		os.Exit(exitFailed)
	}
}

// run plays the demo in a world that nobody has touched yet.
func run(ctx context.Context, w *world, cliPath string, out io.Writer) (err error) {
	root, err := testbed.RepositoryRoot(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "seam-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, testbed.RemoveAll(dir)) }()

	running, err := w.seam.Start()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, running.Close()) }()

	c, err := newCLI(ctx, root, dir, cliPath, map[string]string{
		"SEAM_ENDPOINT": running.URL,
		"SEAM_API_KEY":  w.small.Workspace.APIKey,
	}, out)
	if err != nil {
		return err
	}
	if err := w.writeConfiguration(filepath.Join(root, "examples", "demo"), c.WorkDir); err != nil {
		return err
	}

	fmt.Fprintf(out, "\nThe Seam provider in six steps, with %s and an embedded Seam at %s.\n", c.Version, running.URL)
	fmt.Fprintf(out, "Seam knows these people in the workspace %q, and somebody has linked some of them:\n\n", w.small.Workspace.Name)
	d := &demo{world: w, cli: c, out: out}
	d.showTable()
	return d.play(ctx)
}
