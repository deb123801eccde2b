package bulkread_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/bulkread"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

const system = "5a5a5a5a-0000-4000-8000-000000000000"

// lists returns lists of ACS users, in pages.
type lists struct {
	perPage int
	users   []seam.ACSUser
	err     error
	takes   time.Duration
	pages   atomic.Int64
	filters []seam.ACSUsersFilter
}

func (l *lists) ListACSUsers(_ context.Context, filter seam.ACSUsersFilter, page seam.PageRequest) (seam.Page[seam.ACSUser], error) {
	l.pages.Add(1)
	l.filters = append(l.filters, filter)
	time.Sleep(l.takes)
	if l.err != nil {
		return seam.Page[seam.ACSUser]{}, l.err
	}
	from, _ := strconv.Atoi(page.Cursor)
	to := min(from+l.perPage, len(l.users))
	answer := seam.Page[seam.ACSUser]{Items: l.users[from:to]}
	if to < len(l.users) {
		answer.NextPageCursor = strconv.Itoa(to)
	}
	return answer, nil
}

func userID(n int) string     { return fmt.Sprintf("acacacac-0000-4000-8000-%012d", n) }
func identityID(n int) string { return fmt.Sprintf("1d1d1d1d-0000-4000-8000-%012d", n) }

// linked returns a list of so many ACS users, each linked to the identity of its
// number.
func linked(n, perPage int) *lists {
	l := &lists{perPage: perPage, takes: 100 * time.Millisecond}
	for i := range n {
		l.users = append(l.users, seam.ACSUser{ACSUserID: userID(i), ACSSystemID: system, UserIdentityID: identityID(i)})
	}
	return l
}

// fetched returns a reader that has fetched the first page.
func fetched(l *lists) bulkread.Links {
	r := bulkread.NewLinks(l, seam.SystemClock{})
	for range 11 {
		r.Confirm(context.Background(), system, userID(999_999), identityID(999_999))
	}
	time.Sleep(l.takes)
	synctest.Wait()
	return r
}

// read reads links one after the other, as many at once as Terraform does, and
// returns how many needed a request of their own.
func read(r bulkread.Links, links []int) (direct int) {
	for n, i := range links {
		if !r.Confirm(context.Background(), system, userID(i), identityID(i)) {
			direct++
			if n%10 == 9 {
				time.Sleep(100 * time.Millisecond)
				synctest.Wait()
			}
		}
	}
	time.Sleep(time.Minute)
	synctest.Wait()
	return direct
}

// everyNth returns links in no order: neither is Terraform's that of a list.
func everyNth(n, of int) (links []int) {
	for i := 0; i < of; i += n {
		links = append(links, i)
	}
	rand.New(rand.NewPCG(1, 0)).Shuffle(len(links), func(i, j int) { links[i], links[j] = links[j], links[i] })
	return links
}

func TestConfirm_requests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		users, nth  int
		most, pages int // requests in all, and pages of them
	}{
		{"few links need no page", 10_000, 1000, 10, 0},
		{"all of a workspace", 1000, 1, 45, 2},
		{"many of a large workspace", 20_000, 20, 480, 40},
		{"many of a very large workspace", 100_000, 100, 1000, 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := linked(test.users, 500)
				links := everyNth(test.nth, test.users)
				direct := read(bulkread.NewLinks(l, seam.SystemClock{}), links)
				t.Logf("%d links: %d requests of their own, %d pages", len(links), direct, l.pages.Load())
				if direct+int(l.pages.Load()) > test.most || int(l.pages.Load()) > test.pages {
					t.Errorf("%d requests, want at most %d; %d pages, want at most %d", direct+int(l.pages.Load()), test.most, int(l.pages.Load()), test.pages)
				}
			})
		})
	}
}

// A list that confirms nothing costs at most one request in six.
func TestConfirm_uselessList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := linked(100_000, 500)
		r := bulkread.NewLinks(l, seam.SystemClock{})
		const reads = 1000
		for i := range reads {
			if r.Confirm(t.Context(), system, userID(i), identityID(i+1)) {
				t.Fatalf("ACS user %d is confirmed", i)
			}
			time.Sleep(time.Second)
		}
		if l.pages.Load() > reads/5 {
			t.Errorf("%d pages for %d reads, want at most one for five", l.pages.Load(), reads)
		}
	})
}

