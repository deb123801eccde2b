package reconcile

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const lockedID = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"

// mustLock acquires a lock that is free.
func mustLock(t *testing.T, locks *Locks, id string) (unlock func()) {
	t.Helper()
	unlock, err := locks.Lock(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return unlock
}

// wantNoLocks checks that an object without writes needs no memory.
func wantNoLocks(t *testing.T, locks *Locks) {
	t.Helper()
	if n := len(locks.locks); n != 0 {
		t.Errorf("%d locks are kept", n)
	}
}

func TestLocks_oneAtATime(t *testing.T) {
	t.Parallel()
	locks := NewLocks()
	inside, most := 0, 0 // guarded by the lock, as the race detector sees
	var wg sync.WaitGroup
	for i := range 50 {
		id := lockedID
		if i%2 == 0 {
			id = strings.ToUpper(id) // the same ACS user
		}
		wg.Go(func() {
			unlock := mustLock(t, locks, id)
			defer unlock()
			inside++
			most = max(most, inside)
			inside--
		})
	}
	wg.Wait()
	if most != 1 {
		t.Errorf("%d held the lock at once", most)
	}
	wantNoLocks(t, locks)
}

func TestLocks_areOfOneObject(t *testing.T) {
	t.Parallel()
	locks := NewLocks()
	var unlocks []func()
	for i := range 10 {
		unlocks = append(unlocks, mustLock(t, locks, strconv.Itoa(i)))
	}
	if n := len(locks.locks); n != 10 {
		t.Errorf("%d locks are kept, want 10", n)
	}
	for _, unlock := range unlocks {
		unlock()
	}
	wantNoLocks(t, locks)
}

// The lock is acquired in the order of the calls: none waits forever.
func TestLocks_fair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		locks := NewLocks()
		unlock := mustLock(t, locks, lockedID)
		var order []int
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				unlock := mustLock(t, locks, lockedID)
				order = append(order, i)
				time.Sleep(time.Second)
				unlock()
			})
			synctest.Wait()
		}
		unlock()
		wg.Wait()
		for i, who := range order {
			if who != i {
				t.Fatalf("acquired in the order %v", order)
			}
		}
		if len(order) != 10 {
			t.Errorf("acquired in the order %v", order)
		}
		wantNoLocks(t, locks)
	})
}

func TestLocks_cancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		locks := NewLocks()
		unlock := mustLock(t, locks, lockedID)
		ctx, cancel := context.WithCancel(t.Context())
		var cancelledErr, laterErr error
		done := make(chan struct{})
		go func() {
			_, cancelledErr = locks.Lock(ctx, lockedID)
			close(done)
		}()
		later := make(chan func(), 1)
		go func() {
			var unlock func()
			unlock, laterErr = locks.Lock(t.Context(), lockedID)
			later <- unlock
		}()
		synctest.Wait()
		cancel()
		<-done
		if !errors.Is(cancelledErr, context.Canceled) {
			t.Errorf("got %v", cancelledErr)
		}
		// The cancelled call neither holds the lock nor blocks the next one.
		unlock()
		unlock = <-later
		if laterErr != nil {
			t.Fatal(laterErr)
		}
		if n := len(locks.locks); n != 1 {
			t.Errorf("%d locks are kept while one is taken", n)
		}
		unlock()
		wantNoLocks(t, locks)
	})
}
