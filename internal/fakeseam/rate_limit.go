package fakeseam

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// stopGrace is how long after an answer 429 a request may still arrive without
// being a violation: it was under way already.
const stopGrace = 100 * time.Millisecond

type rateLimit struct {
	requests int // per window; 0: no limit
	window   time.Duration

	windowEnd  time.Time
	inWindow   int
	stopFrom   time.Time // when the client heard of the stop
	stopUntil  time.Time
	violations int
}

// SetRateLimit lets n requests pass in each window of that length, and answers
// the rest with 429 and a Retry-After in whole seconds. n = 0 lifts the limit.
func (s *Server) SetRateLimit(n int, window time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = rateLimit{requests: n, window: window}
}

// ViolationsAfterStop returns how many requests came while a Retry-After was
// running, apart from those that must have been under way when it was sent.
func (s *Server) ViolationsAfterStop() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limit.violations
}

// throttle returns the answer to a request beyond the limit.
func (s *Server) throttle() (answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.limit
	if l.requests == 0 {
		return answer{}, false
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
		return answer{}, false
	}
	seconds := max(1, math.Ceil(l.windowEnd.Sub(now).Seconds()))
	if !now.Before(l.stopUntil) {
		l.stopFrom = now
	}
	l.stopUntil = now.Add(time.Duration(seconds) * time.Second)
	a := errorForStatus(http.StatusTooManyRequests).answer()
	a.header = map[string]string{"Retry-After": strconv.Itoa(int(seconds))}
	return a, true
}
