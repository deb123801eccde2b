package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
)

// Diagnostics that depend on what Terraform does: how it taints, replaces, folds and orders.

// retrying is a provider block.
func retrying(timeout string) string {
	return fmt.Sprintf("provider \"seam\" {\n  retry_timeout = %q\n}\n", timeout)
}

// said runs a command, and returns the provider's diagnostics.
func (c *builtCLI) said(args ...string) []string {
	c.w.t.Helper()
	output, err := c.run(slices.Insert(args, 1, "-json")...)
	var said []string
	for decoder := json.NewDecoder(bytes.NewBufferString(output)); decoder.More(); {
		var message struct {
			Type       string
			Diagnostic struct{ Severity, Summary, Detail string }
		}
		if err := decoder.Decode(&message); err != nil {
			c.w.t.Fatalf("%v\n%s", err, output)
		}
		if found := message.Diagnostic; message.Type == "diagnostic" && found.Summary != "Provider development overrides are in effect" {
			said = append(said, found.Severity+": "+found.Summary+"\n"+found.Detail)
		}
	}
	if err != nil && !slices.ContainsFunc(said, func(one string) bool { return strings.HasPrefix(one, "error") }) {
		c.w.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return said
}

// wantSaid checks the number of diagnostics, and that each contains these words.
func (c *builtCLI) wantSaid(times int, words []string, args ...string) {
	c.w.t.Helper()
	said := c.said(args...)
	if len(said) != times {
		c.w.t.Errorf("%s: %d diagnostics, want %d:\n%s", strings.Join(args, " "), len(said), times, strings.Join(said, "\n\n"))
	}
	for _, one := range said {
		for _, word := range words {
			if !strings.Contains(one, word) {
				c.w.t.Errorf("%s does not say %q:\n%s", strings.Join(args, " "), word, one)
			}
		}
	}
}

// wantTimes checks how often an output contains a sentence, however it is wrapped.
func (c *builtCLI) wantTimes(output, sentence string, times int) {
	c.w.t.Helper()
	if n := len(says(sentence).FindAllString(output, -1)); n != times {
		c.w.t.Errorf("the output contains %q %d times, want %d:\n%s", sentence, n, times, output)
	}
}

// A link whose add may still take effect is tainted in state, so that no access is left
// behind outside the state.
func TestAccUserIdentityACSUser_addLandsLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	landing := make(chan func(), 1)
	w.Inject(fakeseam.Fault{Route: addRoute, Times: 1, Status: 502, HTML: true, Later: func(land func()) { landing <- land }})
	c := w.builtCLI(nil)
	c.write("main.tf", retrying("0s"), linkBlock("test", w.janesLink()))
	c.fail("It is not known whether the link was added.", "apply")
	w.wantHolder(w.jane.ID, "")
	(<-landing)()
	c.wantBalance(1)
	c.succeed("apply")
	c.wantBalance(1)
	c.wantEmptyPlan()
	c.succeed("destroy")
	c.wantBalance(0)
}

