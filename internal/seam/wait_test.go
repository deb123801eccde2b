package seam

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
		name  string
		reply reply
		read  bool // is retried
	}
	situations := []situation{
		{"reset", fails(syscall.ECONNRESET), true},
		{"refused connection", fails(syscall.ECONNREFUSED), true},
		{"end of file", fails(io.EOF), true},
		{"no answer in time", silent, true},
		{"body never ends", endless, true},
		{"body breaks off", breakOff(200, `{"ok":`, io.ErrUnexpectedEOF), true},
		{"body reset", breakOff(200, `{"ok":`, syscall.ECONNRESET), true},
		{"body ends early in good order", status(200, `{"ok":tru`), true},
		{"HTML", status(200, "<html>"), false},
		{"empty", status(200, ""), false},
		{"no content", status(204, ""), false},
		{"not ok", status(200, `{"ok":false}`), false},
		{"bad scheme", fails(errors.New("unsupported protocol scheme")), false},
		{"bad header", fails(errors.New(`net/http: invalid header field value for "Authorization"`)), false},
		{"error breaks off", breakOff(404, `{"error":`, io.ErrUnexpectedEOF), false},
	}
	for code := 300; code <= 599; code++ {
		again := slices.Contains([]int{429, 500, 502, 503, 504}, code)
		situations = append(situations, situation{strconv.Itoa(code), status(code, ""), again})
	}
	for _, s := range situations {
		for kind, do := range map[string]func(context.Context, *Client) error{"read": doRead, "write": doWrite} {
			t.Run(s.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					again := kind == "read" && s.read
					server := answers(s.reply, status(200, workspaceBody))
					err := do(t.Context(), newTestClient(t, server))
					if n := len(server.seen()); again != (n == 2) || n > 2 {
						t.Errorf("sent %d times, want again: %t", n, again)
					}
					if again != (err == nil) {
						t.Errorf("error: %v", err)
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

// untilDone is a body that says nothing until the attempt ends.
type untilDone struct{ ctx context.Context }

func (r untilDone) Read([]byte) (int, error) { <-r.ctx.Done(); return 0, r.ctx.Err() }

func TestBackoffGrowsUntilTheBudgetIsSpent(t *testing.T) {
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
		if took := time.Since(started); took != 45750*time.Millisecond {
			t.Errorf("took %s", took)
		}
		timeout := asError[*RetryTimeoutError](t, err)
		if timeout.Wait != 15*time.Second || timeout.RetryTimeout != time.Minute || timeout.Tried != 45750*time.Millisecond {
			t.Errorf("got %+v", timeout)
		}
		if e := asError[*Error](t, err); e.Status != 500 {
			t.Errorf("got %+v", e)
		}
		const text = "gave up after trying for 46 seconds, because another try would have to wait 15 seconds, longer than retry_timeout (1 minute) allows: " +
			"POST /workspaces/get: 500 Internal Server Error (internal_server_error): Oops (request id req_body)"
		if err.Error() != text {
			t.Errorf("got  %s\nwant %s", err, text)
		}
	})
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		n         int
		low, high time.Duration
	}{
		{-1, 250 * time.Millisecond, 500 * time.Millisecond},
		{0, 250 * time.Millisecond, 500 * time.Millisecond},
		{1, 500 * time.Millisecond, time.Second},
		{5, 8 * time.Second, 16 * time.Second},
		{6, 15 * time.Second, 30 * time.Second},
		{15, 15 * time.Second, 30 * time.Second},
		{16, 15 * time.Second, 30 * time.Second},
		{math.MaxInt, 15 * time.Second, 30 * time.Second},
	} {
		if got := backoff(tc.n, 0); got != tc.low {
			t.Errorf("shortest backoff %d: %s, want %s", tc.n, got, tc.low)
		}
		if got := backoff(tc.n, math.Nextafter(1, 0)); got > tc.high || got < tc.high-time.Microsecond {
			t.Errorf("longest backoff %d: %s, want %s", tc.n, got, tc.high)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	date := func(d time.Duration) func() string {
		return func() string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	}
	text := func(s string) func() string { return func() string { return s } }
	for name, tc := range map[string]struct {
		value func() string
		want  time.Duration // 0: fails at once
	}{
		"seconds":            {text("7"), 7 * time.Second},
		"seconds and spaces": {text(" 7 "), 7 * time.Second},
		"date":               {date(90 * time.Second), 90 * time.Second},
		"date that passed":   {date(-time.Hour), 250 * time.Millisecond},
		"0":                  {text("0"), 250 * time.Millisecond},
		"negative":           {text("-5"), 250 * time.Millisecond},
		"garbage":            {text("soon"), 250 * time.Millisecond},
		"missing":            {text(""), 250 * time.Millisecond},
		"as long as allowed": {text("300"), 5 * time.Minute},
		"too long":           {text("301"), 0},
		"huge":               {text("99999999999999999999999999"), 0},
		"date too late":      {date(24 * time.Hour), 0},
	} {
		codes := []int{503}
		if name == "seconds" {
			codes = []int{429, 500, 502, 503, 504}
		}
		for _, code := range codes {
			t.Run(fmt.Sprintf("%s/%d", name, code), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					started := time.Now()
					s := answers(status(code, "", "Retry-After: "+tc.value()), status(200, workspaceBody))
					err := doRead(t.Context(), newTestClient(t, s))
					if tc.want == 0 {
						_ = asError[*RetryTimeoutError](t, err)
						if took := time.Since(started); took != 0 || len(s.seen()) != 1 {
							t.Errorf("sent %d times in %s", len(s.seen()), took)
						}
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					if got := s.gaps()[0]; got != tc.want {
						t.Errorf("waited %s, want %s", got, tc.want)
					}
				})
			})
		}
	}
}

// A date is meant by the clock of the server, which may differ from the one here.
func TestRetryAfter_dates(t *testing.T) {
	t.Parallel()
	const minute = time.Minute
	for name, test := range map[string]struct {
		ahead, value time.Duration // the server's clock, and the date on it
		date         string        // instead of the server's clock
		want         time.Duration
	}{
		"server ahead":         {ahead: time.Hour, value: time.Hour + minute, want: minute},
		"server behind":        {ahead: -time.Hour, value: -time.Hour + minute, want: minute},
		"server ahead, passed": {ahead: time.Hour, value: time.Hour - minute, want: 250 * time.Millisecond},
		"Date cannot be read":  {date: "today", value: minute, want: minute},
		"no Date":              {date: "none", value: minute, want: minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
				headers := []string{"Retry-After: " + at(test.value)}
				switch test.date {
				case "":
					headers = append(headers, "Date: "+at(test.ahead))
				case "none":
				default:
					headers = append(headers, "Date: "+test.date)
				}
				s := answers(status(503, "", headers...), status(200, workspaceBody))
				if err := doRead(t.Context(), newTestClient(t, s)); err != nil {
					t.Fatal(err)
				}
				if got := s.gaps()[0]; got != test.want {
					t.Errorf("waited %s, want %s", got, test.want)
				}
			})
		})
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	for _, value := range []string{
		"", "0", "1", "120", "-1", "+1", "1.5", "1e9", "18446744073709551615", "18446744073709551616", "20000000000000000000+",
		"Fri, 31 Dec 1999 23:59:59 GMT", "Friday, 31-Dec-99 23:59:59 GMT", "Fri Dec 31 23:59:59 1999", "Fri, 31 Dec 9999 23:59:59 GMT", "soon",
	} {
		f.Add(value)
	}
	now := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		d := parseRetryAfter(http.Header{"Retry-After": {value}}, now)
		if d < 0 || d > maxRetryAfter {
			t.Errorf("%q: %s", value, d)
		}
		if strings.ContainsAny(value, "+-.") && !strings.ContainsAny(value, " ,") && d != 0 {
			t.Errorf("%q: understood as %s", value, d)
		}
	})
}

func TestOperationBudgetIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(status(500, ""))
		c := newTestClient(t, s, retryTimeout(10*time.Second))
		ctx := c.StartOperation(t.Context())

		timeout := asError[*RetryTimeoutError](t, doRead(ctx, c))
		if timeout.Tried != 7750*time.Millisecond {
			t.Errorf("tried for %s", timeout.Tried)
		}
		// What is left is enough for small waits only.
		cause := errors.New("lost")
		if err := c.Pause(ctx, 2, cause); err != nil {
			t.Error(err)
		}
		err := c.Pause(ctx, 3, cause)
		if timeout = asError[*RetryTimeoutError](t, err); timeout.Wait != 2*time.Second || !errors.Is(err, cause) {
			t.Errorf("got %+v", timeout)
		}
		// A spent budget still allows a first try.
		time.Sleep(time.Minute)
		n := len(s.seen())
		timeout = asError[*RetryTimeoutError](t, doRead(ctx, c))
		if text := timeout.Summary(); text != "gave up after trying for 1 minute 9 seconds, which is all that retry_timeout (10 seconds) allows" {
			t.Error(text)
		}
		if got := len(s.seen()) - n; got != 1 {
			t.Errorf("sent %d times", got)
		}
		// Another operation has a budget of its own, and so has a call without.
		for _, start := range []func(*Client) context.Context{
			func(c *Client) context.Context { return c.StartOperation(ctx) },
			func(*Client) context.Context { return t.Context() },
		} {
			n := len(s.seen())
			c := newTestClient(t, s, retryTimeout(10*time.Second)) // to which this is no outage yet
			_ = doRead(start(c), c)
			if got := len(s.seen()) - n; got != 6 {
				t.Errorf("sent %d times", got)
			}
		}
	})
}

