package bulkread

// A read is rented with a get, or waits for a list to be bought page by page.
// How many reads are to come is not known, nor how many pages there are.
//
// Two rules hold the cost down. The first holds always: no more pages are
// fetched than there were reads, plus reads that pages answered. With one get
// for each read that no page answered, that makes at most two requests a read,
// so a small state in a large workspace is never crawled for. The second says
// when the list is worth buying: when the pages that are left, as far as can be
// told from the reads that the fetched pages would have answered, are no more
// than four times the reads so far. A read that does not wait is rented.
//
// A page is fetched only while a read waits for it, so that there are never
// more requests under way than reads.
type ledger struct {
	reads    int // asked for
	distinct int // things asked for
	found    int // things asked for that a page has shown
	pages    int // fetched or under way
	answered int // reads that a page answered
}

const (
	// rentedFirst reads are gets whatever comes: most states of one or two
	// links belong to workspaces of more than one page.
	rentedFirst = 2

	// readsPerPage is how many pages a read is worth waiting for.
	readsPerPage = 4
)

// affords reports whether another page may be fetched.
func (l ledger) affords() bool { return l.pages+1 <= l.reads+l.answered }

// waits reports whether a read is better off waiting for the list.
func (l ledger) waits() bool {
	switch {
	case l.reads <= rentedFirst:
		return false
	case l.pages == 0:
		return true // nothing is known of the list before its first page
	}
	return l.pagesLeft() <= readsPerPage*float64(l.reads)
}

// pagesLeft estimates how many pages are still to come: when half of the things
// asked for are on the pages so far, so is half of the list.
func (l ledger) pagesLeft() float64 {
	pages := float64(l.pages)
	if l.found == 0 {
		return pages*2*float64(l.distinct+1) - pages
	}
	return pages*float64(l.distinct)/float64(l.found) - pages
}
