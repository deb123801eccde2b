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

// Drop is when a fault closes the connection without a response.
type Drop int

// When the connection is closed.
const (
	NoDrop           Drop = iota
	DropBeforeEffect      // the request has no effect
	DropAfterEffect       // the request takes effect
)

// Fault is a fault of some requests. The fields combine: a request waits (Latency), then hangs
// or drops before its effect, then takes effect or not, then hangs or drops after it, and then
// gets its response. With Later, the test decides about the effect, and not the other fields.
// At most one fault applies to a request, the first injected one that matches.
type Fault struct {
	Route string // path, such as /acs/users/get; empty for all
	Skip  int    // number of matching requests without the fault before it applies
	Times int    // number of requests; 0: until ClearFaults
	// Match selects requests, for instance by the body. It is called without a lock, also for
	// requests to which another fault applies.
	Match func(Request) bool

	// Status replaces Seam's own response, and, unless AfterEffect is set, the request has no
	// effect. 0 with a Body or HTML means 200.
	Status int
	// AfterEffect lets the request take effect before the response of Status, Body or HTML.
	AfterEffect bool
	// Body is the body of the response. Empty with a Status: Seam's own error body for that
	// status.
	Body        string
	ContentType string            // of Body; empty: application/json if it is JSON, else text/plain
	Header      map[string]string // added to the response, for instance Retry-After
	HTML        bool              // a page instead of JSON, as of a proxy

	// Edit changes the body of the response before it is sent, for instance to remove fields or
	// to add unknown ones. It is called without a lock for every body that is a JSON object,
	// also of errors.
	Edit func(body map[string]any)

	// NoEffect sends the usual response, and nothing changes.
	NoEffect bool
	// Later is called before the response, the hang or the drop, without a lock. The request
	// has no effect until the test calls land, at any time. Its credentials are checked when
	// it arrives, everything else when it lands. Further calls of land do nothing. Without a
	// Status, Body or HTML the response is the usual one, and what lands has the ids of that
	// response.
	Later func(land func())

	// CutBody sends half of the body, with the Content-Length of all of it, and then closes the
	// connection. The request takes effect.
	CutBody bool
	Drop    Drop // reset the connection instead of responding

	// Latency is a wait before the request goes on as usual.
	Latency time.Duration
	// Hang keeps the client waiting, and then resets the connection. The request does not take
	// effect, unless Later is set.
	Hang time.Duration
	// HangAfterEffect does the same after the effect.
	HangAfterEffect time.Duration
}

type pendingFault struct {
	Fault
	skip, times int
	done        bool
}

// Inject adds a fault from the next request on. Faults are matched in the order in which they
// were injected.
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

// ClearFaults removes all faults. Requests that hang go on hanging.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault returns the fault that applies to a request, if any, and the latency.
func (s *Server) takeFault(record *Request) (*Fault, time.Duration) {
	s.mu.Lock()
	latency := s.latency
	candidates := slices.Clone(s.faults)
	s.mu.Unlock()

	// Match may call the server, so it runs without the lock, before the counts are read.
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

// replaces reports whether the fault has a response of its own.
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
	var a response
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
		a = f.response()
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

func (f Fault) response() response {
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	a := response{status: status, contentType: f.ContentType, body: []byte(f.Body)}
	switch {
	case f.HTML:
		a.contentType = "text/html; charset=utf-8"
		if f.Body == "" {
			title := fmt.Sprintf("%d %s", status, http.StatusText(status))
			a.body = fmt.Appendf(nil, "<!DOCTYPE html>\n<html><head><title>%[1]s</title></head>\n<body><center><h1>%[1]s</h1></center><hr></body></html>\n", title)
		}
	case f.Body == "":
		a = errorForStatus(status).response()
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

// reset closes the connection with a TCP reset, which differs from the orderly end of an idle
// connection.
func reset(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler) // HTTP/2 has no connection for each request
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
		// The client closed the connection first.
		panic(http.ErrAbortHandler)
	}
}
