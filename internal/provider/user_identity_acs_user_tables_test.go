package provider

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
)

// These tests go through what each operation may find, row by row, under every
// answer that Seam's documentation leaves open.

func TestCreate_unlinked(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
		tf := w.terraform()
		state, found := tf.create(w.janesLink())
		tf.wantNothingSaid(found)
		w.wantLinked(w.janesLink(), true)
		if state["acs_system_id"] != w.system.ID || state["workspace_id"] != w.workspace.ID {
			t.Errorf("state is %v", state)
		}
		if w.Count(w.kind.addRoute) != 1 || w.writes() != 1 {
			t.Errorf("%d writes, want one add", w.writes())
		}
		if body := string(w.lastBody(w.kind.addRoute)); strings.Contains(body, "user_identity_key") {
			t.Errorf("a key was sent, which can create an identity: %s", body)
		}
	})
}

func (w *world) lastBody(route string) []byte {
	w.t.Helper()
	var body []byte
	for _, r := range w.Requests() {
		if r.Route == route {
			body = r.Body
		}
	}
	return body
}

func TestCreate_linkedAlready(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
		w.link(w.janesLink())
		tf := w.terraform()
		state, found := tf.create(w.janesLink())
		tf.wantError(found, w.jane.ID, w.janesLink().TargetID, "exists already", "create_before_destroy", "to = "+typeOf(w.janesLink())+".example", `id = "`+importID(w.janesLink())+`"`)
		if state != nil {
			t.Errorf("state is %v, want none", state)
		}
		w.wantNoWrites()
	})
}

func TestCreate_linkedElsewhere(t *testing.T) {
	t.Parallel()
	linksToIdentities.underAllSemantics(t, func(_ *testing.T, w *world) {
		w.Link(w.johnID.ID, w.jane.ID)
		tf := w.terraform()
		state, found := tf.create(w.janesLink())
		tf.wantError(found, "Cannot link ACS user "+w.jane.ID+" to user identity "+w.janeID.ID, isHeldBy(w.jane.ID, w.johnID.ID), "create_before_destroy", "acs_user_id")
		if state != nil {
			t.Errorf("state is %v, want none", state)
		}
		w.wantNoWrites()
		w.wantHolder(w.jane.ID, w.johnID.ID)
	})
}

// isHeldBy is what an error says of an ACS user that is linked to another identity.
func isHeldBy(acsUserID, userIdentityID string) string {
	return "ACS user " + acsUserID + " is linked to user identity " + userIdentityID + ". No changes were made."
}

func TestCreate_relinkedBetweenReadAndWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // add is refused while the ACS user is linked to another identity
	w.act(addRoute, 1, func() { w.Link(w.johnID.ID, w.jane.ID) })
	tf := w.terraform()
	state, found := tf.create(w.janesLink())
	tf.wantError(found, isHeldBy(w.jane.ID, w.johnID.ID))
	if state != nil {
		t.Errorf("state is %v, want none", state)
	}
	w.wantHolder(w.jane.ID, w.johnID.ID)
}

func TestCreate_linkedBySomebodyElseBetweenLookAndWrite(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.SetSemantics(fakeseam.Semantics{AddHeldHere: fakeseam.AddHeldHereRefused, AddMemberTwice: fakeseam.AddMemberTwiceRefused})
		w.act(w.kind.addRoute, 1, func() { w.link(w.janesLink()) })
		tf := w.terraform()
		_, found := tf.create(w.janesLink())
		tf.wantError(found, "exists already", "import {")
	})
}

func TestCreate_noSuchThing(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
		tf := w.terraform()
		_, found := tf.create(w.linkOf(w.janeID, fakeseam.ACSUser{ID: strangeID}))
		tf.wantError(found, "no ACS user "+strangeID, "Harbour House", w.workspace.ID, "acs_user_id")
		_, found = tf.create(strange(w.janesLink()))
		tf.wantError(found, fmt.Sprintf("no %s %s", w.kind.target, strangeID), "Harbour House", w.workspace.ID, w.kind.attribute)
		w.wantNoWrites()
	})
}

func TestCreate_thingOfAnotherWorkspace(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		other := w.AddWorkspace("Elsewhere")
		user := w.AddACSUser(w.AddSystem(other.ID, "Lobby", "salto_ks_site").ID, fakeseam.Person{FullName: "Ann"})
		tf := w.terraform()
		_, found := tf.create(w.linkOf(w.janeID, user))
		tf.wantError(found, "no ACS user "+user.ID, "Harbour House")
		w.wantNoWrites()
	})
}

func TestCreate_targetGoneBetweenLookAndWrite(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
		pair := w.janesLink()
		w.act(w.kind.addRoute, 1, w.deleteTarget)
		tf := w.terraform()
		_, found := tf.create(pair)
		tf.wantError(found, fmt.Sprintf("no %s %s", w.kind.target, pair.TargetID), "Harbour House")
	})
}

