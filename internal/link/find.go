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
// identity. It writes nothing. The standing that is likely may be told by a
// list; any other is told by Seam's own answer about this ACS user.
func (l *Links) Find(ctx context.Context, pair Pair, likely Standing) (Finding, error) {
	ctx = l.seam.StartOperation(ctx)
	if err := l.workspace.Verify(ctx); err != nil {
		return Finding{}, err
	}
	var user seam.ACSUser
	var err error
	if enough := stands(likely, pair); likely == Unlinked {
		user, err = l.reader.ACSUserToLink(ctx, pair.ACSUserID, enough)
	} else {
		user, err = l.reader.ACSUser(ctx, remembered(Link{Pair: pair}), enough)
	}
	return l.found(ctx, pair, user, err)
}

// Read finds a link that is known to have been there. That its ACS user does not
// exist is believed only while the credentials reach the workspace that the link
// was made in: a wrong key must never look like the removal of every link.
func (l *Links) Read(ctx context.Context, known Link) (Finding, error) {
	ctx = l.seam.StartOperation(ctx)
	if err := l.workspace.Verify(ctx); err != nil {
		return Finding{}, err
	}
	user, err := l.reader.ACSUser(ctx, remembered(known), stands(Linked, known.Pair))
	finding, err := l.found(ctx, known.Pair, user, err)
	return l.guard(ctx, finding, known.WorkspaceID, err)
}

// remembered is the ACS user of a link that was there.
func remembered(known Link) seam.ACSUser {
	return seam.ACSUser{
		ACSUserID: known.ACSUserID, ACSSystemID: known.ACSSystemID, WorkspaceID: known.WorkspaceID, UserIdentityID: known.UserIdentityID,
	}
}

// stands returns whether an ACS user, as a list shows it, plainly has a standing
// to the user identity of the pair.
func stands(likely Standing, pair Pair) func(seam.ACSUser) bool {
	return func(user seam.ACSUser) bool {
		switch likely {
		case Linked:
			return user.UserIdentityID != "" && sameID(user.UserIdentityID, pair.UserIdentityID)
		case Unlinked:
			return user.UserIdentityID == "" && !user.BeingDeleted()
		default:
			return false
		}
	}
}

// findForWrite is the look before a write. What this process has written to is
// looked at anew, whoever read it before.
func (l *Links) findForWrite(ctx context.Context, known Link, likely Standing) (Finding, error) {
	if l.locks.wrote(known.ACSUserID) {
		return l.find(ctx, known.Pair)
	}
	user, err := l.reader.ACSUserForWrite(ctx, known.ACSUserID, known.ACSSystemID, stands(likely, known.Pair))
	return l.found(ctx, known.Pair, user, err)
}

// writing announces a write to whoever remembers what was read.
func (l *Links) writing(acsUserID string) {
	l.locks.writing(acsUserID)
	l.reader.Writing(acsUserID)
	l.word.forget(acsUserID)
	l.writes.Add(1)
}

// find asks Seam itself.
func (l *Links) find(ctx context.Context, pair Pair) (Finding, error) {
	user, err := l.seam.GetACSUser(ctx, pair.ACSUserID)
	return l.found(ctx, pair, user, err)
}

// found makes a finding of what a look at the ACS user returned.
func (l *Links) found(ctx context.Context, pair Pair, user seam.ACSUser, err error) (Finding, error) {
	if seam.IsNotFound(err, seam.TypeACSUserNotFound) {
		return Finding{Standing: NoSuchACSUser, Link: Link{Pair: pair}}, nil
	}
	if err != nil {
		return Finding{}, err
	}
	return l.compare(ctx, pair, user)
}

// guard refuses a finding of another workspace than the one that is known.
func (l *Links) guard(ctx context.Context, finding Finding, workspaceID string, err error) (Finding, error) {
	if err != nil {
		return Finding{}, err
	}
	pair, reached := finding.Link.Pair, finding.Link.WorkspaceID
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
