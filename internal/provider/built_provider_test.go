package provider

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// In the tests of the built provider, a CLI runs the provider as users do, as a process of
// its own. plugin-testing serves every alias from one provider in this process, and supports
// neither plans without a refresh nor a kill.

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(testbed.Tests{M: m},
		// The readers of a served provider's pipes end when the garbage collector closes the
		// pipes, which go-plugin does not.
		goleak.IgnoreAnyFunction("github.com/hashicorp/go-plugin.copyChan"))
}

// builtCLI is a CLI in its own directory that runs the built provider against a world.
type builtCLI struct {
	*testbed.CLI
	w *world
}

// builtCLI returns a CLI with these environment variables, by default the endpoint of this
// world and the workspace's API key.
func (w *world) builtCLI(env map[string]string) *builtCLI {
	w.t.Helper()
	if env == nil {
		env = map[string]string{"SEAM_ENDPOINT": w.url, "SEAM_API_KEY": w.workspace.APIKey}
	}
	c := &builtCLI{CLI: testbed.NewTestCLI(w.t, env), w: w}
	c.write("terraform.tf", "terraform {\n  required_providers {\n    seam = {\n      source = \"seamapi/seam\"\n    }\n  }\n}\n")
	return c
}

// since skips the test if the CLI is older than these versions of Terraform and
// OpenTofu. An empty version is one that does not exist yet.
func (c *builtCLI) since(terraform, tofu string) {
	c.w.t.Helper()
	if !c.AtLeast(terraform, tofu) {
		c.w.t.Skipf("%s does not have what this test needs", c.Version)
	}
}

// write writes or overwrites a file of the configuration.
func (c *builtCLI) write(name string, blocks ...string) {
	c.w.t.Helper()
	if err := c.Write(name, strings.Join(blocks, "\n")); err != nil {
		c.w.t.Fatal(err)
	}
}

// command prepares a non-interactive command with additional environment variables.
func (c *builtCLI) command(env map[string]string, args ...string) *exec.Cmd {
	c.w.t.Helper()
	// Longer than any command takes, so that a hang fails its own test.
	ctx, cancel := context.WithTimeout(c.w.t.Context(), 2*time.Minute)
	c.w.t.Cleanup(cancel)
	command := c.Command(ctx, testbed.NonInteractive(args...)...)
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	return command
}

// run runs a command, and returns what it printed.
func (c *builtCLI) run(args ...string) (string, error) {
	c.w.t.Helper()
	output, err := c.command(nil, args...).CombinedOutput()
	return string(output), err
}

// succeed runs a command that must succeed, and returns what it printed.
func (c *builtCLI) succeed(args ...string) string {
	c.w.t.Helper()
	output, err := c.run(args...)
	if err != nil {
		c.w.t.Fatalf("%s %s: %v\n%s", c.Name, strings.Join(args, " "), err, output)
	}
	return output
}

// fail runs a command that must fail with this sentence, and returns what it printed.
func (c *builtCLI) fail(sentence string, args ...string) string {
	c.w.t.Helper()
	output, err := c.run(args...)
	if _, ok := errors.AsType[*exec.ExitError](err); !ok {
		c.w.t.Fatalf("%s %s: got %v, want an error that says %q\n%s", c.Name, strings.Join(args, " "), err, sentence, output)
	}
	if !says(sentence).MatchString(output) {
		c.w.t.Fatalf("%s %s does not say %q:\n%s", c.Name, strings.Join(args, " "), sentence, output)
	}
	return output
}

// wantEmptyPlan fails the test if there is anything to do.
func (c *builtCLI) wantEmptyPlan() {
	c.w.t.Helper()
	if output, err := c.run("plan", "-detailed-exitcode"); err != nil {
		c.w.t.Errorf("the plan is not empty: %v\n%s", err, output)
	}
}

// heldLink is a link in the state.
type heldLink struct {
	name        string // of the block
	pair        link.Pair
	workspaceID string
}

