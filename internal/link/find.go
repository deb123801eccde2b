package link

import (
	"context"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
)

// Standing says how an ACS user stands to the target of a pair.
type Standing int

const (
	// Linked: the ACS user points to the user identity, or to the identity
	// that it was merged into; or it is a member of the access group.
	Linked Standing = iota + 1
	// Unlinked: the ACS user points to no user identity; or it is no member of the
	// access group.
	Unlinked
	// HeldByAnother: the ACS user points to another user identity.
	HeldByAnother
	// NoSuchACSUser: Seam knows no such ACS user in this workspace.
	NoSuchACSUser
)

// Finding is what a direct read says of a pair.
type Finding struct {
	Standing Standing
	Link     Link
	// HolderID is the user identity that the ACS user points to, if any.
	HolderID string
	// BeingDeleted reports that Seam is known to be deleting the ACS user.
	BeingDeleted bool
	// Pending reports that the access system has yet to carry out a change, after which
	// the two stand so.
	Pending bool
	// NoTarget reports that an access group is gone that the ACS user was expected in.
	NoTarget bool
}

// Find reads how the ends of a pair stand.
func (l *Links) Find(ctx context.Context, pair Pair) (Finding, error) {
	ctx, err := l.start(ctx)
	if err != nil {
		return Finding{}, err
	}
	return l.kinds[pair.Target].find(ctx, pair, Linked)
}

// FindConflict is Find for a link that is to be created: a page may say that the ACS
// user is not linked. It decides nothing, so that it may retry for the limit only.
func (l *Links) FindConflict(ctx context.Context, pair Pair, limit time.Duration) (Finding, error) {
	ctx = l.seam.StartOptional(ctx, limit)
	if err := l.workspace.Verify(ctx); err != nil {
		return Finding{}, err
	}
	if l.confirm(ctx, "", pair, "") {
		return Finding{Standing: Unlinked, Link: Link{Pair: pair}}, nil
	}
	return l.kinds[pair.Target].find(ctx, pair, Unlinked)
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
	if known.WorkspaceID != "" && known.ACSSystemID != "" && l.confirm(ctx, known.ACSSystemID, known.Pair, known.TargetID) {
		return Finding{Standing: Linked, Link: known, HolderID: known.TargetID}, nil
	}
	return l.read(ctx, known, Linked)
}

// confirm asks the pages. They say nothing about what this process has written to.
func (l *Links) confirm(ctx context.Context, acsSystemID string, pair Pair, targetID string) bool {
	return !l.locks.Wrote(pair.ACSUserID) && l.kinds[pair.Target].pages.Confirm(ctx, acsSystemID, pair.ACSUserID, targetID)
}

// read is find for a link that is known to have been there. It refuses a finding of
// another workspace, and a missing ACS user of an access system that is out of sight.
func (l *Links) read(ctx context.Context, known Link, expected Standing) (Finding, error) {
	finding, err := l.kinds[known.Target].find(ctx, known.Pair, expected)
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
