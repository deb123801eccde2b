package bulkread

import "math"

// A read is rented with a get, or waits for a list to be bought page by page.
// How many reads are to come is not known, nor how many pages there are.
//
// Two rules hold the cost down. The first holds always: no more pages are
// fetched than there were reads, plus reads that pages answered. With one get
// for each read that no page answered, that makes at most two requests a read,
// so a small state in a large workspace is never crawled for. The second says
// when a list is worth buying: when the pages that are left of it, as far as can
// be told from the reads that the fetched pages would have answered, compare well
// with the reads so far that the list could have answered. A read that does not
// wait is rented.
//
// A page is fetched only while a read waits for it, so that there are never
// more requests under way than reads.

// rentedFirst reads are gets whatever comes: most states of one or two links
// belong to workspaces of more than one page.
const rentedFirst = 2

// worth reports whether reads are better off waiting for a list: left pages of it
// are still to come, as far as known from those that were fetched, and there were
// so many reads.
type worth func(left float64, fetched, reads int) bool

// worthReading saves requests, which is what counts when links are read. A list
// is bought when there have been half as many reads as it has pages left. A long
// one takes long to come, page after page, while gets come ten at a time: until
// it is bought, a page for each ten reads tells how long it is.
func worthReading(left float64, fetched, reads int) bool {
	return left <= 2*float64(reads) || 10*fetched < reads
}

// worthWriting saves time, which is what counts where writes are to follow, since
// each of them is a request anyhow: Terraform could do ten gets while one page
// comes, which takes longer than a get.
func worthWriting(left float64, _, reads int) bool { return 20*left <= float64(reads) }

// ledger is what has been spent on things of one kind.
type ledger struct {
	reads    int // asked for
	pages    int // fetched or under way
	answered int // reads that a page answered
}

// affords reports whether another page may be fetched.
func (l ledger) affords() bool { return l.pages+1 <= l.reads+l.answered }

// list is what is known of a list: that of an access system, or of everything.
type list struct {
	reads    int // that it could answer
	distinct int // things that these asked for
	found    int // those of them that its pages have shown
	pages    int // fetched
	size     int // pages that there were when it was read to its end; 0 if it never was
	crawl    crawl
}

// ask notes a read of a thing, and whether it was asked for before and the list
// has shown it already.
func (l *list) ask(again, shown bool) {
	l.reads++
	if again {
		return
	}
	l.distinct++
	if shown {
		l.found++
	}
}

// pagesLeft estimates how many pages are still to come, in this crawl or when it
// begins again: when half of the things asked for are on the pages so far, so is
// half of the list. Of a list of which nothing is known it expects one page.
func (l *list) pagesLeft(again bool) float64 {
	pages := float64(l.pages)
	switch {
	case l.crawl.failed && !again:
		return math.Inf(1)
	case l.size > 0 && again:
		return float64(l.size)
	case l.size > 0:
		return float64(max(0, l.size-l.crawl.pages))
	case l.pages == 0:
		return 1
	default:
		// One more than were found, for there may be just none yet.
		return pages*float64(l.distinct+1)/float64(l.found+1) - pages
	}
}
