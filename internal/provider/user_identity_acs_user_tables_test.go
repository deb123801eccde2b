package provider

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
)

// These tests go through what each operation may find, row by row, under every
// answer that Seam's documentation leaves open.

// underAllSemantics runs a test once for each set of answers.
func underAllSemantics(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	for _, semantics := range fakeseam.AllSemantics() {
		t.Run(semantics.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetSemantics(semantics)
			w.semantics = semantics
			test(t, w)
		})
	}
}

func TestCreate_unlinked(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
		tf := w.terraform()
		state, found := tf.create(w.janesLink())
		tf.wantNothingSaid(found)
		w.wantHolder(w.jane.ID, w.janeID.ID)
		if state["acs_system_id"] != w.system.ID || state["workspace_id"] != w.workspace.ID {
			t.Errorf("state is %v", state)
		}
		if w.Count(addRoute) != 1 || w.writes() != 1 {
			t.Errorf("%d writes, want one add", w.writes())
		}
		if body := string(w.lastBody(addRoute)); strings.Contains(body, "user_identity_key") {
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
		w.Link(w.janeID.ID, w.jane.ID)
		tf := w.terraform()
		state, found := tf.create(w.janesLink())
		tf.wantError(found, w.jane.ID, w.janeID.ID, "exists already", "create_before_destroy", "import {", `id = "`+w.janeID.ID+"/"+w.jane.ID+`"`)
		if state != nil {
			t.Errorf("state is %v, want none", state)
		}
		w.wantNoWrites()
	})
}

func TestCreate_linkedElsewhere(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
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
	w := newWorld(t)
	w.SetSemantics(fakeseam.Semantics{AddHeldHere: fakeseam.AddHeldHereRefused})
	w.act(addRoute, 1, func() { w.Link(w.janeID.ID, w.jane.ID) })
	tf := w.terraform()
	_, found := tf.create(w.janesLink())
	tf.wantError(found, "exists already", "import {")
}

func TestCreate_noSuchThing(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
		tf := w.terraform()
		_, found := tf.create(link.Pair{UserIdentityID: w.janeID.ID, ACSUserID: strangeID})
		tf.wantError(found, "no ACS user "+strangeID, "Harbour House", w.workspace.ID, "acs_user_id")
		_, found = tf.create(link.Pair{UserIdentityID: strangeID, ACSUserID: w.jane.ID})
		tf.wantError(found, "no user identity "+strangeID, "Harbour House", w.workspace.ID, "user_identity_id")
		w.wantNoWrites()
	})
}

func TestCreate_thingOfAnotherWorkspace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.AddWorkspace("Elsewhere")
	user := w.AddACSUser(w.AddSystem(other.ID, "Lobby", "salto_ks_site").ID, fakeseam.Person{FullName: "Ann"})
	tf := w.terraform()
	_, found := tf.create(link.Pair{UserIdentityID: w.janeID.ID, ACSUserID: user.ID})
	tf.wantError(found, "no ACS user "+user.ID, "Harbour House")
	w.wantNoWrites()
}

func TestCreate_identityGoneBetweenLookAndWrite(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
		w.act(addRoute, 1, func() { w.DeleteUserIdentity(w.janeID.ID) })
		tf := w.terraform()
		_, found := tf.create(w.janesLink())
		tf.wantError(found, "no user identity "+w.janeID.ID, "Harbour House")
	})
}

func TestCreate_beingDeleted(t *testing.T) {
	t.Parallel()
	t.Run("ACS user", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.MarkACSUserBeingDeleted(w.jane.ID)
		tf := w.terraform()
		_, found := tf.create(w.janesLink())
		tf.wantError(found, "deleting ACS user "+w.jane.ID, "acs_user_id")
		w.wantNoWrites()
	})
	t.Run("user identity", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.MarkUserIdentityBeingDeleted(w.janeID.ID)
		tf := w.terraform()
		_, found := tf.create(w.janesLink())
		tf.wantError(found, "deleting user identity "+w.janeID.ID, "user_identity_id")
		w.wantNoWrites()
	})
}

