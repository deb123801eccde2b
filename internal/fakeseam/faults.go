package fakeseam

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"
)

// Drop says when a fault closes the connection without an answer.
type Drop int

// When the connection is closed.
const (
	NoDrop           Drop = iota
	DropBeforeEffect      // the request has no effect
	DropAfterEffect       // the request takes effect, and nobody hears of it
)

// Fault is something that goes wrong, for some of the requests. The fields
// combine: a request waits (Latency), then hangs or drops before its effect,
// then takes effect or not, then hangs or drops after it, and then is answered.
// With Later, the test carries out the effect, whatever the other fields say of
// it.
// A request meets at most one fault, the first one injected that matches.
type Fault struct {
	Route string // which path, such as /acs/users/get; empty for every one
	Skip  int    // let so many matching requests pass first
	Times int    // so many requests; 0 until ClearFaults
	// Match narrows further, for instance by the body. It is called with no
	// lock held, and may be called for a request that another fault takes.
	Match func(Request) bool

	// Status is answered instead of Seam's own answer, and, unless
	// AfterEffect is set, the request has no effect. 0 with a Body or HTML
	// stands for 200.
	Status int
	// AfterEffect lets the request take effect before Status, Body or HTML
	// is answered.
	AfterEffect bool
	// Body is answered as it is. Empty with a Status: Seam's own error body
	// for that status.
	Body        string
	ContentType string            // of Body; empty: application/json if it is JSON, else text/plain
	Header      map[string]string // added to the answer, for instance Retry-After
	HTML        bool              // answer a page, as a proxy does, instead of JSON

	// Edit changes the body of the answer before it is sent, for instance to
	// remove fields or to add unknown ones. It is called for every body that
	// is a JSON object, also of an error, with no lock held.
	Edit func(body map[string]any)

	// NoEffect answers as usual, and nothing changes.
	NoEffect bool
	// Later is called before the request is answered, hangs or drops, with no
	// lock held. The request has no effect until the test calls land, at any
	// time. Its credentials are checked when it arrives, everything else when
	// it lands. Further calls of land do nothing. Without a Status, Body or
	// HTML the answer is the usual one, and what lands has the ids that were
	// answered.
	Later func(land func())

	// CutBody answers half of the body, with the Content-Length of all of
	// it, and then closes the connection. The effect takes place.
	CutBody bool
	Drop    Drop // reset the connection instead of answering

	// Latency is waited before the request goes on as usual.
	Latency time.Duration
	// Hang keeps the client waiting, and then resets the connection. The
	// request never takes effect, whether the client went away or the time
	// ran out, unless Later is set.
	Hang time.Duration
	// HangAfterEffect does the same after the effect.
	HangAfterEffect time.Duration
}

type pendingFault struct {
	Fault
	skip, times int
	done        bool
}

// Inject makes something go wrong from the next request on. Faults are tried
// in the order in which they were injected.
func (s *Server) Inject(f Fault) {
	if f.NoEffect && f.Later != nil {
		panic("fakeseam: Inject: NoEffect and Later contradict each other")
	}
	if f.Route != "" {
		if _, ok := table()[f.Route]; !ok {
			panic(fmt.Sprintf("fakeseam: Inject: no route %q; the routes are %q", f.Route, Routes()))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &pendingFault{Fault: f, skip: f.Skip, times: f.Times})
}

// ClearFaults ends all faults. A request that already hangs goes on hanging.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault returns the fault that this request meets, if any, and how long it
// has to wait.
func (s *Server) takeFault(record *Request) (*Fault, time.Duration) {
	s.mu.Lock()
	latency := s.latency
	candidates := slices.Clone(s.faults)
	s.mu.Unlock()

	// Match may ask the server something, so it runs without the lock, and
	// only then the counts are taken.
	matching := slices.DeleteFunc(candidates, func(f *pendingFault) bool {
		return f.Route != "" && f.Route != record.Route || f.Match != nil && !f.Match(record.copy())
	})
	if len(matching) == 0 {
		return nil, latency
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range matching {
		if f.done || !slices.Contains(s.faults, f) {
			continue
		}
		if f.skip > 0 {
			f.skip--
			continue
		}
		if f.Times > 0 {
			f.times--
			if f.times == 0 {
				f.done = true
				s.faults = slices.DeleteFunc(s.faults, func(other *pendingFault) bool { return other == f })
			}
		}
		record.Faulted = true
		fault := f.Fault
		return &fault, latency + fault.Latency
	}
	return nil, latency
}

// replaces reports whether the fault answers something else than Seam would.
func (f Fault) replaces() bool {
	return f.Status != 0 || f.Body != "" || f.HTML
}

func (f Fault) isHandled() bool {
	return !f.replaces() || f.AfterEffect || f.HangAfterEffect > 0 || f.Drop == DropAfterEffect
}

func (c call) serveFault(w http.ResponseWriter, f Fault, record *Request) {
	if f.Later != nil {
		f.Later(c.later())
	}
	if f.Hang > 0 {
		wait(c.request.Context(), f.Hang)
		reset(w)
		return
	}
	if f.Drop == DropBeforeEffect {
		reset(w)
		return
	}
	var a answer
	if f.isHandled() {
		a = c.respond(!f.NoEffect && f.Later == nil)
	}
	if f.HangAfterEffect > 0 {
		wait(c.request.Context(), f.HangAfterEffect)
		reset(w)
		return
	}
	if f.Drop == DropAfterEffect {
		reset(w)
		return
	}
	if f.replaces() {
		a = f.answer()
	}
	if f.Edit != nil {
		a.edit(f.Edit)
	}
	a.header = f.Header
	c.s.finish(record, a.status)
	if f.CutBody {
		a.cut(w)
	}
	a.send(w)
}

func (f Fault) answer() answer {
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	a := answer{status: status, contentType: f.ContentType, body: []byte(f.Body)}
	switch {
	case f.HTML:
		a.contentType = "text/html; charset=utf-8"
		if f.Body == "" {
			title := fmt.Sprintf("%d %s", status, http.StatusText(status))
			a.body = fmt.Appendf(nil, "<!DOCTYPE html>\n<html><head><title>%[1]s</title></head>\n<body><center><h1>%[1]s</h1></center><hr></body></html>\n", title)
		}
	case f.Body == "":
		a = errorForStatus(status).answer()
		if f.ContentType != "" {
			a.contentType = f.ContentType
		}
	case f.ContentType == "" && json.Valid(a.body):
		a.contentType = jsonType
	case f.ContentType == "":
		a.contentType = "text/plain; charset=utf-8"
	}
	return a
}

// reset closes the connection the hard way, so that the client sees a reset
// and not the orderly end of an idle connection.
func reset(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler) // no connection of its own, as in HTTP/2
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	var lingerErr error
	if tcp, ok := conn.(*net.TCPConn); ok {
		lingerErr = tcp.SetLinger(0)
	}
	if err := errors.Join(lingerErr, conn.Close()); err != nil {
		// The client was faster. The connection is gone all the same.
		panic(http.ErrAbortHandler)
	}
}
