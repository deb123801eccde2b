package seam

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// response is the body of a success, with the objects of all routes. Each route reads
// its own.
type response struct {
	OK              bool           `json:"ok"`
	ACSAccessGroup  *AccessGroup   `json:"acs_access_group"`
	ACSAccessGroups []AccessGroup  `json:"acs_access_groups"`
	ACSSystem       *ACSSystem     `json:"acs_system"`
	ACSSystems      []ACSSystem    `json:"acs_systems"`
	ACSUser         *ACSUser       `json:"acs_user"`
	ACSUsers        []ACSUser      `json:"acs_users"`
	UserIdentity    *UserIdentity  `json:"user_identity"`
	UserIdentities  []UserIdentity `json:"user_identities"`
	Workspace       *Workspace     `json:"workspace"`
	Pagination      *pagination    `json:"pagination"`
}

// problem is why a response that claims success cannot be trusted, in a few words.
type problem string

func (p problem) Error() string { return string(p) }

// decodeResponse decodes the body of a success.
func decodeResponse(body []byte) (response, error) {
	var decoded response
	if len(body) == 0 {
		return decoded, problem("the answer is empty")
	}
	err := json.Unmarshal(body, &decoded)
	if err == nil && !decoded.OK {
		err = problem(`the answer does not say "ok": true`)
	}
	return decoded, err
}

// accepted opens the response to a write.
func accepted(response) (struct{}, error) { return struct{}{}, nil }

// object is a thing in Seam that has an id.
type object interface{ id() string }

// one opens the response of a route that returns one object: the one that was asked
// for, unless asked is "". Ids are UUIDs, which compare without case.
func one[T object](name string, got *T, asked string) (object T, err error) {
	if got == nil {
		return object, problem("the answer holds no " + name)
	}
	switch id := (*got).id(); {
	case id == "":
		err = problem("its " + name + " has no id")
	case asked != "" && !strings.EqualFold(id, asked):
		err = problem("its " + name + " is another one than asked for: " + id)
	}
	return *got, err
}

// all opens the response of a route that returns a list. An absent list is not an empty
// one: that would read as "nothing left".
func all[T object](name string, got []T) ([]T, error) {
	if got == nil {
		return nil, problem("the answer holds no " + name)
	}
	if slices.ContainsFunc(got, func(o T) bool { return o.id() == "" }) {
		return nil, problem("one of its " + name + " has no id")
	}
	return got, nil
}

// responseError says why a response that claims success could not be read or decoded.
func (t cleaner) responseError(path string, resp *http.Response, body []byte, err error) *ResponseError {
	e := &ResponseError{Path: path, Status: resp.StatusCode, RequestID: t.requestID(resp)}
	trouble, isProblem := errors.AsType[problem](err)
	wrong, isWrongType := errors.AsType[*json.UnmarshalTypeError](err)
	_, isSyntax := errors.AsType[*json.SyntaxError](err)
	switch {
	case isProblem:
		e.Problem = t.clean(string(trouble), maxExcerpt)
	case isWrongType:
		e.Problem = "the answer has a " + wrong.Value + " where none belongs: " + t.clean(wrong.Field, maxExcerpt)
	case isSyntax && !endsEarly(body):
		e.Problem, e.Excerpt = "the answer is not JSON", t.clean(string(body[:min(len(body), maxErrorBody)]), maxExcerpt)
	default:
		e.Problem, e.cutOff = "the answer was cut off", true
	}
	return e
}

// endsEarly reports whether JSON breaks off, as when a proxy closes it in good order.
func endsEarly(body []byte) bool {
	return errors.Is(json.NewDecoder(bytes.NewReader(body)).Decode(new(json.RawMessage)), io.ErrUnexpectedEOF)
}

// decodeError makes an *Error of a response that is not a success. Each part of the body
// that is missing, or has another type than it should, is left out.
func (t cleaner) decodeError(path string, resp *http.Response, body []byte, now time.Time) *Error {
	e := &Error{Path: path, Status: resp.StatusCode, RequestID: t.requestID(resp)}
	if wait := parseRetryAfter(resp.Header, now); wait > 0 {
		e.notBefore = now.Add(wait)
	}
	if to, err := resp.Location(); err == nil && e.Status >= 300 && e.Status <= 399 {
		e.RedirectHost = t.clean(to.Host, maxExcerpt)
	}
	var decoded struct {
		Error any `json:"error"`
	}
	err := json.Unmarshal(body, &decoded)
	switch detail := decoded.Error.(type) {
	case map[string]any:
		e.Type = t.text(detail["type"], maxExcerpt)
		e.Message = t.text(detail["message"], maxMessage)
		e.RequestID = cmp.Or(e.RequestID, t.text(detail["request_id"], maxRequestID))
		e.Fields = t.fieldErrors(nil, "", detail["validation_errors"])
	case string:
		e.Message = t.clean(detail, maxMessage)
	}
	if err != nil || e.Type == "" && e.Message == "" {
		e.Excerpt = t.clean(string(body), maxExcerpt)
	}
	return e
}

func (t cleaner) requestID(resp *http.Response) string {
	return t.clean(resp.Header.Get("Seam-Request-Id"), maxRequestID)
}

// maxRetryAfter stands for any longer wait, so that sums with it cannot overflow.
const maxRetryAfter = 365 * 24 * time.Hour

// parseRetryAfter returns how long a response asks to wait, in seconds or until a date;
// 0 if it does not, or the date has passed. A date is by the clock of the server, which
// may differ from ours (RFC 9110, section 10.2.3).
func parseRetryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value != "" && strings.Trim(value, "0123456789") == "" {
		seconds, _ := strconv.ParseUint(value, 10, 64) // the largest number for a larger one
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
