package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// annsBlocks are Ann: her account, her record in the access system, and the link.
func (w *world) annsBlocks(fullName, more string) string {
	return fmt.Sprintf(`
resource "seam_user_identity" "ann" {
  full_name         = %[1]q
  email_address     = "Ann@Example.com"
  user_identity_key = "ann"
}

resource "seam_acs_user" "ann" {
  acs_system_id = %[2]q
  full_name     = seam_user_identity.ann.full_name
  email_address = seam_user_identity.ann.email_address
  access_schedule = {
    starts_at = "2030-01-01T08:00:00+01:00"
    ends_at   = "2031-01-01T00:00:00Z"
  }
  %[3]s
}

resource "seam_user_identity_acs_user" "ann" {
  user_identity_id = seam_user_identity.ann.user_identity_id
  acs_user_id      = seam_acs_user.ann.acs_user_id
}
`, fullName, w.system.ID, more)
}

// changesOf are what requests changed of people and links, in order, by the last part of
// their routes.
func (w *world) changesOf() []string {
	var routes []string
	for _, request := range w.Requests() {
		switch name := request.Route[strings.LastIndex(request.Route, "/")+1:]; name {
		case "get", "list", "list_acs_users":
		default:
			routes = append(routes, strings.TrimPrefix(request.Route, "/"))
		}
	}
	w.ResetRequests()
	return routes
}

func (w *world) wantChanges(want ...string) statecheck.StateCheck {
	return inSeam(func() {
		w.t.Helper()
		if got := w.changesOf(); !slices.Equal(got, want) {
			w.t.Errorf("the changes are %q, want %q", got, want)
		}
	})
}

// One configuration makes a person, and removes exactly that person.
func TestAccPeople_together(t *testing.T) {
	t.Parallel()
	for _, semantics := range []fakeseam.Semantics{
		{},
		{EmailCase: fakeseam.EmailLowerCase, Mutations: fakeseam.MutationsShowOld, StalePages: fakeseam.PagesLag, SecondACSUser: fakeseam.SecondACSUserRefused, TakenValue: fakeseam.TakenValueExisting},
	} {
		t.Run(semantics.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetSemantics(semantics)
			w.Link(w.johnID.ID, w.john.ID)
			empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
			w.run(
				resource.TestStep{Config: w.config(w.annsBlocks("Ann Lee", "")), ConfigStateChecks: []statecheck.StateCheck{
					w.wantChanges("user_identities/create", "acs/users/create", "user_identities/add_acs_user"),
					statecheck.ExpectKnownValue("seam_acs_user.ann", tfjsonpath.New("is_suspended"), knownvalue.Bool(false)),
					statecheck.ExpectKnownValue("seam_user_identity.ann", tfjsonpath.New("email_address"), knownvalue.StringExact("Ann@Example.com")),
				}},
				resource.TestStep{Config: w.config(w.annsBlocks("Ann Lee", "")), ConfigPlanChecks: empty},
				resource.TestStep{ // another user changes Ann
					PreConfig: func() {
						identity, _ := w.UserIdentityNamed(w.workspace.ID, "Ann Lee")
						user, _ := w.ACSUserNamed(w.system.ID, "Ann Lee")
						w.UpdateUserIdentity(identity.ID, fakeseam.Person{FullName: "Poe", EmailAddress: "ann@example.com", Key: "ann"})
						w.SuspendACSUser(user.ID, true)
						w.ResetRequests()
					},
					Config: w.config(w.annsBlocks("Ann Lee", "")),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction("seam_user_identity.ann", plancheck.ResourceActionUpdate),
						plancheck.ExpectResourceAction("seam_acs_user.ann", plancheck.ResourceActionUpdate),
						plancheck.ExpectResourceAction("seam_user_identity_acs_user.ann", plancheck.ResourceActionNoop),
					}},
					ConfigStateChecks: []statecheck.StateCheck{w.wantChanges("user_identities/update", "acs/users/unsuspend")},
				},
				resource.TestStep{
					Config: w.config(w.annsBlocks("Ann Poe", "is_suspended = true")),
					ConfigStateChecks: []statecheck.StateCheck{
						w.wantChanges("user_identities/update", "acs/users/suspend", "acs/users/update"),
						statecheck.ExpectKnownValue("seam_user_identity.ann", tfjsonpath.New("display_name"), knownvalue.StringExact("Ann Poe")),
					},
				},
				resource.TestStep{Config: w.config(w.annsBlocks("Ann Poe", "is_suspended = true")), ConfigPlanChecks: empty},
			)
			if got, want := w.changesOf(), []string{"user_identities/remove_acs_user", "acs/users/delete", "user_identities/delete"}; len(got) != 3 || got[0] != want[0] || !slices.Contains(got, want[1]) || !slices.Contains(got, want[2]) {
				t.Errorf("destroy sent %q, want %q", got, want)
			}
			for _, kind := range []fakeseam.ObjectKind{fakeseam.KindUserIdentity, fakeseam.KindACSUser} {
				if left, created := w.made(kind); len(left) != 0 || created != 1 {
					t.Errorf("%s: %d were created, and %q are left", kind, created, left)
				}
			}
			w.wantHolder(w.john.ID, w.johnID.ID)
			for _, change := range w.ObjectChanges() {
				if slices.Contains([]string{w.jane.ID, w.janeID.ID, w.john.ID, w.johnID.ID}, change.ID) {
					t.Errorf("another person was changed: %+v", change)
				}
			}
		})
	}
}