func TestCreate_mergedIdentity(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
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
	w := newWorld(t)
	upper := link.Pair{UserIdentityID: strings.ToUpper(w.janeID.ID), ACSUserID: strings.ToUpper(w.jane.ID)}
	tf := w.terraform()
	state, found := tf.create(upper)
	tf.wantNothingSaid(found)
	if state["user_identity_id"] != upper.UserIdentityID || state["acs_user_id"] != upper.ACSUserID {
		t.Errorf("state is %v, want what the configuration says", state)
	}
	refreshed, found := tf.read(state)
	tf.wantNothingSaid(found)
	if refreshed["user_identity_id"] != upper.UserIdentityID {
		t.Errorf("refreshed state is %v, want what the configuration says", refreshed)
	}
	planned, replaced, found := tf.plan(state, values{"user_identity_id": w.janeID.ID, "acs_user_id": w.jane.ID})
	tf.wantNothingSaid(found)
	if replaced || planned["user_identity_id"] != upper.UserIdentityID {
		t.Errorf("another case of the same id plans %v (replaced: %t), want no change", planned, replaced)
	}
}

func TestRead_linked(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
		w.Link(w.janeID.ID, w.jane.ID)
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
		"unlinked":      {func(w *world) { w.Unlink(w.jane.ID) }, func(*world) string { return "removed outside Terraform" }},
		"relinked":      {func(w *world) { w.Link(w.johnID.ID, w.jane.ID) }, func(w *world) string { return w.johnID.ID }},
		"deleted":       {func(w *world) { w.DeleteACSUser(w.jane.ID) }, func(*world) string { return "deleted outside Terraform" }},
		"identity gone": {func(w *world) { w.DeleteUserIdentity(w.janeID.ID) }, func(*world) string { return "deleted outside Terraform" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, as := range []fakeseam.UnlinkedAs{fakeseam.UnlinkedAbsent, fakeseam.UnlinkedNull, fakeseam.UnlinkedEmpty} {
				w := newWorld(t)
				w.SetUnlinkedAs(as)
				w.Link(w.janeID.ID, w.jane.ID)
				test.happens(w)
				tf := w.terraform()
				state, found := tf.read(w.linkState(w.janesLink()))
				tf.wantWarning(found, w.jane.ID, w.janeID.ID, test.said(w))
				if state != nil {
					t.Errorf("state is %v, want none", state)
				}
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
		"no ACS user":           {Body: `{"ok":true}`},
		"an empty ACS user":     {Body: `{"ok":true,"acs_user":{}}`},
		"another ACS user":      {Body: `{"ok":true,"acs_user":{"acs_user_id":"` + strangeID + `"}}`},
		"an array":              {Body: `[]`},
		"null":                  {Body: `null`},
		"nothing":               {Body: " "},
		"cut off":               {CutBody: true},
		"dropped":               {Drop: fakeseam.DropBeforeEffect},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Link(w.janeID.ID, w.jane.ID)
			fault.Route = getUserRoute
			w.Inject(fault)
			tf := w.terraform()
			before := w.linkState(w.janesLink())

			state, found := tf.read(before)
			tf.wantError(found, w.jane.ID, w.janeID.ID, "The link stays in state.")
			if state["acs_user_id"] != before["acs_user_id"] {
				t.Errorf("state is %v, want %v", state, before)
			}

			state, found = tf.destroy(before)
			tf.wantError(found, w.jane.ID, w.janeID.ID, "The link stays in state.")
			if state["acs_user_id"] != before["acs_user_id"] {
				t.Errorf("state is %v, want %v", state, before)
			}
			w.wantNoWrites()

			w.ClearFaults()
			w.Unlink(w.jane.ID)
			w.Inject(fault)
			tf = w.terraform() // another command
			state, found = tf.create(w.janesLink())
			tf.wantError(found, w.jane.ID, w.janeID.ID)
			if state != nil {
				t.Errorf("state is %v, want none", state)
			}
			w.wantNoWrites()
		})
	}
}

