package link

import (
	"cmp"
	"context"
	"errors"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// Delete removes a link that is known to have been there, and says what it
// found. The write is sent only while the ACS user points to the user identity
// (Finding.Standing is Linked then); in every other case there is nothing of
// ours to remove, and nothing is sent.
//
// When it is not known in which workspace the link was made, a missing ACS user
// is a *MissingError, for there is nothing to tell a deleted ACS user from one
// of another workspace.
func (l *Links) Delete(ctx context.Context, known Link) (Finding, error) {
	ctx = l.seam.StartOperation(ctx)
	if err := l.workspace.Verify(ctx); err != nil {
		return Finding{}, err
	}
	unlock, err := l.locks.lock(ctx, known.ACSUserID)
	if err != nil {
		return Finding{}, err
	}
	defer unlock()

	finding, err := l.findForWrite(ctx, known, Linked)
	finding, err = l.guard(ctx, finding, known.WorkspaceID, err)
	if err != nil || finding.Standing != Linked {
		return finding, err
	}
	l.writing(known.ACSUserID)
	return finding, l.lookBack(ctx, l.remove(ctx, finding.Link))
}

// lookBack looks at the links whose removal Seam's word was taken for, once it
// has turned out that its word is not to be taken. With the links that are still
// there the error is a *BrokenWordError.
func (l *Links) lookBack(ctx context.Context, err error) error {
	var left []Link
	for _, link := range l.word.unlooked() {
		finding, failure := l.find(ctx, link.Pair)
		if (failure != nil || finding.Standing == Linked) && l.word.took(link) {
			left = append(left, link)
		}
	}
	if len(left) == 0 {
		return err
	}
	return &BrokenWordError{Left: left, Err: err}
}

// maxUnheeded is how many removes Seam may accept without removing the link
// before that is an error: one may be late in showing, more are a defect.
const maxUnheeded = 3

// remove sends the write until the ACS user points to the identity no more. That
// is looked at even when Seam accepts the remove, unless its word may be taken:
// with a success the state is forgotten, and an identity that was merged after the
// look is known by another id. It is looked at again directly before each
// repetition.
func (l *Links) remove(ctx context.Context, link Link) error {
	doubt := false // whether a write was sent that may have taken effect
	unheeded := 0
	var failure error
	// settled looks at the ACS user, and reports whether that ends the matter.
	settled := func(accepted bool) (bool, error) {
		finding, err := l.lookAgainIn(ctx, link)
		switch {
		case err != nil && (accepted || doubt):
			return true, &UnknownEffectError{Pair: link.Pair, Write: failure, Look: err}
		case err != nil && seam.IsThrottled(failure):
			return true, gaveUp(failure, err)
		case err != nil:
			return true, failure
		case finding.Standing != Linked:
			if finding.Standing == Unlinked {
				l.reader.Wrote(link.ACSUserID, "")
			}
			return true, nil
		}
		link = finding.Link // a merge may have come in between
		return false, nil
	}
	for n := 0; ; n++ {
		failure = l.seam.RemoveACSUser(ctx, cmp.Or(link.PrimaryUserIdentityID, link.UserIdentityID), link.ACSUserID)
		accepted := failure == nil
		ambiguous := seam.IsAmbiguous(failure)
		doubt = doubt || ambiguous
		if !accepted && !doubt && errors.Is(failure, context.Canceled) {
			return failure // nothing was sent
		}
		if accepted && n == 0 && l.word.take(link) {
			l.reader.Wrote(link.ACSUserID, "")
			return nil
		}
		if done, err := settled(accepted); done {
			if accepted && n == 0 && err == nil {
				l.word.keep(link)
			}
			return err
		}
		switch {
		case seam.IsThrottled(failure) && ctx.Err() == nil:
			continue // the look waited as Seam asked, and is of this moment
		case accepted:
			l.word.breaks()
			failure = &StillLinkedError{Pair: link.Pair}
			if unheeded++; unheeded == maxUnheeded {
				return failure
			}
		case !ambiguous:
			return l.explainRefusedRemove(ctx, link, failure)
		}
		if err := l.seam.Pause(ctx, n, failure); err != nil {
			return err
		}
		if done, err := settled(accepted); done {
			return err
		}
	}
}

// lookAgainIn is lookAgain for a link that is known to have been there.
func (l *Links) lookAgainIn(ctx context.Context, known Link) (Finding, error) {
	finding, err := l.lookAgain(ctx, known.Pair)
	return l.guard(ctx, finding, known.WorkspaceID, err)
}

// explainRefusedRemove accepts the refusal of a remove when the identity that
// the ACS user still names is gone: such a pointer hands nobody anything.
func (l *Links) explainRefusedRemove(ctx context.Context, link Link, failure error) error {
	if !seam.IsNotFound(failure, seam.TypeUserIdentityNotFound) {
		return failure
	}
	primary, err := l.primaryOf(ctx, link.UserIdentityID)
	if err != nil || primary != "" {
		return failure
	}
	return nil
}
