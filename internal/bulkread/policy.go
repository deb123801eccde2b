package bulkread

import (
	"math"
	"time"
)

// A read is rented, with a get or with a request that it shares with others, or it
// is bought with others still, page by page. How many reads are to come is not known,
// nor how many pages there are.
//
// Three rules hold the cost down. The first holds always: no more pages are fetched
// than there were reads, plus the requests that reads have cost less than a get
// each. That makes about two requests a read at most, so a small state in a large
// workspace is never crawled for. The second says when a list is worth buying: when
// the pages that are left of it, as far as can be told from the reads that the fetched
// pages would have answered, compare well with what was spent on reads that the list
// could have answered. The third is for slow lists: one whose first pages are too old
// when the last ones come is of no use.
//
// Until a list is worth waiting for, its pages may come alongside: one read has the
// next page fetched, and the others are rented meanwhile.
//
// A page is begun only while there are reads that have no request of their own under
// way, so that there are no more requests than reads, nor connections than operations,
// but for a few when reads that shared a request got no answer from it.

const (
	// rentedFirst reads are gets whatever comes: most states of one or two links
	// belong to workspaces of more than one page.
	rentedFirst = 2

	// fewReads are rented one by one, and no long list is begun for them: Terraform
	// reads as many at a time.
	fewReads = 10

	// nearlyAll is how many pages are always worth waiting for: gets would take
	// about as long.
	nearlyAll = 2

	// bearable is for how long all reads may wait for pages, whatever gets take.
	bearable = 10 * time.Second

	// firstPages are those on which a thing or two can be found by chance.
	firstPages = 2

	// pagesPerRequest is how many pages may come alongside for each request that was
	// spent on reads. There is room for them while reads share their requests.
	pagesPerRequest = 1.5
)

// worth judges a list of which, as far as known, so many pages are left.
type worth func(l *list, left float64) worthiness

// worthiness is what the next page of a list is worth.
type worthiness int

const (
	notYet    worthiness = iota // its cost
	alongside                   // its cost, while the reads go on
	toAll                       // that all reads wait for it
)

// worthReading saves requests, which is what counts when links are read. Pages may
// come alongside for each request that was spent. All reads wait for the list when
// so little of it is left, as far as anything tells, or when so much was spent, that
// it would be a waste to go on: the whole list then costs about one and a half times
// what it costs by itself, and one of up to some forty pages twenty requests more. The
// wait is to be no longer than the reads have taken so far, unless it is bearable.
func worthReading(l *list, left float64) worthiness {
	switch {
	case left <= nearlyAll && l.looksShort():
		return toAll
	case l.rent >= max(fewReads, (float64(l.pages)+left)/2) && l.time(left) <= max(bearable, l.spent):
		return toAll
	case l.reads > fewReads && float64(l.pages) < pagesPerRequest*l.rent:
		return alongside
	default:
		return notYet
	}
}

// worthWriting saves time, which is what counts where writes are to follow, since
// each of them is a request anyhow. All reads wait for a list when Terraform would
// take as long with gets, ten at a time, since a page takes longer than a get.
func worthWriting(l *list, left float64) worthiness {
	switch {
	case 20*left <= float64(l.reads):
		return toAll
	case l.reads > fewReads && left <= l.rent:
		return alongside
	default:
		return notYet
	}
}

// ledger is what has been spent on things of one kind.
type ledger struct {
	reads int     // asked for
	pages int     // fetched or under way
	saved float64 // requests that reads cost less than a get each
}

// affords reports whether another page may be fetched.
func (l ledger) affords() bool { return float64(l.pages+1) <= float64(l.reads)+l.saved }

// list is what is known of a list: that of an access system, or of everything.
type list struct {
	reads    int           // that it could answer
	asked    time.Time     // when the first of those came
	spent    time.Duration // until the latest of them came
	rent     float64       // requests that were spent on those
	distinct int           // things that these asked for
	found    int           // those of them that its pages have shown
	pages    int           // fetched
	took     time.Duration // all of those pages
	reach    int           // pages of the crawl that came furthest
	size     int           // pages that there were when it was read to its end; 0 if it never was
	crawl    crawl
}

// ask notes a read of a thing, and whether it was asked for before and the list
// has shown it already.
func (l *list) ask(now time.Time, again, shown bool) {
	if l.reads == 0 {
		l.asked = now
	}
	l.reads++
	l.spent = now.Sub(l.asked)
	if again {
		return
	}
	l.distinct++
	if shown {
		l.found++
	}
}

// looksShort reports whether its pages have shown so much of what was asked for that
// few should be left: on the first ones anything, later half of it. One page is worth
// a try.
func (l *list) looksShort() bool {
	return l.pages == 0 || l.found > 0 && (l.pages <= firstPages || 2*l.found >= l.distinct)
}

// time estimates how long so many pages take.
func (l *list) time(pages float64) time.Duration {
	if l.pages == 0 || math.IsInf(pages, 1) {
		return 0
	}
	return time.Duration(pages * float64(l.took) / float64(l.pages))
}

// passage estimates how long a passage through the list takes in which so many pages
// are left.
func (l *list) passage(left float64, again bool) time.Duration {
	if again {
		return l.time(left)
	}
	return l.time(float64(l.crawl.pages) + left)
}

// pagesLeft estimates how many pages are still to come, in this crawl or when it
// begins again: when half of the things asked for are on the pages so far, so is
// half of the list. Of a list of which nothing is known it expects one page.
func (l *list) pagesLeft(again bool) float64 {
	var all, fetched float64
	if !again {
		fetched = float64(l.crawl.pages)
	}
	switch {
	case l.crawl.failed && !again:
		return math.Inf(1)
	case l.reach == 0:
		return 1
	case l.size > 0:
		all = float64(l.size)
	default:
		// That few were found can be chance: reckon with three more.
		all = float64(l.reach) * max(1, float64(l.distinct+1)/float64(l.found+3))
	}
	return max(0, all-fetched)
}