// When nothing has succeeded for as long as an operation may retry, requests are sent
// once each until one succeeds.
func TestOutage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		down, again reply
		recovered   bool
	}{
		"refused connection":        {fails(syscall.ECONNREFUSED), status(200, workspaceBody), true},
		"server in trouble":         {status(503, ""), status(404, ""), true},
		"still down":                {fails(syscall.ECONNREFUSED), fails(syscall.ECONNREFUSED), false},
		"from one trouble to other": {fails(syscall.ECONNREFUSED), status(502, ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				now := test.down
				s := answers(func(req *http.Request) (*http.Response, error) { return now(req) })
				c := newTestClient(t, s, retryTimeout(10*time.Second))
				sent := func() int {
					n := len(s.seen())
					_ = doRead(c.StartOperation(t.Context()), c)
					return len(s.seen()) - n
				}
				if first, second, third := sent(), sent(), sent(); first != 6 || second < 2 || second > 5 || third != 1 {
					t.Errorf("sent %d, %d and %d times, want 6, fewer and 1", first, second, third)
				}
				err := doRead(t.Context(), c)
				const text = "not tried again, because no request has succeeded for 12 seconds, and retry_timeout is 10 seconds"
				if e := asError[*RetryTimeoutError](t, err); e.Summary() != text || e.Err == nil {
					t.Errorf("got %v", err)
				}
				time.Sleep(time.Minute)
				now = test.again
				_ = doRead(t.Context(), c)
				now = test.down
				if n := sent(); test.recovered != (n == 6) || n != 6 && n != 1 {
					t.Errorf("sent %d times, recovered: %t", n, test.recovered)
				}
				time.Sleep(2 * time.Minute)
				if n := sent(); n != 6 {
					t.Errorf("sent %d times long after, want 6", n)
				}
			})
		})
	}
}