// Who is there already is imported, and nothing is written.
func TestAccPeople_import(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	blocks := fmt.Sprintf(`
import {
  to = seam_user_identity.jane
  id = %[1]q
}

import {
  to = seam_acs_user.jane
  id = %[2]q
}

import {
  to = seam_user_identity_acs_user.jane
  id = "%[1]s/%[2]s"
}

resource "seam_user_identity" "jane" {
  full_name     = "Jane Doe"
  email_address = "JANE@example.com"
}

resource "seam_acs_user" "jane" {
  acs_system_id = %[3]q
  full_name     = "Jane Doe"
  email_address = "jane@example.com"
}

resource "seam_user_identity_acs_user" "jane" {
  user_identity_id = seam_user_identity.jane.user_identity_id
  acs_user_id      = seam_acs_user.jane.acs_user_id
}
`, w.janeID.ID, w.jane.ID, w.system.ID)
	w.runFrom(tfversion.Version1_5_0,
		resource.TestStep{Config: w.config(blocks), ConfigStateChecks: []statecheck.StateCheck{w.wantChanges()}},
		resource.TestStep{Config: w.config(blocks), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
	)
	if _, there := w.UserIdentity(w.janeID.ID); there {
		t.Error("the user identity is left")
	}
}

// The create whose response is lost leaves a tainted block, and the next apply one person.
func TestAccPeople_responseLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, route := range []string{createIdentityRoute, createUserRoute} {
		w.Inject(fakeseam.Fault{Route: route, Drop: fakeseam.DropAfterEffect, Times: 1})
	}
	for _, route := range []string{listIdentitiesRoute, getIdentity, listUsersRoute} {
		w.Inject(fakeseam.Fault{Route: route, Match: func(fakeseam.Request) bool { return w.Count(createIdentityRoute)+w.Count(createUserRoute) > 0 }, Status: 503})
	}
	w.run(
		resource.TestStep{Config: w.config(w.annsBlocks("Ann Lee", "")), ExpectError: says("This resource is saved in state as tainted.")},
		resource.TestStep{
			PreConfig: func() { w.ClearFaults() },
			Config:    w.config(w.annsBlocks("Ann Lee", "")),
			ConfigStateChecks: []statecheck.StateCheck{inSeam(func() {
				for _, kind := range []fakeseam.ObjectKind{fakeseam.KindUserIdentity, fakeseam.KindACSUser} {
					if left, _ := w.made(kind); len(left) != 1 {
						t.Errorf("%s: %q are there, want one", kind, left)
					}
				}
			})},
		},
	)
	if left, _ := w.made(fakeseam.KindUserIdentity); len(left) != 0 {
		t.Errorf("%q are left", left)
	}
}

