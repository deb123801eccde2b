package seam

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

// outage is a time in which nothing succeeds. Each operation would spend its whole
// retry budget then, one after the other, for hours: once one has lasted for as long
// as an operation may keep trying, nothing is tried again before something succeeds.
//
// It is safe for concurrent use.
type outage struct {
	mu     sync.Mutex
	since  time.Time // zero while there is none
	latest time.Time // when it was last noticed
}

// forgotten is after what time without a request an outage says nothing any more. It
// is longer than the time from one attempt of an operation to the next.
const forgotten = backoffCap + 2*attemptTimeout

// note notes how an attempt ended. Any answer of Seam's, save that it is in trouble
// itself, ends an outage. What was cancelled says nothing.
func (o *outage) note(failure error, now time.Time) {
	var (
		refused   *Error
		transport *TransportError
		response  *ResponseError
	)
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case failure == nil, errors.As(failure, &refused) && refused.Status < http.StatusInternalServerError:
		o.since = time.Time{}
	case refused == nil && !errors.As(failure, &transport) && !errors.As(failure, &response):
	case o.since.IsZero(), now.Sub(o.latest) > forgotten:
		o.since, o.latest = now, now
	default:
		o.latest = now
	}
}

// lasts returns for how long nothing has succeeded.
func (o *outage) lasts(now time.Time) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return 0
	}
	return now.Sub(o.since)
}
