package seam

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"
)

const (
	backoffBase = 500 * time.Millisecond
	backoffCap  = 30 * time.Second

	// All that waited for a throttle to end would be throttled again if sent in one instant.
	throttleJitter = 500 * time.Millisecond
)

// Clock is the time that waits go by, so that tests can set it. Wait returns nil after
// d, or ctx.Err() at once when ctx is cancelled.
type Clock interface {
	Now() time.Time
	Wait(ctx context.Context, d time.Duration) error
}

// SystemClock is the real time.
type SystemClock struct{}

// Now implements [Clock].
func (SystemClock) Now() time.Time { return time.Now() }

// Wait implements [Clock].
func (SystemClock) Wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// retryBudget is the time within which the requests of one operation may be retried.
// It bounds when an attempt may begin, not how long it takes.
type retryBudget struct {
	started   time.Time
	limit     time.Duration
	limitedBy string // for the sentence of a RetryTimeoutError
}
type budgetKey struct{}

// StartOperation returns a context with the retry budget of one operation on one object:
// RetryTimeout from now on, shared by all calls made with it, and by Pause. A call
// without one has a budget of its own.
func (c *Client) StartOperation(ctx context.Context) context.Context {
	return c.withBudget(ctx, c.retryTimeout, "retry_timeout")
}

// StartOptional is [Client.StartOperation] for requests that the caller can do without:
// they are retried for the limit at most, and for a quarter of RetryTimeout. One in a plan
// and one in the apply that follows then take no more than half of what an operation may.
func (c *Client) StartOptional(ctx context.Context, limit time.Duration) context.Context {
	return c.withBudget(ctx, min(limit, c.retryTimeout/4), "the limit for optional requests")
}

// FinalRead returns a context for one last read by an operation that ends without knowing
// the effect of a write. It outlives the cancellation of ctx and allows no waits.
func (c *Client) FinalRead(ctx context.Context) context.Context {
	return c.withBudget(context.WithoutCancel(ctx), 0, "the limit for a final read")
}

func (c *Client) withBudget(ctx context.Context, limit time.Duration, limitedBy string) context.Context {
	return context.WithValue(ctx, budgetKey{}, retryBudget{c.clock.Now(), limit, limitedBy})
}

func (c *Client) budgetOf(ctx context.Context) retryBudget {
	if b, ok := ctx.Value(budgetKey{}).(retryBudget); ok {
		return b
	}
	return c.budgetOf(c.StartOperation(ctx))
}

// backoff is the wait before retry n, counted from 0: exponential, with jitter in the upper
// half of it. random is in [0, 1).
func backoff(n int, random float64) time.Duration {
	wait := min(backoffBase<<min(max(n, 0), 16), backoffCap) // more than 16 would overflow
	return wait/2 + time.Duration(random*float64(wait/2))
}

// waitFor returns when an attempt may begin: not before that time, nor while the process is
// throttled. A write does not wait for a throttle to end, since the read that decided on it
// would be old by then: that is a *ThrottledError. cause is the failure of the attempt before.
func (c *Client) waitFor(ctx context.Context, r *request, budget retryBudget, notBefore time.Time, cause error) error {
	for {
		now := c.clock.Now()
		if until, status := c.throttle.blocked(); until.After(now) && !until.Before(notBefore) {
			throttled := &ThrottledError{Status: status, retryAt: until}
			if r.kind == write {
				return throttled
			}
			notBefore, cause = until.Add(c.jitter()), cmp.Or[error](cause, throttled)
		}
		if !notBefore.After(now) {
			return ctx.Err()
		}
		if err := c.wait(ctx, budget, notBefore.Sub(now), cause); err != nil {
			return err
		}
	}
}

// Pause waits before a caller repeats a write for the n-th time, counted from 0: longer
// each time, and never shorter than Seam asked for when cause was returned. The budget is
// that of [Client.StartOperation], or else a new one each time. The error is a
// *RetryTimeoutError that wraps cause if the wait would outlast the budget, or wraps
// ctx.Err() if ctx is cancelled.
func (c *Client) Pause(ctx context.Context, n int, cause error) error {
	asked := retryAt(cause).Add(c.jitter()).Sub(c.clock.Now()) // writes that were throttled together are not repeated together
	return c.wait(ctx, c.budgetOf(ctx), max(backoff(n, c.random()), asked), cause)
}

// wait waits, or fails at once if that would outlast the budget.
func (c *Client) wait(ctx context.Context, budget retryBudget, d time.Duration, cause error) error {
	if tried := c.clock.Now().Sub(budget.started); tried+d > budget.limit {
		return &RetryTimeoutError{Wait: d, RetryTimeout: budget.limit, Tried: tried, Err: cause, limitedBy: budget.limitedBy}
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "waiting before the next request to Seam",
		slog.Duration("wait", d), slog.String("reason", reason(cause)))
	if err := c.clock.Wait(ctx, d); err != nil {
		// It does not wrap the cause, since nothing is under way.
		return fmt.Errorf("%w while waiting to retry after this failure: %v", err, cause)
	}
	return nil
}

// jitter is added to the end of a throttle, for each request anew.
func (c *Client) jitter() time.Duration { return time.Duration(c.random() * float64(throttleJitter)) }