func TestCreate_beingDeleted(t *testing.T) {
	t.Parallel()
	t.Run("ACS user", func(t *testing.T) {
		t.Parallel()
		eachKind(t, func(w *world) {
			w.MarkACSUserBeingDeleted(w.jane.ID)
			tf := w.terraform()
			_, found := tf.create(w.janesLink())
			tf.wantError(found, "deleting ACS user "+w.jane.ID, "acs_user_id")
			w.wantNoWrites()
		})
	})
	t.Run("target", func(t *testing.T) {
		t.Parallel()
		eachKind(t, func(w *world) {
			w.markTargetBeingDeleted()
			tf := w.terraform()
			_, found := tf.create(w.janesLink())
			tf.wantError(found, fmt.Sprintf("deleting %s %s", w.kind.target, w.janesLink().TargetID), w.kind.attribute, "Remove this "+w.kind.noun)
			w.wantNoWrites()
		})
	})
}

func TestCreate_mergedIdentity(t *testing.T) {
	t.Parallel()
	linksToIdentities.underAllSemantics(t, func(_ *testing.T, w *world) {
		w.MergeUserIdentities(w.johnID.ID, w.janeID.ID)
		tf := w.terraform()
		state, found := tf.create(w.janesLink())
		if w.semantics.Aliases != fakeseam.AliasesFound {
			// Seam does not find the old ID, so there is nothing to link to.
			tf.wantError(found, "no user identity "+w.janeID.ID, "Harbour House", "user_identity_id")
			if state != nil {
				w.t.Errorf("state is %v, want none", state)
			}
			w.wantNoWrites()
			w.Link(w.johnID.ID, w.jane.ID)
		} else {
			tf.wantWarning(found, w.janeID.ID+" was merged into "+w.johnID.ID)
			if state["user_identity_id"] != w.janeID.ID {
				w.t.Errorf("state is %v, want the id of the configuration", state)
			}
		}
		w.wantHolder(w.jane.ID, w.johnID.ID)

		// The primary identity lists the old ID, also where Seam does not find it.
		writes := w.writes()
		_, found = tf.create(w.janesLink())
		tf.wantError(found, "The link exists already. No changes were made.")
		if n := w.writes(); n != writes {
			w.t.Errorf("%d writes for a link that exists, want none", n-writes)
		}
	})
}

func TestCreate_caseOfIDs(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		upper, attribute := w.janesLink(), w.kind.attribute
		upper.TargetID, upper.ACSUserID = strings.ToUpper(upper.TargetID), strings.ToUpper(upper.ACSUserID)
		tf := w.terraform()
		state, found := tf.create(upper)
		tf.wantNothingSaid(found)
		if state[attribute] != upper.TargetID || state["acs_user_id"] != upper.ACSUserID {
			w.t.Errorf("state is %v, want what the configuration says", state)
		}
		refreshed, found := tf.read(state)
		tf.wantNothingSaid(found)
		if refreshed[attribute] != upper.TargetID {
			w.t.Errorf("refreshed state is %v, want what the configuration says", refreshed)
		}
		planned, replaced, found := tf.plan(state, configOf(w.janesLink()))
		tf.wantNothingSaid(found)
		if replaced || planned[attribute] != upper.TargetID {
			w.t.Errorf("another case of the same id plans %v (replaced: %t), want no change", planned, replaced)
		}
	})
}

func TestRead_linked(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
		w.link(w.janesLink())
		tf := w.terraform()
		state, found := tf.read(w.linkState(w.janesLink()))
		tf.wantNothingSaid(found)
		if state == nil {
			t.Error("the link was dropped from the state")
		}
	})
}

func TestRead_gone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(w *world)
		said    func(w *world) string
	}{
		"unlinked":    {func(w *world) { w.unlink(w.janesLink()) }, func(*world) string { return "removed outside Terraform" }},
		"deleted":     {func(w *world) { w.DeleteACSUser(w.jane.ID) }, func(*world) string { return "deleted outside Terraform" }},
		"target gone": {(*world).deleteTarget, func(*world) string { return "deleted outside Terraform" }},
		"relinked": {func(w *world) { w.unlink(w.janesLink()); w.link(w.toAnother()) }, func(w *world) string {
			return map[*kindOfLink]string{linksToIdentities: w.johnID.ID, membershipsInGroups: "removed outside Terraform"}[w.kind]
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, as := range []fakeseam.UnlinkedAs{fakeseam.UnlinkedAbsent, fakeseam.UnlinkedNull, fakeseam.UnlinkedEmpty} {
				t.Run(as.String(), func(t *testing.T) {
					t.Parallel()
					eachKind(t, func(w *world) {
						w.SetUnlinkedAs(as)
						w.link(w.janesLink())
						pair := w.janesLink()
						test.happens(w)
						tf := w.terraform()
						state, found := tf.read(w.linkState(pair))
						tf.wantWarning(found, "no longer "+w.kind.standing, pair.ACSUserID, pair.TargetID, test.said(w))
						if state != nil {
							w.t.Errorf("state is %v, want none", state)
						}
					})
				})
			}
		})
	}
}

