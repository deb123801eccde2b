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
	page func(ctx context.Context, systemID, cursor string) (found []A, next string, err error)
	id   func(A) string
	pack func(A) (kept R, ok bool)
	open func(id string, kept R) A
	// shows reports whether a page shows a write of ours.
	shows func(one A, holderID string) bool
}

// use is what an answer is for.
type use struct {
	maxAge    time.Duration
	pagesFrom time.Time // pages that were asked for earlier are of no use unless they prove themselves
	worth     worth     // which pages are worth it
	gets      gets      // which gets will do, but for one of its own
}

// gets are gets of other reads.
type gets int

const (
	noGets       gets = iota
	getsUnderWay      // now
	earlierGets       // or within maxAge
)

// sharing is a way to answer a read that other reads share. If it has no answer, or
// one that is not enough, that says nothing.
type sharing[A any] interface {
	// join returns nil if there is nothing to be gained.
	join(ctx context.Context) *gathering
	answer(landed *gathering) (A, bool)
}

// collection reads things of one kind.
type collection[A, R any] struct {
	source source[A, R]
	clock  Clock

	mu     sync.Mutex
	known  map[uuid.UUID]known[R]
	asked  map[uuid.UUID]string // in which access system, if anybody said
	gets   map[uuid.UUID]*flight[A]
	lists  map[string]*list // by access system; that of everything under ""
	ledger ledger
	proof  proof
	failed int // pages, one after the other

	reading  int // reads under way
	requests int // gets and pages under way
}

// known is what is remembered of one thing. There are many of it.
type known[R any] struct {
	value   R
	look    *look // that it is from; nil if there is no value
	written bool  // by us: it is not remembered any more
	shownBy shownBy
}

// got reports whether it is from a get.
func (k known[R]) got() bool { return k.look != nil && !k.look.fromPage }

// look is a request that told how things are: all that a page shows share one.
type look struct {
	at       time.Time // when it was asked for
	fromPage bool
	proven   bool // by the page itself
}

// shownBy is what kinds of list have shown a thing.
type shownBy uint8

const (
	everything shownBy = 1 << iota
	itsSystem
)

func kindOf(systemID string) shownBy {
	if systemID == "" {
		return everything
	}
	return itsSystem
}

// crawl is one passage through a list, page by page.
type crawl struct {
	began    time.Time // zero before the first page
	writes   int       // of ours that were done when it began
	unproven bool      // a page of it did not prove itself
	cursor   string
	pages    int
	ended    bool          // by its last page, or by an error
	failed   bool          // by an error
	page     chan struct{} // closed when the page under way has landed; nil if there is none
}

// flight is a get that is under way.
type flight[A any] struct {
	landed chan struct{}
	answer A
	err    error
}

func newCollection[A, R any](clock Clock, from source[A, R]) *collection[A, R] {
	return &collection[A, R]{
		source: from,
		clock:  clock,
		known:  map[uuid.UUID]known[R]{},
		asked:  map[uuid.UUID]string{},
		gets:   map[uuid.UUID]*flight[A]{},
		lists:  map[string]*list{"": {}},
		proof:  newProof(),
	}
}

