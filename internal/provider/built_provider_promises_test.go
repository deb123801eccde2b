package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
)

// What users rely on when Seam is late, down, or ignores a request, and what plans
// warn of, as the CLI shows it.

// retrying is a provider block.
func retrying(timeout string) string {
	return fmt.Sprintf("provider \"seam\" {\n  retry_timeout = %q\n}\n", timeout)
}

// said runs a command, and returns what the provider said: summaries and details.
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

// wantSaid holds that the provider says so many things, and in each of them this.
func (c *builtCLI) wantSaid(times int, words []string, args ...string) {
	c.w.t.Helper()
	said := c.said(args...)
	if len(said) != times {
		c.w.t.Errorf("%s says %d things, want %d:\n%s", strings.Join(args, " "), len(said), times, strings.Join(said, "\n\n"))
	}
	for _, one := range said {
		for _, word := range words {
			if !strings.Contains(one, word) {
				c.w.t.Errorf("%s does not say %q:\n%s", strings.Join(args, " "), word, one)
			}
		}
	}
}

// wantTimes holds that an output says something so often, however it is wrapped.
func (c *builtCLI) wantTimes(output, sentence string, times int) {
	c.w.t.Helper()
	if n := len(says(sentence).FindAllString(output, -1)); n != times {
		c.w.t.Errorf("%q is said %d times, want %d:\n%s", sentence, n, times, output)
	}
}

func TestAccUserIdentityACSUser_changedWhileListsLag(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	linked, unlinked := w.people(25), w.people(25)
	c := w.builtCLI(nil)
	c.write("main.tf", forEach(linked...))
	c.succeed("apply")
	w.SetSemantics(careless)
	w.crossed(linked)
	w.ResetRequests()
	c.succeed("destroy")
	if held := c.state(); len(held) != 0 {
		t.Errorf("the state is %v", held)
	}

	c.write("main.tf", forEach(unlinked...))
	c.succeed("plan", "-out=add.tfplan")
	w.crossed(unlinked)
	c.fail("Cannot link ACS user", "apply", "add.tfplan")
	if held := c.state(); len(held) != 0 {
		t.Errorf("the state is %v", held)
	}
	w.wantNoWrites()
}

func TestAccUserIdentityACSUser_ignoredRemovals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people := w.people(30)
	c := w.builtCLI(nil)
	c.write("main.tf", retrying("1s"), forEach(people...))
	c.succeed("apply")
	w.Inject(fakeseam.Fault{Route: removeRoute, Skip: 12, NoEffect: true})
	output := c.fail("Seam accepted the request to remove the link, and it had no effect: ", "destroy")
	c.wantTimes(output, "and it had no effect: ", 18)
	c.wantBalance(18)
	w.ClearFaults()
	c.succeed("destroy")
	c.wantBalance(0)
}

func TestAccUserIdentityACSUser_addsThatLandLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	faults := failures()
	delete(faults, "hang") // for half a minute
	people := w.people(len(faults))
	landings := make(chan func(), len(people))
	for n, name := range slices.Sorted(maps.Keys(faults)) {
		fault := faults[name]
		fault.Route, fault.Times = addRoute, 1
		fault.Match = func(r fakeseam.Request) bool { return bytes.Contains(r.Body, []byte(people[n].ACSUserID)) }
		fault.Later = func(land func()) { landings <- land }
		w.Inject(fault)
	}
	c := w.builtCLI(nil)
	c.write("main.tf", retrying("0s"), forEach(people...))
	output := c.fail("It is not known whether the link was added.", "apply")
	c.wantTimes(output, "It is not known whether the link was added.", len(people))
	w.wantHolder(people[0].ACSUserID, "")
	for range people {
		(<-landings)()
	}
	c.wantBalance(len(people)) // the state knows of each, tainted
	c.succeed("apply")
	c.wantBalance(len(people))
	c.wantEmptyPlan()
	c.succeed("destroy")
	c.wantBalance(0)
}

func TestAccUserIdentityACSUser_mergedWithoutAlias(t *testing.T) {
	t.Parallel()
	for _, aliases := range []fakeseam.Aliases{fakeseam.AliasesNotInGets, fakeseam.AliasesNowhere} {
		t.Run(aliases.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetSemantics(fakeseam.Semantics{Aliases: aliases})
			c := w.builtCLI(nil)
			c.write("main.tf", linkBlock("test", w.janesLink()))
			c.succeed("apply")
			w.MergeUserIdentities(w.johnID.ID, w.janeID.ID)
			c.wantSaid(1, []string{"warning: User identity was merged into another one", w.janeID.ID, w.johnID.ID}, "plan")
			c.wantEmptyPlan()
			c.succeed("destroy")
			w.wantHolder(w.jane.ID, "")
		})
	}
}