func TestConfirm_onlyWhatIsExpected(t *testing.T) {
	t.Parallel()
	const jane, other = 1, 2
	of := func(change func(*seam.ACSUser)) seam.ACSUser {
		user := seam.ACSUser{ACSUserID: userID(jane), ACSSystemID: system, UserIdentityID: identityID(jane)}
		change(&user)
		return user
	}
	for _, test := range []struct {
		name     string
		shown    seam.ACSUser
		expected string
		want     bool
	}{
		{"linked as expected", of(func(*seam.ACSUser) {}), identityID(jane), true},
		{"in another case", of(func(u *seam.ACSUser) { u.UserIdentityID = strings.ToUpper(u.UserIdentityID) }), identityID(jane), true},
		{"linked to another", of(func(u *seam.ACSUser) { u.UserIdentityID = identityID(other) }), identityID(jane), false},
		{"unlinked", of(func(u *seam.ACSUser) { u.UserIdentityID = "" }), identityID(jane), false},
		{"unlinked as expected", of(func(u *seam.ACSUser) { u.UserIdentityID = "" }), "", true},
		{"linked, and expected not to be", of(func(*seam.ACSUser) {}), "", false},
		{"an ID that is no UUID", of(func(u *seam.ACSUser) { u.UserIdentityID = "jane" }), "", false},
		{"an ID of zeros", of(func(u *seam.ACSUser) { u.UserIdentityID = "00000000-0000-0000-0000-000000000000" }), "", false},
		{"with an error", of(func(u *seam.ACSUser) { u.Errors = []seam.Problem{{ErrorCode: "deleted_externally"}} }), identityID(jane), false},
		{"with a warning", of(func(u *seam.ACSUser) { u.Warnings = []seam.Warning{{WarningCode: "acs_user_inactive"}} }), identityID(jane), true},
		{"being deleted", of(func(u *seam.ACSUser) { u.Warnings = []seam.Warning{{WarningCode: "being_deleted"}} }), identityID(jane), false},
		{"of another access system", of(func(u *seam.ACSUser) { u.ACSSystemID = identityID(other) }), identityID(jane), false},
		{"another ACS user", of(func(u *seam.ACSUser) { u.ACSUserID = userID(other) }), identityID(jane), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := fetched(&lists{perPage: 500, users: []seam.ACSUser{test.shown}})
				if got := r.Confirm(t.Context(), system, userID(jane), test.expected); got != test.want {
					t.Errorf("confirmed is %t, want %t", got, test.want)
				}
			})
		})
	}
}

// The later page counts, when a list changes while it is fetched.
func TestConfirm_shownTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := linked(2, 1)
		l.users[1].ACSUserID = l.users[0].ACSUserID
		r := fetched(l)
		if !r.Confirm(t.Context(), system, userID(0), identityID(0)) {
			t.Fatal("the first page does not confirm what it shows")
		}
		r.Confirm(t.Context(), system, userID(9), identityID(9)) // has the second one fetched
		time.Sleep(time.Second)
		synctest.Wait()
		if r.Confirm(t.Context(), system, userID(0), identityID(0)) {
			t.Error("an earlier page confirms what a later one does not")
		}
	})
}

func TestConfirm_doesNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := linked(1000, 500)
		l.takes = time.Hour
		r := bulkread.NewLinks(l, seam.SystemClock{})
		began := time.Now()
		for i := range 1000 {
			r.Confirm(t.Context(), system, userID(i), identityID(i))
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("the reads took %s, want none to wait", took)
		}
		if synctest.Wait(); l.pages.Load() > 1 {
			t.Errorf("%d pages at a time, want one", l.pages.Load())
		}
		time.Sleep(2 * l.takes) // for the page under way to end
	})
}

// The cancellation of a read does not cancel the fetch of a page.
func TestConfirm_cancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := linked(1000, 500)
		r := bulkread.NewLinks(l, seam.SystemClock{})
		ctx, cancel := context.WithCancel(t.Context())
		for range 11 {
			r.Confirm(ctx, system, userID(999_999), "")
		}
		cancel()
		time.Sleep(time.Second)
		if !r.Confirm(t.Context(), system, userID(0), identityID(0)) {
			t.Error("the page confirms nothing")
		}
	})
}

func TestConfirm_failedPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := linked(1000, 500)
		l.err = errors.New("no list")
		if direct := read(bulkread.NewLinks(l, seam.SystemClock{}), everyNth(1, 1000)); direct != 1000 || l.pages.Load() != 1 {
			t.Errorf("%d requests of their own and %d pages, want 1000 and 1", direct, l.pages.Load())
		}
	})
}

// Nothing is confirmed by a list that began more than five minutes ago: it is
// fetched anew.
func TestConfirm_age(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := linked(1000, 500)
		r := fetched(l)
		confirmed := func() bool { return r.Confirm(t.Context(), system, userID(0), identityID(0)) }
		if time.Sleep(4 * time.Minute); !confirmed() {
			t.Error("nothing is confirmed after four minutes")
		}
		if time.Sleep(time.Minute); confirmed() {
			t.Error("a link is confirmed after five minutes")
		}
		for range 10 {
			confirmed()
		}
		if time.Sleep(time.Second); !confirmed() {
			t.Error("nothing is confirmed by the new list")
		}
	})
}

// Access systems have lists of their own; without one, it is that of the workspace.
func TestConfirm_lists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := linked(10, 500)
		r := fetched(l)
		if r.Confirm(t.Context(), "", userID(0), identityID(0)) {
			t.Error("the list of an access system confirms for the workspace's")
		}
		if !r.Confirm(t.Context(), strings.ToUpper(system), strings.ToUpper(userID(0)), strings.ToUpper(identityID(0))) {
			t.Error("IDs in capitals are not the same")
		}
		for range 11 {
			r.Confirm(t.Context(), "", userID(999_999), "")
		}
		time.Sleep(time.Second)
		if !r.Confirm(t.Context(), "", userID(0), identityID(0)) {
			t.Error("the list of the workspace confirms nothing")
		}
		if len(l.filters) != 2 || l.filters[0].ACSSystemID != system || l.filters[1].ACSSystemID != "" {
			t.Errorf("the filters were %+v", l.filters)
		}
	})
}

func TestConfirm_noUUIDs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := fetched(linked(10, 500))
		if r.Confirm(t.Context(), system, "jane", identityID(0)) || r.Confirm(t.Context(), system, userID(0), "jane") {
			t.Error("what is no UUID is confirmed")
		}
	})
}
