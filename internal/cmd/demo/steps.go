package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// A command takes a second or two. One that takes this long hangs.
const commandTimeout = 2 * time.Minute

// demo is a run of the demo.
type demo struct {
	*world
	cli   *testbed.CLI
	out   io.Writer
	shown []row // the last table
}

func (d *demo) play(ctx context.Context) error {
	for n, step := range []struct {
		title string
		run   func(context.Context) error
	}{
		{"Apply the configuration in examples/demo: three links are added.", d.addLinks},
		{"Plan again: there are no changes.", d.planAgain},
		{"Another process removes Jane's link: plan warns of it, and apply repairs it.", d.repair},
		{"Remove the block in " + frontDeskFile + " from the configuration: its link is removed, and no other.", d.removeBlock},
		{"Configure, by mistake, an ACS user that is linked already: apply fails, and no link is moved.", d.mistake},
		{"Destroy: the links in the state are removed, and links that were added outside Terraform are kept.", d.destroy},
	} {
		fmt.Fprintf(d.out, "\n%d. %s\n\n", n+1, step.title)
		d.ResetRequests()
		err := step.run(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		state, stateErr := d.state()
		d.showTable(state)
		if err := errors.Join(err, stateErr); err != nil {
			return fmt.Errorf("step %d had another result (%s)\n%w", n+1, strings.TrimSuffix(step.title, "."), err)
		}
	}
	return nil
}

func (d *demo) addLinks(ctx context.Context) error {
	return d.change(ctx, testbed.Changes{Add: 3}, []fakeseam.Link{d.amiraSalto(), d.janeGarage(), d.frontDesk()}, "apply")
}

func (d *demo) planAgain(ctx context.Context) error {
	return d.change(ctx, testbed.Changes{}, []fakeseam.Link{d.amiraSalto(), d.janeGarage(), d.frontDesk()}, "plan")
}

func (d *demo) repair(ctx context.Context) error {
	jane := d.janeGarage()
	managed, err := d.state()
	if err != nil {
		return err
	}
	d.Unlink(jane.ACSUserID)
	fmt.Fprint(d.out, "   (Another process removes the link in Seam.)\n")
	d.showTable(managed)
	fmt.Fprintln(d.out)

	// The plan is saved and applied, so that apply does what plan has shown.
	r, err := d.run(ctx, "plan", "-out=repair.tfplan")
	d.show(r)
	if err := errors.Join(err, r.Err()); err != nil {
		return err
	}
	if len(r.Warnings()) != 1 || !strings.Contains(r.Warnings()[0].Summary, jane.ACSUserID) {
		return fmt.Errorf("plan printed %d warnings, expected one about %s", len(r.Warnings()), d.nameUser(jane.ACSUserID))
	}
	d.explain(r.Warnings()[0])
	if err := compareWrites(testbed.Changes{}, d.writes()); err != nil {
		return fmt.Errorf("plan changed something: %w", err)
	}
	fmt.Fprintln(d.out)
	return d.change(ctx, testbed.Changes{Add: 1}, managed, "apply", "repair.tfplan")
}

func (d *demo) removeBlock(ctx context.Context) error {
	if err := os.Remove(filepath.Join(d.cli.WorkDir, frontDeskFile)); err != nil {
		return err
	}
	return d.change(ctx, testbed.Changes{Remove: 1}, []fakeseam.Link{d.amiraSalto(), d.janeGarage()}, "apply")
}

// mistakeBlock configures an ACS user that is linked to John.
const mistakeBlock = `resource "seam_user_identity_acs_user" "mistake" {
  acs_user_id      = var.acs_users["john_garage"]
  user_identity_id = var.user_identities["amira"]
}
`

func (d *demo) mistake(ctx context.Context) error {
	if err := d.cli.Write("mistake.tf", mistakeBlock); err != nil {
		return err
	}
	d.print(mistakeBlock)
	fmt.Fprintln(d.out)
	r, err := d.run(ctx, "apply")
	if err != nil {
		return err
	}
	d.showMessages(r)
	for _, warning := range r.Warnings() {
		fmt.Fprintln(d.out, "\n     | "+heading(warning)) // the error has the details
	}
	d.showDiagnostics(r.Errors())
	if r.Exit == 0 {
		return errors.New("apply succeeded")
	}
	if len(r.Errors()) != 1 {
		return r.Err()
	}
	for _, id := range []string{d.JohnGarage.ID, d.John.ID, d.Amira.ID} {
		if !strings.Contains(r.Errors()[0].Text(), id) {
			return fmt.Errorf("the error does not contain %s", id)
		}
	}
	d.explain(r.Errors()[0])
	return errors.Join(
		os.Remove(filepath.Join(d.cli.WorkDir, "mistake.tf")),
		d.check(testbed.Changes{}, []fakeseam.Link{d.amiraSalto(), d.janeGarage()}),
	)
}

func (d *demo) destroy(ctx context.Context) error {
	return d.change(ctx, testbed.Changes{Remove: 2}, nil, "destroy")
}

// run runs a command, and prints what a person would type for it.
func (d *demo) run(ctx context.Context, args ...string) (testbed.Result, error) {
	fmt.Fprintf(d.out, "   $ %s %s\n", d.cli.Name, strings.Join(args, " "))
	within, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	return d.cli.Run(within, slices.Insert(args, 1, "-json")...)
}

// change runs a command that makes these changes, after which these links are managed.
func (d *demo) change(ctx context.Context, want testbed.Changes, managed []fakeseam.Link, args ...string) error {
	r, err := d.run(ctx, args...)
	d.show(r)
	if err := errors.Join(err, r.Err()); err != nil {
		return err
	}
	got := r.Changes()
	if want.Operation = got.Operation; got != want {
		return fmt.Errorf("%s reports %+v, expected %+v", d.cli.Name, got, want)
	}
	return d.check(want, managed)
}

// check compares Seam, the state, and the requests of this step with what was expected.
func (d *demo) check(sent testbed.Changes, managed []fakeseam.Link) error {
	state, err := d.state()
	return errors.Join(
		err,
		d.compareLinks("Seam", append(slices.Clone(d.foreign), managed...), d.Links()),
		d.compareLinks("the state", managed, state),
		compareWrites(sent, d.writes()),
	)
}

// state returns the links in the state.
func (d *demo) state() ([]fakeseam.Link, error) {
	found, err := d.cli.Links()
	var links []fakeseam.Link
	for _, link := range found {
		if link.Tainted || link.Deposed {
			err = errors.Join(err, fmt.Errorf("the state has a tainted or deposed link: %s", d.nameLink(link.Link)))
		}
		links = append(links, link.Link)
	}
	return links, err
}

// writes counts the requests that change links.
func (w *world) writes() testbed.Changes {
	return testbed.Changes{Add: w.Count("/user_identities/add_acs_user"), Remove: w.Count("/user_identities/remove_acs_user")}
}

func compareWrites(want, got testbed.Changes) error {
	if want.Add == got.Add && want.Remove == got.Remove {
		return nil
	}
	return fmt.Errorf("%d requests to add and %d to remove a link were sent, expected %d and %d", got.Add, got.Remove, want.Add, want.Remove)
}

// compareLinks describes how the links of a place differ from what was expected.
func (w *world) compareLinks(place string, want, got []fakeseam.Link) error {
	var wrong []string
	for _, link := range want {
		if !slices.Contains(got, link) {
			wrong = append(wrong, "lacks "+w.nameLink(link))
		}
	}
	for _, link := range got {
		if !slices.Contains(want, link) {
			wrong = append(wrong, "has "+w.nameLink(link))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%s %s", place, strings.Join(wrong, ", and "))
}
