package provider

import (
	"maps"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// annsAccount is the configuration of Ann's user identity with these attributes instead.
func annsAccount(with values) values {
	config := values{"full_name": "Ann Lee", "email_address": "Ann@example.com", "phone_number": "+15555550177", "user_identity_key": "ann"}
	maps.Copy(config, with)
	return config
}

// A user identity with one of the unique values is an error, and nothing is written.
func TestUserIdentityResource_createExists(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(w *world) (exists string) // the one that has the value, if any
		field   string
	}{
		"the key": {func(w *world) string { return w.AddUserIdentity(w.workspace.ID, fakeseam.Person{Key: "ann"}).ID }, `user_identity_key "ann"`},
		"the email address": {func(w *world) string {
			return w.AddUserIdentity(w.workspace.ID, fakeseam.Person{EmailAddress: "ann@EXAMPLE.com"}).ID
		}, `email_address "Ann@example.com"`},
		"the phone number": {func(w *world) string {
			return w.AddUserIdentity(w.workspace.ID, fakeseam.Person{PhoneNumber: "+15555550177"}).ID
		}, `phone_number "+15555550177"`},
		"the key of a merged one": {func(w *world) string {
			w.MergeUserIdentities(w.johnID.ID, w.AddUserIdentity(w.workspace.ID, fakeseam.Person{Key: "ann"}).ID)
			return w.johnID.ID
		}, `user_identity_key "ann"`},
		"the same person": {func(w *world) string {
			return w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Ann Lee", EmailAddress: "ann@example.com", PhoneNumber: "+15555550177", Key: "ann"}).ID
		}, `user_identity_key "ann"`},
		"the name alone": {func(w *world) string {
			w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Ann Lee"})
			return ""
		}, ""},
		"another workspace": {func(w *world) string {
			w.AddUserIdentity(w.AddWorkspace("Elsewhere").ID, fakeseam.Person{Key: "ann"})
			return ""
		}, ""},
		"gone, as lists do not show": {func(w *world) string {
			gone := w.AddUserIdentity(w.workspace.ID, fakeseam.Person{EmailAddress: "ann@example.com"})
			w.DeleteUserIdentity(gone.ID)
			return ""
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, semantics := range fakeseam.AllPeopleSemantics() {
				w := newWorld(t)
				w.SetSemantics(semantics)
				exists := test.prepare(w)
				block := w.terraform().block(identityType)
				found := block.command(annsAccount(nil))
				_, created := w.made(fakeseam.KindUserIdentity)
				if exists == "" {
					block.wantNothingSaid(found)
					block.wantOnePerson(w, fakeseam.KindUserIdentity)
					continue
				}
				// Where Seam finds no alias, and refuses no value, it makes a new one.
				if created == 0 || semantics.Aliases == fakeseam.AliasesFound {
					block.wantError(found)
				}
				if text := found.String(); created == 0 && !strings.Contains(text, "user_identity_key_conflict") {
					block.wantError(found, exists+" already has "+test.field+". No changes were made.", "import {\n    to = seam_user_identity.example\n    id = \""+exists)
				}
				if block.id() == exists {
					t.Errorf("%v: another one is in state", semantics)
				}
				if semantics.Aliases == fakeseam.AliasesFound && (created != 0 || w.Count(createIdentityRoute) != 0) {
					t.Errorf("%v: %d creates were sent", semantics, w.Count(createIdentityRoute))
				}
			}
		})
	}
}

// A user identity that lists do not show is never taken over, whatever Seam answers to a create.
func TestUserIdentityResource_createExistsUnseen(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]values{
		"the email address": {"email_address": "ann@example.com", "full_name": "Ann Lee"},
		"all values":        {"email_address": "ann@example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetSemantics(fakeseam.Semantics{StalePages: fakeseam.PagesLag, TakenValue: fakeseam.TakenValueExisting})
			other := w.terraform().block(identityType) // of another process, a moment ago
			other.wantNoErrors(other.command(values{"email_address": "ann@example.com"}))
			w.Link(other.id(), w.jane.ID)
			block := w.terraform().block(identityType)
			block.wantError(block.command(config), other.id()+` already has email_address "ann@example.com"`)
			if block.state != nil {
				t.Errorf("the state is %v", block.state)
			}
		})
	}
}

