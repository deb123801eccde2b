package link

import (
	"cmp"
	"context"
	"errors"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// Create adds a link. The ACS user must be unlinked: a link that exists already
// is an *ExistsError, one that another identity holds a *HeldError, and nothing
// is sent.
//
// Other refusals are *MissingError, *BeingDeletedError and *WrongWorkspaceError.
// An *UnknownEffectError says that the link may have been added after all; the
// returned Link is complete then, to be remembered until Seam can be asked.
func (l *Links) Create(ctx context.Context, pair Pair) (Link, error) {
	ctx = l.seam.StartOperation(ctx)
	if err := l.workspace.Verify(ctx); err != nil {
		return Link{}, err
	}
	unlock, err := l.locks.lock(ctx, pair.ACSUserID)
	if err != nil {
		return Link{}, err
	}
	defer unlock()

	// The look at the ACS user comes right before the write, and what it finds
	// is said first.
	identityID, identityErr := l.identityToLink(ctx, pair.UserIdentityID)
	finding, err := l.findForWrite(ctx, Link{Pair: pair}, Unlinked)
	if err == nil {
		err = l.mayAdd(ctx, finding)
	}
	if err = cmp.Or(err, identityErr); err != nil {
		return Link{}, err
	}
	link := finding.Link
	if !sameID(identityID, pair.UserIdentityID) {
		link.PrimaryUserIdentityID = identityID
	}
	l.writing(pair.ACSUserID)
	err = l.add(ctx, pair, identityID)
	if err == nil {
		l.reader.Wrote(pair.ACSUserID, identityID)
	}
	return link, err
}

// mayAdd returns the reason why a link must not be added to what was found.
func (l *Links) mayAdd(ctx context.Context, finding Finding) error {
	pair := finding.Link.Pair
	switch {
	case finding.Standing == NoSuchACSUser:
		return l.missing(ctx, ACSUser, pair.ACSUserID)
	case finding.BeingDeleted:
		return &BeingDeletedError{What: ACSUser, ID: pair.ACSUserID}
	case finding.Standing == Linked:
		return &ExistsError{Link: finding.Link}
	case finding.Standing == HeldByAnother:
		return &HeldError{Pair: pair, HolderID: finding.HolderID}
	default:
		return nil
	}
}

// identityToLink returns the id of the user identity to link, which after a
// merge is the primary's. It refuses one that does not exist, or that is being
// deleted: with an identity, Seam deletes its ACS users too.
func (l *Links) identityToLink(ctx context.Context, userIdentityID string) (string, error) {
	identity, err := l.reader.UserIdentity(ctx, userIdentityID, func(identity seam.UserIdentity) bool {
		return !identity.BeingDeleted()
	})
	if seam.IsNotFound(err, seam.TypeUserIdentityNotFound) {
		return "", l.missing(ctx, UserIdentity, userIdentityID)
	}
	if err != nil {
		return "", err
	}
	if identity.BeingDeleted() {
		return "", &BeingDeletedError{What: UserIdentity, ID: userIdentityID}
	}
	return identity.UserIdentityID, nil
}

// add sends the write until its effect is known, one way or the other. The ACS
// user is looked at directly before each repetition, and after each failure.
//
// A write whose time was up may land after every look: from then on, no failure
// is certain any more.
func (l *Links) add(ctx context.Context, pair Pair, identityID string) error {
	doubt, late := false, false // whether a write may have taken effect, or may yet
	fail := func(err error) error {
		if late {
			return &UnknownEffectError{Pair: pair, Write: err}
		}
		return err
	}
	var failure error
	// settled looks at the ACS user, and reports whether that ends the matter.
	settled := func() (bool, error) {
		finding, err := l.lookAgain(ctx, pair)
		switch {
		case err != nil && doubt:
			return true, &UnknownEffectError{Pair: pair, Write: failure, Look: err}
		case err != nil && seam.IsThrottled(failure):
			return true, gaveUp(failure, err)
		case err != nil:
			return true, failure
		case finding.Standing == Linked && doubt:
			return true, nil
		case finding.Standing == Unlinked && !finding.BeingDeleted:
			return false, nil
		default:
			return true, fail(l.mayAdd(ctx, finding))
		}
	}
	for n := 0; ; n++ {
		if failure = l.seam.AddACSUser(ctx, identityID, pair.ACSUserID); failure == nil {
			return nil
		}
		ambiguous := seam.IsAmbiguous(failure)
		doubt = doubt || ambiguous
		late = late || seam.MayStillLand(failure)
		if !doubt && errors.Is(failure, context.Canceled) {
			return failure // nothing was sent
		}
		if done, err := settled(); done {
			return err
		}
		switch {
		case seam.IsThrottled(failure) && ctx.Err() == nil:
			// The look waited as Seam asked, and is of this moment.
		case !ambiguous:
			return fail(l.explainRefusal(ctx, pair, failure))
		default:
			if err := l.seam.Pause(ctx, n, failure); err != nil {
				return fail(err)
			}
			if done, err := settled(); done {
				return err
			}
		}
	}
}

// gaveUp is the failure of a write that Seam throttled, when the look before its
// repetition, which has to wait as Seam asks, waited as long as it may.
func gaveUp(failure, look error) error {
	timeout, ok := errors.AsType[*seam.RetryTimeoutError](look)
	if !ok {
		return look
	}
	return &seam.RetryTimeoutError{Wait: timeout.Wait, RetryTimeout: timeout.RetryTimeout, Tried: timeout.Tried, Err: failure}
}

// explainRefusal turns a refusal that speaks of a missing identity into words
// of our own; which types Seam answers here is not documented.
func (l *Links) explainRefusal(ctx context.Context, pair Pair, failure error) error {
	if seam.IsNotFound(failure, seam.TypeUserIdentityNotFound) {
		return l.missing(ctx, UserIdentity, pair.UserIdentityID)
	}
	return failure
}

// lookAgain looks at the ACS user after a write that failed. A cancelled
// operation still gets its look: whether the write took effect must be known.
func (l *Links) lookAgain(ctx context.Context, pair Pair) (Finding, error) {
	if ctx.Err() != nil {
		ctx = l.seam.LastLook(ctx)
	}
	return l.find(ctx, pair)
}

// missing says that something does not exist, and where it was looked for.
func (l *Links) missing(ctx context.Context, what Thing, id string) error {
	workspace, err := l.workspace.Get(ctx)
	if err != nil {
		return err
	}
	return &MissingError{What: what, ID: id, Workspace: workspace}
}
