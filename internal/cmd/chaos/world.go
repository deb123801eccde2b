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
	seam  *fakeseam.Server
	pairs []fakeseam.Link // what the configuration asks for at first
	// spares are identities without an ACS user, to move links to.
	spares []string

	systemOf map[string]string // by ACS user of the pairs

	mu     sync.Mutex
	merges []merge
	doomed map[string]bool // ACS users and identities that are being deleted
}

type merge struct {
	merged, primary string
	at              time.Time
}

// newWorld makes people with an ACS user in each of two systems, and others that
// are not in the configuration: half of those are linked outside.
func newWorld(links int) (*world, fakeseam.Workspace) {
	w := &world{seam: fakeseam.New(), doomed: map[string]bool{}, systemOf: map[string]string{}}
	workspace := w.seam.AddWorkspace("Harbour Tower")
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
	return w, workspace
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

func (w *world) isDoomed(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.doomed[strings.ToLower(id)]
}

// wanted is what a configuration asks for: user identities by ACS user.
type wanted map[string]string

func (w *world) initial() wanted {
	all := wanted{}
	for n, pair := range w.pairs {
		all[pair.ACSUserID] = spelled(pair.UserIdentityID, n)
	}
	return all
}

// spelled writes every ninth id in capitals: ids compare without case.
func spelled(id string, n int) string {
	if n%9 == 8 {
		return strings.ToUpper(id)
	}
	return id
}

// change returns a configuration like this one, with some links taken out, some
// put back, and some moved to another identity.
func (w *world) change(now wanted, rng *rand.Rand) wanted {
	next := maps.Clone(now)
	taken := map[string]bool{}
	for _, identity := range next {
		taken[strings.ToLower(identity)] = true
	}
	for n, pair := range w.pairs {
		_, there := next[pair.ACSUserID]
		chance := rng.Float64()
		switch {
		case !there && chance < 0.5:
			next[pair.ACSUserID] = spelled(pair.UserIdentityID, n)
		case there && chance < 0.12:
			delete(next, pair.ACSUserID)
		case there && chance < 0.24:
			free := slices.DeleteFunc(slices.Clone(w.spares), func(id string) bool { return taken[id] })
			if len(free) > 0 {
				to := free[rng.IntN(len(free))]
				taken[to] = true
				next[pair.ACSUserID] = spelled(to, n)
			}
		}
	}
	return next
}
