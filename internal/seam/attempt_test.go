package seam

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type replyTransport reply

func (r replyTransport) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }

// listen starts a real server, and returns its address with a client of it
// that has a real transport.
func listen(t *testing.T, handler http.Handler, configure func(*httptest.Server), options ...func(*Config)) (*httptest.Server, *Client) {
	t.Helper()
	srv := httptest.NewUnstartedServer(handler)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	if configure != nil {
		configure(srv)
	}
	if srv.URL == "" {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	transport := NewTransport()
	transport.Proxy = nil
	t.Cleanup(transport.CloseIdleConnections)
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	options = append([]func(*Config){func(cfg *Config) { cfg.Endpoint = u }}, options...)
	return srv, newTestClient(t, transport, options...)
}

// Connections are used again: successes, refusals and retries alike.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	for _, parallel := range []int{1, 10, 100} {
		t.Run(strconv.Itoa(parallel), func(t *testing.T) {
			t.Parallel()
			var connections, requests atomic.Int64
			// All requests of a round are answered together, so that each
			// needs a connection of its own.
			round := make(chan chan struct{}, 1)
			round <- make(chan struct{})
			var waiting int
			_, c := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				together := <-round
				if waiting++; waiting == parallel {
					close(together)
					together, waiting = nil, 0
				}
				if together == nil {
					round <- make(chan struct{})
				} else {
					round <- together
					<-together
				}
				switch n := requests.Add(1); n % 4 {
				case 0:
					w.WriteHeader(http.StatusNotFound)
					_, _ = io.WriteString(w, seamError("acs_user_not_found", strings.Repeat("x", 10_000)))
				default:
					_, _ = io.WriteString(w, `{"ok":true,"workspace":{"workspace_id":"`+strings.Repeat("w", 10_000)+`"}}`)
				}
			}), func(srv *httptest.Server) {
				srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
					if state == http.StateNew {
						connections.Add(1)
					}
				}
			})
			for range 8 {
				var wg sync.WaitGroup
				for range parallel {
					wg.Go(func() {
						if err := doRead(t.Context(), c); err != nil && !IsNotFound(err, "acs_user_not_found") {
							t.Error(err)
						}
					})
				}
				wg.Wait()
			}
			if n := connections.Load(); n > int64(parallel) {
				t.Errorf("%d connections for %d requests at a time", n, parallel)
			}
			if n := requests.Load(); n != int64(8*parallel) {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// No redirect is followed, to the same host or to another.
func TestRedirect(t *testing.T) {
	t.Parallel()
	for _, code := range []int{301, 302, 303, 307, 308} {
		locations := []string{"other"}
		if code == 307 {
			locations = append(locations, "same", "relative", "broken", "none")
		}
		for _, location := range locations {
			t.Run(fmt.Sprintf("%d/%s", code, location), func(t *testing.T) {
				t.Parallel()
				var elsewhere atomic.Int64
				other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
				t.Cleanup(other.Close)
				otherHost := strings.TrimPrefix(other.URL, "http://")
				var requests atomic.Int64
				srv, c := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					requests.Add(1)
					switch location {
					case "other":
						w.Header().Set("Location", "http://user:password@"+otherHost+"/login?key=secret")
					case "same":
						w.Header().Set("Location", "http://"+r.Host+"/elsewhere")
					case "relative":
						w.Header().Set("Location", "/elsewhere")
					case "broken":
						w.Header().Set("Location", "http://[broken?key=secret")
					}
					w.WriteHeader(code)
				}), nil)
				err := doWrite(t.Context(), c)
				e := asError[*Error](t, err)
				want := map[string]string{"other": otherHost, "same": strings.TrimPrefix(srv.URL, "http://")}
				want["relative"] = want["same"]
				if e.Status != code || e.RedirectHost != want[location] {
					t.Errorf("got %+v", e)
				}
				if IsAmbiguous(err) || IsTransient(err) {
					t.Errorf("%v: ambiguous or transient", err)
				}
				if requests.Load() != 1 || elsewhere.Load() != 0 {
					t.Errorf("%d requests here, %d elsewhere", requests.Load(), elsewhere.Load())
				}
				for _, secret := range []string{"password", "secret", testToken} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("the error holds %q: %v", secret, err)
					}
				}
				if want[location] != "" && !strings.Contains(err.Error(), "a redirect to "+want[location]+", which is not followed") {
					t.Errorf("got %v", err)
				}
			})
		}
	}
}

