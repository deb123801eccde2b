package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// What the tests of both kinds of links do not show of memberships.

// A whole person in one configuration: the account, the record, the link between the two,
// and the access groups. A person who leaves loses all of it in one apply.
func TestAccACSAccessGroupUser_wholePerson(t *testing.T) {
	t.Parallel()
	for _, semantics := range []fakeseam.Memberships{fakeseam.MembershipsAtOnce, fakeseam.MembershipsPendingShown, fakeseam.MembershipsPendingHidden, fakeseam.MembershipsDeferredHidden} {
		t.Run(semantics.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t).of(membershipsInGroups)
			w.SetSemantics(fakeseam.Semantics{Memberships: semantics})
			person := w.config(fmt.Sprintf(`
				resource "seam_user_identity" "nina" {
				  full_name     = "Nina Lopez"
				  email_address = "nina@example.com"
				}
				resource "seam_acs_user" "nina" {
				  acs_system_id = %q
				  full_name     = "Nina Lopez"
				  email_address = "nina@example.com"
				}
				resource "seam_user_identity_acs_user" "nina" {
				  user_identity_id = seam_user_identity.nina.user_identity_id
				  acs_user_id      = seam_acs_user.nina.acs_user_id
				}
				resource "seam_acs_access_group_user" "nina" {
				  for_each            = { staff = %q, guests = %q }
				  acs_access_group_id = each.value
				  acs_user_id         = seam_acs_user.nina.acs_user_id
				}`, w.system.ID, w.staff.ID, w.guests.ID))
			has := func(links, memberships int) []statecheck.StateCheck {
				return []statecheck.StateCheck{inSeam(func() {
					if len(w.Links()) != links || w.links() != memberships {
						t.Errorf("there are %d links and %d memberships, want %d and %d", len(w.Links()), w.links(), links, memberships)
					}
				})}
			}
			w.run(
				resource.TestStep{Config: person, ConfigStateChecks: has(1, 2)},
				resource.TestStep{Config: person, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
				resource.TestStep{Config: w.config(), ConfigStateChecks: has(0, 0)},
			)
		})
	}
}

// A change that the access system has not carried out yet counts as what it will be.
func TestMembership_pending(t *testing.T) {
	t.Parallel()
	for _, semantics := range []fakeseam.Memberships{fakeseam.MembershipsPendingShown, fakeseam.MembershipsPendingHidden, fakeseam.MembershipsDeferredHidden} {
		t.Run(semantics.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t).of(membershipsInGroups)
			w.SetSemantics(fakeseam.Semantics{Memberships: semantics})
			tf := w.terraform()
			state, found := tf.create(w.janesLink())
			tf.wantNothingSaid(found)
			for _, when := range []string{"being added", "a member"} {
				again := w.terraform()
				_, found = again.read(state)
				again.wantNothingSaid(found)
				_, found = again.create(w.janesLink())
				again.wantError(found, "The membership exists already.")
				_, found = again.importPair(w.janesLink())
				again.wantNothingSaid(found)
				if t.Failed() {
					t.Fatalf("while the ACS user is %s", when)
				}
				w.FinishMutations()
			}
			_, found = tf.destroy(state)
			tf.wantNothingSaid(found)
			for range 2 {
				again := w.terraform()
				refreshed, found := again.read(state)
				again.wantWarning(found, "The membership was removed outside Terraform.")
				if refreshed != nil {
					t.Errorf("the state is %v", refreshed)
				}
				_, found = again.destroy(state)
				again.wantNothingSaid(found)
				w.FinishMutations()
			}
			if n := w.Count(removeMemberRoute); n != 1 {
				t.Errorf("%d removals were sent, want one", n)
			}
		})
	}
}

func TestAccACSAccessGroupUser_pendingIsLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t).of(membershipsInGroups)
	w.SetSemantics(fakeseam.Semantics{Memberships: fakeseam.MembershipsPendingHidden})
	c := w.builtCLI(nil)
	c.write("main.tf", linkBlock("test", w.janesLink()))
	c.succeed("apply")
	const pending = "the access system has not carried out a change of the membership yet"
	p := artifacts{}
	for _, want := range []bool{true, false} {
		log := fmt.Sprintf("%d: plan, log", len(p))
		if err := p.keep(c, map[string]string{"TF_LOG": "INFO"}, "plan"); err != nil {
			t.Fatalf("%v: %v", err, p)
		}
		if got := strings.Contains(p[log], pending); got != want {
			t.Errorf("the log says that a change is pending: %t, want %t\n%s", got, want, p[log])
		}
		w.FinishMutations()
	}
}
