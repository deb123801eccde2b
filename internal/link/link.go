// Package link holds the rule of the product: look at the ACS user, decide,
// write, and look again whenever the answer to the write cannot be trusted.
//
// A link is the pointer from an ACS user to the user identity that may use its
// credentials. A link moved or cut by mistake opens a door for the wrong person
// or shuts it on the right one, so what is found decides what is done, and in
// doubt nothing is sent. The resource and everything else that changes a link
// come here; nothing of Terraform, HTTP or time does. What of Seam the rule
// needs is the interface Seam.
package link

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// Seam is what the rule needs of the Seam API. *seam.Client provides it.
//
// Errors are those of package seam: the rule asks seam.IsNotFound and
// seam.IsAmbiguous what they mean.
type Seam interface {
	GetACSUser(ctx context.Context, acsUserID string) (seam.ACSUser, error)
	GetUserIdentity(ctx context.Context, userIdentityID string) (seam.UserIdentity, error)
	GetWorkspace(ctx context.Context) (seam.Workspace, error)
	AddACSUser(ctx context.Context, userIdentityID, acsUserID string) error
	RemoveACSUser(ctx context.Context, userIdentityID, acsUserID string) error

	// StartOperation gives all calls made with the returned context one
	// budget of time in which to try again.
	StartOperation(ctx context.Context) context.Context
	// LastLook returns a context that outlives the cancelling of ctx and
	// allows no waiting: it is for the one look after a write whose answer
	// did not arrive.
	LastLook(ctx context.Context) context.Context
	// Pause waits before an ambiguous write is repeated for the nth time. It
	// fails when the operation is cancelled, or would outlast its budget.
	Pause(ctx context.Context, n int, cause error) error
}

// Pair names a link by its two ends. Seam's ids compare without case.
type Pair struct {
	UserIdentityID string
	ACSUserID      string
}

// Link is a link that was seen.
type Link struct {
	Pair
	// ACSSystemID and WorkspaceID say where the ACS user lives.
	ACSSystemID string
	WorkspaceID string
	// PrimaryUserIdentityID is set when Pair names an identity that was merged
	// into another one: it is the id of the identity that holds the link.
	PrimaryUserIdentityID string
}

// Reader reads what many links ask for, and spends few requests on it. An answer
// may be a little old, or come from a list; then enough has to accept it, and
// every other answer is Seam's own at this moment. *bulkread.Reader provides it.
//
// Of an answer only the ids and BeingDeleted count.
type Reader interface {
	// ACSUser is for telling how things are. What is remembered of the ACS user
	// besides its id helps, and may be empty.
	ACSUser(ctx context.Context, remembered seam.ACSUser, enough func(seam.ACSUser) bool) (seam.ACSUser, error)
	// ACSUserToLink is for telling, while planning, whether it can be linked.
	ACSUserToLink(ctx context.Context, acsUserID string, enough func(seam.ACSUser) bool) (seam.ACSUser, error)
	// ACSUserForWrite is for deciding about a write: what it answers shows, at
	// least, what there was when the command began.
	ACSUserForWrite(ctx context.Context, acsUserID, acsSystemID string, enough func(seam.ACSUser) bool) (seam.ACSUser, error)
	UserIdentity(ctx context.Context, userIdentityID string, enough func(seam.UserIdentity) bool) (seam.UserIdentity, error)
	// Writing says that a write to the ACS user is about to be sent. From then
	// on every answer about it is Seam's own.
	Writing(acsUserID string)
	// Wrote says that the write took effect, and whom the ACS user is linked
	// to since: a user identity, or nobody.
	Wrote(acsUserID, userIdentityID string)
}

// Links applies the rule. It is safe for concurrent use; writes to one ACS user
// do not interleave.
type Links struct {
	seam      Seam
	reader    Reader
	workspace *Workspace
	locks     *Locks
	word      *word
	writes    atomic.Int64 // operations that came to write
}

// New returns Links that reach Seam through api, and through reader where that
// will do. Links that share locks keep their writes apart, even when they reach
// Seam with different credentials.
func New(api Seam, reader Reader, workspace *Workspace, locks *Locks) *Links {
	return &Links{seam: api, reader: reader, workspace: workspace, locks: locks, word: newWord()}
}

// surelyApplying is how many writes only somebody makes who applies a plan.
const surelyApplying = 20

// Applying reports whether so much has been written that a plan is being applied,
// and no other one made. Terraform then plans each creation again right before it,
// and what that could tell, the creation finds out itself.
func (l *Links) Applying() bool { return l.writes.Load() >= surelyApplying }

// sameID reports whether two ids name the same thing.
func sameID(a, b string) bool { return strings.EqualFold(a, b) }