func TestAccUserIdentityACSUser_getsLag(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people := w.people(3)
	c := w.builtCLI(nil)
	c.write("main.tf", forEach(people...))
	w.SetGetLag(3)
	c.succeed("apply")
	c.wantBalance(3)
	w.SetGetLag(3) // and what lagged has caught up
	c.succeed("destroy")
	c.wantBalance(0)
	for _, pair := range people {
		if got := w.writesFor(pair.ACSUserID); !slices.Equal(got, []string{addRoute, removeRoute}) {
			t.Errorf("the writes are %q, want one of each", got)
		}
	}
}

func TestAccUserIdentityACSUser_seamIsDown(t *testing.T) {
	t.Parallel()
	const retryTimeout = 4 * time.Second
	for name, endpoint := range map[string]func(*world) string{
		"closed port":  func(*world) string { return "http://127.0.0.1:1" },
		"503 for ever": func(w *world) string { w.Inject(fakeseam.Fault{Status: 503}); return w.url },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.builtCLI(map[string]string{"SEAM_ENDPOINT": endpoint(w), "SEAM_API_KEY": w.workspace.APIKey})
			took := func(timeout time.Duration) time.Duration {
				c.write("main.tf", retrying(timeout.String()), linkBlock("test", w.janesLink()))
				began := time.Now()
				c.fail("Cannot link ACS user", "apply")
				return time.Since(began)
			}
			without := took(0) // what the CLI needs
			if with := took(retryTimeout); with-without > 2*retryTimeout {
				t.Errorf("an apply took %s longer than one that retries nothing, and retry_timeout is %s", with-without, retryTimeout)
			}
			c.wantBalance(0)
		})
	}
}

func TestAccUserIdentityACSUser_refusedKeyIsExplainedOnce(t *testing.T) {
	t.Parallel()
	for name, notFound := range map[string]bool{"401": false, "404": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetRefusedKeyNotFound(notFound)
			people := w.people(50)
			c := w.builtCLI(nil)
			c.write("main.tf", forEach(people...))
			c.succeed("apply")
			w.Revoke(w.workspace.APIKey)
			for _, args := range [][]string{{"plan"}, {"destroy", "-refresh=false"}} {
				output := c.fail("Seam rejected the provider's credentials.", args...)
				c.wantTimes(output, "Check api_key (or SEAM_API_KEY)", 1)
				c.wantTimes(output, "Another error of this command explains it.", len(people)-1)
			}
			c.wantBalance(len(people))
		})
	}
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
				t.Errorf("%s: %s takes it for two creations:\n%s", name, args[0], output)
			}
		}
		c.wantEmptyPlan()
	}
	ids := fmt.Sprintf("resource \"terraform_data\" \"id\" {\n  input = %q\n}\n", w.jane.ID)
	unknown := "resource %q %q {\n  user_identity_id = %q\n  acs_user_id = terraform_data.id.output\n}\n"
	c.write("main.tf", ids, fmt.Sprintf(unknown, linkType, "one", w.janeID.ID), fmt.Sprintf(unknown, linkType, "two", w.johnID.ID))
	c.succeed("plan") // what is not known yet may be different
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
				t.Errorf("%s takes one resource for two:\n%s", strings.Join(args, " "), one)
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