// A wrong key must never look like a mass removal.
func TestWrongWorkspace(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
		w.Link(w.janeID.ID, w.jane.ID)
		other := w.AddWorkspace("Elsewhere")
		tf := w.terraformWith(values{"endpoint": w.url, "api_key": other.APIKey})
		state, found := tf.read(w.linkState(w.janesLink()))
		tf.wantError(found, "It was made in workspace "+w.workspace.ID, "credentials reach workspace "+other.ID, "The link stays in state.")
		if state == nil {
			w.t.Error("the link was removed from state")
		}
		state, found = tf.destroy(w.linkState(w.janesLink()))
		tf.wantError(found, "credentials reach workspace "+other.ID+", not "+w.workspace.ID, "The link stays in state.")
		if state == nil {
			w.t.Error("the link was removed from state")
		}
		if n := w.Count(getWorkspace); n != 1 {
			w.t.Errorf("the workspace was asked for %d times, want once a process", n)
		}
		w.wantNoWrites()
		w.wantHolder(w.jane.ID, w.janeID.ID)
	})
}

// While the workspace cannot be asked for, a missing ACS user proves nothing.
func TestWrongWorkspace_unknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.DeleteACSUser(w.jane.ID)
	w.Inject(fakeseam.Fault{Route: getWorkspace, Status: 500})
	tf := w.terraform()
	state, found := tf.read(w.linkState(w.janesLink()))
	tf.wantError(found, "500")
	if state == nil {
		t.Error("the link was dropped from the state")
	}
}

func TestDelete_linked(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
		w.Link(w.janeID.ID, w.jane.ID)
		w.Link(w.johnID.ID, w.john.ID)
		tf := w.terraform()
		state, found := tf.destroy(w.linkState(w.janesLink()))
		tf.wantNothingSaid(found)
		if state != nil {
			t.Errorf("state is %v, want none", state)
		}
		w.wantHolder(w.jane.ID, "")
		w.wantHolder(w.john.ID, w.johnID.ID)
		if w.Count(removeRoute) != 1 || w.writes() != 1 {
			t.Errorf("%d writes, want one remove", w.writes())
		}
	})
}

