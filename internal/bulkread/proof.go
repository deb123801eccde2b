package bulkread

import "github.com/google/uuid"

// A page proves that it is not stale when it shows what this process has just
// written: a list that shows the links made a moment ago shows those of the time
// when the command began as well. Each page proves itself, or it does not:
// nothing is known of how Seam keeps its lists.

const (
	// witnesses is how many writes a page has to show.
	witnesses = 3

	// firstProof is after how many writes a page is first asked to prove
	// itself. When one does not, the next is asked after twice as many, so that a
	// list that lags, or is long, costs few pages.
	firstProof = 10
)

// proof is what pages can prove themselves with.
type proof struct {
	writes map[uuid.UUID]write
	done   int // writes so far
	next   int // how many there have to be before the next page is asked to prove itself
}

// write is one that took effect.
type write struct {
	number   int    // of the writes, from 1
	holderID string // whom the thing is linked to since; empty if to nobody
}

func newProof() proof { return proof{writes: map[uuid.UUID]write{}, next: firstProof} }

func (p *proof) note(key uuid.UUID, holderID string) {
	p.done++
	p.writes[key] = write{number: p.done, holderID: holderID}
}

// forget is for a write that is under way: nobody knows what pages show.
func (p *proof) forget(key uuid.UUID) { delete(p.writes, key) }

func (p *proof) due() bool { return p.done >= p.next }
