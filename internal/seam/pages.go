package seam

import (
	"context"
	"iter"
	"net/http"
)

// PageRequest asks for one page of a list. All pages of a list have the same filter.
type PageRequest struct {
	Limit  int    `json:"limit,omitempty"`       // 0: the API's default, 500
	Cursor string `json:"page_cursor,omitempty"` // "": the first page
}

// pagination says how a list goes on.
// See https://docs.seam.co/latest/api/pagination.
type pagination struct {
	HasNextPage    *bool  `json:"has_next_page"`
	NextPageCursor string `json:"next_page_cursor"` // "" on the last page
}

// check returns the cursor of the page after the one with this cursor, "" if there is
// none. A list that ends too early would pass for a whole one, so that it is an error if
// that is not certain.
func (p *pagination) check(cursor string) (next string, err error) {
	switch {
	case p == nil:
		return "", problem("the answer holds no pagination")
	case p.HasNextPage == nil:
		return "", problem("the pagination does not say has_next_page")
	case !*p.HasNextPage && p.NextPageCursor != "":
		return "", problem("the pagination says that this is the last page, and has a cursor for the next one")
	case *p.HasNextPage && p.NextPageCursor == "":
		return "", problem("the list goes on, and no cursor says where")
	case *p.HasNextPage && p.NextPageCursor == cursor:
		return "", problem("the next page of the list is the same page again")
	}
	return p.NextPageCursor, nil
}

// ACSUsers reads all ACS users that the filter lets through, in pages of that size (0:
// the API's default). Each page is an operation of its own: a late one would otherwise
// find the budget spent by the earlier ones. An error ends the list.
func (c *Client) ACSUsers(ctx context.Context, filter ACSUsersFilter, pageSize int) iter.Seq2[ACSUser, error] {
	return entries("/acs/users/list", func(cursor string) ([]ACSUser, string, error) {
		page, err := c.ListACSUsers(c.StartOperation(ctx), filter, PageRequest{pageSize, cursor})
		return page.ACSUsers, page.NextPageCursor, err
	})
}

// UserIdentities is [Client.ACSUsers] for user identities.
func (c *Client) UserIdentities(ctx context.Context, filter UserIdentitiesFilter, pageSize int) iter.Seq2[UserIdentity, error] {
	return entries("/user_identities/list", func(cursor string) ([]UserIdentity, string, error) {
		page, err := c.ListUserIdentities(c.StartOperation(ctx), filter, PageRequest{pageSize, cursor})
		return page.UserIdentities, page.NextPageCursor, err
	})
}

// entries follows the cursors of a list. An entry that two pages show, because the
// list changed between them, is yielded once: twice it would look like two people.
func entries[T object](path string, page func(cursor string) ([]T, string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yielded, cursors := map[string]bool{}, map[string]bool{}
		for cursor, more := "", true; more; more = cursor != "" {
			objects, next, err := page(cursor)
			if err != nil {
				yield(none, err)
				return
			}
			for _, o := range objects {
				if seen := yielded[o.id()]; !seen && !yield(o, nil) {
					return
				}
				yielded[o.id()] = true
			}
			if cursors[next] {
				yield(none, &ResponseError{
					Path: path, Status: http.StatusOK,
					Problem: "the list goes in circles: a page names one as the next that was read before",
				})
				return
			}
			cursors[next] = true
			cursor = next
		}
	}
}
