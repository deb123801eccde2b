package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// world is the embedded Seam of one storm, and what the storm knows of it.
type world struct {
	seam      *fakeseam.Server
	workspace string
	pairs     []fakeseam.Link   // what the configuration asks for at first
	systemOf  map[string]string // by ACS user of the pairs
	spares    []string          // identities without an ACS user, to move links to

	mu           sync.Mutex
	merges       []merge
	beingDeleted sync.Map // ids of ACS users
}

type merge struct {
	merged, primary string
	at              time.Time
}

// newWorld adds people with an ACS user in each of two systems, and others that are not
// in the configuration: half of those are linked outside.
func newWorld(links int) *world {
	w := &world{seam: fakeseam.New(), systemOf: map[string]string{}}
	workspace := w.seam.AddWorkspace("Harbour Tower")
	w.workspace = workspace.ID
	systems := []fakeseam.System{
		w.seam.AddSystem(workspace.ID, "Salto Lobby", "salto_ks_site"),
		w.seam.AddSystem(workspace.ID, "Visionline Garage", "visionline_system"),
	}
	person := func(kind string, n int) fakeseam.Person {
		return fakeseam.Person{FullName: fmt.Sprintf("%s %d", kind, n), EmailAddress: fmt.Sprintf("%s-%d@example.com", strings.ToLower(kind), n)}
	}
	for n := 0; len(w.pairs) < links; n++ {
		identity := w.seam.AddUserIdentity(workspace.ID, person("Resident", n))
		for _, system := range systems[:min(len(systems), links-len(w.pairs))] {
			user := w.seam.AddACSUser(system.ID, person("Resident", n))
			w.systemOf[user.ID] = system.ID
			w.pairs = append(w.pairs, fakeseam.Link{UserIdentityID: identity.ID, ACSUserID: user.ID})
		}
	}
	for n := range links / 5 {
		identity := w.seam.AddUserIdentity(workspace.ID, person("Guest", n))
		user := w.seam.AddACSUser(systems[n%len(systems)].ID, person("Guest", n))
		if n%2 == 0 {
			w.seam.Link(identity.ID, user.ID)
		}
	}
	for n := range max(2, links/2) {
		w.spares = append(w.spares, w.seam.AddUserIdentity(workspace.ID, person("Spare", n)).ID)
	}
	return w
}

// canonical returns the id by which an identity was known at that time: its own
// or, after a merge, that of the primary.
func (w *world) canonical(id string, at time.Time) string {
	id = strings.ToLower(id)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.merges {
		if m.merged == id && m.at.Before(at) {
			id = m.primary
		}
	}
	return id
}

// same reports whether two ids stood for one identity at that time.
func (w *world) same(a, b string, at time.Time) bool {
	return a != "" && b != "" && w.canonical(a, at) == w.canonical(b, at)
}

// wanted is what a configuration asks for: user identities by ACS user.
type wanted map[string]string

// change returns a configuration like this one, with some links removed, some added
// again, and some moved to another identity.
func (w *world) change(now wanted, rng *rand.Rand) wanted {
	next := maps.Clone(now)
	used := map[string]bool{}
	for _, identity := range next {
		used[identity] = true
	}
	for _, pair := range w.pairs {
		_, present := next[pair.ACSUserID]
		switch chance := rng.Float64(); {
		case !present && chance < 0.5:
			next[pair.ACSUserID] = pair.UserIdentityID
		case present && chance < 0.12:
			delete(next, pair.ACSUserID)
		case present && chance < 0.24:
			free := slices.DeleteFunc(slices.Clone(w.spares), func(id string) bool { return used[id] })
			if len(free) > 0 {
				to := pick(rng, free...)
				used[to] = true
				next[pair.ACSUserID] = to
			}
		}
	}
	return next
}
