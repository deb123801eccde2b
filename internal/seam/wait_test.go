package seam

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// Reads are retried after transient failures, writes never.
func TestRetries(t *testing.T) {
	t.Parallel()
	type situation struct {
		name    string
		reply   reply
		retried bool // when reading
	}
	situations := []situation{
		{"reset", fails(syscall.ECONNRESET), true},
		{"refused connection", fails(syscall.ECONNREFUSED), true},
		{"end of file", fails(io.EOF), true},
		{"no response in time", silent, true},
		{"body never ends", endless, true},
		{"body cut off", cutOff(200, `{"ok":`, io.ErrUnexpectedEOF), true},
		{"body reset", cutOff(200, `{"ok":`, syscall.ECONNRESET), true},
		{"body ends early in good order", status(200, `{"ok":tru`), true},
		{"HTML", status(200, "<html>"), false},
		{"empty", status(200, ""), false},
		{"no content", status(204, ""), false},
		{"not ok", status(200, `{"ok":false}`), false},
		{"bad scheme", fails(errors.New("unsupported protocol scheme")), false},
		{"bad header", fails(errors.New(`net/http: invalid header field value for "Authorization"`)), false},
		{"error cut off", cutOff(404, `{"error":`, io.ErrUnexpectedEOF), false},
	}
	for code := 300; code <= 599; code++ {
		retried := slices.Contains([]int{429, 500, 502, 503, 504}, code)
		situations = append(situations, situation{strconv.Itoa(code), status(code, ""), retried})
	}
	for _, s := range situations {
		for kind, do := range calls {
			t.Run(s.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					retried := kind == "read" && s.retried
					server := answers(s.reply, status(200, workspaceBody))
					err := do(t.Context(), newTestClient(t, server))
					if n := len(server.seen()); retried != (n == 2) || n > 2 || retried != (err == nil) {
						t.Errorf("sent %d times, want a retry: %t: %v", n, retried, err)
					}
				})
			})
		}
	}
}

func endless(req *http.Request) (*http.Response, error) {
	resp, err := status(200, "")(req)
	resp.Body = io.NopCloser(untilDone{req.Context()})
	return resp, err
}

// untilDone is a body without a byte until the attempt ends.
type untilDone struct{ ctx context.Context }

func (r untilDone) Read([]byte) (int, error) { <-r.ctx.Done(); return 0, r.ctx.Err() }

func TestRetries_untilTheBudgetIsSpent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		s := answers(status(500, seamError("internal_server_error", "Oops")))
		err := doRead(t.Context(), newTestClient(t, s, retryTimeout(time.Minute)))

		const ms = time.Millisecond
		want := []time.Duration{250 * ms, 500 * ms, 1000 * ms, 2000 * ms, 4000 * ms, 8000 * ms, 15000 * ms, 15000 * ms}
		if got := s.gaps(); !slices.Equal(got, want) {
			t.Errorf("waited %v, want %v", got, want)
		}
		// The next wait is known to be too long, and is not begun.
		if took := time.Since(started); took != 45750*ms {
			t.Errorf("took %s", took)
		}
		timeout := asError[*RetryTimeoutError](t, err)
		if timeout.Wait != 15*time.Second || timeout.RetryTimeout != time.Minute || timeout.Tried != 45750*ms {
			t.Errorf("got %+v", timeout)
		}
		const text = "retried for 46s; the next attempt would have to wait 15s (retry_timeout is 1m): " +
			"POST /workspaces/get: 500 Internal Server Error (internal_server_error): Oops (request id req_body)"
		if err.Error() != text {
			t.Errorf("got  %s\nwant %s", err, text)
		}
	})
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for n, longest := range map[int]time.Duration{
		0: 500 * time.Millisecond, 1: time.Second, 5: 16 * time.Second, 6: 30 * time.Second, 16: 30 * time.Second, math.MaxInt: 30 * time.Second,
	} {
		if got := backoff(n, 0); got != longest/2 {
			t.Errorf("shortest backoff %d: %s, want %s", n, got, longest/2)
		}
		if got := backoff(n, math.Nextafter(1, 0)); got > longest || got < longest-time.Microsecond {
			t.Errorf("longest backoff %d: %s, want %s", n, got, longest)
		}
	}
}

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, test := range []struct {
		value, date string
		want        time.Duration
	}{
		{"", "", 0},
		{"7", "", 7 * time.Second},
		{" 7 ", "", 7 * time.Second},
		{"0", "", 0},
		{"-5", "", 0},
		{"+5", "", 0},
		{"1.5", "", 0},
		{"soon", "", 0},
		{"99999999999999999999999999", "", maxRetryAfter},
		{at(time.Minute), "", time.Minute},
		{at(time.Minute), "today", time.Minute},
		{at(-time.Hour), "", 0},
		{at(100_000 * time.Hour), "", maxRetryAfter},
		// A date is by the clock of the server.
		{at(time.Hour + time.Minute), at(time.Hour), time.Minute},
		{at(-time.Hour + time.Minute), at(-time.Hour), time.Minute},
		{at(time.Hour - time.Minute), at(time.Hour), 0},
	} {
		if got := parseRetryAfter(http.Header{"Retry-After": {test.value}, "Date": {test.date}}, now); got != test.want {
			t.Errorf("%q at %q: %s, want %s", test.value, test.date, got, test.want)
		}
	}
}

