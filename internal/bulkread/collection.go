package bulkread

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
)

// source is where things of one kind come from: A as the API returns them, R as
// they are kept, which is no more than answers need.
type source[A, R any] struct {
	get  func(ctx context.Context, id string) (A, error)
	page func(ctx context.Context, filter, cursor string) (found []A, next string, err error)
	id   func(A) string
	pack func(A) (kept R, ok bool)
	open func(id string, kept R) A
}

// use is what an answer is for.
type use struct {
	maxAge    time.Duration
	pagesFrom time.Time // pages that were asked for earlier are of no use
	share     bool      // whether a get that is under way will do
}

// collection reads things of one kind.
type collection[A, R any] struct {
	source source[A, R]
	clock  Clock

	mu         sync.Mutex
	kept       map[uuid.UUID]kept[R]
	asked      map[uuid.UUID]bool // true once a page has shown it
	distrusted map[uuid.UUID]bool
	gets       map[uuid.UUID]*flight[A]
	ledger     ledger
	crawl      crawl
}

// kept is what is remembered of one thing.
type kept[R any] struct {
	value    R
	at       time.Time // when it was asked for
	fromPage bool
}

// crawl is one passage through the list, page by page.
type crawl struct {
	began  time.Time // zero before the first page
	filter string    // the access system that it is limited to, if any
	cursor string
	ended  bool          // by its last page, or by an error
	page   chan struct{} // closed when the page under way has landed; nil if there is none
}

// flight is a get that is under way.
type flight[A any] struct {
	landed chan struct{}
	answer A
	err    error
}

func newCollection[A, R any](clock Clock, from source[A, R]) *collection[A, R] {
	return &collection[A, R]{
		source:     from,
		clock:      clock,
		kept:       map[uuid.UUID]kept[R]{},
		asked:      map[uuid.UUID]bool{},
		distrusted: map[uuid.UUID]bool{},
		gets:       map[uuid.UUID]*flight[A]{},
	}
}

// read answers from what is kept if that is enough, waits for pages while they
// are worth it, and gets the thing otherwise.
func (c *collection[A, R]) read(ctx context.Context, id, filter string, u use, enough func(A) bool) (A, error) {
	key, err := uuid.Parse(id)
	if err != nil {
		return c.source.get(ctx, id)
	}
	c.mu.Lock()
	c.ask(key)
	for !c.distrusted[key] {
		if have, ok := c.kept[key]; ok && c.usable(have, u) {
			if answer := c.source.open(id, have.value); enough(answer) {
				c.credit(have)
				c.mu.Unlock()
				return answer, nil
			}
			break // a page cannot say more than the last one did
		}
		page := c.worthwhilePage(ctx, filter, u)
		if page == nil {
			break
		}
		c.mu.Unlock()
		select {
		case <-page:
		case <-ctx.Done():
			var none A
			return none, ctx.Err()
		}
		c.mu.Lock()
	}
	c.mu.Unlock()
	return c.getOne(ctx, key, id, u)
}

func (c *collection[A, R]) ask(key uuid.UUID) {
	c.ledger.reads++
	if _, ok := c.asked[key]; ok {
		return
	}
	have, ok := c.kept[key]
	shown := ok && have.fromPage
	c.asked[key] = shown
	c.ledger.distinct++
	if shown {
		c.ledger.found++
	}
}

func (c *collection[A, R]) credit(have kept[R]) {
	if have.fromPage {
		c.ledger.answered++
	}
}

func (c *collection[A, R]) usable(have kept[R], u use) bool {
	if c.clock.Now().Sub(have.at) > u.maxAge {
		return false
	}
	return !have.fromPage || !have.at.Before(u.pagesFrom)
}

