package docs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// Every guide is walked by a test in this file.
func TestAccGuides_complete(t *testing.T) {
	t.Parallel()
	testbed.NeedCLI(t)
	walked := readFile(t, "internal", "docs", "guides_test.go")
	guides, err := filepath.Glob(filepath.Join(root(t), "templates", "guides", "*"))
	if err != nil || len(guides) == 0 {
		t.Fatalf("there are no guides: %v", err)
	}
	for _, guide := range guides {
		name, isPlain := strings.CutSuffix(filepath.Base(guide), ".md")
		if !isPlain || !strings.Contains(walked, `newWalk(t, "`+name+`"`) {
			t.Errorf("no test walks the guide %s", filepath.Base(guide))
		}
	}
}

func TestAccGuides_linkPeopleByEmail(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "link-people-by-email", "3. Import the links that exist")
	w.cli.since("1.8", "1.7")
	// In lower case, the letter that this account begins with is a plain i.
	ian := w.AddACSUser(w.small.Salto.ID, fakeseam.Person{FullName: "Ian", EmailAddress: "ian@example.com"})
	w.AddUserIdentity(w.small.Workspace.ID, fakeseam.Person{FullName: "Somebody else", EmailAddress: "\u0130an@example.com"})
	shouting := w.AddACSUser(w.small.Salto.ID, fakeseam.Person{FullName: "Priya", EmailAddress: "PRIYA@example.com"})
	leaving := w.AddACSUser(w.small.Salto.ID, fakeseam.Person{FullName: "Jane of last year", EmailAddress: "jane@example.com"})
	w.MarkACSUserBeingDeleted(leaving.ID)
	left := w.AddUserIdentity(w.small.Workspace.ID, fakeseam.Person{FullName: "John of last year", EmailAddress: "John@example.com"})
	w.MarkUserIdentityBeingDeleted(left.ID)

	w.wantSaid(w.run("terraform plan"), "Plan: 4 to add, 0 to change, 0 to destroy.",
		`= "Priya <PRIYA@example.com> to Priya Patel"`)
	said := w.run("terraform apply")
	w.wantSaid(said, `not_linked = [ "Front Desk", "Ian", "Jane of last year", ]`)
	all := [][2]string{
		{w.small.Jane.ID, w.small.JaneSalto.ID},
		{w.small.John.ID, w.small.JohnSalto.ID},
		{w.small.Amira.ID, w.small.AmiraSalto.ID},
		{w.small.Priya.ID, shouting.ID},
	}
	w.wantLinks(all...)
	w.wantNobody(ian.ID)

	second := w.AddUserIdentity(w.small.Workspace.ID, fakeseam.Person{FullName: "Jane Doe", EmailAddress: "Jane@example.com"})
	w.cast[johnsIdentity] = second.ID
	w.fail("terraform plan", "Duplicate object key", `"jane@example.com"`)
	w.wantSaid(w.run("terraform plan"), "No changes.")
	w.end()
	w.wantLinks(all...)

	// The same for two in the access system.
	twin := w.AddACSUser(w.small.Salto.ID, fakeseam.Person{FullName: "Jane D.", EmailAddress: "jane@example.com"})
	if output, err := w.do("terraform plan"); err == nil {
		t.Errorf("two people with one address are no error:\n%s", output)
	}
	w.edit("left_out.tf", second.ID, second.ID+"\", \""+twin.ID)
	w.apply() // the output names this one too
	w.end()
	w.wantLinks(all...)

	// A person who loses the address loses the link, and the plan says so.
	w.DeleteUserIdentity(second.ID)
	w.edit("left_out.tf", second.ID, w.small.John.ID)
	output, err := w.do("terraform plan")
	if err != nil {
		t.Error(err)
	}
	w.wantSaid(output, "will be destroyed", "0 to add, 0 to change, 1 to destroy")
}

func (w *walk) wantNobody(acsUserID string) {
	w.t.Helper()
	if holder := w.HolderOf(acsUserID); holder != "" {
		w.t.Errorf("ACS user %s is linked to %s", acsUserID, holder)
	}
}