// read answers from what is known if that is enough, and waits for what is worth
// it: for pages, for a request that other reads share, or else for a get.
func (c *collection[A, R]) read(ctx context.Context, id, systemID string, u use, enough func(A) bool, share sharing[A]) (A, error) {
	key, err := uuid.Parse(id)
	if err != nil {
		return c.source.get(ctx, id)
	}
	c.mu.Lock()
	c.ask(key, systemID)
	c.reading++
	answer, ok, err := c.fromLists(ctx, key, id, systemID, u, enough, share)
	c.mu.Unlock()
	if !ok && err == nil {
		answer, err = c.getOne(ctx, key, id, u)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading--
	return answer, err
}

// fromLists reads without a get, which is to follow if there is no answer. The mutex
// is held, but for the waiting.
func (c *collection[A, R]) fromLists(ctx context.Context, key uuid.UUID, id, systemID string, u use, enough func(A) bool, share sharing[A]) (answer A, ok bool, err error) {
	var with *gathering
	defer func() { c.pay(systemID, with.leave(), !ok) }()
	for started := false; ; {
		have := c.known[key]
		usable := c.usable(have, u)
		if usable {
			if answer := c.source.open(id, have.value); enough(answer) {
				return answer, true, nil
			}
		}
		if usable || have.written || u.gets == getsUnderWay && have.got() {
			return answer, false, nil // a get alone can say more
		}

		offer := c.offer(systemID, u)
		if with == nil && share != nil && offer.worth != toAll && c.ledger.reads > fewReads {
			with = share.join(ctx)
		}
		starts := c.starts(offer, with, started)
		if starts {
			c.start(ctx, &offer)
			started = true
		}
		page := offer.page()
		if with == nil && (page == nil || offer.worth == alongside && !starts) {
			return answer, false, nil
		}

		c.mu.Unlock()
		select {
		case <-page:
			c.mu.Lock()
		case <-with.answered():
			c.mu.Lock()
			answer, ok = share.answer(with)
			return answer, ok && enough(answer) && !c.known[key].written, nil
		case <-ctx.Done():
			c.mu.Lock()
			return answer, false, ctx.Err()
		}
	}
}

// starts reports whether a read has the next page fetched. For one that is bought
// alongside it does so once, and waits for it, unless there is room: reads that
// share a request leave some.
func (c *collection[A, R]) starts(o offer, with *gathering, started bool) bool {
	switch {
	case o.worth == notYet || o.page() != nil:
		return false
	case o.worth == toAll:
		return true
	case with == nil:
		return !started
	default:
		return c.requests+with.requests() < c.reading
	}
}

// pay notes what a read has cost, in requests: its share of one, and a get or none.
func (c *collection[A, R]) pay(systemID string, share float64, get bool) {
	cost := share
	if get {
		cost++
	}
	c.ledger.saved += 1 - cost
	c.lists[""].rent += cost
	if systemID != "" {
		c.lists[systemID].rent += cost
	}
}

// ask notes a read, in every list that could answer it.
func (c *collection[A, R]) ask(key uuid.UUID, systemID string) {
	now := c.clock.Now()
	c.ledger.reads++
	saidSystemID, again := c.asked[key]
	shown := c.known[key].shownBy
	c.lists[""].ask(now, again, shown&everything != 0)
	if systemID != "" {
		own := c.lists[systemID]
		if own == nil {
			own = &list{}
			c.lists[systemID] = own
		}
		own.ask(now, saidSystemID != "", shown&itsSystem != 0)
		saidSystemID = systemID
	}
	c.asked[key] = saidSystemID
}

func (c *collection[A, R]) usable(have known[R], u use) bool {
	switch look := have.look; {
	case look == nil || c.clock.Now().Sub(look.at) > u.maxAge:
		return false
	case look.fromPage:
		return look.proven || c.lateEnough(look.at, u)
	default:
		return u.gets == earlierGets
	}
}

// lateEnough reports whether what is asked for at a time is of use without a proof.
func (c *collection[A, R]) lateEnough(at time.Time, u use) bool {
	return u.pagesFrom.IsZero() || !c.proof.lags && !at.Before(u.pagesFrom)
}

// offer is what the pages of a list, or the next one, are worth to a read.
type offer struct {
	systemID string
	list     *list
	again    bool // the list would have to be read from its beginning
	worth    worthiness
}

// page is the one that is under way and of use to the read, or nil.
func (o offer) page() <-chan struct{} {
	if o.worth == notYet || o.again {
		return nil
	}
	return o.list.crawl.page
}

// offer finds the best list for a read.
func (c *collection[A, R]) offer(systemID string, u use) offer {
	now := c.clock.Now()
	systemID, list := c.better(systemID)
	o := offer{systemID: systemID, list: list, again: !c.serves(list.crawl, now, u)}
	underWay := list.crawl.page != nil
	switch {
	case c.ledger.reads <= rentedFirst, c.failed == maxFailed:
	case o.again && !c.lateEnough(now, u) && !c.proof.due():
	case o.again && underWay: // for others
	case !o.again && list.crawl.ended:
	case !underWay && !c.ledger.affords():
	default:
		if left := list.pagesLeft(o.again); list.passage(left, o.again) <= u.maxAge/2 {
			o.worth = u.worth(list, left)
		} // else what the first pages show is too old when the last ones come
	}
	return o
}

// start has the next page of an offer fetched. Others may wait for it: it is not
// cancelled with the read that asked.
func (c *collection[A, R]) start(ctx context.Context, o *offer) {
	now := c.clock.Now()
	if o.again {
		o.list.crawl = crawl{began: now, writes: c.proof.done}
		o.again = false
	}
	c.ledger.pages++
	c.requests++
	o.list.crawl.page = make(chan struct{})
	go c.fetch(context.WithoutCancel(ctx), o.systemID, o.list, o.list.crawl, now, c.proof.done)
}

// preferOwn is how many times the pages the list of an access system may have left,
// for each thing that it could answer, and still be chosen. Lists of several access
// systems come side by side; and estimates waver, where changing from one list to
// the other pays for both.
const preferOwn = 3

// better chooses between the list of an access system and that of everything. Access
// systems can be many and small, or one of them a small part of everything. While
// all that was asked for is in one access system, it is that one's.
func (c *collection[A, R]) better(systemID string) (string, *list) {
	all := c.lists[""]
	if systemID == "" {
		return "", all
	}
	own := c.lists[systemID]
	if own.distinct == all.distinct || own.pagesLeft(false)*float64(all.distinct) <= preferOwn*all.pagesLeft(false)*float64(own.distinct) {
		return systemID, own
	}
	return "", all
}

// serves reports whether a crawl's next page, or its end, is of use.
func (c *collection[A, R]) serves(this crawl, now time.Time, u use) bool {
	switch {
	case this.failed: // it is not tried again soon
		return now.Sub(this.began) <= maxAge
	case this.began.IsZero(), this.ended && now.Sub(this.began) > u.maxAge:
		return false
	case !c.lateEnough(this.began, u):
		return this.writes >= firstProof && !this.unproven
	default:
		return true
	}
}

// maxFailed is how many pages may fail in a row. After that no list is asked for any
// more: each failure keeps reads waiting.
const maxFailed = 2

// fetch fetches the next page of a crawl and keeps what it shows. An error ends
// the crawl: it is an answer to nothing, and the reads go on with gets.
func (c *collection[A, R]) fetch(ctx context.Context, systemID string, list *list, this crawl, at time.Time, writes int) {
	found, next, err := c.source.page(ctx, systemID, this.cursor)
	c.mu.Lock()
	defer c.mu.Unlock()
	defer close(this.page)
	c.requests--
	now := &list.crawl
	now.page = nil
	list.took += c.clock.Now().Sub(at)
	if err != nil {
		now.ended, now.failed = true, true
		c.failed = min(c.failed+1, maxFailed)
		return
	}
	c.failed = 0
	look := &look{at: at, fromPage: true, proven: c.proves(found, at, writes)}
	for _, one := range found {
		c.keepFromPage(one, look, systemID, list)
	}
	now.unproven = now.unproven || !look.proven
	now.cursor, now.ended = next, next == ""
	now.pages++
	list.pages++
	list.reach = max(list.reach, now.pages)
	if now.ended {
		list.size = now.pages
	}
}

func (c *collection[A, R]) keepFromPage(one A, from *look, systemID string, list *list) {
	key, err := uuid.Parse(c.source.id(one))
	if err != nil {
		return
	}
	have := c.known[key]
	if by := kindOf(systemID); have.shownBy&by == 0 {
		have.shownBy |= by
		if saidSystemID, ok := c.asked[key]; ok && (by == everything || saidSystemID == systemID) {
			list.found++
		}
		c.known[key] = have
	}
	c.keep(key, one, from)
}

// keep remembers a thing as a look showed it, unless what is known of it was asked
// for later, or it was written to.
func (c *collection[A, R]) keep(key uuid.UUID, one A, from *look) {
	have := c.known[key]
	if have.written || have.look != nil && have.look.at.After(from.at) {
		return
	}
	now := known[R]{shownBy: have.shownBy}
	if value, ok := c.source.pack(one); ok {
		now.value, now.look = value, from
	}
	c.known[key] = now
}

// getOne gets one thing. Where that will do, reads of the same thing share a get
// that is under way; one that ends because its own reader was cancelled is of
// no use to the others.
func (c *collection[A, R]) getOne(ctx context.Context, key uuid.UUID, id string, u use) (A, error) {
	for u.gets != noGets {
		c.mu.Lock()
		under := c.gets[key]
		if under == nil || c.known[key].written {
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
	c.requests++
	if c.gets[key] == nil {
		c.gets[key] = this
	}
	c.mu.Unlock()

	this.answer, this.err = c.source.get(ctx, id)

	c.mu.Lock()
	c.requests--
	if c.gets[key] == this {
		delete(c.gets, key)
	}
	if this.err == nil {
		c.keep(key, this.answer, &look{at: asked})
	}
	c.mu.Unlock()
	close(this.landed)
	return this.answer, this.err
}

func isCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// writing forgets a thing, and keeps it from being remembered again.
func (c *collection[A, R]) writing(id string) {
	key, err := uuid.Parse(id)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[key] = known[R]{written: true, shownBy: c.known[key].shownBy}
	c.proof.forget(key)
}

// wrote notes whom a thing is linked to since it was written to.
func (c *collection[A, R]) wrote(id, holderID string) {
	key, err := uuid.Parse(id)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proof.note(key, c.clock.Now(), holderID)
}

// proves reports whether a page, that was asked for then and after so many writes,
// shows each of them that is about a thing on it, and enough of them.
func (c *collection[A, R]) proves(page []A, at time.Time, writes int) bool {
	shown, missed := 0, 0
	for _, one := range page {
		key, err := uuid.Parse(c.source.id(one))
		if err != nil {
			continue
		}
		if write, ok := c.proof.writes[key]; ok && write.number <= writes {
			if c.source.shows(one, write.holderID) {
				shown++
			} else {
				missed++
				c.proof.lags = c.proof.lags || at.Sub(write.at) > lag
			}
		}
	}
	proven := shown >= witnesses && missed == 0
	if !proven && writes >= c.proof.next {
		c.proof.next = 2 * writes
	}
	return proven
}