func TestDelete_mergedIdentity(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(_ *testing.T, w *world) {
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
		"unlinked":      func(w *world) { w.Unlink(w.jane.ID) },
		"relinked":      func(w *world) { w.Link(w.johnID.ID, w.jane.ID) },
		"deleted":       func(w *world) { w.DeleteACSUser(w.jane.ID) },
		"identity gone": func(w *world) { w.DeleteUserIdentity(w.janeID.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			underAllSemantics(t, func(_ *testing.T, w *world) {
				w.Link(w.janeID.ID, w.jane.ID)
				happens(w)
				before := w.Links()
				tf := w.terraform()
				state, found := tf.destroy(w.linkState(w.janesLink()))
				tf.wantNothingSaid(found)
				if state != nil {
					t.Errorf("state is %v, want none", state)
				}
				w.wantNoWrites()
				if after := w.Links(); len(after) != len(before) {
					t.Errorf("links were %v, are %v", before, after)
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
				fault.Route, fault.Times = addRoute, max(fault.Times, 1)
				w.Inject(fault)
				tf := w.terraform()
				state, found := tf.create(w.janesLink())
				tf.wantNothingSaid(found)
				if state == nil {
					t.Error("the link is not in the state")
				}
				w.wantHolder(w.jane.ID, w.janeID.ID)
				if n := w.Count(removeRoute); n != 0 {
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
				fault.Route, fault.Times = removeRoute, max(fault.Times, 1)
				w.Link(w.janeID.ID, w.jane.ID)
				w.Inject(fault)
				tf := w.terraform()
				state, found := tf.destroy(w.linkState(w.janesLink()))
				tf.wantNothingSaid(found)
				if state != nil {
					t.Errorf("state is %v, want none", state)
				}
				w.wantHolder(w.jane.ID, "")
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
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	w.SetGetLag(3)
	tf := w.terraform()
	state, found := tf.destroy(w.linkState(w.janesLink()))
	tf.wantNothingSaid(found)
	if state != nil {
		t.Errorf("state is %v, want none", state)
	}
	if gets, removes := w.Count(getUserRoute), w.Count(removeRoute); gets != 5 || removes != 1 {
		t.Errorf("%d reads and %d removes, want one read before the remove and four after it", gets, removes)
	}
}

// A removal that Seam accepts and does not carry out has not removed the link.
func TestDelete_acceptedWithoutEffect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	w.Inject(fakeseam.Fault{Route: removeRoute, NoEffect: true})
	tf := w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "retry_timeout": "60s"})
	state, found := tf.destroy(w.linkState(w.janesLink()))
	tf.wantError(found, "Seam accepted the request to remove the link, and it had no effect: ", "The link stays in state.")
	if state == nil {
		t.Error("the link was removed from state")
	}
	if n := w.Count(removeRoute); n != 1 {
		t.Errorf("%d removes were sent, want one", n)
	}
	// No wait is longer than 30 seconds: the one that is too long begins in the second half.
	if waited := w.clock.waited(); waited < 30*time.Second || waited > time.Minute {
		t.Errorf("waited %s for the removal to show, want nearly the minute of retry_timeout", waited)
	}
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
			w := newWorld(t)
			fault := test.fault
			fault.Route = addRoute
			w.Inject(fault)
			fault.Route = removeRoute
			w.Inject(fault)

			tf := w.terraform()
			state, found := tf.create(w.janesLink())
			said := []string{"Cannot link ACS user", test.said, "retry_timeout"}
			if test.unknown {
				said = append(said, "It is not known whether the link was added.", "saved in state as tainted")
			}
			tf.wantError(found, said...)
			if test.unknown != maps.Equal(state, w.linkState(w.janesLink())) || !test.unknown && state != nil {
				t.Errorf("state is %v; the effect is unknown: %t", state, test.unknown)
			}
			if n := w.Count(addRoute); n < 3 {
				t.Errorf("add was sent %d times, want several", n)
			}

			w.Link(w.janeID.ID, w.jane.ID)
			tf = w.terraform()
			state, found = tf.destroy(w.linkState(w.janesLink()))
			said = []string{"Cannot remove ACS user", test.said, "retry_timeout", "The link stays in state."}
			if test.unknown {
				said = append(said, "It is not known whether the link was removed.")
			}
			tf.wantError(found, said...)
			if state == nil {
				t.Error("the link was removed from state")
			}
			if n := w.Count(removeRoute); n < 3 {
				t.Errorf("remove was sent %d times, want several", n)
			}
		})
	}
}

// When neither the write nor the read after it is answered, the link may be there: it is
// saved in state, and the next run resolves it.
func TestCreate_effectUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(fakeseam.Fault{Route: addRoute, Drop: fakeseam.DropAfterEffect})
	w.Inject(fakeseam.Fault{Route: getUserRoute, Skip: 1, Status: 500})
	tf := w.terraform()
	state, found := tf.create(w.janesLink())
	tf.wantError(found, "not known whether the link was added", "tainted")
	if state == nil || state["acs_system_id"] != w.system.ID {
		t.Fatalf("state is %v, want the link, complete", state)
	}
	w.wantHolder(w.jane.ID, w.janeID.ID)

	w.ClearFaults()
	state, found = tf.destroy(state)
	tf.wantNothingSaid(found)
	if state != nil {
		t.Errorf("state is %v, want none", state)
	}
	w.wantHolder(w.jane.ID, "")
}

// A request that timed out may take effect after every read: the link is saved in state.
func TestCreate_mayStillLand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.timeOut(addRoute)
	tf := w.terraform()
	state, found := tf.create(w.janesLink())
	tf.wantError(found, "It is not known whether the link was added. The request was sent, and the response was inconclusive.", "tainted")
	if state == nil {
		t.Fatal("a link that may appear is not in state")
	}
	w.Link(w.janeID.ID, w.jane.ID) // it takes effect
	state, found = tf.destroy(state)
	tf.wantNothingSaid(found)
	if state != nil {
		t.Errorf("state is %v, want none", state)
	}
	w.wantHolder(w.jane.ID, "")
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
			w := newWorld(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			fault.Route = addRoute
			w.Inject(fault)
			w.act(addRoute, 1, cancel)
			tf := w.terraform().with(ctx)
			state, found := tf.create(w.janesLink())
			if fault.AfterEffect {
				tf.wantNothingSaid(found)
				if state == nil {
					t.Error("the link is there and not in the state")
				}
				return
			}
			tf.wantError(found, "Cannot link", "It is not known whether the link was added.", "The operation was interrupted.", "tainted")
			if !maps.Equal(state, w.linkState(w.janesLink())) {
				t.Errorf("state is %v, want the link, complete", state)
			}
			if n := w.Count(getUserRoute); n != 2 {
				t.Errorf("the ACS user was read %d times, want before the add and after it", n)
			}
			if n := w.Count(addRoute); n != 1 {
				t.Errorf("add was sent %d times, want once", n)
			}
		})
	}
}

