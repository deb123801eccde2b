package seam

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	backoffBase = 500 * time.Millisecond
	backoffCap  = 30 * time.Second

	// maxRetryAfter stands for any longer wait. Nobody waits a year, and sums
	// with it cannot overflow.
	maxRetryAfter = 365 * 24 * time.Hour
)

// retryBudget is the time within which one operation may try again. It limits
// when an attempt may begin, not how long it takes.
type retryBudget struct {
	started time.Time
	timeout time.Duration
}

type budgetKey struct{}

// StartOperation returns a context that carries the retry budget of one
// operation on one object: RetryTimeout from now on, shared by all calls made
// with it, and by Pause. A call without one has a budget of its own.
func (c *Client) StartOperation(ctx context.Context) context.Context {
	return context.WithValue(ctx, budgetKey{}, c.newBudget())
}

// StartOptional is [Client.StartOperation] for requests that the caller can do
// without: they are retried for the limit at most, and never longer than RetryTimeout.
func (c *Client) StartOptional(ctx context.Context, limit time.Duration) context.Context {
	budget := c.newBudget()
	budget.timeout = min(budget.timeout, limit)
	return context.WithValue(ctx, budgetKey{}, budget)
}

// FinalRead returns a context for one last read by an operation that ends without
// knowing the effect of a write. It outlives the cancellation of ctx and allows no
// waits.
func (c *Client) FinalRead(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), budgetKey{}, retryBudget{started: c.clock.Now()})
}

func (c *Client) newBudget() retryBudget {
	return retryBudget{started: c.clock.Now(), timeout: c.retryTimeout}
}

func (c *Client) budget(ctx context.Context) retryBudget {
	if b, ok := ctx.Value(budgetKey{}).(retryBudget); ok {
		return b
	}
	return c.newBudget()
}

func (b retryBudget) deadline() time.Time { return b.started.Add(b.timeout) }

// allows returns a *RetryTimeoutError if a try at that time would be too late.
func (b retryBudget) allows(now, at time.Time, cause error) error {
	if !at.After(b.deadline()) {
		return nil
	}
	return &RetryTimeoutError{
		Wait:         at.Sub(now),
		RetryTimeout: b.timeout,
		Tried:        now.Sub(b.started),
		Err:          cause,
	}
}

// cap keeps the spread after a stop from outlasting the budget, when the stop
// itself does not.
func (b retryBudget) cap(at time.Time) time.Time {
	if deadline := b.deadline(); at.After(deadline) {
		return deadline
	}
	return at
}

// Pause waits before a caller repeats a write for the n-th time, counted from 0: writes
// are repeated by callers alone, after a read. The wait grows with n as it does between
// the client's own attempts, and is never shorter than Seam asked for when cause was
// returned. ctx should come from [Client.StartOperation], or else the budget is a new
// one each time.
//
// The error is a *RetryTimeoutError that wraps cause if the wait would outlast
// the budget, or wraps ctx.Err() if ctx is cancelled.
func (c *Client) Pause(ctx context.Context, n int, cause error) error {
	budget, now := c.budget(ctx), c.clock.Now()
	at := now.Add(backoff(n, c.random()))
	path, asked := describeFailure(cause)
	if err := budget.allows(now, later(at, asked), cause); err != nil {
		return err
	}
	if asked.After(now) {
		// Writes that were throttled together would otherwise be repeated together.
		at = later(at, budget.cap(asked.Add(c.spread())))
	}
	wait := at.Sub(now)
	c.logWait(ctx, path, wait, cause)
	if err := c.clock.Wait(ctx, wait); err != nil {
		return fmt.Errorf("%w while waiting to try again after this failure: %v", err, cause)
	}
	return nil
}

