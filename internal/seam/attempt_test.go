package seam

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type replyTransport reply

func (r replyTransport) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }

// Connections are reused, after successes and after refusals.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	for _, parallel := range []int{1, 100} {
		t.Run(strconv.Itoa(parallel), func(t *testing.T) {
			t.Parallel()
			var connections, requests atomic.Int64
			// The requests of a round are answered together, so that each needs a
			// connection of its own.
			arrived, respond := make(chan bool), make(chan bool)
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				arrived <- true
				<-respond
				if requests.Add(1)%4 == 0 {
					w.WriteHeader(http.StatusNotFound)
				}
				_, _ = io.WriteString(w, `{"ok":true,"workspace":{"workspace_id":"`+strings.Repeat("w", 10_000)+`"}}`)
			}))
			srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			srv.Start()
			t.Cleanup(srv.Close)
			c := newWireClient(t, srv.URL, nil)
			for range 8 {
				var wg sync.WaitGroup
				for range parallel {
					wg.Go(func() { _ = doRead(t.Context(), c) })
				}
				for range parallel {
					<-arrived
				}
				for range parallel {
					respond <- true
				}
				wg.Wait()
			}
			if n := connections.Load(); n > int64(parallel) {
				t.Errorf("%d connections for %d requests at a time", n, parallel)
			}
		})
	}
}

// What a connection does to a response, over a real one.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		sent   string
		cutOff bool
	}{
		"closed without a byte":   {"", false},
		"closed in the header":    {"HTTP/1.1 200 OK\r\nContent-", false},
		"not HTTP":                {"what?\r\n\r\n", false},
		"closed in the body":      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":true", true},
		"closed in a chunk":       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"ok\":true", true},
		"body until it is closed": {"HTTP/1.1 200 OK\r\n\r\n{\"ok\":tr", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			c := newWireClient(t, listen(t, func(w http.ResponseWriter, _ *http.Request) {
				if requests.Add(1) > 1 {
					_, _ = io.WriteString(w, workspaceBody)
					return
				}
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					panic(err)
				}
				_, _ = io.WriteString(conn, tc.sent)
				_ = conn.Close()
			}), nil)
			c.clock, c.retryTimeout = &fakeClock{now: time.Now()}, time.Minute

			err := doWrite(t.Context(), c)
			if !IsAmbiguous(err) || requests.Load() != 1 {
				t.Errorf("write: %v, sent %d times", err, requests.Load())
			}
			if tc.cutOff {
				if e := asError[*ResponseError](t, err); e.Status != 200 || e.Problem != "the response was cut off" {
					t.Errorf("got %+v", e)
				}
			} else {
				_ = asError[*TransportError](t, err)
			}
			requests.Store(0)
			if err := doRead(t.Context(), c); err != nil || requests.Load() != 2 {
				t.Errorf("read: %v, sent %d times", err, requests.Load())
			}
		})
	}
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"ok":true,"workspace":{"workspace_id":"`+r.Proto+`"}}`)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	w, err := newWireClient(t, srv.URL, trust(srv)).GetWorkspace(t.Context())
	if err != nil || w.WorkspaceID != "HTTP/2.0" {
		t.Errorf("got %+v %v", w, err)
	}
}

func TestNewTransport(t *testing.T) {
	t.Parallel()
	transport := NewTransport()
	if transport.Proxy == nil || transport.TLSClientConfig.MinVersion != tls.VersionTLS12 || transport.TLSClientConfig.InsecureSkipVerify {
		t.Errorf("got %+v", transport)
	}
}

// spaces is a body of spaces without end.
type spaces struct{ read *atomic.Int64 }

func (s spaces) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte(" "), len(p)))
	s.read.Add(int64(len(p)))
	return len(p), nil
}

func TestBodyIsBounded(t *testing.T) {
	t.Parallel()
	for code, tc := range map[int]struct {
		bound int64
		text  string
	}{
		200: {maxBody, "POST /workspaces/get: 200, but the response is larger than 32 MiB"},
		400: {maxErrorBody, "POST /workspaces/get: 400 Bad Request"},
	} {
		var read atomic.Int64
		err := doRead(t.Context(), newTestClient(t, replyTransport(func(req *http.Request) (*http.Response, error) {
			resp, err := status(code, "")(req)
			resp.Body = io.NopCloser(spaces{&read})
			return resp, err
		})))
		if err == nil || err.Error() != tc.text || read.Load() > tc.bound+1 {
			t.Errorf("%d: got %v after %d bytes", code, err, read.Load())
		}
	}
	body := workspaceBody + strings.Repeat(" ", maxBody-len(workspaceBody))
	if err := doRead(t.Context(), newTestClient(t, answers(status(200, body)))); err != nil {
		t.Errorf("as large as the bound: %v", err)
	}
}