// A read waits as Seam asks. A wait that would outlast the budget fails at once.
func TestRetries_retryAfter(t *testing.T) {
	t.Parallel()
	for _, code := range []int{429, 500, 502, 503, 504} {
		for value, want := range map[string]time.Duration{"7": 7 * time.Second, "0": 250 * time.Millisecond, "300": 5 * time.Minute, "301": 0} {
			t.Run(fmt.Sprint(code, "/", value), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					started := time.Now()
					s := answers(status(code, "", "Retry-After: "+value), status(200, workspaceBody))
					err := doRead(t.Context(), newTestClient(t, s))
					if took := time.Since(started); took != want || (err == nil) != (want > 0) {
						t.Errorf("took %s, want %s: %v", took, want, err)
					}
					if want == 0 {
						_ = asError[*RetryTimeoutError](t, err)
					}
				})
			})
		}
	}
}

func TestBudget_isSharedByAnOperation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(status(500, ""))
		c := newTestClient(t, s, retryTimeout(10*time.Second))
		ctx := c.StartOperation(t.Context())
		if timeout := asError[*RetryTimeoutError](t, doRead(ctx, c)); timeout.Tried != 7750*time.Millisecond {
			t.Errorf("tried for %s", timeout.Tried)
		}
		// What is left is enough for small waits only.
		cause := errors.New("lost")
		if err := c.Pause(ctx, 2, cause); err != nil {
			t.Error(err)
		}
		err := c.Pause(ctx, 3, cause)
		if timeout := asError[*RetryTimeoutError](t, err); timeout.Wait != 2*time.Second || !errors.Is(err, cause) {
			t.Errorf("got %+v", timeout)
		}
		// A spent budget still allows a first attempt.
		time.Sleep(time.Minute)
		n := len(s.seen())
		_ = asError[*RetryTimeoutError](t, doRead(ctx, c))
		if got := len(s.seen()) - n; got != 1 {
			t.Errorf("sent %d times", got)
		}
		// Another operation has a budget of its own.
		c = newTestClient(t, s, retryTimeout(10*time.Second)) // for which this is no outage yet
		if timeout := asError[*RetryTimeoutError](t, doRead(c.StartOperation(ctx), c)); timeout.Tried != 7750*time.Millisecond {
			t.Errorf("tried for %s", timeout.Tried)
		}
	})
}

