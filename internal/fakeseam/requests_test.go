package fakeseam_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

func TestRequests_areRecorded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.post("/acs/users/get", body{"acs_user_id": h.JaneSalto.ID})
	h.do(http.MethodGet, "/acs/systems/list?search=garage", nil)
	h.post("/nowhere", body{})

	got := h.s.Requests()
	if len(got) != 3 || h.s.Count("") != 3 || h.s.Count("/acs/users/get") != 1 || h.s.Count("/workspaces/get") != 0 {
		t.Fatalf("requests: %+v", got)
	}
	r := got[0]
	if r.Method != http.MethodPost || r.Route != "/acs/users/get" || r.Status != 200 || r.Faulted || r.At.IsZero() ||
		string(r.Body) != `{"acs_user_id":"`+h.JaneSalto.ID+`"}` || r.Header.Get("Authorization") == "" {
		t.Errorf("first request: %+v", r)
	}
	if _, err := uuid.Parse(r.RequestID); err != nil || r.RequestID == got[1].RequestID {
		t.Errorf("request ids %q, %q", r.RequestID, got[1].RequestID)
	}
	if got[1].Query.Get("search") != "garage" || got[2].Status != 404 {
		t.Errorf("further requests: %+v", got[1:])
	}
	h.s.ResetRequests()
	if len(h.s.Requests()) != 0 {
		t.Error("requests are left after a reset")
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := fakeseam.New()
		key := s.AddWorkspace("Harbour House").APIKey
		want := func(status int, retryAfter string) {
			t.Helper()
			request := httptest.NewRequest(http.MethodGet, "/workspaces/get", nil)
			request.Header.Set("Authorization", "Bearer "+key)
			response := httptest.NewRecorder()
			s.ServeHTTP(response, request)
			if got := response.Header().Get("Retry-After"); response.Code != status || got != retryAfter {
				t.Errorf("got %d, Retry-After %q, want %d, %q", response.Code, got, status, retryAfter)
			}
		}
		s.SetRateLimit(2, time.Hour)
		want(200, "")
		want(200, "")
		want(429, "3600")
		want(429, "3600")
		// The second 429 came so soon that its request may have been sent before the first.
		if got := s.ViolationsAfterStop(); got != 0 {
			t.Errorf("%d violations", got)
		}
		time.Sleep(time.Second) // in fake time
		want(429, "3599")
		if got := s.ViolationsAfterStop(); got != 1 {
			t.Errorf("%d violations, want 1", got)
		}
		s.SetRateLimit(0, 0)
		want(200, "")
	})
}

func TestRunning_loopbackOnly(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{":0", "0.0.0.0:0", "192.0.2.1:0", "example.com:80", "[::]:0", "127.0.0.1"} {
		server := fakeseam.New()
		run, err := server.StartAt(addr, server)
		if err == nil {
			t.Errorf("listens on %s, %v", addr, run.Close())
		}
	}
}

func TestRunning_countsConnections(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for range 3 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.run.URL+"/workspaces/get", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.s.Connections(); got < 1 || got > 3 {
		t.Errorf("%d connections", got)
	}
}

func TestServer_manyAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.SetLatency(time.Millisecond)
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for range 10 {
				h.post("/acs/users/list", body{"limit": 3})
				h.post("/user_identities/add_acs_user", body{"user_identity_id": h.Jane.ID, "acs_user_id": h.JaneGarage.ID})
				h.s.Unlink(h.JaneGarage.ID)
				h.s.Requests()
				h.s.Links()
			}
		})
	}
	clients.Wait()
	if got := h.s.Count(""); got != 160 {
		t.Errorf("%d requests", got)
	}
}

func TestSeedBuilding(t *testing.T) {
	t.Parallel()
	s := fakeseam.New()
	b := fakeseam.SeedBuilding(s, 200)
	if len(b.Identities) != 200 || len(b.ACSUsers) != 200+100+67+50 || len(b.Systems) != 4 {
		t.Errorf("%d identities, %d ACS users", len(b.Identities), len(b.ACSUsers))
	}
	links := 0
	for _, u := range b.ACSUsers {
		if got := s.HolderOf(u.ID); got != u.UserIdentityID {
			t.Errorf("%s: holder %q, returned as %q", u.ID, got, u.UserIdentityID)
		}
		if u.UserIdentityID != "" {
			links++
		}
	}
	if links != len(s.Links()) || links == 0 {
		t.Errorf("%d links of %d", links, len(s.Links()))
	}
	for _, i := range b.Identities {
		if now, ok := s.UserIdentity(i.ID); !ok || len(now.ACSUserIDs) != len(i.ACSUserIDs) {
			t.Errorf("%s: %v, returned as %v", i.FullName, now.ACSUserIDs, i.ACSUserIDs)
		}
	}
}
