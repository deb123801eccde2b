package provider

import (
	"slices"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
)

// kindOfLink is one kind of link as tests see it. What users can rely on holds for both.
type kindOfLink struct {
	*linkKind
	addRoute, removeRoute string
	readRoute             string // of the read that decides about a removal
	listRoute             string // of what confirms many at once
	noTarget              string // a body of readRoute without what it has to hold
	emptyTarget           string // a body of readRoute with nothing in it
	semantics             []fakeseam.Semantics
	reads                 int // requests of a read that finds no link
	endReads              int // requests of a creation, before it writes
}

var (
	linksToIdentities = &kindOfLink{
		linkKind: identityLinks, addRoute: addRoute, removeRoute: removeRoute, readRoute: getUserRoute, listRoute: listUsersRoute,
		noTarget: `{"ok":true}`, emptyTarget: `{"ok":true,"acs_user":{}}`,
		semantics: fakeseam.AllSemantics(), reads: 1, endReads: 2,
	}
	membershipsInGroups = &kindOfLink{
		linkKind: groupMemberships, addRoute: addMemberRoute, removeRoute: removeMemberRoute, readRoute: listGroupsRoute, listRoute: listMembersRoute,
		noTarget: `{"ok":true}`, emptyTarget: `{"ok":true,"acs_access_groups":[{}]}`,
		semantics: fakeseam.AllGroupSemantics(), reads: 2, endReads: 3,
	}
	kindsOfLinks = []*kindOfLink{linksToIdentities, membershipsInGroups}
)

const (
	addMemberRoute    = "/acs/users/add_to_access_group"
	removeMemberRoute = "/acs/users/remove_from_access_group"
	listMembersRoute  = "/acs/access_groups/list_users"
)

// eachKind runs a test for each kind of link, in a world of its own.
func eachKind(t *testing.T, test func(w *world)) {
	t.Helper()
	for _, kind := range kindsOfLinks {
		t.Run(kind.noun, func(t *testing.T) {
			t.Parallel()
			test(newWorld(t).of(kind))
		})
	}
}

// of makes this a world in which tests are about this kind of link.
func (w *world) of(kind *kindOfLink) *world {
	w.kind = kind
	if kind == membershipsInGroups {
		w.staff, w.guests = w.AddAccessGroup(w.system.ID, "Staff"), w.AddAccessGroup(w.system.ID, "Guests")
	}
	return w
}

// underAllSemantics runs a test for each kind of link and each set of answers that Seam's
// documentation leaves open.
func underAllSemantics(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	for _, kind := range kindsOfLinks {
		kind.underAllSemantics(t, test)
	}
}

func (kind *kindOfLink) underAllSemantics(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	for _, semantics := range kind.semantics {
		t.Run(kind.noun+" "+semantics.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t).of(kind)
			w.SetSemantics(semantics)
			w.semantics = semantics
			test(t, w)
		})
	}
}

// janesLink is the link that most tests are about.
func (w *world) janesLink() link.Pair { return w.linkOf(w.janeID, w.jane) }

// linkOf is the link of a person.
func (w *world) linkOf(identity fakeseam.UserIdentity, user fakeseam.ACSUser) link.Pair {
	if w.kind == membershipsInGroups {
		return link.InGroup(w.staff.ID, user.ID)
	}
	return link.ToIdentity(identity.ID, user.ID)
}

// to names another target of Jane's ACS user.
func (w *world) toAnother() link.Pair {
	if w.kind == membershipsInGroups {
		return link.InGroup(w.guests.ID, w.jane.ID)
	}
	return link.ToIdentity(w.johnID.ID, w.jane.ID)
}

// strange names a link to something that does not exist.
func strange(pair link.Pair) link.Pair {
	pair.TargetID = strangeID
	return pair
}

// link and unlink change a link as another process does.
func (w *world) link(pair link.Pair) {
	if pair.Target == link.AccessGroup {
		w.AddToGroup(pair.TargetID, pair.ACSUserID)
		return
	}
	w.Link(pair.TargetID, pair.ACSUserID)
}

func (w *world) unlink(pair link.Pair) {
	if pair.Target == link.AccessGroup {
		w.RemoveFromGroup(pair.TargetID, pair.ACSUserID)
		return
	}
	w.Unlink(pair.ACSUserID)
}

// deleteTarget deletes the target of Jane's link.
func (w *world) deleteTarget() {
	if w.kind == membershipsInGroups {
		w.DeleteAccessGroup(w.staff.ID)
		return
	}
	w.DeleteUserIdentity(w.janeID.ID)
}

func (w *world) markTargetBeingDeleted() {
	if w.kind == membershipsInGroups {
		w.SetAccessGroupWarnings(w.staff.ID, "being_deleted")
		return
	}
	w.MarkUserIdentityBeingDeleted(w.janeID.ID)
}

func (w *world) isLinked(pair link.Pair) bool {
	if pair.Target == link.AccessGroup {
		_, exists := w.AccessGroup(pair.TargetID)
		return exists && slices.Contains(w.Members(pair.TargetID), pair.ACSUserID)
	}
	_, exists := w.ACSUser(pair.ACSUserID)
	return exists && w.HolderOf(pair.ACSUserID) == pair.TargetID
}

// wantLinked fails the test unless Seam has the link, or has not.
func (w *world) wantLinked(pair link.Pair, want bool) {
	w.t.Helper()
	if got := w.isLinked(pair); got != want {
		w.t.Errorf("ACS user %s is %s %s %s: %t, want %t", pair.ACSUserID, kindOf(pair).standing, pair.Target, pair.TargetID, got, want)
	}
}

// links counts the links of this kind.
func (w *world) links() int {
	if w.kind != membershipsInGroups {
		return len(w.Links())
	}
	n := 0
	for _, group := range w.AccessGroups(w.workspace.ID) {
		n += len(w.Members(group.ID))
	}
	return n
}

// configOf is the configuration of a link, and linkState its state in this world.
func configOf(pair link.Pair) values {
	return values{kindOf(pair).attribute: pair.TargetID, "acs_user_id": pair.ACSUserID}
}

func (w *world) linkState(pair link.Pair) values {
	state := configOf(pair)
	state["acs_system_id"], state["workspace_id"] = w.system.ID, w.workspace.ID
	return state
}

// address is that of the resource that most configurations have.
func (w *world) address() string { return typeOf(w.janesLink()) + ".test" }

// stays is what errors say of a link that stays in state.
func (w *world) stays() string { return "The " + w.kind.noun + " stays in state." }
