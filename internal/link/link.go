// Package link says what the rule of package reconcile means for a link: what a
// read of an ACS user says, which write it allows, and what each refusal is.
//
// A link is the pointer from an ACS user to the user identity that may use its
// credentials. A link moved or removed by mistake opens a door for the wrong person
// or shuts it on the right one, so every write rests on a direct read of the same
// operation. The resource, the action and everything else that changes a link come
// here; nothing of Terraform, HTTP or time does.
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

	// StartOperation gives all calls made with the returned context one budget
	// of time in which to retry.
	StartOperation(ctx context.Context) context.Context
	// StartOptional is StartOperation with a smaller budget, for what the caller
	// can do without.
	StartOptional(ctx context.Context, limit time.Duration) context.Context
}

// Pages are list pages that confirm what is expected of an ACS user.
// bulkread.Links provides them.
type Pages interface {
	// Confirm reports whether a page shows the ACS user linked to the user
	// identity, or to none if that is empty, with nothing wrong with it. The access
	// system says which list to look in; it may be empty.
	Confirm(ctx context.Context, acsSystemID, acsUserID, userIdentityID string) bool
}

// Pair names a link by its two ends. Seam's ids are case-insensitive.
type Pair struct {
	UserIdentityID string
	ACSUserID      string
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
	// DeletedExternally reports that the record is gone from the access system,
	// so that the link grants nothing.
	DeletedExternally bool
}

// Links reads and changes links. It is safe for concurrent use; writes to one ACS
// user do not interleave.
type Links struct {
	seam      Seam
	pages     Pages
	workspace *reconcile.Workspace
	locks     *reconcile.Locks
	written   atomic.Bool
	both      func(a, b func()) // runs two functions, at the same time
}

// New returns Links that reach Seam through api, and save requests with pages.
// Links that share locks keep their writes apart, even when they reach Seam with
// different credentials.
func New(api Seam, pages Pages, workspace *reconcile.Workspace, locks *reconcile.Locks) *Links {
	return &Links{seam: api, pages: pages, workspace: workspace, locks: locks, both: concurrently}
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