// A resource that is renamed without a moved block is removed and added. Its plan
// knows no order, so that it warns; an apply that removes first says nothing.
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
	w.OnRequest(func(r fakeseam.Request) { // the old resource goes first
		if r.Route == addRoute && bytes.Contains(r.Body, []byte(w.john.ID)) {
			w.until("an answer to the removal", func() bool { return w.answered(removeRoute, w.jane.ID) })
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

// The new resource may be planned once more while the removal of the old one is under
// way: then there is nothing to warn of.
func TestAccUserIdentityACSUser_renamedWhileRemoving(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.builtCLI(nil)
	c.write("main.tf", linkBlock("old", w.janesLink()))
	c.succeed("apply")
	c.write("main.tf", linkBlock("new", w.janesLink()))
	c.succeed("plan", "-out=saved.tfplan")
	w.ResetRequests()
	var reads atomic.Int64
	second := make(chan struct{})
	w.OnRequest(func(r fakeseam.Request) {
		if r.Route != getUserRoute {
			return
		}
		switch reads.Add(1) {
		case 1:
			select {
			case <-second:
			case <-time.After(time.Second): // there is none while the removal is under way
			}
		case 2:
			close(second)
		}
	})
	said := c.said("apply", "saved.tfplan") // an error if the link is added first
	for _, one := range said {
		if strings.HasPrefix(one, "warning") && len(said) == 1 {
			t.Errorf("an apply that succeeds says:\n%s", one)
		}
	}
}

// The block of a link may go while another user moves the link: what follows is not
// for the provider to say.
func TestAccUserIdentityACSUser_movedOutsideAndRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.builtCLI(nil)
	c.write("main.tf", linkBlock("test", w.janesLink()))
	c.succeed("apply")
	c.write("main.tf", "")
	for _, other := range []struct {
		name    string
		happens func()
	}{
		{"moved", func() { w.Link(w.johnID.ID, w.jane.ID) }},
		{"unlinked", func() { w.Unlink(w.jane.ID) }}, // last, so that no link is left
	} {
		other.happens()
		c.wantSaid(1, []string{"warning: ACS user " + w.jane.ID + " is no longer linked to user identity " + w.janeID.ID}, "plan", "-out=saved.tfplan")
		for _, one := range c.said("plan") {
			if promise := regexp.MustCompile(`(?i)\b(will|next apply|adds|is added|recreate)`).FindString(one); promise != "" {
				t.Errorf("%s: the plan does nothing, and the provider says %q:\n%s", other.name, promise, one)
			}
		}
		if len(c.state()) != 1 {
			t.Errorf("a plan changed the state")
		}
	}
	w.ResetRequests()
	c.succeed("apply")
	w.wantNoWrites()
	c.wantBalance(0)
}

func TestAccUserIdentityACSUser_systemOutOfSight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people := w.people(12)
	c := w.builtCLI(nil)
	c.write("main.tf", forEach(people...))
	c.succeed("apply")
	w.HideSystem(w.system.ID, true)
	for _, args := range [][]string{{"plan"}, {"apply", "-refresh-only"}, {"destroy", "-refresh=false"}} {
		w.ResetRequests()
		c.wantSaid(len(people), []string{"error: ", "access system " + w.system.ID, "The link stays in state."}, args...)
		if n := w.Count("/acs/systems/get"); n != 1 {
			t.Errorf("%q: the access system was read %d times, want once", args, n)
		}
		w.wantNoWrites()
		c.wantBalance(len(people))
	}
	w.HideSystem(w.system.ID, false)
	c.wantEmptyPlan()
}

func TestAccUserIdentityACSUser_deletedExternally(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people := w.people(12)
	for _, pair := range people {
		w.SetACSUserErrors(pair.ACSUserID, "deleted_externally")
	}
	c := w.builtCLI(nil)
	c.write("main.tf", forEach(people...))
	output := c.succeed("apply")
	for range 2 {
		c.wantTimes(output, "Warning: ACS user was deleted in its access system", 1)
		c.wantTimes(output, "(and 11 more similar warnings elsewhere)", 1)
		output = c.succeed("plan", "-detailed-exitcode")
	}
	c.wantBalance(len(people))
	c.succeed("destroy")
	c.wantBalance(0)
}

func TestAccUserIdentityACSUser_contradictoryPagination(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people := w.people(40)
	c := w.builtCLI(nil)
	c.write("main.tf", forEach(people...))
	c.succeed("apply")
	w.Unlink(people[30].ACSUserID)
	for _, pagination := range []any{nil, map[string]any{"has_next_page": true}, map[string]any{"has_next_page": false, "next_page_cursor": "W10="}} {
		w.ClearFaults()
		w.ResetRequests()
		w.Inject(fakeseam.Fault{Route: listUsersRoute, Edit: func(body map[string]any) { body["pagination"] = pagination }})
		if output := c.succeed("plan"); !strings.Contains(output, "Plan: 1 to add, 0 to change, 0 to destroy.") {
			t.Errorf("pagination %v: the plan is not that of one link that is gone:\n%s", pagination, output)
		}
		if w.Count(listUsersRoute) == 0 {
			t.Error("no list was fetched: the test shows nothing")
		}
	}
}

func TestAccUserIdentityACSUser_readsAtTheSameTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.builtCLI(nil)
	c.write("main.tf", linkBlock("test", w.janesLink()))
	c.succeed("plan", "-out=saved.tfplan")
	w.ResetRequests()
	both := w.newMeeting(2)
	w.OnRequest(func(r fakeseam.Request) {
		// The first read of the ACS user is that of the plan while applying.
		if r.Route == getIdentity || r.Route == getUserRoute && w.Count(getUserRoute) == 2 {
			both.await(r.Route)
		}
	})
	c.succeed("apply", "saved.tfplan")
	c.wantBalance(1)
}

func TestAccUserIdentityACSUser_conflictChecksFold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people := w.people(25)
	c := w.builtCLI(nil)
	c.write("main.tf", retrying("1s"), forEach(people...))
	w.Inject(fakeseam.Fault{Route: getUserRoute, Status: 503})
	output := c.succeed("plan", "-out=saved.tfplan")
	c.wantTimes(output, "Warning: Link not checked for conflicts", 1)
	c.wantTimes(output, "(and 24 more similar warnings elsewhere)", 1)
	c.wantTimes(output, "Error", 0)
	c.wantTimes(output, "503 Service Unavailable", 1) // the one warning that is shown says why
	w.ClearFaults()
	c.succeed("apply", "saved.tfplan")
	c.wantBalance(len(people))
	c.succeed("destroy")
}

// Warnings are folded: an error that points to an explanation points to an error.
func TestAccUserIdentityACSUser_downWhileApplying(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people := w.people(5)
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

func TestAccUserIdentityACSUser_messagesInAnyScript(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.builtCLI(nil)
	c.write("main.tf", linkBlock("test", w.janesLink()))
	for _, message := range messages {
		w.ClearFaults()
		w.Inject(refusal(addRoute, message))
		c.fail(": "+message, "apply")
	}
	c.wantBalance(0)
}
