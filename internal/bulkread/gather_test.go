package bulkread_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/seamapi/terraform-provider-seam/internal/bulkread"
	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// distantSeam takes its time over each answer, in a bubble of synctest: so reads
// come while others are under way, as they do in practice.
type distantSeam struct {
	users      []seam.ACSUser
	identities map[string]seam.UserIdentity
	pageTakes  time.Duration
	pagesFail  bool
	sharedFail bool
	anonymous  bool // user identities do not name their ACS users
	bare       bool // lists do not say where things belong

	mu                  sync.Mutex
	gets, pages, shared int // requests
	crowd               crowd
}

const away = 100 * time.Millisecond

// newDistantSeam has so many people, each linked to an ACS user, in access systems
// that share them evenly.
func newDistantSeam(people, systems int) *distantSeam {
	s := &distantSeam{identities: map[string]seam.UserIdentity{}, pageTakes: away}
	systemIDs := make([]string, systems)
	for n := range systemIDs {
		systemIDs[n] = uuid.NewString()
	}
	for n := range people {
		user := seam.ACSUser{ACSUserID: uuid.NewString(), UserIdentityID: uuid.NewString(), ACSSystemID: systemIDs[n/7%systems], WorkspaceID: "here"}
		s.users = append(s.users, user)
		s.identities[user.UserIdentityID] = seam.UserIdentity{UserIdentityID: user.UserIdentityID, WorkspaceID: "here", ACSUserIDs: []string{user.ACSUserID}}
	}
	return s
}

func (s *distantSeam) request(ctx context.Context, count *int, takes time.Duration) error {
	s.mu.Lock()
	*count++
	s.mu.Unlock()
	s.crowd.change(1)
	defer s.crowd.change(-1)
	return seam.SystemClock{}.Wait(ctx, takes)
}

func (s *distantSeam) GetACSUser(ctx context.Context, id string) (seam.ACSUser, error) {
	if err := s.request(ctx, &s.gets, away); err != nil {
		return seam.ACSUser{}, err
	}
	n := slices.IndexFunc(s.users, func(user seam.ACSUser) bool { return user.ACSUserID == id })
	return s.users[n], nil
}

func (s *distantSeam) ListACSUsers(ctx context.Context, filter seam.ACSUsersFilter, page seam.PageRequest) (seam.ACSUsersPage, error) {
	if err := s.request(ctx, &s.pages, s.pageTakes); err != nil {
		return seam.ACSUsersPage{}, err
	}
	if s.pagesFail {
		return seam.ACSUsersPage{}, &seam.Error{Status: http.StatusForbidden}
	}
	from := 0
	_, _ = fmt.Sscan(page.Cursor, &from)
	var answer seam.ACSUsersPage
	for n, user := range s.users[from:] {
		if filter.ACSSystemID != "" && user.ACSSystemID != filter.ACSSystemID {
			continue
		}
		if len(answer.ACSUsers) == page.Limit {
			answer.NextPageCursor = fmt.Sprint(from + n)
			break
		}
		if s.bare {
			user.ACSSystemID, user.WorkspaceID = "", ""
		}
		answer.ACSUsers = append(answer.ACSUsers, user)
	}
	return answer, nil
}

func (s *distantSeam) GetUserIdentity(context.Context, string) (seam.UserIdentity, error) {
	return seam.UserIdentity{}, errors.New("nobody asks for one")
}

func (s *distantSeam) ListUserIdentities(ctx context.Context, filter seam.UserIdentitiesFilter, _ seam.PageRequest) (seam.UserIdentitiesPage, error) {
	if err := s.request(ctx, &s.shared, away); err != nil {
		return seam.UserIdentitiesPage{}, err
	}
	if s.sharedFail {
		return seam.UserIdentitiesPage{}, &seam.Error{Status: http.StatusForbidden}
	}
	var answer seam.UserIdentitiesPage
	for _, id := range filter.UserIdentityIDs {
		identity := s.identities[id]
		if s.anonymous {
			identity.ACSUserIDs = nil
		}
		if s.bare {
			identity.WorkspaceID = ""
		}
		answer.UserIdentities = append(answer.UserIdentities, identity)
	}
	return answer, nil
}

func (s *distantSeam) StartHurried(ctx context.Context, _ time.Duration) context.Context {
	return ctx
}

