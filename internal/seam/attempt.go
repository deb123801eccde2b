package seam

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

const (
	attemptTimeout = 30 * time.Second // from the dial to the end of the body
	maxBody        = 32 << 20         // a page of 500 ACS users has about half a MiB
	maxErrorBody   = 1 << 20          // of a response that is not a success
)

// NewTransport returns a transport for [Config]. Clients that share one share connections.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        128, // as of -parallelism=100: nearly every request would open one with the default of 2
		MaxIdleConnsPerHost: 128,
		IdleConnTimeout:     30 * time.Second, // shorter than load balancers keep one, so that a write seldom meets a closed one
		// A dead HTTP/2 connection would fail every request on it, each after its whole timeout.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
	}
}

// attempt sends the request once, and returns why it failed, if it did.
func (c *Client) attempt(ctx context.Context, r *request, number int) error {
	attemptCtx := ctx
	var requested, connected atomic.Bool // for a connection; a transport that reports neither proves nothing
	if r.kind == write {
		// A write that was sent runs to its response, so that its effect is known:
		// cancelling would not revert it.
		attemptCtx = httptrace.WithClientTrace(context.WithoutCancel(ctx), &httptrace.ClientTrace{
			GetConn: func(string) { requested.Store(true) },
			GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
		})
	}
	attemptCtx, cancel := context.WithTimeout(attemptCtx, attemptTimeout)
	defer cancel()

	started := c.clock.Now()
	status, requestID, err := c.send(attemptCtx, r)
	if status == 0 && r.kind == read && ctx.Err() != nil {
		err = fmt.Errorf("POST %s: %w", r.path, ctx.Err())
	} else if status == 0 {
		if attemptCtx.Err() != nil {
			err = fmt.Errorf("timed out after %s: %w", attemptTimeout, err)
		}
		err = &TransportError{Path: r.path, Err: err, text: c.sanitize(describeTransport(err), maxMessage), unsent: requested.Load() && !connected.Load()}
	}
	c.logAttempt(ctx, r, number, c.clock.Now().Sub(started), status, requestID, err)
	return err
}

// send sends the request, reads the response to its end, and judges it. The status is 0 if
// there was no response in time. An [http.Client] would follow redirects, which carry the
// credentials to wherever they point.
func (c *Client) send(ctx context.Context, r *request) (status int, requestID string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint.JoinPath(r.path).String(), bytes.NewReader(r.body))
	if err != nil {
		return 0, "", err
	}
	req.Header = c.header
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	requestID = c.sanitize(resp.Header.Get("Seam-Request-Id"), maxExcerpt)
	success, bound := resp.StatusCode >= 200 && resp.StatusCode <= 299, maxErrorBody
	if success {
		bound = maxBody
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(bound)+1)) // read to its end, the connection is reused
	switch {
	case err != nil && ctx.Err() != nil:
		return 0, "", ctx.Err()
	case !success: // status and header are there: a body that is cut off changes nothing
		return resp.StatusCode, requestID, c.decodeError(r.path, requestID, resp, body, c.clock.Now())
	case len(body) > bound:
		err = problem(fmt.Sprintf("the response is larger than %d MiB", bound>>20))
	case err == nil:
		err = r.decode(body)
	}
	if err != nil {
		err = c.responseError(r.path, requestID, resp.StatusCode, body, err)
	}
	return resp.StatusCode, requestID, err
}

// logAttempt never writes a header, a body, or a part of one.
func (c *Client) logAttempt(ctx context.Context, r *request, number int, took time.Duration, status int, requestID string, failure error) {
	attrs := []slog.Attr{
		slog.String("method", http.MethodPost), slog.String("path", r.path),
		slog.Int("attempt", number), slog.Duration("duration", took),
	}
	if status != 0 {
		attrs = append(attrs, slog.Int("status", status), slog.String("request_id", requestID))
	}
	if failure != nil {
		attrs = append(attrs, slog.String("failure", reason(failure)))
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "request to Seam", attrs...)
}
