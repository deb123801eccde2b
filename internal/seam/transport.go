package seam

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

const (
	// attemptTimeout bounds one attempt, from the dial to the end of the body.
	attemptTimeout = 30 * time.Second

	// maxBody is far above the largest answer: a page of 500 ACS users is
	// about half a MiB. maxErrorBody is for what says why it failed.
	maxBody      = 32 << 20
	maxErrorBody = 1 << 20
)

// NewTransport returns a transport for [Config]. Share one between clients,
// so that they share connections.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		// As many as Terraform runs operations at -parallelism=100: the
		// default of 2 would open a connection for nearly every request.
		MaxIdleConns:        128,
		MaxIdleConnsPerHost: 128,
		// Shorter than load balancers keep a connection (60 s), so that a
		// write seldom meets one that was just closed.
		IdleConnTimeout: 30 * time.Second,
		// A dead HTTP/2 connection would otherwise fail every request on it,
		// each after its whole timeout.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
	}
}

// attemptTransport makes one attempt whole: it waits for its turn, sends the
// request, reads the body to its end, and judges it. It stands below
// retryablehttp so that a body that breaks off is a failure of the attempt,
// as a connection that breaks is. The outcome is left in the call.
//
// It has no CloseIdleConnections: retryablehttp calls that after each failure,
// and would close the connections of all other operations.
type attemptTransport struct {
	client *Client
	next   http.RoundTripper
}

func (t *attemptTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	c, ctx := t.client, req.Context()
	call := callOf(ctx)
	if err := c.admit(ctx, call); err != nil {
		_ = req.Body.Close()
		call.failure = err
		return nil, err
	}
	call.attempt++

	attemptCtx := ctx
	var connection connectionTrace
	if call.kind == write {
		// A write that has begun runs to its answer, so that its effect is
		// known: cancelling would not take it back.
		attemptCtx = connection.trace(context.WithoutCancel(ctx))
	}
	attemptCtx, cancel := context.WithTimeout(attemptCtx, attemptTimeout)
	defer cancel()

	started := c.clock.Now()
	resp, err := t.next.RoundTrip(req.WithContext(attemptCtx))
	if err == nil {
		err = t.judge(attemptCtx, call, resp)
	}
	now := c.clock.Now()
	if err != nil {
		failure := c.transportError(call.path, err)
		failure.unsent = connection.missing()
		call.failure = failure
		if call.kind == read && ctx.Err() != nil {
			call.failure = fmt.Errorf("POST %s: %w", call.path, ctx.Err())
		}
		call.notBefore = now.Add(backoff(call.attempt-1, c.random()))
		c.outage.note(call.failure, now)
		c.logAttempt(ctx, call, now.Sub(started), nil)
		return nil, err
	}
	t.schedule(call, resp, now)
	c.outage.note(call.failure, now)
	c.logAttempt(ctx, call, now.Sub(started), resp)
	return resp, nil
}

// connectionTrace tells whether a connection was established for an attempt. Its zero
// value has seen nothing.
type connectionTrace struct{ wanted, got atomic.Bool }

func (t *connectionTrace) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { t.wanted.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.got.Store(true) },
	})
}

// missing reports whether it is certain that there was no connection. A transport that
// does not report connections proves nothing.
func (t *connectionTrace) missing() bool { return t.wanted.Load() && !t.got.Load() }

// judge reads the answer and sets call.failure. The error is for an answer
// that never came to its end for want of time.
func (t *attemptTransport) judge(attemptCtx context.Context, call *call, resp *http.Response) error {
	c := t.client
	success := resp.StatusCode >= 200 && resp.StatusCode <= 299
	bound := int64(maxErrorBody)
	if success {
		bound = maxBody
	}
	body, readErr := readBody(resp, bound)
	resp.Body = http.NoBody
	if readErr != nil && attemptCtx.Err() != nil {
		return attemptCtx.Err()
	}
	if !success {
		// Status and header are there: a body that breaks off changes nothing.
		call.failure = c.decodeError(call.path, resp, body)
		return nil
	}
	call.failure = nil
	if failure := c.decodeAnswer(call, resp, body, readErr); failure != nil {
		call.failure = failure
	}
	return nil
}

var errTooLarge = errors.New("body too large")

