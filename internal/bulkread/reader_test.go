package bulkread_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seamapi/terraform-provider-seam/internal/bulkread"
	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

const (
	getRoute  = "/acs/users/get"
	listRoute = "/acs/users/list"

	listIdentitiesRoute = "/user_identities/list"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// building is a workspace with many people in it, all linked, and a reader.
type building struct {
	*fakeseam.Server
	tb        testing.TB
	endpoint  *url.URL
	api       *seam.Client
	clock     *clock
	reader    *bulkread.Reader
	workspace fakeseam.Workspace
	system    fakeseam.System
	users     []string // ids
	holders   map[string]string

	crowd crowd
}

// crowd counts requests that are under way.
type crowd struct {
	mu        sync.Mutex
	now, most int
}

func (c *crowd) change(by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += by
	c.most = max(c.most, c.now)
}

func (c *crowd) atMost() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most
}

// countingTransport counts a crowd.
type countingTransport struct {
	*http.Transport
	crowd *crowd
}

func (t countingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	t.crowd.change(1)
	defer t.crowd.change(-1)
	return t.Transport.RoundTrip(req)
}

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Wait(ctx context.Context, d time.Duration) error {
	c.move(d)
	return ctx.Err()
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newBuilding(tb testing.TB, people int) *building {
	tb.Helper()
	b := &building{Server: fakeseam.New(), tb: tb, clock: &clock{now: time.Now()}, holders: map[string]string{}}
	running, err := b.Start()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := running.Close(); err != nil {
			tb.Error(err)
		}
	})
	b.workspace = b.AddWorkspace("Harbour House")
	b.system = b.AddSystem(b.workspace.ID, "Salto HQ", "")
	b.populate(b.system, people)
	if b.endpoint, err = url.Parse(running.URL); err != nil {
		tb.Fatal(err)
	}
	b.api = b.client(b.workspace.APIKey)
	b.reader = bulkread.New(b.api, b.clock)
	return b
}

func (b *building) client(apiKey string) *seam.Client {
	transport := countingTransport{seam.NewTransport(), &b.crowd}
	b.tb.Cleanup(transport.CloseIdleConnections)
	return seam.NewClient(seam.Config{
		Endpoint: b.endpoint, Token: apiKey, RetryTimeout: 5 * time.Minute, Clock: b.clock, Transport: transport,
	})
}

// populate adds linked people, in an order that has nothing to do with their ids.
func (b *building) populate(system fakeseam.System, people int) {
	b.tb.Helper()
	for i := range people {
		person := fakeseam.Person{FullName: fmt.Sprintf("Person %d", i)}
		user, identity := b.AddACSUser(system.ID, person), b.AddUserIdentity(b.workspace.ID, person)
		b.Link(identity.ID, user.ID)
		b.users = append(b.users, user.ID)
		b.holders[user.ID] = identity.ID
	}
}

func (b *building) linked(id string) func(seam.ACSUser) bool {
	return func(user seam.ACSUser) bool { return user.UserIdentityID == b.holders[id] }
}

// remembered is what a state holds of a link.
func (b *building) remembered(id, systemID string) seam.ACSUser {
	return seam.ACSUser{ACSUserID: id, ACSSystemID: systemID, WorkspaceID: b.workspace.ID, UserIdentityID: b.holders[id]}
}

// readAll reads as Terraform does: so many at a time.
func (b *building) readAll(ids []string, systemID string, parallel int) {
	b.tb.Helper()
	b.readEach(ids, func(string) string { return systemID }, parallel)
}

// readEach is readAll where each has an access system of its own.
func (b *building) readEach(ids []string, systemOf func(id string) string, parallel int) {
	b.tb.Helper()
	atATime(parallel, ids, func(id string) {
		user, err := b.reader.ACSUser(context.Background(), b.remembered(id, systemOf(id)), b.linked(id))
		if err != nil {
			b.tb.Errorf("reading %s: %s", id, err)
		} else if user.UserIdentityID != b.holders[id] || user.ACSSystemID == "" || user.WorkspaceID != b.workspace.ID {
			b.tb.Errorf("reading %s: got %+v, want the holder %s", id, user, b.holders[id])
		}
	})
}

