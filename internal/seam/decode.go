package seam

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// response is the body of a success, with the objects of all routes.
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
		return decoded, problem("the response is empty")
	}
	err := json.Unmarshal(body, &decoded)
	if err == nil && !decoded.OK {
		err = problem(`the response lacks "ok": true`)
	}
	return decoded, err
}

// object is an object in Seam.
type object interface{ id() string }

// validObject returns the object in a response: the one that was asked for, unless asked
// is "". IDs are UUIDs, which are case-insensitive.
func validObject[T object](name string, got *T, asked string) (object T, err error) {
	if got == nil {
		return object, problem("the response lacks " + name)
	}
	switch id := (*got).id(); {
	case id == "":
		err = problem("its " + name + " has no id")
	case asked != "" && !strings.EqualFold(id, asked):
		err = problem("its " + name + " is not the one requested: " + id)
	}
	return *got, err
}

// validList returns the list in a response. An absent list is not an empty one: that
// would read as "nothing left".
func validList[T object](name string, got []T) ([]T, error) {
	if got == nil {
		return nil, problem("the response lacks " + name)
	}
	if slices.ContainsFunc(got, func(o T) bool { return o.id() == "" }) {
		return nil, problem("one of its " + name + " has no id")
	}
	return got, nil
}

// responseError says why a response that claims success could not be read or decoded.
func (t sanitizer) responseError(path, requestID string, status int, body []byte, err error) *ResponseError {
	e := &ResponseError{Path: path, Status: status, RequestID: requestID}
	trouble, isProblem := errors.AsType[problem](err)
	wrong, isWrongType := errors.AsType[*json.UnmarshalTypeError](err)
	syntax, isSyntax := errors.AsType[*json.SyntaxError](err)
	switch {
	case isProblem:
		e.Problem = t.sanitize(string(trouble), maxExcerpt)
	case isWrongType:
		e.Problem = "the response has an unexpected " + wrong.Value + ": " + t.sanitize(wrong.Field, maxExcerpt)
	case isSyntax && syntax.Offset < int64(len(body)):
		e.Problem, e.Excerpt = "the response is not JSON", t.sanitize(string(body[:min(len(body), maxErrorBody)]), maxExcerpt)
	default: // at the end of the body: a proxy may end it early in good order
		e.Problem, e.cutOff = "the response was cut off", true
	}
	return e
}

// decodeError makes an *Error of a response that is not a success. Each part of the body
// that is missing, or has another type than it should, is left out.
func (t sanitizer) decodeError(path, requestID string, resp *http.Response, body []byte, now time.Time) *Error {
	e := &Error{Path: path, Status: resp.StatusCode}
	if wait := parseRetryAfter(resp.Header, now); wait > 0 {
		e.retryAt = now.Add(wait)
	}
	if to, err := resp.Location(); err == nil && e.Status >= 300 && e.Status <= 399 {
		e.RedirectHost = t.sanitize(to.Host, maxExcerpt)
	}
	var decoded struct {
		Error map[string]any `json:"error"`
	}
	err := json.Unmarshal(body, &decoded)
	e.Type = t.sanitize(decoded.Error["type"], maxExcerpt)
	e.Message = t.sanitize(decoded.Error["message"], maxMessage)
	e.Fields = t.fieldErrors(nil, "", decoded.Error["validation_errors"])
	e.RequestID = cmp.Or(requestID, t.sanitize(decoded.Error["request_id"], maxExcerpt))
	if err != nil || e.Type == "" && e.Message == "" {
		e.Excerpt = t.sanitize(string(body), maxExcerpt)
	}
	return e
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