// state returns the links in the state, sorted by ACS user.
func (c *builtCLI) state() []heldLink {
	c.w.t.Helper()
	content, err := os.ReadFile(filepath.Join(c.WorkDir, "terraform.tfstate"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.w.t.Fatal(err)
	}
	if len(content) == 0 { // a CLI that is killed early leaves an empty file
		return nil
	}
	var state struct {
		Resources []struct {
			Name      string
			Instances []struct {
				Attributes struct {
					UserIdentityID string `json:"user_identity_id"`
					ACSUserID      string `json:"acs_user_id"`
					WorkspaceID    string `json:"workspace_id"`
				}
			}
		}
	}
	if err := json.Unmarshal(content, &state); err != nil {
		c.w.t.Fatalf("the state makes no sense: %v\n%s", err, content)
	}
	var links []heldLink
	for _, resource := range state.Resources {
		for _, instance := range resource.Instances {
			a := instance.Attributes
			links = append(links, heldLink{resource.Name, link.ToIdentity(a.UserIdentityID, a.ACSUserID), a.WorkspaceID})
		}
	}
	slices.SortFunc(links, func(a, b heldLink) int { return cmp.Compare(a.pair.ACSUserID, b.pair.ACSUserID) })
	return links
}

// wantBalance fails the test unless the state holds the links that Seam holds,
// and so many of them.
func (c *builtCLI) wantBalance(n int) {
	c.w.t.Helper()
	inSeam, inState := map[link.Pair]int{}, map[link.Pair]int{}
	for _, held := range c.w.Links() {
		inSeam[link.ToIdentity(held.UserIdentityID, held.ACSUserID)]++
	}
	for _, held := range c.state() {
		inState[held.pair]++
	}
	if !maps.Equal(inSeam, inState) {
		c.w.t.Errorf("Seam has %d links: %v\nthe state has %d: %v", len(inSeam), inSeam, len(inState), inState)
	}
	if len(inSeam) != n {
		c.w.t.Errorf("Seam has %d links, want %d", len(inSeam), n)
	}
}

// warnings plans, keeps the plan in file, and returns the summaries of the
// warnings that the provider gave.
func (c *builtCLI) warnings(file string) []string {
	c.w.t.Helper()
	output := c.succeed("plan", "-json", "-out="+file)
	var summaries []string
	for decoder := json.NewDecoder(bytes.NewBufferString(output)); decoder.More(); {
		var message struct {
			Type       string
			Diagnostic struct{ Severity, Summary string }
		}
		if err := decoder.Decode(&message); err != nil {
			c.w.t.Fatalf("%v\n%s", err, output)
		}
		if message.Type == "diagnostic" && message.Diagnostic.Summary != "Provider development overrides are in effect" {
			summaries = append(summaries, message.Diagnostic.Severity+": "+message.Diagnostic.Summary)
		}
	}
	return summaries
}

// forEach is a resource called person that links each ACS user to an identity.
func forEach(pairs ...link.Pair) string {
	var b strings.Builder
	fmt.Fprintf(&b, "resource %q \"person\" {\n  for_each = {\n", linkType)
	for _, pair := range pairs {
		fmt.Fprintf(&b, "    %q = %q\n", pair.ACSUserID, pair.TargetID)
	}
	b.WriteString("  }\n  acs_user_id      = each.key\n  user_identity_id = each.value\n}\n")
	return b.String()
}

// writesFor lists the writes to one ACS user, in the order in which they arrived.
func (w *world) writesFor(acsUserID string) []string {
	var writes []string
	for _, request := range w.Requests() {
		if (request.Route == addRoute || request.Route == removeRoute) && bytes.Contains(request.Body, []byte(acsUserID)) {
			writes = append(writes, request.Route)
		}
	}
	return writes
}

// responded reports whether a write to one ACS user has its response.
func (w *world) responded(route, acsUserID string) bool {
	return slices.ContainsFunc(w.Requests(), func(r fakeseam.Request) bool {
		return r.Route == route && r.Status != 0 && bytes.Contains(r.Body, []byte(acsUserID))
	})
}

// until polls for something that happens in another process.
func (w *world) until(what string, condition func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Errorf("timed out waiting for %s", what)
			return
		}
	}
}

