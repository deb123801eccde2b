package fakeseam

import (
	"bytes"
	"net/http"
	"net/url"
	"time"
)

// Request is a request and its response.
type Request struct {
	Method string
	Route  string     // the path, such as /acs/users/get
	Query  url.Values // of GET and DELETE
	Header http.Header
	Body   []byte
	// Status is that of the response: 0 before the response, and for a dropped connection.
	Status    int
	RequestID string // as sent in the seam-request-id header
	Faulted   bool   // an injected fault applied to it
	At        time.Time
}

func (r *Request) copy() Request {
	c := *r
	c.Header = r.Header.Clone()
	c.Body = bytes.Clone(r.Body)
	return c
}

// record records a request when it arrives, so that a test finds one that hangs.
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

// finish records the status before the response is sent, so that Requests has it afterwards.
func (s *Server) finish(record *Request, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record.Status = status
}

// OnRequest calls f with every request, after it is recorded and before it takes effect,
// without a lock. So f can change the world, for instance with Link, between a read and a write
// of the provider. Concurrent requests call f concurrently. A nil f removes the hook.
func (s *Server) OnRequest(f func(Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = f
}

// Requests returns the requests since the start or ResetRequests, in the order of arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := make([]Request, 0, len(s.requests))
	for _, record := range s.requests {
		requests = append(requests, record.copy())
	}
	return requests
}

// Count returns the number of requests to a route, such as /acs/users/get, with faulted ones,
// or to all routes if it is empty.
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

// ResetRequests forgets all requests.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}
