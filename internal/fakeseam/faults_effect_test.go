package fakeseam_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const removeRoute = "/user_identities/remove_acs_user"

func TestFaults_noEffect(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.Inject(fakeseam.Fault{NoEffect: true, Times: 3, Match: func(r fakeseam.Request) bool {
		return r.Route == addRoute || r.Route == removeRoute
	}})
	before := len(h.s.Changes())

	h.post(addRoute, body{"user_identity_id": h.Jane.ID, "acs_user_id": h.JaneGarage.ID}).want(200, `{"ok":true}`)
	h.post(addRoute, body{"user_identity_key": "unknown", "acs_user_id": h.JaneGarage.ID}).want(200, `{"ok":true}`)
	h.post(removeRoute, body{"user_identity_id": h.John.ID, "acs_user_id": h.JohnGarage.ID}).want(200, `{"ok":true}`)
	if h.linked() || h.s.HolderOf(h.JohnGarage.ID) != h.John.ID || len(h.s.Changes()) != before {
		t.Errorf("changes: %+v", h.s.Changes()[before:])
	}
	h.post("/user_identities/get", body{"user_identity_key": "unknown"}).
		wantError(404, "user_identity_not_found", "User identity not found")

	// The fourth write takes effect.
	h.post(addRoute, body{"user_identity_id": h.Jane.ID, "acs_user_id": h.JaneGarage.ID}).want(200, `{"ok":true}`)
	if !h.linked() {
		t.Error("not linked once the fault is over")
	}
}

// A request without effect is refused like any other.
func TestFaults_noEffectIsValidated(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.Inject(fakeseam.Fault{NoEffect: true})
	h.post(addRoute, body{"user_identity_id": h.Jane.ID, "acs_user_id": h.JohnGarage.ID}).
		wantError(400, "acs_user_has_another_user_identity", "The ACS user already belongs to another user identity")
	h.post(addRoute, body{"user_identity_id": h.Jane.ID}).wantError(400, "invalid_input", "acs_user_id is required")
}

func TestFaults_effectLandsLater(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  fakeseam.Fault
		status int // 0: the connection breaks
	}{
		"accepted":           {fakeseam.Fault{}, 200},
		"500":                {fakeseam.Fault{Status: 500}, 500},
		"500 after effect":   {fakeseam.Fault{Status: 500, AfterEffect: true}, 500},
		"502 page":           {fakeseam.Fault{Status: 502, HTML: true}, 502},
		"503 text":           {fakeseam.Fault{Status: 503, Body: "try later"}, 503},
		"ok with a body":     {fakeseam.Fault{Body: `{"ok":false}`}, 200},
		"reset":              {fakeseam.Fault{Drop: fakeseam.DropBeforeEffect}, 0},
		"reset after effect": {fakeseam.Fault{Drop: fakeseam.DropAfterEffect}, 0},
		"cut body":           {fakeseam.Fault{CutBody: true}, 0},
		"cut 500":            {fakeseam.Fault{Status: 500, CutBody: true}, 0},
		"hang":               {fakeseam.Fault{Hang: time.Millisecond}, 0},
		"hang after effect":  {fakeseam.Fault{HangAfterEffect: time.Millisecond}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			landings := make(chan func(), 1)
			test.fault.Later = func(land func()) { landings <- land }
			test.fault.Times = 1
			h.s.Inject(test.fault)
			r, err := h.add()
			switch {
			case test.status == 0 && err == nil:
				t.Errorf("got a response: %d %s", r.status, r.text)
			case test.status != 0 && err != nil:
				t.Error(err)
			case test.status != 0:
				r.want(test.status, "")
			}
			if h.linked() {
				t.Error("linked before the effect landed")
			}

			land := <-landings
			land()
			changes := h.s.Changes()
			last := changes[len(changes)-1]
			if last.ACSUserID != h.JaneGarage.ID || last.To != h.Jane.ID || last.Route != addRoute {
				t.Errorf("last change: %+v", last)
			}
			h.s.Unlink(h.JaneGarage.ID)
			land()
			if h.linked() {
				t.Error("the effect landed twice")
			}
			if got := h.s.Count(addRoute); got != 1 {
				t.Errorf("%d requests", got)
			}
		})
	}
}

// A request that was refused never lands. One that was accepted lands even if its key was
// revoked since.
func TestFaults_landingKeepsTheCredentials(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	landings := make(chan func(), 1)
	h.s.Inject(fakeseam.Fault{Status: 500, Later: func(land func()) { landings <- land }})
	send := func(method string, params any, authorization string) {
		t.Helper()
		header := http.Header{}
		if authorization != "" {
			header.Set("Authorization", authorization)
		}
		if _, err := h.send(method, addRoute, params, header); err != nil {
			t.Fatal(err)
		}
	}
	pair := body{"user_identity_id": h.Jane.ID, "acs_user_id": h.JaneGarage.ID}

	for _, refused := range []struct {
		method        string
		params        any
		authorization string
	}{
		{http.MethodPost, pair, "Bearer seam_test1_x"},
		{http.MethodGet, nil, ""},
		{http.MethodPost, "{", ""},
		{http.MethodPost, body{"acs_user_id": h.JaneGarage.ID}, ""},
		{http.MethodPost, `{"acs_user_id":"` + strings.Repeat("x", 1<<20) + `"}`, ""},
	} {
		send(refused.method, refused.params, refused.authorization)
		(<-landings)()
		if h.linked() {
			t.Fatalf("%s %v landed", refused.method, refused.params)
		}
	}

	send(http.MethodPut, pair, "")
	h.s.Revoke(h.Workspace.APIKey)
	(<-landings)()
	if !h.linked() {
		t.Error("the effect did not land")
	}
}

// A late effect is refused if the world changed before it lands.
func TestFaults_landingIsRefusedByAChangedWorld(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	landings := make(chan func(), 1)
	h.s.Inject(fakeseam.Fault{Drop: fakeseam.DropBeforeEffect, Later: func(land func()) { landings <- land }})
	if _, err := h.add(); err == nil {
		t.Error("no reset")
	}
	h.s.Link(h.Amira.ID, h.JaneGarage.ID)
	(<-landings)()
	if got := h.s.HolderOf(h.JaneGarage.ID); got != h.Amira.ID {
		t.Errorf("holder %s, want Amira %s", got, h.Amira.ID)
	}
}

func TestFaults_landingAfterClose(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	landings := make(chan func(), 1)
	h.s.Inject(fakeseam.Fault{Hang: time.Hour, Later: func(land func()) { landings <- land }})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.run.URL+addRoute,
			strings.NewReader(`{"user_identity_id":"`+h.Jane.ID+`","acs_user_id":"`+h.JaneGarage.ID+`"}`))
		if err != nil {
			failed <- err
			return
		}
		request.Header.Set("Authorization", "Bearer "+h.Workspace.APIKey)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultTransport.RoundTrip(request)
		if err == nil {
			_ = response.Body.Close()
		}
		failed <- err
	}()
	land := <-landings
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := h.run.Close(); err != nil {
		t.Error(err)
	}
	land()
	if !h.linked() {
		t.Error("the effect did not land")
	}
}