func TestAccProvider_aliases(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		access func(w *world, workspace fakeseam.Workspace) string // in a provider block
	}{
		{"an API key each", func(_ *world, workspace fakeseam.Workspace) string {
			return fmt.Sprintf("api_key = %q", workspace.APIKey)
		}},
		{"one personal access token", func(_ *world, workspace fakeseam.Workspace) string {
			return fmt.Sprintf("workspace_id = %q", workspace.ID)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			elsewhere := w.AddWorkspace("Elsewhere")
			ann := fakeseam.Person{FullName: "Ann"}
			annsLink := link.ToIdentity(w.AddUserIdentity(elsewhere.ID, ann).ID, w.AddACSUser(w.AddSystem(elsewhere.ID, "Lobby", "salto_ks_site").ID, ann).ID)
			// A provider block overrides the token in the environment.
			c := w.builtCLI(map[string]string{
				"SEAM_ENDPOINT":              w.url,
				"SEAM_PERSONAL_ACCESS_TOKEN": w.AddToken(w.workspace.ID, elsewhere.ID),
			})
			c.write("main.tf",
				fmt.Sprintf("provider \"seam\" {\n  %s\n}\n", test.access(w, w.workspace)),
				fmt.Sprintf("provider \"seam\" {\n  alias = \"elsewhere\"\n  %s\n}\n", test.access(w, elsewhere)),
				linkBlock("jane", w.janesLink()),
				strings.Replace(linkBlock("ann", annsLink), "{\n", "{\n  provider = seam.elsewhere\n", 1),
			)
			c.succeed("apply")
			c.wantBalance(2)
			for _, held := range c.state() {
				want := map[link.Pair]string{w.janesLink(): w.workspace.ID, annsLink: elsewhere.ID}[held.pair]
				if held.workspaceID != want {
					t.Errorf("the link of %s is in workspace %s, want %s", held.name, held.workspaceID, want)
				}
			}
			c.wantEmptyPlan()
			c.succeed("destroy")
			c.wantBalance(0)
		})
	}
}

// Keyed by ACS user, the change of a person's identity is a replacement, which
// removes the old link before it adds the new one.
func TestAccUserIdentityACSUser_forEach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna := w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Anna"})
	johns := link.ToIdentity(w.johnID.ID, w.john.ID)
	c := w.builtCLI(nil)
	c.write("main.tf", forEach(w.janesLink(), johns))
	c.succeed("apply")
	c.wantBalance(2)

	w.ResetRequests()
	c.write("main.tf", forEach(link.ToIdentity(anna.ID, w.jane.ID), johns))
	if warnings := c.warnings("change.tfplan"); len(warnings) > 0 {
		t.Errorf("the plan warns of a link that it removes itself: %q", warnings)
	}
	w.wantNoWrites()
	c.succeed("apply", "change.tfplan")
	c.wantBalance(2)
	w.wantHolder(w.jane.ID, anna.ID)
	w.wantHolder(w.john.ID, w.johnID.ID)
	if got := w.writesFor(w.jane.ID); !slices.Equal(got, []string{removeRoute, addRoute}) {
		t.Errorf("the writes are %q, want the old link removed and then the new one added", got)
	}
	if got := w.writesFor(w.john.ID); len(got) > 0 {
		t.Errorf("a link that stays as it is was written to: %q", got)
	}
	c.wantEmptyPlan()
}

// Two people swap their identities. Terraform orders the two halves of each replacement, but
// not the replacements among themselves, so that the first add may arrive before the other
// link is removed. If Seam refuses that, the next apply finishes, and no link is lost.
func TestAccUserIdentityACSUser_swap(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		semantics fakeseam.Semantics
		refused   bool
	}{
		{fakeseam.Semantics{AddSecondInSystem: fakeseam.AddSecondInSystemRefused}, true},
		{fakeseam.Semantics{AddSecondInSystem: fakeseam.AddSecondInSystemBothStay}, false},
	} {
		t.Run(test.semantics.AddSecondInSystem.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetSemantics(test.semantics)
			janes, johns := w.janesLink(), link.ToIdentity(w.johnID.ID, w.john.ID)
			c := w.builtCLI(nil)
			c.write("main.tf", forEach(janes, johns))
			c.succeed("apply")

			janes.TargetID, johns.TargetID = johns.TargetID, janes.TargetID
			c.write("main.tf", forEach(janes, johns))
			if warnings := c.warnings("swap.tfplan"); len(warnings) > 0 {
				t.Errorf("the plan warns of a link that it removes itself: %q", warnings)
			}
			w.ResetRequests()
			w.OnRequest(func(r fakeseam.Request) { // the worst order
				if r.Route == removeRoute && bytes.Contains(r.Body, []byte(w.john.ID)) {
					w.until("a response to the other add", func() bool { return w.responded(addRoute, w.jane.ID) })
				}
			})
			if test.refused {
				c.fail("The user identity already has an ACS user in this access system.", "apply", "swap.tfplan")
				c.wantBalance(1)
				c.succeed("apply")
			} else {
				c.succeed("apply", "swap.tfplan")
			}
			c.wantBalance(2)
			w.wantHolder(w.jane.ID, w.johnID.ID)
			w.wantHolder(w.john.ID, w.janeID.ID)
			c.wantEmptyPlan()
		})
	}
}

