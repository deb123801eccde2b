package seam

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// A response that claims success and cannot be trusted is an error that says why.
func TestResponses_untrusted(t *testing.T) {
	t.Parallel()
	getUser := func(ctx context.Context, c *Client) error { _, err := c.GetACSUser(ctx, userA); return err }
	listUsers := func(ctx context.Context, c *Client) error {
		_, err := c.ListACSUsers(ctx, ACSUsersFilter{}, PageRequest{})
		return err
	}
	for name, tc := range map[string]struct {
		call          func(context.Context, *Client) error
		body, problem string
	}{
		"not JSON":           {doWrite, "<html>hello", "the response is not JSON"},
		"empty":              {doWrite, "", "the response is empty"},
		"more than JSON":     {doWrite, `{"ok":true} and more`, "the response is not JSON"},
		"cut off":            {doWrite, `{"ok":true`, "the response was cut off"},
		"not ok":             {doWrite, `{"ok":false}`, `the response lacks "ok": true`},
		"no ok":              {doWrite, `{}`, `the response lacks "ok": true`},
		"null":               {doWrite, `null`, `the response lacks "ok": true`},
		"ok is a string":     {doWrite, `{"ok":"true"}`, "the response has an unexpected string: ok"},
		"an array":           {doWrite, `[]`, "the response has an unexpected array: "},
		"no object":          {getUser, okBody, "the response lacks acs_user"},
		"object without id":  {getUser, `{"ok":true,"acs_user":{}}`, "its acs_user has no id"},
		"another object":     {getUser, `{"ok":true,"acs_user":{"acs_user_id":"` + userB + `"}}`, "its acs_user is not the one requested: " + userB},
		"no list":            {listUsers, `{"ok":true,"pagination":{"has_next_page":false}}`, "the response lacks acs_users"},
		"item without id":    {listUsers, `{"ok":true,"acs_users":[{"acs_user_id":"1"},{}],"pagination":{"has_next_page":false}}`, "one of its acs_users has no id"},
		"no pagination":      {listUsers, `{"ok":true,"acs_users":[]}`, "the response lacks pagination"},
		"empty pagination":   {listUsers, `{"ok":true,"acs_users":[],"pagination":{}}`, "the pagination lacks has_next_page"},
		"null and cursor":    {listUsers, `{"ok":true,"acs_users":[],"pagination":{"has_next_page":null,"next_page_cursor":"d"}}`, "the pagination lacks has_next_page"},
		"last and cursor":    {listUsers, `{"ok":true,"acs_users":[],"pagination":{"has_next_page":false,"next_page_cursor":"d"}}`, "the pagination has a cursor for a next page that does not exist"},
		"more and no cursor": {listUsers, `{"ok":true,"acs_users":[],"pagination":{"has_next_page":true,"next_page_cursor":null}}`, "the pagination lacks the cursor for the next page"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tc.call(t.Context(), newTestClient(t, answers(status(200, tc.body, "seam-request-id: req_1")), retryTimeout(0)))
			e := asError[*ResponseError](t, err)
			if e.Problem != tc.problem || e.Status != 200 || e.RequestID != "req_1" || !IsAmbiguous(err) {
				t.Errorf("got  %+v\nwant %s", e, tc.problem)
			}
			text := "POST " + e.Path + ": 200, but " + tc.problem
			if tc.problem == "the response is not JSON" {
				text += fmt.Sprintf(": %q", tc.body)
			}
			if text += " (request id req_1)"; e.Error() != text {
				t.Errorf("got  %s\nwant %s", e, text)
			}
		})
	}
}

// Each route refuses a response without what it asked for, without its id, or with another
// one: only a user identity may have another id, after a merge.
func TestResponses_withoutObjects(t *testing.T) {
	t.Parallel()
	for _, r := range routes {
		bodies := []string{okBody, strings.ReplaceAll(r.response, `_id":`, `_x":`)}
		switch {
		case r.want == nil:
			continue // it returns nothing
		case len(idsOf(r.want)) == 0:
			bodies = bodies[:1]
		}
		if other := strings.NewReplacer(userA, userB, systemA, userB, groupA, userB).Replace(r.response); other != r.response {
			bodies = append(bodies, other)
		}
		for _, body := range bodies {
			got, err := r.call(t.Context(), newTestClient(t, answers(status(200, body))))
			if _, ok := errors.AsType[*ResponseError](err); !ok {
				t.Errorf("%s: trusted %s: %+v, %v", r.name, body, got, err)
			}
		}
	}
}

// idsOf returns the ids of what a call returned: an object, a list or a page.
func idsOf(result any) (ids []string) {
	if result == nil {
		return nil
	}
	if o, ok := result.(object); ok {
		return []string{o.id()}
	}
	items := reflect.ValueOf(result)
	if items.Kind() == reflect.Struct {
		items = items.FieldByName("Items")
	}
	for i := range items.Len() {
		ids = append(ids, idsOf(items.Index(i).Interface())...)
	}
	return ids
}

