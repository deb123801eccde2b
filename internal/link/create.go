package link

import (
	"context"

	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// Create adds a link. The ACS user must be unlinked: a link that exists already is
// an *ExistsError, a link to another identity a *HeldError, and nothing is sent.
//
// Other refusals are *MissingError, *BeingDeletedError, *OtherSystemError and
// *reconcile.WrongWorkspaceError.
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

	kind := l.kinds[pair.Target]
	read, wrote, err := reconcile.Apply(ctx, l.seam, reconcile.Change[ends]{
		Read:   func(ctx context.Context) (ends, error) { return kind.readEnds(ctx, pair) },
		Done:   func(read ends) bool { return read.Standing == Linked },
		Refuse: l.refuseAdd,
		Write: func(ctx context.Context, read ends) error {
			l.locks.Writing(pair.ACSUserID)
			return kind.add(ctx, read.target.id, pair.ACSUserID)
		},
	})
	switch {
	case err == nil && !wrote:
		return Link{}, &ExistsError{Link: read.Link}
	case !wrote:
		return Link{}, err
	}
	link := read.Link
	if id := read.target.id; !sameID(id, pair.TargetID) {
		link.PrimaryUserIdentityID = id
	}
	return link, err
}

// ends are the two ends of a link, as they were read at the same time.
type ends struct {
	Finding
	target    target
	targetErr error // why there is no target
}

// target is the end of a link that is no ACS user.
type target struct {
	id           string // of the identity that the pair's was merged into, if it was
	acsSystemID  string // of an access group
	beingDeleted bool
}

// refuseAdd returns the reason why a link must not be added to what was read.
func (l *Links) refuseAdd(ctx context.Context, read ends) error {
	pair := read.Link.Pair
	switch {
	case read.Standing == NoSuchACSUser:
		return l.missing(ctx, ACSUser, pair)
	case read.BeingDeleted:
		return &BeingDeletedError{What: ACSUser, Pair: pair}
	case read.Standing == HeldByAnother:
		return &HeldError{Pair: pair, HolderID: read.HolderID}
	case seam.IsNotFound(read.targetErr, l.kinds[pair.Target].notFound):
		return l.missing(ctx, pair.Target, pair)
	case read.targetErr != nil:
		return read.targetErr
	case read.target.beingDeleted:
		return &BeingDeletedError{What: pair.Target, Pair: pair}
	case read.target.acsSystemID != "" && !sameID(read.target.acsSystemID, read.Link.ACSSystemID):
		return &OtherSystemError{Pair: pair, ACSUserSystemID: read.Link.ACSSystemID, TargetSystemID: read.target.acsSystemID}
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
	missing := &MissingError{What: what, ID: pair.ID(what), Workspace: workspace}
	other := ACSUser
	if what == ACSUser {
		other = pair.Target
	}
	if l.exists(ctx, other, missing.ID) {
		missing.Other = other
	} else if what == UserIdentity {
		_, err = l.seam.GetUnmanagedUserIdentity(ctx, missing.ID)
		missing.IsUnmanaged = err == nil
	}
	return missing
}

func (l *Links) exists(ctx context.Context, what Thing, id string) bool {
	var err error
	switch what {
	case UserIdentity:
		_, err = l.seam.GetUserIdentity(ctx, id)
	case AccessGroup:
		_, err = l.seam.GetAccessGroup(ctx, id)
	default:
		_, err = l.seam.GetACSUser(ctx, id)
	}
	return err == nil
}

// Missing is the error for an end of a pair that was not found.
func (l *Links) Missing(ctx context.Context, what Thing, pair Pair) error {
	return l.missing(l.seam.StartOperation(ctx), what, pair)
}