// Some are linked already, and one of them to somebody else.
func TestAccGuides_linkPeopleByEmail_linkedAlready(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "link-people-by-email")
	w.cli.since("1.8", "1.7")
	w.Link(w.small.Jane.ID, w.small.JaneSalto.ID)
	w.Link(w.small.Priya.ID, w.small.JohnSalto.ID)

	said := w.run("terraform plan")
	w.wantSaid(said, "Plan: 1 to import, 2 to add, 0 to change, 0 to destroy.",
		"Warning: ACS user "+w.small.JohnSalto.ID+" is linked to user identity "+w.small.Priya.ID)
	if strings.Contains(unwrapped(said), "is already linked to user identity") {
		t.Errorf("a link that is imported is warned of:\n%s", said)
	}
	w.edit("left_out.tf", "[]", `["`+w.small.JohnSalto.ID+`"]`)
	w.wantSaid(w.run("terraform apply"), "1 imported, 1 added, 0 changed, 0 destroyed.")
	w.wantWrites("add_acs_user")
	want := [][2]string{
		{w.small.Jane.ID, w.small.JaneSalto.ID},
		{w.small.Amira.ID, w.small.AmiraSalto.ID},
		{w.small.Priya.ID, w.small.JohnSalto.ID},
	}
	w.wantLinks(want...)
	if _, err := w.do("terraform plan -detailed-exitcode"); err != nil {
		t.Errorf("there is something left to do: %v", err)
	}

	// The imports stay, and import a link that Seam adds by itself.
	wei := w.AddACSUser(w.small.Salto.ID, fakeseam.Person{FullName: "Priya", EmailAddress: "priya@example.com"})
	w.Unlink(w.small.JohnSalto.ID)
	w.Link(w.small.Priya.ID, wei.ID)
	w.wantSaid(w.doneWith("terraform apply"), "1 imported, 0 added, 0 changed, 0 destroyed.")
	w.wantWrites()
}

// doneWith runs a command that the guide does not show, and that succeeds.
func (w *walk) doneWith(command string) string {
	w.t.Helper()
	output, err := w.do(command)
	if err != nil {
		w.t.Fatalf("%s: %v\n%s", command, err, output)
	}
	return output
}

// linkAll makes the links that are there before Terraform comes.
func (w *walk) linkAll() [][2]string {
	var links [][2]string
	for _, link := range w.small.LinkedPairs {
		w.Link(link.UserIdentityID, link.ACSUserID)
		links = append(links, [2]string{link.UserIdentityID, link.ACSUserID})
	}
	return links
}

func TestAccGuides_bringExistingLinks_query(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "bring-existing-links-under-terraform", "Without terraform query", "Import the list", beforeTerraform17, anotherProvider)
	w.cli.since("1.14", "")
	links := w.linkAll()
	w.wantSaid(w.run("terraform query"), "Jane Doe in Salto HQ (jane@example.com)",
		"John Smith in Salto HQ (john@example.com)", "John Smith in Visionline Garage (john@example.com)")
	w.run("terraform query -generate-config-out=links.tf")
	w.edit("links.tf", "headquarters_0", "jane")
	w.wantSaid(w.run("terraform plan"), "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy.")
	w.wantSaid(w.run("terraform apply"), "Resources: 3 imported, 0 added, 0 changed, 0 destroyed.")

	// What has done its work, goes; one block is renamed.
	for _, done := range []string{"rm links.tfquery.hcl", "rm systems.tf"} {
		if _, err := w.do(done); err != nil {
			t.Fatal(err)
		}
	}
	w.withoutImports("links.tf")
	w.edit("links.tf", "headquarters_1", "john")
	w.wantSaid(w.run("terraform plan"), "seam_user_identity_acs_user.headquarters_1 has moved to seam_user_identity_acs_user.john",
		"0 to add, 0 to change, 0 to destroy")
	w.apply()
	w.end()
	w.wantLinks(links...)
	w.wantWrites()
}

