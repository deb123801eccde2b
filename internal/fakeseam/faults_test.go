package fakeseam_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const addRoute = "/user_identities/add_acs_user"

func (h *house) add() (*reply, error) {
	h.t.Helper()
	return h.send(http.MethodPost, addRoute, body{"user_identity_id": h.Jane.ID, "acs_user_id": h.JaneGarage.ID}, nil)
}

// linked reports whether the add took effect.
func (h *house) linked() bool { return h.s.HolderOf(h.JaneGarage.ID) != "" }

func TestFaults_answers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault       fakeseam.Fault
		status      int
		contentType string
		text        string
		linked      bool
	}{
		"status":              {fakeseam.Fault{Status: 503}, 503, "application/json; charset=utf-8", `{"error":{"type":"service_unavailable","message":"Service unavailable"},"ok":false}`, false},
		"status after effect": {fakeseam.Fault{Status: 500, AfterEffect: true}, 500, "application/json; charset=utf-8", `{"error":{"type":"internal_server_error","message":"Internal server error"},"ok":false}`, true},
		"text":                {fakeseam.Fault{Status: 502, Body: "upstream"}, 502, "text/plain; charset=utf-8", "upstream", false},
		"JSON nonsense":       {fakeseam.Fault{Body: `[]`}, 200, "application/json; charset=utf-8", "[]", false},
		"own type":            {fakeseam.Fault{Body: `x`, ContentType: "application/json", AfterEffect: true}, 200, "application/json", "x", true},
		"header only":         {fakeseam.Fault{Header: map[string]string{"X-Proxy": "yes"}}, 200, "application/json; charset=utf-8", `{"ok":true}`, true},
		"odd status":          {fakeseam.Fault{Status: 418}, 418, "application/json; charset=utf-8", `{"error":{"type":"unknown_error","message":"I'm a teapot"},"ok":false}`, false},
	} {
		h := newHouse(t)
		h.s.Inject(test.fault)
		r, err := h.add()
		if err != nil {
			t.Fatal(name, err)
		}
		t.Log(name)
		r.want(test.status, test.text)
		if got := r.header.Get("Content-Type"); got != test.contentType {
			t.Errorf("content type %q, want %q", got, test.contentType)
		}
		if h.linked() != test.linked {
			t.Errorf("linked: %v", h.linked())
		}
		if got := h.s.Requests(); len(got) != 1 || !got[0].Faulted || got[0].Status != test.status {
			t.Errorf("recorded %+v", got)
		}
	}

	h := newHouse(t)
	h.s.Inject(fakeseam.Fault{HTML: true})
	if r := h.post("/acs/users/list", body{}); r.status != 200 || !strings.HasPrefix(r.text, "<!DOCTYPE html>") ||
		r.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%d %s", r.status, r.text)
	}
	h.s.ClearFaults()
	h.s.Inject(fakeseam.Fault{Status: 429, Header: map[string]string{"Retry-After": "7"}})
	if r := h.post("/acs/users/list", body{}); r.status != 429 || r.header.Get("Retry-After") != "7" {
		t.Errorf("%d %v", r.status, r.header)
	}
}

func TestFaults_brokenConnections(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  fakeseam.Fault
		want   error // nil for any: the error of a reset depends on the system
		linked bool
	}{
		"before": {fakeseam.Fault{Drop: fakeseam.DropBeforeEffect}, nil, false},
		"after":  {fakeseam.Fault{Drop: fakeseam.DropAfterEffect}, nil, true},
		"cut":    {fakeseam.Fault{CutBody: true}, io.ErrUnexpectedEOF, true},
		"hang":   {fakeseam.Fault{Hang: 5 * time.Millisecond}, nil, false},
		"hang after": {
			fakeseam.Fault{HangAfterEffect: 5 * time.Millisecond}, nil, true,
		},
	} {
		h := newHouse(t)
		h.s.Inject(test.fault)
		_, err := h.add()
		if err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if h.linked() != test.linked {
			t.Errorf("%s: linked: %v", name, h.linked())
		}
	}
}

func TestFaults_whichRequests(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.Inject(fakeseam.Fault{Route: "/acs/users/get", Skip: 1, Times: 2, Status: 500})
	h.s.Inject(fakeseam.Fault{Times: 1, Status: 503, Match: func(r fakeseam.Request) bool {
		return strings.Contains(string(r.Body), h.WeiGarage.ID) && h.s.Count("") > 0 // Match may call the server
	}})
	get := func(id string) int { return h.post("/acs/users/get", body{"acs_user_id": id}).status }
	var got []int
	for range 4 {
		got = append(got, get(h.JaneSalto.ID))
	}
	got = append(got, get(h.WeiGarage.ID), get(h.WeiGarage.ID))
	want := []int{200, 500, 500, 200, 503, 200}
	for n := range want {
		if got[n] != want[n] {
			t.Errorf("got %v, want %v", got, want)
			break
		}
	}
}

func TestFaults_mistakes(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fakeseam.Fault{
		"unknown route":              {Route: "/acs/user/get"},
		"no effect that lands later": {NoEffect: true, Later: func(func()) {}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			fakeseam.New().Inject(fault)
		}()
	}
}

func TestFaults_aDisconnectEndsTheHang(t *testing.T) {
	t.Parallel()
	for _, fault := range []fakeseam.Fault{{Hang: time.Hour}, {HangAfterEffect: time.Hour}, {Latency: time.Hour}} {
		h := newHouse(t)
		h.s.Inject(fault)
		ctx, cancel := context.WithCancel(t.Context())
		h.s.OnRequest(func(fakeseam.Request) {
			time.AfterFunc(5*time.Millisecond, cancel)
		})
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.run.URL+addRoute,
			strings.NewReader(`{"user_identity_id":"`+h.Jane.ID+`","acs_user_id":"`+h.JaneGarage.ID+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+h.Workspace.APIKey)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultTransport.RoundTrip(request)
		if err == nil {
			_ = response.Body.Close()
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		if fault.HangAfterEffect == 0 && h.linked() {
			t.Errorf("an effect despite %+v", fault)
		}
		// Close, in the cleanup, waits for the handler.
	}
}

func TestRunning_closeEndsHangs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.Inject(fakeseam.Fault{HangAfterEffect: time.Hour})
	arrived := make(chan struct{}, 3)
	h.s.OnRequest(func(fakeseam.Request) { arrived <- struct{}{} })
	var clients sync.WaitGroup
	for range 3 {
		clients.Go(func() {
			if _, err := h.add(); err == nil {
				t.Error("a response from a closed Seam")
			}
		})
	}
	for range 3 {
		<-arrived
	}
	if err := h.run.Close(); err != nil {
		t.Error(err)
	}
	clients.Wait()
	if err := h.run.Close(); err != nil { // twice is fine
		t.Error(err)
	}
}
