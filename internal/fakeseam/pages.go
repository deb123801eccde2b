package fakeseam

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/url"
	"sort"
)

// ordered is a list in the order of creation. A page begins after a place in that order, not at
// an index, so that pages are stable while objects are created and deleted. A lookup is a binary
// search.
type ordered[T interface {
	comparable
	order() int64
}] []T

// after returns the objects after a place in the order.
func (o ordered[T]) after(place int64) ordered[T] {
	return o[o.search(place+1):]
}

func (o ordered[T]) search(place int64) int {
	return sort.Search(len(o), func(i int) bool { return o[i].order() >= place })
}

func (o *ordered[T]) add(item T) {
	list := append(*o, item)
	at := list[:len(list)-1].search(item.order())
	copy(list[at+1:], list[at:])
	list[at] = item
	*o = list
}

func (o *ordered[T]) remove(item T) {
	list := *o
	at := list.search(item.order())
	if at == len(list) || list[at] != item {
		return
	}
	copy(list[at:], list[at+1:])
	var none T
	list[len(list)-1] = none
	*o = list[:len(list)-1]
}

// pagination is described at https://docs.seam.co/latest/api/pagination.
type pagination struct {
	HasNextPage    bool    `json:"has_next_page"`
	NextPageCursor *string `json:"next_page_cursor"`
	NextPageURL    *string `json:"next_page_url"`
}

// cursor is the content of a page_cursor, in Seam's opaque form: a hash of the parameters of
// the first page, and the place of the last object on the page before.
type cursor struct {
	query string
	after int64
}

func (c cursor) encode() string {
	text, err := json.Marshal([]any{c.query, map[string]int64{"after": c.after}})
	if err != nil {
		panic("fakeseam: a page cursor does not encode: " + err.Error())
	}
	return base64.StdEncoding.EncodeToString(text)
}

// place returns the place after which the page begins. Call it after all other parameters were
// read.
func (in *input) place() (after int64, mismatch *apiError) {
	if in.values["page_cursor"] == nil { // absent or null: the first page
		return 0, nil
	}
	hash := in.queryHash()
	text, found := in.text("page_cursor", false)
	in.accepted.Del("page_cursor")
	if !found {
		return 0, nil
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		in.fault("Invalid base64", "page_cursor")
		return 0, nil
	}
	var query string
	var at struct {
		After *int64 `json:"after"`
	}
	if err := json.Unmarshal(raw, &[]any{&query, &at}); err != nil || at.After == nil {
		in.fault("Invalid page cursor", "page_cursor")
		return 0, nil
	}
	if query != hash {
		return 0, badRequest("mismatched_page_parameters",
			"When using next_page_cursor, the request must send parameters identical to the initial request.")
	}
	return *at.After, nil
}

func (in *input) queryHash() string {
	sum := sha256.Sum256([]byte(in.accepted.Encode()))
	return hex.EncodeToString(sum[:])
}

// page returns one page of the candidates.
func page[T interface {
	comparable
	order() int64
}](s *Server, in *input, candidates ordered[T], limit int, keep func(T) bool) ([]T, pagination) {
	if s.maxPage > 0 {
		limit = min(limit, s.maxPage)
	}
	shown := make([]T, 0, min(limit, len(candidates)))
	for _, item := range candidates {
		if !keep(item) {
			continue
		}
		if len(shown) == limit {
			return shown, in.nextPage(shown[limit-1].order())
		}
		shown = append(shown, item)
	}
	return shown, pagination{}
}

// coveredBy returns the candidates up to the end of a page.
func coveredBy[T interface {
	comparable
	order() int64
}](candidates ordered[T], shown []T, pages pagination) ordered[T] {
	if !pages.HasNextPage {
		return candidates
	}
	return candidates[:candidates.search(shown[len(shown)-1].order()+1)]
}

func (in *input) nextPage(after int64) pagination {
	next := cursor{in.queryHash(), after}.encode()
	query := url.Values{"page_cursor": {next}}
	maps.Copy(query, in.accepted)
	link := url.URL{Scheme: "http", Host: in.request.Host, Path: in.request.URL.Path, RawQuery: query.Encode()}
	text := link.String()
	return pagination{HasNextPage: true, NextPageCursor: &next, NextPageURL: &text}
}

// SetMaxPageSize limits the size of pages, whatever size is requested; 0 removes the limit.
// Seam does not document a maximum, so one may exist.
func (s *Server) SetMaxPageSize(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.maxPage = n
}
