package link

import (
	"fmt"
	"testing"
)

func removal(n int, systemID string) Link {
	return Link{
		Pair:        Pair{UserIdentityID: fmt.Sprintf("identity-%d", n), ACSUserID: fmt.Sprintf("user-%d", n)},
		ACSSystemID: systemID,
	}
}

// accepted has Seam accept so many removals and keep its word.
func (w *word) accepted(n int, systemID string) (looks int) {
	for i := range n {
		if link := removal(i, systemID); !w.take(link) {
			w.keep(link)
			looks++
		}
	}
	return looks
}

func TestWord(t *testing.T) {
	t.Parallel()
	w := newWord()
	if looks := w.accepted(100, "lobby"); looks != looksFirst+(100-looksFirst)/looksThen {
		t.Errorf("%d looks after 100 removals", looks)
	}
	if w.take(removal(100, "garage")) {
		t.Error("the word for one access system was taken for another")
	}
	if !w.take(removal(100, "LOBBY")) {
		t.Error("the word for an access system was not taken under its other spelling")
	}
	merged := removal(101, "lobby")
	merged.PrimaryUserIdentityID = "identity-0"
	if w.take(merged) {
		t.Error("the word for a merged user identity was taken")
	}
	if w.unlooked() != nil {
		t.Error("removals were looked back at without a cause")
	}
}

func TestWord_unknownSystem(t *testing.T) {
	t.Parallel()
	if looks := newWord().accepted(100, ""); looks != 100 {
		t.Errorf("%d looks after 100 removals in access systems that nobody knows, want 100", looks)
	}
}

func TestWord_broken(t *testing.T) {
	t.Parallel()
	w := newWord()
	w.accepted(looksFirst+3, "lobby")
	w.forget("USER-21") // written to once more
	w.breaks()
	left := w.unlooked()
	if len(left) != 2 || left[0] != removal(20, "lobby") || left[1] != removal(22, "lobby") {
		t.Errorf("got %v, want the two whose removal was not looked at", left)
	}
	if !w.took(left[0]) || w.took(removal(21, "lobby")) {
		t.Error("what the word was taken for is not what it was taken for")
	}
	if w.unlooked() != nil {
		t.Error("the same removals were looked back at twice")
	}
	if w.take(removal(23, "lobby")) {
		t.Error("a broken word was taken")
	}
}