// Whatever a server sends with a 200: it is trusted only if it says "ok": true, every
// object has an id, and a list says whether it has another page. Otherwise the error is
// printable.
func FuzzResponses(f *testing.F) {
	for i, r := range routes {
		f.Add(i, []byte(r.response))
		f.Add(i, []byte(r.response[:len(r.response)-2]))
		f.Add(i, []byte(strings.Replace(r.response, "true", "false", 1)))
		f.Add(i, []byte(strings.ReplaceAll(r.response, `_id":`, `_id":7,"x":`)))
		f.Add(i, []byte(strings.ReplaceAll(r.response, `{"`, `{"`+testToken+`":null,"`)))
		f.Add(i, []byte(strings.NewReplacer(`[`, `[null,`, `:{`, `:null,"x":{`).Replace(r.response)))
	}
	f.Add(0, []byte("\xff\x00<html>"+testToken))
	f.Fuzz(func(t *testing.T, n int, body []byte) {
		r := routes[uint(n)%uint(len(routes))]
		c := newTestClient(t, answers(status(200, string(body), "Seam-Request-Id: req_1")), retryTimeout(0))
		result, err := r.call(t.Context(), c)
		if failure, ok := errors.AsType[*ResponseError](err); ok {
			text := err.Error()
			if failure.Problem == "" || strings.Contains(text, testToken) || !utf8.ValidString(text) ||
				utf8.RuneCountInString(text) > 1000 || strings.ContainsFunc(text, isUnprintable) {
				t.Errorf("%s: got %q", r.name, text)
			}
			return
		}
		var decoded struct {
			OK         bool        `json:"ok"`
			Pagination *pagination `json:"pagination"`
		}
		if parseErr := json.Unmarshal(body, &decoded); err != nil || parseErr != nil || !decoded.OK {
			t.Errorf("%s: trusted %q: %v, %v", r.name, body, err, parseErr)
		}
		for _, id := range idsOf(result) {
			if id == "" {
				t.Errorf("%s: trusted an object without an id in %q", r.name, body)
			}
		}
		p, isPaginated := decoded.Pagination, strings.Contains(r.response, "pagination")
		if isPaginated && (p == nil || p.HasNextPage == nil || *p.HasNextPage != (p.NextPageCursor != "")) {
			t.Errorf("%s: trusted the pagination in %q", r.name, body)
		}
	})
}

// isUnprintable excludes the characters that join others in a word or an emoji.
func isUnprintable(r rune) bool { return !unicode.IsPrint(r) && r != '\u200c' && r != '\u200d' }