// atATime does something with each, so many at a time.
func atATime[T any](parallel int, all []T, do func(T)) {
	queue := make(chan T)
	var wg sync.WaitGroup
	for range parallel {
		wg.Go(func() {
			for one := range queue {
				do(one)
			}
		})
	}
	for _, one := range all {
		queue <- one
	}
	close(queue)
	wg.Wait()
}

// spread picks n ids from all over the workspace, in a fixed order.
func (b *building) spread(n int) []string {
	sorted := slices.Sorted(slices.Values(b.users)) // ids are random
	return sorted[:n]
}

// The number of requests is what the package is for.
func TestRequests(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 1000)
	b.wantRequests(1, 1)
	b.wantRequests(2, 2)
	b.wantRequests(3, 6)
	b.wantRequests(10, 20)
	b.wantRequests(1000, 22)
}

func TestRequests_mediumWorkspace(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 5000)
	b.wantRequests(15, 30)
	b.wantRequests(50, 30)
	b.wantRequests(500, 30)
	b.wantRequests(5000, 30)
}

func TestRequests_largeWorkspace(t *testing.T) {
	t.Parallel()
	if testing.Short() || raced {
		t.Skip("a workspace of 100,000; run without -short and without -race")
	}
	b := newBuilding(t, 100_000)
	b.wantRequests(10, 20)
	b.wantRequests(30, 60)
	b.wantRequests(100, 200)
	// A reader that knew beforehand how many reads are to come would need 220;
	// how many this one needs hangs on which pages show what is asked for first.
	b.wantRequests(1000, 330)
}

// What is kept of a hundred thousand ACS users is small. Other tests would be
// measured as well: this one does not run beside them.
func TestMemory(t *testing.T) { //nolint:paralleltest // see above
	if testing.Short() || raced {
		t.Skip("a workspace of 100,000; run without -short and without -race")
	}
	b := newBuilding(t, 100_000)
	before := heap()
	b.readAll(b.users, b.system.ID, 10)
	grown := int64(heap()) - int64(before)
	t.Logf("%d bytes are kept for each of %d ACS users", grown/int64(len(b.users)), len(b.users))
	if grown > 50<<20 {
		t.Errorf("%d MiB are kept, want at most 50", grown>>20)
	}
	runtime.KeepAlive(b.reader)
}

// wantRequests has a new reader read so many links, ten at a time.
func (b *building) wantRequests(links, most int) {
	b.tb.Helper()
	b.reader = bulkread.New(b.api, b.clock)
	b.ResetRequests()
	b.readAll(b.spread(links), b.system.ID, 10)
	b.tb.Logf("%d links of %d ACS users: %d gets, %d pages and %d confirmations of several",
		links, len(b.users), b.Count(getRoute), b.Count(listRoute), b.Count(listIdentitiesRoute))
	if n := b.Count(""); n > min(most, 2*links) {
		b.tb.Errorf("%d links of %d ACS users: %d requests, want at most %d", links, len(b.users), n, min(most, 2*links))
	}
	if n := b.crowd.atMost(); n > 10 {
		b.tb.Errorf("%d requests were under way for 10 readers", n)
	}
}