// One that is being deleted does not count.
func TestUserIdentityResource_createWhileBeingDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetSemantics(fakeseam.Semantics{TakenValue: fakeseam.TakenValueAccepted})
	w.MarkUserIdentityBeingDeleted(w.AddUserIdentity(w.workspace.ID, fakeseam.Person{EmailAddress: "ann@example.com", Key: "ann"}).ID)
	block := w.terraform().block(identityType)
	block.wantNothingSaid(block.command(annsAccount(nil)))
	block.wantOnePerson(w, fakeseam.KindUserIdentity)
}

// Of one with a name alone, nothing tells it from others: no second one is made, and no
// one is taken over.
func TestUserIdentityResource_createWithNameAlone(t *testing.T) {
	t.Parallel()
	for _, fault := range []fakeseam.Fault{{}, {Drop: fakeseam.DropAfterEffect}, {Drop: fakeseam.DropBeforeEffect}, {Times: 1, Status: 429}} {
		w := newWorld(t)
		w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Ann Lee"})
		if fault.Drop != fakeseam.NoDrop || fault.Status != 0 {
			fault.Route = createIdentityRoute
			w.Inject(fault)
		}
		block := w.terraform().block(identityType)
		found := block.command(values{"full_name": "Ann Lee"})
		if fault.Drop == fakeseam.NoDrop {
			block.wantNothingSaid(found)
			block.wantOnePerson(w, fakeseam.KindUserIdentity)
			continue
		}
		block.wantError(found, "It is not known whether the user identity was created", "Look for a new user identity with this name in the Seam Console")
		if block.state != nil || w.Count(createIdentityRoute) != 1 {
			t.Errorf("the state is %v, after %d creates", block.state, w.Count(createIdentityRoute))
		}
	}
}

// After an inconclusive create, only one with the same values is ours.
func TestUserIdentityResource_recognizes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		appears func(w *world)
		ours    bool
	}{
		"nobody": {func(*world) {}, false},
		"ours": {func(w *world) {
			w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Ann Lee", EmailAddress: "ann@example.com"})
		}, true},
		"another one with this email": {func(w *world) {
			w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Ann Poe", EmailAddress: "ann@example.com"})
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Inject(fakeseam.Fault{Route: createIdentityRoute, Drop: fakeseam.DropBeforeEffect})
			config := values{"full_name": "Ann Lee", "email_address": "Ann@example.com"}
			block := w.terraform().block(identityType)
			block.wantError(block.command(config), "It is not known whether the user identity was created", "saved in state as tainted")
			if !block.tainted || block.id() != "" {
				t.Errorf("the state is %v (tainted: %t)", block.state, block.tainted)
			}
			test.appears(w)
			block = block.in(w.terraform())
			found := block.refresh()
			if !test.ours {
				block.wantError(found, "It is not known yet whether an earlier apply created it", "stays in state")
				w.clock.advance(listsSettle)
				found = block.refresh()
			}
			if test.ours {
				block.wantNothingSaid(found)
				block.tainted = false // terraform untaint
				block.wantPlanEmpty(config)
				return
			}
			block.wantWarning(found, "The user identity was not created")
			if block.state != nil {
				t.Errorf("the state is %v", block.state)
			}
		})
	}
}