func TestRead_mergedIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	w.MergeUserIdentities(w.johnID.ID, w.janeID.ID)
	tf := w.terraform()
	state, found := tf.read(w.linkState(w.janesLink()))
	tf.wantWarning(found, w.janeID.ID+" was merged into "+w.johnID.ID, "the old ID keeps working, so no action is needed", w.johnID.ID+"/"+w.jane.ID)
	if state["user_identity_id"] != w.janeID.ID {
		t.Errorf("state is %v, want it as it was", state)
	}
}

// Whatever cannot be trusted is an error, and the state stays as it was.
func TestRead_untrusted(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fakeseam.Fault{
		"401":                   {Status: 401},
		"403":                   {Status: 403},
		"404 without a body":    {Status: 404, Body: " "},
		"404 of a page":         {Status: 404, HTML: true},
		"404 of something else": {Status: 404, Body: `{"ok":false,"error":{"type":"workspace_not_found","message":"no"}}`},
		"429 for ever":          {Status: 429, Header: map[string]string{"Retry-After": "7"}},
		"500":                   {Status: 500},
		"503":                   {Status: 503},
		"501":                   {Status: 501},
		"302":                   {Status: 302, Header: map[string]string{"Location": "https://example.com/"}},
		"a page":                {HTML: true},
		"not ok":                {Body: `{"ok":false}`},
		"no object":             {Body: `{"ok":true}`},
		"an empty ACS user":     {Body: `{"ok":true,"acs_user":{},"acs_access_groups":[{}]}`},
		"another ACS user":      {Body: `{"ok":true,"acs_user":{"acs_user_id":"` + strangeID + `"}}`},
		"an array":              {Body: `[]`},
		"null":                  {Body: `null`},
		"nothing":               {Body: " "},
		"cut off":               {CutBody: true},
		"dropped":               {Drop: fakeseam.DropBeforeEffect},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(w *world) {
				w.link(w.janesLink())
				fault := fault
				fault.Route = w.kind.readRoute
				w.Inject(fault)
				tf := w.terraform()
				before := w.linkState(w.janesLink())

				state, found := tf.read(before)
				tf.wantError(found, w.jane.ID, w.janesLink().TargetID, w.stays())
				if state["acs_user_id"] != before["acs_user_id"] {
					w.t.Errorf("state is %v, want %v", state, before)
				}

				state, found = tf.destroy(before)
				tf.wantError(found, w.jane.ID, w.janesLink().TargetID, w.stays())
				if state["acs_user_id"] != before["acs_user_id"] {
					w.t.Errorf("state is %v, want %v", state, before)
				}
				w.wantNoWrites()

				w.ClearFaults()
				w.unlink(w.janesLink())
				w.Inject(fault)
				tf = w.terraform() // another command
				state, found = tf.create(w.janesLink())
				tf.wantError(found, w.jane.ID, w.janesLink().TargetID)
				if state != nil {
					w.t.Errorf("state is %v, want none", state)
				}
				w.wantNoWrites()
			})
		})
	}
}

// A wrong key must never look like a mass removal.
func TestWrongWorkspace(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
		w.link(w.janesLink())
		other := w.AddWorkspace("Elsewhere")
		tf := w.terraformWith(values{"endpoint": w.url, "api_key": other.APIKey})
		state, found := tf.read(w.linkState(w.janesLink()))
		tf.wantError(found, "This resource belongs to workspace "+w.workspace.ID, "credentials reach workspace "+other.ID, w.stays())
		if state == nil {
			w.t.Error("the link was removed from state")
		}
		state, found = tf.destroy(w.linkState(w.janesLink()))
		tf.wantError(found, "credentials reach workspace "+other.ID+", not "+w.workspace.ID, w.stays())
		if state == nil {
			w.t.Error("the link was removed from state")
		}
		if n := w.Count(getWorkspace); n != 1 {
			w.t.Errorf("the workspace was asked for %d times, want once a process", n)
		}
		w.wantNoWrites()
		w.wantLinked(w.janesLink(), true)
	})
}

// While the workspace cannot be asked for, a missing ACS user proves nothing.
func TestWrongWorkspace_unknown(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.DeleteACSUser(w.jane.ID)
		w.Inject(fakeseam.Fault{Route: getWorkspace, Status: 500})
		tf := w.terraform()
		state, found := tf.read(w.linkState(w.janesLink()))
		tf.wantError(found, "500")
		if state == nil {
			w.t.Error("the link was dropped from the state")
		}
	})
}

