package seam

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// One client is told to wait, and the other one waits too: reads and writes.
func TestThrottleStopsTheProcess(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reply reply
		stop  time.Duration
	}{
		"429 with Retry-After":    {status(429, "", "Retry-After: 20"), 20 * time.Second},
		"429 without":             {status(429, ""), 250 * time.Millisecond},
		"503 with Retry-After":    {status(503, "", "Retry-After: 20"), 20 * time.Second},
		"503 without":             {status(503, ""), 0},
		"500 with Retry-After":    {status(500, "", "Retry-After: 20"), 0},
		"503 with Retry-After: 0": {status(503, "", "Retry-After: 0"), 0},
	} {
		for kind, do := range map[string]func(context.Context, *Client) error{"read": doRead, "write": doWrite} {
			for first, doFirst := range map[string]func(context.Context, *Client) error{"read": doRead, "write": doWrite} {
				t.Run(name+"/"+kind+" after "+first, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						shared := NewThrottle()
						one := newTestClient(t, answers(tc.reply, status(200, workspaceBody)), throttle(shared))
						other := newTestClient(t, answers(status(200, workspaceBody)), throttle(shared))
						apart := newTestClient(t, answers(status(200, workspaceBody)))

						started := time.Now()
						var wg sync.WaitGroup
						wg.Go(func() { _ = doFirst(t.Context(), one) })
						synctest.Wait()
						if err := do(t.Context(), apart); err != nil || time.Since(started) != 0 {
							t.Errorf("the client apart took %s: %v", time.Since(started), err)
						}
						err := do(t.Context(), other)
						if kind == "write" && tc.stop > 0 {
							// It is turned away: what it was decided on
							// would be old when the stop is over.
							if _ = asError[*ThrottledError](t, err); !IsThrottled(err) || IsAmbiguous(err) || time.Since(started) != 0 {
								t.Errorf("after %s: %v", time.Since(started), err)
							}
							wg.Wait()
							return
						}
						if err != nil {
							t.Error(err)
						}
						if took := time.Since(started); took != tc.stop {
							t.Errorf("the other client waited %s, want %s", took, tc.stop)
						}
						wg.Wait()
					})
				})
			}
		}
	}
}

func TestThrottleIsNeverShortened(t *testing.T) {
	t.Parallel()
	th := NewThrottle()
	now := time.Now()
	th.block(now.Add(time.Minute), 429)
	th.block(now.Add(time.Second), 503)
	if until, status := th.blocked(); !until.Equal(now.Add(time.Minute)) || status != 429 {
		t.Errorf("stopped until %s by %d", until, status)
	}
}

// While some wait, another answer asks for more.
func TestThrottleExtended(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := NewThrottle()
		shared.block(time.Now().Add(5*time.Second), 429)
		s := answers(status(200, workspaceBody))
		c := newTestClient(t, s, throttle(shared))
		started := time.Now()
		time.AfterFunc(4*time.Second, func() { shared.block(started.Add(9*time.Second), 429) })
		if err := doRead(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(started); took != 9*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestThrottleBeyondTheBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := NewThrottle()
		shared.block(time.Now().Add(time.Hour), 503)
		s := answers(status(200, workspaceBody))
		c := newTestClient(t, s, throttle(shared))
		started := time.Now()
		err := doRead(t.Context(), c)
		if timeout := asError[*RetryTimeoutError](t, err); timeout.Wait != time.Hour || timeout.Err == nil {
			t.Errorf("got %+v", timeout)
		}
		if len(s.seen()) != 0 || time.Since(started) != 0 {
			t.Errorf("sent %d times, took %s", len(s.seen()), time.Since(started))
		}
		// Nothing was sent, whatever stopped the others.
		if IsAmbiguous(err) {
			t.Errorf("%v is about another request", err)
		}
		if !strings.Contains(err.Error(), "Seam answered 503 to another request and asked to wait") {
			t.Errorf("got %v", err)
		}
	})
}

// Those that waited are let go one after another, and none too early. When
// the first of them is stopped again, so are those behind it.
func TestThrottleSpread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := NewThrottle()
		shared.block(time.Now().Add(10*time.Second), 429)
		s := answers(status(200, workspaceBody))
		c := newTestClient(t, s, throttle(shared))
		var mu sync.Mutex
		seeded := rand.New(rand.NewPCG(1, 2))
		c.random = func() float64 { mu.Lock(); defer mu.Unlock(); return seeded.Float64() }

		started := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if err := doRead(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		moments := map[time.Duration]bool{}
		for _, r := range s.seen() {
			at := r.at.Sub(started)
			if at < 10*time.Second || at > 10*time.Second+releaseSpread {
				t.Errorf("sent after %s", at)
			}
			moments[at/(10*time.Millisecond)] = true
		}
		if len(moments) < 30 {
			t.Errorf("all within %d moments of 10 ms", len(moments))
		}
	})
}

// The spread alone does not make a wait too long.
func TestThrottleSpreadWithinTheBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(status(429, "", "Retry-After: 10"), status(200, workspaceBody))
		c := newTestClient(t, s, retryTimeout(10*time.Second))
		c.random = func() float64 { return 0.9 }
		if err := doRead(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if got := s.gaps()[0]; got != 10*time.Second {
			t.Errorf("waited %s", got)
		}
	})
}

// A wait is not part of an attempt's 30 s.
func TestThrottleIsNoAttemptTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := NewThrottle()
		shared.block(time.Now().Add(2*time.Minute), 429)
		c := newTestClient(t, answers(after(29*time.Second, status(200, workspaceBody))), throttle(shared))
		if err := doRead(t.Context(), c); err != nil {
			t.Error(err)
		}
	})
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
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waits = append(c.waits, d)
	return nil
}

// All waits go by the injected clock: this test would otherwise last
// minutes.
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
	want := []time.Duration{time.Minute, 500 * time.Millisecond, 15 * time.Second}
	if len(clock.waits) != 3 || clock.waits[0] != want[0] || clock.waits[1] != want[1] || clock.waits[2] != want[2] {
		t.Errorf("waited %v, want %v", clock.waits, want)
	}
}

// Whoever was told to wait is spread as those are who only heard of it.
func TestThrottleSpreadsItsCause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(status(429, "", "Retry-After: 10"), status(200, workspaceBody))
		c := newTestClient(t, s)
		c.random = func() float64 { return 0.5 }
		if err := doRead(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if got := s.gaps()[0]; got != 10*time.Second+releaseSpread/2 {
			t.Errorf("waited %s", got)
		}
	})
}