// Which lists are read hangs on where the links are: in one access system, in a
// few of many, or in all of many small ones.
func TestRequests_systems(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		systems, people int // in each
		linked          int // access systems with links in the state
		most            int
	}{
		"one of a few":       {systems: 3, people: 2000, linked: 1, most: 4 + 20},
		"a few of many":      {systems: 25, people: 1100, linked: 3, most: 9 + 20},
		"all of two":         {systems: 2, people: 1100, linked: 2, most: 5 + 20},
		"all of many, small": {systems: 100, people: 10, linked: 100, most: 2 + 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBuilding(t, 0)
			systemOf := map[string]string{}
			var ids []string
			for n := range test.systems {
				system := b.AddSystem(b.workspace.ID, fmt.Sprintf("Site %d", n), "salto_ks_site")
				b.populate(system, test.people)
				for _, id := range b.users[len(b.users)-test.people:] {
					systemOf[id] = system.ID
				}
				if n < test.linked {
					ids = append(ids, b.users[len(b.users)-test.people:]...)
				}
			}
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
			b.ResetRequests()
			b.readEach(ids, func(id string) string { return systemOf[id] }, 10)
			t.Logf("%d links: %d gets, %d pages", len(ids), b.Count(getRoute), b.Count(listRoute))
			if n := b.Count(""); n > test.most {
				t.Errorf("%d requests for %d links, want at most %d", n, len(ids), test.most)
			}
			for _, request := range b.Requests() {
				if test.linked == 1 && request.Route == listRoute && !strings.Contains(string(request.Body), systemOf[ids[0]]) {
					t.Errorf("a page was not limited to the access system: %s", request.Body)
				}
			}
		})
	}
}

// What enough does not accept is never answered from a page.
func TestConfirmedByAGet(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 100)
	b.readAll(b.users[:50], b.system.ID, 10)
	b.Unlink(b.users[70])
	b.DeleteACSUser(b.users[71])
	b.ResetRequests()
	user, err := b.reader.ACSUser(t.Context(), seam.ACSUser{ACSUserID: b.users[70]}, func(seam.ACSUser) bool { return false })
	if err != nil || user.UserIdentityID != "" {
		t.Errorf("got %+v, %v", user, err)
	}
	_, err = b.reader.ACSUser(t.Context(), seam.ACSUser{ACSUserID: b.users[71]}, func(seam.ACSUser) bool { return false })
	if !seam.IsNotFound(err, seam.TypeACSUserNotFound) {
		t.Errorf("got %v", err)
	}
	if n := b.Count(getRoute); n != 2 {
		t.Errorf("%d gets were sent, want 2", n)
	}
}

// An error on a page is not an answer: the reads go on with gets.
func TestPageFails(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fakeseam.Fault{
		"403":      {Status: 403},
		"500":      {Status: 500},
		"a page":   {HTML: true},
		"nonsense": {Body: `{"ok":true,"acs_users":[{"acs_user_id":""}],"pagination":{"has_next_page":false}}`},
		"no list":  {Body: `{"ok":true}`},
		"dropped":  {Drop: fakeseam.DropBeforeEffect},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBuilding(t, 60)
			for _, route := range []string{listRoute, listIdentitiesRoute} {
				fault.Route = route
				b.Inject(fault)
			}
			b.readAll(b.users, b.system.ID, 10)
			if n := b.Count(getRoute); n != len(b.users) {
				t.Errorf("%d gets, want %d", n, len(b.users))
			}
		})
	}
}

// A throttled page is tried again, and is still cheaper than gets.
func TestPageThrottled(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 400)
	b.Inject(fakeseam.Fault{Route: listRoute, Times: 3, Status: 429, Header: map[string]string{"Retry-After": "5"}})
	b.readAll(b.users, b.system.ID, 10)
	if n := b.Count(""); n > 25 {
		t.Errorf("%d requests, want at most 25", n)
	}
}

func TestWriting(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 100)
	b.SetSemantics(fakeseam.Semantics{StalePages: fakeseam.PagesLag})
	b.readAll(b.users, b.system.ID, 10)
	id := b.users[99]
	b.reader.Writing(id)
	if err := b.api.RemoveACSUser(t.Context(), b.holders[id], id); err != nil {
		t.Fatal(err)
	}
	// The page that shows the link as it was would be enough, and is not asked.
	user, err := b.reader.ACSUser(t.Context(), seam.ACSUser{ACSUserID: id}, b.linked(id))
	if err != nil || user.UserIdentityID != "" {
		t.Errorf("after a write, got %+v, %v", user, err)
	}
}

func unlinked(user seam.ACSUser) bool { return user.UserIdentityID == "" && !user.BeingDeleted() }

