package main

import (
	"cmp"
	"encoding/json"
	"math"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const (
	maxLateEffect = 3 * time.Second
	minLateEffect = 50 * time.Millisecond
)

// faults decides which request meets which fault.
type faults struct {
	seam   *fakeseam.Server
	record func(what, kind, format string, args ...any)
	share  float64 // of the requests that meet one
	// noLateRemove: a late remove may remove a link that was added outside since, which
	// no client can prevent.
	noLateRemove bool
	on           atomic.Bool

	mu      sync.Mutex
	rng     *rand.Rand
	pending sync.WaitGroup // effects that have not landed yet
}

// meet is called with each request, before it takes effect.
func (f *faults) meet(r fakeseam.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	share := f.share
	if isWrite(r.Route) {
		share = min(8*share, 0.5) // there are few of them, and they are what matters
	}
	if f.on.Load() && f.rng.Float64() < share {
		f.inject(f.pick(r.Route), r)
	}
}

// inject lets one request meet a fault.
func (f *faults) inject(kind fakeseam.FaultKind, r fakeseam.Request) {
	f.record("fault", kind.Name, "%s, %q", r.Route, subject(r))
	fault := kind.Fault
	fault.Times = 1
	fault.Match = func(other fakeseam.Request) bool { return other.RequestID == r.RequestID }
	if kind.IsLate {
		factor := math.Pow(float64(maxLateEffect/minLateEffect), f.rng.Float64()) // early ones are more likely
		fault.Later = func(land func()) {
			f.pending.Add(1)
			time.AfterFunc(time.Duration(float64(minLateEffect)*factor), func() {
				land()
				f.pending.Done()
			})
		}
	}
	f.seam.Inject(fault)
}

// pick chooses a kind of fault that fits a route.
func (f *faults) pick(route string) fakeseam.FaultKind {
	var fitting []fakeseam.FaultKind // each as often as its weight says
	for _, kind := range fakeseam.FaultKinds {
		fits := isWrite(route) || !kind.IsLate && !kind.Fault.NoEffect
		if fits && !(kind.IsLate && route == removeRoute && f.noLateRemove) {
			fitting = append(fitting, slices.Repeat([]fakeseam.FaultKind{kind}, kind.Weight)...)
		}
	}
	return pick(f.rng, fitting...)
}

const (
	addRoute    = "/user_identities/add_acs_user"
	removeRoute = "/user_identities/remove_acs_user"
	groupsRoute = "/acs/access_groups/list" // the read of a membership
)

// isWrite reports whether a request of this route changes something.
func isWrite(route string) bool {
	name := path.Base(route)
	return name != "get" && !strings.HasPrefix(name, "list")
}

// subject returns what a request is about, as an effect names it: the id of an ACS user or
// else of a user identity, with that of an access group. A create is for a block.
func subject(r fakeseam.Request) string {
	var body struct {
		ACSUserID      string `json:"acs_user_id"`
		UserIdentityID string `json:"user_identity_id"`
		FullName       string `json:"full_name"`
		AccessGroupID  string `json:"acs_access_group_id"`
	}
	_ = json.Unmarshal(r.Body, &body) // other bodies are about none of them
	if body.AccessGroupID != "" {
		return strings.ToLower(body.ACSUserID + "/" + body.AccessGroupID)
	}
	return strings.ToLower(cmp.Or(body.ACSUserID, body.UserIdentityID, blockOf(body.FullName)))
}

// blockOf returns the name of a person's block, which is the first word of the name.
func blockOf(fullName string) string {
	block, _, _ := strings.Cut(fullName, " ")
	return block
}
