package contract

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// A world is an embedded Seam behind a checker, with one object of each form on the wire.
type world struct {
	*checker
	seam *fakeseam.Server
	url  *url.URL

	workspace  fakeseam.Workspace
	token      string // Reaches the workspace.
	system     fakeseam.System
	jane, john fakeseam.UserIdentity // Jane with all fields, John with a name only.
	formerJane fakeseam.UserIdentity // Merged into Jane.
	unmanaged  fakeseam.UserIdentity // Linked to an ACS user.

	linked   fakeseam.ACSUser // To Jane.
	free     fakeseam.ACSUser // Not linked, and without any personal data.
	deleting fakeseam.ACSUser

	group fakeseam.AccessGroup // linked is its member
}

func newWorld(t *testing.T) *world {
	t.Helper()
	spec := seamSpec(t)

	s := fakeseam.New()
	w := &world{seam: s, checker: &checker{spec: spec, next: s}}
	w.workspace = s.AddWorkspace("Hotel")
	w.token = s.AddToken(w.workspace.ID)
	w.system = s.AddSystem(w.workspace.ID, "Front door", "salto_ks_site")

	jane := fakeseam.Person{
		FullName: "Jane Doe", EmailAddress: "jane@example.com", PhoneNumber: "+15555550100", Key: "jane",
	}
	w.jane = s.AddUserIdentity(w.workspace.ID, jane)
	w.john = s.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "John"})
	w.formerJane = s.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Jane D.", Key: "former-jane"})
	s.MergeUserIdentities(w.jane.ID, w.formerJane.ID)
	s.MarkUserIdentityBeingDeleted(s.AddUserIdentity(w.workspace.ID, fakeseam.Person{}).ID)

	w.linked = s.AddACSUser(w.system.ID, jane)
	s.Link(w.jane.ID, w.linked.ID)
	w.unmanaged = s.AddUnmanagedUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Visitor", EmailAddress: "visitor@example.com"})
	s.Link(w.unmanaged.ID, s.AddACSUser(w.system.ID, fakeseam.Person{FullName: "Visitor"}).ID)
	w.free = s.AddACSUser(w.system.ID, fakeseam.Person{})
	w.deleting = s.AddACSUser(w.system.ID, fakeseam.Person{FullName: "Leaving"})
	s.MarkACSUserBeingDeleted(w.deleting.ID)
	w.group = s.AddAccessGroup(w.system.ID, "Staff")
	s.AddToGroup(w.group.ID, w.linked.ID)

	server := httptest.NewServer(w.checker)
	t.Cleanup(server.Close)
	endpoint, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	w.url = endpoint
	return w
}

// leaver adds an ACS user that a request may delete, linked to an identity.
func (w *world) leaver() fakeseam.ACSUser {
	leaver := fakeseam.Person{FullName: "Leaver"}
	u := w.seam.AddACSUser(w.system.ID, leaver)
	u.UserIdentityID = w.seam.AddUserIdentity(w.workspace.ID, leaver).ID
	w.seam.Link(u.UserIdentityID, u.ID)
	return u
}

// expectExercised fails unless each route had both a success and a refusal.
func expectExercised(t *testing.T, exchanges []exchange, routes []string) {
	t.Helper()
	type outcome struct {
		route    string
		answered bool
	}
	seen := map[outcome]bool{}
	for _, e := range exchanges {
		seen[outcome{e.path, e.status == http.StatusOK}] = true
	}
	for _, route := range routes {
		if !seen[outcome{route, true}] {
			t.Errorf("%s: no request to it succeeded", route)
		}
		if !seen[outcome{route, false}] {
			t.Errorf("%s: no request to it was refused", route)
		}
	}
}
