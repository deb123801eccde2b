package seam

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
