package seam

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// releaseSpread is how far apart requests are let go after a stop. All that
// waited would otherwise hit the server in the same instant, and be stopped
// again.
const releaseSpread = 500 * time.Millisecond

// Throttle is a stop sign for the whole process: once Seam has asked to wait,
// no client that shares it sends a request until the wait is over. Going on
// would only make a rate limit worse, for this process and for others.
//
// It is safe for concurrent use.
type Throttle struct {
	mu     sync.Mutex
	until  time.Time
	status int // the answer that asked for the stop
}

// NewThrottle returns a throttle that stops nothing yet.
func NewThrottle() *Throttle { return &Throttle{} }

// stop holds all requests back until then. It never shortens a stop.
func (t *Throttle) stop(until time.Time, status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if until.After(t.until) {
		t.until, t.status = until, status
	}
}

func (t *Throttle) stopped() (until time.Time, status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.until, t.status
}

// admit returns when the next attempt of the call may be sent: its own wait
// is over, and nothing stops the process. It fails, with nothing sent, when
// ctx is cancelled or the wait would outlast the budget. A write does not wait
// for a stop to end: that is a *StoppedError.
func (c *Client) admit(ctx context.Context, call *call) error {
	for {
		if ctx.Err() != nil {
			return c.cancelled(ctx, call)
		}
		now := c.clock.Now()
		at, why := call.notBefore, call.failure
		if stop, status := c.throttle.stopped(); stop.After(now) && !stop.Before(at) {
			at = stop
			if call.kind == write {
				// What it was decided on would be old when the stop is over.
				return &StoppedError{Status: status, path: call.path, until: stop}
			}
			if why == nil {
				// Only its text: an answer to another request says nothing
				// about the effect of this one.
				why = &StoppedError{Status: status, path: call.path, until: stop}
			}
			if err := call.budget.allows(now, at, why); err != nil {
				return err
			}
			at = call.budget.cap(at.Add(c.spread()))
		}
		if !at.After(now) {
			return nil
		}
		if err := call.budget.allows(now, at, why); err != nil {
			return err
		}
		c.logWait(ctx, call.path, at.Sub(now), why)
		if err := c.clock.Wait(ctx, at.Sub(now)); err != nil {
			return c.cancelled(ctx, call)
		}
	}
}

// spread is what is added to the end of a stop, for each request anew.
func (c *Client) spread() time.Duration {
	return time.Duration(c.random() * float64(releaseSpread))
}

// cancelled is the error of a call that was waiting when ctx ended. It wraps
// ctx.Err() alone: what went wrong before is text, since nothing is under way
// any more.
func (c *Client) cancelled(ctx context.Context, call *call) error {
	if call.failure != nil {
		return fmt.Errorf("POST %s: %w while waiting to try again after this failure: %s", call.path, ctx.Err(), call.failure)
	}
	return fmt.Errorf("POST %s: %w before anything was sent", call.path, ctx.Err())
}

func (c *Client) logWait(ctx context.Context, path string, wait time.Duration, why error) {
	if !c.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "waiting before the next request to Seam",
		slog.String("path", path),
		slog.Duration("wait", wait),
		slog.String("reason", reason(why)),
	)
}

// reason says why there is a wait, without what the server wrote: messages
// may quote personal data, and logs are passed around.
func reason(err error) string {
	var (
		refused  *Error
		response *ResponseError
	)
	switch {
	case err == nil:
		return "not known"
	case errors.As(err, &refused):
		return fmt.Sprintf("Seam answered %d", refused.Status)
	case errors.As(err, &response):
		return response.Problem
	default:
		return err.Error()
	}
}