// A page may decide about a write only if it was asked for well after the
// command began, and not long ago.
func TestForWrite(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 0)
	for range 300 {
		b.users = append(b.users, b.AddACSUser(b.system.ID, fakeseam.Person{}).ID)
	}
	read := func(ids []string, want int, what string) {
		t.Helper()
		b.ResetRequests()
		for _, id := range ids {
			if user, err := b.reader.ACSUserForWrite(t.Context(), id, "", unlinked); err != nil || !unlinked(user) {
				t.Fatalf("got %+v, %v", user, err)
			}
		}
		if n := b.Count(""); n != want {
			t.Errorf("%s: %d requests, want %d", what, n, want)
		}
	}
	read(b.users[:20], 20, "just begun")
	b.readPlan(b.users[:50])
	read(b.users[20:40], 20, "pages read too early")
	b.clock.move(11 * time.Second)
	read(b.users[40:100], 1, "settled")
	b.clock.move(31 * time.Second)
	read(b.users[100:150], 1, "page too old")
	b.clock.move(29 * time.Second)
	read(b.users[150:200], 0, "page young enough")
	b.clock.move(2 * time.Second)
	read(b.users[200:250], 1, "page too old again")
}

// write links an ACS user as a creation does: look, add, tell.
func (b *building) write(id, holder string) {
	b.tb.Helper()
	user, err := b.reader.ACSUserForWrite(context.Background(), id, "", unlinked)
	if err != nil || !unlinked(user) {
		b.tb.Errorf("before a write, got %+v, %v", user, err)
		return
	}
	b.link(id, holder)
}

// link adds a link, and tells the reader.
func (b *building) link(id, holder string) {
	b.tb.Helper()
	b.reader.Writing(id)
	if err := b.api.AddACSUser(context.Background(), holder, id); err != nil {
		b.tb.Error(err)
		return
	}
	b.reader.Wrote(id, holder)
}

// newcomers adds people who are not linked, and returns whom to link to whom.
func (b *building) newcomers(people int) (users, holders []string) {
	for range people {
		users = append(users, b.AddACSUser(b.system.ID, fakeseam.Person{}).ID)
		holders = append(holders, b.AddUserIdentity(b.workspace.ID, fakeseam.Person{}).ID)
	}
	return users, holders
}

// Pages that show what was written a moment ago may decide about the next writes
// at once.
func TestProof(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 0)
	users, holders := b.newcomers(1000)
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(users))
	b.ResetRequests()
	for _, n := range order {
		b.write(users[n], holders[n])
	}
	if gets, pages := b.Count(getRoute), b.Count(listRoute); gets > 60 || pages > 8 {
		t.Errorf("%d gets and %d pages before 1000 writes, want at most 60 and 8", gets, pages)
	}
}

// A list that lags proves nothing, however much is written, and is asked rarely.
func TestProof_lagging(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 0)
	b.SetSemantics(fakeseam.Semantics{StalePages: fakeseam.PagesLag})
	users, holders := b.newcomers(400)
	taken, others := users[200:], holders[200:]
	for n, id := range taken { // somebody else, just before the command
		if err := b.api.AddACSUser(t.Context(), others[n], id); err != nil {
			t.Fatal(err)
		}
	}
	b.ResetRequests()
	for n, id := range users[:200] {
		b.write(id, holders[n])
		user, err := b.reader.ACSUserForWrite(t.Context(), taken[n], "", unlinked)
		if err != nil || user.UserIdentityID != others[n] {
			t.Fatalf("got %+v, %v, want the conflict", user, err)
		}
	}
	if gets, pages := b.Count(getRoute), b.Count(listRoute); gets != 400 || pages > 5 {
		t.Errorf("%d gets and %d pages before 200 writes and as many refusals, want 400 and at most 5", gets, pages)
	}
}

