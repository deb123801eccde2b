package provider

import (
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
)

// memberships makes Jane and John members of the staff, Jane also of the guests, and one
// more a member in another access system.
func (w *world) memberships() (all []link.Pair, annex fakeseam.System) {
	annex = w.AddSystem(w.workspace.ID, "Annex", "kisi_organization")
	visitors := w.AddAccessGroup(annex.ID, "Visitors")
	ann := w.AddACSUser(annex.ID, fakeseam.Person{FullName: "Ann Doe"})
	all = []link.Pair{
		link.InGroup(w.staff.ID, w.jane.ID), link.InGroup(w.staff.ID, w.john.ID),
		link.InGroup(w.guests.ID, w.jane.ID), link.InGroup(visitors.ID, ann.ID),
	}
	for _, pair := range all {
		w.link(pair)
	}
	return all, annex
}

func TestList_memberships(t *testing.T) {
	t.Parallel()
	w := newWorld(t).of(membershipsInGroups)
	all, annex := w.memberships()
	tf := w.terraform()
	for name, test := range map[string]struct {
		query query
		want  []link.Pair
	}{
		"all":                 {query{}, all},
		"limit":               {query{limit: 3}, all[:3]},
		"access system":       {query{config: values{"acs_system_id": strings.ToUpper(annex.ID)}}, all[3:]},
		"access group":        {query{config: values{"acs_access_group_id": strings.ToUpper(w.staff.ID)}}, all[:2]},
		"both":                {query{config: values{"acs_access_group_id": w.guests.ID, "acs_system_id": strings.ToUpper(w.system.ID)}}, all[2:3]},
		"both, with no links": {query{config: values{"acs_access_group_id": w.guests.ID, "acs_system_id": annex.ID}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := &terraform{t: t, server: tf.server, ctx: t.Context()}
			test.query.kind = membershipsInGroups
			tf.wantListed(tf.query(test.query), test.want...)
		})
	}
}

func TestList_membershipsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t).of(membershipsInGroups)
	w.memberships()
	tf := w.terraform()
	for i, one := range tf.query(query{kind: membershipsInGroups}) {
		want := []string{
			"Jane Doe in Staff (jane@example.com)", "John Smith in Staff (john@example.com)",
			"Jane Doe in Guests (jane@example.com)", "Ann Doe in Visitors",
		}[i]
		if one.displayName != want {
			t.Errorf("the display name is %q, want %q", one.displayName, want)
		}
	}
}

// A membership that is about to end is no membership, also while a list shows it.
func TestList_membershipsAboutToEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t).of(membershipsInGroups)
	all, _ := w.memberships()
	w.SetSemantics(fakeseam.Semantics{Memberships: fakeseam.MembershipsPendingHidden})
	tf := w.terraform()
	_, found := tf.destroy(w.linkState(all[0]))
	tf.wantNothingSaid(found)
	tf.wantListed(tf.query(query{kind: membershipsInGroups}), all[1:]...)
}

// A query that fails on its second access group fails, after what it found before.
func TestList_membershipsFail(t *testing.T) {
	t.Parallel()
	w := newWorld(t).of(membershipsInGroups)
	all, _ := w.memberships()
	w.Inject(fakeseam.Fault{Route: listMembersRoute, Skip: 1, Status: 403})
	tf := w.terraform()
	tf.wantEndsInError(tf.query(query{kind: membershipsInGroups}), all[:2], cannotListMemberships, "403")
}
