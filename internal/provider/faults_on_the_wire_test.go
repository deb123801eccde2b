package provider

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// What servers, proxies and networks do that are no Seam.

// through is a provider that reaches the world's endpoint through a transport and
// by a clock of its own.
func (w *world) through(transport http.RoundTripper, clock seam.Clock, config values) *terraform {
	w.t.Helper()
	p := newProvider("test")
	p.getenv = func(string) string { return "" }
	p.clock = clock
	p.transport = transport
	whole := values{"endpoint": w.url, "api_key": w.workspace.APIKey}
	maps.Copy(whole, config)
	tf := &terraform{t: w.t, server: providerserver.NewProtocol6(p)(), ctx: w.t.Context(), config: whole}
	tf.wantNoErrors(tf.configure(whole))
	return tf
}

// direct is the client's transport, past any proxy of the machine.
func direct(t *testing.T) *http.Transport {
	t.Helper()
	transport := seam.NewTransport()
	transport.Proxy = nil
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// reaching is a world whose endpoint is another than the embedded Seam.
func reaching(t *testing.T, endpoint string) *world {
	t.Helper()
	return newWorldOf(t, fakeseam.New(), endpoint)
}

// wantNothingBelieved holds that nothing is read, created, removed, imported or
// looked up, that the state stays, and that each error says this. Each operation is a
// command of its own, since a command explains once what hits every resource.
func (tf *terraform) wantNothingBelieved(w *world, said ...string) {
	tf.t.Helper()
	before := w.linkState(w.janesLink())
	tf.again()
	state, found := tf.read(before)
	tf.wantError(found, said...)
	if !maps.Equal(state, before) {
		tf.t.Errorf("the state is %v after reading", state)
	}
	tf.again()
	state, found = tf.create(w.janesLink())
	tf.wantError(found, said...)
	if state != nil {
		tf.t.Errorf("the state is %v after creating", state)
	}
	tf.again()
	state, found = tf.destroy(before)
	tf.wantError(found, said...)
	if !maps.Equal(state, before) {
		tf.t.Errorf("the state is %v after removing", state)
	}
	tf.again()
	state, found = tf.importByID(importID(w.janesLink()))
	tf.wantError(found, said...)
	if state != nil {
		tf.t.Errorf("imported %v", state)
	}
	tf.again()
	state, found = tf.data("seam_workspace", values{})
	tf.wantError(found, said...)
	if state != nil {
		tf.t.Errorf("looked up %v", state)
	}
	tf.again()
	_, found = tf.invoke(w.janesLink())
	tf.wantError(found, said...)
	tf.again()
	tf.wantEndsInError(tf.query(query{}), nil, said...)
}

// wantLife holds that a link can be created, read and removed.
func (tf *terraform) wantLife(w *world, pair link.Pair) {
	tf.t.Helper()
	state, found := tf.create(pair)
	tf.wantNothingSaid(found)
	w.wantHolder(pair.ACSUserID, pair.TargetID)
	refreshed, found := tf.read(state)
	tf.wantNothingSaid(found)
	if !maps.Equal(refreshed, state) {
		tf.t.Errorf("the state was %v, and is %v", state, refreshed)
	}
	state, found = tf.destroy(state)
	tf.wantNothingSaid(found)
	if state != nil {
		tf.t.Errorf("the state is %v", state)
	}
	w.wantHolder(pair.ACSUserID, "")
}

// listen serves connections, and returns the endpoint.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var under sync.WaitGroup
	under.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			under.Go(func() {
				serve(conn)
				_ = conn.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		under.Wait()
	})
	return "http://" + listener.Addr().String()
}

// answerOf is what the embedded Seam answers.
func answerOf(server *fakeseam.Server, r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, r)
	return recorder
}

// A server that knows no HTTP/1.1, and one that closes each connection without a
// word once it has answered: both are good enough.
func TestWire_closedConnections(t *testing.T) {
	t.Parallel()
	for name, protocol := range map[string]string{"HTTP/1.0": "HTTP/1.0", "closes what is idle": "HTTP/1.1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := fakeseam.New()
			endpoint := listen(t, func(conn net.Conn) {
				r, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil {
					return
				}
				answer := answerOf(server, r)
				// Whoever broke the connection off gets no answer.
				_, _ = fmt.Fprintf(conn, "%s %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
					protocol, answer.Code, http.StatusText(answer.Code), answer.Body.Len(), answer.Body)
			})
			w := newWorldOf(t, server, endpoint)
			tf := w.through(direct(t), w.clock, nil)
			for _, pair := range w.people(20) {
				tf.wantLife(w, pair)
			}
		})
	}
}

