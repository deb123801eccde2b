package seam

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

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
		"any error":              {errors.New("x"), is{}},
		"not found":              {coded(404, "acs_user_not_found"), is{notFound: true}},
		"not found as 400":       {coded(400, "acs_user_not_found"), is{notFound: true}},
		"not found as 500":       {coded(500, "acs_user_not_found"), is{ambiguous: true}},
		"another type":           {coded(404, "acs_system_not_found"), is{}},
		"404 of a proxy":         {coded(404, ""), is{}},
		"invalid":                {coded(400, "invalid_input"), is{}},
		"unknown API key":        {coded(404, "api_key_not_found"), is{unauthorized: true}},
		"unknown API key as 400": {coded(400, "api_key_not_found"), is{}},
		"401":                    {coded(401, ""), is{unauthorized: true}},
		"403":                    {coded(403, ""), is{forbidden: true}},
		"408":                    {coded(408, ""), is{ambiguous: true}},
		"429":                    {coded(429, ""), is{transient: true}},
		"500":                    {coded(500, ""), is{ambiguous: true}},
		"599":                    {coded(599, ""), is{ambiguous: true}},
		"redirect":               {coded(307, ""), is{}},
		"untrusted":              {&ResponseError{Status: 200}, is{ambiguous: true}},
		"transport":              {&TransportError{Err: io.EOF}, is{ambiguous: true}},
		"unsent":                 {&TransportError{Err: syscall.ECONNREFUSED, unsent: true}, is{transient: true}},
		"unsent, certificate":    {&TransportError{Err: certificate, unsent: true}, is{}},
		"unsent, plain HTTP":     {&TransportError{Err: tls.RecordHeaderError{Msg: "x"}, unsent: true}, is{}},
		"unsent, scheme":         {&TransportError{Err: errors.New("unsupported protocol scheme"), unsent: true}, is{}},
		"throttled":              {&ThrottledError{Status: 429}, is{transient: true}},
		"throttled, wrapped":     {fmt.Errorf("x: %w", &ThrottledError{Status: 503}), is{transient: true}},
		"wrapped":                {fmt.Errorf("x: %w", coded(401, "")), is{unauthorized: true}},
		"out of time after 503":  {&RetryTimeoutError{Err: coded(503, "")}, is{ambiguous: true}},
		"out of time after 429":  {&RetryTimeoutError{Err: coded(429, "")}, is{}},
		"out of time, throttled": {&RetryTimeoutError{Err: &ThrottledError{Status: 429}}, is{}},
		"out of time, unsent":    {&RetryTimeoutError{Err: &TransportError{Err: io.EOF, unsent: true}}, is{}},
		"cancelled":              {fmt.Errorf("x: %w", context.Canceled), is{}},
	} {
		got := is{IsNotFound(tc.err, "acs_user_not_found"), IsUnauthorized(tc.err), IsForbidden(tc.err), IsAmbiguous(tc.err), IsTransient(tc.err)}
		if got != tc.want || IsNotFound(tc.err, "") {
			t.Errorf("%s: got %+v, want %+v", name, got, tc.want)
		}
	}
}

func TestRetryTimeoutSummary(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]RetryTimeoutError{
		"not retried (retry_timeout is 0s)":                                              {Wait: time.Second},
		"not retried, because no request has succeeded for 1h2m5s (retry_timeout is 5m)": {Down: time.Hour + 2*time.Minute + 5*time.Second, RetryTimeout: 5 * time.Minute},
	} {
		if got := err.Summary(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0:                              "0s",
		312456 * time.Microsecond:      "312ms",
		10 * time.Second:               "10s",
		59600 * time.Millisecond:       "1m",
		4*time.Minute + 52*time.Second: "4m52s",
		2 * time.Hour:                  "2h",
		2*time.Hour + 30*time.Minute:   "2h30m",
		2*time.Hour + 3*time.Second:    "2h0m3s",
	} {
		if got := formatDuration(d); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTransportErrorText(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"plain": {errors.New("connection reset by peer"), "connection reset by peer"},
		"proxy with credentials": {
			errors.New(`proxyconnect tcp: dial http://user:p@ss/w@proxy.example.com:3128: refused`),
			"proxyconnect tcp: dial http://proxy.example.com:3128: refused",
		},
		"query": {
			errors.New(`Post "https://connect.example.com/x?api_key=secret&b=1": EOF`),
			`Post "https://connect.example.com/x": EOF`,
		},
		"token":         {errors.New("sent " + testToken + " and lost it"), "sent [redacted] and lost it"},
		"several lines": {errors.New("one\r\n\x1b[31mtwo\u202e"), "one [31mtwo"},
		"dial timeout":  {&net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}, "dial tcp: context deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := doWrite(t.Context(), newTestClient(t, answers(fails(tc.err))))
			e := asError[*TransportError](t, err)
			if want := "POST /user_identities/add_acs_user: no response: " + tc.want; e.Error() != want || !errors.Is(err, tc.err) {
				t.Errorf("got  %s\nwant %s", e, want)
			}
		})
	}
	bare := (&TransportError{Path: "/x", Err: errors.New("http://u:p@h/?q=1 failed")}).Error()
	if bare != "POST /x: no response: http://h/ failed" {
		t.Errorf("got %s", bare)
	}
}

// A TLS alert is retried, unless it says that the two ends will never agree.
func TestTLSAlerts(t *testing.T) {
	t.Parallel()
	permanent := []tls.AlertError{42, 43, 44, 45, 46, 48, 49, 70, 116}
	for alert := range tls.AlertError(255) {
		err := &net.OpError{Op: "remote error", Err: alert}
		if got := isPermanent(err); got != slices.Contains(permanent, alert) {
			t.Errorf("%s (%d): permanent is %t", err, alert, got)
		}
	}
	// As crypto/tls and net/http report one.
	for _, alert := range []tls.AlertError{40, 42} { // handshake failure, bad certificate
		for _, route := range []string{"direct", "proxy"} {
			t.Run(fmt.Sprint(alert, "/", route), func(t *testing.T) {
				t.Parallel()
				var connections atomic.Int64
				address := accept(t, func(conn net.Conn) {
					connections.Add(1)
					readSome(conn)
					sendAlert(conn, alert)
				})
				c := newWireClient(t, "https://"+address, nil)
				if route == "proxy" {
					c = newWireClient(t, "https://connect.example.com", through("https://"+address))
				}
				c.clock, c.retryTimeout = &fakeClock{now: time.Now()}, time.Second
				err := doRead(t.Context(), c)
				_ = asError[*TransportError](t, err)
				if n := connections.Load(); (n > 1) != (alert == 40) {
					t.Errorf("read: %d attempts: %v", n, err)
				}
				if err := doWrite(t.Context(), c); IsAmbiguous(err) || IsTransient(err) != (alert == 40) {
					t.Errorf("write: ambiguous: %t, transient: %t: %v", IsAmbiguous(err), IsTransient(err), err)
				}
			})
		}
	}
}