// A list that was seen to lag is not believed later on, however long the command takes.
func TestProof_laggingForLong(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 0)
	users, holders := b.newcomers(200)
	taken, others := users[100:], holders[100:]
	b.SetSemantics(fakeseam.Semantics{StalePages: fakeseam.PagesLag})
	for n, id := range taken { // somebody else, just before the command
		if err := b.api.AddACSUser(t.Context(), others[n], id); err != nil {
			t.Fatal(err)
		}
	}
	for n, id := range users[:100] {
		b.write(id, holders[n])
		b.clock.move(250 * time.Millisecond)
	}
	for n, id := range taken {
		user, err := b.reader.ACSUserForWrite(t.Context(), id, "", unlinked)
		if err != nil || user.UserIdentityID != others[n] {
			t.Fatalf("got %+v, %v, want the conflict", user, err)
		}
	}
}

// One write that a page does not show spoils it, and so do too few that it shows.
func TestProof_spoilt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		own      int // of the first writes, how many are on the list
		spoil    bool
		wantGets int
	}{
		"proven":   {own: 3, wantGets: 0},
		"too few":  {own: 2, wantGets: 5},
		"one less": {own: 9, spoil: true, wantGets: 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBuilding(t, 0)
			const writes = 19
			users, holders := b.newcomers(writes + 5 + 10)
			for _, id := range users[writes+5:] { // so many reads are few
				if _, err := b.reader.ACSUserForWrite(t.Context(), id, "", unlinked); err != nil {
					t.Fatal(err)
				}
			}
			for n := range writes {
				b.link(users[n], holders[n])
			}
			for _, id := range users[test.own:writes] {
				b.DeleteACSUser(id) // no page shows it
			}
			if test.spoil {
				b.Unlink(users[0])
			}
			b.ResetRequests()
			for _, id := range users[writes : writes+5] {
				if user, err := b.reader.ACSUserForWrite(t.Context(), id, "", unlinked); err != nil || !unlinked(user) {
					t.Fatalf("got %+v, %v", user, err)
				}
			}
			if gets, pages := b.Count(getRoute), b.Count(listRoute); gets != test.wantGets || pages != 1 {
				t.Errorf("%d gets and %d pages, want %d and 1", gets, pages, test.wantGets)
			}
		})
	}
}

// A get of the plan decides about no write: what it told may have changed.
func TestForWrite_afterAGet(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 0)
	users, holders := b.newcomers(1)
	if user, err := b.reader.ACSUserToLink(t.Context(), users[0], unlinked); err != nil || !unlinked(user) {
		t.Fatalf("got %+v, %v", user, err)
	}
	b.Link(holders[0], users[0])
	user, err := b.reader.ACSUserForWrite(t.Context(), users[0], "", unlinked)
	if err != nil || user.UserIdentityID != holders[0] {
		t.Errorf("got %+v, %v, want the holder %s", user, err, holders[0])
	}
}

// A get tells how an ACS user is at that moment: whoever asks again gets it again.
func TestGotAgain(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 1000)
	id := b.users[700]
	read := func(want string) {
		t.Helper()
		user, err := b.reader.ACSUser(t.Context(), b.remembered(id, b.system.ID), b.linked(id))
		if err != nil || user.UserIdentityID != want {
			t.Errorf("got %+v, %v, want the holder %q", user, err, want)
		}
	}
	read(b.holders[id])
	b.Unlink(id)
	read("")
	b.Link(b.holders[id], id)
	read(b.holders[id])
	if gets, pages := b.Count(getRoute), b.Count(listRoute); gets != 3 || pages != 0 {
		t.Errorf("%d gets and %d pages, want 3 and none", gets, pages)
	}
}

// readPlan reads what pages are enough for.
func (b *building) readPlan(ids []string) {
	b.tb.Helper()
	for _, id := range ids {
		if _, err := b.reader.ACSUser(context.Background(), seam.ACSUser{ACSUserID: id}, unlinked); err != nil {
			b.tb.Fatal(err)
		}
	}
}