// How long an operation is retried, and what its error says limited that.
func TestBudgets(t *testing.T) {
	t.Parallel()
	operation := func(c *Client, ctx context.Context, _ time.Duration) context.Context { return c.StartOperation(ctx) }
	finalRead := func(c *Client, ctx context.Context, _ time.Duration) context.Context { return c.FinalRead(ctx) }
	for name, test := range map[string]struct {
		start               func(*Client, context.Context, time.Duration) context.Context
		limit, retryTimeout time.Duration
		sent                int
		took                time.Duration
		limitedBy           string
	}{
		"operation":                 {operation, 0, 10 * time.Second, 6, 7750 * time.Millisecond, "(retry_timeout is 10s)"},
		"operation, never retried":  {operation, 0, 0, 1, 0, "(retry_timeout is 0s)"},
		"optional, limit is lower":  {(*Client).StartOptional, 10 * time.Second, 5 * time.Minute, 6, 7750 * time.Millisecond, "(the limit for optional requests is 10s)"},
		"optional, limit is higher": {(*Client).StartOptional, 5 * time.Minute, 40 * time.Second, 6, 7750 * time.Millisecond, "(the limit for optional requests is 10s)"},
		"optional, never retried":   {(*Client).StartOptional, 10 * time.Second, 0, 1, 0, "(the limit for optional requests is 0s)"},
		"final read":                {finalRead, 0, time.Hour, 1, 0, "(the limit for a final read is 0s)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				s := answers(status(503, ""))
				c := newTestClient(t, s, retryTimeout(test.retryTimeout))
				ctx := test.start(c, c.StartOperation(t.Context()), test.limit)
				err := asError[*RetryTimeoutError](t, doRead(ctx, c))
				if n, took := len(s.seen()), time.Since(started); n != test.sent || took != test.took {
					t.Errorf("sent %d times in %s, want %d times in %s", n, took, test.sent, test.took)
				}
				if !strings.HasSuffix(err.Summary(), test.limitedBy) {
					t.Errorf("got %s", err.Summary())
				}
			})
		})
	}
}

func TestFinalRead_outlivesCancellation(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, answers(status(200, workspaceBody)))
	cancelled, cancel := context.WithCancel(c.StartOperation(t.Context()))
	cancel()
	ctx := c.FinalRead(cancelled)
	if err := doRead(ctx, c); err != nil {
		t.Error(err)
	}
	_ = asError[*RetryTimeoutError](t, c.Pause(ctx, 0, io.ErrUnexpectedEOF))
}

// The wait before a write is repeated grows, and is never shorter than Seam asked for.
func TestPause(t *testing.T) {
	t.Parallel()
	const second = time.Second
	transport := func(time.Time) error { return &TransportError{Err: io.EOF} }
	asked := func(code int, d time.Duration) func(time.Time) error {
		return func(now time.Time) error { return &Error{Status: code, retryAt: now.Add(d)} }
	}
	for name, test := range map[string]struct {
		cause  func(now time.Time) error
		n      int
		random float64
		want   time.Duration // 0: fails at once
	}{
		"429":              {asked(429, 20*second), 0, 0, 20 * second},
		"429, short":       {asked(429, second), 0, 0, second},
		"429, short, 6th":  {asked(429, second), 5, 0, 8 * second},
		"429, jitter":      {asked(429, 20*second), 0, 0.5, 20*second + throttleJitter/2},
		"429, too long":    {asked(429, 61*second), 0, 0, 0},
		"502":              {asked(502, 20*second), 0, 0, 20 * second},
		"throttled":        {func(now time.Time) error { return &ThrottledError{retryAt: now.Add(20 * second)} }, 0, 0, 20 * second},
		"wrapped":          {func(now time.Time) error { return fmt.Errorf("x: %w", asked(429, 20*second)(now)) }, 0, 0, 20 * second},
		"no response":      {transport, 0, 0, second / 4},
		"no response, 6th": {transport, 5, 0, 8 * second},
		"out of time, 6th": {func(now time.Time) error { return &RetryTimeoutError{Err: transport(now)} }, 5, 0, 8 * second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newTestClient(t, nil, retryTimeout(time.Minute))
				c.random = func() float64 { return test.random }
				started := time.Now()
				err := c.Pause(c.StartOperation(t.Context()), test.n, test.cause(started))
				if took := time.Since(started); took != test.want || (err == nil) != (test.want > 0) {
					t.Errorf("took %s, want %s: %v", took, test.want, err)
				}
			})
		})
	}
}

