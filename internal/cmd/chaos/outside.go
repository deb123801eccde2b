package main

import (
	"math/rand/v2"
	"slices"
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

// outsideChanges make a change of an ACS user or of an identity, if it is possible.
var outsideChanges = []struct {
	kind   string
	weight int
	make   func(o *outside, user fakeseam.ACSUser, identity string) bool
}{
	{"link", 35, func(o *outside, user fakeseam.ACSUser, identity string) bool {
		o.world.seam.Link(identity, user.ID)
		return true
	}},
	{"unlink", 30, func(o *outside, user fakeseam.ACSUser, _ string) bool {
		o.world.seam.Unlink(user.ID)
		return true
	}},
	{"link as configured at first", 13, func(o *outside, user fakeseam.ACSUser, _ string) bool {
		at := slices.IndexFunc(o.world.pairs, func(pair fakeseam.Link) bool { return pair.ACSUserID == user.ID })
		if at < 0 {
			return false
		}
		identity, ok := o.world.seam.UserIdentity(o.world.pairs[at].UserIdentityID)
		if ok {
			o.world.seam.Link(identity.ID, user.ID)
		}
		return ok
	}},
	{"delete an ACS user", 7, func(o *outside, user fakeseam.ACSUser, _ string) bool {
		o.world.seam.DeleteACSUser(user.ID)
		return true
	}},
	{"delete an identity", 4, func(o *outside, _ fakeseam.ACSUser, identity string) bool {
		o.world.seam.DeleteUserIdentity(identity)
		return true
	}},
	{"begin to delete an ACS user", 4, func(o *outside, user fakeseam.ACSUser, _ string) bool {
		o.world.mu.Lock()
		o.world.beingDeleted[user.ID] = true
		o.world.mu.Unlock()
		o.world.seam.MarkACSUserBeingDeleted(user.ID)
		return true
	}},
	{"delete an ACS user in its access system", 2, func(o *outside, user fakeseam.ACSUser, _ string) bool {
		o.world.seam.SetACSUserErrors(user.ID, "deleted_externally")
		return true
	}},
	{"merge", 5, func(o *outside, user fakeseam.ACSUser, identity string) bool {
		primary := pick(o.rng, o.world.seam.UserIdentities(o.world.workspace)...).ID
		if user.UserIdentityID != "" {
			identity = user.UserIdentityID
		}
		if primary == identity {
			return false
		}
		o.world.mu.Lock()
		o.world.merges = append(o.world.merges, merge{merged: identity, primary: primary, at: time.Now()})
		o.world.mu.Unlock()
		o.world.seam.MergeUserIdentities(primary, identity)
		return true
	}},
}

func (o *outside) change(userID string) {
	user, ok := o.world.seam.ACSUser(userID)
	identities := o.world.seam.UserIdentities(o.world.workspace)
	if !ok || len(identities) < 2 {
		return
	}
	identity := pick(o.rng, identities...).ID
	chance := o.rng.IntN(100)
	for _, c := range outsideChanges {
		if chance -= c.weight; chance < 0 {
			if c.make(o, user, identity) {
				o.record("outside change", c.kind, "ACS user %s of identity %q; identity %s", user.ID, user.UserIdentityID, identity)
			}
			return
		}
	}
}
