package main

import (
	"encoding/json"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// outside changes what is in Seam, as another user or process would. It does so while a
// request is under way, and so between a read and the write that follows.
type outside struct {
	*world
	record func(what, kind, format string, args ...any)

	mu     sync.Mutex
	rng    *rand.Rand
	n      int          // requests of the command so far
	at     map[int]bool // the requests at which to make a change
	skip   int          // writes before the next one whose subject is changed
	rivals bool         // another user may take a value that a create needs
}

// prepare chooses when to make changes during the next command.
func (o *outside) prepare(times, within int, rivals bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.n, o.at, o.skip, o.rivals = 0, map[int]bool{}, -1, rivals
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
		o.skip--
	}
	switch {
	case isWrite(r.Route) && o.skip == -1:
		o.skip = 5 + o.rng.IntN(20)
		if path.Base(r.Route) == "create" {
			o.compete(r)
		} else {
			o.change(subject(r))
		}
	case o.at[o.n]:
		o.change(pick(o.rng, subject(r), ""))
	}
}

// compete makes another person with the email address of one that is about to be
// created, unless there is one.
func (o *outside) compete(create fakeseam.Request) {
	var body struct {
		ACSSystemID  string `json:"acs_system_id"`
		EmailAddress string `json:"email_address"`
	}
	_ = json.Unmarshal(create.Body, &body) // without an email address there is no rival
	rival := fakeseam.Person{FullName: "Rival", EmailAddress: body.EmailAddress}
	isTaken := slices.ContainsFunc(o.seam.ACSUsers(o.workspace), func(u fakeseam.ACSUser) bool { return strings.EqualFold(u.EmailAddress, rival.EmailAddress) }) ||
		slices.ContainsFunc(o.seam.UserIdentities(o.workspace), func(i fakeseam.UserIdentity) bool { return strings.EqualFold(i.EmailAddress, rival.EmailAddress) })
	switch {
	case !o.rivals || isTaken || body.EmailAddress == "":
	case body.ACSSystemID == "":
		o.record("outside change", "create an identity", "%s", o.seam.AddUserIdentity(o.workspace, rival).ID)
	default:
		o.record("outside change", "create an ACS user", "%s", o.seam.AddACSUser(body.ACSSystemID, rival).ID)
	}
}

// change changes an ACS user or an identity: the one with an id, or any.
func (o *outside) change(id string) {
	t := fakeseam.Target{Server: o.seam}
	users, identities := o.seam.ACSUsers(o.workspace), o.seam.UserIdentities(o.workspace)
	if len(users) == 0 || len(identities) < 2 {
		return
	}
	t.ACSUser, t.Identity, t.Other = pick(o.rng, users...), pick(o.rng, identities...), pick(o.rng, identities...)
	if user, ok := o.seam.ACSUser(id); ok {
		t.ACSUser = user
	} else if identity, ok := o.seam.UserIdentity(id); ok {
		t.Identity, t.ACSUser.UserIdentityID = identity, identity.ID
	}
	for _, pair := range o.pairs {
		if pair.ACSUserID == t.ACSUser.ID && o.rng.IntN(4) == 0 {
			t.Identity, _ = o.seam.UserIdentity(pair.UserIdentityID) // so that links appear that are configured
		}
	}
	if t.Identity.ID == "" {
		return
	}
	var changes []fakeseam.OutsideChange // each as often as its weight says
	for _, c := range fakeseam.OutsideChanges {
		changes = append(changes, slices.Repeat([]fakeseam.OutsideChange{c}, c.Weight)...)
	}
	c := pick(o.rng, changes...)
	o.record("outside change", c.Name, "ACS user %s of identity %q; identities %s and %s", t.ACSUser.ID, t.ACSUser.UserIdentityID, t.Identity.ID, t.Other.ID)
	defer func() {
		if gone := recover(); gone != nil { // a request has deleted it meanwhile
			o.record("outside change", "too late", "%v", gone)
		}
	}()
	c.Make(t)
}