// read reads links, ten at a time, with a new reader. The first ones are read one
// after the other.
func (s *distantSeam) read(t *testing.T, inTurn int, links []seam.ACSUser) {
	t.Helper()
	reader := bulkread.New(s, seam.SystemClock{})
	readOne := func(link seam.ACSUser) {
		user, err := reader.ACSUser(t.Context(), link, func(user seam.ACSUser) bool { return user.UserIdentityID == link.UserIdentityID })
		if err != nil || user.ACSUserID != link.ACSUserID || user.ACSSystemID != link.ACSSystemID || user.WorkspaceID != link.WorkspaceID || user.UserIdentityID != link.UserIdentityID {
			t.Errorf("got %+v, %v, want %+v", user, err, link)
		}
	}
	began := time.Now()
	for _, link := range links[:inTurn] {
		readOne(link)
	}
	atATime(10, links[inTurn:], func(link seam.ACSUser) {
		readOne(link)
		time.Sleep(3 * time.Millisecond) // what Terraform takes
	})
	took := time.Since(began)
	time.Sleep(s.pageTakes) // a page may be under way
	synctest.Wait()
	t.Logf("%d links of %d ACS users: %d gets, %d pages and %d shared requests in %s", len(links), len(s.users), s.gets, s.pages, s.shared, took)
	if n := s.crowd.atMost(); n > 10 {
		t.Errorf("%d requests were under way for 10 reads", n)
	}
}

// every returns every nth link, in an order that has nothing to do with that of lists.
func (s *distantSeam) every(nth int) []seam.ACSUser {
	var links []seam.ACSUser
	for n := nth / 2; n < len(s.users); n += nth {
		links = append(links, s.users[n])
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(links), func(i, j int) { links[i], links[j] = links[j], links[i] })
	return links
}

// Of reads that come together the first has a request of its own, and the others
// share the next one. After that, each request waits a moment for the reads that
// follow those that were answered.
func TestShare(t *testing.T) {
	t.Parallel()
	for people, most := range map[int]int{20: 2, 210: 22} {
		t.Run(fmt.Sprint(people), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newDistantSeam(people, 1)
				s.pagesFail = true
				s.read(t, 10, s.users)
				if s.gets != 10 || s.shared > most {
					t.Errorf("%d gets and %d shared requests for 10 reads in turn and %d ten at a time, want 10 and at most %d", s.gets, s.shared, people-10, most)
				}
			})
		})
	}
}

// What cannot be had from lists and shared requests is got, and little is spent on
// those that are of no use.
func TestShare_useless(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		people, systems, inTurn int
		spoil                   func(s *distantSeam)
		pages, shared           [2]int // at least and at most
	}{
		"answers too little": {
			people: 300, systems: 1,
			spoil: func(s *distantSeam) { s.pagesFail, s.anonymous = true, true },
			pages: [2]int{0, 2}, shared: [2]int{0, 10},
		},
		"not each list is tried when lists fail": {
			people: 400, systems: 40,
			spoil: func(s *distantSeam) { s.pagesFail, s.anonymous = true, true },
			pages: [2]int{0, 10}, shared: [2]int{0, 10},
		},
		"what waits for the next request goes on when one fails": {
			people: 100, systems: 1, inTurn: 10,
			spoil: func(s *distantSeam) { s.pagesFail, s.sharedFail = true, true },
			pages: [2]int{0, 2}, shared: [2]int{1, 1},
		},
		"does not say where things belong": {
			people: 300, systems: 1,
			spoil: func(s *distantSeam) { s.bare = true },
			pages: [2]int{1, 10}, shared: [2]int{1, 10},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newDistantSeam(test.people, test.systems)
				test.spoil(s)
				s.read(t, test.inTurn, s.users)
				within := func(n int, bounds [2]int) bool { return bounds[0] <= n && n <= bounds[1] }
				if s.gets != test.people || !within(s.pages, test.pages) || !within(s.shared, test.shared) {
					t.Errorf("%d gets, %d pages and %d shared requests, want %d, %v and %v", s.gets, s.pages, s.shared, test.people, test.pages, test.shared)
				}
			})
		})
	}
}