// A destroy with the wrong key, and of a user identity that is linked, changes nothing.
func TestAccPeople_destroyRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	elsewhere := w.AddWorkspace("Elsewhere")
	identity := "resource \"seam_user_identity\" \"ann\" {\n  email_address = \"ann@example.com\"\n}\n"
	var id string
	w.run(
		resource.TestStep{Config: w.config(identity)},
		resource.TestStep{PreConfig: func() {
			left, _ := w.made(fakeseam.KindUserIdentity)
			id = left[0]
			w.Link(id, w.jane.ID)
		}, Config: w.config(), ExpectError: says("Remove the links first, or set force_destroy = true and apply before you destroy.")},
		resource.TestStep{Config: w.configWithKey(elsewhere.APIKey), ExpectError: says("credentials reach workspace " + elsewhere.ID)},
		resource.TestStep{Config: w.config(strings.Replace(identity, "}", "  force_destroy = true\n}", 1)), ConfigStateChecks: []statecheck.StateCheck{inSeam(func() {
			w.wantHolder(w.jane.ID, id)
		})}},
	)
	if _, there := w.ACSUser(w.jane.ID); there {
		t.Error("the ACS user is left, and Seam deletes it with its user identity")
	}
}

// A plan of many people costs as few requests as one of links.
func TestScale_people(t *testing.T) {
	t.Parallel()
	for _, typeName := range []string{identityType, acsUserRecordType} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, tf := farAway(t, linksToIdentities)
				w.SetSemantics(fakeseam.Semantics{EmailCase: fakeseam.EmailLowerCase}) // the state has it as the configuration
				for _, identity := range []fakeseam.UserIdentity{w.janeID, w.johnID} {
					w.DeleteUserIdentity(identity.ID)
				}
				for _, user := range []fakeseam.ACSUser{w.jane, w.john} {
					w.DeleteACSUser(user.ID)
				}
				var blocks []*resourceBlock
				template := tf.block(typeName)
				for n := range 1000 {
					person := fakeseam.Person{FullName: fmt.Sprintf("Person %d", n), EmailAddress: fmt.Sprintf("P%d@example.com", n)}
					block := *template
					block.state = values{"full_name": person.FullName, "email_address": person.EmailAddress, "display_name": person.FullName, "workspace_id": w.workspace.ID}
					if typeName == identityType {
						block.state["user_identity_id"], block.state["force_destroy"] = w.AddUserIdentity(w.workspace.ID, person).ID, false
					} else {
						block.state["acs_user_id"], block.state["acs_system_id"] = w.AddACSUser(w.system.ID, person).ID, w.system.ID
						block.state["is_suspended"], block.state["external_type"] = false, "salto_site_user"
					}
					blocks = append(blocks, &block)
				}
				began := time.Now()
				refresh := func(block *resourceBlock) {
					tf.wantNothingSaid(block.refresh())
					if block.state == nil {
						t.Error("a person was removed from state")
					}
				}
				tenAtATime(blocks, refresh)
				if n := w.Count(""); n > 45 {
					t.Errorf("%d requests for 1000, want at most 45", n)
				}
				if took := time.Since(began); took > time.Second {
					t.Errorf("took %s", took)
				}

				// Drift among them is found, and what this process wrote to is read directly.
				drifted, written := blocks[500], blocks[600]
				if typeName == identityType {
					w.UpdateUserIdentity(drifted.id(), fakeseam.Person{FullName: "Poe"})
				} else {
					w.UpdateACSUser(drifted.id(), fakeseam.Person{FullName: "Poe"})
				}
				tf.again()
				config := values{"full_name": "Lee", "email_address": written.state["email_address"]}
				if typeName == acsUserRecordType {
					config["acs_system_id"] = w.system.ID
				}
				tenAtATime(blocks, refresh)
				if drifted.state["full_name"] != "Poe" {
					t.Errorf("the drift is not seen: %v", drifted.state)
				}
				tf.wantNothingSaid(written.apply(config))
				w.ResetRequests()
				refresh(written)
				if written.state["full_name"] != "Lee" || w.Count("") == 0 {
					t.Errorf("what was written is not read: %v", written.state)
				}
			})
		})
	}
}
