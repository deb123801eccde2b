package link

import (
	"context"
	"slices"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// findLink reads the ACS user, which says what user identity it points to.
func (l *Links) findLink(ctx context.Context, pair Pair, _ Standing) (Finding, error) {
	user, err := l.seam.GetACSUser(ctx, pair.ACSUserID)
	return l.found(ctx, pair, user, err, func() (seam.UserIdentity, error) {
		return l.seam.GetUserIdentity(ctx, pair.TargetID)
	})
}

// readLinkEnds reads the ACS user and the user identity. That the identity cannot be
// read is no error while the ACS user alone tells how the two stand.
func (l *Links) readLinkEnds(ctx context.Context, pair Pair) (ends, error) {
	var read ends
	var user seam.ACSUser
	var identity seam.UserIdentity
	var err error
	l.both(
		func() { user, err = l.seam.GetACSUser(ctx, pair.ACSUserID) },
		func() { identity, read.targetErr = l.seam.GetUserIdentity(ctx, pair.TargetID) },
	)
	read.target = target{id: identity.UserIdentityID, beingDeleted: identity.BeingDeleted()}
	read.Finding, err = l.found(ctx, pair, user, err, func() (seam.UserIdentity, error) { return identity, read.targetErr })
	return read, err
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
	case sameID(finding.HolderID, pair.TargetID):
		finding.Standing = Linked
		return finding, nil
	}
	// An identity that was merged into another keeps its id as an alias, so that
	// two different ids can name one identity. Either end may tell.
	primary, err := l.primaryOfBoth(ctx, pair.TargetID, finding.HolderID, identity)
	switch {
	case err != nil:
		return Finding{}, err
	case primary == "":
		finding.Standing = HeldByAnother
		return finding, nil
	}
	finding.Standing = Linked
	if !sameID(primary, pair.TargetID) {
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
