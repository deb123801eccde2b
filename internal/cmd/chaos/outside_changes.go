package main

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// outsideChanges changes what is in Seam, as another user or process would. A
// change is made while a request is under way, so that it can come between a read
// and the write that follows.
type outsideChanges struct {
	world     *world
	workspace string

	mu   sync.Mutex
	rng  *rand.Rand
	at   map[int]bool // the requests of a command at which to make a change
	next int          // writes to let pass before a change of their ACS user
	made map[string]int
	log  func(format string, args ...any)
}

// prepare chooses when to make a change during the next command.
func (o *outsideChanges) prepare(times, within int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.at = map[int]bool{}
	for range times {
		o.at[1+o.rng.IntN(within)] = true
	}
	o.next = -1
	if times > 0 {
		o.next = o.rng.IntN(20)
	}
}

// meets is called with the nth request of a command.
func (o *outsideChanges) meets(n int, r fakeseam.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if isWrite(r.Route) {
		// Between the read and the write it matters most.
		if o.next--; o.next == -1 {
			o.next = 5 + o.rng.IntN(20)
			o.act(acsUserOf(r))
			return
		}
	}
	if !o.at[n] {
		return
	}
	// As often as not, it is about the very ACS user of the request.
	userID := acsUserOf(r)
	if users := o.world.seam.ACSUsers(o.workspace); len(users) > 0 && (userID == "" || o.rng.IntN(2) == 0) {
		userID = users[o.rng.IntN(len(users))].ID
	}
	o.act(userID)
}

// changeRemovals changes some links that a command is going to remove, before it
// begins.
func (o *outsideChanges) changeRemovals(in intent) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, entry := range in.before {
		if identity, asked := in.want[entry.ACSUserID]; (!asked || !strings.EqualFold(identity, entry.UserIdentityID)) && o.rng.IntN(4) == 0 {
			o.act(entry.ACSUserID)
		}
	}
}

func (o *outsideChanges) act(userID string) {
	seam := o.world.seam
	user, ok := seam.ACSUser(userID)
	identities := seam.UserIdentities(o.workspace)
	if !ok || len(identities) < 2 {
		return
	}
	identity := identities[o.rng.IntN(len(identities))]
	did := func(what, to string) {
		o.made[what]++
		o.log("outside change, %s: ACS user %s, of identity %q; %s", what, userID, user.UserIdentityID, to)
	}
	switch chance := o.rng.IntN(100); {
	case chance < 35:
		did("links", identity.ID)
		seam.Link(identity.ID, userID)
	case chance < 65:
		did("unlinks", "")
		seam.Unlink(userID)
	case chance < 78:
		// The link that the configuration asks for, or once asked for.
		at := slices.IndexFunc(o.world.pairs, func(pair fakeseam.Link) bool { return pair.ACSUserID == user.ID })
		if at < 0 {
			return
		}
		if _, ok := seam.UserIdentity(o.world.pairs[at].UserIdentityID); !ok {
			return
		}
		did("links as configured", o.world.pairs[at].UserIdentityID)
		seam.Link(o.world.pairs[at].UserIdentityID, userID)
	case chance < 85:
		did("deletes an ACS user", "")
		seam.DeleteACSUser(userID)
	case chance < 89:
		did("deletes an identity", identity.ID)
		seam.DeleteUserIdentity(identity.ID)
	case chance < 93:
		did("has an ACS user be deleted", "")
		o.world.mu.Lock()
		o.world.doomed[user.ID] = true
		o.world.mu.Unlock()
		seam.MarkACSUserBeingDeleted(userID)
	case chance < 95:
		did("deletes an ACS user in its access system", "")
		seam.SetACSUserErrors(userID, "deleted_externally")
	default:
		primary := identities[o.rng.IntN(len(identities))]
		merged := identity
		if user.UserIdentityID != "" {
			merged, _ = seam.UserIdentity(user.UserIdentityID)
		}
		if primary.ID == merged.ID {
			return
		}
		did("merges", merged.ID+" into "+primary.ID)
		o.world.mu.Lock()
		o.world.merges = append(o.world.merges, merge{merged: merged.ID, primary: primary.ID, at: time.Now()})
		o.world.mu.Unlock()
		seam.MergeUserIdentities(primary.ID, merged.ID)
	}
}

// acsUserOf returns the id of the ACS user that a request is about, if any.
func acsUserOf(r fakeseam.Request) string {
	var body struct {
		ACSUserID string `json:"acs_user_id"`
	}
	if json.Unmarshal(r.Body, &body) != nil {
		return ""
	}
	return strings.ToLower(body.ACSUserID)
}
