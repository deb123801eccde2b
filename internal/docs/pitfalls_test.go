package docs

import (
	"path"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// pitfalls are the tests of the files in examples/pitfalls. Each shows that what the
// documentation says of the example is so: what goes wrong, and what to do instead.
var pitfalls = map[string]func(*pitfall){
	"depends_on.tf":            dependsOn,
	"create_before_destroy.tf": createBeforeDestroy,
	"ignore_changes.tf":        ignoreChanges,
	"two_blocks.tf":            twoBlocks,
	"replaced_record.tf":       replacedRecord,
	"linked_filter.tf":         linkedFilter,
	"import_for_each.tf":       importForEach,
	"state_rm.sh":              stateRm,
	"swapped_import.sh":        swappedImport,
	"replace_record.sh":        replaceRecord,
}

// pitfall is one example with a CLI and an embedded Seam.
type pitfall struct {
	*stage
	*cli
	text string
}

func runPitfall(t *testing.T, name, text string) {
	t.Helper()
	test := pitfalls[path.Base(name)]
	if test == nil {
		t.Fatalf("no test in pitfalls_test.go runs %s", name)
	}
	s := newStage(t)
	files := map[string]string{}
	if strings.HasSuffix(name, ".tf") {
		files["main.tf"] = text
	}
	p := &pitfall{s, s.newCLI(t, files), text}
	p.sinceFor(text)
	test(p)
}

// change replaces text of the example.
func (p *pitfall) change(old, changed string) {
	p.t.Helper()
	if !strings.Contains(p.text, old) {
		p.t.Fatalf("the example does not contain %q", old)
	}
	p.text = strings.ReplaceAll(p.text, old, changed)
	p.write("main.tf", p.recast(p.t, p.text))
}

// says runs a command, which must succeed, and holds that it says this.
func (p *pitfall) says(command string, want ...string) {
	p.t.Helper()
	p.wantSays(p.run(strings.Fields(command)...), want...)
}

// fails runs a command, which must fail, and holds that it says this.
func (p *pitfall) fails(command string, want ...string) {
	p.t.Helper()
	r, err := p.Run(p.t.Context(), strings.Fields(command)...)
	if err != nil {
		p.t.Fatal(err)
	}
	if r.Exit == 0 {
		p.t.Errorf("%s succeeds:\n%s", command, r.Output)
	}
	p.wantSays(r.Output, want...)
}

func (p *pitfall) wantSays(output string, want ...string) {
	p.t.Helper()
	said := unwrapped(output)
	for _, want := range want {
		if !strings.Contains(said, want) {
			p.t.Errorf("it does not say %q:\n%s", want, output)
		}
	}
}

// wantLinked holds that an ACS user is linked to a user identity, or to none.
func (p *pitfall) wantLinked(acsUserID, userIdentityID string) {
	p.t.Helper()
	if got := p.HolderOf(acsUserID); got != userIdentityID {
		p.t.Errorf("ACS user %s is linked to %q, want %q", acsUserID, got, userIdentityID)
	}
}

func dependsOn(p *pitfall) {
	p.run("apply")
	p.wantNoChanges()
	p.change("Harbour House", "Harbour Tower")
	p.says("plan", "Link is replaced because an ID is unknown", "must be replaced", "1 to destroy")
	p.change("  depends_on = [terraform_data.building]\n", "")
	p.says("plan", "0 to add, 1 to change, 0 to destroy")
}

func createBeforeDestroy(p *pitfall) {
	p.run("apply")
	p.change(janesIdentity, johnsIdentity)
	p.fails("apply", "is linked to user identity "+p.small.Jane.ID+". No changes were made.", "create_before_destroy, also inherited from a dependent resource, is not supported")
	p.wantLinked(p.small.JaneGarage.ID, p.small.Jane.ID)
	p.change("create_before_destroy = true", "create_before_destroy = false")
	p.run("apply")
	p.wantLinked(p.small.JaneGarage.ID, p.small.John.ID)
}

func ignoreChanges(p *pitfall) {
	p.run("apply")
	p.Link(p.small.John.ID, p.small.JaneGarage.ID)
	p.says("plan", "is no longer linked to user identity "+p.small.Jane.ID, "1 to add, 0 to change, 0 to destroy")
	p.fails("apply", "is linked to user identity "+p.small.John.ID+". No changes were made.")
	p.wantLinked(p.small.JaneGarage.ID, p.small.John.ID)

	p.change(janesIdentity, johnsIdentity)
	p.run("import", "seam_user_identity_acs_user.jane", p.small.John.ID+"/"+p.small.JaneGarage.ID)
	p.wantNoChanges()
}

func twoBlocks(p *pitfall) {
	p.says("plan", "Link planned twice")
	p.fails("apply", "The link exists already. No changes were made.")
	p.wantLinked(p.small.JaneGarage.ID, p.small.Jane.ID)
	second := "seam_user_identity_acs_user.garage" // or the first one: Terraform orders them
	if strings.Contains(p.run("state", "list"), second) {
		second = "seam_user_identity_acs_user.jane"
	}
	p.run("import", second, p.small.Jane.ID+"/"+p.small.JaneGarage.ID)
	p.says("plan", "Two resources in state manage one link")
	p.run("state", "rm", "seam_user_identity_acs_user.garage")
	p.write("main.tf", p.recast(p.t, strings.SplitAfter(p.text, "\n}\n")[0]))
	p.wantNoChanges()
}

func replacedRecord(p *pitfall) {
	p.run("apply")
	record := p.AddACSUser(p.small.Garage.ID, fakeseam.Person{FullName: "Jane Doe"})
	p.cast[anotherACSUser] = record.ID
	p.change(janesACSUser, anotherACSUser)
	p.run("apply")
	p.wantLinked(record.ID, p.small.Jane.ID)
	p.wantLinked(p.small.JaneGarage.ID, "")

	// John has a record in this access system already. The embedded Seam refuses the
	// second one, as Seam may, after the old link was removed.
	p.Link(p.small.John.ID, p.small.JohnGarage.ID)
	p.change(janesIdentity, johnsIdentity)
	p.fails("apply", "already has an ACS user in this access system")
	p.wantLinked(record.ID, "")
	p.Unlink(p.small.JohnGarage.ID)
	p.run("apply")
	p.wantLinked(record.ID, p.small.John.ID)
}

func linkedFilter(p *pitfall) {
	p.says("apply", "2 added, 0 changed, 0 destroyed")
	p.says("plan", "0 to add, 0 to change, 2 to destroy")
	p.change(" && user.user_identity_id == null", "")
	p.wantNoChanges()
}

func importForEach(p *pitfall) {
	p.Link(p.small.Jane.ID, p.small.JaneGarage.ID)
	p.says("apply", "1 imported, 1 added, 0 changed, 0 destroyed")
	p.wantNoChanges()
	p.Unlink(p.small.JaneGarage.ID)
	p.says("apply", "1 added, 0 changed, 0 destroyed")
	p.wantNoChanges()
}

// command returns the arguments of the one command of a script: Windows has no shell for
// it.
func (p *pitfall) command() string {
	p.t.Helper()
	var commands []string
	for line := range strings.Lines(p.recast(p.t, p.text)) {
		if !strings.HasPrefix(line, "#") {
			commands = append(commands, line)
		}
	}
	args, ok := strings.CutPrefix(strings.Join(commands, ""), "terraform ")
	if !ok || len(commands) != 1 {
		p.t.Fatalf("it is not one command of Terraform: %s", p.text)
	}
	return strings.ReplaceAll(args, "'", "")
}

func swappedImport(p *pitfall) {
	p.write("main.tf", readFile(p.t, "examples", "resources", "seam_user_identity_acs_user", "resource.tf"))
	p.Link(p.small.Jane.ID, p.small.JaneGarage.ID)
	p.fails(p.command(), "Check whether user_identity_id and acs_user_id are swapped.")
}

func stateRm(p *pitfall) {
	move := readFile(p.t, "examples", "move", "main.tf")
	p.write("main.tf", p.recast(p.t, move))
	p.run("apply")
	p.says(p.command(), "Successfully removed 1 resource instance")
	var without strings.Builder
	for line := range strings.Lines(move) {
		if !strings.Contains(line, janesACSUser) {
			without.WriteString(line)
		}
	}
	p.write("main.tf", p.recast(p.t, without.String()))
	p.wantNoChanges()
	p.wantLinked(p.small.JaneGarage.ID, p.small.Jane.ID)

	removed := "removed {\n  from = seam_user_identity_acs_user.person[\"" + anotherACSUser + "\"]\n\n  lifecycle {\n    destroy = false\n  }\n}\n"
	p.sinceFor(removed)
	p.write("removed.tf", p.recast(p.t, removed))
	p.fails("plan", "removed.tf line 2")
}

func replaceRecord(p *pitfall) {
	p.write("main.tf", p.recast(p.t, readFile(p.t, "examples", "people", "main.tf")))
	p.says("apply", "6 added", `seam_user_identity_acs_user.person["nina"]`)
	old, ok := p.ACSUserNamed(p.small.Salto.ID, "Nina Novak")
	if !ok {
		p.t.Fatal("Nina has no record")
	}
	p.says(p.command(), "Link is replaced because an ID is unknown", "2 added, 0 changed, 2 destroyed")
	nina, ok := p.ACSUserNamed(p.small.Salto.ID, "Nina Novak")
	if !ok || nina.ID == old.ID || nina.UserIdentityID == "" || nina.UserIdentityID != old.UserIdentityID {
		p.t.Errorf("Nina's record is %+v, and was %+v", nina, old)
	}
	p.wantNoChanges()
}
