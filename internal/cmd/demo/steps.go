package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// demo is a run of the demo, between two steps.
type demo struct {
	world *world
	cli   *cli
	out   io.Writer

	managed []fakeseam.Link // what the state is to hold
	state   []fakeseam.Link // what it held when it was last checked
	shown   []row           // the last table
}

// step does something, and checks that it came out as its title says.
type step struct {
	title string
	run   func(context.Context) error
}

func (d *demo) play(ctx context.Context) error {
	steps := []step{
		{"Apply the configuration in examples/demo: three links are added.", d.addLinks},
		{"Plan again: there is nothing to do.", d.planAgain},
		{"Somebody removes Jane's link outside Terraform: plan tells, and apply repairs it.", d.repair},
		{"Take the block in " + frontDeskFile + " out of the configuration: its link goes, and no other.", d.takeOut},
		{"Ask, by mistake, for an ACS user that somebody else holds: apply refuses, and nothing moves.", d.mistake},
		{"Destroy: our links are gone, and those that somebody else made are untouched.", d.destroy},
	}
	for n, s := range steps {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		fmt.Fprintf(d.out, "\n%d. %s\n\n", n+1, s.title)
		d.world.seam.ResetRequests()
		err := s.run(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		d.showTable()
		if err != nil {
			return fmt.Errorf("step %d did not do what it says (%s)\n%w", n+1, strings.TrimSuffix(s.title, "."), err)
		}
	}
	return nil
}

func (d *demo) addLinks(ctx context.Context) error {
	d.command("apply")
	r, err := d.cli.apply(ctx, "")
	if err := d.finished(r, err); err != nil {
		return err
	}
	d.managed = []fakeseam.Link{d.world.amiraSalto(), d.world.janeGarage(), d.world.frontDesk()}
	return d.check(ctx, r, changes{Add: 3}, writes{added: 3})
}

func (d *demo) planAgain(ctx context.Context) error {
	d.command("plan")
	r, err := d.cli.plan(ctx, "")
	if err := d.finished(r, err); err != nil {
		return err
	}
	return d.check(ctx, r, changes{}, writes{})
}

func (d *demo) repair(ctx context.Context) error {
	jane := d.world.janeGarage()
	d.world.seam.Unlink(jane.ACSUserID)
	fmt.Fprint(d.out, "   (Somebody takes the link away in Seam.)\n")
	d.showTable()
	fmt.Fprintln(d.out)

	// The plan is kept and applied, so that what is shown is what is done.
	const file = "repair.tfplan"
	d.command("plan -out " + file)
	r, err := d.cli.plan(ctx, file)
	if err := d.finished(r, err); err != nil {
		return err
	}
	if len(r.warnings) != 1 || !strings.Contains(r.warnings[0].Summary, jane.ACSUserID) {
		return fmt.Errorf("plan gave %d warnings, and not one about %s", len(r.warnings), d.world.nameUser(jane.ACSUserID))
	}
	d.explain(r.warnings[0])
	if err := compareWrites(writes{}, d.world.writes()); err != nil {
		return fmt.Errorf("plan did more than to look: %w", err)
	}

	fmt.Fprintln(d.out)
	d.command("apply " + file)
	r, err = d.cli.apply(ctx, file)
	if err := d.finished(r, err); err != nil {
		return err
	}
	return d.check(ctx, r, changes{Add: 1}, writes{added: 1})
}

func (d *demo) takeOut(ctx context.Context) error {
	if err := os.Remove(filepath.Join(d.cli.WorkDir, frontDeskFile)); err != nil {
		return err
	}
	d.command("apply")
	r, err := d.cli.apply(ctx, "")
	if err := d.finished(r, err); err != nil {
		return err
	}
	d.managed = []fakeseam.Link{d.world.amiraSalto(), d.world.janeGarage()}
	return d.check(ctx, r, changes{Remove: 1}, writes{removed: 1})
}

// mistakeBlock asks for an ACS user that John holds.
const mistakeBlock = `resource "seam_user_identity_acs_user" "mistake" {
  acs_user_id      = var.acs_users["john_garage"]
  user_identity_id = var.user_identities["amira"]
}
`

func (d *demo) mistake(ctx context.Context) error {
	file := filepath.Join(d.cli.WorkDir, "mistake.tf")
	if err := os.WriteFile(file, []byte(mistakeBlock), 0o600); err != nil {
		return err
	}
	for line := range strings.Lines(mistakeBlock) {
		fmt.Fprint(d.out, "     "+line)
	}
	fmt.Fprintln(d.out)

	d.command("apply")
	r, err := d.cli.apply(ctx, "")
	if err != nil && len(r.errors) == 0 {
		return err // it did not come as far as to refuse
	}
	d.showLines(r)
	for _, warning := range r.warnings {
		fmt.Fprintln(d.out, "\n     | "+warning.heading()) // the error says the rest
	}
	d.showDiagnostics(r.errors)
	if err == nil {
		return errors.New("apply was not refused")
	}
	for _, id := range []string{d.world.small.JohnGarage.ID, d.world.small.John.ID, d.world.small.Amira.ID} {
		if len(r.errors) != 1 || !strings.Contains(r.errors[0].text(), id) {
			return fmt.Errorf("apply gave %d errors, and not one that names the ACS user and both identities", len(r.errors))
		}
	}
	d.explain(r.errors[0])

	if err := os.Remove(file); err != nil {
		return err
	}
	return d.checkLinks(ctx, writes{})
}

func (d *demo) destroy(ctx context.Context) error {
	d.command("destroy")
	r, err := d.cli.destroy(ctx)
	if err := d.finished(r, err); err != nil {
		return err
	}
	d.managed = nil
	return d.check(ctx, r, changes{Remove: 2}, writes{removed: 2})
}

// command shows what is run.
func (d *demo) command(arguments string) {
	fmt.Fprintf(d.out, "   $ %s %s\n", d.cli.Name, arguments)
}

// finished shows what a command said, and fails unless it succeeded.
func (d *demo) finished(r report, err error) error {
	d.show(r)
	if len(r.errors) > 0 {
		return fmt.Errorf("%s: %s", d.cli.Name, r.errors[0].Summary)
	}
	return err
}

func (d *demo) show(r report) {
	d.showLines(r)
	d.showDiagnostics(r.warnings)
	d.showDiagnostics(r.errors)
}

func (d *demo) showLines(r report) {
	for _, line := range r.lines {
		fmt.Fprintln(d.out, "     "+line)
	}
}

func (d *demo) showDiagnostics(list []diagnostic) {
	for _, diagnostic := range list {
		fmt.Fprintln(d.out)
		diagnostic.write(d.out)
	}
}

// explain says whose ids a diagnostic names.
func (d *demo) explain(diagnostic diagnostic) {
	fmt.Fprintln(d.out)
	for _, line := range d.world.whoIsWho(diagnostic.text()) {
		fmt.Fprintln(d.out, "     "+line)
	}
}

// showTable shows what Seam holds now.
func (d *demo) showTable() {
	rows := d.world.rows(d.state)
	switch {
	case d.shown == nil:
	case sameLinks(rows, d.shown):
		fmt.Fprint(d.out, "\n   Seam holds the same as before:\n\n")
	default:
		fmt.Fprint(d.out, "\n   Seam holds now:\n\n")
	}
	writeTable(d.out, rows, d.shown)
	d.shown = rows
}
