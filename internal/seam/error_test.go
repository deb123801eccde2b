package seam

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

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
				Status: 400, Type: "invalid_input", Message: `Invalid uuid for "acs_user_id"`, RequestID: "req_1",
				Fields: []FieldError{
					{"", []string{"Odd"}},
					{"a.0", []string{"Required"}},
					{"a.b.c", []string{"Deep"}},
					{"acs_user_id", []string{"Invalid uuid", "Too short"}},
				},
			},
			text: `400 Bad Request (invalid_input): Invalid uuid for "acs_user_id"; Odd; a.0: Required; a.b.c: Deep; acs_user_id: Invalid uuid, Too short (request id req_1)`,
		},
		"request id in the body": {
			code: 404, body: seamError("acs_user_not_found", "ACS user not found"),
			want: Error{Status: 404, Type: "acs_user_not_found", Message: "ACS user not found", RequestID: "req_body"},
			text: "404 Not Found (acs_user_not_found): ACS user not found (request id req_body)",
		},
		"nothing but a type": {
			code: 403, body: `{"error":{"type":"forbidden"}}`,
			want: Error{Status: 403, Type: "forbidden"},
			text: "403 Forbidden (forbidden)",
		},
		"parts of other types": {
			code: 400, body: `{"error":{"type":7,"message":["a"],"validation_errors":["x",{"_errors":"y"}],"request_id":{}},"ok":"no"}`,
			want: Error{Status: 400, Excerpt: `{"error":{"type":7,"message":["a"],"validation_errors":["x",{"_errors":"y"}],"request_id":{}},"ok":"no"}`},
			text: `400 Bad Request: "{\"error\":{\"type\":7,\"message\":[\"a\"],\"validation_errors\":[\"x\",{\"_errors\":\"y\"}],\"request_id\":{}},\"ok\":\"no\"}"`,
		},
		"messages of other types": {
			code: 400, body: `{"error":{"type":"t","message":"m","validation_errors":{"_errors":{},"a":"b","c":{"_errors":[1,null,"d"]}}}}`,
			want: Error{Status: 400, Type: "t", Message: "m", Fields: []FieldError{{"c", []string{"d"}}}},
			text: "400 Bad Request (t): m; c: d",
		},
		"error is a string": {
			code: 401, body: `{"error":"Unauthorized"}`,
			want: Error{Status: 401, Message: "Unauthorized"},
			text: "401 Unauthorized: Unauthorized",
		},
		"no body": {
			code: 401, want: Error{Status: 401}, text: "401 Unauthorized",
		},
		"null": {
			code: 404, body: "null", want: Error{Status: 404, Excerpt: "null"}, text: `404 Not Found: "null"`,
		},
		"HTML": {
			code: 404, headers: []string{"Content-Type: text/html"},
			body: "<html>\r\n\t<body>\x00\x1b[31m  Not   found\u202e </body>\n",
			want: Error{Status: 404, Excerpt: "<html> <body>[31m Not found </body>"},
			text: `404 Not Found: "<html> <body>[31m Not found </body>"`,
		},
		"long text": {
			code: 418, body: strings.Repeat("ä", 300),
			want: Error{Status: 418, Excerpt: strings.Repeat("ä", 199) + "…"},
			text: `418 I'm a teapot: "` + strings.Repeat("ä", 199) + `…"`,
		},
		"not UTF-8": {
			code: 400, body: "a\xff\xfeb", want: Error{Status: 400, Excerpt: "ab"}, text: `400 Bad Request: "ab"`,
		},
		"cut off": {
			code: 404, body: `{"error":{"type":"acs_user_not_found","mess`,
			want: Error{Status: 404, Excerpt: `{"error":{"type":"acs_user_not_found","mess`},
			text: `404 Not Found: "{\"error\":{\"type\":\"acs_user_not_found\",\"mess"`,
		},
		"the token comes back": {
			code: 401, headers: []string{"seam-request-id: " + testToken},
			body: seamError(testToken, "Bad key "+testToken),
			want: Error{Status: 401, Type: "[redacted]", Message: "Bad key [redacted]", RequestID: "[redacted]"},
			text: "401 Unauthorized ([redacted]): Bad key [redacted] (request id [redacted])",
		},
		"the token comes back where the excerpt ends": {
			code: 400, body: strings.Repeat("x", 190) + testToken,
			want: Error{Status: 400, Excerpt: strings.Repeat("x", 190) + "[redacted]"},
			text: `400 Bad Request: "` + strings.Repeat("x", 190) + `[redacted]"`,
		},
		"a status without a name": {
			code: 499, body: "", want: Error{Status: 499}, text: "499",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := doRead(t.Context(), newTestClient(t, answers(status(tc.code, tc.body, tc.headers...))))
			got := *asError[*Error](t, err)
			tc.want.Path = "/workspaces/get"
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got  %+v\nwant %+v", got, tc.want)
			}
			if want := "POST /workspaces/get: " + tc.text; err.Error() != want {
				t.Errorf("got  %s\nwant %s", err, want)
			}
		})
	}
}