// withoutImports takes the import blocks out of a generated file.
func (w *walk) withoutImports(name string) {
	w.t.Helper()
	path := filepath.Join(w.cli.WorkDir, name)
	text, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	kept, in := "", false
	for line := range strings.Lines(string(text)) {
		in = in || line == "import {\n"
		if !in {
			kept += line
		}
		in = in && line != "}\n"
	}
	if kept == string(text) {
		w.t.Fatalf("there is no import block:\n%s", text)
	}
	w.cli.write(name, kept)
}

const (
	beforeTerraform17 = "Import the list before Terraform 1.7"
	anotherProvider   = "Coming from another provider"
)

func TestAccGuides_bringExistingLinks_forEach(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "bring-existing-links-under-terraform", "With terraform query", beforeTerraform17, anotherProvider)
	w.cli.since("1.7", "1.7")
	links := w.makeTheList()
	w.wantSaid(w.run("terraform plan"), "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy.")
	w.wantSaid(w.run("terraform apply"), "4 imported, 0 added, 0 changed, 0 destroyed.")
	w.run("rm imports.tf")
	w.wantSaid(w.run("terraform plan"), "No changes.")
	w.end()
	w.wantLinks(links...)
	w.wantWrites()

	// A link that somebody makes later.
	w.Link(w.small.Amira.ID, w.small.AmiraSalto.ID)
	w.edit("people.tf", "links = {\n", "links = {\n  \""+w.small.AmiraSalto.ID+"\" = \""+w.small.Amira.ID+"\"\n")
	output, err := w.do("terraform plan")
	if err != nil {
		t.Error(err)
	}
	w.wantSaid(output, "is already linked to user identity "+w.small.Amira.ID, `id = "`+w.small.Amira.ID+"/"+w.small.AmiraSalto.ID+`"`)
}

// The old provider is not at hand: terraform_data has the place of its resource.
func TestAccGuides_bringExistingLinks_anotherProvider(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "bring-existing-links-under-terraform", "With terraform query", "Without terraform query", "Import the list", beforeTerraform17)
	w.cli.since("1.7", "1.10")
	for i := range w.parts {
		w.parts[i].text = strings.ReplaceAll(w.parts[i].text, "restapi_object", "terraform_data")
	}
	w.cli.write("old.tf", "resource \"terraform_data\" \"jane\" {}\n")
	w.apply()
	w.Link(w.small.Jane.ID, w.small.JaneGarage.ID)
	w.wantSaid(w.run("terraform plan"), "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy", "terraform_data.jane")
	w.wantSaid(w.run("terraform apply"), "1 imported, 0 added, 0 changed, 0 destroyed")
	if state := w.doneWith("terraform state list"); strings.Contains(state, "terraform_data") || !strings.Contains(state, "seam_user_identity_acs_user.jane") {
		t.Errorf("the state contains %s", state)
	}
	w.end()
	w.wantLinks([2]string{w.small.Jane.ID, w.small.JaneGarage.ID})
	w.wantWrites()
}

func TestAccGuides_bringExistingLinks_printed(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "bring-existing-links-under-terraform", "With terraform query", "Import the list", anotherProvider)
	w.cli.since("1.5", "1.6")
	if strings.HasPrefix(w.cli.Version, "Terraform v1.16.0") {
		t.Skipf("%s imports only the first of several instances of one resource, also terraform_data", w.cli.Version)
	}
	links := w.makeTheList()
	w.run("terraform output -raw imports > imports.tf")
	w.wantSaid(w.run("terraform plan"), "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy.")
	w.wantSaid(w.run("terraform apply"), "4 imported, 0 added, 0 changed, 0 destroyed.")
	w.run("rm imports.tf")
	w.end()

	// The command, for versions without import blocks.
	address := `seam_user_identity_acs_user.person["` + links[0][1] + `"]`
	for _, command := range []string{"terraform state rm " + address, "terraform import " + address + " " + links[0][0] + "/" + links[0][1]} {
		if output, err := w.do(command); err != nil {
			t.Errorf("%s: %v\n%s", command, err, output)
		}
	}
	w.end()
	w.wantLinks(links...)
	w.wantWrites()
}