// The provider sees the replacement of a link by itself as the creation of a link that
// exists. The link is removed and added again.
func TestAccUserIdentityACSUser_replacedByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.builtCLI(nil)
	c.since("1.4", "1.6") // terraform_data
	block := func(lifecycle string) string {
		return strings.Replace(linkBlock("test", w.janesLink()), "}", "  lifecycle {\n    "+lifecycle+"\n  }\n}", 1)
	}
	trigger := "resource \"terraform_data\" \"trigger\" {\n  input = %d\n}\n"
	replaced := func(args ...string) {
		t.Helper()
		w.ResetRequests()
		c.succeed(append([]string{"apply"}, args...)...)
		w.wantHolder(w.jane.ID, w.janeID.ID)
		if got := w.writesFor(w.jane.ID); !slices.Equal(got, []string{removeRoute, addRoute}) {
			t.Errorf("the writes are %q, want the link removed and then added", got)
		}
	}
	c.write("main.tf", block("replace_triggered_by = [terraform_data.trigger]"), fmt.Sprintf(trigger, 1))
	c.succeed("apply")

	if output := c.succeed("plan", "-replace="+linkAddress); strings.Contains(output, "already linked") {
		t.Errorf("the plan warns of a link that it removes itself:\n%s", output)
	}
	replaced("-replace=" + linkAddress)

	c.write("main.tf", block("replace_triggered_by = [terraform_data.trigger]"), fmt.Sprintf(trigger, 2))
	if output := c.succeed("plan"); strings.Contains(output, "already linked") {
		t.Errorf("the plan warns of a link that it removes itself:\n%s", output)
	}
	replaced()

	c.succeed("taint", linkAddress)
	output := c.succeed("plan")
	if !says("A resource in state manages this link. Applying this plan will fail unless it removes the link first, as a replacement without create_before_destroy does.").MatchString(output) ||
		strings.Contains(output, "import {") {
		t.Errorf("the plan reports a tainted link as one that another process made:\n%s", output)
	}
	replaced()

	c.write("main.tf", block("create_before_destroy = true"), fmt.Sprintf(trigger, 2))
	c.succeed("apply")
	w.ResetRequests()
	c.fail("The link exists already. No changes were made. If another resource manages this link, remove one of the two. "+
		"create_before_destroy, also inherited from a dependent resource, is not supported.", "apply", "-replace="+linkAddress)
	w.wantNoWrites()
	w.wantHolder(w.jane.ID, w.janeID.ID)
}

// Terraform passes the environment on to the provider, which is another process.
func TestAccProvider_environment(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]func(w *world, token string) map[string]string{
		"SEAM_API_KEY and SEAM_API_URL": func(w *world, _ string) map[string]string {
			return map[string]string{"SEAM_API_KEY": w.workspace.APIKey, "SEAM_API_URL": w.url}
		},
		"SEAM_PERSONAL_ACCESS_TOKEN, SEAM_WORKSPACE_ID and SEAM_ENDPOINT": func(w *world, token string) map[string]string {
			return map[string]string{"SEAM_PERSONAL_ACCESS_TOKEN": token, "SEAM_WORKSPACE_ID": w.workspace.ID, "SEAM_ENDPOINT": w.url}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			env := env(w, w.AddToken(w.workspace.ID))
			c := w.builtCLI(env)
			c.write("main.tf", linkBlock("test", w.janesLink()))
			c.succeed("plan")
			agent := "terraform-provider-seam/dev Terraform/"
			if c.Name == "terraform" { // OpenTofu tells providers another version than its own
				agent += strings.TrimPrefix(c.Version, "Terraform v")
			}
			if w.Count("") == 0 {
				t.Error("no request was sent")
			}
			for _, request := range w.Requests() {
				credential := cmp.Or(env["SEAM_API_KEY"], env["SEAM_PERSONAL_ACCESS_TOKEN"])
				if got := request.Header; got.Get("Authorization") != "Bearer "+credential || got.Get("Seam-Workspace") != env["SEAM_WORKSPACE_ID"] ||
					!strings.HasPrefix(got.Get("User-Agent"), agent) || request.Status != 200 {
					t.Errorf("%s: status %d, header %v", request.Route, request.Status, got)
				}
			}
		})
	}
}
