// Command demo shows the provider at work in one command, without a Seam account or a
// provider registry. It builds the provider of this repository, starts an embedded
// Seam with a few people in it, and has a real Terraform or OpenTofu bring one more
// person into a building, and out again.
//
// Each step prints what it does, does it, and compares Seam and the requests with what
// was expected. The first step with another result ends the demo with exit status 1; an
// interrupt ends it with 130. Nothing is left behind in either case.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func main() {
	os.Exit(testbed.Main("demo", func(ctx context.Context, stdout io.Writer) error {
		o := testbed.Options{Out: stdout}
		flags := flag.NewFlagSet("demo", flag.ContinueOnError)
		o.AddFlag(flags)
		if err := testbed.Parse(flags, os.Args[1:], os.Stderr, nil); err != nil {
			return err
		}
		bed, err := testbed.Open(ctx, o)
		if err != nil {
			return err
		}
		return errors.Join(run(ctx, bed, newWorld(), stdout), bed.Close())
	}))
}

// world is an embedded Seam with its people.
type world struct {
	*fakeseam.Server
	fakeseam.Small
}

func newWorld() world {
	server := fakeseam.New()
	small := fakeseam.SeedSmall(server)
	server.AddToGroup(server.AddAccessGroup(small.Salto.ID, "Staff").ID, small.JaneSalto.ID)
	return world{server, small}
}

// run plays the demo in a new world.
func run(ctx context.Context, bed *testbed.Bed, w world, out io.Writer) (err error) {
	seam, err := testbed.Serve(w.Server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, seam.Close()) }()
	cli, err := bed.NewCLI(seam.Env())
	if err != nil {
		return err
	}
	config, err := os.ReadFile(filepath.Join(bed.Root, "examples", "demo", "main.tf"))
	if err := errors.Join(err, cli.Write("main.tf", string(config))); err != nil {
		return err
	}
	d := &demo{world: w, cli: cli, out: out, others: w.rows(), shown: w.rows()}
	fmt.Fprintf(out, "\nThe Seam provider in %d steps, with %s and an embedded Seam at %s.\n", len(steps), cli.Version, seam.URL)
	fmt.Fprintf(out, "The workspace %q has these people. Terraform manages none of them:\n\n", w.Workspace.Name)
	d.showTable()
	return d.play(ctx)
}