// What a connection does to an answer, over a real one.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	hijack := func(send string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				panic(err)
			}
			_, _ = io.WriteString(conn, send)
			_ = conn.Close()
		}
	}
	for name, tc := range map[string]struct {
		answer func(http.ResponseWriter)
		cutOff bool
	}{
		"closed without a byte":   {hijack(""), false},
		"closed in the header":    {hijack("HTTP/1.1 200 OK\r\nContent-"), false},
		"nonsense":                {hijack("what?\r\n\r\n"), false},
		"closed in the body":      {hijack("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":true"), true},
		"closed in a chunk":       {hijack("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"ok\":true"), true},
		"body until it is closed": {hijack("HTTP/1.1 200 OK\r\n\r\n{\"ok\":tr"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			clock := &fakeClock{now: time.Now()}
			_, c := listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if requests.Add(1) == 1 {
					tc.answer(w)
					return
				}
				_, _ = io.WriteString(w, workspaceBody)
			}), nil, func(cfg *Config) { cfg.Clock = clock })

			err := doWrite(t.Context(), c)
			if !IsAmbiguous(err) || requests.Load() != 1 {
				t.Errorf("write: %v, sent %d times", err, requests.Load())
			}
			if tc.cutOff {
				if e := asError[*ResponseError](t, err); e.Status != 200 || e.Problem != "the answer was cut off" {
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
	c := clientOf(t, srv.URL, func(transport *http.Transport) {
		transport.TLSClientConfig.RootCAs = srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	})
	w, err := c.GetWorkspace(t.Context())
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
	if transport.MaxIdleConns < 100 || transport.MaxIdleConnsPerHost < 100 || transport.MaxConnsPerHost != 0 {
		t.Errorf("got %+v", transport)
	}
}

// spaces is a body of spaces, which are JSON that never comes to a point.
type spaces struct{ read *atomic.Int64 }

func (s spaces) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte(" "), len(p)))
	s.read.Add(int64(len(p)))
	return len(p), nil
}

func TestBodyIsBounded(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		code  int
		bound int64
	}{"success": {200, maxBody}, "error": {400, maxErrorBody}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var taken, requests atomic.Int64
			c := newTestClient(t, replyTransport(func(req *http.Request) (*http.Response, error) {
				requests.Add(1)
				resp, err := status(tc.code, "")(req)
				resp.ContentLength = -1
				resp.Body = io.NopCloser(spaces{&taken})
				return resp, err
			}))
			err := doRead(t.Context(), c)
			if tc.code == 200 {
				if e := asError[*ResponseError](t, err); e.Problem != "the answer is larger than 32 MiB" {
					t.Errorf("got %+v", e)
				}
			} else if e := asError[*Error](t, err); e.Status != tc.code {
				t.Errorf("got %v", err)
			}
			if requests.Load() != 1 || taken.Load() > tc.bound+1 {
				t.Errorf("%d requests, %d bytes read", requests.Load(), taken.Load())
			}
		})
	}
}

func TestBodyAtTheBound(t *testing.T) {
	t.Parallel()
	body := workspaceBody + strings.Repeat(" ", maxBody-len(workspaceBody))
	if err := doRead(t.Context(), newTestClient(t, answers(status(200, body)))); err != nil {
		t.Error(err)
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
		"token":        {errors.New("sent " + testToken + " and lost it"), "sent [redacted] and lost it"},
		"several rows": {errors.New("one\r\n\x1b[31mtwo\u202e"), "one [31mtwo"},
		"URL that does not parse": {
			fmt.Errorf("proxy: %w", &url.Error{Op: "parse", URL: "http://user:pa/ss@host", Err: errors.New(`invalid port ":pa" after host`)}),
			"a URL, perhaps that of the proxy, is not valid",
		},
		"wrapped in a URL error": {&url.Error{Op: "Post", URL: "https://x/?secret", Err: io.EOF}, "EOF"},
		"time":                   {context.DeadlineExceeded, "timed out after 30 seconds"},
		"time of a dial":         {&net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}, "dial tcp: context deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := doWrite(t.Context(), newTestClient(t, answers(fails(tc.err))))
			e := asError[*TransportError](t, err)
			if want := "POST /user_identities/add_acs_user: no answer: " + tc.want; e.Error() != want {
				t.Errorf("got  %s\nwant %s", e, want)
			}
			if isTimeout(e) != strings.HasPrefix(name, "time") {
				t.Errorf("timeout: %t", isTimeout(e))
			}
		})
	}
	bare := (&TransportError{Path: "/x", Err: errors.New("http://u:p@h/?q=1 failed")}).Error()
	if bare != "POST /x: no answer: http://h/ failed" {
		t.Errorf("got %s", bare)
	}
}