// makeTheList walks to the list of the links that exist, and returns them.
func (w *walk) makeTheList() [][2]string {
	w.t.Helper()
	links := w.linkAll()
	// Names come from access systems, where anybody can write.
	person := fakeseam.Person{FullName: "Zoë \"Z\" ${jane}\n} 👩‍💻"}
	zoe := [2]string{w.AddUserIdentity(w.small.Workspace.ID, person).ID, w.AddACSUser(w.small.Garage.ID, person).ID}
	w.Link(zoe[0], zoe[1])
	links = append(links, zoe)

	w.run("terraform apply")
	list := w.run("terraform output -raw links > people.tf")
	for _, link := range links {
		if !strings.Contains(list, "    \""+link[1]+"\" = \""+link[0]+"\" # \"") {
			w.t.Errorf("the list lacks %v:\n%s", link, list)
		}
	}
	w.wantSaid(list, `# "Jane Doe"`)
	w.run("rm find.tf")
	return links
}

const offboardAction = "terraform apply -invoke=action.seam_user_identity_remove_acs_user.offboard"

// The sections of the guide that not everyone needs.
const offboardAtOnce, offboardRefused = "Remove the access at once", "If another record is linked"

func TestAccGuides_offboard_action(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "offboard-a-person", offboardRefused)
	w.cli.since("1.14", "")
	w.run("terraform apply")
	nina := w.wantNina()
	// A link that Terraform does not know of.
	w.Link(nina.UserIdentityID, w.small.FrontDesk.ID)
	w.ResetRequests()
	w.wantSaid(w.run(offboardAction), "was removed from user identity "+nina.UserIdentityID, "0 added, 0 changed, 0 destroyed. Actions: 2 invoked.")
	w.wantWrites("remove_acs_user", "remove_acs_user")
	w.wantLinks([2]string{w.small.Jane.ID, w.small.JaneSalto.ID})
	if output, err := w.do(offboardAction); err != nil {
		t.Errorf("invoking it again: %v\n%s", err, output)
	}
	w.wantWrites()

	w.wantSaid(w.run("terraform plan"), "seam_user_identity_acs_user.nina will be created", "1 to add, 0 to change, 0 to destroy")
	w.run("rm offboard.tf")
	w.run("rm nina.tf")
	w.wantSaid(w.run("terraform apply"), "0 added, 0 changed, 3 destroyed.")
	w.removeJane()
}

func TestAccGuides_offboard(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "offboard-a-person", offboardAtOnce, offboardRefused)
	w.run("terraform apply")
	w.wantNina()
	w.run("rm nina.tf")
	w.ResetRequests()
	w.wantSaid(w.run("terraform apply"), "0 added, 0 changed, 4 destroyed.")
	got := w.writes()
	before := func(first, then string) bool {
		at := slices.Index(got, first)
		return at >= 0 && at < slices.Index(got, then)
	}
	if len(got) != 4 || !before("remove_acs_user", "delete") || !before("remove_acs_user", "acs/users/delete") || !before("acs/users/remove_from_access_group", "acs/users/delete") {
		t.Errorf("these writes were sent: %v, want the access to be removed before the record and the account are deleted", got)
	}
	w.removeJane()
}

// An account that is linked to a record of others is deleted only with force_destroy.
func TestAccGuides_offboard_refused(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "offboard-a-person", offboardAtOnce)
	w.run("terraform apply")
	nina := w.wantNina()
	w.Link(nina.UserIdentityID, w.small.FrontDesk.ID)
	w.run("rm nina.tf")
	w.fail("terraform apply", `"Front Desk", acs_user_id `+w.small.FrontDesk.ID, "Remove the links first, or set force_destroy = true and apply before you destroy.")
	w.wantLinks([2]string{nina.UserIdentityID, w.small.FrontDesk.ID}, [2]string{w.small.Jane.ID, w.small.JaneSalto.ID})
	if _, exists := w.ACSUser(nina.ID); exists {
		t.Error("Nina's record is left")
	}
	w.wantSaid(w.run("terraform apply"), "0 added, 1 changed, 0 destroyed.")
	w.run("rm nina.tf")
	w.wantSaid(w.run("terraform apply"), "0 added, 0 changed, 1 destroyed.")
	if _, exists := w.ACSUser(w.small.FrontDesk.ID); exists {
		t.Error("Seam did not delete the ACS user that was linked")
	}
	w.removeJane()
}

