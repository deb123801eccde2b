package link

import (
	"context"

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

// Finding is what a look at an ACS user found.
type Finding struct {
	Standing Standing
	Link     Link
	// HolderID is the user identity that the ACS user points to, if any.
	HolderID string
	// BeingDeleted reports that Seam is deleting the ACS user.
	BeingDeleted bool
}

// Find looks at the ACS user of the pair and says how it stands to the user
// identity. It writes nothing.
func (l *Links) Find(ctx context.Context, pair Pair) (Finding, error) {
	ctx = l.seam.StartOperation(ctx)
	if err := l.workspace.Verify(ctx); err != nil {
		return Finding{}, err
	}
	return l.find(ctx, pair)
}

// Read finds a link that is known to have been made in the workspace
// workspaceID. That no such ACS user exists is believed only while the
// credentials reach that workspace: a wrong key must never look like the
// removal of every link.
func (l *Links) Read(ctx context.Context, pair Pair, workspaceID string) (Finding, error) {
	ctx = l.seam.StartOperation(ctx)
	if err := l.workspace.Verify(ctx); err != nil {
		return Finding{}, err
	}
	return l.findIn(ctx, pair, workspaceID)
}

// findIn is find with the guard against a wrong workspace.
func (l *Links) findIn(ctx context.Context, pair Pair, workspaceID string) (Finding, error) {
	finding, err := l.find(ctx, pair)
	if err != nil {
		return Finding{}, err
	}
	reached := finding.Link.WorkspaceID
	if finding.Standing == NoSuchACSUser {
		workspace, err := l.workspace.Get(ctx)
		if err != nil {
			return Finding{}, err
		}
		if workspaceID == "" {
			return Finding{}, &MissingError{What: ACSUser, ID: pair.ACSUserID, Workspace: workspace}
		}
		reached = workspace.WorkspaceID
	}
	if workspaceID != "" && !sameID(reached, workspaceID) {
		return Finding{}, &WrongWorkspaceError{Pair: pair, WantID: workspaceID, GotID: reached}
	}
	return finding, nil
}

func (l *Links) find(ctx context.Context, pair Pair) (Finding, error) {
	user, err := l.seam.GetACSUser(ctx, pair.ACSUserID)
	if seam.IsNotFound(err, seam.TypeACSUserNotFound) {
		return Finding{Standing: NoSuchACSUser, Link: Link{Pair: pair}}, nil
	}
	if err != nil {
		return Finding{}, err
	}
	return l.compare(ctx, pair, user)
}

// compare says how an ACS user, as it was read, stands to the identity of pair.
func (l *Links) compare(ctx context.Context, pair Pair, user seam.ACSUser) (Finding, error) {
	finding := Finding{
		Link:         Link{Pair: pair, ACSSystemID: user.ACSSystemID, WorkspaceID: user.WorkspaceID},
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

	// An identity that was merged into another keeps its id as an alias, so
	// two different ids can still name one identity.
	wanted, err := l.primaryOf(ctx, pair.UserIdentityID)
	if err != nil {
		return Finding{}, err
	}
	holder := finding.HolderID
	if wanted != "" && !sameID(wanted, holder) {
		if holder, err = l.primaryOf(ctx, holder); err != nil {
			return Finding{}, err
		}
	}
	if wanted == "" || !sameID(wanted, holder) {
		finding.Standing = HeldByAnother
		return finding, nil
	}
	finding.Standing = Linked
	if !sameID(wanted, pair.UserIdentityID) {
		finding.Link.PrimaryUserIdentityID = wanted
	}
	return finding, nil
}

// primaryOf returns the id of the identity that an id stands for: the id itself
// or, after a merge, that of the primary. It returns "" when there is none.
func (l *Links) primaryOf(ctx context.Context, userIdentityID string) (string, error) {
	identity, err := l.seam.GetUserIdentity(ctx, userIdentityID)
	if seam.IsNotFound(err, seam.TypeUserIdentityNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return identity.UserIdentityID, nil
}