func TestDelete_linked(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
		johns := w.linkOf(w.johnID, w.john)
		w.link(w.janesLink())
		w.link(johns)
		tf := w.terraform()
		state, found := tf.destroy(w.linkState(w.janesLink()))
		tf.wantNothingSaid(found)
		if state != nil {
			t.Errorf("state is %v, want none", state)
		}
		w.wantLinked(w.janesLink(), false)
		w.wantLinked(johns, true)
		if w.Count(w.kind.removeRoute) != 1 || w.writes() != 1 {
			t.Errorf("%d writes, want one remove", w.writes())
		}
	})
}

func TestDelete_mergedIdentity(t *testing.T) {
	t.Parallel()
	linksToIdentities.underAllSemantics(t, func(_ *testing.T, w *world) {
		w.Link(w.janeID.ID, w.jane.ID)
		w.MergeUserIdentities(w.johnID.ID, w.janeID.ID)
		tf := w.terraform()
		_, found := tf.destroy(w.linkState(w.janesLink()))
		tf.wantNothingSaid(found)
		w.wantHolder(w.jane.ID, "")
	})
}

func TestDelete_nothingToRemove(t *testing.T) {
	t.Parallel()
	for name, happens := range map[string]func(w *world){
		"unlinked":    func(w *world) { w.unlink(w.janesLink()) },
		"relinked":    func(w *world) { w.unlink(w.janesLink()); w.link(w.toAnother()) },
		"deleted":     func(w *world) { w.DeleteACSUser(w.jane.ID) },
		"target gone": (*world).deleteTarget,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			underAllSemantics(t, func(_ *testing.T, w *world) {
				pair := w.janesLink()
				w.link(pair)
				happens(w)
				before := w.links()
				tf := w.terraform()
				state, found := tf.destroy(w.linkState(pair))
				tf.wantNothingSaid(found)
				if state != nil {
					t.Errorf("state is %v, want none", state)
				}
				w.wantNoWrites()
				if after := w.links(); after != before {
					t.Errorf("there were %d links, and are %d", before, after)
				}
			})
		})
	}
}

// What makes a write's answer impossible to trust, whether it took effect or not.
func ambiguousFaults() map[string]fakeseam.Fault {
	return map[string]fakeseam.Fault{
		"dropped before":  {Drop: fakeseam.DropBeforeEffect},
		"dropped after":   {Drop: fakeseam.DropAfterEffect},
		"500 before":      {Status: 500},
		"500 after":       {Status: 500, AfterEffect: true},
		"502 page after":  {Status: 502, HTML: true, AfterEffect: true},
		"503 before":      {Status: 503, Header: map[string]string{"Retry-After": "3"}},
		"504 after":       {Status: 504, AfterEffect: true},
		"cut off":         {CutBody: true},
		"a page":          {HTML: true},
		"not ok after":    {Body: `{"ok":false}`, AfterEffect: true},
		"throttled":       {Status: 429},
		"throttled twice": {Status: 429, Times: 2, Header: map[string]string{"Retry-After": "2"}},
	}
}

func TestCreate_ambiguous(t *testing.T) {
	t.Parallel()
	for name, fault := range ambiguousFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			underAllSemantics(t, func(_ *testing.T, w *world) {
				fault := fault
				fault.Route, fault.Times = w.kind.addRoute, max(fault.Times, 1)
				w.Inject(fault)
				tf := w.terraform()
				state, found := tf.create(w.janesLink())
				tf.wantNothingSaid(found)
				if state == nil {
					t.Error("the link is not in the state")
				}
				w.wantLinked(w.janesLink(), true)
				if n := w.Count(w.kind.removeRoute); n != 0 {
					t.Errorf("%d removes were sent, want none", n)
				}
			})
		})
	}
}

func TestDelete_ambiguous(t *testing.T) {
	t.Parallel()
	for name, fault := range ambiguousFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			underAllSemantics(t, func(_ *testing.T, w *world) {
				fault := fault
				fault.Route, fault.Times = w.kind.removeRoute, max(fault.Times, 1)
				w.link(w.janesLink())
				w.Inject(fault)
				tf := w.terraform()
				state, found := tf.destroy(w.linkState(w.janesLink()))
				tf.wantNothingSaid(found)
				if state != nil {
					t.Errorf("state is %v, want none", state)
				}
				w.wantLinked(w.janesLink(), false)
			})
		})
	}
}