func TestResponses_untrusted(t *testing.T) {
	t.Parallel()
	getUser := func(ctx context.Context, c *Client) error { _, err := c.GetACSUser(ctx, userA); return err }
	listUsers := func(ctx context.Context, c *Client) error {
		_, err := c.ListACSUsers(ctx, ACSUsersFilter{}, PageRequest{Cursor: "c"})
		return err
	}
	getIdentity := func(ctx context.Context, c *Client) error { _, err := c.GetUserIdentity(ctx, identityA); return err }
	listIdentities := func(ctx context.Context, c *Client) error {
		_, err := c.ListUserIdentities(ctx, UserIdentitiesFilter{}, PageRequest{Cursor: "c"})
		return err
	}
	ofIdentity := func(ctx context.Context, c *Client) error {
		_, err := c.ListUserIdentityACSUsers(ctx, identityA)
		return err
	}
	getSystem := func(ctx context.Context, c *Client) error { _, err := c.GetACSSystem(ctx, systemA); return err }
	listSystems := func(ctx context.Context, c *Client) error {
		_, err := c.ListACSSystems(ctx, ACSSystemsFilter{})
		return err
	}
	getGroup := func(ctx context.Context, c *Client) error { _, err := c.GetAccessGroup(ctx, groupA); return err }
	listGroups := func(ctx context.Context, c *Client) error {
		_, err := c.ListAccessGroups(ctx, AccessGroupsFilter{ACSUserID: userA})
		return err
	}
	ofGroup := func(ctx context.Context, c *Client) error { _, err := c.ListAccessGroupUsers(ctx, groupA); return err }
	for name, tc := range map[string]struct {
		call    func(context.Context, *Client) error
		body    string
		problem string
	}{
		"not JSON":               {doWrite, "<html>hello", "the answer is not JSON"},
		"empty":                  {doWrite, "", "the answer is empty"},
		"more than JSON":         {doWrite, `{"ok":true} and more`, "the answer is not JSON"},
		"cut off":                {doWrite, `{"ok":true`, "the answer was cut off"},
		"not ok":                 {doWrite, `{"ok":false}`, `the answer does not say "ok": true`},
		"no ok":                  {doWrite, `{}`, `the answer does not say "ok": true`},
		"null":                   {doWrite, `null`, `the answer does not say "ok": true`},
		"ok is a text":           {doWrite, `{"ok":"true"}`, "the answer has a string where none belongs: ok"},
		"a list":                 {doWrite, `[]`, "the answer has a array where none belongs: "},
		"user: none":             {getUser, okBody, "the answer holds no acs_user"},
		"user: without id":       {getUser, `{"ok":true,"acs_user":{}}`, "its acs_user has no id"},
		"user: another":          {getUser, `{"ok":true,"acs_user":{"acs_user_id":"` + userB + `"}}`, "its acs_user is another one than asked for: " + userB},
		"users: none":            {listUsers, okBody, "the answer holds no acs_users"},
		"users: without id":      {listUsers, `{"ok":true,"acs_users":[{"acs_user_id":"1"},{}]}`, "one of its acs_users has no id"},
		"users: no pagination":   {listUsers, `{"ok":true,"acs_users":[]}`, "the answer holds no pagination"},
		"users: empty":           {listUsers, `{"ok":true,"acs_users":[],"pagination":{}}`, "the pagination does not say has_next_page"},
		"users: null and cursor": {listUsers, `{"ok":true,"acs_users":[],"pagination":{"has_next_page":null,"next_page_cursor":"d"}}`, "the pagination does not say has_next_page"},
		"users: end and cursor":  {listUsers, `{"ok":true,"acs_users":[],"pagination":{"has_next_page":false,"next_page_cursor":"d"}}`, "the pagination says that this is the last page, and has a cursor for the next one"},
		"users: no cursor":       {listUsers, `{"ok":true,"acs_users":[],"pagination":{"has_next_page":true,"next_page_cursor":null}}`, "the list goes on, and no cursor says where"},
		"users: same cursor":     {listUsers, `{"ok":true,"acs_users":[],"pagination":{"has_next_page":true,"next_page_cursor":"c"}}`, "the next page of the list is the same page again"},
		"identity: none":         {getIdentity, okBody, "the answer holds no user_identity"},
		"identity: without id":   {getIdentity, `{"ok":true,"user_identity":{}}`, "its user_identity has no id"},
		"identities: none":       {listIdentities, okBody, "the answer holds no user_identities"},
		"identities: without id": {listIdentities, `{"ok":true,"user_identities":[{}]}`, "one of its user_identities has no id"},
		"identities: no pages":   {listIdentities, `{"ok":true,"user_identities":[]}`, "the answer holds no pagination"},
		"of identity: none":      {ofIdentity, okBody, "the answer holds no acs_users"},
		"of identity: no id":     {ofIdentity, `{"ok":true,"acs_users":[{}]}`, "one of its acs_users has no id"},
		"system: none":           {getSystem, okBody, "the answer holds no acs_system"},
		"system: another":        {getSystem, `{"ok":true,"acs_system":{"acs_system_id":"other"}}`, "its acs_system is another one than asked for: other"},
		"systems: none":          {listSystems, okBody, "the answer holds no acs_systems"},
		"systems: without id":    {listSystems, `{"ok":true,"acs_systems":[{}]}`, "one of its acs_systems has no id"},
		"group: none":            {getGroup, okBody, "the answer holds no acs_access_group"},
		"group: another":         {getGroup, `{"ok":true,"acs_access_group":{"acs_access_group_id":"other"}}`, "its acs_access_group is another one than asked for: other"},
		"groups: none":           {listGroups, okBody, "the answer holds no acs_access_groups"},
		"groups: without id":     {listGroups, `{"ok":true,"acs_access_groups":[{}]}`, "one of its acs_access_groups has no id"},
		"of group: none":         {ofGroup, okBody, "the answer holds no acs_users"},
		"of group: no id":        {ofGroup, `{"ok":true,"acs_users":[{}]}`, "one of its acs_users has no id"},
		"workspace: none":        {doRead, okBody, "the answer holds no workspace"},
		"workspace: without id":  {doRead, `{"ok":true,"workspace":{}}`, "its workspace has no id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := answers(status(200, tc.body, "seam-request-id: req_1"))
			err := tc.call(t.Context(), newTestClient(t, s, retryTimeout(0)))
			e := asError[*ResponseError](t, err)
			if e.Problem != tc.problem || e.Status != 200 || e.RequestID != "req_1" || e.Path == "" {
				t.Errorf("got  %+v\nwant %s", e, tc.problem)
			}
			if (e.Excerpt != "") != (tc.problem == "the answer is not JSON") {
				t.Errorf("excerpt: %q", e.Excerpt)
			}
			if !IsAmbiguous(err) || len(s.seen()) != 1 {
				t.Errorf("%v: sent %d times", err, len(s.seen()))
			}
			if want := fmt.Sprintf("POST %s: 200, but %s", e.Path, e.Problem); !strings.HasPrefix(e.Error(), want) || !strings.HasSuffix(e.Error(), "(request id req_1)") {
				t.Errorf("got %s", e)
			}
		})
	}
}

