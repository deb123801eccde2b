package seam

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Error is a response that is not a success. Its texts are single lines that can be
// printed, whatever the server sent.
type Error struct {
	Path         string       // of the API, such as /acs/users/get
	Status       int          // of HTTP
	Type         string       // Seam's, such as acs_user_not_found; "" if the body is not Seam's
	Message      string       // Seam's
	Fields       []FieldError // what was wrong with the request, in order of the fields
	RequestID    string       // what Seam's support asks for; "" if there was none
	Excerpt      string       // the beginning of a body that is not Seam's
	RedirectHost string       // where a redirect pointed; none is ever followed

	notBefore time.Time // when Seam asked to send the next request; zero if it did not
}

// FieldError is what was wrong with one field of the request.
type FieldError struct {
	Field    string // a path with dots; "" for the request as a whole
	Messages []string
}

func (e *Error) Error() string {
	var fields strings.Builder
	for _, f := range e.Fields {
		fields.WriteString("; " + part("", f.Field, ": ") + strings.Join(f.Messages, ", "))
	}
	return fmt.Sprintf("POST %s: %d", e.Path, e.Status) + part(" ", http.StatusText(e.Status), "") + part(" (", e.Type, ")") +
		part(": a redirect to ", e.RedirectHost, ", which is not followed") +
		part(": ", e.Message, "") + fields.String() + origin(e.Excerpt, e.RequestID)
}

// origin is how the text of an error ends.
func origin(excerpt, requestID string) string {
	if excerpt != "" {
		excerpt = fmt.Sprintf(": %q", excerpt)
	}
	return excerpt + part(" (request id ", requestID, ")")
}

// part is a part of a text that is left out if it is empty.
func part(before, text, after string) string {
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

func (e *ResponseError) Error() string {
	return fmt.Sprintf("POST %s: %d, but %s", e.Path, e.Status, e.Problem) + origin(e.Excerpt, e.RequestID)
}

// TransportError is a request that got no response. Its text is free of
// credentials and query strings; that of Err may not be.
type TransportError struct {
	Path string // of the API
	Err  error

	text   string // of Err, cleaned
	unsent bool   // a write for which no connection was established
}

func (e *TransportError) Error() string { return "POST " + e.Path + ": no answer: " + e.Reason() }
func (e *TransportError) Unwrap() error { return e.Err }

// Reason says why there was no response.
func (e *TransportError) Reason() string { return cmp.Or(e.text, describeTransport(e.Err)) }

// RetryTimeoutError is a failure after which there was no time for another attempt.
type RetryTimeoutError struct {
	Wait         time.Duration // how long the next attempt would have to wait
	RetryTimeout time.Duration // how long the operation may retry
	Tried        time.Duration // how long it did
	Down         time.Duration // how long nothing has succeeded, if that is why
	Err          error         // the last failure

	limitedBy string // what RetryTimeout is; "" for the setting
}

func (e *RetryTimeoutError) Error() string { return e.Summary() + ": " + e.Err.Error() }
func (e *RetryTimeoutError) Unwrap() error { return e.Err }

// Summary says why there was no other attempt, without the failure itself.
func (e *RetryTimeoutError) Summary() string {
	wait, limit, by := inWords(e.Wait), inWords(e.RetryTimeout), cmp.Or(e.limitedBy, "retry_timeout")
	switch {
	case e.RetryTimeout <= 0:
		return fmt.Sprintf("not tried again, because %s is 0; another try would have to wait %s", by, wait)
	case e.Down > 0:
		return fmt.Sprintf("not tried again, because no request has succeeded for %s, and %s is %s", inWords(e.Down), by, limit)
	case e.Tried >= e.RetryTimeout:
		return fmt.Sprintf("gave up after trying for %s, which is all that %s (%s) allows", inWords(e.Tried), by, limit)
	default:
		return fmt.Sprintf("gave up after trying for %s, because another try would have to wait %s, longer than %s (%s) allows", inWords(e.Tried), wait, by, limit)
	}
}

// ThrottledError is a request that was not sent, because Seam answered another one with
// this status and asked to wait.
type ThrottledError struct {
	Status int

	path  string    // of the request that was not sent
	until time.Time // when requests are sent again
}

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("nothing was sent, because Seam answered %d to another request and asked to wait", e.Status)
}