// Before an ambiguous remove is repeated, it is compared again: another
// identity may have been linked in the meantime.
func TestDelete_relinkedAfterAmbiguousRemove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetSemantics(fakeseam.Semantics{RemoveHeldElsewhere: fakeseam.RemoveHeldElsewhereCuts})
	w.Link(w.janeID.ID, w.jane.ID)
	w.Inject(fakeseam.Fault{Route: removeRoute, Times: 1, Status: 500, AfterEffect: true})
	w.act(getUserRoute, 2, func() { w.Link(w.johnID.ID, w.jane.ID) })
	tf := w.terraform()
	state, found := tf.destroy(w.linkState(w.janesLink()))
	tf.wantNothingSaid(found)
	if state != nil {
		t.Errorf("state is %v, want none", state)
	}
	if n := w.Count(removeRoute); n != 1 {
		t.Errorf("%d removes were sent, want one", n)
	}
	w.wantHolder(w.jane.ID, w.johnID.ID)
}

// A removal that Seam accepts is read until it shows, and not sent again.
func TestDelete_acceptedAndLate(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.link(w.janesLink())
		w.SetGetLag(3)
		tf := w.terraform()
		state, found := tf.destroy(w.linkState(w.janesLink()))
		tf.wantNothingSaid(found)
		if state != nil {
			w.t.Errorf("state is %v, want none", state)
		}
		// Of a membership, the last read is two: of the ACS user, and of its access groups.
		if gets, removes := w.Count(w.kind.readRoute), w.Count(w.kind.removeRoute); gets != 5 || removes != 1 {
			w.t.Errorf("%d reads and %d removes, want one read before the remove and four after it", gets, removes)
		}
	})
}

// A removal that Seam accepts and does not carry out has not removed the link.
func TestDelete_acceptedWithoutEffect(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.link(w.janesLink())
		w.Inject(fakeseam.Fault{Route: w.kind.removeRoute, NoEffect: true})
		tf := w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "retry_timeout": "60s"})
		state, found := tf.destroy(w.linkState(w.janesLink()))
		tf.wantError(found, "Seam accepted the request to remove the "+w.kind.noun+", and it had no effect: ", w.stays())
		if state == nil {
			w.t.Error("the link was removed from state")
		}
		if n := w.Count(w.kind.removeRoute); n != 1 {
			w.t.Errorf("%d removes were sent, want one", n)
		}
		// No wait is longer than 30 seconds: the one that is too long begins in the second half.
		if waited := w.clock.waited(); waited < 30*time.Second || waited > time.Minute {
			w.t.Errorf("waited %s for the removal to show, want nearly the minute of retry_timeout", waited)
		}
	})
}

// A write that never gets through is an error. Whether it takes effect all the same is
// known for a response that refuses it, and for no other.
func TestWrites_neverThrough(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   fakeseam.Fault
		said    string
		unknown bool
	}{
		"500":       {fakeseam.Fault{Status: 500}, "500 Internal Server Error", true},
		"502":       {fakeseam.Fault{Status: 502, HTML: true}, "502 Bad Gateway", true},
		"503":       {fakeseam.Fault{Status: 503}, "503 Service Unavailable", true},
		"504":       {fakeseam.Fault{Status: 504}, "504 Gateway Timeout", true},
		"408":       {fakeseam.Fault{Status: 408}, "408 Request Timeout", true},
		"reset":     {fakeseam.Fault{Drop: fakeseam.DropBeforeEffect}, "got no response", true},
		"page":      {fakeseam.Fault{HTML: true}, "returned an invalid response", true},
		"throttled": {fakeseam.Fault{Status: 429}, "429 Too Many Requests", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(w *world) {
				fault := test.fault
				fault.Route = w.kind.addRoute
				w.Inject(fault)
				fault.Route = w.kind.removeRoute
				w.Inject(fault)

				tf := w.terraform()
				state, found := tf.create(w.janesLink())
				said := []string{fmt.Sprintf(w.kind.cannot, w.jane.ID, w.janesLink().TargetID), test.said, "retry_timeout"}
				if test.unknown {
					said = append(said, "It is not known whether the "+w.kind.noun+" was added.", "saved in state as tainted")
				}
				tf.wantError(found, said...)
				if test.unknown != maps.Equal(state, w.linkState(w.janesLink())) || !test.unknown && state != nil {
					w.t.Errorf("state is %v; the effect is unknown: %t", state, test.unknown)
				}
				if n := w.Count(w.kind.addRoute); n < 3 {
					w.t.Errorf("add was sent %d times, want several", n)
				}

				w.link(w.janesLink())
				tf = w.terraform()
				state, found = tf.destroy(w.linkState(w.janesLink()))
				said = []string{"Cannot remove ACS user", test.said, "retry_timeout", w.stays()}
				if test.unknown {
					said = append(said, "It is not known whether the "+w.kind.noun+" was removed.")
				}
				tf.wantError(found, said...)
				if state == nil {
					w.t.Error("the link was removed from state")
				}
				if n := w.Count(w.kind.removeRoute); n < 3 {
					w.t.Errorf("remove was sent %d times, want several", n)
				}
			})
		})
	}
}

