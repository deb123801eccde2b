package reconcile

import (
	"context"
	"strings"
	"sync"
)

// Locks serialize the writes to each object, and record which objects were written to.
// They last as long as the process.
type Locks struct {
	mu      sync.Mutex
	locks   map[string]*objectLock // held or waited for
	written map[string]bool
}

type objectLock struct {
	held chan struct{}
	refs int // the holder and those who wait
}

// NewLocks returns Locks that are free.
func NewLocks() *Locks { return &Locks{locks: map[string]*objectLock{}, written: map[string]bool{}} }

// Lock acquires the lock of an object. The error is that of ctx.
func (l *Locks) Lock(ctx context.Context, id string) (unlock func(), err error) {
	key := strings.ToLower(id)
	l.mu.Lock()
	lock := l.locks[key]
	if lock == nil {
		lock = &objectLock{held: make(chan struct{}, 1)}
		l.locks[key] = lock
	}
	lock.refs++
	l.mu.Unlock()

	release := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if lock.refs--; lock.refs == 0 {
			delete(l.locks, key)
		}
	}
	select {
	case lock.held <- struct{}{}:
		return func() { <-lock.held; release() }, nil
	case <-ctx.Done():
		release()
		return nil, ctx.Err()
	}
}

// Writing records that a write to an object is about to be sent. From then on, no page
// confirms anything about it, in any provider configuration.
func (l *Locks) Writing(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.written[strings.ToLower(id)] = true
}

// Wrote reports whether this process has written to an object.
func (l *Locks) Wrote(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written[strings.ToLower(id)]
}
