package seam

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A write is known not to have left if no connection was established for it. Whatever
// happens on a connection may have reached Seam.
func TestUnsentWrites(t *testing.T) {
	t.Parallel()
	// What a server of each kind is listening on.
	hangsUp := accept(t, readSome)
	silent := accept(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	refusesTLS := accept(t, func(conn net.Conn) { readSome(conn); sendAlert(conn, 40) }) // handshake failure
	plain, proxy := listen(t, http.NotFound), listen(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	aborts := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	aborts.EnableHTTP2 = true
	for _, srv := range []*httptest.Server{secure, aborts} {
		srv.Config.ErrorLog = log.New(io.Discard, "", 0)
		srv.StartTLS()
		t.Cleanup(srv.Close)
	}
	gotConnection := replyTransport(func(req *http.Request) (*http.Response, error) {
		if trace := httptrace.ContextClientTrace(req.Context()); trace != nil {
			trace.GetConn(req.URL.Host)
			trace.GotConn(httptrace.GotConnInfo{})
		}
		return nil, syscall.ECONNRESET
	})

	for name, test := range map[string]struct {
		client          *Client
		sent, transient bool
	}{
		"connection refused":    {newWireClient(t, "https://connect.example.com", refuseConnections), false, true},
		"TLS handshake closed":  {newWireClient(t, "https://"+hangsUp, nil), false, true},
		"TLS handshake refused": {newWireClient(t, "https://"+refusesTLS, nil), false, true},
		"TLS handshake never ends": {newWireClient(t, "https://"+silent, func(transport *http.Transport) {
			transport.TLSHandshakeTimeout = 50 * time.Millisecond
		}), false, true},
		"unknown certificate":          {newWireClient(t, secure.URL, nil), false, false},
		"plain HTTP where TLS belongs": {newWireClient(t, strings.Replace(plain, "http:", "https:", 1), nil), false, false},
		"proxy refused": {newWireClient(t, "https://connect.example.com", func(transport *http.Transport) {
			through("http://proxy.example.com")(transport)
			refuseConnections(transport)
		}), false, true},
		"CONNECT refused": {newWireClient(t, "https://connect.example.com", through(proxy)), false, true},

		"connection closed without a response":    {newWireClient(t, "http://"+hangsUp, nil), true, false},
		"HTTP/2 stream closed without a response": {newWireClient(t, aborts.URL, trust(aborts)), true, false},
		"a transport that reports no connections": {newTestClient(t, answers(fails(syscall.ECONNREFUSED))), true, false},
		"a transport that reports a connection":   {newTestClient(t, gotConnection), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := doWrite(t.Context(), test.client)
			if e := asError[*TransportError](t, err); e.unsent == test.sent {
				t.Errorf("unsent: %t: %v", e.unsent, err)
			}
			if IsAmbiguous(err) != test.sent || IsTransient(err) != test.transient {
				t.Errorf("ambiguous: %t, transient: %t: %v", IsAmbiguous(err), IsTransient(err), err)
			}
		})
	}
}

// Connections that are kept are no proof: a write on one that Seam closed meanwhile
// may have reached it, even if no new connection can be established afterwards.
func TestUnsentWrites_keptConnection(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			_, _ = io.WriteString(w, workspaceBody)
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_ = conn.Close()
	}))
	t.Cleanup(srv.Close)
	c := newWireClient(t, srv.URL, nil)
	if err := doRead(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := doWrite(t.Context(), c); !IsAmbiguous(err) || IsTransient(err) {
		t.Errorf("got %v", err)
	}
	srv.Close()
	if err := doWrite(t.Context(), c); err == nil || IsAmbiguous(err) || !IsTransient(err) {
		t.Errorf("got %v", err)
	}
}

func trust(srv *httptest.Server) func(*http.Transport) {
	return func(transport *http.Transport) {
		transport.TLSClientConfig.RootCAs = srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	}
}

func refuseConnections(transport *http.Transport) {
	transport.DialContext = func(_ context.Context, network, _ string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
}

func through(proxy string) func(*http.Transport) {
	return func(transport *http.Transport) {
		transport.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy) }
	}
}

// accept serves each connection, closes it afterwards, and returns the address.
func accept(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer func() { _ = conn.Close() }()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		wg.Wait()
	})
	return listener.Addr().String()
}

func readSome(conn net.Conn) { _, _ = conn.Read(make([]byte, 4096)) }

// sendAlert sends a fatal TLS alert in plain text, as a server does that refuses a
// handshake.
func sendAlert(conn net.Conn, alert tls.AlertError) {
	_, _ = conn.Write([]byte{21, 3, 3, 0, 2, 2, byte(alert)})
}
