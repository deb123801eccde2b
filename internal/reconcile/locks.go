package reconcile

import (
	"context"
	"strings"
	"sync"
)

// Locks keep writes to one object apart, and remember which objects were written to.
// They last as long as the process.
type Locks struct {
	mu      sync.Mutex
	held    map[string]*turn
	written map[string]bool
}

type turn struct {
	taken chan struct{}
	users int // holder and waiters
}

// NewLocks returns Locks that are free.
func NewLocks() *Locks { return &Locks{held: map[string]*turn{}, written: map[string]bool{}} }

// Lock waits for its turn at an object. The error is that of ctx.
func (l *Locks) Lock(ctx context.Context, id string) (unlock func(), err error) {
	key := strings.ToLower(id)
	l.mu.Lock()
	t := l.held[key]
	if t == nil {
		t = &turn{taken: make(chan struct{}, 1)}
		l.held[key] = t
	}
	t.users++
	l.mu.Unlock()

	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if t.users--; t.users == 0 {
			delete(l.held, key)
		}
	}
	select {
	case t.taken <- struct{}{}:
		return func() { <-t.taken; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

// Writing notes that a write to an object is about to be sent. No page says anything
// about it from then on, whichever configuration wrote.
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
