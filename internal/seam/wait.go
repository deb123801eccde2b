package seam

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

const (
	backoffBase = 500 * time.Millisecond
	backoffCap  = 30 * time.Second

	// All that waited for a throttle to end would be throttled again if sent in one instant.
	releaseSpread = 500 * time.Millisecond
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

// operationBudget is the time within which the requests of one operation may be
// retried. It bounds when an attempt may begin, not how long it takes.
type operationBudget struct {
	started, retryUntil time.Time
	limitedBy           string // for the sentence of a RetryTimeoutError
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
	now := c.clock.Now()
	return context.WithValue(ctx, budgetKey{}, operationBudget{now, now.Add(limit), limitedBy})
}

func (c *Client) budgetOf(ctx context.Context) operationBudget {
	if b, ok := ctx.Value(budgetKey{}).(operationBudget); ok {
		return b
	}
	return c.budgetOf(c.StartOperation(ctx))
}

// left is how long the next attempt may wait.
func (b operationBudget) left(now time.Time) time.Duration { return b.retryUntil.Sub(now) }

// allows returns a *RetryTimeoutError if the next attempt would begin too late.
func (b operationBudget) allows(now time.Time, wait time.Duration, cause error) error {
	if wait <= b.left(now) {
		return nil
	}
	return &RetryTimeoutError{wait, b.retryUntil.Sub(b.started), now.Sub(b.started), 0, cause, b.limitedBy}
}

// backoff is the wait before retry n, counted from 0: exponential, with the upper half of
// it left to chance, which is in [0, 1).
func backoff(n int, chance float64) time.Duration {
	wait := min(backoffBase<<min(max(n, 0), 16), backoffCap) // more than 16 would overflow
	return wait/2 + time.Duration(chance*float64(wait/2))
}

// wait returns when an attempt may begin: not before that time, nor while the process is
// throttled. It fails when ctx is cancelled or the wait would outlast the budget. A write
// does not wait for a throttle to end, since the read that decided on it would be old by
// then: that is a *ThrottledError. failure is that of the attempt before.
func (c *Client) wait(ctx context.Context, r *request, budget operationBudget, notBefore time.Time, failure error) error {
	for ctx.Err() == nil {
		now, why := c.clock.Now(), failure
		wait := notBefore.Sub(now)
		until, status := c.throttle.blocked()
		throttled := until.After(now) && !until.Before(notBefore)
		if throttled {
			err := &ThrottledError{Status: status, path: r.path, until: until}
			if r.kind == write {
				return err
			}
			if wait = until.Sub(now); why == nil {
				why = err
			}
		}
		if wait <= 0 {
			return nil
		}
		if err := budget.allows(now, wait, why); err != nil {
			return err
		}
		if throttled {
			wait = min(wait+c.spread(), budget.left(now))
		}
		if c.sleep(ctx, r.path, wait, why) != nil {
			break
		}
	}
	// It wraps nothing else: what failed before is text, since nothing is under way.
	if failure != nil {
		return fmt.Errorf("POST %s: %w while waiting to try again after this failure: %s", r.path, ctx.Err(), failure)
	}
	return fmt.Errorf("POST %s: %w before anything was sent", r.path, ctx.Err())
}

// Pause waits before a caller repeats a write for the n-th time, counted from 0: longer
// each time, and never shorter than Seam asked for when cause was returned. The budget is
// that of [Client.StartOperation], or else a new one each time. The error is a
// *RetryTimeoutError that wraps cause if the wait would outlast the budget, or wraps
// ctx.Err() if ctx is cancelled.
func (c *Client) Pause(ctx context.Context, n int, cause error) error {
	budget, now := c.budgetOf(ctx), c.clock.Now()
	path, notBefore := requestOf(cause)
	wait, asked := backoff(n, c.random()), notBefore.Sub(now)
	if err := budget.allows(now, max(wait, asked), cause); err != nil {
		return err
	}
	if asked > 0 {
		// Writes that were throttled together would otherwise be repeated together.
		wait = max(wait, min(asked+c.spread(), budget.left(now)))
	}
	if err := c.sleep(ctx, path, wait, cause); err != nil {
		return fmt.Errorf("%w while waiting to try again after this failure: %v", err, cause)
	}
	return nil
}

func (c *Client) sleep(ctx context.Context, path string, wait time.Duration, why error) error {
	c.logger.LogAttrs(ctx, slog.LevelDebug, "waiting before the next request to Seam",
		slog.String("path", path), slog.Duration("wait", wait), slog.String("reason", reason(why)))
	return c.clock.Wait(ctx, wait)
}

// spread is added to the end of a throttle, for each request anew.
func (c *Client) spread() time.Duration { return time.Duration(c.random() * float64(releaseSpread)) }