func TestAccUserIdentityACSUser_twoResourcesForOneACSUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetSemantics(fakeseam.Semantics{AddSecondInSystem: fakeseam.AddSecondInSystemBothStay})
	janes, johns := w.janesLink(), link.ToIdentity(w.johnID.ID, w.john.ID)
	crossed := link.ToIdentity(w.johnID.ID, w.jane.ID)
	c := w.builtCLI(nil)
	c.since("1.4", "1.6") // terraform_data
	for name, other := range map[string]link.Pair{
		"another person":     crossed,
		"in capital letters": link.ToIdentity(w.johnID.ID, strings.ToUpper(w.jane.ID)),
	} {
		c.write("main.tf", linkBlock("one", janes), linkBlock("two", other))
		for _, command := range []string{"plan", "apply"} {
			output := c.fail("Two resources link ACS user", command)
			if !strings.Contains(output, janes.TargetID) || !strings.Contains(output, other.TargetID) {
				t.Errorf("%s: the error does not name both user identities:\n%s", name, output)
			}
		}
	}
	c.write("main.tf", linkBlock("one", janes), linkBlock("two", janes))
	if output := c.succeed("plan"); !strings.Contains(output, "Link planned twice") {
		t.Errorf("the plan does not warn of two resources for one link:\n%s", output)
	}
	w.wantNoWrites()

	apply := func(name string, blocks ...string) {
		t.Helper()
		c.write("main.tf", blocks...)
		for _, args := range [][]string{{"plan", "-out=saved.tfplan"}, {"apply", "saved.tfplan"}} {
			if output := c.succeed(args...); strings.Contains(output, "Two resources") {
				t.Errorf("%s: %s reports two creations:\n%s", name, args[0], output)
			}
		}
		c.wantEmptyPlan()
	}
	ids := fmt.Sprintf("resource \"terraform_data\" \"id\" {\n  input = %q\n}\n", w.jane.ID)
	unknown := "resource %q %q {\n  user_identity_id = %q\n  acs_user_id = terraform_data.id.output\n}\n"
	c.write("main.tf", ids, fmt.Sprintf(unknown, linkType, "one", w.janeID.ID), fmt.Sprintf(unknown, linkType, "two", w.johnID.ID))
	c.succeed("plan") // unknown ids may differ
	apply("two ACS users of one person", linkBlock("one", janes), linkBlock("two", link.ToIdentity(w.janeID.ID, w.john.ID)))
	apply("a replacement", linkBlock("one", janes), linkBlock("two", johns))
	apply("replacements", linkBlock("one", crossed), linkBlock("two", link.ToIdentity(w.janeID.ID, w.john.ID)))
	c.succeed("taint", linkType+".one")
	apply("a tainted resource", linkBlock("one", crossed), linkBlock("two", link.ToIdentity(w.janeID.ID, w.john.ID)))
	apply("removed", "")
	apply("one resource", linkBlock("one", janes))
	apply("a moved block", linkBlock("renamed", janes), fmt.Sprintf("moved {\n  from = %s.one\n  to   = %[1]s.renamed\n}\n", linkType))
	apply("removed", "")
	apply("for_each", forEach(janes, johns))
	apply("for_each with another value", forEach(crossed, link.ToIdentity(w.janeID.ID, w.john.ID)))
}

func TestAccUserIdentityACSUser_twoResourcesInState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	c := w.builtCLI(nil)
	c.since("1.5", "1.6") // import blocks
	imported := func(name string) string {
		return linkBlock(name, w.janesLink()) + fmt.Sprintf("import {\n  to = %s.%s\n  id = %q\n}\n", linkType, name, importID(w.janesLink()))
	}
	const twice = "Two resources in state manage one link"
	once := func(args ...string) {
		t.Helper()
		for _, one := range c.said(args...) {
			if strings.Contains(one, twice) {
				t.Errorf("%s reports one resource as two:\n%s", strings.Join(args, " "), one)
			}
		}
	}
	c.write("main.tf", imported("one"))
	once("plan")
	once("apply")
	once("apply", "-refresh-only")
	once("plan", "-replace="+linkType+".one")
	c.succeed("taint", linkType+".one")
	once("plan")
	once("apply")
	once("destroy")
	c.wantBalance(0)

	w.Link(w.janeID.ID, w.jane.ID)
	once("apply")
	c.write("main.tf", imported("one"), imported("two"))
	c.wantSaid(1, []string{"warning: " + twice, w.jane.ID, w.janeID.ID}, "plan")
	c.wantSaid(1, []string{"warning: " + twice}, "apply")
	c.wantSaid(1, []string{"warning: " + twice}, "plan")
	c.succeed("state", "rm", linkType+".two")
	c.write("main.tf", linkBlock("one", w.janesLink()))
	c.wantSaid(0, nil, "plan")
	c.wantBalance(1)
}

