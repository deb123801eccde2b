package bulkread

import (
	"time"

	"github.com/google/uuid"
)

// A page proves that it is not stale when it shows what this process has just
// written: a list that shows the links made a moment ago shows those of the time
// when the command began as well. Each page proves itself, or it does not:
// nothing is known of how Seam keeps its lists. And a page that does not show what was
// written a while ago tells that lists lag by more than they should. From then on no
// page is believed because of the time at which it was asked for.

const (
	// witnesses is how many writes a page has to show.
	witnesses = 3

	// firstProof is after how many writes a page is first asked to prove
	// itself. When one does not, the next is asked after twice as many, so that a
	// list that lags, or is long, costs few pages.
	firstProof = 10

	// lag is by how much lists may lag behind what was written. It is far below
	// settling, so that lists that lag by as much show it before they are believed.
	lag = 2 * time.Second
)

// proof is what pages can prove themselves with.
type proof struct {
	writes map[uuid.UUID]write
	done   int  // writes so far
	next   int  // how many there have to be before the next page is asked to prove itself
	lags   bool // whether a page has lagged by more than it may
}

// write is one that took effect.
type write struct {
	number   int       // of the writes, from 1
	at       time.Time // when it had taken effect
	holderID string    // whom the thing is linked to since; empty if to nobody
}

func newProof() proof { return proof{writes: map[uuid.UUID]write{}, next: firstProof} }

func (p *proof) note(key uuid.UUID, at time.Time, holderID string) {
	p.done++
	p.writes[key] = write{number: p.done, at: at, holderID: holderID}
}

// forget is for a write that is under way: nobody knows what pages show.
func (p *proof) forget(key uuid.UUID) { delete(p.writes, key) }

func (p *proof) due() bool { return p.done >= p.next }
