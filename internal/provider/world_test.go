package provider

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
)

const (
	addRoute     = "/user_identities/add_acs_user"
	removeRoute  = "/user_identities/remove_acs_user"
	getUserRoute = "/acs/users/get"
	getIdentity  = "/user_identities/get"
	getWorkspace = "/workspaces/get"
	linkAddress  = "seam_user_identity_acs_user.test"
	linkType     = "seam_user_identity_acs_user"
	strangeID    = "99999999-9999-4999-8999-999999999999"
)

// world is what a test plays in: an embedded Seam of its own, with one
// workspace, two access systems, and a few people who are both ACS users and
// user identities. Nobody is linked at first.
type world struct {
	*fakeseam.Server
	t         *testing.T
	url       string
	workspace fakeseam.Workspace
	system    fakeseam.System
	garage    fakeseam.System
	jane      fakeseam.ACSUser
	john      fakeseam.ACSUser
	janeID    fakeseam.UserIdentity
	johnID    fakeseam.UserIdentity
	staff     fakeseam.AccessGroup // of the first access system, as are the guests
	guests    fakeseam.AccessGroup
	kind      *kindOfLink // of janesLink
	env       map[string]string
	timesOut  string // a route whose requests get no answer in time
	semantics fakeseam.Semantics
	clock     *hurriedClock
}

func newWorld(t *testing.T) *world {
	t.Helper()
	server := fakeseam.New()
	running, err := server.Start()
	if err != nil {
		t.Fatalf("starting the embedded Seam: %s", err)
	}
	t.Cleanup(func() {
		if err := running.Close(); err != nil {
			t.Errorf("closing the embedded Seam: %s", err)
		}
	})
	return newWorldOf(t, server, running.URL)
}

// newWorldOf is newWorld for an embedded Seam that is reached there.
func newWorldOf(t *testing.T, server *fakeseam.Server, url string) *world {
	t.Helper()
	w := &world{Server: server, t: t, url: url, kind: linksToIdentities, env: map[string]string{}, clock: &hurriedClock{}}
	w.workspace = server.AddWorkspace("Harbour House")
	w.system = server.AddSystem(w.workspace.ID, "Salto HQ", "salto_ks_site")
	w.garage = server.AddSystem(w.workspace.ID, "Visionline Garage", "visionline_system")
	jane := fakeseam.Person{FullName: "Jane Doe", EmailAddress: "jane@example.com"}
	john := fakeseam.Person{FullName: "John Smith", EmailAddress: "john@example.com"}
	w.jane = server.AddACSUser(w.system.ID, jane)
	w.john = server.AddACSUser(w.system.ID, john)
	w.janeID = server.AddUserIdentity(w.workspace.ID, jane)
	w.johnID = server.AddUserIdentity(w.workspace.ID, john)
	return w
}

// factories gives Terraform a provider that runs in this process, hears of
// nothing but w.env, and does not wait for real.
func (w *world) factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"seam": func() (tfprotov6.ProviderServer, error) { return w.providerServer(), nil },
	}
}

func (w *world) providerServer() tfprotov6.ProviderServer {
	p := newProvider("test")
	p.getenv = func(name string) string { return w.env[name] }
	p.clock = w.clock
	p.transport = &impatient{world: w, next: p.transport}
	return releasingContexts(providerserver.NewProtocol6(p)()) // as it ships
}

// config is a configuration with a provider block for this world's workspace.
func (w *world) config(blocks ...string) string {
	return w.configWithKey(w.workspace.APIKey, blocks...)
}

func (w *world) configWithKey(apiKey string, blocks ...string) string {
	return fmt.Sprintf("provider \"seam\" {\n  endpoint = %q\n  api_key  = %q\n}\n\n", w.url, apiKey) + strings.Join(blocks, "\n")
}

// linkBlock is a link resource called name.
func linkBlock(name string, pair link.Pair) string {
	return fmt.Sprintf("resource %q %q {\n  %s = %q\n  acs_user_id = %q\n}\n", typeOf(pair), name, kindOf(pair).attribute, pair.TargetID, pair.ACSUserID)
}

// writes counts the requests that could have changed a link.
func (w *world) writes() int {
	return w.Count(addRoute) + w.Count(removeRoute) + w.Count(addMemberRoute) + w.Count(removeMemberRoute)
}

// wantHolder fails the test unless this identity, or none, holds the ACS user.
func (w *world) wantHolder(acsUserID, userIdentityID string) {
	w.t.Helper()
	if got := w.HolderOf(acsUserID); got != userIdentityID {
		w.t.Errorf("ACS user %s is linked to %q, want %q", acsUserID, got, userIdentityID)
	}
}

// wantNoWrites fails the test if a link could have been changed.
func (w *world) wantNoWrites() {
	w.t.Helper()
	if n := w.writes(); n != 0 {
		w.t.Errorf("%d writes were sent, want none", n)
	}
}

// wantNoRequests fails the test if Seam was asked anything.
func (w *world) wantNoRequests() {
	w.t.Helper()
	if requests := w.Requests(); len(requests) != 0 {
		w.t.Errorf("%d requests were sent, want none; the first is %s", len(requests), requests[0].Route)
	}
}

// act has f play an outside actor, once, when the nth request (from 1) to the
// route arrives and before it takes effect.
func (w *world) act(route string, nth int, f func()) {
	var mu sync.Mutex
	seen := 0
	w.OnRequest(func(r fakeseam.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Route != route {
			return
		}
		if seen++; seen == nth {
			f()
		}
	})
}

// setEnv adds to the environment that the provider sees.
func (w *world) setEnv(variables map[string]string) { maps.Copy(w.env, variables) }

// timeOut has the time of every request to a route be up at once, as if Seam had
// been silent for as long as an attempt takes.
func (w *world) timeOut(route string) { w.timesOut = route }

type impatient struct {
	world *world
	next  http.RoundTripper
}

func (i *impatient) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == i.world.timesOut {
		return nil, context.DeadlineExceeded
	}
	return i.next.RoundTrip(r)
}

// hurriedClock passes waits at once, and tells the time as if they had been
// waited. Waits for the same moment do not add up.
type hurriedClock struct {
	mu     sync.Mutex
	ahead  time.Duration
	onWait func(context.Context) // if set, called instead of passing the wait
}

func (c *hurriedClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *hurriedClock) Wait(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	c.ahead += d
	onWait := c.onWait
	c.mu.Unlock()
	if onWait != nil {
		onWait(ctx)
	}
	return ctx.Err()
}