// When neither the write nor the read after it is answered, the link may be there: it is
// saved in state, and the next run resolves it.
func TestCreate_effectUnknown(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.Inject(fakeseam.Fault{Route: w.kind.addRoute, Drop: fakeseam.DropAfterEffect})
		w.Inject(fakeseam.Fault{Route: w.kind.readRoute, Skip: 1, Status: 500})
		tf := w.terraform()
		state, found := tf.create(w.janesLink())
		tf.wantError(found, "not known whether the "+w.kind.noun+" was added", "tainted")
		if state == nil || state["acs_system_id"] != w.system.ID {
			w.t.Fatalf("state is %v, want the link, complete", state)
		}
		w.wantLinked(w.janesLink(), true)

		w.ClearFaults()
		state, found = tf.destroy(state)
		tf.wantNothingSaid(found)
		if state != nil {
			w.t.Errorf("state is %v, want none", state)
		}
		w.wantLinked(w.janesLink(), false)
	})
}

// A request that timed out may take effect after every read: the link is saved in state.
func TestCreate_mayStillLand(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.timeOut(w.kind.addRoute)
		tf := w.terraform()
		state, found := tf.create(w.janesLink())
		tf.wantError(found, "It is not known whether the "+w.kind.noun+" was added. The request was sent, and the response was inconclusive.", "tainted")
		if state == nil {
			w.t.Fatal("a link that may appear is not in state")
		}
		w.link(w.janesLink()) // it takes effect
		state, found = tf.destroy(state)
		tf.wantNothingSaid(found)
		if state != nil {
			w.t.Errorf("state is %v, want none", state)
		}
		w.wantLinked(w.janesLink(), false)
	})
}

// An interrupt ends waits at once. A write that was sent is read once more, and without
// its effect it may still take effect: the link is saved in state.
func TestCreate_cancelledAfterAmbiguousAdd(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fakeseam.Fault{
		"effect":    {Status: 500, AfterEffect: true},
		"no effect": {Status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(w *world) {
				ctx, cancel := context.WithCancel(w.t.Context())
				defer cancel()
				fault := fault // the two kinds run at once
				fault.Route = w.kind.addRoute
				w.Inject(fault)
				w.act(w.kind.addRoute, 1, cancel)
				tf := w.terraform().with(ctx)
				state, found := tf.create(w.janesLink())
				if fault.AfterEffect {
					tf.wantNothingSaid(found)
					if state == nil {
						w.t.Error("the link is there and not in the state")
					}
					return
				}
				tf.wantError(found, "Cannot ", "It is not known whether the "+w.kind.noun+" was added.", "The operation was interrupted.", "tainted")
				if !maps.Equal(state, w.linkState(w.janesLink())) {
					w.t.Errorf("state is %v, want the link, complete", state)
				}
				if n := w.Count(w.kind.readRoute); n != 2 {
					w.t.Errorf("the ACS user was read %d times, want before the add and after it", n)
				}
				if n := w.Count(w.kind.addRoute); n != 1 {
					w.t.Errorf("add was sent %d times, want once", n)
				}
			})
		})
	}
}

// A write under way when the operation is cancelled runs to its answer.
func TestCreate_cancelledDuringAdd(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		ctx, cancel := context.WithCancel(w.t.Context())
		defer cancel()
		w.Inject(fakeseam.Fault{Route: w.kind.addRoute, Latency: 50 * time.Millisecond})
		w.act(w.kind.addRoute, 1, cancel)
		tf := w.terraform().with(ctx)
		state, found := tf.create(w.janesLink())
		tf.wantNothingSaid(found)
		if state == nil {
			w.t.Error("the link is there and not in the state")
		}
		w.wantLinked(w.janesLink(), true)
	})
}

func TestDelete_cancelledWhileWaiting(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.link(w.janesLink())
		ctx, cancel := context.WithCancel(w.t.Context())
		defer cancel()
		w.clock.onWait = func(context.Context) { cancel() }
		w.Inject(fakeseam.Fault{Route: w.kind.removeRoute, Status: 503})
		tf := w.terraform().with(ctx)
		state, found := tf.destroy(w.linkState(w.janesLink()))
		tf.wantError(found, "It is not known whether the "+w.kind.noun+" was removed.", "The operation was interrupted.", w.stays())
		if state == nil {
			w.t.Error("the link was removed from state")
		}
		if n := w.Count(w.kind.removeRoute); n != 1 {
			w.t.Errorf("remove was sent %d times, want once", n)
		}
	})
}

