// Package bulkread confirms many reads with few list pages. Terraform reads objects
// one by one; a page shows five hundred of them.
//
// There is one rule. The first objects of a list are read directly. From then on the
// list is fetched and cached beside the reads, page by page, for as long as there are
// reads that no page confirms, and at most one page for every five of those. No read
// waits for a page, and a page only ever confirms: what it does not show as expected,
// the caller reads directly. That is at most 1.2 requests a read, and usually a few
// dozen for a whole plan.
//
// The list of an access group is one request for all members. The second read of a group
// fetches it, instead of a direct read.
//
// What a response means is not decided here, and nothing here knows Terraform.
package bulkread

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// directFirst is how many reads of a list are direct before it is fetched: a
	// few links in a large workspace need no page.
	directFirst = 10

	// directPerPage is how many direct reads there must have been for each page,
	// so that pages cost one request in six at most.
	directPerPage = 5

	// maxAge bounds how long a list confirms anything. It is longer than a plan
	// takes, and matters where one process serves many commands.
	maxAge = 5 * time.Minute
)

// Value is what may be confirmed of an object: the zero value is a value, too.
type Value [16]byte

// Entry is an object as a page shows it.
type Entry struct {
	ID    string // a UUID
	Value Value
	// ReadDirectly: the page confirms nothing about the object, whatever it shows.
	ReadDirectly bool
}

// Fetch fetches one page of a list: the first one for an empty cursor. next is the
// cursor of the page that follows, empty after the last one.
type Fetch func(ctx context.Context, list, cursor string) (entries []Entry, next string, err error)

// Clock tells the time.
type Clock interface{ Now() time.Time }

// Reader caches the lists that one set of credentials reaches: create one for each
// provider configuration. It is safe for concurrent use.
type Reader struct {
	fetchPage Fetch
	clock     Clock
	whole     bool // a list is one page

	mu    sync.Mutex
	lists map[string]*list // by name in lower case
}

// list caches the pages of a list that were fetched.
type list struct {
	began    time.Time // when its first read was asked for, in wall clock
	values   map[uuid.UUID]Value
	direct   int // reads that no page confirmed
	pages    int
	cursor   string
	fetching bool
	ended    bool // by its last page, or by an error
}

// New returns a Reader that has fetched nothing yet.
func New(fetch Fetch, clock Clock) *Reader {
	return &Reader{fetchPage: fetch, clock: clock, lists: map[string]*list{}}
}

// Confirm reports whether a page of the list shows this value of the object. With
// false, the caller reads the object directly.
func (r *Reader) Confirm(ctx context.Context, listName, id string, value Value) bool {
	key, err := uuid.Parse(id)
	if err != nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.list(strings.ToLower(listName))
	if shown, ok := l.values[key]; ok && shown == value {
		return true
	}
	l.direct++
	switch {
	case l.fetching || l.ended:
	case r.whole && l.direct > 1:
		l.fetching = true
		r.mu.Unlock()
		r.fetch(ctx, listName, l)
		r.mu.Lock()
		shown, ok := l.values[key]
		return ok && shown == value
	case !r.whole && l.mayFetch():
		l.fetching = true
		// The pages are for later reads: they are not cancelled with this one.
		go r.fetch(context.WithoutCancel(ctx), listName, l)
	}
	return false
}

// mayFetch reports whether the direct reads pay for another page.
func (l *list) mayFetch() bool {
	return l.direct > directFirst && l.direct >= directPerPage*(l.pages+1) && !l.ended
}

// list returns the list of a name, a new one if it is too old.
func (r *Reader) list(key string) *list {
	now := r.clock.Now().Round(0) // without the monotonic clock, which stops while a machine sleeps
	l := r.lists[key]
	if l == nil || now.Sub(l.began) > maxAge || now.Before(l.began) {
		l = &list{began: now, values: map[uuid.UUID]Value{}}
		r.lists[key] = l
	}
	return l
}

// fetch fetches the next pages of a list: each of them while there are direct reads during
// the one before, so that it arrives when that one has been used up.
func (r *Reader) fetch(ctx context.Context, listName string, l *list) {
	for r.fetchNext(ctx, listName, l) {
	}
}

// fetchNext fetches one page, and reports whether to go on. An error ends the list: the
// reads go on without it.
func (r *Reader) fetchNext(ctx context.Context, listName string, l *list) bool {
	r.mu.Lock()
	l.pages++
	direct := l.direct
	r.mu.Unlock()
	entries, next, err := r.fetchPage(ctx, listName, l.cursor)
	r.mu.Lock()
	defer r.mu.Unlock()
	l.cursor = next
	l.ended = err != nil || next == ""
	for _, entry := range entries {
		id, err := uuid.Parse(entry.ID)
		if err != nil {
			continue
		}
		if entry.ReadDirectly {
			delete(l.values, id) // what an earlier page showed
			continue
		}
		l.values[id] = entry.Value
	}
	l.fetching = l.direct > direct && l.mayFetch()
	return l.fetching
}
