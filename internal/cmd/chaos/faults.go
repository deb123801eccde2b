package main

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// kindsOfFault is what can go wrong with a request. Nothing that Seam calls an
// error of the client, and no 429, comes after an effect: those say that there
// was none.
var kindsOfFault = []struct {
	name   string
	weight int
	fault  fakeseam.Fault
}{
	{"dropped before", 8, fakeseam.Fault{Drop: fakeseam.DropBeforeEffect}},
	{"dropped after", 12, fakeseam.Fault{Drop: fakeseam.DropAfterEffect}},
	{"hung before", 4, fakeseam.Fault{Hang: 300 * time.Millisecond}},
	{"hung after", 14, fakeseam.Fault{HangAfterEffect: 300 * time.Millisecond}},
	{"delayed", 8, fakeseam.Fault{Latency: 150 * time.Millisecond}},
	{"cut off", 10, fakeseam.Fault{CutBody: true}},
	{"500 before", 4, fakeseam.Fault{Status: http.StatusInternalServerError}},
	{"500 after", 8, fakeseam.Fault{Status: http.StatusInternalServerError, AfterEffect: true}},
	{"502 page before", 4, fakeseam.Fault{Status: http.StatusBadGateway, HTML: true}},
	{"503 before", 4, fakeseam.Fault{Status: http.StatusServiceUnavailable}},
	{"504 page after", 8, fakeseam.Fault{Status: http.StatusGatewayTimeout, HTML: true, AfterEffect: true}},
	{"200 page before", 4, fakeseam.Fault{HTML: true}},
	{"200 page after", 6, fakeseam.Fault{HTML: true, AfterEffect: true}},
	{"200 empty after", 4, fakeseam.Fault{Body: "\n", AfterEffect: true}},
	{"404 page", 4, fakeseam.Fault{Status: http.StatusNotFound, HTML: true}},
	{"401", 1, fakeseam.Fault{Status: http.StatusUnauthorized}},
	{"429", 4, fakeseam.Fault{Status: http.StatusTooManyRequests}},
	{"429 for 1 s", 2, fakeseam.Fault{Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": "1"}}},
}

// faults decides which request meets which fault.
type faults struct {
	share float64 // of the requests that meet one

	mu      sync.Mutex
	rng     *rand.Rand
	decided map[string]int // kind by request id, -1 for none
	met     map[string]int // by name
}

// begin injects the faults of a storm.
func (w *faults) begin(seam *fakeseam.Server) {
	for kind := range kindsOfFault {
		fault := kindsOfFault[kind].fault
		fault.Match = func(r fakeseam.Request) bool { return w.decide(r) == kind }
		seam.Inject(fault)
	}
}

// decide returns the kind of fault that a request meets, once and for all.
func (w *faults) decide(r fakeseam.Request) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if kind, ok := w.decided[r.RequestID]; ok {
		return kind
	}
	share := w.share
	if isWrite(r.Route) {
		share *= 2 // there are few of them, and they are what matters
	}
	kind := -1
	if w.rng.Float64() < share {
		kind = w.pick()
		w.met[kindsOfFault[kind].name]++
	}
	w.decided[r.RequestID] = kind
	return kind
}

func (w *faults) pick() int {
	sum := 0
	for _, kind := range kindsOfFault {
		sum += kind.weight
	}
	at := w.rng.IntN(sum)
	for n, kind := range kindsOfFault {
		if at -= kind.weight; at < 0 {
			return n
		}
	}
	return 0
}

const (
	addRoute    = "/user_identities/add_acs_user"
	removeRoute = "/user_identities/remove_acs_user"
)

func isWrite(route string) bool { return route == addRoute || route == removeRoute }

// climate sets up how a Seam answers where its documentation is silent.
func climate(seam *fakeseam.Server, rng *rand.Rand) string {
	all := fakeseam.AllSemantics()
	semantics := all[rng.IntN(len(all))]
	if rng.IntN(2) == 0 { // a mixture, in which what others hold is in danger
		semantics = fakeseam.Semantics{
			AddHeldElsewhere:    fakeseam.AddHeldElsewhere(rng.IntN(2)),
			AddHeldHere:         all[rng.IntN(len(all))].AddHeldHere,
			AddSecondInSystem:   all[rng.IntN(len(all))].AddSecondInSystem,
			AddUnknownIdentity:  all[rng.IntN(len(all))].AddUnknownIdentity,
			RemoveUnlinked:      all[rng.IntN(len(all))].RemoveUnlinked,
			RemoveHeldElsewhere: fakeseam.RemoveHeldElsewhere(rng.IntN(3)),
			StalePages:          all[rng.IntN(len(all))].StalePages,
		}
	}
	seam.SetSemantics(semantics)
	seam.SetUnlinkedAs([]fakeseam.UnlinkedAs{fakeseam.UnlinkedAbsent, fakeseam.UnlinkedNull, fakeseam.UnlinkedEmpty}[rng.IntN(3)])
	seam.SetMaxPageSize([]int{10, 30, 500}[rng.IntN(3)])
	return strings.ReplaceAll(semantics.String(), ",", ", ")
}