func TestPlan_conflict(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(w *world)
		said    func(w *world) []string
	}{
		"linked already": {func(w *world) { w.link(w.janesLink()) }, func(w *world) []string { return []string{"already " + w.kind.standing, "import {"} }},
		"no ACS user":    {func(w *world) { w.DeleteACSUser(w.jane.ID) }, func(*world) []string { return []string{"does not exist"} }},
		"being deleted": {func(w *world) { w.MarkACSUserBeingDeleted(w.jane.ID) }, func(w *world) []string {
			return []string{"being deleted", "Remove the " + w.kind.noun}
		}},
		"no answer": {func(w *world) { w.Inject(fakeseam.Fault{Route: w.kind.readRoute, Status: 500}) }, func(w *world) []string {
			return []string{w.kind.Noun() + " not checked for conflicts", "500", w.kind.still + " already. Applying the plan reads it."}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(w *world) {
				test.happens(w)
				tf := w.terraform()
				planned, _, found := tf.plan(nil, configOf(w.janesLink()))
				tf.wantWarning(found, append(test.said(w), w.jane.ID)...)
				if waited := w.clock.waited(); waited > conflictTimeout {
					w.t.Errorf("the plan waited %s for a check that it can do without", waited)
				}
				if planned["acs_system_id"] != unknown {
					w.t.Errorf("planned %v", planned)
				}
				w.wantNoWrites()
			})
		})
	}
}

func TestPlan_linkedElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.johnID.ID, w.jane.ID)
	tf := w.terraform()
	_, _, found := tf.plan(nil, configOf(w.janesLink()))
	tf.wantWarning(found, "ACS user "+w.jane.ID+" is linked to user identity "+w.johnID.ID, "never moved")
	w.wantNoWrites()
}

// An ACS user may be in several access groups: that it is in another one is no conflict.
func TestMembership_ofAnotherGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t).of(membershipsInGroups)
	w.link(w.toAnother())
	tf := w.terraform()
	_, _, found := tf.plan(nil, configOf(w.janesLink()))
	tf.wantNothingSaid(found)
	state, found := tf.create(w.janesLink())
	tf.wantNothingSaid(found)
	_, found = tf.destroy(state)
	tf.wantNothingSaid(found)
	w.wantLinked(w.janesLink(), false)
	w.wantLinked(w.toAnother(), true)
}

// Two access groups for one ACS user are two memberships; one of them twice is a mistake.
func TestPlan_membershipTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t).of(membershipsInGroups)
	tf := w.terraform()
	for _, pair := range []link.Pair{w.janesLink(), w.toAnother()} {
		_, _, found := tf.plan(nil, configOf(pair))
		tf.wantNothingSaid(found)
	}
	again := w.janesLink()
	again.ACSUserID = strings.ToUpper(again.ACSUserID)
	_, _, found := tf.plan(nil, configOf(again))
	tf.wantWarning(found, "Membership planned twice", again.ACSUserID, again.TargetID)
}

// An access group of another access system cannot have the ACS user as a member.
func TestCreate_groupOfAnotherSystem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	annex := w.AddSystem(w.workspace.ID, "Annex", "kisi_organization")
	visitors := w.AddAccessGroup(annex.ID, "Visitors")
	tf := w.terraform()
	state, found := tf.create(link.InGroup(visitors.ID, w.jane.ID))
	tf.wantError(found, "acs_access_group_id", "ACS user "+w.jane.ID+" is in access system "+w.system.ID, annex.ID, "No changes were made.")
	if state != nil {
		t.Errorf("state is %v, want none", state)
	}
	w.wantNoWrites()
}

func TestPlan_noConflict(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		tf := w.terraform()
		_, _, found := tf.plan(nil, configOf(w.janesLink()))
		tf.wantNothingSaid(found)

		w.ResetRequests()
		_, _, found = tf.plan(nil, values{w.kind.attribute: w.janesLink().TargetID, "acs_user_id": unknown})
		tf.wantNothingSaid(found)
		_, _, found = tf.plan(nil, values{w.kind.attribute: unknown, "acs_user_id": w.jane.ID})
		tf.wantNothingSaid(found)
		state := w.linkState(w.janesLink())
		_, replaced, found := tf.plan(state, configOf(w.janesLink()))
		tf.wantNothingSaid(found)
		if replaced {
			w.t.Error("an unchanged link is replaced")
		}
		_, _, found = tf.plan(state, nil)
		tf.wantNothingSaid(found)
		w.wantNoRequests()
	})
}

// A resource of the state that is tainted is planned as one to be created, and
// so is a second block for its link. The provider cannot tell them apart.
func TestPlan_linkInState(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.link(w.janesLink())
		tf := w.terraform()
		janes, already := w.janesLink(), "already "+w.kind.standing
		config := configOf(janes)
		config[w.kind.attribute] = strings.ToUpper(janes.TargetID)
		_, _, found := tf.plan(nil, config)
		tf.wantWarning(found, already, "import {") // -refresh=false

		tf.again()
		janes.ACSUserID = strings.ToUpper(janes.ACSUserID)
		_, found = tf.read(w.linkState(janes))
		tf.wantNothingSaid(found)
		_, _, found = tf.plan(nil, config)
		tf.wantWarning(found, already, "A resource in state manages this "+w.kind.noun+".", "remove one of the two")
		if strings.Contains(found.String(), "import {") {
			w.t.Errorf("a link that Terraform manages is to be imported:\n%s", found)
		}

		// In the same command, a link that is not in state.
		w.link(w.linkOf(w.johnID, w.john))
		_, _, found = tf.plan(nil, configOf(w.linkOf(w.johnID, w.john)))
		tf.wantWarning(found, already, "import {")
	})
}

