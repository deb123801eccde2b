package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// wholePerson is Ann: her account, her record in the access system, the link between
// them, and her access groups, by name.
func (w *world) wholePerson(groups ...string) string {
	blocks := []string{fmt.Sprintf(`
resource "seam_user_identity" "ann" {
  full_name     = "Ann Lee"
  email_address = "ann@example.com"
}

resource "seam_acs_user" "ann" {
  acs_system_id = %q
  full_name     = "Ann Lee"
  email_address = "ann@example.com"
}

resource "seam_user_identity_acs_user" "ann" {
  user_identity_id = seam_user_identity.ann.user_identity_id
  acs_user_id      = seam_acs_user.ann.acs_user_id
}
`, w.system.ID)}
	for _, group := range groups {
		blocks = append(blocks, fmt.Sprintf(`
data "seam_acs_access_group" %[1]q {
  acs_system_id = %[2]q
  name          = %[1]q
}

resource "seam_acs_access_group_user" %[1]q {
  acs_access_group_id = data.seam_acs_access_group.%[1]s.acs_access_group_id
  acs_user_id         = seam_acs_user.ann.acs_user_id
}
`, group, w.system.ID))
	}
	return w.config(blocks...)
}

// One configuration puts a person into a building, and takes her out again.
func TestAccWholePerson(t *testing.T) {
	t.Parallel()
	for _, semantics := range []fakeseam.Semantics{
		{},
		{
			Memberships: fakeseam.MembershipsDeferredHidden, Mutations: fakeseam.MutationsShowOld, StalePages: fakeseam.PagesLag,
			AddMemberTwice: fakeseam.AddMemberTwiceRefused, RemoveNonMember: fakeseam.RemoveNonMemberRefused,
		},
	} {
		t.Run(semantics.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetSemantics(semantics)
			w.Link(w.johnID.ID, w.john.ID)
			staff, guests := w.AddAccessGroup(w.system.ID, "Staff"), w.AddAccessGroup(w.system.ID, "Guests")
			w.AddToGroup(staff.ID, w.john.ID)
			const (
				createIdentity, deleteIdentity = "/user_identities/create", "/user_identities/delete"
				createRecord, deleteRecord     = "/acs/users/create", "/acs/users/delete"
				join, leave                    = "/acs/users/add_to_access_group", "/acs/users/remove_from_access_group"
				inStaff, inGuests              = "seam_acs_access_group_user.Staff", "seam_acs_access_group_user.Guests"
			)
			written := func() []string {
				var routes []string
				for _, request := range w.Requests() {
					if last := request.Route[strings.LastIndex(request.Route, "/")+1:]; last != "get" && !strings.HasPrefix(last, "list") {
						routes = append(routes, request.Route)
					}
				}
				w.ResetRequests()
				return routes
			}
			wrote := func(want ...string) []statecheck.StateCheck {
				return []statecheck.StateCheck{inSeam(func() {
					if got := written(); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
						t.Errorf("the writes are %q, want %q", got, want)
					}
				})}
			}
			annIs := func(linked bool, groups ...fakeseam.AccessGroup) {
				ann, _ := w.ACSUserNamed(w.system.ID, "Ann Lee")
				if (ann.UserIdentityID != "") != linked {
					t.Errorf("Ann is linked to %q", ann.UserIdentityID)
				}
				for _, group := range []fakeseam.AccessGroup{staff, guests} {
					if slices.Contains(w.Members(group.ID), ann.ID) != slices.Contains(groups, group) {
						t.Errorf("%s has the members %v", group.Name, w.Members(group.ID))
					}
				}
			}
			empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
			w.run(
				resource.TestStep{
					Config:            w.wholePerson("Guests", "Staff"),
					ConfigStateChecks: wrote(join, join, createRecord, addRoute, createIdentity),
				},
				resource.TestStep{
					PreConfig:        func() { annIs(true, staff, guests) },
					Config:           w.wholePerson("Guests", "Staff"),
					ConfigPlanChecks: empty,
				},
				resource.TestStep{ // another process takes Ann's access away
					PreConfig: func() {
						ann, _ := w.ACSUserNamed(w.system.ID, "Ann Lee")
						w.Unlink(ann.ID)
						w.RemoveFromGroup(staff.ID, ann.ID)
					},
					Config: w.wholePerson("Guests", "Staff"),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction("seam_user_identity_acs_user.ann", plancheck.ResourceActionCreate),
						plancheck.ExpectResourceAction(inStaff, plancheck.ResourceActionCreate),
						plancheck.ExpectResourceAction(inGuests, plancheck.ResourceActionNoop),
					}},
					ConfigStateChecks: wrote(join, addRoute),
				},
				resource.TestStep{
					PreConfig:         func() { annIs(true, staff, guests) },
					Config:            w.wholePerson("Staff"),
					ConfigPlanChecks:  planned(inGuests, plancheck.ResourceActionDestroy),
					ConfigStateChecks: wrote(leave),
				},
				resource.TestStep{
					PreConfig:        func() { annIs(true, staff) },
					Config:           w.wholePerson("Staff"),
					ConfigPlanChecks: empty,
				},
			)
			got := written()
			before := func(first, then string) bool {
				at := slices.Index(got, first)
				return at >= 0 && at < slices.Index(got, then)
			}
			if len(got) != 4 || !before(removeRoute, deleteRecord) || !before(removeRoute, deleteIdentity) || !before(leave, deleteRecord) {
				t.Errorf("destroy wrote %q, want the access to be removed before the record and the account are deleted", got)
			}
			for _, kind := range []fakeseam.ObjectKind{fakeseam.KindUserIdentity, fakeseam.KindACSUser} {
				if left, created := w.made(kind); len(left) != 0 || created != 1 {
					t.Errorf("%s: %d were created, and %q are left", kind, created, left)
				}
			}
			w.wantHolder(w.john.ID, w.johnID.ID)
			if members := w.Members(staff.ID); !slices.Equal(members, []string{w.john.ID}) {
				t.Errorf("Staff has the members %v, want John alone", members)
			}
			for _, change := range w.MembershipChanges() {
				if change.ACSUserID == w.john.ID && change.Route != "" {
					t.Errorf("John's membership was changed: %+v", change)
				}
			}
		})
	}
}
