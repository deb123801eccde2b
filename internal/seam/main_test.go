package seam

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testToken = "seam_test_0123456789abcdef"

	identityA = "11111111-1111-4111-8111-111111111111"
	identityB = "22222222-2222-4222-8222-222222222222"
	userA     = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
	userB     = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
	systemA   = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"
	groupA    = "dddddddd-dddd-4ddd-8ddd-dddddddddddd"

	okBody        = `{"ok":true}`
	workspaceBody = `{"ok":true,"workspace":{"workspace_id":"w","name":"Sandbox"}}`
)

// server is a transport that responds with its replies in turn, and repeats the last one.
type server struct {
	replies []reply

	mu       sync.Mutex
	requests []received
}

type reply func(*http.Request) (*http.Response, error)

type received struct {
	at     time.Time
	method string
	url    string
	header http.Header
	body   string
}

func (s *server) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	n := min(len(s.requests), len(s.replies)-1)
	s.requests = append(s.requests, received{
		at: time.Now(), method: req.Method, url: req.URL.String(), header: req.Header.Clone(), body: string(body),
	})
	s.mu.Unlock()
	return s.replies[n](req)
}

func (s *server) seen() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// gaps returns the times between the requests.
func (s *server) gaps() []time.Duration {
	var gaps []time.Duration
	seen := s.seen()
	for i := 1; i < len(seen); i++ {
		gaps = append(gaps, seen[i].at.Sub(seen[i-1].at))
	}
	return gaps
}

func answers(replies ...reply) *server { return &server{replies: replies} }

// status replies with headers given as "Name: value".
func status(code int, body string, headers ...string) reply {
	return func(req *http.Request) (*http.Response, error) {
		h := http.Header{}
		for _, line := range headers {
			name, value, _ := strings.Cut(line, ": ")
			h.Set(name, value)
		}
		return &http.Response{
			StatusCode:    code,
			Status:        strconv.Itoa(code) + " " + http.StatusText(code),
			Header:        h,
			Body:          io.NopCloser(strings.NewReader(body)),
			ContentLength: int64(len(body)),
			Request:       req,
		}, nil
	}
}

// cutOff replies with a body that ends in an error.
func cutOff(code int, body string, err error) reply {
	return func(req *http.Request) (*http.Response, error) {
		resp, _ := status(code, "")(req)
		resp.ContentLength = -1
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), failingReader{err}))
		return resp, nil
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

func fails(err error) reply {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// silent never responds.
func silent(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// after replies late, unless the request ends first.
func after(d time.Duration, r reply) reply {
	return func(req *http.Request) (*http.Response, error) {
		select {
		case <-req.Context().Done():
			return nil, req.Context().Err()
		case <-time.After(d):
			return r(req)
		}
	}
}

// newTestClient leaves nothing to chance: a backoff is the shortest possible, 250 ms at
// first, and there is no jitter.
func newTestClient(t *testing.T, transport http.RoundTripper, options ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{
		Endpoint:     &url.URL{Scheme: "https", Host: "connect.example.com"},
		Token:        testToken,
		UserAgent:    "terraform-provider-seam/test",
		SDKName:      "terraform-provider-seam",
		SDKVersion:   "1.2.3",
		RetryTimeout: 5 * time.Minute,
		Transport:    transport,
	}
	for _, o := range options {
		o(&cfg)
	}
	c := NewClient(cfg)
	c.random = func() float64 { return 0 }
	return c
}

// newWireClient returns a client with a real transport and no retries.
func newWireClient(t *testing.T, endpoint string, configure func(*http.Transport)) *Client {
	t.Helper()
	u, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	transport := NewTransport()
	transport.Proxy = nil
	if configure != nil {
		configure(transport)
	}
	t.Cleanup(transport.CloseIdleConnections)
	return newTestClient(t, transport, retryTimeout(0), func(cfg *Config) { cfg.Endpoint = u })
}

// listen starts a server, and returns its address.
func listen(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv.URL
}

func retryTimeout(d time.Duration) func(*Config) { return func(c *Config) { c.RetryTimeout = d } }
func throttle(th *Throttle) func(*Config)        { return func(c *Config) { c.Throttle = th } }

// The two kinds of call that most tests make.
var calls = map[string]func(context.Context, *Client) error{"read": doRead, "write": doWrite}

func doRead(ctx context.Context, c *Client) error {
	_, err := c.GetWorkspace(ctx)
	return err
}

func doWrite(ctx context.Context, c *Client) error {
	return c.AddACSUser(ctx, identityA, userA)
}

func asError[E error](t *testing.T, err error) E {
	t.Helper()
	var target E
	if !errors.As(err, &target) {
		t.Fatalf("got %T %v, want a %T", err, err, target)
	}
	return target
}

func seamError(typ, message string) string {
	return `{"ok":false,"error":{"type":"` + typ + `","message":"` + message + `","request_id":"req_body"}}`
}
