package fakeseam

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// stopGrace is how long after a 429 requests may still arrive: they may have been sent before.
const stopGrace = 100 * time.Millisecond

type rateLimit struct {
	requests int // per window; 0: no limit
	window   time.Duration

	windowEnd  time.Time
	inWindow   int
	stopFrom   time.Time // when the first 429 was sent
	stopUntil  time.Time
	violations int
}

// SetRateLimit limits requests to n in each window. The response to the others is 429 with a
// Retry-After in whole seconds. n = 0 removes the limit.
func (s *Server) SetRateLimit(n int, window time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = rateLimit{requests: n, window: window}
}

// ViolationsAfterStop returns the number of requests that were sent while a Retry-After ran.
func (s *Server) ViolationsAfterStop() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limit.violations
}

// throttle returns the response to a request over the limit.
func (s *Server) throttle() (response, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.limit
	if l.requests == 0 {
		return response{}, false
	}
	now := time.Now()
	if now.Before(l.stopUntil) && now.After(l.stopFrom.Add(stopGrace)) {
		l.violations++
	}
	if !now.Before(l.windowEnd) {
		l.windowEnd, l.inWindow = now.Add(l.window), 0
	}
	if l.inWindow < l.requests {
		l.inWindow++
		return response{}, false
	}
	seconds := max(1, math.Ceil(l.windowEnd.Sub(now).Seconds()))
	if !now.Before(l.stopUntil) {
		l.stopFrom = now
	}
	l.stopUntil = now.Add(time.Duration(seconds) * time.Second)
	a := errorForStatus(http.StatusTooManyRequests).response()
	a.header = map[string]string{"Retry-After": strconv.Itoa(int(seconds))}
	return a, true
}