// The wait before a write is repeated grows, and is never shorter than Seam asked for.
func TestPause_throttled(t *testing.T) {
	t.Parallel()
	const second = time.Second
	asked := func(code int, wait string) func(context.Context, *Client) error {
		return func(ctx context.Context, c *Client) error {
			c.transport = answers(status(code, "", "Retry-After: "+wait))
			return doWrite(ctx, c)
		}
	}
	stopped := func(ctx context.Context, c *Client) error {
		c.throttle.block(c.clock.Now().Add(20*second), 429)
		return doWrite(ctx, c)
	}
	wrapped := func(fail func(context.Context, *Client) error) func(context.Context, *Client) error {
		return func(ctx context.Context, c *Client) error { return fmt.Errorf("x: %w", fail(ctx, c)) }
	}
	for name, test := range map[string]struct {
		fail func(context.Context, *Client) error
		n    int
		want time.Duration
	}{
		"429":                        {asked(429, "20"), 0, 20 * second},
		"429, wait is short":         {asked(429, "1"), 0, second},
		"429, wait is short, sixth":  {asked(429, "1"), 5, 8 * second},
		"429, wrapped":               {wrapped(asked(429, "20")), 0, 20 * second},
		"502":                        {asked(502, "20"), 0, 20 * second},
		"stopped":                    {stopped, 0, 20 * second},
		"stopped, wrapped":           {wrapped(stopped), 0, 20 * second},
		"no answer":                  {func(ctx context.Context, c *Client) error { return &TransportError{Path: addPath, Err: io.EOF} }, 5, 8 * second},
		"an answer that is nonsense": {func(ctx context.Context, c *Client) error { return &ResponseError{Path: addPath} }, 5, 8 * second},
		"no answer, out of time, 6th": {func(ctx context.Context, c *Client) error {
			return &RetryTimeoutError{Err: &TransportError{Path: addPath, Err: io.EOF}}
		}, 5, 8 * second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				c := newTestClient(t, answers(silent), func(cfg *Config) {
					cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				})
				ctx := c.StartOperation(t.Context())
				cause := test.fail(ctx, c)
				started := time.Now()
				if err := c.Pause(ctx, test.n, cause); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(started); took != test.want {
					t.Errorf("took %s, want %s", took, test.want)
				}
				if want := fmt.Sprintf("path=%s wait=%s", addPath, test.want); !strings.Contains(log.String(), want) {
					t.Errorf("the log lacks %s:\n%s", want, log.String())
				}
			})
		})
	}
}

const addPath = "/user_identities/add_acs_user"

// Writes that were throttled together are spread when the wait is over, within the
// budget.
func TestPause_spread(t *testing.T) {
	t.Parallel()
	for timeout, want := range map[time.Duration]time.Duration{
		5 * time.Minute:  20*time.Second + releaseSpread/2,
		20 * time.Second: 20 * time.Second,
		19 * time.Second: 0, // fails at once
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newTestClient(t, answers(status(429, "", "Retry-After: 20")), retryTimeout(timeout))
			c.random = func() float64 { return 0.5 }
			ctx := c.StartOperation(t.Context())
			started := time.Now()
			err := c.Pause(ctx, 0, doWrite(ctx, c))
			if took := time.Since(started); took != want || (err != nil) != (want == 0) {
				t.Errorf("retry_timeout %s: took %s, want %s: %v", timeout, took, want, err)
			}
		})
	}
}

func TestPauseCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTestClient(t, answers(silent))
		ctx, cancel := context.WithCancel(c.StartOperation(t.Context()))
		time.AfterFunc(100*time.Millisecond, cancel)
		started := time.Now()
		err := c.Pause(ctx, 6, &TransportError{Err: io.EOF})
		if !errors.Is(err, context.Canceled) || time.Since(started) != 100*time.Millisecond {
			t.Errorf("got %v after %s", err, time.Since(started))
		}
	})
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	type outcome struct {
		sent int
		took time.Duration
		err  bool // context.Canceled
	}
	const soon = 100 * time.Millisecond
	for name, tc := range map[string]struct {
		cancelAt time.Duration
		replies  []reply
		read     outcome
		write    outcome
		text     map[string]string // how the error ends
	}{
		"before anything is sent": {
			0,
			[]reply{status(200, workspaceBody)},
			outcome{0, 0, true},
			outcome{0, 0, true},
			map[string]string{"read": "POST /workspaces/get: context canceled before anything was sent", "write": "context canceled before anything was sent"},
		},
		"while it waits to try again": {
			soon,
			[]reply{status(429, "", "Retry-After: 60"), status(200, workspaceBody)},
			outcome{1, soon, true},
			outcome{1, 0, false}, // a write does not wait
			map[string]string{"read": "context canceled while waiting to try again after this failure: POST /workspaces/get: 429 Too Many Requests"},
		},
		// A write that has begun is seen to its end.
		"in flight": {
			soon,
			[]reply{after(5*time.Second, status(200, workspaceBody))},
			outcome{1, soon, true},
			outcome{1, 5 * time.Second, false},
			map[string]string{"read": "POST /workspaces/get: context canceled"},
		},
		"in flight, then a limit": {
			soon,
			[]reply{after(5*time.Second, status(429, "")), status(200, workspaceBody)},
			outcome{1, soon, true},
			outcome{1, 5 * time.Second, false},
			nil,
		},
	} {
		for kind, do := range map[string]func(context.Context, *Client) error{"read": doRead, "write": doWrite} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					want := tc.read
					if kind == "write" {
						want = tc.write
					}
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					if tc.cancelAt == 0 {
						cancel()
					} else {
						time.AfterFunc(tc.cancelAt, cancel)
					}
					started := time.Now()
					s := answers(tc.replies...)
					err := do(ctx, newTestClient(t, s))
					got := outcome{len(s.seen()), time.Since(started), errors.Is(err, context.Canceled)}
					if got != want {
						t.Errorf("got %+v (%v), want %+v", got, err, want)
					}
					if IsAmbiguous(err) {
						t.Errorf("%v is ambiguous", err)
					}
					if want.err && tc.text[kind] != "" && !strings.HasSuffix(err.Error(), tc.text[kind]) {
						t.Errorf("got %q, want %q", err, tc.text[kind])
					}
				})
			})
		}
	}
}