func TestUserIdentityResource_update(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		with values
		sent string
	}{
		"a name":                      {values{"full_name": "Ann Poe"}, `"full_name":"Ann Poe"`},
		"no name":                     {values{"full_name": nil}, `"full_name":null`},
		"no email address":            {values{"email_address": nil}, `"email_address":null`},
		"no phone number, and no key": {values{"phone_number": nil, "user_identity_key": nil}, `"phone_number":null,"user_identity_key":null`},
		"another email address":       {values{"email_address": "poe@example.com"}, `"email_address":"poe@example.com"`},
		"an email address, case only": {values{"email_address": "ANN@EXAMPLE.COM"}, ""},
		"force_destroy":               {values{"force_destroy": true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, semantics := range fakeseam.AllPeopleSemantics() {
				w := newWorld(t)
				w.SetSemantics(semantics)
				block := w.terraform().block(identityType)
				block.wantNothingSaid(block.command(annsAccount(nil)))
				block = block.in(w.terraform())
				block.wantNothingSaid(block.command(annsAccount(test.with)))
				if got := w.lastUpdate(updateIdentityRoute); got != test.sent {
					t.Errorf("%v: sent %s, want %s", semantics, got, test.sent)
				}
				w.wantPerson(block, annsAccount(test.with))
				block = block.in(w.terraform())
				block.wantNothingSaid(block.refresh())
				block.wantPlanEmpty(annsAccount(test.with))
			}
		})
	}
}

// A value that another user identity has is refused before anything is sent.
func TestUserIdentityResource_updateToValueInUse(t *testing.T) {
	t.Parallel()
	for attribute, value := range map[string]string{"email_address": "JOHN@example.com", "phone_number": "+15555550199", "user_identity_key": "john"} {
		for _, taken := range []fakeseam.TakenValue{fakeseam.TakenValueRefused, fakeseam.TakenValueAccepted} {
			w := newWorld(t)
			w.SetSemantics(fakeseam.Semantics{TakenValue: taken})
			w.UpdateUserIdentity(w.johnID.ID, fakeseam.Person{FullName: "John Smith", EmailAddress: "john@example.com", PhoneNumber: "+15555550199", Key: "john"})
			block := w.terraform().block(identityType)
			block.wantNothingSaid(block.command(annsAccount(nil)))
			block.wantError(block.apply(annsAccount(values{attribute: value})), "Cannot update user identity "+block.id(), `AttributeName("`+attribute+`")`,
				w.johnID.ID+" already has "+attribute+" \""+value+"\". No changes were made.", "Use another value, or change or delete user identity "+w.johnID.ID+" first.")
			if n := w.Count(updateIdentityRoute); n != 0 {
				t.Errorf("%d updates were sent", n)
			}
		}
	}
}

// Where lists do not show yet who has a value, Seam's refusal is explained.
func TestUserIdentityResource_valueInUseUnseen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	block := w.terraform().block(identityType)
	block.wantNothingSaid(block.command(annsAccount(nil)))
	w.SetSemantics(fakeseam.Semantics{StalePages: fakeseam.PagesFrozen})
	other := w.terraform().block(identityType) // of another process, a moment ago
	other.wantNothingSaid(other.command(values{"email_address": "poe@example.com"}))
	said := []string{"user_identity_email_or_phone_conflict", "Another record that Seam does not list yet has one of these values. Run the same command again in a few minutes"}
	block.wantError(block.apply(annsAccount(values{"email_address": "poe@example.com"})), said...)
	block = w.terraform().block(identityType)
	block.wantError(block.command(values{"email_address": "poe@example.com"}), said...)
}