// wantNina holds that Nina has what she was given, and returns her record.
func (w *walk) wantNina() fakeseam.ACSUser {
	w.t.Helper()
	identity, ok := w.UserIdentityNamed(w.small.Workspace.ID, "Nina Novak")
	nina, exists := w.ACSUserNamed(w.small.Salto.ID, "Nina Novak")
	if !ok || !exists || nina.UserIdentityID != identity.ID || nina.IsSuspended || !slices.Contains(w.Members(w.staff.ID), nina.ID) {
		w.t.Fatalf("Nina has the account %+v and the record %+v", identity, nina)
	}
	return nina
}

// removeJane walks the guide from the section on Jane's record to its end.
func (w *walk) removeJane() {
	w.t.Helper()
	w.run("rm jane.tf")
	w.wantSaid(w.run("terraform apply"), "0 added, 0 changed, 2 destroyed.")
	w.wantLinks()
	w.wantSaid(w.run("terraform apply"), "groups = []", "linked = []")
	w.run("rm left.tf")
	w.apply() // the outputs are removed
	w.end()
	if jane, exists := w.ACSUser(w.small.JaneSalto.ID); !exists || jane.IsSuspended {
		w.t.Errorf("Jane's record is %+v", jane)
	}
	w.wantNobodyOnboarded()
}

func (w *walk) wantNobodyOnboarded() {
	w.t.Helper()
	if _, exists := w.UserIdentityNamed(w.small.Workspace.ID, "Nina Novak"); exists {
		w.t.Error("Nina's account is left")
	}
	if nina, exists := w.ACSUserNamed(w.small.Salto.ID, "Nina Novak"); exists {
		w.t.Errorf("Nina's record is left: %+v", nina)
	}
	if members := w.Members(w.staff.ID); len(members) > 0 {
		w.t.Errorf("in the group are %v", members)
	}
}

// What the guide says in words: one person alone, and a managed record that stays.
func TestAccGuides_offboard_inWords(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "offboard-a-person", offboardAtOnce, "Delete the person", offboardRefused, "Keep the record", "Verify")
	w.run("terraform apply")
	nina := w.wantNina()
	w.UpdateACSUser(nina.ID, fakeseam.Person{FullName: "N. Novak", EmailAddress: "nina@example.com"}) // an apply would change it back
	if _, err := w.do("rm jane.tf"); err != nil {
		t.Fatal(err)
	}
	output, err := w.do("terraform apply -target=seam_user_identity_acs_user.jane -target=seam_acs_access_group_user.jane_staff")
	if err != nil {
		t.Error(err)
	}
	w.wantSaid(output, "0 added, 0 changed, 2 destroyed.")
	w.wantLinks([2]string{nina.UserIdentityID, nina.ID})

	w.cli.write("nina.tf", "resource \"seam_acs_user\" \"nina\" {\n  acs_system_id = data.seam_acs_system.headquarters.acs_system_id\n"+
		"  full_name     = \"Nina Novak\"\n  email_address = \"nina@example.com\"\n  is_suspended  = true\n}\n")
	w.apply()
	w.end()
	w.wantLinks()
	if record, exists := w.ACSUser(nina.ID); !exists || !record.IsSuspended || len(w.Members(w.staff.ID)) > 0 {
		t.Errorf("Nina's record is %+v, and in the group are %v", record, w.Members(w.staff.ID))
	}
	if _, exists := w.UserIdentity(nina.UserIdentityID); exists {
		t.Error("Nina's account is left")
	}
}