// With answers that take their time, in a workspace that is too large for its links
// to be listed soon.
func TestShare_requests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ people, systems, nth, most int }{
		{people: 100_000, systems: 1, nth: 10_000, most: 12},
		{people: 100_000, systems: 2, nth: 1000, most: 60},
		{people: 100_000, systems: 1, nth: 400, most: 100},
		{people: 100_000, systems: 2, nth: 100, most: 220},
		{people: 100_000, systems: 2, nth: 20, most: 330},
		{people: 100_000, systems: 1, nth: 100, most: 220},
		{people: 10_000, systems: 2, nth: 1000, most: 20},
		{people: 10_000, systems: 2, nth: 10, most: 40},
		{people: 2_000, systems: 1, nth: 1, most: 24},
	} {
		t.Run(fmt.Sprintf("%d of %d", test.people/test.nth, test.people), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newDistantSeam(test.people, test.systems)
				s.read(t, 0, s.every(test.nth))
				if n := s.gets + s.pages + s.shared; n > test.most {
					t.Errorf("%d requests, want at most %d", n, test.most)
				}
			})
		})
	}
}

// What a shared request does not show as it was is asked for alone.
func TestShare_changed(t *testing.T) {
	t.Parallel()
	b := newBuilding(t, 26)
	b.Inject(fakeseam.Fault{Route: listRoute, Status: http.StatusForbidden})
	b.readAll(b.users[:20], b.system.ID, 1)
	other := b.AddUserIdentity(b.workspace.ID, fakeseam.Person{})
	primary := b.AddUserIdentity(b.workspace.ID, fakeseam.Person{})
	unlinkedID, movedID, deletedID, mergedID, sameID, writtenID := b.users[20], b.users[21], b.users[22], b.users[23], b.users[24], b.users[25]
	b.Unlink(unlinkedID)
	b.Link(other.ID, movedID)
	b.DeleteACSUser(deletedID)
	b.MergeUserIdentities(primary.ID, b.holders[mergedID])
	b.reader.Writing(writtenID)
	b.ResetRequests()
	for id, want := range map[string]string{
		unlinkedID: "", movedID: other.ID, mergedID: primary.ID, sameID: b.holders[sameID], writtenID: b.holders[writtenID],
	} {
		user, err := b.reader.ACSUser(t.Context(), b.remembered(id, b.system.ID), b.linked(id))
		if err != nil || user.UserIdentityID != want {
			t.Errorf("got %+v, %v, want the holder %q", user, err, want)
		}
	}
	_, err := b.reader.ACSUser(t.Context(), b.remembered(deletedID, b.system.ID), b.linked(deletedID))
	if !seam.IsNotFound(err, seam.TypeACSUserNotFound) {
		t.Errorf("got %v", err)
	}
	if gets, lists := b.Count(getRoute), b.Count(listIdentitiesRoute); gets != 5 || lists != 5 {
		t.Errorf("%d gets and %d lists of user identities, want 5 and 5", gets, lists)
	}
}

// Being cancelled ends nobody's read but one's own, and a request that nobody waits
// for is not sent. The first read has a request of its own, and the others share the
// next one, which the second begins.
func TestShare_cancelled(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cancelled [4]bool
		shared    int
	}{
		"who began them": {cancelled: [4]bool{true, true, false, false}, shared: 2},
		"all the others": {cancelled: [4]bool{false, true, true, true}, shared: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newDistantSeam(20, 1)
				s.pagesFail = true
				reader := bulkread.New(s, seam.SystemClock{})
				read := func(ctx context.Context, n int) error {
					_, err := reader.ACSUser(ctx, s.users[n], func(user seam.ACSUser) bool { return user.UserIdentityID != "" })
					return err
				}
				for n := range 10 {
					if err := read(t.Context(), n); err != nil {
						t.Fatal(err)
					}
				}
				cancelled, cancel := context.WithCancel(t.Context())
				var errs [len(test.cancelled)]error
				var wg sync.WaitGroup
				for n := range errs {
					ctx := t.Context()
					if test.cancelled[n] {
						ctx = cancelled
					}
					wg.Go(func() { errs[n] = read(ctx, 10+n) })
					synctest.Wait()
				}
				cancel()
				wg.Wait()
				time.Sleep(2 * away)
				for n, err := range errs {
					if errors.Is(err, context.Canceled) != test.cancelled[n] || err != nil && !test.cancelled[n] {
						t.Errorf("read %d returned %v; cancelled: %t", n, err, test.cancelled[n])
					}
				}
				if s.gets != 10 || s.shared != test.shared {
					t.Errorf("%d gets and %d shared requests, want 10 and %d", s.gets, s.shared, test.shared)
				}
			})
		})
	}
}
