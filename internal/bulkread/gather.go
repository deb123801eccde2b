package bulkread

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// Whether an ACS user is still linked to a user identity can also be seen from
// the user identity, which names its ACS users. And user identities, unlike ACS
// users, can be asked for by a list of ids. So reads that come at the same time
// share a request, which is of use in a workspace that is too large to be listed
// for the links in the state.
//
// Reads that come while a request is under way are gathered for the next one. That
// one waits a moment, when the one before has landed, for as many reads as were
// waiting then: those that were answered are followed by others, a little later.
// A request is not sent if no read waits for it any more.

// gathersTried is after how many gathered reads they have to have proved
// worthwhile: half of them were answered. They are not if Seam does not name ACS
// users, or if most links are gone.
const gathersTried = 20

// patience returns how long a request waits for reads that follow those that the one
// before has answered. Terraform takes milliseconds to ask for the next link.
func patience(took time.Duration) time.Duration { return min(took/2, 50*time.Millisecond) }

// gatherer asks for user identities, several in one request, and has one request
// under way at a time.
type gatherer struct {
	list func(ctx context.Context, ids []string) ([]seam.UserIdentity, error)

	mu       sync.Mutex
	underWay bool
	next     *gathering  // that which reads may still join; nil if there is none
	expected int         // how many reads it waits for
	expect   *time.Timer // runs for as long as it does; nil before the first request
	asked    int         // gathered reads
	answered int         // those of them that were answered
	failed   bool
}

// gathering is a request for user identities that several reads wait for.
type gathering struct {
	gatherer *gatherer
	send     func()
	reads    int
	ids      map[uuid.UUID]string
	landed   chan struct{}
	found    map[uuid.UUID]seam.UserIdentity
}

func newGatherer(api Seam) *gatherer {
	return &gatherer{list: func(ctx context.Context, ids []string) ([]seam.UserIdentity, error) {
		ctx = api.StartHurried(ctx, pagePatience)
		page, err := api.ListUserIdentities(ctx, seam.UserIdentitiesFilter{UserIdentityIDs: ids}, seam.PageRequest{Limit: pageSize})
		return page.UserIdentities, err
	}}
}

// join returns the gathering that a read of a user identity is part of, or nil
// when gathering reads is not worthwhile.
func (g *gatherer) join(ctx context.Context, id string) *gathering {
	key, err := uuid.Parse(id)
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil || g.failed || g.asked >= gathersTried && 2*g.answered < g.asked {
		return nil
	}
	this := g.next
	if this == nil {
		this = &gathering{gatherer: g, ids: map[uuid.UUID]string{}, landed: make(chan struct{})}
		// Others wait for it: it is not cancelled with the read that began it.
		this.send = func() { g.fetch(context.WithoutCancel(ctx), this) }
		g.next = this
	}
	this.reads++
	this.ids[key] = id
	g.sendNext()
	return this
}

// leave ends a read's part in the request, and returns what that has cost: nothing if
// the request is not sent yet, or if there is none.
func (t *gathering) leave() float64 {
	if t == nil {
		return 0
	}
	g := t.gatherer
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.next != t {
		return 1 / float64(t.reads)
	}
	if t.reads--; t.reads == 0 {
		g.next = nil
	}
	return 0
}

// sendNext sends the next request, unless one is under way or reads are still
// expected. The mutex is held.
func (g *gatherer) sendNext() {
	if g.underWay || g.next == nil || g.next.reads < g.expected {
		return
	}
	if g.expect != nil {
		g.expect.Stop()
	}
	go g.next.send()
	g.underWay, g.next = true, nil
}

func (g *gatherer) fetch(ctx context.Context, this *gathering) {
	began := time.Now()
	identities, err := g.list(ctx, slices.Collect(maps.Values(this.ids)))
	this.found = make(map[uuid.UUID]seam.UserIdentity, len(identities))
	for _, identity := range identities {
		if key, err := uuid.Parse(identity.UserIdentityID); err == nil {
			this.found[key] = identity
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	defer close(this.landed)
	g.underWay = false
	if err != nil {
		g.failed = true
		if next := g.next; next != nil {
			g.next = nil
			close(next.landed) // without answers: it would fail as slowly
		}
		return
	}
	g.expected = this.reads
	if g.next != nil {
		g.expected += g.next.reads
	}
	g.expect = time.AfterFunc(patience(time.Since(began)), g.expectNoMore)
}

func (g *gatherer) expectNoMore() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.expected = 0
	g.sendNext()
}

// answered is closed when the request has landed. Nobody gets an answer from nil.
func (t *gathering) answered() <-chan struct{} {
	if t == nil {
		return nil
	}
	return t.landed
}

// shows reports whether the request, which has landed, shows a user identity as it
// should be. That it does not is no answer: it may go by another id by now, or the
// list be stale.
func (t *gathering) shows(id string, shouldBe func(seam.UserIdentity) bool) bool {
	key, err := uuid.Parse(id)
	found, ok := t.found[key]
	ok = ok && err == nil && shouldBe(found)
	t.gatherer.mu.Lock()
	defer t.gatherer.mu.Unlock()
	t.gatherer.asked++
	if ok {
		t.gatherer.answered++
	}
	return ok
}

// requests returns how many requests for gathered reads are under way, or about to be.
func (t *gathering) requests() int {
	t.gatherer.mu.Lock()
	defer t.gatherer.mu.Unlock()
	if t.gatherer.underWay || t.gatherer.next != nil {
		return 1
	}
	return 0
}

// confirmation is a way to tell that an ACS user is still as it is remembered: the
// user identity that it was linked to names it.
type confirmation struct {
	gatherer   *gatherer
	remembered seam.ACSUser
}

func (c confirmation) join(ctx context.Context) *gathering {
	if c.remembered.UserIdentityID == "" || c.remembered.ACSSystemID == "" || c.remembered.WorkspaceID == "" {
		return nil // an answer has all of them
	}
	return c.gatherer.join(ctx, c.remembered.UserIdentityID)
}

func (c confirmation) answer(landed *gathering) (seam.ACSUser, bool) {
	return c.remembered, landed.shows(c.remembered.UserIdentityID, func(holder seam.UserIdentity) bool {
		return strings.EqualFold(holder.WorkspaceID, c.remembered.WorkspaceID) &&
			slices.ContainsFunc(holder.ACSUserIDs, func(id string) bool { return strings.EqualFold(id, c.remembered.ACSUserID) })
	})
}
