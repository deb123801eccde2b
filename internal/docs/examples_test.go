package docs

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// Every file in examples is run in the way that it is meant for. A file that
// nobody knows how to run is an error.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	testbed.NeedCLI(t)
	for name, text := range exampleFiles(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := path.Base(name)
			if !strings.HasSuffix(base, ".sh") {
				wantFormatted(t, text)
			}
			switch {
			case strings.HasPrefix(name, "demo/"):
				t.Skip("run by the tests of internal/cmd/demo")
			case strings.HasPrefix(name, "pitfalls/"):
				runPitfall(t, name, text)
			case base == "import.sh":
				runImportCommand(t, text, sibling(t, name, "resource.tf"))
			case strings.HasPrefix(base, "import-"):
				runImportBlock(t, text, sibling(t, name, "resource.tf"))
			case strings.HasSuffix(base, ".tfquery.hcl"):
				runQuery(t, text)
			case base == "action.tf":
				runAction(t, text)
			case strings.HasSuffix(base, ".tf"):
				runConfiguration(t, text)
			default:
				t.Error("it is not known how to run this")
			}
		})
	}
}

// exampleFiles returns the text of every file in examples by its name there.
func exampleFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	examples := filepath.Join(root(t), "examples")
	err := filepath.WalkDir(examples, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(examples, file)
		files[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d examples were found", len(files))
	}
	return files
}

func sibling(t *testing.T, name, base string) string {
	t.Helper()
	return readFile(t, "examples", filepath.FromSlash(path.Dir(name)), base)
}

var askSomething = "data \"seam_workspace\" \"in_use\" {}\n"

// runConfiguration applies, finds nothing left to do, and destroys.
func runConfiguration(t *testing.T, text string) {
	t.Helper()
	s := newStage(t)
	files := map[string]string{"main.tf": text}
	if !regexp.MustCompile(`(?m)^(resource|data) "`).MatchString(text) {
		// Terraform does not configure a provider that nothing needs.
		files["ask.tf"] = askSomething
	}
	if regexp.MustCompile(`(?m)^resource "seam_(user_identity|acs_user)"`).MatchString(text) {
		// The example creates Jane.
		s.DeleteACSUser(s.small.JaneSalto.ID)
		s.DeleteUserIdentity(s.small.Jane.ID)
	}
	c := s.newCLI(t, files)
	c.sinceFor(text)
	c.run("apply")
	c.wantNoChanges()
	if strings.Contains(text, `resource "seam_user_identity_acs_user"`) && len(s.Links()) == 0 {
		t.Error("no link was added")
	}
	if strings.Contains(text, `resource "seam_acs_access_group_user"`) && len(s.Members(s.cast[visitorsGroup])) == 0 {
		t.Error("no member was added")
	}
	if len(s.Requests()) == 0 {
		t.Error("Seam was not asked anything")
	}
	if strings.Contains(text, "prevent_destroy") {
		c.write("main.tf", s.recast(t, strings.ReplaceAll(text, "prevent_destroy = true", "prevent_destroy = false")))
	}
	c.run("destroy")
	if left := s.Links(); len(left) > 0 {
		t.Errorf("links are left: %v", left)
	}
	if left := s.Members(s.cast[visitorsGroup]); len(left) > 0 {
		t.Errorf("members are left: %v", left)
	}
}

// adopt makes what the examples import.
func (s *stage) adopt() {
	s.Link(s.cast[janesIdentity], s.cast[janesACSUser])
	s.AddToGroup(s.cast[visitorsGroup], s.cast[janesRecord])
}

func runImportBlock(t *testing.T, text, resource string) {
	t.Helper()
	s := newStage(t)
	s.adopt()
	c := s.newCLI(t, map[string]string{"main.tf": resource, "import.tf": text})
	c.sinceFor(text)
	if said := c.run("apply"); !strings.Contains(said, "Resources: 1 imported") {
		t.Errorf("nothing was imported:\n%s", said)
	}
	c.wantNoChanges()
}

// runImportCommand runs the commands of a script by themselves: Windows has no
// shell for it.
func runImportCommand(t *testing.T, script, resource string) {
	t.Helper()
	s := newStage(t)
	s.adopt()
	c := s.newCLI(t, map[string]string{"main.tf": resource})
	commands := 0
	for line := range strings.Lines(script) {
		words := strings.Fields(s.recast(t, line))
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if words[0] != "terraform" {
			t.Fatalf("a command that is not Terraform's: %s", line)
		}
		c.run(words[1:]...)
		commands++
	}
	if commands == 0 {
		t.Error("there is no command")
	}
	c.run("apply") // what else the configuration adds
	c.wantNoChanges()
}

var blockNames = regexp.MustCompile(`(?m)^(list|action) "(\w+)" "(\w+)"`)

func runQuery(t *testing.T, text string) {
	t.Helper()
	s := newStage(t)
	for _, link := range s.small.LinkedPairs {
		s.Link(link.UserIdentityID, link.ACSUserID)
	}
	s.AddToGroup(s.cast[visitorsGroup], s.cast[janesRecord])
	c := s.newCLI(t, map[string]string{"main.tfquery.hcl": text})
	c.sinceFor(text)
	said := c.run("query")
	lists := blockNames.FindAllStringSubmatch(text, -1)
	if len(lists) == 0 {
		t.Error("there is no list block")
	}
	for _, list := range lists {
		if address := list[1] + "." + list[2] + "." + list[3]; !strings.Contains(said, address) {
			t.Errorf("%s found nothing:\n%s", address, said)
		}
	}

	// The pages say that this imports the results and changes nothing.
	c.run("query", "-generate-config-out=generated.tf")
	if said := c.run("apply"); !strings.Contains(said, " imported, 0 added, 0 changed, 0 destroyed") {
		t.Errorf("the results were not imported, or more than that was done:\n%s", said)
	}
	c.wantNoChanges()
}

func runAction(t *testing.T, text string) {
	t.Helper()
	s := newStage(t)
	s.Link(s.cast[janesIdentity], s.cast[janesACSUser])
	c := s.newCLI(t, map[string]string{"main.tf": text})
	c.sinceFor(text)
	actions := blockNames.FindAllStringSubmatch(text, -1)
	if len(actions) == 0 {
		t.Error("there is no action block")
	}
	for _, action := range actions {
		c.run("apply", "-invoke="+action[1]+"."+action[2]+"."+action[3])
	}
	if holder := s.HolderOf(s.cast[janesACSUser]); holder != "" {
		t.Errorf("Jane's ACS user is still linked to %s", holder)
	}
}
