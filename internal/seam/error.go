package seam

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Error is a response that is not a success. Its texts are single lines that can be
// printed, whatever the server sent.
type Error struct {
	Path         string   // of the API, such as /acs/users/get
	Status       int      // of HTTP
	Type         string   // Seam's, such as acs_user_not_found; "" if the body is not Seam's
	Message      string   // Seam's
	Fields       []string // what is wrong with fields of the request, such as "a.b: Required"
	RequestID    string   // what Seam's support asks for; "" if there was none
	Excerpt      string   // the beginning of a body that is not Seam's
	RedirectHost string   // where a redirect pointed; redirects are not followed

	retryAt time.Time // when Seam asked for the next request; zero if it did not
}

func (e *Error) Error() string {
	return e.summary() + optional(" (", e.Type, ")") + optional(": a redirect to ", e.RedirectHost, ", which is not followed") +
		optional(": ", e.Message, "") + optional("; ", strings.Join(e.Fields, "; "), "") + excerptAndID(e.Excerpt, e.RequestID)
}

// summary is the error without what the server wrote.
func (e *Error) summary() string {
	return fmt.Sprintf("POST %s: %d", e.Path, e.Status) + optional(" ", http.StatusText(e.Status), "")
}

// excerptAndID is how the text of an error ends.
func excerptAndID(excerpt, requestID string) string {
	if excerpt != "" {
		excerpt = fmt.Sprintf(": %q", excerpt)
	}
	return excerpt + optional(" (request id ", requestID, ")")
}

// optional is a part of a text that is left out if it is empty.
func optional(before, text, after string) string {
	if text == "" {
		return ""
	}
	return before + text + after
}

// ResponseError is a response that claims success and cannot be trusted.
type ResponseError struct {
	Path      string // of the API
	Status    int    // of HTTP, 2xx
	RequestID string // "" if there was none
	Problem   string // why it cannot be trusted, in a few words
	Excerpt   string // the beginning of a body that is not JSON

	cutOff bool // the rest of the body is missing
}

func (e *ResponseError) Error() string { return e.summary() + excerptAndID(e.Excerpt, e.RequestID) }

func (e *ResponseError) summary() string {
	return fmt.Sprintf("POST %s: %d, but %s", e.Path, e.Status, e.Problem)
}

// TransportError is a request that got no response. Its text is free of
// credentials and query strings; that of Err may not be.
type TransportError struct {
	Path string // of the API
	Err  error

	text   string // of Err, sanitized
	unsent bool   // a write for which no connection was established
}

func (e *TransportError) Error() string { return "POST " + e.Path + ": no response: " + e.Reason() }
func (e *TransportError) Unwrap() error { return e.Err }

// Reason says why there was no response.
func (e *TransportError) Reason() string { return cmp.Or(e.text, describeTransport(e.Err)) }

// ThrottledError is a request that was not sent, because Seam answered another one with
// this status and asked to wait.
type ThrottledError struct {
	Status int

	retryAt time.Time // when requests are sent again
}

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("nothing was sent, because Seam answered %d to another request and asked to wait", e.Status)
}

// RetryTimeoutError is a failure after which there was no time for another attempt.
type RetryTimeoutError struct {
	Wait         time.Duration // before the next attempt
	RetryTimeout time.Duration // how long the operation may retry
	Tried        time.Duration // how long it did
	Down         time.Duration // how long no request has succeeded, if that is why
	Err          error         // the last failure

	limitedBy string // what RetryTimeout is; "" for the setting
}

func (e *RetryTimeoutError) Error() string { return e.Summary() + ": " + e.Err.Error() }
func (e *RetryTimeoutError) Unwrap() error { return e.Err }

// Summary says why there was no other attempt, without the failure itself.
func (e *RetryTimeoutError) Summary() string {
	limit := fmt.Sprintf(" (%s is %s)", cmp.Or(e.limitedBy, "retry_timeout"), formatDuration(e.RetryTimeout))
	switch {
	case e.Down > 0:
		return "not retried, because no request has succeeded for " + formatDuration(e.Down) + limit
	case e.RetryTimeout <= 0:
		return "not retried" + limit
	default:
		return fmt.Sprintf("retried for %s; the next attempt would have to wait %s", formatDuration(e.Tried), formatDuration(e.Wait)) + limit
	}
}

