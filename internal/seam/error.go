package seam

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

const (
	requestIDHeader = "Seam-Request-Id"

	// Limits of what is taken over from a server, in runes.
	maxExcerpt   = 200
	maxMessage   = 1000
	maxRequestID = 100
	maxFields    = 50 // in number
)

// Types of [Error] that say that there is no such thing.
const (
	TypeACSUserNotFound      = "acs_user_not_found"
	TypeACSSystemNotFound    = "acs_system_not_found"
	TypeUserIdentityNotFound = "user_identity_not_found"
)

// TypeAPIKeyNotFound is the type of a 404 that refuses the credentials. See
// [IsUnauthorized].
const TypeAPIKeyNotFound = "api_key_not_found" //nolint:gosec // no credential

// Error is an answer of the server that is not a success. Its texts are
// single lines that can be printed, whatever the server sent.
type Error struct {
	Method string
	Path   string // of the API, such as /acs/users/get
	Status int    // of HTTP
	// Type and Message are Seam's; both are empty when the body is not
	// Seam's, as when a proxy answered.
	Type    string // such as acs_user_not_found
	Message string
	Fields  []FieldError // what was wrong with the request, in order of the fields
	// RequestID is what Seam's support asks for; empty if there was none.
	RequestID string
	// Excerpt is the beginning of a body that is not Seam's.
	Excerpt string
	// RedirectHost is where a redirect pointed. None is ever followed.
	RedirectHost string

	notBefore time.Time // when the server asked to be asked again; zero if it did not
}

// FieldError is what was wrong with one field of the request.
type FieldError struct {
	Field    string // a path with dots; "" for the request as a whole
	Messages []string
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d", e.Method, e.Path, e.Status)
	if text := http.StatusText(e.Status); text != "" {
		b.WriteString(" " + text)
	}
	if e.Type != "" {
		b.WriteString(" (" + e.Type + ")")
	}
	if e.RedirectHost != "" {
		b.WriteString(": a redirect to " + e.RedirectHost + ", which is not followed")
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	for _, f := range e.Fields {
		b.WriteString("; ")
		if f.Field != "" {
			b.WriteString(f.Field + ": ")
		}
		b.WriteString(strings.Join(f.Messages, ", "))
	}
	if e.Excerpt != "" {
		fmt.Fprintf(&b, ": %q", e.Excerpt)
	}
	writeRequestID(&b, e.RequestID)
	return b.String()
}

func writeRequestID(b *strings.Builder, id string) {
	if id != "" {
		b.WriteString(" (request id " + id + ")")
	}
}

// ResponseError is an answer that claims success and makes no sense, so that
// nothing can be concluded from it.
type ResponseError struct {
	Method    string
	Path      string // of the API
	Status    int    // of HTTP, 2xx
	RequestID string // empty if there was none
	Problem   string // what makes no sense, in a few words
	Excerpt   string // the beginning of a body that is not JSON
	Err       error  // why it could not be read or decoded; nil if it could

	cutOff bool // the rest of the body is missing
}

func (e *ResponseError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d, but %s", e.Method, e.Path, e.Status, e.Problem)
	if e.Excerpt != "" {
		fmt.Fprintf(&b, ": %q", e.Excerpt)
	}
	writeRequestID(&b, e.RequestID)
	return b.String()
}

func (e *ResponseError) Unwrap() error { return e.Err }

// TransportError is a request that got no answer. Its text is free of
// credentials and query strings; that of Err may not be.
type TransportError struct {
	Method string
	Path   string // of the API
	Err    error

	text   string // of Err, cleaned
	unsent bool   // a write for which no connection was established
}

func (e *TransportError) Error() string {
	return fmt.Sprintf("%s %s: no answer: %s", e.Method, e.Path, e.Reason())
}

// Reason says why there was no answer.
func (e *TransportError) Reason() string {
	if e.text == "" {
		return describeTransport(e.Err)
	}
	return e.text
}

func (e *TransportError) Unwrap() error { return e.Err }

// Timeout reports whether the time of the attempt was up.
func (e *TransportError) Timeout() bool {
	var t net.Error
	return errors.As(e.Err, &t) && t.Timeout()
}

// RetryTimeoutError is a failure that might have gone away, had there been
// time to try again.
type RetryTimeoutError struct {
	Wait         time.Duration // how long the next try would have to wait
	RetryTimeout time.Duration // how long an operation may keep trying
	Tried        time.Duration // how long this one did
	Down         time.Duration // how long nothing has succeeded, if that is why
	Err          error         // the last failure
}

func (e *RetryTimeoutError) Error() string { return e.Summary() + ": " + e.Err.Error() }

func (e *RetryTimeoutError) Unwrap() error { return e.Err }

// Summary says why there was no other try, without the failure itself.
func (e *RetryTimeoutError) Summary() string {
	if e.RetryTimeout <= 0 {
		return fmt.Sprintf("not tried again, because retry_timeout is 0; another try would have to wait %s", inWords(e.Wait))
	}
	if e.Down > 0 {
		return fmt.Sprintf("not tried again, because no request has succeeded for %s, and retry_timeout is %s", inWords(e.Down), inWords(e.RetryTimeout))
	}
	if e.Tried >= e.RetryTimeout {
		return fmt.Sprintf("gave up after trying for %s, which is all that retry_timeout (%s) allows", inWords(e.Tried), inWords(e.RetryTimeout))
	}
	return fmt.Sprintf("gave up after trying for %s, because another try would have to wait %s, longer than retry_timeout (%s) allows",
		inWords(e.Tried), inWords(e.Wait), inWords(e.RetryTimeout))
}

// StoppedError is a request that was not sent, because Seam answered another one
// with a status that stops the whole process for a while.
type StoppedError struct {
	Status int

	path  string    // of the request that was not sent
	until time.Time // when requests are sent again
}

func (e *StoppedError) Error() string {
	return fmt.Sprintf("nothing was sent, because Seam answered %d to another request and asked to wait", e.Status)
}

// IsNotFound reports whether Seam said that there is no such thing, with this
// type of error, such as "acs_user_not_found". A 404 from anything else, such
// as a proxy or a wrong endpoint, says nothing about things in Seam; nor does one that
// refuses the credentials.
func IsNotFound(err error, typ string) bool {
	var e *Error
	// One route answers 400 for a user identity that does not exist.
	return typ != "" && typ != TypeAPIKeyNotFound && errors.As(err, &e) && e.Type == typ &&
		(e.Status == http.StatusNotFound || e.Status == http.StatusBadRequest)
}

// IsUnauthorized reports whether the credentials were refused. Seam has been seen to
// answer an API key that was deleted with 404.
func IsUnauthorized(err error) bool {
	var e *Error
	return errors.As(err, &e) &&
		(e.Status == http.StatusUnauthorized || e.Status == http.StatusNotFound && e.Type == TypeAPIKeyNotFound)
}

// IsForbidden reports whether the credentials do not suffice.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

func hasStatus(err error, status int) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == status
}

