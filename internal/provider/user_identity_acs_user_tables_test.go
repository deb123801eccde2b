package provider

import (
	"context"
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
		tf.wantError(found, w.jane.ID, w.janeID.ID, w.johnID.ID, "never moved", "create_before_destroy", "acs_user_id")
		if state != nil {
			t.Errorf("state is %v, want none", state)
		}
		w.wantNoWrites()
		w.wantHolder(w.jane.ID, w.johnID.ID)
	})
}

func TestCreate_relinkedBetweenLookAndWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // add is refused while another identity holds the ACS user
	w.act(addRoute, 1, func() { w.Link(w.johnID.ID, w.jane.ID) })
	tf := w.terraform()
	state, found := tf.create(w.janesLink())
	tf.wantError(found, w.johnID.ID, "never moved")
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
		tf.wantWarning(found, w.janeID.ID+" was merged into "+w.johnID.ID)
		if state["user_identity_id"] != w.janeID.ID {
			t.Errorf("state is %v, want the id of the configuration", state)
		}
		w.wantHolder(w.jane.ID, w.johnID.ID)

		_, found = tf.create(w.janesLink())
		tf.wantError(found, "exists already")
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
	tf.wantWarning(found, w.janeID.ID+" was merged into "+w.johnID.ID, "The old ID is an alias")
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
			tf.wantError(found, w.jane.ID, w.janeID.ID, "The state stays as it is")
			if state["acs_user_id"] != before["acs_user_id"] {
				t.Errorf("state is %v, want %v", state, before)
			}

			state, found = tf.destroy(before)
			tf.wantError(found, w.jane.ID, w.janeID.ID, "The state stays as it is")
			if state["acs_user_id"] != before["acs_user_id"] {
				t.Errorf("state is %v, want %v", state, before)
			}
			w.wantNoWrites()

			w.ClearFaults()
			w.Unlink(w.jane.ID)
			w.Inject(fault)
			tf = w.terraform() // has read nothing else that could answer
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
		tf.wantError(found, w.workspace.ID, other.ID, "the state stays as it is")
		if state == nil {
			t.Error("the link was dropped from the state")
		}
		state, found = tf.destroy(w.linkState(w.janesLink()))
		tf.wantError(found, w.workspace.ID, other.ID, "the state stays as it is")
		if state == nil {
			t.Error("the link was dropped from the state")
		}
		if n := w.Count(getWorkspace); n != 1 {
			t.Errorf("the workspace was asked for %d times, want once a process", n)
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

// A remove that Seam accepts and does not carry out has not removed the link.
func TestDelete_acceptedWithoutEffect(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		times int
		fails bool
	}{"once": {1, false}, "for ever": {0, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Link(w.janeID.ID, w.jane.ID)
			w.Inject(fakeseam.Fault{Route: removeRoute, Times: test.times, Body: `{"ok":true}`})
			tf := w.terraform()
			state, found := tf.destroy(w.linkState(w.janesLink()))
			if !test.fails {
				tf.wantNothingSaid(found)
				w.wantHolder(w.jane.ID, "")
				return
			}
			tf.wantError(found, "still linked", "The state stays as it is")
			if state == nil {
				t.Error("the link was dropped from the state")
			}
		})
	}
}

// Removals that Seam accepted are not all looked at once it has kept its word for a
// while. When a look shows that it did not, those are looked at after all.
func TestDelete_acceptedWithoutEffectAmongMany(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		times int // that a removal takes no effect
		fails bool
	}{"some": {10, false}, "for ever": {0, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			pairs := w.crowd(45, true)
			tf := w.terraform()
			for n, pair := range pairs[:39] {
				if n == 30 {
					w.ResetRequests()
					w.Inject(fakeseam.Fault{Route: removeRoute, Times: test.times, Body: `{"ok":true}`})
				}
				_, found := tf.destroy(w.linkState(pair))
				tf.wantNothingSaid(found)
			}
			if n := len(w.Links()); n != 15 {
				t.Fatalf("%d links are left, want 15: nine that Seam's word was taken for, and six", n)
			}
			state, found := tf.destroy(w.linkState(pairs[39])) // looked at, as one in ten
			if state == nil {
				t.Error("the link was dropped from the state")
			}
			tf.wantError(found[:1], "Links may be left in Seam", pairs[30].ACSUserID, pairs[38].ACSUserID, "run the same command again")
			if strings.Contains(found[0].Detail, pairs[29].ACSUserID) {
				t.Errorf("a link that is gone is said to be left: %s", found[0].Detail)
			}
			if test.fails {
				tf.wantError(found[1:], "Cannot remove ACS user "+pairs[39].ACSUserID, "still linked")
				return
			}
			tf.wantNothingSaid(found[1:])
			// From here on each removal is looked at again.
			for _, pair := range pairs[40:] {
				w.ResetRequests()
				_, found := tf.destroy(w.linkState(pair))
				tf.wantNothingSaid(found)
				if n := w.Count(getUserRoute); n < 1 {
					t.Errorf("%d looks after a removal, want one", n)
				}
			}
		})
	}
}

