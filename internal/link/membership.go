package link

import (
	"cmp"
	"context"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// findMembership reads the list of the access groups of the ACS user, and no more if that
// shows the access group. Where it does not, the ACS user is read before the list: that a
// member is being added shows on the ACS user until the access system has it, and in the
// list from then on at the latest, so that the other order may miss it.
func (l *Links) findMembership(ctx context.Context, pair Pair, expected Standing) (Finding, error) {
	if expected == Linked {
		group, err := l.listed(ctx, pair)
		if err != nil || group.ACSAccessGroupID != "" {
			return membership(pair, seam.ACSUser{}, group), err
		}
	}
	user, err := l.seam.GetACSUser(ctx, pair.ACSUserID)
	switch {
	case seam.IsNotFound(err, seam.TypeACSUserNotFound):
		return Finding{Standing: NoSuchACSUser, Link: Link{Pair: pair}}, nil
	case err != nil:
		return Finding{}, err
	}
	finding := membership(pair, user, seam.AccessGroup{})
	if finding.Pending {
		return finding, nil
	}
	group, err := l.listed(ctx, pair)
	if err != nil {
		return Finding{}, err
	}
	finding = membership(pair, user, group)
	if finding.Standing != Unlinked {
		return finding, nil
	}
	// The list leaves out what is in an access system that is out of sight.
	if err := l.workspace.CheckMissing(ctx, "", user.ACSSystemID); err != nil {
		return Finding{}, err
	}
	if expected == Linked {
		_, err := l.seam.GetAccessGroup(ctx, pair.TargetID)
		finding.NoTarget = seam.IsNotFound(err, seam.TypeAccessGroupNotFound)
	}
	return finding, nil
}

// readMembershipEnds reads the ACS user, its access groups and the access group of the pair.
func (l *Links) readMembershipEnds(ctx context.Context, pair Pair) (ends, error) {
	var user seam.ACSUser
	var listed, group seam.AccessGroup
	var userErr, listErr, groupErr error
	l.both(
		func() { user, userErr = l.seam.GetACSUser(ctx, pair.ACSUserID) },
		func() {
			l.both(
				func() { listed, listErr = l.listed(ctx, pair) },
				func() { group, groupErr = l.seam.GetAccessGroup(ctx, pair.TargetID) },
			)
		},
	)
	if seam.IsNotFound(userErr, seam.TypeACSUserNotFound) {
		return ends{Finding: Finding{Standing: NoSuchACSUser, Link: Link{Pair: pair}}}, nil
	}
	return ends{
		Finding:   membership(pair, user, listed),
		target:    target{id: pair.TargetID, acsSystemID: group.ACSSystemID, beingDeleted: group.BeingDeleted()},
		targetErr: groupErr,
	}, cmp.Or(userErr, listErr)
}

// listed returns the access group of a pair from the list of those of the ACS user, a
// zero one if it is not there.
func (l *Links) listed(ctx context.Context, pair Pair) (seam.AccessGroup, error) {
	groups, err := l.seam.ListAccessGroups(ctx, seam.AccessGroupsFilter{ACSUserID: pair.ACSUserID})
	if seam.IsNotFound(err, seam.TypeACSUserNotFound) {
		return seam.AccessGroup{}, nil // which reading the ACS user tells
	}
	for _, group := range groups {
		if sameID(group.ACSAccessGroupID, pair.TargetID) {
			return group, err
		}
	}
	return seam.AccessGroup{}, err
}

// membership makes a finding of what was read. What is pending counts as what it will be.
// Where the ACS user and the list, or two pending changes, contradict each other, the ACS
// user counts as a member: a membership that is overlooked opens doors.
func membership(pair Pair, user seam.ACSUser, listed seam.AccessGroup) Finding {
	adding, removing := user.PendingMembership(pair.TargetID)
	listedAdding, listedRemoving := listed.PendingMembership(pair.ACSUserID)
	finding := Finding{
		Standing: Unlinked,
		Link: Link{
			Pair:        pair,
			ACSSystemID: cmp.Or(user.ACSSystemID, listed.ACSSystemID),
			WorkspaceID: cmp.Or(user.WorkspaceID, listed.WorkspaceID),

			DeletedExternally: user.DeletedExternally(),
		},
		BeingDeleted: user.BeingDeleted(),
		Pending:      adding || removing || listedAdding || listedRemoving,
	}
	if adding || listedAdding || listed.ACSAccessGroupID != "" && !listedRemoving {
		finding.Standing = Linked
	}
	return finding
}
