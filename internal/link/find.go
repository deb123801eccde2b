package link

import (
	"context"
	"slices"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// Standing says how an ACS user stands to a user identity.
type Standing int

const (
	// Linked: the ACS user points to the user identity, or to the identity
	// that it was merged into.
	Linked Standing = iota + 1
	// Unlinked: the ACS user points to no user identity.
	Unlinked
	// HeldByAnother: the ACS user points to another user identity.
	HeldByAnother
	// NoSuchACSUser: Seam knows no such ACS user in this workspace.
	NoSuchACSUser
)

// Finding is what a read of an ACS user says.
type Finding struct {
	Standing Standing
	Link     Link
	// HolderID is the user identity that the ACS user points to, if any.
	HolderID string
	// BeingDeleted reports that Seam is deleting the ACS user.
	BeingDeleted bool
}

// Find reads the ACS user of a pair and says how it stands to the user identity.
func (l *Links) Find(ctx context.Context, pair Pair) (Finding, error) {
	ctx, err := l.start(ctx)
	if err != nil {
		return Finding{}, err
	}
	return l.find(ctx, pair)
}

// FindConflict is Find for a link that is to be created: a page may say that the ACS
// user is not linked. It decides nothing, so that it may retry for the limit only.
func (l *Links) FindConflict(ctx context.Context, pair Pair, limit time.Duration) (Finding, error) {
	ctx = l.seam.StartOptional(ctx, limit)
	if err := l.workspace.Verify(ctx); err != nil {
		return Finding{}, err
	}
	if l.confirm(ctx, "", pair.ACSUserID, "") {
		return Finding{Standing: Unlinked, Link: Link{Pair: pair}}, nil
	}
	return l.find(ctx, pair)
}

// Read finds a link that is known to have been there. A page may confirm it;
// everything else is told by a direct read. That its ACS user does not exist is
// believed only where the workspace and the access system of the link are reached:
// the wrong credentials never look like the removal of every link.
func (l *Links) Read(ctx context.Context, known Link) (Finding, error) {
	ctx, err := l.start(ctx)
	if err != nil {
		return Finding{}, err
	}
	if known.WorkspaceID != "" && known.ACSSystemID != "" && l.confirm(ctx, known.ACSSystemID, known.ACSUserID, known.UserIdentityID) {
		return Finding{Standing: Linked, Link: known, HolderID: known.UserIdentityID}, nil
	}
	return l.read(ctx, known)
}

// confirm asks the pages. They say nothing about what this process has written to.
func (l *Links) confirm(ctx context.Context, acsSystemID, acsUserID, userIdentityID string) bool {
	return !l.locks.Wrote(acsUserID) && l.pages.Confirm(ctx, acsSystemID, acsUserID, userIdentityID)
}

func (l *Links) find(ctx context.Context, pair Pair) (Finding, error) {
	user, err := l.seam.GetACSUser(ctx, pair.ACSUserID)
	return l.found(ctx, pair, user, err, func() (seam.UserIdentity, error) {
		return l.seam.GetUserIdentity(ctx, pair.UserIdentityID)
	})
}

// read is find for a link that is known to have been there. It refuses a finding of
// another workspace, and a missing ACS user of an access system that is out of sight.
func (l *Links) read(ctx context.Context, known Link) (Finding, error) {
	finding, err := l.find(ctx, known.Pair)
	if err != nil {
		return Finding{}, err
	}
	switch {
	case finding.Standing != NoSuchACSUser:
		if known.WorkspaceID != "" && !sameID(finding.Link.WorkspaceID, known.WorkspaceID) {
			return Finding{}, &reconcile.WrongWorkspaceError{OfState: true, WantID: known.WorkspaceID, GotID: finding.Link.WorkspaceID}
		}
	case known.WorkspaceID == "":
		return Finding{}, l.missing(ctx, ACSUser, known.Pair)
	default:
		if err := l.workspace.CheckMissing(ctx, known.WorkspaceID, known.ACSSystemID); err != nil {
			return Finding{}, err
		}
	}
	return finding, nil
}

// found makes a finding of a direct read of the ACS user. identity reads the user
// identity of the pair.
func (l *Links) found(ctx context.Context, pair Pair, user seam.ACSUser, err error, identity func() (seam.UserIdentity, error)) (Finding, error) {
	if seam.IsNotFound(err, seam.TypeACSUserNotFound) {
		return Finding{Standing: NoSuchACSUser, Link: Link{Pair: pair}}, nil
	}
	if err != nil {
		return Finding{}, err
	}
	finding := Finding{
		Link:         Link{Pair: pair, ACSSystemID: user.ACSSystemID, WorkspaceID: user.WorkspaceID, DeletedExternally: user.DeletedExternally()},
		HolderID:     user.UserIdentityID,
		BeingDeleted: user.BeingDeleted(),
	}
	switch {
	case finding.HolderID == "":
		finding.Standing = Unlinked
		return finding, nil
	case sameID(finding.HolderID, pair.UserIdentityID):
		finding.Standing = Linked
		return finding, nil
	}
	// An identity that was merged into another keeps its id as an alias, so that
	// two different ids can name one identity. Either end may tell.
	primary, err := l.primaryOfBoth(ctx, pair.UserIdentityID, finding.HolderID, identity)
	switch {
	case err != nil:
		return Finding{}, err
	case primary == "":
		finding.Standing = HeldByAnother
		return finding, nil
	}
	finding.Standing = Linked
	if !sameID(primary, pair.UserIdentityID) {
		finding.Link.PrimaryUserIdentityID = primary
	}
	return finding, nil
}

// primaryOfBoth returns the id of the user identity that both ids name, "" if they
// name two. Seam may not find an alias, at once or ever; then the identity that the
// alias stands for still lists it.
func (l *Links) primaryOfBoth(ctx context.Context, id, holderID string, read func() (seam.UserIdentity, error)) (string, error) {
	identity, err := existing(read())
	if err != nil {
		return "", err
	}
	if names(identity, holderID) {
		return identity.UserIdentityID, nil
	}
	holder, err := existing(l.seam.GetUserIdentity(ctx, holderID))
	if err != nil {
		return "", err
	}
	if names(holder, id) || names(holder, identity.UserIdentityID) {
		return holder.UserIdentityID, nil
	}
	return "", nil
}

// existing returns no identity, rather than an error, for one that is not there.
func existing(identity seam.UserIdentity, err error) (seam.UserIdentity, error) {
	if seam.IsNotFound(err, seam.TypeUserIdentityNotFound) {
		return seam.UserIdentity{}, nil
	}
	return identity, err
}

// names reports whether an id is that of an identity, or of one merged into it.
func names(identity seam.UserIdentity, id string) bool {
	return id != "" && (sameID(identity.UserIdentityID, id) ||
		slices.ContainsFunc(identity.MergedUserIdentityIDs, func(merged string) bool { return sameID(merged, id) }))
}