// describeFailure returns the path of the request that failed, and the time before which
// Seam asked to send no other; the zero time if it did not.
func describeFailure(err error) (path string, notBefore time.Time) {
	if failed, ok := errors.AsType[*Error](err); ok {
		return failed.Path, failed.notBefore
	}
	if failed, ok := errors.AsType[*StoppedError](err); ok {
		return failed.path, failed.until
	}
	if failed, ok := errors.AsType[*ResponseError](err); ok {
		return failed.Path, time.Time{}
	}
	if failed, ok := errors.AsType[*TransportError](err); ok {
		return failed.Path, time.Time{}
	}
	return "", time.Time{}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// checkRetry decides after each attempt. The time of the next one was fixed
// with the attempt, in attemptTransport; the wait itself is in admit.
func (c *Client) checkRetry(ctx context.Context, _ *http.Response, err error) (bool, error) {
	call := callOf(ctx)
	if err != nil && call.failure == nil {
		call.failure = c.transportError(call.path, err)
	}
	if call.failure == nil || !call.repeatable() {
		return false, call.failure
	}
	now := c.clock.Now()
	if tooLate := call.budget.allows(now, call.notBefore, call.failure); tooLate != nil {
		return false, tooLate
	}
	if down := c.outage.lasts(now); down >= c.retryTimeout {
		return false, &RetryTimeoutError{RetryTimeout: c.retryTimeout, Down: down, Err: call.failure}
	}
	return true, nil
}

// repeatable reports whether the same request may be sent again. A write may
// not, whatever came of it: time passes before it is repeated, and what it was
// decided on has to be looked at again.
func (c *call) repeatable() bool {
	if c.kind == write {
		return false
	}
	switch failure := c.failure.(type) { //nolint:errorlint // what is inside a RetryTimeoutError is not meant
	case *Error:
		switch failure.Status {
		case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
			http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
	case *ResponseError:
		return failure.cutOff
	case *TransportError:
		return canPass(failure.Err)
	}
	return false // cancelled, or out of time
}

// canPass reports whether a request that got no answer for this reason may get one the
// next time.
func canPass(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok || !speaksTLS(err) {
		return false
	}
	// It knows which schemes and headers are refused, in what http.Client returns.
	again, _ := retryablehttp.DefaultRetryPolicy(context.Background(), nil, &url.Error{Op: "Post", Err: err})
	return again
}

// speaksTLS reports whether the other end may agree on TLS the next time. It never will
// if it speaks plain HTTP, or another version, or if a certificate is at fault.
func speaksTLS(err error) bool {
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return false
	}
	// The failure of a proxy's connection has another *net.OpError around it.
	for failed, ok := errors.AsType[*net.OpError](err); ok; failed, ok = errors.AsType[*net.OpError](failed.Err) {
		if failed.Op == "remote error" && failed.Err != nil && permanentAlerts[failed.Err.Error()] {
			return false
		}
	}
	return true
}

// permanentAlerts are the TLS alerts that are sent again the next time, by their texts:
// crypto/tls keeps the type of an alert that was received to itself. The numbers are in
// RFC 8446, section 6.
var permanentAlerts = func() map[string]bool {
	texts := map[string]bool{}
	for _, alert := range []tls.AlertError{
		42,  // bad certificate
		43,  // unsupported certificate
		44,  // certificate revoked
		45,  // certificate expired
		46,  // certificate unknown
		48,  // unknown CA
		49,  // access denied
		70,  // protocol version
		116, // certificate required
	} {
		texts[alert.Error()] = true
	}
	return texts
}()

// backoff is the wait before repetition n, counted from 0: exponential, with
// the upper half of it left to chance, which is in [0, 1).
func backoff(n int, chance float64) time.Duration {
	wait := backoffCap
	if n < 16 {
		wait = min(backoffBase<<max(n, 0), backoffCap)
	}
	return wait/2 + time.Duration(chance*float64(wait/2))
}

// parseRetryAfter reads the value of a Retry-After header: a number of
// seconds, or a date. A moment that has passed is a wait of 0, and anything
// beyond a year is a year. It reports false for what is neither.
func parseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if value != "" && strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter, true // the error of digits alone is that they are too many
		}
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), maxRetryAfter), true
}
