// Command demo shows the provider at work in one command, without a Seam account or a
// provider registry. It builds the provider of this repository, starts an embedded
// Seam with a few people in it, and has a real Terraform or OpenTofu add, repair and
// remove a few links.
//
// Each step prints what it does, does it, and compares the result with the embedded
// Seam and with the state. The first step with another result ends the demo with exit
// status 1; an interrupt ends it with 130. Nothing is left behind in either case.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func main() {
	os.Exit(testbed.Main("demo", func(ctx context.Context, stdout io.Writer) (err error) {
		o := testbed.Options{Out: stdout}
		flags := flag.NewFlagSet("demo", flag.ContinueOnError)
		o.AddFlag(flags)
		if err := testbed.Parse(flags, os.Args[1:], os.Stderr, nil); err != nil {
			return err
		}
		if err := open(ctx, o, stdout); err != nil {
			return err
		}
		fmt.Fprintln(stdout, "\nAll six steps had the expected result, and nothing is left behind on this machine.")
		return nil
	}))
}

func open(ctx context.Context, o testbed.Options, out io.Writer) error {
	bed, err := testbed.Open(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(run(ctx, bed, newWorld(), out), bed.Close())
}

// run plays the demo in a new world.
func run(ctx context.Context, bed *testbed.Bed, w *world, out io.Writer) (err error) {
	seam, err := testbed.Serve(w.Server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, seam.Close()) }()
	cli, err := bed.NewCLI(seam.Env())
	if err != nil {
		return err
	}
	if err := w.writeConfiguration(filepath.Join(bed.Root, "examples", "demo"), cli); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nThe Seam provider in six steps, with %s and an embedded Seam at %s.\n", cli.Version, seam.URL)
	fmt.Fprintf(out, "The workspace %q has these ACS users, and some are linked outside Terraform:\n\n", w.Workspace.Name)
	d := &demo{world: w, cli: cli, out: out}
	d.showTable(nil)
	return d.play(ctx)
}
