package seam

import (
	"net/http"
	"sync"
	"time"
)

// Throttle blocks the requests of the whole process for as long as Seam asked one of
// them to wait: others would run into the same rate limit. The zero value blocks none. It
// is safe for concurrent use.
type Throttle struct {
	mu     sync.Mutex
	until  time.Time
	status int // of the response that asked for it
}

// block holds all requests back until then. It never shortens a wait.
func (t *Throttle) block(until time.Time, status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if until.After(t.until) {
		t.until, t.status = until, status
	}
}

func (t *Throttle) blocked() (until time.Time, status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.until, t.status
}

// outage is a time in which no request succeeds. If each operation spent its retry budget
// then, a plan would take hours: once an outage has lasted for as long as one operation may
// retry, requests are not retried. It is safe for concurrent use.
type outage struct {
	mu     sync.Mutex
	since  time.Time // when it began, or a request succeeded
	latest time.Time // when an attempt failed, in this outage
}

// outageGap is the time without a request after which an outage is forgotten. It is
// longer than the time from one attempt of an operation to the next.
const outageGap = backoffCap + 2*attemptTimeout

// record records how an attempt ended, and returns for how long none has succeeded. Any
// response ends an outage, except a server error and one that cannot be trusted.
func (o *outage) record(failure error, now time.Time) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	status, _ := statusOf(failure)
	switch {
	case failure == nil, status > 0 && status < http.StatusInternalServerError:
		o.since, o.latest = now, time.Time{} // the next failure begins another one
	case now.Sub(o.latest) > outageGap:
		o.since, o.latest = now, now
	default:
		o.latest = now
	}
	return now.Sub(o.since)
}