// A link that another process made instead of the one in state is not in state.
func TestPlan_linkLostToAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.johnID.ID, w.jane.ID)
	tf := w.terraform()
	_, found := tf.read(w.linkState(w.janesLink()))
	tf.wantWarning(found, "ACS user "+w.jane.ID+" is no longer linked to user identity "+w.janeID.ID, "linked to user identity "+w.johnID.ID)
	_, _, found = tf.plan(nil, values{"user_identity_id": w.johnID.ID, "acs_user_id": w.jane.ID})
	tf.wantWarning(found, "already linked", "import {")
}

// A move by replacement removes the old link first: nothing stands in its way.
func TestPlan_moveByReplacement(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.link(w.janesLink())
		tf := w.terraform()
		_, replaced, found := tf.plan(w.linkState(w.janesLink()), configOf(w.toAnother()))
		tf.wantNothingSaid(found)
		if !replaced {
			w.t.Error("another target does not replace the link")
		}
	})
}

func TestPlan_credentialsRefused(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		tf := w.terraformWith(values{"endpoint": w.url, "api_key": "seam_nobody_knows_this_key"})
		_, _, found := tf.plan(nil, configOf(w.janesLink()))
		tf.wantError(found, "401", "SEAM_API_KEY")
	})
}

func TestImport_notLinked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(w *world)
		said    func(w *world) string
	}{
		"unlinked": {func(*world) {}, func(w *world) string { return "The ACS user is " + w.kind.none + "." }},
		"linked elsewhere": {func(w *world) { w.link(w.toAnother()) }, func(w *world) string {
			return map[*kindOfLink]string{linksToIdentities: "linked to user identity " + w.johnID.ID, membershipsInGroups: w.kind.none}[w.kind]
		}},
		"no ACS user": {func(w *world) { w.DeleteACSUser(w.jane.ID) }, func(w *world) string { return "no ACS user " + w.jane.ID }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(w *world) {
				test.happens(w)
				tf := w.terraform()
				state, found := tf.importPair(w.janesLink())
				tf.wantError(found, "Cannot import", w.jane.ID, test.said(w))
				if state != nil {
					w.t.Errorf("imported %v", state)
				}
				state, found = tf.importByIdentity(w.janesLink())
				tf.wantError(found, "Cannot import", w.jane.ID, test.said(w))
				if state != nil {
					w.t.Errorf("imported %v", state)
				}
			})
		})
	}
}

// A link to something that is not there is told from one that is not made.
func TestImport_noSuchGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t).of(membershipsInGroups)
	tf := w.terraform()
	state, found := tf.importPair(strange(w.janesLink()))
	tf.wantError(found, "Cannot import", "There is no access group "+strangeID, "Harbour House")
	if state != nil {
		t.Errorf("imported %v", state)
	}
}

func TestImport_linked(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.link(w.janesLink())
		tf := w.terraform()
		byID, found := tf.importPair(w.janesLink())
		tf.wantNothingSaid(found)
		byIdentity, found := tf.importByIdentity(w.janesLink())
		tf.wantNothingSaid(found)
		want := w.linkState(w.janesLink())
		for name, value := range want {
			if byID[name] != value || byIdentity[name] != value {
				w.t.Errorf("%s: by id %v, by identity %v, want %v", name, byID[name], byIdentity[name], value)
			}
		}
	})
}

func TestImport_invalidID(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		tf := w.terraform()
		target := w.janesLink().TargetID
		for _, id := range []string{
			"", "/", w.jane.ID, target + "/", "/" + w.jane.ID, target + "/" + w.jane.ID + "/", target + "," + w.jane.ID,
			"{" + target + "}/" + w.jane.ID, "urn:uuid:" + target + "/" + w.jane.ID, " " + target + "/" + w.jane.ID, strings.Repeat("x", 1<<20),
		} {
			_, found := tf.importLink(w.kind.target, id)
			tf.wantError(found, "Invalid import ID", "<"+w.kind.attribute+">/<acs_user_id>")
			if len(found.String()) > 1000 {
				w.t.Errorf("the diagnostic has %d bytes", len(found.String()))
			}
		}
		_, found := tf.importByIdentity(link.Pair{Target: w.kind.target, TargetID: "jane", ACSUserID: w.jane.ID})
		tf.wantError(found, "Invalid ID", w.kind.attribute, `"jane"`)
		w.wantNoRequests()
	})
}
