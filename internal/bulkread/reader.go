// Package bulkread answers what an ACS user or a user identity looks like, and
// spends few requests on it. Terraform reads links one by one; a workspace can
// be listed five hundred at a time, and links that are read at the same time can be
// confirmed together. The package decides, read by read, whether to get one thing,
// to share a request (see gather.go) or to fetch the next page of the list, without
// knowing how many reads are still to come: renting or buying (see policy.go).
//
// A list may be a little stale, and whoever asks says what it may be used for:
// an answer from a list is given only when the asker finds it enough, and every
// other answer comes from a get. What to make of an answer is not decided here,
// and nothing here knows Terraform.
package bulkread

import (
	"context"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

const (
	// maxAge bounds the use of what was read to tell how things are. It is
	// longer than a plan takes, and matters where one process serves many
	// commands, as it does under a debugger.
	maxAge = 5 * time.Minute

	// maxAgeForWrite bounds the use of what was read to decide about a write.
	// It has to span the few commands that Terraform runs between reading and
	// writing the last of what one page shows; in that time somebody else may
	// change a link unseen, as in the moment between a get and a write.
	maxAgeForWrite = 30 * time.Second

	// settling is how long pages are distrusted for writes after the reader
	// was made. Seam does not say how soon a list shows a link that was made a
	// moment ago. A page that was asked for this long after the command began
	// shows what there was when it began, unless lists are seen to lag; until
	// then, writes are decided on gets, and on pages that prove that they lag by
	// less (see proof.go).
	settling = 10 * time.Second

	// pagePatience is how long a page may be tried again when Seam asks to wait, or
	// cannot be reached. Gets do without it.
	pagePatience = 30 * time.Second

	pageSize = 500 // Seam's default
)

// Seam is what the reader needs of the API. *seam.Client provides it.
type Seam interface {
	GetACSUser(ctx context.Context, acsUserID string) (seam.ACSUser, error)
	ListACSUsers(ctx context.Context, filter seam.ACSUsersFilter, page seam.PageRequest) (seam.ACSUsersPage, error)
	GetUserIdentity(ctx context.Context, userIdentityID string) (seam.UserIdentity, error)
	ListUserIdentities(ctx context.Context, filter seam.UserIdentitiesFilter, page seam.PageRequest) (seam.UserIdentitiesPage, error)
	StartHurried(ctx context.Context, timeout time.Duration) context.Context
}

// Clock tells the time.
type Clock interface{ Now() time.Time }

// Reader reads what one set of credentials reaches. It is safe for concurrent
// use, and remembers for as long as it lives: make one for each configuration.
type Reader struct {
	began      time.Time
	users      *collection[seam.ACSUser, user]
	identities *collection[seam.UserIdentity, identity]
	gatherer   *gatherer
}

// New returns a reader that has read nothing yet.
func New(api Seam, clock Clock) *Reader {
	common := newCommonTraits()
	return &Reader{
		began:      clock.Now(),
		users:      newCollection(clock, userSource(api, common)),
		identities: newCollection(clock, identitySource(api, common)),
		gatherer:   newGatherer(api),
	}
}

// ACSUser returns an ACS user, to tell how things are. The answer may come from
// a list if enough accepts it. What is remembered of the ACS user besides its id
// helps to choose requests, and may be empty. Errors are those of a get.
//
// Of an answer only the ids and BeingDeleted are set.
func (r *Reader) ACSUser(ctx context.Context, remembered seam.ACSUser, enough func(seam.ACSUser) bool) (seam.ACSUser, error) {
	u := use{maxAge: maxAge, worth: worthReading, gets: getsUnderWay}
	return r.users.read(ctx, remembered.ACSUserID, remembered.ACSSystemID, u, enough, confirmation{r.gatherer, remembered})
}

// ACSUserToLink is ACSUser for a plan that adds a link, where time counts more
// than requests.
func (r *Reader) ACSUserToLink(ctx context.Context, acsUserID string, enough func(seam.ACSUser) bool) (seam.ACSUser, error) {
	return r.users.read(ctx, acsUserID, "", use{maxAge: maxAge, worth: worthWriting, gets: getsUnderWay}, enough, nil)
}

// ACSUserForWrite is ACSUser to decide about a write: what it answers is from a
// get of this moment, or from a page that shows what there was when the command
// began and is not older than maxAgeForWrite.
func (r *Reader) ACSUserForWrite(ctx context.Context, acsUserID, acsSystemID string, enough func(seam.ACSUser) bool) (seam.ACSUser, error) {
	return r.users.read(ctx, acsUserID, acsSystemID, use{maxAge: maxAgeForWrite, worth: worthWriting, pagesFrom: r.began.Add(settling)}, enough, nil)
}

// UserIdentity returns a user identity to link. The answer may come from a page
// if enough accepts it. Errors are those of a get.
//
// Of an answer only the ids and BeingDeleted are set.
func (r *Reader) UserIdentity(ctx context.Context, userIdentityID string, enough func(seam.UserIdentity) bool) (seam.UserIdentity, error) {
	return r.identities.read(ctx, userIdentityID, "", use{maxAge: maxAge, worth: worthWriting, gets: earlierGets}, enough, nil)
}

// Writing says that a write to an ACS user is about to be sent. What was read
// about it is forgotten, and from now on it is read by gets alone: a page may
// not show the write yet.
func (r *Reader) Writing(acsUserID string) { r.users.writing(acsUserID) }

// Wrote says that the write took effect, and whom the ACS user is linked to
// since: a user identity, or nobody. Pages that show that are not stale.
func (r *Reader) Wrote(acsUserID, userIdentityID string) { r.users.wrote(acsUserID, userIdentityID) }