func TestAccGuides_move(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "move-an-acs-user")
	jane := [2]string{w.small.Jane.ID, w.small.JaneGarage.ID}
	john := [2]string{w.small.John.ID, w.small.JaneGarage.ID}
	w.run("terraform apply")
	w.wantLinks(jane)
	w.wantWrites("add_acs_user")
	w.wantSaid(w.run("terraform plan"), "must be replaced", "1 to add, 0 to change, 1 to destroy")
	w.run("terraform apply")
	w.wantLinks(john)
	w.wantWrites("remove_acs_user", "add_acs_user")

	w.run("terraform apply")
	w.wantLinks(john, [2]string{w.small.Jane.ID, w.small.AmiraSalto.ID})
	w.run("rm jane.tf")
	w.run("terraform apply")
	w.wantLinks(john)
	w.run("terraform apply")
	moved := [2]string{w.small.John.ID, w.small.AmiraSalto.ID}
	w.wantLinks(john, moved)
	w.wantWrites("add_acs_user", "remove_acs_user", "add_acs_user")

	w.fail("terraform apply", "is linked to user identity "+john[0]+". No changes were made.")
	w.wantLinks(john, moved)
	w.wantWrites()
	w.edit("main.tf", "create_before_destroy = true", "create_before_destroy = false")
	w.apply()
	w.wantLinks(jane, moved)
	w.end()

	// The plan warns of somebody else who holds the ACS user.
	w.Link(w.small.Amira.ID, w.small.JaneGarage.ID)
	output, err := w.do("terraform plan")
	if err != nil {
		t.Error(err)
	}
	w.wantSaid(output, "Warning: ACS user "+w.small.JaneGarage.ID+" is linked to user identity "+w.small.Amira.ID)
}

// A second workspace, for the guide on authentication.
const theTower = "c3b1a2d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d"

func TestAccGuides_authentication(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "authentication-and-workspaces")
	tower := w.AddWorkspace("Harbour Tower")
	w.cast[theTower] = tower.ID

	w.run("export SEAM_API_KEY=seam_...")
	w.wantSaid(w.run("terraform apply"), `workspace = "Harbour House"`)
	w.wantNoSecret(w.small.Workspace.APIKey)
	w.wantSaid(w.failsWith(tower.APIKey), "workspace_id is "+w.small.Workspace.ID+", but the API key belongs to workspace "+tower.ID+".")

	w.run("unset SEAM_API_KEY")
	w.run("export SEAM_PERSONAL_ACCESS_TOKEN=seam_at...")
	token := w.AddToken(w.small.Workspace.ID, tower.ID)
	w.env = map[string]string{"SEAM_PERSONAL_ACCESS_TOKEN": token}
	w.wantSaid(w.run("terraform apply"), `workspaces = [ "Harbour House", "Harbour Tower", ]`)
	w.wantNoSecret(token)

	w.run("terraform plan -input=false -out=tfplan")
	w.run("terraform apply -input=false tfplan")
	w.run("terraform plan -parallelism=4")
	w.end()
}

// What the guide says of keys that are rotated, and of wrong ones.
func TestAccGuides_authentication_wrongKeys(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "authentication-and-workspaces", "A personal access token for several workspaces", "In a pipeline", "When requests fail")
	tower := w.AddWorkspace("Harbour Tower")
	w.run("export SEAM_API_KEY=seam_...")
	w.run("terraform apply")
	w.cli.write("jane.tf", "resource \"seam_user_identity_acs_user\" \"jane\" {\n  user_identity_id = \""+w.small.Jane.ID+
		"\"\n  acs_user_id      = \""+w.small.JaneGarage.ID+"\"\n}\n")
	w.apply()
	jane := [2]string{w.small.Jane.ID, w.small.JaneGarage.ID}
	w.wantLinks(jane)

	old := w.env["SEAM_API_KEY"]
	w.env["SEAM_API_KEY"] = w.AddAPIKey(w.small.Workspace.ID)
	w.end()
	w.Revoke(old)
	w.wantSaid(w.failsWith(old), "401 Unauthorized")
	w.ResetRequests()
	w.wantSaid(w.failsWith("seam_pk1234_0123456789"), "is a publishable key")
	if n := len(w.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}

	w.edit("main.tf", "workspace_id", "# workspace_id")
	w.wantSaid(w.failsWith(tower.APIKey), "This resource belongs to workspace "+w.small.Workspace.ID, "The link stays in state.")
	w.env["SEAM_API_KEY"] = tower.APIKey
	if output, err := w.do("terraform apply -destroy -refresh=false"); err == nil {
		t.Errorf("the link of another workspace was removed:\n%s", output)
	} else {
		w.wantSaid(output, "This resource belongs to workspace "+w.small.Workspace.ID)
	}
	w.wantLinks(jane)
	w.wantWrites() // none since the requests were forgotten
	w.env["SEAM_API_KEY"] = w.AddAPIKey(w.small.Workspace.ID)
	w.apply() // the outputs, which the destroy may have dropped
	w.end()
}