// A write under way when the operation is cancelled runs to its answer.
func TestCreate_cancelledDuringAdd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.Inject(fakeseam.Fault{Route: addRoute, Latency: 50 * time.Millisecond})
	w.act(addRoute, 1, cancel)
	tf := w.terraform().with(ctx)
	state, found := tf.create(w.janesLink())
	tf.wantNothingSaid(found)
	if state == nil {
		t.Error("the link is there and not in the state")
	}
	w.wantHolder(w.jane.ID, w.janeID.ID)
}

func TestDelete_cancelledWhileWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.clock.onWait = func(context.Context) { cancel() }
	w.Inject(fakeseam.Fault{Route: removeRoute, Status: 503})
	tf := w.terraform().with(ctx)
	state, found := tf.destroy(w.linkState(w.janesLink()))
	tf.wantError(found, "It is not known whether the link was removed.", "The operation was interrupted.", "The link stays in state.")
	if state == nil {
		t.Error("the link was removed from state")
	}
	if n := w.Count(removeRoute); n != 1 {
		t.Errorf("remove was sent %d times, want once", n)
	}
}

func TestPlan_conflict(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(w *world)
		said    func(w *world) []string
	}{
		"linked elsewhere": {func(w *world) { w.Link(w.johnID.ID, w.jane.ID) }, func(w *world) []string { return []string{"linked to user identity " + w.johnID.ID, "never moved"} }},
		"linked already":   {func(w *world) { w.Link(w.janeID.ID, w.jane.ID) }, func(*world) []string { return []string{"already linked", "import {"} }},
		"no ACS user":      {func(w *world) { w.DeleteACSUser(w.jane.ID) }, func(*world) []string { return []string{"does not exist"} }},
		"being deleted":    {func(w *world) { w.MarkACSUserBeingDeleted(w.jane.ID) }, func(*world) []string { return []string{"being deleted"} }},
		"no answer": {func(w *world) { w.Inject(fakeseam.Fault{Route: getUserRoute, Status: 500}) }, func(*world) []string {
			return []string{"Link not checked for conflicts", "500", "Applying the plan reads it."}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test.happens(w)
			tf := w.terraform()
			planned, _, found := tf.plan(nil, values{"user_identity_id": w.janeID.ID, "acs_user_id": w.jane.ID})
			tf.wantWarning(found, append(test.said(w), w.jane.ID)...)
			if waited := w.clock.waited(); waited > conflictTimeout {
				t.Errorf("the plan waited %s for a check that it can do without", waited)
			}
			if planned["acs_system_id"] != unknown {
				t.Errorf("planned %v", planned)
			}
			w.wantNoWrites()
		})
	}
}

func TestPlan_noConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	_, _, found := tf.plan(nil, values{"user_identity_id": w.janeID.ID, "acs_user_id": w.jane.ID})
	tf.wantNothingSaid(found)

	w.ResetRequests()
	_, _, found = tf.plan(nil, values{"user_identity_id": w.janeID.ID, "acs_user_id": unknown})
	tf.wantNothingSaid(found)
	_, _, found = tf.plan(nil, values{"user_identity_id": unknown, "acs_user_id": w.jane.ID})
	tf.wantNothingSaid(found)
	state := w.linkState(w.janesLink())
	_, replaced, found := tf.plan(state, values{"user_identity_id": w.janeID.ID, "acs_user_id": w.jane.ID})
	tf.wantNothingSaid(found)
	if replaced {
		t.Error("an unchanged link is replaced")
	}
	_, _, found = tf.plan(state, nil)
	tf.wantNothingSaid(found)
	w.wantNoRequests()
}