// No credentials follow a redirect to another host, whatever kind it is.
func TestWire_redirect(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			var followed atomic.Int64
			other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
			t.Cleanup(other.Close)
			w := newWorld(t)
			w.Inject(fakeseam.Fault{Status: status, Header: map[string]string{"Location": other.URL + "/?from=seam"}})
			tf := w.through(direct(t), w.clock, nil)
			tf.wantNothingBelieved(w, "a redirect to "+strings.TrimPrefix(other.URL, "http://"), "Redirects are not followed")
			if n := followed.Load(); n != 0 {
				t.Errorf("%d requests followed the redirect", n)
			}
		})
	}
}

// A body is read up to a bound, and a long one below it is no trouble.
func TestWire_longBodies(t *testing.T) {
	t.Parallel()
	const most = 100 << 20
	for name, test := range map[string]struct {
		status int
		said   string
		sent   int64 // at most, with what the buffers on the way hold
	}{
		"100 MB of a success": {http.StatusOK, "larger than 32 MiB", 48 << 20},
		"100 MB of an error":  {http.StatusBadRequest, "400 Bad Request", 16 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				chunk := bytes.Repeat([]byte(" "), 1<<16)
				for sent.Store(0); sent.Load() < most; sent.Add(int64(len(chunk))) {
					if _, err := w.Write(chunk); err != nil {
						return
					}
				}
			}))
			t.Cleanup(server.Close)
			w := reaching(t, server.URL)
			before := w.linkState(w.janesLink())
			tf := w.through(direct(t), w.clock, nil)
			state, found := tf.read(before)
			tf.wantError(found, test.said)
			if !maps.Equal(state, before) {
				t.Errorf("the state is %v", state)
			}
			if n := sent.Load(); n > test.sent {
				t.Errorf("%d bytes were sent before the provider had enough", n)
			}
		})
	}
	t.Run("a million lines", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.Link(w.janeID.ID, w.jane.ID)
		lines := strings.Repeat("{},\n", 1_000_000)
		w.Inject(fakeseam.Fault{Route: getUserRoute, ContentType: "application/json", Body: fmt.Sprintf(
			`{"ok":true,"acs_user":{"acs_user_id":%q,"acs_system_id":%q,"workspace_id":%q,"user_identity_id":%q,"warnings":[%s{}]}}`,
			w.jane.ID, w.system.ID, w.workspace.ID, w.janeID.ID, lines)})
		tf := w.through(direct(t), w.clock, nil)
		before := w.linkState(w.janesLink())
		state, found := tf.read(before)
		tf.wantNothingSaid(found)
		if !maps.Equal(state, before) {
			t.Errorf("the state is %v", state)
		}
	})
}

// Nothing is sent over a connection that is not what it should be. A certificate
// that nobody vouches for is no passing trouble, and is given up at once.
func TestWire_tls(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		configure func(*httptest.Server)
		trusted   bool
		forGood   bool // not tried again
		said      string
	}{
		"a certificate that nobody knows": {(*httptest.Server).StartTLS, false, true, "certificate"},
		"a certificate of another host": {func(server *httptest.Server) {
			server.StartTLS()
			server.URL = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
		}, true, true, "not localhost"},
		"an old version": {func(server *httptest.Server) {
			server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
			server.StartTLS()
		}, false, true, "protocol version"},
		"no TLS at all": {func(server *httptest.Server) {
			server.Start()
			server.URL = strings.Replace(server.URL, "http://", "https://", 1)
		}, false, true, "does not look like a TLS handshake"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var answered atomic.Int64
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { answered.Add(1) }))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			test.configure(server)
			t.Cleanup(server.Close)
			w := reaching(t, server.URL)
			transport := direct(t)
			if test.trusted {
				transport.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			}
			tf := w.through(transport, w.clock, nil)
			tf.wantNothingBelieved(w, test.said)
			if test.forGood {
				w.clock.wantNotWaited(t)
			}
			if n := answered.Load(); n != 0 {
				t.Errorf("%d requests were sent over such a connection", n)
			}
		})
	}
}