// failsWith plans with another key, which has to fail.
func (w *walk) failsWith(key string) string {
	w.t.Helper()
	before := w.env["SEAM_API_KEY"]
	w.env["SEAM_API_KEY"] = key
	defer func() { w.env["SEAM_API_KEY"] = before }()
	output, err := w.do("terraform plan")
	if err == nil {
		w.t.Errorf("it succeeds:\n%s", output)
	}
	return output
}

// wantNoSecret holds that nothing that Terraform left behind has the secret.
func (w *walk) wantNoSecret(secret string) {
	w.t.Helper()
	if _, err := w.do("terraform plan -out=kept"); err != nil {
		w.t.Error(err)
	}
	plan, err := w.do("terraform show -json kept")
	if err != nil {
		w.t.Error(err)
	}
	state, err := w.do("terraform state pull")
	if err != nil {
		w.t.Error(err)
	}
	if strings.Contains(plan+state, secret) {
		w.t.Error("the secret is in the plan or the state")
	}
}

func TestAccGuides_onboardAPerson(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "onboard-a-person")
	people, records := len(w.UserIdentities(w.small.Workspace.ID)), len(w.ACSUsers(w.small.Workspace.ID))
	w.wantSaid(w.run("terraform plan"), "Plan: 4 to add, 0 to change, 0 to destroy.")
	w.wantSaid(w.run("terraform apply"), "Resources: 4 added, 0 changed, 0 destroyed.")
	nina := w.wantNina()
	if _, err := w.do("terraform plan -detailed-exitcode"); err != nil {
		t.Errorf("there is something left to do: %v", err)
	}
	w.wantSaid(w.run("terraform apply"), "Resources: 0 added, 1 changed, 0 destroyed.")
	if nina, _ := w.ACSUser(nina.ID); !nina.IsSuspended {
		t.Error("Nina's record is not suspended")
	}
	w.run("rm nina.tf")
	w.wantSaid(w.run("terraform apply"), "Resources: 0 added, 0 changed, 4 destroyed.")
	w.end()
	w.wantNobodyOnboarded()
	if len(w.UserIdentities(w.small.Workspace.ID)) != people || len(w.ACSUsers(w.small.Workspace.ID)) != records {
		t.Error("someone else was deleted")
	}
}

func TestAccGuides_testAModule(t *testing.T) {
	t.Parallel()
	w := newWalk(t, "test-a-module")
	w.cli.since("1.7", "1.8")
	w.wantSaid(w.run("terraform test -filter=mock.tftest.hcl"), "1 passed, 0 failed.")
	if n := len(w.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}

	if !strings.Contains(readFile(t, "Makefile"), "\nfakeseam:") {
		t.Error("make has no target fakeseam")
	}
	w.run("git clone https://github.com/seamapi/terraform-provider-seam")
	w.run("make -C terraform-provider-seam fakeseam")
	w.linkAll() // which make fakeseam starts with
	w.run("export SEAM_ENDPOINT=http://127.0.0.1:...")
	w.run("export SEAM_API_KEY=seam_...")
	w.wantSaid(w.run("terraform test -filter=embedded.tftest.hcl"), "2 passed, 0 failed.")
	w.wantWrites("add_acs_user", "remove_acs_user")

	// The tests of the guide can fail.
	w.edit("main.tf", "acs_user_id      = data.seam_acs_user.person.acs_user_id", "acs_user_id      = \""+w.small.AmiraSalto.ID+"\"")
	for _, test := range []string{"mock", "embedded"} {
		if output, err := w.do("terraform test -filter=" + test + ".tftest.hcl"); err == nil {
			t.Errorf("a module that links another ACS user passes the test %s:\n%s", test, output)
		}
	}
	w.wantLinks(w.linkAll()...)
}
