package provider

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// sentTo keeps a request, and returns no response.
type sentTo struct{ request *http.Request }

func (s *sentTo) RoundTrip(r *http.Request) (*http.Response, error) {
	s.request = r
	return nil, io.ErrUnexpectedEOF
}

// Requests go to the accepted endpoint: to that host and no other, over https unless it is
// this machine, with nothing in the URL but a path.
func FuzzEndpoint(f *testing.F) {
	for _, endpoint := range []string{
		"https://connect.getseam.com", "https://connect.getseam.com/", "https://seam.example.com:8443/base/path//", "http://localhost:8080", "http://[::1]:8080/x",
		"http://127.0.0.1", "http://127.0.0.1.example.com", "http://127.1", "http://0x7f000001", "http://2130706433", "http://[::ffff:127.0.0.1]", "http://[fe80::1%25lo]",
		"https://me@connect.getseam.com", "https://connect.getseam.com?", "https://connect.getseam.com/#", "https://connect.getseam.com\\@example.com",
		"https:connect.getseam.com", "HTTPS://CONNECT.GETSEAM.COM", "https://connect.gets\u0435am.com", "https://connect.getseam.com/%2e%2e/%00", "https://:443", "https://a b", "\x00",
		"https://connect.getseam.com/${x}", "https://connect.getseam.com:99999", "https://[::1", "//connect.getseam.com", "https://connect.getseam.com/../..",
	} {
		f.Add(endpoint)
	}
	f.Fuzz(func(t *testing.T, endpoint string) {
		parsed, problems := parseEndpoint(setting{value: endpoint, from: "endpoint"})
		if len(problems) > 0 {
			for _, problem := range problems {
				if problem.detail == "" || len(problem.detail) > 1000 || len(endpoint) > 30 && strings.Contains(problem.detail, endpoint) {
					t.Errorf("%q: %v", endpoint, problem)
				}
			}
			return
		}
		if endpoint == "" {
			return
		}
		var sent sentTo
		client := seam.NewClient(seam.Config{Endpoint: parsed, Token: testKey, Transport: &sent})
		if _, err := client.GetWorkspace(t.Context()); err == nil || sent.request == nil {
			t.Fatalf("%q: nothing was sent: %v", endpoint, err)
		}
		to := sent.request.URL
		if to.Scheme != "https" && !isLoopback(to.Hostname()) {
			t.Errorf("%q: credentials would be sent to %s", endpoint, to)
		}
		if to.User != nil || to.RawQuery != "" || to.Fragment != "" || !strings.HasSuffix(to.Path, "/workspaces/get") {
			t.Errorf("%q: the request goes to %s", endpoint, to)
		}
		// The endpoint begins with the scheme and the host of the request.
		if want := to.Scheme + "://" + to.Host; !strings.HasPrefix(strings.ToLower(endpoint), strings.ToLower(want)) {
			if unescaped, err := url.PathUnescape(endpoint); err != nil || !strings.HasPrefix(strings.ToLower(unescaped), strings.ToLower(want)) {
				t.Errorf("%q: the request goes to %s", endpoint, want)
			}
		}
		if sent.request.Host != to.Host {
			t.Errorf("%q: the Host is %s", endpoint, sent.request.Host)
		}
	})
}
