package fakeseam

import (
	"bytes"
	"net/http"
	"net/url"
	"time"
)

// Request is one request as the fake received it, and how it was answered.
type Request struct {
	Method string
	Route  string     // the path, such as /acs/users/get
	Query  url.Values // of GET and DELETE
	Header http.Header
	Body   []byte
	// Status is the one that was answered: 0 while the request is under way,
	// and when the connection was dropped instead.
	Status    int
	RequestID string // as sent in the seam-request-id header
	Faulted   bool   // an injected fault decided about it
	At        time.Time
}

func (r *Request) copy() Request {
	c := *r
	c.Header = r.Header.Clone()
	c.Body = bytes.Clone(r.Body)
	return c
}

// record notes a request when it arrives, so that a test can see one that
// hangs.
func (s *Server) record(r *http.Request, body []byte, id string) (*Request, func(Request)) {
	record := &Request{
		Method:    r.Method,
		Route:     r.URL.Path,
		Query:     r.URL.Query(),
		Header:    r.Header.Clone(),
		Body:      body,
		RequestID: id,
		At:        time.Now(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, record)
	return record, s.hook
}

// finish notes the status before it is sent: who has read the answer finds it
// in Requests.
func (s *Server) finish(record *Request, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record.Status = status
}

// OnRequest has f called with every request, after it is recorded and before
// it takes effect, with no lock held. So f can play an outside actor, for
// instance with Link, between the provider's look and its write. Requests that
// arrive together call f together. A nil f ends it.
func (s *Server) OnRequest(f func(Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = f
}

// Requests returns what was requested since the start or ResetRequests, in the
// order of arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := make([]Request, 0, len(s.requests))
	for _, record := range s.requests {
		requests = append(requests, record.copy())
	}
	return requests
}

// Count returns how many requests came for a route, such as /acs/users/get,
// faulted ones included, or for all routes if it is empty.
func (s *Server) Count(route string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if route == "" {
		return len(s.requests)
	}
	count := 0
	for _, record := range s.requests {
		if record.Route == route {
			count++
		}
	}
	return count
}

// ResetRequests forgets what was requested so far.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}
