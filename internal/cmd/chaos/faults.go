package main

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// kindOfFault is something that can go wrong with a request.
type kindOfFault struct {
	name   string
	weight int
	fault  fakeseam.Fault
}

func (k kindOfFault) isLate() bool { return k.fault.Later != nil }

// late marks the faults of a write whose effect lands after the response.
func late(func()) {}

const (
	delayed       = "delayed" // the only fault with a response as usual
	maxLateEffect = 3 * time.Second
	minLateEffect = 50 * time.Millisecond
)

// Late and missing effects are for writes, which are few, and so have a large weight.
// Of the 4xx, only 408 may come with an effect: the others say that there was none.
var kindsOfFault = []kindOfFault{
	{"dropped before", 8, fakeseam.Fault{Drop: fakeseam.DropBeforeEffect}},
	{"dropped after", 12, fakeseam.Fault{Drop: fakeseam.DropAfterEffect}},
	{"dropped, late", 15, fakeseam.Fault{Drop: fakeseam.DropBeforeEffect, Later: late}},
	{"hung before", 4, fakeseam.Fault{Hang: 300 * time.Millisecond}},
	{"hung after", 14, fakeseam.Fault{HangAfterEffect: 300 * time.Millisecond}},
	{"hung, late", 15, fakeseam.Fault{Hang: 300 * time.Millisecond, Later: late}},
	{delayed, 8, fakeseam.Fault{Latency: 150 * time.Millisecond}},
	{"cut off", 10, fakeseam.Fault{CutBody: true}},
	{"cut off, late", 15, fakeseam.Fault{CutBody: true, Later: late}},
	{"no effect", 30, fakeseam.Fault{NoEffect: true}},
	{"408 after", 2, fakeseam.Fault{Status: http.StatusRequestTimeout, AfterEffect: true}},
	{"408 late", 8, fakeseam.Fault{Status: http.StatusRequestTimeout, Later: late}},
	{"500 before", 4, fakeseam.Fault{Status: http.StatusInternalServerError}},
	{"500 after", 8, fakeseam.Fault{Status: http.StatusInternalServerError, AfterEffect: true}},
	{"500 late", 15, fakeseam.Fault{Status: http.StatusInternalServerError, Later: late}},
	{"502 page before", 4, fakeseam.Fault{Status: http.StatusBadGateway, HTML: true}},
	{"502 page late", 15, fakeseam.Fault{Status: http.StatusBadGateway, HTML: true, Later: late}},
	{"503 before", 4, fakeseam.Fault{Status: http.StatusServiceUnavailable}},
	{"503 late", 15, fakeseam.Fault{Status: http.StatusServiceUnavailable, Later: late}},
	{"504 page after", 8, fakeseam.Fault{Status: http.StatusGatewayTimeout, HTML: true, AfterEffect: true}},
	{"200 page before", 4, fakeseam.Fault{HTML: true}},
	{"200 page after", 6, fakeseam.Fault{HTML: true, AfterEffect: true}},
	{"200 empty after", 4, fakeseam.Fault{Body: "\n", AfterEffect: true}},
	{"404 page", 4, fakeseam.Fault{Status: http.StatusNotFound, HTML: true}},
	{"404 about the key", 1, fakeseam.Fault{Status: http.StatusNotFound, Body: `{"error":{"type":"api_key_not_found","message":"API Key not found"},"ok":false}`}},
	{"401", 1, fakeseam.Fault{Status: http.StatusUnauthorized}},
	{"429 without Retry-After", 4, fakeseam.Fault{Status: http.StatusTooManyRequests}},
	{"429 for 1 s", 2, fakeseam.Fault{Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": "1"}}},
}

// faults decides which request meets which fault.
type faults struct {
	seam   *fakeseam.Server
	record func(what, kind, format string, args ...any)
	share  float64 // of the requests that meet one
	// noLateRemove: a late remove may remove a link that was added outside since, which
	// no client can prevent.
	noLateRemove bool
	on           atomic.Bool

	mu       sync.Mutex
	pending  int // effects that have not landed yet
	rng      *rand.Rand
	injected map[string]*injection // by request id
}

// injection is a fault that a request met.
type injection struct {
	kindOfFault
	request     fakeseam.Request
	landing, to time.Time // between which a late effect landed
}

// meet is called with each request, before it takes effect.
func (f *faults) meet(r fakeseam.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	share := f.share
	if isWrite(r.Route) {
		share = min(4*share, 0.5) // there are few of them, and they are what matters
	}
	if f.on.Load() && f.rng.Float64() < share {
		f.inject(f.pick(r.Route), r)
	}
}

// inject lets one request meet a fault. f.mu is held.
func (f *faults) inject(kind kindOfFault, r fakeseam.Request) {
	f.record("fault", kind.name, "%s, ACS user %q", r.Route, acsUserOf(r))
	met := &injection{kindOfFault: kind, request: r}
	f.injected[r.RequestID] = met
	fault := kind.fault
	fault.Times = 1
	fault.Match = func(other fakeseam.Request) bool { return other.RequestID == r.RequestID }
	if kind.isLate() {
		factor := math.Pow(float64(maxLateEffect/minLateEffect), f.rng.Float64()) // early ones are more likely
		fault.Later = func(land func()) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.pending++
			time.AfterFunc(time.Duration(float64(minLateEffect)*factor), func() {
				f.mu.Lock()
				defer f.mu.Unlock()
				met.landing = time.Now()
				land()
				met.to = time.Now()
				f.pending--
			})
		}
	}
	f.seam.Inject(fault)
}

// await returns when every late effect has landed.
func (f *faults) await() {
	for landed := false; !landed; time.Sleep(time.Millisecond) {
		f.mu.Lock()
		landed = f.pending == 0
		f.mu.Unlock()
	}
}

// pick chooses a kind of fault that fits a route.
func (f *faults) pick(route string) kindOfFault {
	var fitting []kindOfFault // each as often as its weight says
	for _, kind := range kindsOfFault {
		fits := isWrite(route) || !kind.isLate() && !kind.fault.NoEffect
		if fits && !(kind.isLate() && route == removeRoute && f.noLateRemove) {
			fitting = append(fitting, slices.Repeat([]kindOfFault{kind}, kind.weight)...)
		}
	}
	return pick(f.rng, fitting...)
}

// of returns the kind of fault that a request met; the zero value is none.
func (f *faults) of(r fakeseam.Request) kindOfFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if met := f.injected[r.RequestID]; met != nil {
		return met.kindOfFault
	}
	return kindOfFault{}
}

// answered reports whether Seam's own response to a request, with status 200, was
// delivered.
func (f *faults) answered(r fakeseam.Request) bool {
	return r.Status == http.StatusOK && slices.Contains([]string{"", delayed}, f.of(r).name)
}

// landed returns the id of the request whose late effect a change is; empty if it is
// none.
func (f *faults) landed(change fakeseam.Change) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, met := range f.injected {
		if met.request.Route == change.Route && acsUserOf(met.request) == change.ACSUserID &&
			!change.At.Before(met.landing) && !change.At.After(met.to) {
			return id
		}
	}
	return ""
}

const (
	getRoute    = "/acs/users/get"
	addRoute    = "/user_identities/add_acs_user"
	removeRoute = "/user_identities/remove_acs_user"
)

func isWrite(route string) bool { return route == addRoute || route == removeRoute }

// acsUserOf returns the id of the ACS user that a request is about, if any.
func acsUserOf(r fakeseam.Request) string {
	var body struct {
		ACSUserID string `json:"acs_user_id"`
	}
	_ = json.Unmarshal(r.Body, &body) // other bodies are about no ACS user
	return strings.ToLower(body.ACSUserID)
}
