package seam

import (
	"cmp"
	"context"
	"iter"
	"net/http"
)

// PageRequest asks for one page of a list. All pages of a list have the same filter.
type PageRequest struct {
	Limit  int    `json:"limit,omitempty"`       // 0: the API's default, 500
	Cursor string `json:"page_cursor,omitempty"` // "": the first page
}

// Page is one page of a list.
type Page[T any] struct {
	Items          []T
	NextPageCursor string // "": this is the last page
}

// pagination says how a list goes on.
// See https://docs.seam.co/latest/api/pagination.
type pagination struct {
	HasNextPage    *bool  `json:"has_next_page"`
	NextPageCursor string `json:"next_page_cursor"` // "" on the last page
}

// nextCursor returns the cursor of the next page, "" if there is none. Contradictions are
// errors: a short list must never pass for a whole one.
func (p *pagination) nextCursor() (string, error) {
	switch {
	case p == nil:
		return "", problem("the response lacks pagination")
	case p.HasNextPage == nil:
		return "", problem("the pagination lacks has_next_page")
	case !*p.HasNextPage && p.NextPageCursor != "":
		return "", problem("the pagination has a cursor for a next page that does not exist")
	case *p.HasNextPage && p.NextPageCursor == "":
		return "", problem("the pagination lacks the cursor for the next page")
	}
	return p.NextPageCursor, nil
}

// validPage returns the page in a response.
func validPage[T object](name string, got []T, p *pagination) (Page[T], error) {
	items, err := validList(name, got)
	next, unclear := p.nextCursor()
	return Page[T]{items, next}, cmp.Or(err, unclear)
}

// paginate reads a list page by page, each one with a retry budget of its own. An object
// that two pages show, because the list changed between them, is yielded once: twice it
// would look like two people. An error ends the list.
func paginate[T object, F any](ctx context.Context, c *Client, path string, size int, filter F,
	list func(context.Context, F, PageRequest) (Page[T], error),
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yielded, used := map[string]bool{}, map[string]bool{}
		for cursor, more := "", true; more; more = cursor != "" {
			page, err := list(c.StartOperation(ctx), filter, PageRequest{size, cursor})
			if used[page.NextPageCursor] && err == nil {
				err = &ResponseError{Path: path, Status: http.StatusOK, Problem: "the list goes in circles: the cursor for the next page was used before"}
			}
			for _, item := range page.Items {
				if seen := yielded[item.id()]; !seen && !yield(item, nil) {
					return
				}
				yielded[item.id()] = true
			}
			if err != nil {
				yield(none, err)
				return
			}
			cursor = page.NextPageCursor
			used[cursor] = true
		}
	}
}