// wantNotWaited holds that nothing was retried.
func (c *hurriedClock) wantNotWaited(t *testing.T) {
	t.Helper()
	if waited := c.waited(); waited != 0 {
		t.Errorf("waited %s to retry", waited)
	}
}

// waited returns how long the provider has waited in all.
func (c *hurriedClock) waited() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead
}

// A name that no name server knows is retried, and then named. Within one command, the
// operations wait no longer than one of them may, and one of them explains.
func TestWire_unknownName(t *testing.T) {
	t.Parallel()
	w := reaching(t, "https://seam.invalid")
	transport := direct(t)
	dialer := &net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no name server here")
	}}}
	transport.DialContext = dialer.DialContext
	tf := w.through(transport, w.clock, nil)
	tf.wantNothingBelieved(w, "lookup seam.invalid", "Retried for", "Check that this machine can reach the provider's endpoint")

	tf.again()
	before := w.clock.waited()
	for n, pair := range w.people(10) {
		said := "Seam could not be reached. Another error of this command explains it."
		if n == 0 {
			said = "lookup seam.invalid"
		}
		_, found := tf.read(w.linkState(pair))
		tf.wantError(found, said)
		_, found = tf.destroy(w.linkState(pair))
		tf.wantError(found, "Seam could not be reached. Another error of this command explains it.")
	}
	// The last wait begins within retry_timeout, and is no longer than half a minute.
	if waited := w.clock.waited() - before; waited > defaultRetryTimeout+30*time.Second {
		t.Errorf("the command waited %s", waited)
	}
}

// A proxy that wants credentials of its own, for a connection that it only passes
// on, and for requests that it reads.
func TestWire_proxyWantsCredentials(t *testing.T) {
	t.Parallel()
	for name, endpoint := range map[string]string{"https": "https://seam.invalid", "http": "http://127.0.0.1:1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var credentials atomic.Int64
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodConnect && r.Header.Get("Authorization") != "" {
					credentials.Add(1)
				}
				w.Header().Set("Proxy-Authenticate", "Basic")
				w.WriteHeader(http.StatusProxyAuthRequired)
			}))
			t.Cleanup(proxy.Close)
			address, err := url.Parse(proxy.URL)
			if err != nil {
				t.Fatal(err)
			}
			address.User = url.UserPassword("jane", "p4ssw0rd")
			transport := direct(t)
			transport.Proxy = http.ProxyURL(address)
			w := reaching(t, endpoint)
			tf := w.through(transport, w.clock, nil)
			tf.wantNothingBelieved(w, "Proxy Authentication Required")
			_, found := tf.read(w.linkState(w.janesLink()))
			if strings.Contains(found.String(), "p4ssw0rd") || credentials.Load() != 0 {
				t.Errorf("the proxy's password is told, or Seam's credentials were sent to it:\n%s", found)
			}
		})
	}
}

// inMemory answers requests with the embedded Seam, with no network in between:
// so that a test can own the time.
type inMemory struct{ server *fakeseam.Server }

func (m inMemory) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if recover() != nil { // a connection that was dropped
			resp, err = nil, io.ErrUnexpectedEOF
		}
		if r.Context().Err() != nil {
			resp, err = nil, r.Context().Err()
		}
	}()
	resp = answerOf(m.server, r).Result()
	resp.Request = r
	return resp, nil
}

// dripping sends the body of an answer byte by byte, one a second.
type dripping struct {
	next  http.RoundTripper
	route string // "" for all
}

func (d dripping) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := d.next.RoundTrip(r)
	if err == nil && (d.route == "" || d.route == r.URL.Path) {
		answer.Body = drip{r.Context(), answer.Body}
	}
	return answer, err
}

type drip struct {
	ctx context.Context
	io.ReadCloser
}

func (d drip) Read(p []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		return d.ReadCloser.Read(p[:1])
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
}

// silent takes requests to a route and answers none.
type silent struct {
	next  http.RoundTripper
	route string
}

