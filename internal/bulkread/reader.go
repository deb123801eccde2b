// Package bulkread confirms many reads with few list pages. Terraform reads links
// one by one; a page shows five hundred of them.
//
// There is one rule. The first reads of a list are left to direct reads. From then
// on the list is fetched beside the reads, page by page, for as long as there are
// reads that no page confirms, and at most one page for every five of those. No read
// waits for a page, and a page only ever confirms: whatever it does not show as it is
// expected, the caller reads directly. So the worst is 1.2 requests a read, and the
// usual is a few dozen for a whole plan.
//
// What an answer means is not decided here, and nothing here knows Terraform.
package bulkread

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

const (
	// directFirst is how many reads of a list are direct before it is fetched: a
	// few links in a large workspace need no page.
	directFirst = 10

	// directPerPage is how many direct reads there must have been for each page,
	// so that pages cost one request in six at most.
	directPerPage = 5

	// maxAge bounds how long a list confirms anything. It is longer than a plan
	// takes, and matters where one process serves many commands.
	maxAge = 5 * time.Minute
)

// Seam is what the reader needs of the Seam API. *seam.Client provides it.
type Seam interface {
	ListACSUsers(ctx context.Context, filter seam.ACSUsersFilter, page seam.PageRequest) (seam.ACSUsersPage, error)
}

// Clock tells the time.
type Clock interface{ Now() time.Time }

// Reader reads what one set of credentials reaches: make one for each configuration.
// It is safe for concurrent use.
type Reader struct {
	api   Seam
	clock Clock

	mu    sync.Mutex
	lists map[string]*list // by access system in lower case; "" is the whole workspace
}

// list is the list of the ACS users of one access system, as far as it was fetched.
type list struct {
	began    time.Time // when its first read was asked for, in wall clock
	holders  map[uuid.UUID]uuid.UUID
	direct   int // reads that no page confirmed
	pages    int
	cursor   string
	fetching bool
	ended    bool // by its last page, or by an error
}

// New returns a Reader that has fetched nothing yet.
func New(api Seam, clock Clock) *Reader {
	return &Reader{api: api, clock: clock, lists: map[string]*list{}}
}

// Confirm reports whether a page of the access system's list, or of the workspace's
// if that is empty, shows the ACS user linked to the user identity, or to none if that
// is empty; and with no error, and not being deleted. With false, the caller reads the
// ACS user directly. It sends nothing itself that the caller would wait for.
func (r *Reader) Confirm(ctx context.Context, acsSystemID, acsUserID, userIdentityID string) bool {
	user, err := uuid.Parse(acsUserID)
	if err != nil {
		return false
	}
	var holder uuid.UUID
	if userIdentityID != "" {
		if holder, err = uuid.Parse(userIdentityID); err != nil {
			return false
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.list(strings.ToLower(acsSystemID))
	if shown, ok := l.holders[user]; ok && shown == holder {
		return true
	}
	l.direct++
	if l.direct > directFirst && l.direct >= directPerPage*(l.pages+1) && !l.fetching && !l.ended {
		l.fetching = true
		l.pages++
		// The page is for later reads: it is not cancelled with this one.
		go r.fetch(context.WithoutCancel(ctx), acsSystemID, l)
	}
	return false
}

// list returns the list of an access system, a new one if it is too old.
func (r *Reader) list(key string) *list {
	now := r.clock.Now().Round(0) // without the monotonic clock, which stops while a machine sleeps
	l := r.lists[key]
	if l == nil || now.Sub(l.began) > maxAge || now.Before(l.began) {
		l = &list{began: now, holders: map[uuid.UUID]uuid.UUID{}}
		r.lists[key] = l
	}
	return l
}

// fetch fetches the next page of a list. An error ends the list: the reads go on
// without it.
func (r *Reader) fetch(ctx context.Context, acsSystemID string, l *list) {
	page, err := r.api.ListACSUsers(ctx, seam.ACSUsersFilter{ACSSystemID: acsSystemID}, seam.PageRequest{Cursor: l.cursor})
	r.mu.Lock()
	defer r.mu.Unlock()
	l.fetching = false
	l.cursor = page.NextPageCursor
	l.ended = err != nil || l.cursor == ""
	for _, user := range page.ACSUsers {
		l.keep(acsSystemID, user)
	}
}

// keep remembers what a page shows of an ACS user, if that may confirm anything.
func (l *list) keep(acsSystemID string, user seam.ACSUser) {
	id, err := uuid.Parse(user.ACSUserID)
	if err != nil {
		return
	}
	delete(l.holders, id) // what an earlier page showed
	if len(user.Errors) > 0 || user.BeingDeleted() || acsSystemID != "" && !strings.EqualFold(user.ACSSystemID, acsSystemID) {
		return
	}
	var holder uuid.UUID
	if user.UserIdentityID != "" {
		// An id that cannot be kept must not look like none.
		if holder, err = uuid.Parse(user.UserIdentityID); err != nil || holder == uuid.Nil {
			return
		}
	}
	l.holders[id] = holder
}
