package main

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// rehearsal is an embedded Seam with its control routes.
type rehearsal struct {
	*fakeseam.Server
	fakeseam.Small
	t   *testing.T
	url string
}

func newRehearsal(t *testing.T) *rehearsal {
	t.Helper()
	s := fakeseam.New()
	small := fakeseam.SeedSmall(s)
	server := httptest.NewServer(withControl(s, "posix"))
	t.Cleanup(server.Close)
	return &rehearsal{s, small, t, server.URL}
}

// send returns the status and the body, or 0 if the connection broke.
func (r *rehearsal) send(method, path, form string, header ...string) (int, string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(form))
	if err != nil {
		r.t.Fatal(err)
	}
	if form != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for n := 0; n < len(header); n += 2 {
		request.Header.Set(header[n], header[n+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func (r *rehearsal) control(command string) {
	r.t.Helper()
	if status, body := r.send(http.MethodPost, controlPath+command, ""); status != http.StatusOK || body == "" {
		r.t.Errorf("%s: got %d %s", command, status, body)
	}
}

// ask returns the status of a request to Seam.
func (r *rehearsal) ask(path string) int {
	r.t.Helper()
	status, _ := r.send(http.MethodGet, path, "", "Authorization", "Bearer "+r.Workspace.APIKey)
	return status
}

func TestControl(t *testing.T) {
	t.Parallel()
	const ok, gone = http.StatusOK, http.StatusNotFound
	tested := map[string]bool{"clear": true} // after each failure below
	for name, test := range map[string]func(*rehearsal){
		"latency": func(r *rehearsal) {
			r.control("latency?for=50ms")
			began := time.Now()
			if got := r.ask("/workspaces/get"); got != ok || time.Since(began) < 50*time.Millisecond {
				t.Errorf("got %d after %v", got, time.Since(began))
			}
		},
		"rate-limit": func(r *rehearsal) {
			r.control("rate-limit?requests=1&window=1h")
			if got := []int{r.ask("/workspaces/get"), r.ask("/workspaces/get")}; !slices.Equal(got, []int{ok, 429}) {
				t.Errorf("got %v", got)
			}
		},
		"outage": func(r *rehearsal) {
			r.control("outage")
			if got := r.ask("/workspaces/get"); got != 503 {
				t.Errorf("got %d", got)
			}
			r.control("outage?status=500")
			if got := r.ask("/workspaces/get"); got != 500 {
				t.Errorf("got %d, want the new failure", got)
			}
		},
		"lost-responses": func(r *rehearsal) {
			r.control("lost-responses")
			status, _ := r.send(http.MethodDelete, "/user_identities/remove_acs_user?user_identity_id="+r.Jane.ID+"&acs_user_id="+r.JaneSalto.ID,
				"", "Authorization", "Bearer "+r.Workspace.APIKey)
			if got := r.HolderOf(r.JaneSalto.ID); status != 0 || got != "" {
				t.Errorf("got %d and a link to %q, want no response and no link", status, got)
			}
		},
		"refuse-key": func(r *rehearsal) {
			r.control("refuse-key")
			if got := r.ask("/workspaces/get"); got != 401 {
				t.Errorf("got %d", got)
			}
		},
		"hide": func(r *rehearsal) {
			r.control("hide?acs_system_id=" + r.Salto.ID)
			if got := []int{r.ask("/acs/systems/get?acs_system_id=" + r.Salto.ID), r.ask("/acs/users/get?acs_user_id=" + r.JaneSalto.ID)}; !slices.Equal(got, []int{gone, gone}) {
				t.Errorf("got %v", got)
			}
		},
		"link": func(r *rehearsal) {
			r.control("link?user_identity_id=" + r.Priya.ID + "&acs_user_id=" + r.JaneSalto.ID)
			if got := r.HolderOf(r.JaneSalto.ID); got != r.Priya.ID {
				t.Errorf("got %s", got)
			}
		},
		"unlink": func(r *rehearsal) {
			// As curl -d sends it.
			if status, body := r.send(http.MethodPost, controlPath+"unlink", "acs_user_id="+r.JaneSalto.ID); status != ok {
				t.Errorf("got %d %s", status, body)
			}
			if got := r.HolderOf(r.JaneSalto.ID); got != "" {
				t.Errorf("got %s", got)
			}
		},
		"delete": func(r *rehearsal) {
			r.control("delete?acs_user_id=" + r.JaneSalto.ID)
			if got := r.ask("/acs/users/get?acs_user_id=" + r.JaneSalto.ID); got != gone {
				t.Errorf("got %d", got)
			}
		},
		"merge": func(r *rehearsal) {
			r.control("merge?user_identity_id=" + r.John.ID + "&into=" + r.Jane.ID)
			if got := r.HolderOf(r.JohnSalto.ID); got != r.Jane.ID {
				t.Errorf("got %s", got)
			}
		},
	} {
		tested[name] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRehearsal(t)
			test(r)
			r.control("clear")
			r.ResetRequests()
			for _, path := range []string{"/workspaces/get", "/acs/systems/get?acs_system_id=" + r.Salto.ID} {
				if got := r.ask(path); got != http.StatusOK {
					t.Errorf("%s after clear: got %d", path, got)
				}
			}
			if got := r.Count(""); got != 2 {
				t.Errorf("Seam received %d requests, want the 2 that were sent to it", got)
			}
		})
	}
	for _, c := range controls {
		if !tested[c.name] {
			t.Errorf("%s is not tested", c.name)
		}
		delete(tested, c.name)
	}
	if len(tested) > 0 {
		t.Errorf("there are no commands %v", slices.Sorted(maps.Keys(tested)))
	}
}

func TestControl_refuses(t *testing.T) {
	t.Parallel()
	r := newRehearsal(t)
	for command, want := range map[string]string{
		"nonsense":                             `no command "nonsense"`,
		"":                                     `no command ""`,
		"latency?for=soon":                     "for is 0s to 1h0m0s",
		"outage?status=200":                    "status is 400 to 599",
		"outage?code=500":                      "outage has no parameter code",
		"unlink":                               "no ACS user",
		"unlink?acs_user_id=x":                 "no ACS user",
		"link?acs_user_id=" + r.JaneSalto.ID:   "no user identity",
		"hide?acs_system_id=" + r.JaneSalto.ID: "no access system",
		"merge?user_identity_id=" + r.Jane.ID + "&into=" + r.Jane.ID: "cannot merge",
	} {
		status, body := r.send(http.MethodPost, controlPath+command, "")
		if status != http.StatusBadRequest || !strings.Contains(body, want) || !strings.Contains(body, "COMMAND") {
			t.Errorf("%s: got %d %s, want %s and what there is", command, status, body, want)
		}
	}
	if status, body := r.send(http.MethodPost, controlPath+"outage", "", "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
		t.Errorf("a page in a browser sent a command: %d %s", status, body)
	}
	if got := r.ask("/workspaces/get"); got != http.StatusOK {
		t.Errorf("after refused commands, Seam responds with %d", got)
	}
}

// No request means one thing to Seam and another here.
func TestControl_routes(t *testing.T) {
	t.Parallel()
	r := newRehearsal(t)
	for _, route := range fakeseam.Routes() {
		if strings.HasPrefix(route, strings.TrimSuffix(controlPath, "/")) {
			t.Errorf("%s is a route of Seam", route)
		}
	}
	for path, ours := range map[string]bool{
		controlPath: true, "/_control": true, controlPath + "outage": true,
		"/_controls": false, "/workspaces/get": false, "/workspaces/_control/": false, "//_control/": false,
	} {
		r.ResetRequests()
		status, body := r.send(http.MethodGet, path, "")
		if isOurs := r.Count("") == 0; isOurs != ours || ours && (status != http.StatusOK || !strings.Contains(body, "lost-responses")) {
			t.Errorf("%s: got %d %s, want it to be a control route: %v", path, status, body, ours)
		}
	}
}

func TestRun_control(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"-control", "latency?for=1ms", "-control", "outage?status=500"}, io.Discard)
	if err != nil || len(o.control) != 2 || o.control[0].Path != "latency" || o.control[1].Query().Encode() != "status=500" {
		t.Errorf("got %v (%v)", o.control, err)
	}
	for _, args := range []string{"-control nonsense", "-control latency?for=soon"} {
		var out bytes.Buffer
		if err := run(t.Context(), strings.Fields(args), &out, io.Discard); err == nil || out.Len() > 0 {
			t.Errorf("%s: got %v and %s", args, err, &out)
		}
	}
}