func TestErrorDecoding(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		code    int
		body    string
		headers []string
		want    Error
		text    string // after "POST /workspaces/get: "
	}{
		"validation errors": {
			code: 400, headers: []string{"seam-request-id: req_1"},
			body: `{"error":{"type":"invalid_input","message":"Invalid uuid for \"acs_user_id\"","data":{"x":1},"validation_errors":{"_errors":["Odd"],` +
				`"acs_user_id":{"_errors":["Invalid uuid","Too short"]},"a":{"_errors":[],"0":{"_errors":["Required"]},"b":{"c":{"_errors":["Deep"]}}}},"request_id":"req_2"},"ok":false}`,
			want: Error{
				Type: "invalid_input", Message: `Invalid uuid for "acs_user_id"`, RequestID: "req_1",
				Fields: []string{"Odd", "a.0: Required", "a.b.c: Deep", "acs_user_id: Invalid uuid", "acs_user_id: Too short"},
			},
			text: `400 Bad Request (invalid_input): Invalid uuid for "acs_user_id"; Odd; a.0: Required; a.b.c: Deep; acs_user_id: Invalid uuid; acs_user_id: Too short (request id req_1)`,
		},
		"request id in the body": {
			code: 404, body: seamError("acs_user_not_found", "ACS user not found"),
			want: Error{Type: "acs_user_not_found", Message: "ACS user not found", RequestID: "req_body"},
			text: "404 Not Found (acs_user_not_found): ACS user not found (request id req_body)",
		},
		"nothing but a type": {
			code: 403, body: `{"error":{"type":"forbidden"}}`,
			want: Error{Type: "forbidden"}, text: "403 Forbidden (forbidden)",
		},
		"parts of other types": {
			code: 400, body: `{"error":{"type":7,"message":["a"],"validation_errors":["x",{"_errors":"y"}],"request_id":{}}}`,
			want: Error{Excerpt: `{"error":{"type":7,"message":["a"],"validation_errors":["x",{"_errors":"y"}],"request_id":{}}}`},
			text: `400 Bad Request: "{\"error\":{\"type\":7,\"message\":[\"a\"],\"validation_errors\":[\"x\",{\"_errors\":\"y\"}],\"request_id\":{}}}"`,
		},
		"validation errors of other types": {
			code: 400, body: `{"error":{"type":"t","message":"m","validation_errors":{"_errors":{},"a":"b","c":{"_errors":[1,null,"d"]}}}}`,
			want: Error{Type: "t", Message: "m", Fields: []string{"c: d"}}, text: "400 Bad Request (t): m; c: d",
		},
		"error is a string": {
			code: 401, body: `{"error":"Unauthorized"}`,
			want: Error{Excerpt: `{"error":"Unauthorized"}`}, text: `401 Unauthorized: "{\"error\":\"Unauthorized\"}"`,
		},
		"no body": {code: 401, text: "401 Unauthorized"},
		"null":    {code: 404, body: "null", want: Error{Excerpt: "null"}, text: `404 Not Found: "null"`},
		"HTML": {
			code: 404, body: "<html>\r\n\t<body>\x00\x1b[31m  Not   found\u202e </body>\n",
			want: Error{Excerpt: "<html> <body>[31m Not found </body>"}, text: `404 Not Found: "<html> <body>[31m Not found </body>"`,
		},
		"long text": {
			code: 418, body: strings.Repeat("ä", 300),
			want: Error{Excerpt: strings.Repeat("ä", 199) + "…"}, text: `418 I'm a teapot: "` + strings.Repeat("ä", 199) + `…"`,
		},
		"not UTF-8": {code: 400, body: "a\xff\xfeb", want: Error{Excerpt: "ab"}, text: `400 Bad Request: "ab"`},
		"joiners":   {code: 400, body: "\u200dk\u200c", want: Error{Excerpt: "\u200dk\u200c"}, text: `400 Bad Request: "\u200dk\u200c"`},
		"cut off": {
			code: 404, body: `{"error":{"type":"acs_user_not_found","mess`,
			want: Error{Excerpt: `{"error":{"type":"acs_user_not_found","mess`}, text: `404 Not Found: "{\"error\":{\"type\":\"acs_user_not_found\",\"mess"`,
		},
		"token in Seam's error": {
			code: 401, headers: []string{"seam-request-id: " + testToken}, body: seamError(testToken, "Bad key "+testToken),
			want: Error{Type: "[redacted]", Message: "Bad key [redacted]", RequestID: "[redacted]"},
			text: "401 Unauthorized ([redacted]): Bad key [redacted] (request id [redacted])",
		},
		"token where the excerpt ends": {
			code: 400, body: strings.Repeat("x", 190) + testToken,
			want: Error{Excerpt: strings.Repeat("x", 190) + "[redacted]"}, text: `400 Bad Request: "` + strings.Repeat("x", 190) + `[redacted]"`,
		},
		"status without a name": {code: 499, text: "499"},
		"redirect": {
			code: 307, headers: []string{"Location: https://user:password@example.com:8443/login?key=secret"},
			want: Error{RedirectHost: "example.com:8443"}, text: "307 Temporary Redirect: a redirect to example.com:8443, which is not followed",
		},
		"redirect to a path": {
			code: 301, headers: []string{"Location: /elsewhere"},
			want: Error{RedirectHost: "connect.example.com"}, text: "301 Moved Permanently: a redirect to connect.example.com, which is not followed",
		},
		"redirect to nowhere": {code: 308, headers: []string{"Location: http://[broken?key=secret"}, text: "308 Permanent Redirect"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := answers(status(tc.code, tc.body, tc.headers...))
			err := doRead(t.Context(), newTestClient(t, s))
			got := *asError[*Error](t, err)
			tc.want.Path, tc.want.Status = "/workspaces/get", tc.code
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got  %+v\nwant %+v", got, tc.want)
			}
			if want := "POST /workspaces/get: " + tc.text; err.Error() != want {
				t.Errorf("got  %s\nwant %s", err, want)
			}
			if n := len(s.seen()); n != 1 {
				t.Errorf("sent %d times", n)
			}
		})
	}
}

// Whatever a server sends, the error is one printable line of bounded length, without the
// token.
func FuzzErrorDecoding(f *testing.F) {
	f.Add(404, "req_1", []byte(seamError("acs_user_not_found", "ACS user not found")))
	f.Add(400, "", []byte(`{"error":{"type":"invalid_input","message":"m","validation_errors":{"_errors":[],"a":{"_errors":["b"],"c":{"_errors":["d"]}}}},"ok":false}`))
	f.Add(502, "", []byte("<html>\r\n<h1>Bad gateway</h1> "+testToken))
	f.Add(307, "x\ny", []byte(`{"error":"`+testToken+`"}`))
	f.Add(400, "", []byte(`{"error":{"message":"\u001b[31m\u202e\u0000"}}`))
	f.Add(400, "", []byte("seam_test_\x000123456789abcdef"))
	f.Fuzz(func(t *testing.T, code int, header string, body []byte) {
		resp := &http.Response{StatusCode: code, Header: http.Header{"Location": {header}}}
		e := sanitizer{testToken}.decodeError("/x", "", resp, body, time.Now())
		if e.Status != code || len(e.Fields) > maxFields {
			t.Errorf("got %+v", e)
		}
		for _, text := range append(e.Fields, e.Type, e.Message, e.RequestID, e.Excerpt, e.RedirectHost) {
			if utf8.RuneCountInString(text) > maxMessage+maxExcerpt+len(": ") {
				t.Errorf("%d runes: %q", utf8.RuneCountInString(text), text)
			}
		}
		text := e.Error()
		if strings.Contains(text, testToken) || !utf8.ValidString(text) || strings.ContainsFunc(text, isUnprintable) {
			t.Errorf("got %q", text)
		}
	})
}