// requestOf returns the path of the request that failed so, and when Seam asked to send
// the next one; the zero time if it did not.
func requestOf(err error) (path string, notBefore time.Time) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Path, e.notBefore
	}
	if e, ok := errors.AsType[*ThrottledError](err); ok {
		return e.path, e.until
	}
	if e, ok := errors.AsType[*ResponseError](err); ok {
		return e.Path, time.Time{}
	}
	if e, ok := errors.AsType[*TransportError](err); ok {
		return e.Path, time.Time{}
	}
	return "", time.Time{}
}

// reason describes a failure without what the server wrote: messages may quote
// personal data, and logs are passed around.
func reason(err error) string {
	if err == nil {
		return "not known"
	}
	if refused, ok := errors.AsType[*Error](err); ok {
		return fmt.Sprintf("Seam answered %d", refused.Status)
	}
	if response, ok := errors.AsType[*ResponseError](err); ok {
		return response.Problem
	}
	return err.Error()
}

// Types of [Error] that say that there is no such thing; the last one, that the
// credentials are refused (see [IsUnauthorized]).
const (
	TypeAccessGroupNotFound  = "acs_access_group_not_found"
	TypeACSUserNotFound      = "acs_user_not_found"
	TypeACSSystemNotFound    = "acs_system_not_found"
	TypeUserIdentityNotFound = "user_identity_not_found"
	TypeAPIKeyNotFound       = "api_key_not_found" //nolint:gosec // no credential
)

// statusOf is the status and type of an [Error], 0 and "" of any other.
func statusOf(err error) (status int, typ string) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status, e.Type
	}
	return 0, ""
}

// IsNotFound reports whether Seam said that there is no such thing, with this type of
// error. A 404 from anything else, such as a proxy or a wrong endpoint, says nothing
// about things in Seam; nor does one that refuses the credentials.
func IsNotFound(err error, typ string) bool {
	status, got := statusOf(err)
	// One route answers 400 for a user identity that does not exist.
	return typ != "" && typ != TypeAPIKeyNotFound && got == typ && (status == http.StatusNotFound || status == http.StatusBadRequest)
}

// IsUnauthorized reports whether the credentials were refused. Seam has been seen to
// answer an API key that was deleted with 404.
func IsUnauthorized(err error) bool {
	status, typ := statusOf(err)
	return status == http.StatusUnauthorized || status == http.StatusNotFound && typ == TypeAPIKeyNotFound
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
// later: it [IsThrottled], or no connection was established, for a reason that can pass.
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

// permanentAlerts are the TLS alerts that are sent again the next time (RFC 8446, section
// 6): about certificates (42 to 46, 48, 116), access denied, and protocol version.
var permanentAlerts = []tls.AlertError{42, 43, 44, 45, 46, 48, 116, 49, 70}

// isPermanent reports whether a request that got no response for this reason will get
// none later: the request itself is at fault, or the two ends never agree on TLS.
func isPermanent(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, plainHTTP := errors.AsType[tls.RecordHeaderError](err)
	// net/http gives these no type.
	invalid := strings.Contains(err.Error(), "unsupported protocol scheme") || strings.Contains(err.Error(), "invalid header")
	if certificate || plainHTTP || invalid {
		return true
	}
	// The failure of a proxy's connection has another *net.OpError around it. crypto/tls
	// keeps the type of an alert that it received to itself: only its text is known.
	for failed, ok := errors.AsType[*net.OpError](err); ok; failed, ok = errors.AsType[*net.OpError](failed.Err) {
		if failed.Op == "remote error" && slices.ContainsFunc(permanentAlerts, func(alert tls.AlertError) bool { return alert.Error() == failed.Err.Error() }) {
			return true
		}
	}
	return false
}
