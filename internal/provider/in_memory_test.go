package provider

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// through returns a provider that sends its requests through a transport and tells
// time by a clock.
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

// waited returns how long the provider has waited in all.
func (c *hurriedClock) waited() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead
}

// advance moves the clock.
func (c *hurriedClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// inMemory hands requests to the embedded Seam without a network, which the fake time of
// synctest does not cover.
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
	recorder := httptest.NewRecorder()
	m.server.ServeHTTP(recorder, r)
	resp = recorder.Result()
	resp.Request = r
	return resp, nil
}

// silent never responds to requests to a route.
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