func (s silent) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != s.route {
		return s.next.RoundTrip(r)
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// However slow a server is, an operation takes no longer than it may keep trying,
// and one attempt more.
func TestWire_slow(t *testing.T) {
	t.Parallel()
	const retryTimeout, attempt = 2 * time.Minute, 30 * time.Second
	for name, test := range map[string]struct {
		transport func(http.RoundTripper) http.RoundTripper
		said      string
	}{
		"a byte a second": {func(next http.RoundTripper) http.RoundTripper { return dripping{next: next} }, "imed out after 30s"},
		"silence":         {func(next http.RoundTripper) http.RoundTripper { return silent{next, getUserRoute} }, "imed out after 30s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := fakeseam.New()
				w := newWorldOf(t, server, "http://127.0.0.1")
				tf := w.through(test.transport(inMemory{server}), seam.SystemClock{}, values{"retry_timeout": retryTimeout.String()})
				before := w.linkState(w.janesLink())
				began := time.Now()
				state, found := tf.read(before)
				tf.wantError(found, test.said, "retry_timeout")
				if !maps.Equal(state, before) {
					t.Errorf("the state is %v", state)
				}
				if took := time.Since(began); took > retryTimeout+attempt || took < retryTimeout-attempt {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// A write that gets no response may take effect after every read: the link is saved in
// state.
func TestWire_slowWrites(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		transport func(http.RoundTripper) http.RoundTripper
		effect    bool
	}{
		"a byte a second": {func(next http.RoundTripper) http.RoundTripper { return dripping{next, addRoute} }, true},
		"silence":         {func(next http.RoundTripper) http.RoundTripper { return silent{next, addRoute} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := fakeseam.New()
				w := newWorldOf(t, server, "http://127.0.0.1")
				tf := w.through(test.transport(inMemory{server}), seam.SystemClock{}, values{"retry_timeout": "2m"})
				state, found := tf.create(w.janesLink())
				if state == nil {
					t.Error("the link may be there, and is not in the state")
				}
				if test.effect {
					tf.wantNothingSaid(found) // a read resolved it
					w.wantHolder(w.jane.ID, w.janeID.ID)
					return
				}
				tf.wantError(found, "not known whether the link was added", "tainted")
			})
		})
	}
}

// A hundred operations at once against a Seam that takes only so many requests a
// second: none fails, and none goes on while Seam has asked to wait.
func TestWire_rateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const links = 100
		server := fakeseam.New()
		w := newWorldOf(t, server, "http://127.0.0.1")
		var pairs []link.Pair
		for i := range links {
			person := fakeseam.Person{FullName: fmt.Sprintf("Person %d", i)}
			pairs = append(pairs, link.ToIdentity(w.AddUserIdentity(w.workspace.ID, person).ID, w.AddACSUser(w.system.ID, person).ID))
		}
		tf := w.through(inMemory{server}, seam.SystemClock{}, nil)
		w.SetLatency(80 * time.Millisecond)
		w.SetRateLimit(30, 2*time.Second)
		states := make([]values, links)
		atOnce := func(do func(i int) diagnostics) {
			t.Helper()
			var all sync.WaitGroup
			for i := range links {
				all.Go(func() {
					if found := do(i); len(found) > 0 {
						t.Errorf("unexpected diagnostics:\n%s", found)
					}
				})
			}
			all.Wait()
		}
		atOnce(func(i int) (found diagnostics) {
			states[i], found = tf.create(pairs[i])
			return found
		})
		if n := len(w.Links()); n != links {
			t.Errorf("%d links were added", n)
		}
		atOnce(func(i int) diagnostics {
			state, found := tf.read(states[i])
			if !maps.Equal(state, states[i]) {
				t.Errorf("the state was %v, and is %v", states[i], state)
			}
			return found
		})
		atOnce(func(i int) diagnostics {
			state, found := tf.destroy(states[i])
			if state != nil {
				t.Errorf("the state is %v", state)
			}
			return found
		})
		if n := len(w.Links()); n != 0 {
			t.Errorf("%d links are left", n)
		}
		throttled := 0
		for _, r := range w.Requests() {
			if r.Status == http.StatusTooManyRequests {
				throttled++
			}
		}
		if throttled == 0 {
			t.Error("the limit was never met, so this shows nothing")
		}
		if n := w.ViolationsAfterStop(); n != 0 {
			t.Errorf("%d requests were sent while Seam had asked to wait", n)
		}
		t.Logf("%d requests, %d of them throttled", len(w.Requests()), throttled)
	})
}
