package fakeseam_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// house is the small world with a client for it.
type house struct {
	fakeseam.Small
	s   *fakeseam.Server
	run *fakeseam.Running
	t   *testing.T
}

func newHouse(t *testing.T) *house {
	t.Helper()
	s := fakeseam.New()
	small := fakeseam.SeedSmall(s)
	run, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run.Close(); err != nil {
			t.Error(err)
		}
	})
	return &house{small, s, run, t}
}

type body = map[string]any

// reply is an answer as a client sees it.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	text   string
}

// send does one request with the house's API key.
func (h *house) send(method, route string, params any, header http.Header) (*reply, error) {
	h.t.Helper()
	target := h.run.URL + route
	var content io.Reader
	switch params := params.(type) {
	case url.Values:
		target += "?" + params.Encode()
	case string:
		content = bytes.NewBufferString(params)
	case nil:
	default:
		text, err := json.Marshal(params)
		if err != nil {
			h.t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(h.t.Context(), method, target, content)
	if err != nil {
		h.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+h.Workspace.APIKey)
	if content != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	maps.Copy(request.Header, header)
	// A client of its own, so that no other test's connections are reused.
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	r := &reply{h.t, response.StatusCode, response.Header, string(text)}
	return r, err
}

func (h *house) do(method, route string, params any) *reply {
	h.t.Helper()
	r, err := h.send(method, route, params, nil)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, route, err)
	}
	if r.header.Get("seam-request-id") == "" {
		h.t.Errorf("%s %s: no seam-request-id", method, route)
	}
	return r
}

func (h *house) post(route string, params any) *reply {
	h.t.Helper()
	return h.do(http.MethodPost, route, params)
}

func (r *reply) want(status int, text string) {
	r.t.Helper()
	if r.status != status || text != "" && r.text != text {
		r.t.Errorf("got  %d %s\nwant %d %s", r.status, r.text, status, text)
	}
}

// wantError checks the type and the message of an error.
func (r *reply) wantError(status int, kind, message string) {
	r.t.Helper()
	failure, ok := r.object()["error"].(body)
	if !ok || r.status != status || failure["type"] != kind || failure["message"] != message {
		r.t.Errorf("got  %d %s\nwant %d %s: %s", r.status, r.text, status, kind, message)
	}
	if r.object()["ok"] != false {
		r.t.Errorf("an error without ok: false: %s", r.text)
	}
}

func (r *reply) object() body {
	r.t.Helper()
	var object body
	if err := json.Unmarshal([]byte(r.text), &object); err != nil {
		r.t.Fatalf("%d %s: %v", r.status, r.text, err)
	}
	return object
}

// list returns a field of each entry of a list.
func (r *reply) list(name, field string) []string {
	r.t.Helper()
	entries, ok := r.object()[name].([]any)
	if !ok {
		r.t.Fatalf("no list %s in %d %s", name, r.status, r.text)
	}
	var values []string
	for _, entry := range entries {
		value, _ := entry.(body)[field].(string)
		values = append(values, value)
	}
	return values
}

func (r *reply) cursor() any {
	r.t.Helper()
	return r.object()["pagination"].(body)["next_page_cursor"]
}
