package seam

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// listOf is a list with these pages of ids, each at its number as the cursor; the last
// one names next.
func listOf(next string, pages ...string) *server {
	replies := make([]reply, len(pages))
	for i, ids := range pages {
		cursor := fmt.Sprint(i + 1)
		if i == len(pages)-1 {
			cursor = next
		}
		var users, identities []string
		for id := range strings.FieldsSeq(ids) {
			users = append(users, fmt.Sprintf(`{"acs_user_id":%q}`, id))
			identities = append(identities, fmt.Sprintf(`{"user_identity_id":%q}`, id))
		}
		replies[i] = status(200, fmt.Sprintf(`{"ok":true,"acs_users":[%s],"user_identities":[%s],"pagination":{"has_next_page":%t,"next_page_cursor":%q}}`,
			strings.Join(users, ","), strings.Join(identities, ","), cursor != "", cursor))
	}
	return answers(replies...)
}

// readAll returns the ids that a list yields, up to the first error.
func readAll[T object](list iter.Seq2[T, error]) (ids []string, err error) {
	for o, err := range list {
		if err != nil {
			return ids, err
		}
		ids = append(ids, o.id())
	}
	return ids, nil
}

func TestPages(t *testing.T) {
	t.Parallel()
	for kind, test := range map[string]struct {
		path string
		read func(context.Context, *Client, int) ([]string, error)
	}{
		"ACS users": {"/acs/users/list", func(ctx context.Context, c *Client, size int) ([]string, error) {
			return readAll(c.ACSUsers(ctx, ACSUsersFilter{Search: "q"}, size))
		}},
		"user identities": {"/user_identities/list", func(ctx context.Context, c *Client, size int) ([]string, error) {
			return readAll(c.UserIdentities(ctx, UserIdentitiesFilter{Search: "q"}, size))
		}},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := listOf("", "a b", "", "b c")
			ids, err := test.read(t.Context(), newTestClient(t, s), 7)
			if want := []string{"a", "b", "c"}; err != nil || !slices.Equal(ids, want) {
				t.Errorf("got %v, %v, want each of %v once", ids, err, want)
			}
			var sent []string
			for _, r := range s.seen() {
				sent = append(sent, strings.TrimPrefix(r.url, "https://connect.example.com")+" "+r.body)
			}
			if want := []string{
				test.path + ` {"search":"q","limit":7}`,
				test.path + ` {"search":"q","limit":7,"page_cursor":"1"}`,
				test.path + ` {"search":"q","limit":7,"page_cursor":"2"}`,
			}; !slices.Equal(sent, want) {
				t.Errorf("sent %q, want %q", sent, want)
			}
			// A page names one as the next that was read before.
			s = listOf("1", "a", "b", "c")
			ids, err = test.read(t.Context(), newTestClient(t, s), 0)
			if e := asError[*ResponseError](t, err); len(ids) != 3 || len(s.seen()) != 3 || e.Path != test.path || !strings.Contains(e.Error(), "in circles") {
				t.Errorf("got %v, %v after %d requests", ids, err, len(s.seen()))
			}
			// An error ends the list.
			s = answers(listOf("", "a", "b").replies[0], status(403, ""))
			ids, err = test.read(t.Context(), newTestClient(t, s), 0)
			if !IsForbidden(err) || len(ids) != 1 {
				t.Errorf("got %v, %v", ids, err)
			}
		})
	}
}

// A caller that has enough asks for no further page.
func TestPages_stopped(t *testing.T) {
	t.Parallel()
	s := listOf("", "a b", "c")
	for user, err := range newTestClient(t, s).ACSUsers(t.Context(), ACSUsersFilter{}, 0) {
		if err != nil || user.ACSUserID != "a" {
			t.Errorf("got %+v, %v", user, err)
		}
		break
	}
	if n := len(s.seen()); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

// Each page has the whole retry_timeout: a late one does not find it used up.
func TestPages_budget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		throttled := status(http.StatusServiceUnavailable, "", "Retry-After: 40")
		pages := listOf("", "a", "b").replies
		c := newTestClient(t, answers(throttled, pages[0], throttled, pages[1]), retryTimeout(time.Minute))
		ids, err := readAll(c.ACSUsers(c.StartOperation(t.Context()), ACSUsersFilter{}, 0))
		if err != nil || len(ids) != 2 {
			t.Errorf("got %v, %v", ids, err)
		}
	})
}
