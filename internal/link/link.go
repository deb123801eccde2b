// Package link says what the rule of package reconcile means for a link: what a
// read says, which write it allows, and what each refusal is.
//
// A link joins an ACS user to its target, of one of two kinds: the user identity that
// may use the credentials of the ACS user, or an access group whose doors they open. A
// link moved or removed by mistake opens a door for the wrong person or shuts it on the
// right one, so every write rests on a direct read of the same operation. The
// resources, the action and everything else that changes a link come here; nothing of
// Terraform, HTTP or time does.
package link

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// Seam is what links need of the Seam API. *seam.Client provides it. Errors are
// those of package seam.
type Seam interface {
	reconcile.Waiter
	GetACSUser(ctx context.Context, acsUserID string) (seam.ACSUser, error)
	GetUserIdentity(ctx context.Context, userIdentityID string) (seam.UserIdentity, error)
	GetUnmanagedUserIdentity(ctx context.Context, userIdentityID string) (seam.UserIdentity, error)
	AddACSUser(ctx context.Context, userIdentityID, acsUserID string) error
	RemoveACSUser(ctx context.Context, userIdentityID, acsUserID string) error
	GetAccessGroup(ctx context.Context, acsAccessGroupID string) (seam.AccessGroup, error)
	ListAccessGroups(ctx context.Context, filter seam.AccessGroupsFilter) ([]seam.AccessGroup, error)
	AddToAccessGroup(ctx context.Context, acsAccessGroupID, acsUserID string) error
	RemoveFromAccessGroup(ctx context.Context, acsAccessGroupID, acsUserID string) error

	// StartOperation gives all calls made with the returned context one budget
	// of time in which to retry.
	StartOperation(ctx context.Context) context.Context
	// StartOptional is StartOperation with a smaller budget, for what the caller
	// can do without.
	StartOptional(ctx context.Context, limit time.Duration) context.Context
}

// Pages are list pages that confirm what is expected of an ACS user.
// bulkread.Links and bulkread.Memberships provide them.
type Pages interface {
	// Confirm reports whether a page shows the ACS user linked to the target, or to
	// none if that is empty, with nothing wrong with it. The access system may be
	// empty.
	Confirm(ctx context.Context, acsSystemID, acsUserID, targetID string) bool
}

// Pair names a link by its two ends. Seam's ids are case-insensitive.
type Pair struct {
	Target    Thing // UserIdentity or AccessGroup
	TargetID  string
	ACSUserID string
}

// ToIdentity names the link of an ACS user to a user identity.
func ToIdentity(userIdentityID, acsUserID string) Pair {
	return Pair{Target: UserIdentity, TargetID: userIdentityID, ACSUserID: acsUserID}
}

// InGroup names the membership of an ACS user in an access group.
func InGroup(acsAccessGroupID, acsUserID string) Pair {
	return Pair{Target: AccessGroup, TargetID: acsAccessGroupID, ACSUserID: acsUserID}
}

// ID returns the id of one end.
func (p Pair) ID(what Thing) string {
	if what == ACSUser {
		return p.ACSUserID
	}
	return p.TargetID
}

// Link is a link as Seam has it.
type Link struct {
	Pair
	// ACSSystemID and WorkspaceID say where the ACS user lives.
	ACSSystemID string
	WorkspaceID string
	// PrimaryUserIdentityID is set when Pair names an identity that was merged
	// into another one: it is the id of the identity that is linked.
	PrimaryUserIdentityID string
	// DeletedExternally reports that the record is known to be gone from the access
	// system, so that the link grants nothing.
	DeletedExternally bool
}

// Links reads and changes links of both kinds. It is safe for concurrent use; writes to
// one ACS user do not interleave.
type Links struct {
	seam      Seam
	kinds     map[Thing]kind // by target
	workspace *reconcile.Workspace
	locks     *reconcile.Locks
	written   atomic.Bool
	both      func(a, b func()) // runs two functions, at the same time
}

// kind is what differs between the kinds of links.
type kind struct {
	pages Pages
	// find reads directly how the ends of a pair stand. It needs the fewest requests for
	// what is expected.
	find func(ctx context.Context, pair Pair, expected Standing) (Finding, error)
	// readEnds is find in one round trip, which reads the target, too.
	readEnds    func(ctx context.Context, pair Pair) (ends, error)
	add, remove func(ctx context.Context, targetID, acsUserID string) error
	notFound    string // the type of error for a target that does not exist
}

// New returns Links that reach Seam through api, and save requests with the pages for
// links to user identities and those for memberships in access groups. Links that share
// locks keep their writes apart, even when they reach Seam with different credentials.
func New(api Seam, identities, groups Pages, workspace *reconcile.Workspace, locks *reconcile.Locks) *Links {
	l := &Links{seam: api, workspace: workspace, locks: locks, both: concurrently}
	l.kinds = map[Thing]kind{
		UserIdentity: {identities, l.findLink, l.readLinkEnds, api.AddACSUser, api.RemoveACSUser, seam.TypeUserIdentityNotFound},
		AccessGroup:  {groups, l.findMembership, l.readMembershipEnds, api.AddToAccessGroup, api.RemoveFromAccessGroup, seam.TypeAccessGroupNotFound},
	}
	return l
}

func concurrently(a, b func()) {
	var group sync.WaitGroup
	group.Go(a)
	b()
	group.Wait()
}

// HaveWritten reports whether a creation or a removal has begun: then a plan is being
// applied.
func (l *Links) HaveWritten() bool { return l.written.Load() }

// start begins an operation, in the workspace that was asked for.
func (l *Links) start(ctx context.Context) (context.Context, error) {
	ctx = l.seam.StartOperation(ctx)
	return ctx, l.workspace.Verify(ctx)
}

// sameID reports whether two ids name the same object.
func sameID(a, b string) bool { return strings.EqualFold(a, b) }
