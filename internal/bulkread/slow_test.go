package bulkread_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/bulkread"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// Where pages are slow, plans do without the long lists.
func TestSlow_read(t *testing.T) {
	t.Parallel()
	for name, pageTakes := range map[string]time.Duration{"half a second": 500 * time.Millisecond, "a second": time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newDistantSeam(100_000, 1)
				s.pageTakes = pageTakes
				began := time.Now()
				s.read(t, 0, s.every(100))
				if took := time.Since(began); took > 15*time.Second {
					t.Errorf("took %s, want at most 15s", took)
				}
			})
		})
	}
}

// Where pages are slow, or a list is so long that its first pages are too old when
// the last ones come, writes take no longer than with gets.
func TestSlow_forWrite(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		people, nth int
		pageTakes   time.Duration
		pagesFail   bool
		mostPages   int
		most        time.Duration // gets alone take 10 s for 1,000
	}{
		"short":            {people: 1000, nth: 1, pageTakes: 500 * time.Millisecond, mostPages: 4, most: 4 * time.Second},
		"long":             {people: 20_000, nth: 20, pageTakes: 500 * time.Millisecond, mostPages: 10, most: 11 * time.Second},
		"long, many links": {people: 20_000, nth: 1, pageTakes: time.Second, mostPages: 10, most: 210 * time.Second},
		"never answers":    {people: 1000, nth: 1, pageTakes: 30*time.Second + time.Microsecond, pagesFail: true, mostPages: 2, most: 41 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newDistantSeam(test.people, 1)
				s.pageTakes, s.pagesFail = test.pageTakes, test.pagesFail
				reader := bulkread.New(s, seam.SystemClock{})
				time.Sleep(11 * time.Second) // pages count from now on
				began := time.Now()
				links := s.every(test.nth)
				atATime(10, links, func(link seam.ACSUser) {
					enough := func(user seam.ACSUser) bool { return user.UserIdentityID == link.UserIdentityID }
					user, err := reader.ACSUserForWrite(t.Context(), link.ACSUserID, link.ACSSystemID, enough)
					if err != nil || !enough(user) {
						t.Errorf("got %+v, %v, want %+v", user, err, link)
					}
				})
				took := time.Since(began)
				time.Sleep(time.Minute) // a page may be under way
				t.Logf("%d of %d: %d gets and %d pages in %s", len(links), test.people, s.gets, s.pages, took)
				if s.pages > test.mostPages || took > test.most {
					t.Errorf("%d pages in %s, want at most %d in %s", s.pages, took, test.mostPages, test.most)
				}
			})
		})
	}
}