// worthwhilePage returns the page to wait for, and has it fetched unless it is
// under way. It returns nil when a get is the better choice.
func (c *collection[A, R]) worthwhilePage(ctx context.Context, filter string, u use) chan struct{} {
	now := c.clock.Now()
	if now.Before(u.pagesFrom) || !c.ledger.waits() {
		return nil
	}
	if c.crawl.page != nil {
		if !c.crawl.covers(filter) || c.crawl.began.Before(u.pagesFrom) {
			return nil
		}
		return c.crawl.page
	}
	if !c.ledger.affords() {
		return nil
	}
	c.choose(filter, now, u)
	if c.crawl.ended {
		return nil
	}
	c.ledger.pages++
	c.crawl.page = make(chan struct{})
	// Others may wait for it: it is not cancelled with the read that asked.
	go c.fetch(context.WithoutCancel(ctx), c.crawl, now)
	return c.crawl.page
}

// choose sees to it that the crawl can answer: it starts another one when this
// one is over and too old, or limited to another access system.
func (c *collection[A, R]) choose(filter string, now time.Time, u use) {
	stale := c.crawl.ended && now.Sub(c.crawl.began) > u.maxAge || c.crawl.began.Before(u.pagesFrom)
	switch {
	case c.crawl.began.IsZero():
		c.crawl = crawl{began: now, filter: filter}
	case !c.crawl.covers(filter):
		c.crawl = crawl{began: now} // several systems: all of the workspace
	case stale:
		c.crawl = crawl{began: now, filter: c.crawl.filter}
	}
}

// covers reports whether the crawl meets what lives in an access system, or in
// one that is not known.
func (c crawl) covers(systemID string) bool { return c.filter == "" || c.filter == systemID }

// fetch fetches the next page of the crawl and keeps what it shows. An error
// ends the crawl: it is an answer to nothing, and the reads go on with gets.
func (c *collection[A, R]) fetch(ctx context.Context, this crawl, asked time.Time) {
	found, next, err := c.source.page(ctx, this.filter, this.cursor)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		for _, one := range found {
			c.keep(one, asked, true)
		}
	}
	c.crawl.cursor, c.crawl.ended, c.crawl.page = next, err != nil || next == "", nil
	close(this.page)
}

func (c *collection[A, R]) keep(one A, asked time.Time, fromPage bool) {
	key, err := uuid.Parse(c.source.id(one))
	if err != nil || c.distrusted[key] {
		return
	}
	if shown, ok := c.asked[key]; ok && fromPage && !shown {
		c.asked[key] = true
		c.ledger.found++
	}
	if have, ok := c.kept[key]; ok && have.at.After(asked) {
		return // what was asked for later is fresher
	}
	value, ok := c.source.pack(one)
	if !ok {
		delete(c.kept, key)
		return
	}
	c.kept[key] = kept[R]{value: value, at: asked, fromPage: fromPage}
}

// getOne gets one thing. Where that will do, reads of the same thing share a get
// that is under way; one that ends because its own reader was cancelled is of
// no use to the others.
func (c *collection[A, R]) getOne(ctx context.Context, key uuid.UUID, id string, u use) (A, error) {
	for u.share {
		c.mu.Lock()
		under := c.gets[key]
		if under == nil || c.distrusted[key] {
			c.mu.Unlock()
			break
		}
		c.mu.Unlock()
		select {
		case <-under.landed:
			if !isCancelled(under.err) {
				return under.answer, under.err
			}
		case <-ctx.Done():
			var none A
			return none, ctx.Err()
		}
	}

	this := &flight[A]{landed: make(chan struct{})}
	asked := c.clock.Now()
	c.mu.Lock()
	if c.gets[key] == nil {
		c.gets[key] = this
	}
	c.mu.Unlock()

	this.answer, this.err = c.source.get(ctx, id)

	c.mu.Lock()
	if c.gets[key] == this {
		delete(c.gets, key)
	}
	if this.err == nil {
		c.keep(this.answer, asked, false)
	}
	c.mu.Unlock()
	close(this.landed)
	return this.answer, this.err
}

func isCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// distrust forgets a thing, and keeps it from being remembered again.
func (c *collection[A, R]) distrust(id string) {
	key, err := uuid.Parse(id)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.kept, key)
	c.distrusted[key] = true
}