// A cancelled write that got no answer stays what it is: unknown.
func TestCancelledWriteWithoutAnswerIsAmbiguous(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reply reply
		took  time.Duration
	}{
		"silence": {silent, 30 * time.Second},
		"reset":   {after(time.Second, fails(syscall.ECONNRESET)), time.Second},
		"503":     {after(time.Second, status(503, "")), time.Second},
	} {
		for _, end := range []string{"cancel", "deadline"} {
			t.Run(name+"/"+end, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					if end == "deadline" {
						ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
					} else {
						time.AfterFunc(100*time.Millisecond, cancel)
					}
					defer cancel()
					started := time.Now()
					s := answers(tc.reply)
					err := doWrite(ctx, newTestClient(t, s))
					if !IsAmbiguous(err) || time.Since(started) != tc.took || len(s.seen()) != 1 {
						t.Errorf("got %v after %s", err, time.Since(started))
					}
				})
			})
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
				if e := asError[*TransportError](t, err); !isTimeout(e) || !strings.Contains(e.Error(), "timed out after 30 seconds") {
					t.Errorf("got %v", e)
				}
			})
		})
	}
}

// How long an operation is retried, and what it says limited that.
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
		"operation":                   {operation, 0, 10 * time.Second, 6, 7750 * time.Millisecond, "retry_timeout (10 seconds)"},
		"operation, never retried":    {operation, 0, 0, 1, 0, "retry_timeout is 0"},
		"optional, limit is shorter":  {(*Client).StartOptional, 10 * time.Second, 5 * time.Minute, 6, 7750 * time.Millisecond, "the limit for optional requests (10 seconds)"},
		"optional, limit is longer":   {(*Client).StartOptional, 5 * time.Minute, 40 * time.Second, 6, 7750 * time.Millisecond, "the limit for optional requests (10 seconds)"},
		"optional, never retried":     {(*Client).StartOptional, 10 * time.Second, 0, 1, 0, "the limit for optional requests is 0"},
		"optional, limit is 0":        {(*Client).StartOptional, 0, 10 * time.Second, 1, 0, "the limit for optional requests is 0"},
		"final read after everything": {finalRead, 0, time.Hour, 1, 0, "the limit for a final read is 0"},
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
				if !strings.Contains(err.Summary(), test.limitedBy) || (test.sent == 1) != strings.HasPrefix(err.Summary(), "not tried again, because ") {
					t.Errorf("got %s", err.Summary())
				}
			})
		})
	}
}

func TestFinalRead_outlivesCancellation(t *testing.T) {
	t.Parallel()
	s := answers(status(200, workspaceBody))
	c := newTestClient(t, s)
	cancelled, cancel := context.WithCancel(c.StartOperation(t.Context()))
	cancel()
	ctx := c.FinalRead(cancelled)
	if err := doRead(ctx, c); err != nil {
		t.Error(err)
	}
	_ = asError[*RetryTimeoutError](t, c.Pause(ctx, 0, io.ErrUnexpectedEOF))
}
