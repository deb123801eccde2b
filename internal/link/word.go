package link

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

const (
	// looksFirst is how many accepted removals in an access system are looked
	// at, all of them to find the link gone, before Seam's word is taken for it.
	// A removal that takes no effect, or is late, is a matter of the kind of
	// access system rather than of chance, and shows among so many.
	looksFirst = 20

	// looksThen is that one in so many removals is still looked at after that.
	looksThen = 10
)

// word keeps account of Seam's word: that a link is gone, when it accepts its
// removal. A look after each removal takes as long as the removal. It is spared
// once looks have shown again and again that Seam keeps its word; as soon as one
// shows that it does not, every removal is looked at, the earlier ones too.
type word struct {
	mu                     sync.Mutex
	kept                   map[string]int  // by access system: looks that found the link gone
	given                  map[string]int  // by access system: removals accepted
	taken                  map[string]Link // by ACS user: removals that were not looked at
	isBroken, isLookedBack bool
}

func newWord() *word {
	return &word{kept: map[string]int{}, given: map[string]int{}, taken: map[string]Link{}}
}

// take reports whether Seam's word that a link is gone may be taken, and notes
// that it was.
func (w *word) take(link Link) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	system := strings.ToLower(link.ACSSystemID)
	w.given[system]++
	switch {
	case w.isBroken, system == "", w.kept[system] < looksFirst, w.given[system]%looksThen == 0:
		return false
	case link.PrimaryUserIdentityID != "":
		return false // what a removal does after a merge is looked at
	}
	w.taken[strings.ToLower(link.ACSUserID)] = link
	return true
}

// keep notes that a look found the link gone after Seam had accepted its removal.
func (w *word) keep(link Link) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept[strings.ToLower(link.ACSSystemID)]++
}

// breaks notes that a look found the link still there after Seam had accepted its
// removal.
func (w *word) breaks() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isBroken = true
}

// unlooked returns the links whose removal was not looked at, to the first who
// asks after Seam has broken its word.
func (w *word) unlooked() []Link {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.isBroken || w.isLookedBack {
		return nil
	}
	w.isLookedBack = true
	return slices.SortedFunc(maps.Values(w.taken), func(a, b Link) int { return strings.Compare(a.ACSUserID, b.ACSUserID) })
}

// forget is for an ACS user that is written to once more.
func (w *word) forget(acsUserID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.taken, strings.ToLower(acsUserID))
}

// took reports whether Seam's word is all there is about the removal of a link.
func (w *word) took(link Link) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.taken[strings.ToLower(link.ACSUserID)]
	return ok
}
