package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// A command takes a second or two. One that takes this long hangs.
const commandTimeout = 2 * time.Minute

// demo is a run of the demo.
type demo struct {
	world
	cli    *testbed.CLI
	out    io.Writer
	others []row // the people of the world when it began
	shown  []row // the last table
}

// nina is the person in the configuration in examples/demo.
var nina = row{"Nina Novak", "Nina Novak in Salto HQ", "Staff"}

var steps = []struct {
	title string
	run   func(*demo, context.Context) error
}{
	{"Apply examples/demo: Nina gets an account, a record in an access system, a link and an access group.", (*demo).onboard},
	{"Plan again: there are no changes.", (*demo).planAgain},
	{"Another process removes Nina's link, and removes her from the group: plan warns of both, and apply repairs both.", (*demo).repair},
	{"Link an ACS user to Nina that is linked to John: apply fails, and no link is moved.", (*demo).refuse},
	{"Destroy: all that Terraform created is deleted, and nothing else.", (*demo).offboard},
}

func (d *demo) play(ctx context.Context) error {
	for n, step := range steps {
		fmt.Fprintf(d.out, "\n%d. %s\n\n", n+1, step.title)
		d.ResetRequests()
		err := step.run(d, ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		fmt.Fprint(d.out, "   Seam now has:\n\n")
		d.showTable()
		if err != nil {
			return fmt.Errorf("step %d had another result (%s)\n%w", n+1, strings.TrimSuffix(step.title, "."), err)
		}
	}
	fmt.Fprintf(d.out, "\nAll %d steps had the expected result.\n", len(steps))
	return nil
}

func (d *demo) onboard(ctx context.Context) error {
	return errors.Join(
		d.succeed(ctx, "apply"),
		d.check([]row{nina}, "/acs/users/add_to_access_group", "/acs/users/create", "/user_identities/add_acs_user", "/user_identities/create"),
	)
}

func (d *demo) planAgain(ctx context.Context) error {
	return errors.Join(d.succeed(ctx, "plan", "-detailed-exitcode"), d.check([]row{nina}))
}

func (d *demo) repair(ctx context.Context) error {
	user, _ := d.ACSUserNamed(d.Salto.ID, nina[0])
	d.Unlink(user.ID)
	d.RemoveFromGroup(d.AccessGroups(d.Workspace.ID)[0].ID, user.ID)
	d.showTable()
	fmt.Fprintln(d.out)
	// The plan is saved and applied, so that apply does what plan has shown.
	r, err := d.run(ctx, "plan", "-out=repair.tfplan")
	if err := errors.Join(err, r.Err(), d.check([]row{{nina[0], "-"}, {"-", nina[1]}})); err != nil {
		return err
	}
	if warnings := r.Warnings(); len(warnings) != 2 || !strings.Contains(warnings[0].Summary, user.ID) || !strings.Contains(warnings[1].Summary, user.ID) {
		return fmt.Errorf("plan printed the warnings %v, expected two about ACS user %s", warnings, user.ID)
	}
	return errors.Join(
		d.succeed(ctx, "apply", "repair.tfplan"),
		d.check([]row{nina}, "/acs/users/add_to_access_group", "/user_identities/add_acs_user"),
	)
}

// mistake configures an ACS user that is linked to John.
const mistake = `data "seam_acs_user" "john" {
  acs_system_id = data.seam_acs_system.headquarters.acs_system_id
  full_name     = "John Smith"
}

resource "seam_user_identity_acs_user" "mistake" {
  user_identity_id = seam_user_identity.nina.user_identity_id
  acs_user_id      = data.seam_acs_user.john.acs_user_id
}
`

func (d *demo) refuse(ctx context.Context) error {
	if err := d.cli.Write("mistake.tf", mistake); err != nil {
		return err
	}
	d.print(mistake + "\n")
	r, err := d.run(ctx, "apply")
	if err := errors.Join(err, os.Remove(filepath.Join(d.cli.WorkDir, "mistake.tf")), d.check([]row{nina})); err != nil {
		return err
	}
	if r.Exit == 0 {
		return errors.New("apply succeeded")
	}
	if found := r.Errors(); len(found) != 1 || !strings.Contains(found[0].Text(), d.JohnSalto.ID) || !strings.Contains(found[0].Text(), d.John.ID) {
		return fmt.Errorf("the error is not about John's ACS user: %w", r.Err())
	}
	return nil
}

func (d *demo) offboard(ctx context.Context) error {
	return errors.Join(
		d.succeed(ctx, "destroy"),
		d.check(nil, "/acs/users/delete", "/acs/users/remove_from_access_group", "/user_identities/delete", "/user_identities/remove_acs_user"),
	)
}

// run runs a command, and prints what a person would type for it, and what it reports.
func (d *demo) run(ctx context.Context, args ...string) (testbed.Result, error) {
	fmt.Fprintf(d.out, "   $ %s %s\n", d.cli.Name, strings.Join(args, " "))
	within, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	r, err := d.cli.Run(within, slices.Insert(args, 1, "-json")...)
	d.show(r)
	return r, err
}

func (d *demo) succeed(ctx context.Context, args ...string) error {
	r, err := d.run(ctx, args...)
	return errors.Join(err, r.Err())
}

// check compares Seam with the other people and those that Terraform manages, and the
// requests of this step with the writes that were expected, which are sorted.
func (d *demo) check(managed []row, writes ...string) (err error) {
	var sent []string
	for _, request := range d.Requests() {
		switch path.Base(request.Route) {
		case "get", "list", "list_acs_users", "list_users":
		default:
			sent = append(sent, request.Route)
		}
	}
	slices.Sort(sent)
	if !slices.Equal(sent, writes) {
		err = fmt.Errorf("these writes were sent: %q, expected %q", sent, writes)
	}
	if got, want := d.rows(), sorted(slices.Concat(d.others, managed)); !slices.Equal(got, want) {
		err = errors.Join(err, fmt.Errorf("Seam differs from what was expected:\n%s", table(got, want)))
	}
	return err
}