// A write that never gets through is an error, and the state is right.
func TestWrites_neverThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(fakeseam.Fault{Route: addRoute, Status: 500})
	w.Inject(fakeseam.Fault{Route: removeRoute, Status: 500})
	tf := w.terraform()
	state, found := tf.create(w.janesLink())
	tf.wantError(found, "Cannot link ACS user", "500", "retry_timeout", "Seam request ID: ")
	if state != nil {
		t.Errorf("state is %v, want none", state)
	}
	if n := w.Count(addRoute); n < 3 {
		t.Errorf("add was sent %d times, want several", n)
	}

	w.Link(w.janeID.ID, w.jane.ID)
	state, found = tf.destroy(w.linkState(w.janesLink()))
	tf.wantError(found, "Cannot remove ACS user", "500", "The state stays as it is")
	if state == nil {
		t.Error("the link was dropped from the state")
	}
}

// When neither the write nor the look after it gets an answer, the link may be
// there: the state has to know, and the next run settles it.
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

// A request whose time was up may land after every look: the state has to know.
func TestCreate_mayStillLand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.timeOut(addRoute)
	tf := w.terraform()
	state, found := tf.create(w.janesLink())
	tf.wantError(found, "not known whether the link was added", "may still take effect")
	if state == nil {
		t.Fatal("the state does not know of a link that may appear")
	}
	w.Link(w.janeID.ID, w.jane.ID) // it lands
	state, found = tf.destroy(state)
	tf.wantNothingSaid(found)
	if state != nil {
		t.Errorf("state is %v, want none", state)
	}
	w.wantHolder(w.jane.ID, "")
}

// Cancelling ends waits at once; what was sent is looked at once more.
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
			tf.wantError(found, "Cannot link", "cancelled")
			if state != nil {
				t.Errorf("state is %v, want none", state)
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
	tf.wantError(found, "cancelled")
	if state == nil {
		t.Error("the link was dropped from the state")
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
		"no answer":        {func(w *world) { w.Inject(fakeseam.Fault{Route: getUserRoute, Status: 500}) }, func(*world) []string { return []string{"Cannot check", "500"} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test.happens(w)
			tf := w.terraform()
			planned, _, found := tf.plan(nil, values{"user_identity_id": w.janeID.ID, "acs_user_id": w.jane.ID})
			tf.wantWarning(found, append(test.said(w), w.jane.ID)...)
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

	_, found = tf.read(w.linkState(w.janesLink()))
	tf.wantNothingSaid(found)
	_, _, found = tf.plan(nil, config)
	tf.wantWarning(found, "already linked", "A resource in the state holds this link.", "remove one of the two")
	if strings.Contains(found.String(), "import {") {
		t.Errorf("a link that Terraform manages is to be imported:\n%s", found)
	}

	// The link of somebody else, until it is in the state as well.
	w.Link(w.johnID.ID, w.john.ID)
	config = values{"user_identity_id": w.johnID.ID, "acs_user_id": w.john.ID}
	_, _, found = tf.plan(nil, config)
	tf.wantWarning(found, "already linked", "import {")
	_, found = tf.read(w.linkState(link.Pair{UserIdentityID: w.johnID.ID, ACSUserID: strings.ToUpper(w.john.ID)}))
	tf.wantNothingSaid(found)
	_, _, found = tf.plan(nil, config)
	tf.wantWarning(found, "already linked", "A resource in the state holds this link.")
}

// A link that somebody else made in place of the one in the state is not the
// state's.
func TestPlan_linkLostToAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.johnID.ID, w.jane.ID)
	tf := w.terraform()
	_, found := tf.read(w.linkState(w.janesLink()))
	tf.wantWarning(found, "dropped from the state")
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
		"unlinked":         {func(*world) {}, func(*world) string { return "not linked to any user identity" }},
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