// retryAt returns when Seam asked for the next request, zero if it did not.
func retryAt(err error) time.Time {
	if e, ok := errors.AsType[*ThrottledError](err); ok {
		return e.retryAt
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.retryAt
	}
	return time.Time{}
}

// reason describes a failure without what the server wrote: messages may quote
// personal data, and logs are passed around.
func reason(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.summary()
	}
	if e, ok := errors.AsType[*ResponseError](err); ok {
		return e.summary()
	}
	return fmt.Sprint(err)
}

// Types of [Error] that say that there is no such object.
const (
	TypeAccessGroupNotFound  = "acs_access_group_not_found"
	TypeACSUserNotFound      = "acs_user_not_found"
	TypeACSSystemNotFound    = "acs_system_not_found"
	TypeUserIdentityNotFound = "user_identity_not_found"
)

// statusOf is the status and type of an [Error], 0 and "" of any other.
func statusOf(err error) (status int, typ string) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status, e.Type
	}
	return 0, ""
}

// IsNotFound reports whether Seam said that there is no such object, with this type of
// error. A 404 from anything else, such as a proxy or a wrong endpoint, says nothing
// about objects in Seam; nor does one that refuses the credentials.
func IsNotFound(err error, typ string) bool {
	status, got := statusOf(err)
	// One route answers 400 for a user identity that does not exist.
	return typ != "" && got == typ && (status == http.StatusNotFound || status == http.StatusBadRequest)
}

// IsUnauthorized reports whether the credentials were refused. Seam has been seen to
// answer an API key that was deleted with 404.
func IsUnauthorized(err error) bool {
	status, typ := statusOf(err)
	return status == http.StatusUnauthorized || status == http.StatusNotFound && typ == "api_key_not_found"
}

// IsForbidden reports whether the credentials do not suffice.
func IsForbidden(err error) bool { status, _ := statusOf(err); return status == http.StatusForbidden }

// IsThrottled reports whether a request had no effect because Seam asked to wait:
// it was answered so, or not sent at all. A read that follows waits as asked.
func IsThrottled(err error) bool {
	status, _ := statusOf(err)
	_, unsent := errors.AsType[*ThrottledError](err)
	return unsent || status == http.StatusTooManyRequests
}

// IsAmbiguous reports whether a write that failed so may have, or get, its effect: it was
// sent, and there was no response, an unreadable one, 408 or 5xx. The caller has to read
// next. An error that is neither ambiguous nor transient is a refusal.
func IsAmbiguous(err error) bool {
	status, _ := statusOf(err)
	_, unreadable := errors.AsType[*ResponseError](err)
	transport, unanswered := errors.AsType[*TransportError](err)
	return status >= 500 || status == http.StatusRequestTimeout || unreadable || unanswered && !transport.unsent
}

// IsTransient reports whether a write that failed so had no effect and may be sent again
// later: it [IsThrottled], or no connection was established, for a transient reason.
// A *RetryTimeoutError is not transient, whatever it wraps: the time for retries is over.
func IsTransient(err error) bool {
	_, over := errors.AsType[*RetryTimeoutError](err)
	transport, ok := errors.AsType[*TransportError](err)
	return !over && (IsThrottled(err) || ok && transport.unsent && !isPermanent(transport.Err))
}

// isRetryable reports whether a read that failed so may succeed later.
func isRetryable(err error) bool {
	status, _ := statusOf(err)
	response, unreadable := errors.AsType[*ResponseError](err)
	transport, unanswered := errors.AsType[*TransportError](err)
	return slices.Contains([]int{429, 500, 502, 503, 504}, status) ||
		unreadable && response.cutOff || unanswered && !isPermanent(transport.Err)
}

// permanentText matches what net/http says of a request that is at fault, and TLS alerts
// that are sent again the next time (RFC 8446, section 6). Neither has a type to test for.
var permanentText = regexp.MustCompile(`unsupported protocol scheme|invalid header|remote error: tls: (` +
	`(bad|unsupported|revoked|expired|unknown) certificate|unknown certificate authority|certificate required|` +
	`access denied|protocol version not supported)$`)

// isPermanent reports whether a request that got no response for this reason will get
// none later: the request itself is at fault, or the two ends never agree on TLS.
func isPermanent(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, plainHTTP := errors.AsType[tls.RecordHeaderError](err)
	return certificate || plainHTTP || permanentText.MatchString(err.Error())
}