// IsRefused reports whether the server understood the request and refused it,
// so that it has had no effect and would be refused again.
func IsRefused(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status >= 400 && e.Status <= 499 &&
		e.Status != http.StatusRequestTimeout && e.Status != http.StatusTooManyRequests
}

// IsThrottled reports whether a request had no effect because Seam asked to wait:
// it was answered so, or not sent at all. A read that follows waits as asked.
func IsThrottled(err error) bool {
	_, stopped := errors.AsType[*StoppedError](err)
	return stopped || hasStatus(err, http.StatusTooManyRequests)
}

// IsAmbiguous reports whether a write that failed so may have taken effect, or may
// still take effect: it was sent, and there was no response, an unreadable one, 408 or
// 5xx. The caller has to read before it does anything else. An error that is neither
// ambiguous nor transient is a refusal.
func IsAmbiguous(err error) bool {
	var (
		e         *Error
		response  *ResponseError
		transport *TransportError
	)
	switch {
	case errors.As(err, &e):
		return e.Status >= 500 || e.Status == http.StatusRequestTimeout
	case errors.As(err, &response):
		return true
	case errors.As(err, &transport):
		return !transport.unsent
	default:
		return false
	}
}

// IsTransient reports whether a write that failed so had no effect and may be sent
// again later: Seam asked to wait (429), nothing was sent because it had asked another
// request to (*StoppedError), or no connection was established, for a reason that can
// pass. No such error is ambiguous. A *RetryTimeoutError is not transient, whatever it
// wraps: the time for retries is over.
func IsTransient(err error) bool {
	if _, over := errors.AsType[*RetryTimeoutError](err); over {
		return false
	}
	if transport, ok := errors.AsType[*TransportError](err); ok {
		return transport.unsent && canPass(transport.Err)
	}
	return IsThrottled(err)
}