func TestPredicates(t *testing.T) {
	t.Parallel()
	coded := func(code int, typ string) error { return &Error{Status: code, Type: typ} }
	certificate := &tls.CertificateVerificationError{Err: errors.New("x509: certificate signed by unknown authority")}
	type is struct{ notFound, unauthorized, forbidden, ambiguous, transient bool }
	for name, tc := range map[string]struct {
		err  error
		want is
	}{
		"nil":                    {nil, is{}},
		"another":                {errors.New("x"), is{}},
		"not found":              {coded(404, "acs_user_not_found"), is{notFound: true}},
		"not found as 400":       {coded(400, "acs_user_not_found"), is{notFound: true}},
		"not found as 500":       {coded(500, "acs_user_not_found"), is{ambiguous: true}},
		"something else is not":  {coded(404, "acs_system_not_found"), is{}},
		"404 of a proxy":         {coded(404, ""), is{}},
		"invalid":                {coded(400, "invalid_input"), is{}},
		"unknown API key":        {coded(404, TypeAPIKeyNotFound), is{unauthorized: true}},
		"unknown API key as 400": {coded(400, TypeAPIKeyNotFound), is{}},
		"401":                    {coded(401, ""), is{unauthorized: true}},
		"403":                    {coded(403, ""), is{forbidden: true}},
		"408":                    {coded(408, ""), is{ambiguous: true}},
		"429":                    {coded(429, ""), is{transient: true}},
		"500":                    {coded(500, ""), is{ambiguous: true}},
		"501":                    {coded(501, ""), is{ambiguous: true}},
		"599":                    {coded(599, ""), is{ambiguous: true}},
		"redirect":               {coded(307, ""), is{}},
		"nonsense":               {&ResponseError{Status: 200}, is{ambiguous: true}},
		"transport":              {&TransportError{Err: io.EOF}, is{ambiguous: true}},
		"unsent":                 {&TransportError{Err: syscall.ECONNREFUSED, unsent: true}, is{transient: true}},
		"unsent, wrapped":        {fmt.Errorf("x: %w", &TransportError{Err: io.EOF, unsent: true}), is{transient: true}},
		"unsent, certificate":    {&TransportError{Err: certificate, unsent: true}, is{}},
		"unsent, plain HTTP":     {&TransportError{Err: tls.RecordHeaderError{Msg: "x"}, unsent: true}, is{}},
		"unsent, scheme":         {&TransportError{Err: errors.New("unsupported protocol scheme"), unsent: true}, is{}},
		"stopped":                {&ThrottledError{Status: 429}, is{transient: true}},
		"stopped, wrapped":       {fmt.Errorf("x: %w", &ThrottledError{Status: 503}), is{transient: true}},
		"wrapped":                {fmt.Errorf("x: %w", coded(401, "")), is{unauthorized: true}},
		"out of time after 503":  {&RetryTimeoutError{Err: coded(503, "")}, is{ambiguous: true}},
		"out of time after EOF":  {&RetryTimeoutError{Err: &TransportError{Err: io.EOF}}, is{ambiguous: true}},
		"out of time after 429":  {&RetryTimeoutError{Err: coded(429, "")}, is{}},
		"out of time, stopped":   {&RetryTimeoutError{Err: &ThrottledError{Status: 429}}, is{}},
		"out of time, unsent":    {&RetryTimeoutError{Err: &TransportError{Err: io.EOF, unsent: true}}, is{}},
		"out of time":            {&RetryTimeoutError{Err: errors.New("stopped")}, is{}},
		"cancelled":              {fmt.Errorf("x: %w", context.Canceled), is{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := is{IsNotFound(tc.err, "acs_user_not_found"), IsUnauthorized(tc.err), IsForbidden(tc.err), IsAmbiguous(tc.err), IsTransient(tc.err)}
			if got != tc.want {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
			if IsNotFound(tc.err, "") {
				t.Error("no type is a type")
			}
			if IsNotFound(tc.err, TypeAPIKeyNotFound) {
				t.Error("an unknown API key is a missing thing")
			}
		})
	}
}

func TestInWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0:                                 "less than a second",
		999 * time.Millisecond:            "less than a second",
		time.Second:                       "1 second",
		59600 * time.Millisecond:          "1 minute",
		5 * time.Minute:                   "5 minutes",
		61 * time.Second:                  "1 minute 1 second",
		time.Hour + 2*time.Minute + 3e9:   "1 hour 2 minutes",
		2*time.Hour + 3*time.Second:       "2 hours 3 seconds",
		maxRetryAfter:                     "365 days",
		24*time.Hour + time.Hour + 59*1e9: "1 day 1 hour",
	} {
		if got := inWords(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// Whatever a server sends, the error is one line that can be printed, of a
// sane length, and holds no token.
func FuzzDecodeError(f *testing.F) {
	f.Add(404, "req_1", []byte(seamError("acs_user_not_found", "ACS user not found")))
	f.Add(400, "", []byte(`{"error":{"type":"invalid_input","message":"m","validation_errors":{"_errors":[],"a":{"_errors":["b"],"c":{"_errors":["d"]}}}},"ok":false}`))
	f.Add(502, "", []byte("<html>\r\n<h1>Bad gateway</h1> "+testToken))
	f.Add(307, "x\ny", []byte(`{"error":"`+testToken+`"}`))
	f.Add(400, "", []byte(`{"error":{"message":"\u001b[31m\u202e\u0000"}}`))
	f.Add(400, "", []byte("seam_test_\x000123456789abcdef"))
	f.Fuzz(func(t *testing.T, code int, requestID string, body []byte) {
		resp := &http.Response{StatusCode: code, Header: http.Header{"Seam-Request-Id": {requestID}, "Location": {requestID}}}
		e := cleaner{testToken}.decodeError("/x", resp, body, time.Now())
		if e.Status != code || len(e.Fields) > maxFields {
			t.Errorf("got %+v", e)
		}
		texts := map[string]int{e.Type: maxExcerpt, e.Message: maxMessage, e.RequestID: maxRequestID, e.Excerpt: maxExcerpt, e.RedirectHost: maxExcerpt}
		for _, field := range e.Fields {
			texts[field.Field] = maxExcerpt
			if len(field.Messages) == 0 {
				t.Errorf("field without a message: %+v", field)
			}
			for _, m := range field.Messages {
				texts[m] = maxMessage
			}
		}
		for text, limit := range texts {
			if utf8.RuneCountInString(text) > maxMessage || limit == 0 {
				t.Errorf("%d runes: %q", utf8.RuneCountInString(text), text)
			}
		}
		if utf8.RuneCountInString(e.Excerpt) > maxExcerpt {
			t.Errorf("excerpt of %d runes", utf8.RuneCountInString(e.Excerpt))
		}
		text := e.Error()
		if strings.Contains(text, testToken) || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("got %q", text)
		}
	})
}