func TestAccUserIdentityACSUser_idBecomesUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.builtCLI(nil)
	c.since("1.4", "1.6") // terraform_data
	config := func(input int) string {
		return fmt.Sprintf(`
resource "terraform_data" "other" {
  input = %d
}
data "seam_user_identity" "jane" {
  email_address = "jane@example.com"
  depends_on    = [terraform_data.other]
}
resource %q "test" {
  user_identity_id = data.seam_user_identity.jane.user_identity_id
  acs_user_id      = %q
}
`, input, linkType, w.jane.ID)
	}
	c.write("main.tf", config(1))
	c.wantSaid(0, nil, "apply")
	c.write("main.tf", config(2))
	c.wantSaid(1, []string{"warning: Link is replaced because an ID is unknown", "user_identity_id", w.jane.ID, w.janeID.ID, "removed and added again, even if the ID stays the same", "depends_on"}, "plan", "-out=saved.tfplan")
	c.wantSaid(0, nil, "plan", "-destroy")
	w.ResetRequests()
	c.wantSaid(0, nil, "apply", "saved.tfplan")
	if got := w.writesFor(w.jane.ID); !slices.Equal(got, []string{removeRoute, addRoute}) {
		t.Errorf("the writes are %q: the warning is not true", got)
	}
	c.wantSaid(0, nil, "destroy")
	c.wantBalance(0)
}

// A resource that is renamed without a moved block is removed and added. The plan does not
// know the order, so it warns; an apply that removes first does not.
func TestAccUserIdentityACSUser_renamedWithoutMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.builtCLI(nil)
	c.write("main.tf", linkBlock("old", w.janesLink()))
	c.succeed("apply")
	johns := link.ToIdentity(w.johnID.ID, w.john.ID)
	c.write("main.tf", linkBlock("john", johns),
		strings.Replace(linkBlock("new", w.janesLink()), "}", "  depends_on = ["+linkType+".john]\n}", 1))
	c.wantSaid(1, []string{"warning: ACS user " + w.jane.ID + " is already linked to user identity " + w.janeID.ID, "A resource in state manages this link.", "unless it removes the link first", "add a moved block"},
		"plan", "-out=saved.tfplan")
	w.OnRequest(func(r fakeseam.Request) { // the old resource is removed first
		if r.Route == addRoute && bytes.Contains(r.Body, []byte(w.john.ID)) {
			w.until("a response to the removal", func() bool { return w.responded(removeRoute, w.jane.ID) })
		}
	})
	c.wantSaid(0, nil, "apply", "saved.tfplan")
	c.wantBalance(2)
	c.wantEmptyPlan()

	c.write("main.tf", linkBlock("newer", w.janesLink()), linkBlock("john", johns))
	c.succeed("destroy", "-target="+linkType+".new")
	c.wantSaid(0, nil, "apply")
	c.wantBalance(2)
}

func TestAccUserIdentityACSUser_conflictChecksFold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people := w.crowd(25, false)
	c := w.builtCLI(nil)
	c.write("main.tf", retrying("1s"), forEach(people...))
	w.Inject(fakeseam.Fault{Route: getUserRoute, Status: 503})
	output := c.succeed("plan", "-out=saved.tfplan")
	c.wantTimes(output, "Warning: Link not checked for conflicts", 1)
	c.wantTimes(output, "(and 24 more similar warnings elsewhere)", 1)
	c.wantTimes(output, "Error", 0)
	c.wantTimes(output, "503 Service Unavailable", 1) // in the one warning that is shown
	w.ClearFaults()
	c.succeed("apply", "saved.tfplan")
	c.wantBalance(len(people))
	c.succeed("destroy")
}

// Terraform folds warnings, so the explanation that errors point to is an error, too.
func TestAccUserIdentityACSUser_downWhileApplying(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people := w.crowd(5, false)
	c := w.builtCLI(nil)
	c.write("main.tf", retrying("1s"), forEach(people...))
	c.succeed("plan", "-out=saved.tfplan")
	w.Inject(fakeseam.Fault{Status: 503})
	explained, pointing := 0, 0
	for _, one := range c.said("apply", "saved.tfplan") {
		switch {
		case !strings.HasPrefix(one, "error"):
		case strings.Contains(one, "503 Service Unavailable"):
			explained++
		case strings.Contains(one, "Another error of this command explains it."):
			pointing++
		}
	}
	if explained != 1 || pointing != len(people)-1 {
		t.Errorf("%d errors explain that Seam is down, and %d point to another, want 1 and %d", explained, pointing, len(people)-1)
	}
	c.wantBalance(0)
}