// decodeError makes an *Error of an answer that is not a success. Nothing in
// the body is relied upon: each part that is missing, or has another type
// than it should, is left out.
func (c *Client) decodeError(path string, resp *http.Response, body []byte) *Error {
	e := &Error{
		Method:    http.MethodPost,
		Path:      path,
		Status:    resp.StatusCode,
		RequestID: c.clean(resp.Header.Get(requestIDHeader), maxRequestID),
	}
	if e.Status >= 300 && e.Status <= 399 {
		e.RedirectHost = c.clean(redirectHost(resp), maxExcerpt)
	}
	var decoded struct {
		Error any `json:"error"`
	}
	err := json.Unmarshal(body, &decoded)
	switch detail := decoded.Error.(type) {
	case map[string]any:
		e.Type = c.text(detail["type"], maxExcerpt)
		e.Message = c.text(detail["message"], maxMessage)
		if e.RequestID == "" {
			e.RequestID = c.text(detail["request_id"], maxRequestID)
		}
		e.Fields = c.fieldErrors(nil, "", detail["validation_errors"])
	case string:
		e.Message = c.clean(detail, maxMessage)
	}
	if err != nil || e.Type == "" && e.Message == "" {
		e.Excerpt = c.clean(string(body), maxExcerpt)
	}
	return e
}

// fieldErrors collects the "_errors" of an object and of the objects in it,
// which are named as the fields of the request are.
func (c *Client) fieldErrors(found []FieldError, field string, value any) []FieldError {
	object, _ := value.(map[string]any)
	if messages, ok := object["_errors"].([]any); ok {
		f := FieldError{Field: field}
		for _, m := range messages {
			if text := c.text(m, maxMessage); text != "" && len(f.Messages) < maxFields {
				f.Messages = append(f.Messages, text)
			}
		}
		if len(f.Messages) > 0 {
			found = append(found, f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if name == "_errors" || len(found) >= maxFields {
			continue
		}
		path := c.clean(name, maxExcerpt)
		if field != "" {
			path = c.clean(field+"."+path, maxExcerpt)
		}
		found = c.fieldErrors(found, path, object[name])
	}
	return found
}

// text is a string of a decoded body, cleaned; "" if it is something else.
func (c *Client) text(value any, limit int) string {
	s, _ := value.(string)
	return c.clean(s, limit)
}

// clean makes text from outside fit to be shown: one line, printable, no
// longer than the limit in runes, and without the token, which a proxy may
// echo.
func (c *Client) clean(s string, limit int) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case !unicode.IsPrint(r) || r == unicode.ReplacementChar:
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	s = b.String()
	if c.token != "" {
		s = strings.ReplaceAll(s, c.token, "[redacted]")
	}
	if runes := []rune(s); len(runes) > limit {
		s = string(runes[:limit-1]) + "…"
	}
	return s
}

func (c *Client) transportError(path string, err error) *TransportError {
	// What http.Client adds is the method and the URL.
	for outer, ok := err.(*url.Error); ok; outer, ok = err.(*url.Error) { //nolint:errorlint // only the outermost
		err = outer.Err
	}
	return &TransportError{
		Method: http.MethodPost,
		Path:   path,
		Err:    err,
		text:   c.clean(describeTransport(err), maxMessage),
	}
}

var (
	// Up to the last @, since passwords may hold any character unescaped.
	userinfo = regexp.MustCompile(`//[^\s"']*@`)
	query    = regexp.MustCompile(`(//[^\s"'?]*)\?[^\s"']*`)
)

func describeTransport(err error) string {
	var parse *url.Error
	switch {
	case err == nil:
		return "not known why"
	case errors.As(err, &parse) && parse.Op == "parse":
		return "a URL, perhaps that of the proxy, is not valid" // its text quotes the URL in pieces
	case err == context.DeadlineExceeded: //nolint:errorlint // a dial that timed out is one too, and says more
		return "timed out after " + inWords(attemptTimeout)
	}
	return query.ReplaceAllString(userinfo.ReplaceAllString(err.Error(), "//"), "$1")
}

// inWords is a duration as people say it, in its two largest units.
func inWords(d time.Duration) string {
	if d < time.Second {
		return "less than a second"
	}
	var words []string
	rest := d.Round(time.Second)
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		n := rest / unit.size
		rest %= unit.size
		if n == 0 || len(words) == 2 {
			continue
		}
		word := fmt.Sprintf("%d %s", n, unit.name)
		if n > 1 {
			word += "s"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}