// readBody reads the body up to the bound and closes it. Read to its end, the
// connection is used again.
func readBody(resp *http.Response, bound int64) ([]byte, error) {
	defer resp.Body.Close()
	var body bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= bound {
		body.Grow(int(n) + bytes.MinRead) // or ReadFrom would grow it once more to see the end
	}
	_, err := body.ReadFrom(io.LimitReader(resp.Body, bound+1))
	if err == nil && int64(body.Len()) > bound {
		err = errTooLarge
	}
	return body.Bytes(), err
}

// decodeAnswer decodes a success into call.answer. It returns a nil pointer
// if the answer can be trusted.
func (c *Client) decodeAnswer(call *call, resp *http.Response, body []byte, readErr error) *ResponseError {
	failure := &ResponseError{
		Method:    http.MethodPost,
		Path:      call.path,
		Status:    resp.StatusCode,
		RequestID: c.clean(resp.Header.Get(requestIDHeader), maxRequestID),
	}
	switch {
	case errors.Is(readErr, errTooLarge):
		failure.Problem = fmt.Sprintf("the answer is larger than %d MiB", maxBody>>20)
		return failure
	case readErr != nil:
		failure.Problem, failure.Err, failure.cutOff = "the answer was cut off", readErr, true
		return failure
	}
	if len(body) == 0 {
		failure.Problem = "the answer is empty"
		return failure
	}
	if err := json.Unmarshal(body, call.answer); err != nil {
		var wrongType *json.UnmarshalTypeError
		switch {
		case errors.As(err, &wrongType):
			failure.Problem, failure.Err = "the answer has a "+wrongType.Value+" where none belongs: "+c.clean(wrongType.Field, maxExcerpt), err
		case looksCutOff(body):
			failure.Problem, failure.Err, failure.cutOff = "the answer was cut off", err, true
		default:
			failure.Problem, failure.Err = "the answer is not JSON", err
			failure.Excerpt = c.clean(string(body[:min(len(body), maxErrorBody)]), maxExcerpt)
		}
		return failure
	}
	if !call.answer.succeeded() {
		failure.Problem = `the answer does not say "ok": true`
		return failure
	}
	if problem := call.answer.problem(); problem != "" {
		failure.Problem = c.clean(problem, maxExcerpt)
		return failure
	}
	return nil
}

// looksCutOff reports whether JSON breaks off, as it does when a proxy closes
// the answer early and in good order.
func looksCutOff(body []byte) bool {
	var value json.RawMessage
	return errors.Is(json.NewDecoder(bytes.NewReader(body)).Decode(&value), io.ErrUnexpectedEOF)
}

// schedule sets when the next attempt may be sent, and stops the process if
// that is what the server asks for.
func (t *attemptTransport) schedule(call *call, resp *http.Response, now time.Time) {
	if call.failure == nil {
		return
	}
	wait := backoff(call.attempt-1, t.client.random())
	asked, ok := parseRetryAfter(resp.Header.Get("Retry-After"), serverTime(resp, now))
	if ok = ok && asked > 0; ok {
		wait = asked
		if failure, is := call.failure.(*Error); is { //nolint:errorlint // as judge has just set it
			failure.notBefore = now.Add(asked)
		}
	}
	call.notBefore = now.Add(wait)
	if resp.StatusCode == http.StatusTooManyRequests || ok && resp.StatusCode == http.StatusServiceUnavailable {
		t.client.throttle.stop(call.notBefore, resp.StatusCode)
	}
}

// serverTime is the time by the server's clock, or else now. Dates that a server sends
// are by its own clock (RFC 9110, section 10.2.3), and clocks differ.
func serverTime(resp *http.Response, now time.Time) time.Time {
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		return date
	}
	return now
}

// redirectHost is the host that an answer points to, "" if to none.
func redirectHost(resp *http.Response) string {
	location := resp.Header.Get("Location")
	if location == "" {
		return ""
	}
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	if u.Host == "" && resp.Request != nil {
		return resp.Request.URL.Host
	}
	return u.Host
}

// logAttempt never writes a header, a body, or a part of one.
func (c *Client) logAttempt(ctx context.Context, call *call, took time.Duration, resp *http.Response) {
	if !c.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", http.MethodPost),
		slog.String("path", call.path),
		slog.Int("attempt", call.attempt),
		slog.Duration("duration", took),
	}
	if resp != nil {
		attrs = append(attrs,
			slog.Int("status", resp.StatusCode),
			slog.String("request_id", c.clean(resp.Header.Get(requestIDHeader), maxRequestID)),
		)
	}
	if call.failure != nil {
		attrs = append(attrs, slog.String("failure", reason(call.failure)))
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "request to Seam", attrs...)
}