// A conflict that was there when the command began is caught, even if lists lag.
func TestForWrite_conflict(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 200)
	b.readAll(b.users, b.system.ID, 10)
	b.clock.move(time.Minute)
	for _, id := range b.users {
		user, err := b.reader.ACSUserForWrite(t.Context(), id, "", unlinked)
		if err != nil || user.UserIdentityID != b.holders[id] {
			t.Fatalf("got %+v, %v", user, err)
		}
	}
}

// One get answers everybody who asks for the same thing at one time, and being
// cancelled ends nobody's read but one's own.
func TestShared(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 3)
	arrived, release := make(chan struct{}, 10), make(chan struct{})
	b.OnRequest(func(fakeseam.Request) {
		arrived <- struct{}{}
		<-release
	})
	id := b.users[0]
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() {
		_, err := b.reader.ACSUser(ctx, seam.ACSUser{ACSUserID: id}, b.linked(id))
		first <- err
	}()
	<-arrived
	second := make(chan error)
	go func() {
		_, err := b.reader.ACSUser(t.Context(), seam.ACSUser{ACSUserID: id}, b.linked(id))
		second <- err
	}()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled read returned %v", err)
	}
	close(release)
	if err := <-second; err != nil {
		t.Errorf("the other read returned %v", err)
	}
}

func TestCancelledWhileWaitingForAPage(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 20)
	b.readAll(b.users[:2], b.system.ID, 1)
	arrived, release := make(chan struct{}, 10), make(chan struct{})
	b.OnRequest(func(fakeseam.Request) {
		arrived <- struct{}{}
		<-release
	})
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error)
	for i, ctx := range []context.Context{ctx, t.Context()} {
		go func() {
			_, err := b.reader.ACSUser(ctx, b.remembered(b.users[5+i], b.system.ID), b.linked(b.users[5+i]))
			errs <- err
		}()
		if i == 0 {
			<-arrived // the one that is cancelled has asked for the page
		}
	}
	cancel()
	if err := <-errs; !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled read returned %v", err)
	}
	close(release)
	if err := <-errs; err != nil {
		t.Errorf("the other read returned %v", err)
	}
}

func TestUserIdentities(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 800)
	b.MarkUserIdentityBeingDeleted(b.holders[b.users[700]])
	alive := func(identity seam.UserIdentity) bool { return !identity.BeingDeleted() }
	for _, id := range b.users {
		identity, err := b.reader.UserIdentity(t.Context(), b.holders[id], alive)
		if err != nil || identity.UserIdentityID != b.holders[id] || alive(identity) == (id == b.users[700]) {
			t.Fatalf("got %+v, %v", identity, err)
		}
	}
	if n := b.Count(""); n > 22 {
		t.Errorf("%d requests, want at most 22", n)
	}
	_, err := b.reader.UserIdentity(t.Context(), "99999999-9999-4999-8999-999999999999", alive)
	if !seam.IsNotFound(err, seam.TypeUserIdentityNotFound) {
		t.Errorf("got %v", err)
	}
}

// Two readers never answer for each other.
func TestApart(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 50)
	b.readAll(b.users, b.system.ID, 10)
	other := b.AddWorkspace("Elsewhere")
	stranger := bulkread.New(b.client(other.APIKey), b.clock)
	_, err := stranger.ACSUser(t.Context(), b.remembered(b.users[0], b.system.ID), b.linked(b.users[0]))
	if !seam.IsNotFound(err, seam.TypeACSUserNotFound) {
		t.Errorf("got %v", err)
	}
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func BenchmarkACSUser(b *testing.B) {
	world := newBuilding(b, 1000)
	world.readAll(world.users, world.system.ID, 10)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		id := world.users[i%len(world.users)]
		if _, err := world.reader.ACSUser(b.Context(), seam.ACSUser{ACSUserID: id}, func(user seam.ACSUser) bool { return user.UserIdentityID != "" }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	world := newBuilding(b, 10_000)
	ids := world.spread(1000)
	for b.Loop() {
		world.reader = bulkread.New(world.api, world.clock)
		world.ResetRequests()
		world.readAll(ids, world.system.ID, 10)
		b.ReportMetric(float64(world.Count("")), "requests")
	}
}
