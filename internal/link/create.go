package link

import (
	"context"

	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// Create adds a link. The ACS user must be unlinked: a link that exists already is
// an *ExistsError, a link to another identity a *HeldError, and nothing is sent.
//
// Other refusals are *MissingError, *BeingDeletedError and *reconcile.WrongWorkspaceError.
// After a *reconcile.UnknownEffectError the link may be there, or come; the returned
// Link is complete then, to be remembered.
func (l *Links) Create(ctx context.Context, pair Pair) (Link, error) {
	l.written.Store(true)
	ctx, err := l.start(ctx)
	if err != nil {
		return Link{}, err
	}
	unlock, err := l.locks.Lock(ctx, pair.ACSUserID)
	if err != nil {
		return Link{}, err
	}
	defer unlock()

	read, wrote, err := reconcile.Apply(ctx, l.seam, reconcile.Change[ends]{
		Read:   func(ctx context.Context) (ends, error) { return l.readEnds(ctx, pair) },
		Done:   func(read ends) bool { return read.Standing == Linked },
		Refuse: l.refuseAdd,
		Write: func(ctx context.Context, read ends) error {
			l.locks.Writing(pair.ACSUserID)
			return l.seam.AddACSUser(ctx, read.identity.UserIdentityID, pair.ACSUserID)
		},
	})
	switch {
	case err == nil && !wrote:
		return Link{}, &ExistsError{Link: read.Link}
	case !wrote:
		return Link{}, err
	}
	link := read.Link
	if id := read.identity.UserIdentityID; !sameID(id, pair.UserIdentityID) {
		link.PrimaryUserIdentityID = id
	}
	return link, err
}

// ends are the two ends of a link, as they were read at the same time.
type ends struct {
	Finding
	identity    seam.UserIdentity
	identityErr error // why there is no identity
}

// readEnds reads the ACS user and the user identity. That the identity cannot be
// read is no error while the ACS user alone tells how the two stand.
func (l *Links) readEnds(ctx context.Context, pair Pair) (ends, error) {
	var read ends
	var user seam.ACSUser
	var err error
	l.both(
		func() { user, err = l.seam.GetACSUser(ctx, pair.ACSUserID) },
		func() { read.identity, read.identityErr = l.seam.GetUserIdentity(ctx, pair.UserIdentityID) },
	)
	read.Finding, err = l.found(ctx, pair, user, err, func() (seam.UserIdentity, error) { return read.identity, read.identityErr })
	return read, err
}

// refuseAdd returns the reason why a link must not be added to what was read.
func (l *Links) refuseAdd(ctx context.Context, read ends) error {
	pair := read.Link.Pair
	switch {
	case read.Standing == NoSuchACSUser:
		return l.missing(ctx, ACSUser, pair)
	case read.BeingDeleted:
		return &BeingDeletedError{What: ACSUser, ID: pair.ACSUserID}
	case read.Standing == HeldByAnother:
		return &HeldError{Pair: pair, HolderID: read.HolderID}
	case seam.IsNotFound(read.identityErr, seam.TypeUserIdentityNotFound):
		return l.missing(ctx, UserIdentity, pair)
	case read.identityErr != nil:
		return read.identityErr
	case read.identity.BeingDeleted():
		return &BeingDeletedError{What: UserIdentity, ID: pair.UserIdentityID}
	default:
		return nil
	}
}

// missing says that one end of a pair does not exist, where that was read, and what
// may be the cause. The cause is a help and no more: without it, the error stands.
func (l *Links) missing(ctx context.Context, what Thing, pair Pair) error {
	workspace, err := l.workspace.Get(ctx)
	if err != nil {
		return err
	}
	missing := &MissingError{What: what, ID: pair.ACSUserID, Workspace: workspace}
	if what == ACSUser {
		_, err = l.seam.GetUserIdentity(ctx, missing.ID)
		missing.IsOtherThing = err == nil
		return missing
	}
	missing.ID = pair.UserIdentityID
	_, userErr := l.seam.GetACSUser(ctx, missing.ID)
	missing.IsOtherThing = userErr == nil
	if !missing.IsOtherThing {
		_, err = l.seam.GetUnmanagedUserIdentity(ctx, missing.ID)
		missing.IsUnmanaged = err == nil
	}
	return missing
}

// Missing is the error for an end of a pair that was not found.
func (l *Links) Missing(ctx context.Context, what Thing, pair Pair) error {
	return l.missing(l.seam.StartOperation(ctx), what, pair)
}