// A resource of the state that is tainted is planned as one to be created, and
// so is a second block for its link. The provider cannot tell them apart.
func TestPlan_linkInState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	tf := w.terraform()
	config := values{"user_identity_id": strings.ToUpper(w.janeID.ID), "acs_user_id": w.jane.ID}
	_, _, found := tf.plan(nil, config)
	tf.wantWarning(found, "already linked", "import {") // -refresh=false

	tf.again()
	_, found = tf.read(w.linkState(link.Pair{UserIdentityID: w.janeID.ID, ACSUserID: strings.ToUpper(w.jane.ID)}))
	tf.wantNothingSaid(found)
	_, _, found = tf.plan(nil, config)
	tf.wantWarning(found, "already linked", "A resource in state manages this link.", "remove one of the two")
	if strings.Contains(found.String(), "import {") {
		t.Errorf("a link that Terraform manages is to be imported:\n%s", found)
	}

	// In the same command, a link that is not in state.
	w.Link(w.johnID.ID, w.john.ID)
	_, _, found = tf.plan(nil, values{"user_identity_id": w.johnID.ID, "acs_user_id": w.john.ID})
	tf.wantWarning(found, "already linked", "import {")
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
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	tf := w.terraform()
	_, replaced, found := tf.plan(w.linkState(w.janesLink()), values{"user_identity_id": w.johnID.ID, "acs_user_id": w.jane.ID})
	tf.wantNothingSaid(found)
	if !replaced {
		t.Error("another identity does not replace the link")
	}
}

func TestPlan_credentialsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraformWith(values{"endpoint": w.url, "api_key": "seam_nobody_knows_this_key"})
	_, _, found := tf.plan(nil, values{"user_identity_id": w.janeID.ID, "acs_user_id": w.jane.ID})
	tf.wantError(found, "401", "SEAM_API_KEY")
}

func TestImport_notLinked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(w *world)
		said    func(w *world) string
	}{
		"unlinked":         {func(*world) {}, func(*world) string { return "The ACS user is not linked to a user identity." }},
		"linked elsewhere": {func(w *world) { w.Link(w.johnID.ID, w.jane.ID) }, func(w *world) string { return "linked to user identity " + w.johnID.ID }},
		"no ACS user":      {func(w *world) { w.DeleteACSUser(w.jane.ID) }, func(*world) string { return "no ACS user" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test.happens(w)
			tf := w.terraform()
			state, found := tf.importByID(importID(w.janesLink()))
			tf.wantError(found, "Cannot import", w.jane.ID, test.said(w))
			if state != nil {
				t.Errorf("imported %v", state)
			}
			state, found = tf.importByIdentity(w.janesLink())
			tf.wantError(found, "Cannot import", w.jane.ID, test.said(w))
			if state != nil {
				t.Errorf("imported %v", state)
			}
		})
	}
}

func TestImport_linked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	tf := w.terraform()
	byID, found := tf.importByID(importID(w.janesLink()))
	tf.wantNothingSaid(found)
	byIdentity, found := tf.importByIdentity(w.janesLink())
	tf.wantNothingSaid(found)
	want := w.linkState(w.janesLink())
	for name, value := range want {
		if byID[name] != value || byIdentity[name] != value {
			t.Errorf("%s: by id %v, by identity %v, want %v", name, byID[name], byIdentity[name], value)
		}
	}
}

func TestImport_invalidID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	for _, id := range []string{
		"", "/", w.jane.ID, w.janeID.ID + "/", "/" + w.jane.ID, w.janeID.ID + "/" + w.jane.ID + "/", w.janeID.ID + "," + w.jane.ID,
		"{" + w.janeID.ID + "}/" + w.jane.ID, "urn:uuid:" + w.janeID.ID + "/" + w.jane.ID, " " + w.janeID.ID + "/" + w.jane.ID, strings.Repeat("x", 1<<20),
	} {
		_, found := tf.importByID(id)
		tf.wantError(found, "Invalid import ID", "<user_identity_id>/<acs_user_id>")
		if len(found.String()) > 1000 {
			t.Errorf("the diagnostic has %d bytes", len(found.String()))
		}
	}
	_, found := tf.importByIdentity(link.Pair{UserIdentityID: "jane", ACSUserID: w.jane.ID})
	tf.wantError(found, "Invalid ID", "user_identity_id", `"jane"`)
	w.wantNoRequests()
}