func TestPause_cancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTestClient(t, nil)
		ctx, cancel := context.WithCancel(c.StartOperation(t.Context()))
		time.AfterFunc(100*time.Millisecond, cancel)
		started := time.Now()
		err := c.Pause(ctx, 6, &TransportError{Err: io.EOF})
		if !errors.Is(err, context.Canceled) || time.Since(started) != 100*time.Millisecond || IsAmbiguous(err) {
			t.Errorf("got %v after %s", err, time.Since(started))
		}
	})
}

// A read ends at once when it is cancelled. A write that was sent runs to its end, and is
// ambiguous if it has no response then.
func TestCancelled(t *testing.T) {
	t.Parallel()
	type outcome struct {
		sent                 int
		took                 time.Duration
		cancelled, ambiguous bool
	}
	const soon, second = 100 * time.Millisecond, time.Second
	for name, tc := range map[string]struct {
		after       time.Duration
		reply       reply
		read, write outcome
	}{
		"before anything is sent": {0, status(200, workspaceBody), outcome{0, 0, true, false}, outcome{0, 0, true, false}},
		"before a retry":          {soon, status(429, "", "Retry-After: 60"), outcome{1, soon, true, false}, outcome{1, 0, false, false}},
		"in flight":               {soon, after(5*second, status(200, workspaceBody)), outcome{1, soon, true, false}, outcome{1, 5 * second, false, false}},
		"in flight, then 429":     {soon, after(5*second, status(429, "")), outcome{1, soon, true, false}, outcome{1, 5 * second, false, false}},
		"in flight, then 503":     {soon, after(second, status(503, "")), outcome{1, soon, true, false}, outcome{1, second, false, true}},
		"in flight, then a reset": {soon, after(second, fails(syscall.ECONNRESET)), outcome{1, soon, true, false}, outcome{1, second, false, true}},
		"in flight, no response":  {soon, silent, outcome{1, soon, true, false}, outcome{1, 30 * second, false, true}},
	} {
		for kind, do := range calls {
			for _, by := range []error{context.Canceled, context.DeadlineExceeded} {
				t.Run(name+"/"+kind+"/"+by.Error(), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						want := map[string]outcome{"read": tc.read, "write": tc.write}[kind]
						started := time.Now()
						ctx, cancel := context.WithCancel(t.Context())
						if errors.Is(by, context.DeadlineExceeded) {
							ctx, cancel = context.WithDeadline(t.Context(), started.Add(tc.after))
						} else if tc.after > 0 {
							time.AfterFunc(tc.after, cancel)
						} else {
							cancel()
						}
						defer cancel()
						s := answers(tc.reply)
						err := do(ctx, newTestClient(t, s))
						got := outcome{len(s.seen()), time.Since(started), errors.Is(err, by) && !IsAmbiguous(err), IsAmbiguous(err)}
						if got != want {
							t.Errorf("got %+v (%v), want %+v", got, err, want)
						}
					})
				})
			}
		}
	}
}

// An attempt ends with its body, not with its header.
func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]reply{"no response": silent, "body never ends": endless} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := answers(reply)
				err := doRead(t.Context(), newTestClient(t, s, retryTimeout(time.Minute)))
				if got := s.gaps(); !slices.Equal(got, []time.Duration{30250 * time.Millisecond}) {
					t.Errorf("attempts came after %v", got)
				}
				if e := asError[*TransportError](t, err); e.Reason() != "timed out after 30s: context deadline exceeded" {
					t.Errorf("got %v", e)
				}
			})
		})
	}
}
