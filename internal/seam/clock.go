package seam

import (
	"context"
	"time"
)

// Clock is the time that waits go by, handed in so that tests own it.
type Clock interface {
	Now() time.Time
	// Wait returns nil after d, or ctx.Err() at once when ctx is cancelled.
	Wait(ctx context.Context, d time.Duration) error
}

// SystemClock is the real time.
type SystemClock struct{}

// Now implements [Clock].
func (SystemClock) Now() time.Time { return time.Now() }

// Wait implements [Clock].
func (SystemClock) Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