// A delete takes ACS users with it only if it was told to, and lists decide nothing.
func TestUserIdentityResource_delete(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens      func(w *world, id string)
		force        bool
		said         []string
		sent, others bool // a delete was sent; ACS users were deleted with it
	}{
		"not linked":         {sent: true},
		"linked":             {happens: func(w *world, id string) { w.Link(id, w.jane.ID) }, said: []string{"Jane Doe", "acs_user_id <Jane>", "force_destroy = true"}},
		"linked twice":       {happens: func(w *world, id string) { w.Link(id, w.jane.ID); w.Link(id, w.AddACSUser(w.garage.ID, ann).ID) }, said: []string{"Jane Doe", "Ann Lee", "acs_user_id <Jane>"}},
		"linked, and forced": {happens: func(w *world, id string) { w.Link(id, w.jane.ID) }, force: true, sent: true, others: true},
		"linked no longer":   {happens: func(w *world, id string) { w.Link(id, w.jane.ID); w.SettlePages(); w.Unlink(w.jane.ID) }, sent: true},
		"moved to another":   {happens: func(w *world, id string) { w.Link(id, w.jane.ID); w.SettlePages(); w.Link(w.johnID.ID, w.jane.ID) }, sent: true},
		"gone":               {happens: func(w *world, id string) { w.DeleteUserIdentity(id) }},
		"being deleted":      {happens: func(w *world, id string) { w.Link(id, w.jane.ID); w.MarkUserIdentityBeingDeleted(id) }},
		"linked to one that was merged into it": {happens: func(w *world, id string) {
			w.Link(w.johnID.ID, w.jane.ID)
			w.MergeUserIdentities(id, w.johnID.ID)
		}, said: []string{"acs_user_id <Jane>"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, slow := range []bool{false, true} {
				for _, semantics := range fakeseam.AllPeopleSemantics() {
					w := newWorld(t)
					w.SetSemantics(semantics)
					w.SetDeletesTakeAWhile(slow)
					block := w.terraform().block(identityType)
					block.wantNothingSaid(block.command(annsAccount(values{"force_destroy": test.force})))
					id := block.id()
					if test.happens != nil {
						test.happens(w, id)
					}
					block = block.in(w.terraform())
					found := block.apply(nil)
					if test.said == nil {
						block.wantNothingSaid(found)
					} else {
						block.wantError(found, "Cannot delete user identity "+id, "No changes were made")
						for _, said := range test.said {
							block.wantError(found, strings.ReplaceAll(said, "<Jane>", w.jane.ID))
						}
					}
					jane, there := w.ACSUser(w.jane.ID)
					if deleted := !there || jane.BeingDeleted; deleted != test.others || (w.Count(deleteIdentityRoute) == 1) != test.sent || (block.state == nil) != (test.said == nil) {
						t.Errorf("%v: Jane's ACS user was deleted: %t; %d deletes were sent; the state is %v", semantics, deleted, w.Count(deleteIdentityRoute), block.state)
					}
				}
			}
		})
	}
}

// The value of force_destroy that counts is that of the state, and setting it sends nothing.
func TestUserIdentityResource_forceDestroyOfTheState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	block := w.terraform().block(identityType)
	block.wantNothingSaid(block.command(annsAccount(nil)))
	w.Link(block.id(), w.jane.ID)
	block.wantNothingSaid(block.command(annsAccount(values{"force_destroy": true})))
	if n := w.Count(updateIdentityRoute); n != 0 {
		t.Errorf("%d updates were sent", n)
	}
	block.wantNothingSaid(block.command(nil))
}

// A merged identity is kept as it is, and the primary is neither changed nor deleted.
func TestUserIdentityResource_merged(t *testing.T) {
	t.Parallel()
	for _, semantics := range fakeseam.AllPeopleSemantics() {
		t.Run(semantics.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetSemantics(semantics)
			block := w.terraform().block(identityType)
			block.wantNothingSaid(block.command(annsAccount(values{"force_destroy": true})))
			id, state := block.id(), block.state
			w.MergeUserIdentities(w.johnID.ID, id)
			before, changes := w.UserIdentities(w.workspace.ID), len(w.ObjectChanges())

			block = block.in(w.terraform())
			refreshed := block.refresh()
			kept := block.state
			block.state = state
			updated := block.apply(annsAccount(values{"full_name": "Ann Poe"}))
			if !sameValues(block.state, state) {
				t.Errorf("the state is %v", block.state)
			}
			deleted := block.apply(nil)
			if semantics.Aliases == fakeseam.AliasesFound {
				block.wantWarning(refreshed, id+" was merged into "+w.johnID.ID)
				block.wantError(updated, "Cannot update user identity "+id, "was merged into "+w.johnID.ID, "terraform state rm")
				block.wantError(deleted, "Cannot delete user identity "+id, "was merged into "+w.johnID.ID, "terraform state rm")
				if !sameValues(kept, state) {
					t.Errorf("the state is %v", kept)
				}
			} else {
				block.wantError(updated, "It no longer exists")
				block.wantNothingSaid(deleted)
			}
			after := w.UserIdentities(w.workspace.ID)
			if len(after) != len(before) || len(w.ObjectChanges()) != changes {
				t.Errorf("the primary or another was changed: %+v", w.ObjectChanges()[changes:])
			}
			block = w.terraform().block(identityType)
			if semantics.Aliases == fakeseam.AliasesFound {
				block.wantError(block.imports(id, false), "was merged into "+w.johnID.ID)
			}
		})
	}
}

