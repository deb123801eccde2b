package seam

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// One client is told to wait, and another one waits too; its writes are not sent.
func TestThrottle_blocksTheProcess(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reply reply
		want  time.Duration
	}{
		"429 with Retry-After":    {status(429, "", "Retry-After: 20"), 20 * time.Second},
		"429 without":             {status(429, ""), 250 * time.Millisecond},
		"503 with Retry-After":    {status(503, "", "Retry-After: 20"), 20 * time.Second},
		"503 without":             {status(503, ""), 0},
		"500 with Retry-After":    {status(500, "", "Retry-After: 20"), 0},
		"503 with Retry-After: 0": {status(503, "", "Retry-After: 0"), 0},
	} {
		for first, doFirst := range calls {
			t.Run(name+"/"+first, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					shared := &Throttle{}
					one := newTestClient(t, answers(tc.reply, status(200, workspaceBody)), throttle(shared))
					other := newTestClient(t, answers(status(200, workspaceBody)), throttle(shared))
					apart := newTestClient(t, answers(status(200, workspaceBody)))
					started := time.Now()
					var wg sync.WaitGroup
					wg.Go(func() { _ = doFirst(t.Context(), one) })
					synctest.Wait()
					if err := doWrite(t.Context(), apart); err != nil {
						t.Errorf("a client with another throttle: %v", err)
					}
					// What a write was decided on would be old when the wait is over.
					if err := doWrite(t.Context(), other); IsThrottled(err) != (tc.want > 0) || IsAmbiguous(err) || time.Since(started) != 0 {
						t.Errorf("write: %v after %s", err, time.Since(started))
					}
					if err := doRead(t.Context(), other); err != nil || time.Since(started) != tc.want {
						t.Errorf("read: %v after %s, want %s", err, time.Since(started), tc.want)
					}
					wg.Wait()
				})
			})
		}
	}
}

// While a read waits, another response asks for more, and a third one for less.
func TestThrottle_extended(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTestClient(t, answers(status(200, workspaceBody)))
		started := time.Now()
		c.throttle.block(started.Add(5*time.Second), 429)
		time.AfterFunc(4*time.Second, func() {
			c.throttle.block(started.Add(9*time.Second), 429)
			c.throttle.block(started.Add(6*time.Second), 503)
		})
		if err := doRead(t.Context(), c); err != nil || time.Since(started) != 9*time.Second {
			t.Errorf("got %v after %s", err, time.Since(started))
		}
	})
}

func TestThrottle_beyondTheBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(status(200, workspaceBody))
		c := newTestClient(t, s)
		started := time.Now()
		c.throttle.block(started.Add(time.Hour), 503)
		err := doRead(t.Context(), c)
		if timeout := asError[*RetryTimeoutError](t, err); timeout.Wait != time.Hour {
			t.Errorf("got %+v", timeout)
		}
		if len(s.seen()) != 0 || time.Since(started) != 0 || IsAmbiguous(err) {
			t.Errorf("sent %d times, took %s, ambiguous: %t", len(s.seen()), time.Since(started), IsAmbiguous(err))
		}
		if !strings.Contains(err.Error(), "Seam answered 503 to another request and asked to wait") {
			t.Errorf("got %v", err)
		}
	})
}

// Requests that waited for a throttle to end are not sent in one instant, and not too
// early. A wait is not part of an attempt's 30 s.
func TestThrottle_jitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(status(429, "", "Retry-After: 60"), after(29*time.Second, status(200, workspaceBody)))
		c := newTestClient(t, s)
		var mu sync.Mutex
		var n float64
		c.random = func() float64 { mu.Lock(); defer mu.Unlock(); n += 0.2; return n }

		started := time.Now()
		var wg sync.WaitGroup
		for range 3 { // the first one is told to wait
			wg.Go(func() {
				if err := doRead(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		for i, r := range s.seen()[1:] {
			if got, want := r.at.Sub(started), time.Minute+time.Duration(i+1)*100*time.Millisecond; got != want {
				t.Errorf("sent after %s, want %s", got, want)
			}
		}
	})
}

// When nothing has succeeded for as long as an operation may retry, requests are sent
// once each until one succeeds.
func TestOutage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		down, then reply
		recovered  bool
	}{
		"refused connection":      {fails(syscall.ECONNREFUSED), status(200, workspaceBody), true},
		"server errors":           {status(503, ""), status(404, ""), true},
		"still down":              {fails(syscall.ECONNREFUSED), fails(syscall.ECONNREFUSED), false},
		"from one to the other":   {fails(syscall.ECONNREFUSED), status(502, ""), false},
		"responses without sense": {status(200, `{"ok":tru`), status(200, "<html>"), false},
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
				if e := asError[*RetryTimeoutError](t, err); e.Down != 11500*time.Millisecond || e.RetryTimeout != 10*time.Second || e.Err == nil {
					t.Errorf("got %+v", e)
				}
				time.Sleep(time.Minute)
				now = test.then
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

// fakeClock advances only when something waits.
type fakeClock struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waits = append(c.waits, d)
	return ctx.Err()
}

// All waits use the clock that the caller hands in.
func TestClock(t *testing.T) {
	t.Parallel()
	clock := &fakeClock{now: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)}
	c := newTestClient(t, answers(
		status(429, "", "Retry-After: Tue, 01 Sep 2026 12:01:00 GMT"),
		status(500, ""),
		status(200, workspaceBody),
	), func(cfg *Config) { cfg.Clock = clock })
	ctx := c.StartOperation(t.Context())
	if err := doRead(ctx, c); err != nil {
		t.Fatal(err)
	}
	if err := c.Pause(ctx, 7, nil); err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{time.Minute, 500 * time.Millisecond, 15 * time.Second}; !slices.Equal(clock.waits, want) {
		t.Errorf("waited %v, want %v", clock.waits, want)
	}
}
