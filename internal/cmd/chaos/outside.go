package main

import (
	"cmp"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// outside changes what is in Seam, as another user or process would. It does so while a
// request is under way, and so between a read and the write that follows.
type outside struct {
	world  *world
	record func(what, kind, format string, args ...any)

	mu   sync.Mutex
	rng  *rand.Rand
	n    int          // requests of the command so far
	at   map[int]bool // the requests at which to make a change
	skip int          // writes before the next one whose ACS user is changed
}

// prepare chooses when to make changes during the next command.
func (o *outside) prepare(times, within int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.n, o.at, o.skip = 0, map[int]bool{}, -1
	for range times {
		o.at[1+o.rng.IntN(within)] = true
	}
	if times > 0 {
		o.skip = o.rng.IntN(20)
	}
}

// meet is called with each request of a command.
func (o *outside) meet(r fakeseam.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.n++
	if isWrite(r.Route) {
		if o.skip--; o.skip == -1 {
			o.skip = 5 + o.rng.IntN(20)
			o.change(acsUserOf(r))
			return
		}
	}
	if !o.at[o.n] {
		return
	}
	userID := acsUserOf(r)
	if users := o.world.seam.ACSUsers(o.world.workspace); len(users) > 0 && (userID == "" || o.rng.IntN(2) == 0) {
		userID = pick(o.rng, users...).ID
	}
	o.change(userID)
}

// changeRemovals changes some of the links that a command is going to remove.
func (o *outside) changeRemovals(c command) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, pair := range o.world.pairs {
		if link, ok := c.before[pair.ACSUserID]; ok && c.want[pair.ACSUserID] != link.UserIdentityID && o.rng.IntN(4) == 0 {
			o.change(pair.ACSUserID)
		}
	}
}

// outsideChanges change an ACS user or an identity. The weights add up to 100.
var outsideChanges = []struct {
	kind   string
	weight int
	make   func(w *world, user fakeseam.ACSUser, identity, other string)
}{
	{"link", 35, func(w *world, user fakeseam.ACSUser, identity, _ string) { w.seam.Link(identity, user.ID) }},
	{"unlink", 30, func(w *world, user fakeseam.ACSUser, _, _ string) { w.seam.Unlink(user.ID) }},
	{"link as configured at first", 13, func(w *world, user fakeseam.ACSUser, _, _ string) {
		for _, pair := range w.pairs {
			if identity, ok := w.seam.UserIdentity(pair.UserIdentityID); ok && pair.ACSUserID == user.ID {
				w.seam.Link(identity.ID, user.ID)
			}
		}
	}},
	{"delete an ACS user", 7, func(w *world, user fakeseam.ACSUser, _, _ string) { w.seam.DeleteACSUser(user.ID) }},
	{"delete an identity", 4, func(w *world, _ fakeseam.ACSUser, identity, _ string) { w.seam.DeleteUserIdentity(identity) }},
	{"begin to delete an ACS user", 4, func(w *world, user fakeseam.ACSUser, _, _ string) {
		w.beingDeleted.Store(user.ID, true)
		w.seam.MarkACSUserBeingDeleted(user.ID)
	}},
	{"delete an ACS user in its access system", 2, func(w *world, user fakeseam.ACSUser, _, _ string) {
		w.seam.SetACSUserErrors(user.ID, "deleted_externally")
	}},
	{"merge", 5, func(w *world, user fakeseam.ACSUser, identity, primary string) {
		if merged := cmp.Or(user.UserIdentityID, identity); primary != merged {
			w.mu.Lock()
			w.merges = append(w.merges, merge{merged, primary, time.Now()})
			w.mu.Unlock()
			w.seam.MergeUserIdentities(primary, merged)
		}
	}},
}

func (o *outside) change(userID string) {
	user, ok := o.world.seam.ACSUser(userID)
	identities := o.world.seam.UserIdentities(o.world.workspace)
	if !ok || len(identities) < 2 {
		return
	}
	identity, other, chance := pick(o.rng, identities...).ID, pick(o.rng, identities...).ID, o.rng.IntN(100)
	for _, c := range outsideChanges {
		if chance -= c.weight; chance < 0 {
			o.record("outside change", c.kind, "ACS user %s of identity %q; identities %s and %s", userID, user.UserIdentityID, identity, other)
			c.make(o.world, user, identity, other)
			return
		}
	}
}