func TestUserIdentityResource_read(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens  func(w *world, id string)
		otherKey bool
		said     string
		gone     bool
	}{
		"there":            {},
		"gone":             {happens: func(w *world, id string) { w.DeleteUserIdentity(id) }, said: "no longer exists", gone: true},
		"being deleted":    {happens: func(w *world, id string) { w.MarkUserIdentityBeingDeleted(id) }, said: "is being deleted"},
		"with another key": {otherKey: true, said: "The user identity stays in state."},
		"not answered":     {happens: func(w *world, _ string) { w.Inject(fakeseam.Fault{Route: getIdentity, Status: 404, HTML: true}) }, said: "The user identity stays in state."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			block := w.terraform().block(identityType)
			block.wantNothingSaid(block.command(annsAccount(nil)))
			id := block.id()
			if test.happens != nil {
				test.happens(w, id)
			}
			tf := w.terraform()
			if test.otherKey {
				tf = w.terraformWith(values{"endpoint": w.url, "api_key": w.AddWorkspace("Elsewhere").APIKey})
			}
			block = block.in(tf)
			if found := block.refresh(); test.said == "" {
				block.wantNothingSaid(found)
			} else {
				block.wantOne(found, found[0].Severity, id, test.said)
			}
			if (block.state == nil) != test.gone {
				t.Errorf("the state is %v", block.state)
			}
			if test.otherKey {
				block.wantError(block.apply(nil), "stays in state")
			}
		})
	}
}

func TestUserIdentityResource_import(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, byIdentity := range []bool{false, true} {
		block := w.terraform().block(identityType)
		block.wantNothingSaid(block.imports(strings.ToUpper(w.janeID.ID), byIdentity))
		block.wantNothingSaid(block.refresh())
		block.wantPlanEmpty(values{"full_name": "Jane Doe", "email_address": "jane@example.com"})
	}
	block := w.terraform().block(identityType)
	block.wantError(block.imports(strangeID, true), "There is no user identity "+strangeID, "Harbour House")
	block.wantError(block.imports("Jane", true), "Invalid import ID")
}

func TestUserIdentityResource_planTwice(t *testing.T) {
	t.Parallel()
	for attribute, config := range map[string]values{
		"email_address":     {"email_address": "ANN@example.com"},
		"phone_number":      {"phone_number": "+15555550177"},
		"user_identity_key": {"user_identity_key": "ann"},
	} {
		w := newWorld(t)
		tf := w.terraform()
		_, _, found := tf.block(identityType).plan(annsAccount(nil))
		tf.wantNothingSaid(found)
		_, _, found = tf.block(identityType).plan(config)
		tf.wantError(found, "Two resources create a user identity with "+attribute)
		_, _, found = tf.block(identityType).plan(annsAccount(nil))
		tf.wantWarning(found, "User identity planned twice")
	}
	w := newWorld(t)
	tf := w.terraform()
	_, _, found := tf.block(identityType).plan(annsAccount(nil))
	tf.wantNothingSaid(found)
	_, _, found = tf.block(identityType).plan(values{"full_name": "Ann Lee", "email_address": unknown})
	tf.wantNothingSaid(found)
	_, _, found = tf.block(identityType).plan(values{"user_identity_key": "ANN", "email_address": "\u0430nn@example.com"})
	tf.wantNothingSaid(found)
	_, _, found = tf.block(identityType).plan(values{"email_address": "\u0410nn@example.com"}) // another case of that letter
	tf.wantNothingSaid(found)

	block := w.terraform().block(identityType)
	block.wantNothingSaid(block.command(annsAccount(nil)))
	block = block.in(w.terraform())
	block.tainted = true
	_, _, found = block.plan(annsAccount(nil))
	block.wantNothingSaid(found)
	block.wantError(block.validate(values{"force_destroy": true}), "At least one")
}
