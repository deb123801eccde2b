package provider

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seamapi/terraform-provider-seam/internal/link"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// The tests in this file talk to a real workspace, and so run only when they are
// asked to: make live. They make people of their own in a sandbox workspace, and
// delete them again. Besides, they answer what Seam's documentation leaves open,
// in lines that begin with "ANSWER"; nothing is asserted of those.

// liveWorkspace is a sandbox workspace, with two user identities and two ACS users
// of one access system that belong to the test.
type liveWorkspace struct {
	t             *testing.T
	http          *http.Client
	endpoint      string
	token         string
	workspaceID   string // with a personal access token
	workspaceName string
	systemID      string
	jane, john    string            // user identities
	card, fob     string            // ACS users
	emails        map[string]string // by id
}

func newLiveWorkspace(t *testing.T) *liveWorkspace {
	t.Helper()
	if os.Getenv("SEAM_LIVE") == "" {
		t.Skip("talks to a real workspace: run make live with SEAM_API_KEY, or with SEAM_PERSONAL_ACCESS_TOKEN and SEAM_WORKSPACE_ID, of a sandbox workspace")
	}
	access, problems := resolveAccess(providerModel{}, os.Getenv)
	if len(problems) > 0 {
		t.Fatalf("the environment names no workspace: %s: %s", problems[0].summary, problems[0].detail)
	}
	transport := seam.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	l := &liveWorkspace{t: t, http: &http.Client{Transport: transport}, emails: map[string]string{}, endpoint: strings.TrimSuffix(access.endpoint.String(), "/"), token: access.token, workspaceID: access.workspaceHeader}

	var workspace struct {
		Workspace struct {
			Name      string `json:"name"`
			IsSandbox bool   `json:"is_sandbox"`
		} `json:"workspace"`
	}
	l.must("/workspaces/get", nil, &workspace)
	if !workspace.Workspace.IsSandbox {
		t.Fatalf("workspace %q is not a sandbox: this test makes and deletes people", workspace.Workspace.Name)
	}
	var systems struct {
		ACSSystems []struct {
			ACSSystemID string `json:"acs_system_id"`
			Name        string `json:"name"`
		} `json:"acs_systems"`
	}
	l.must("/acs/systems/list", nil, &systems)
	if len(systems.ACSSystems) == 0 {
		t.Skipf("workspace %q has no access system: connect a sandbox one in the Seam Console first", workspace.Workspace.Name)
	}
	l.workspaceName = workspace.Workspace.Name
	l.jane, l.john = l.newIdentity("Jane"), l.newIdentity("John")
	// Not every access system takes ACS users from Seam.
	var refusals []string
	for _, system := range systems.ACSSystems {
		l.systemID = system.ACSSystemID
		var refused string
		if l.card, refused = l.newACSUser("Card"); refused == "" {
			l.fob, refused = l.newACSUser("Fob")
		}
		if refused == "" {
			t.Logf("workspace %q, access system %q", l.workspaceName, system.Name)
			return l
		}
		refusals = append(refusals, fmt.Sprintf("%q answered %s", system.Name, refused))
	}
	t.Skipf("no access system of workspace %q lets two ACS users be created: %s", l.workspaceName, strings.Join(refusals, "; "))
	return nil
}

type body map[string]any

const unknownKey = "seam_no_such_key"

// post sends a request and returns the status, the type of an error, and the
// answer. While Seam asks to wait, it waits: a 429 is no answer to a question.
// Without an answer the status is 0, and errorType says why.
func (l *liveWorkspace) post(path string, in body) (status int, errorType string, answer []byte) {
	l.t.Helper()
	for range 5 {
		var header http.Header
		if status, errorType, answer, header = l.postOnce(path, in); status != http.StatusTooManyRequests {
			break
		}
		l.t.Logf("ANSWER a 429 is: %s, with Retry-After %q", words(status, errorType, nil), header.Get("Retry-After"))
		wait, err := strconv.Atoi(header.Get("Retry-After"))
		if err != nil {
			wait = 5
		}
		time.Sleep(min(time.Duration(wait)*time.Second, time.Minute))
	}
	return status, errorType, answer
}

func (l *liveWorkspace) postOnce(path string, in body) (status int, errorType string, answer []byte, header http.Header) {
	l.t.Helper()
	if in == nil {
		in = body{}
	}
	encoded, err := json.Marshal(in)
	if err != nil {
		l.t.Fatal(err)
	}
	// Cleaning up goes on when the test's own context has ended.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.t.Context()), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.endpoint+path, bytes.NewReader(encoded))
	if err != nil {
		l.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+l.token)
	req.Header.Set("Content-Type", "application/json")
	if l.workspaceID != "" {
		req.Header.Set("Seam-Workspace", l.workspaceID)
	}
	resp, err := l.http.Do(req)
	if err != nil {
		return 0, "no answer: " + err.Error(), nil, nil
	}
	defer resp.Body.Close()
	if answer, err = io.ReadAll(io.LimitReader(resp.Body, 32<<20)); err != nil {
		return 0, "no answer: " + err.Error(), nil, nil
	}
	var failure struct {
		Error struct {
			Type string `json:"type"`
		} `json:"error"`
	}
	_ = json.Unmarshal(answer, &failure) // a success has none
	return resp.StatusCode, failure.Error.Type, answer, resp.Header
}

func (l *liveWorkspace) must(path string, in body, out any) {
	l.t.Helper()
	status, errorType, answer := l.post(path, in)
	if status != http.StatusOK {
		l.t.Fatalf("%s: %s", path, words(status, errorType, nil))
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(answer, out); err != nil {
		l.t.Fatalf("%s: %s", path, err)
	}
}

func (l *liveWorkspace) newIdentity(name string) string {
	l.t.Helper()
	var out struct {
		UserIdentity struct {
			ID string `json:"user_identity_id"`
		} `json:"user_identity"`
	}
	email := liveEmail(name)
	l.must("/user_identities/create", body{"full_name": "Terraform live test " + name, "email_address": email}, &out)
	l.emails[out.UserIdentity.ID] = email
	l.t.Cleanup(func() { l.cleanUp("/user_identities/delete", body{"user_identity_id": out.UserIdentity.ID}) })
	return out.UserIdentity.ID
}

// newACSUser returns a new ACS user, or how Seam refused to create it.
func (l *liveWorkspace) newACSUser(name string) (id, refused string) {
	l.t.Helper()
	var out struct {
		ACSUser struct {
			ID string `json:"acs_user_id"`
		} `json:"acs_user"`
	}
	email := liveEmail(name)
	status, errorType, answer := l.post("/acs/users/create", body{"acs_system_id": l.systemID, "full_name": "Terraform live test " + name, "email_address": email})
	if status != http.StatusOK {
		return "", words(status, errorType, nil)
	}
	if err := json.Unmarshal(answer, &out); err != nil || out.ACSUser.ID == "" {
		l.t.Fatalf("/acs/users/create answered no ACS user: %v", err)
	}
	l.emails[out.ACSUser.ID] = email
	// Registered after the identities, so deleted before them.
	l.t.Cleanup(func() { l.cleanUp("/acs/users/delete", body{"acs_user_id": out.ACSUser.ID}) })
	return out.ACSUser.ID, ""
}

func liveEmail(name string) string {
	return strings.ToLower(fmt.Sprintf("terraform-live-%s-%s@example.com", name, rand.Text()[:8]))
}

func (l *liveWorkspace) cleanUp(path string, in body) {
	var status int
	var errorType string
	for range 3 {
		if status, errorType, _ = l.post(path, in); status == http.StatusOK || status == http.StatusNotFound {
			return
		}
		time.Sleep(time.Second)
	}
	l.t.Errorf("cleaning up: %s: %s for %v, which is left behind", path, words(status, errorType, nil), in)
}

func (l *liveWorkspace) add(identity, user string) string {
	l.t.Helper()
	return words(l.post(addRoute, body{"user_identity_id": identity, "acs_user_id": user}))
}

func (l *liveWorkspace) remove(identity, user string) string {
	l.t.Helper()
	return words(l.post(removeRoute, body{"user_identity_id": identity, "acs_user_id": user}))
}

// words says how a request was answered.
func words(status int, errorType string, _ []byte) string {
	if status == 0 {
		return errorType
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, errorType))
}

// holder returns the user identity that an ACS user is linked to, or "nobody".
func (l *liveWorkspace) holder(user string) string {
	l.t.Helper()
	var out struct {
		ACSUser struct {
			UserIdentityID string `json:"user_identity_id"`
		} `json:"acs_user"`
	}
	l.must(getUserRoute, body{"acs_user_id": user}, &out)
	switch out.ACSUser.UserIdentityID {
	case l.jane:
		return "Jane"
	case l.john:
		return "John"
	}
	return cmp.Or(out.ACSUser.UserIdentityID, "nobody")
}

// wantHolder ends the test when the stage is not set for the question that comes
// next: its answer would be one to another question.
func (l *liveWorkspace) wantHolder(user, want string) {
	l.t.Helper()
	if got := l.holder(user); got != want {
		l.t.Fatalf("the ACS user is linked to %s, want %s: what comes next cannot be asked", got, want)
	}
}

// rawHolder says how the API writes who an ACS user is linked to.
func (l *liveWorkspace) rawHolder(user string) string {
	l.t.Helper()
	var out struct {
		ACSUser map[string]json.RawMessage `json:"acs_user"`
	}
	l.must(getUserRoute, body{"acs_user_id": user}, &out)
	if raw, there := out.ACSUser["user_identity_id"]; there {
		return string(raw)
	}
	return "absent"
}

// free unlinks both ACS users.
func (l *liveWorkspace) free() {
	l.t.Helper()
	for user, name := range map[string]string{l.card: "card", l.fob: "fob"} {
		for _, identity := range []string{l.jane, l.john} {
			if l.holder(user) != "nobody" {
				l.remove(identity, user)
			}
		}
		if holder := l.holder(user); holder != "nobody" {
			l.t.Fatalf("%s cannot be taken from %s", name, holder)
		}
	}
}

func TestLiveLink(t *testing.T) { //nolint:paralleltest // one sandbox, one test at a time
	l := newLiveWorkspace(t)
	pair := link.Pair{UserIdentityID: l.jane, ACSUserID: l.card}
	config := "provider \"seam\" {}\n\n" + linkBlock("test", pair)
	heldBy := func(want string) statecheck.StateCheck {
		return inSeam(func() {
			if got := l.holder(l.card); got != want {
				t.Errorf("Seam says that the ACS user is linked to %s, want %s", got, want)
			}
		})
	}
	provider := newProvider("live")
	provider.transport = l.http.Transport
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"seam": providerserver.NewProtocol6WithError(provider),
		},
		Steps: []resource.TestStep{
			{Config: config, ConfigStateChecks: []statecheck.StateCheck{heldBy("Jane")}},
			{Config: config, ConfigPlanChecks: planned(linkAddress, plancheck.ResourceActionNoop)},
			{ // removed outside Terraform
				PreConfig:         func() { l.must(removeRoute, body{"user_identity_id": l.jane, "acs_user_id": l.card}, nil) },
				Config:            config,
				ConfigPlanChecks:  planned(linkAddress, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{heldBy("Jane")},
			},
			{
				ResourceName: linkAddress, ImportState: true, ImportStateId: importID(pair),
				ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "acs_user_id",
			},
			{
				Config:      config + "\n" + linkBlock("taken", link.Pair{UserIdentityID: l.john, ACSUserID: l.card}),
				ExpectError: says(isHeldBy(l.card, l.jane)),
			},
			{
				Config:      config + "\n" + linkBlock("missing", link.Pair{UserIdentityID: l.john, ACSUserID: strangeID}),
				ExpectError: says(fmt.Sprintf("There is no ACS user %s in workspace %q", strangeID, l.workspaceName)),
			},
			{ // whatever it is that Seam answers to a key that it does not know
				Config:      fmt.Sprintf("provider \"seam\" {\n  api_key = %q\n}\n\n", unknownKey) + linkBlock("test", pair),
				ExpectError: says("The link stays in state."),
			},
			{Config: config, ConfigPlanChecks: planned(linkAddress, plancheck.ResourceActionNoop)},
			{Config: "provider \"seam\" {}\n", ConfigStateChecks: []statecheck.StateCheck{heldBy("nobody")}},
		},
	})
	if holder := l.holder(l.card); holder != "nobody" {
		t.Errorf("the ACS user is still linked to %s", holder)
	}
}

func TestLiveLookups(t *testing.T) { //nolint:paralleltest // one sandbox, one test at a time
	l := newLiveWorkspace(t)
	provider := newProvider("live")
	provider.transport = l.http.Transport
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"seam": providerserver.NewProtocol6WithError(provider),
		},
		Steps: []resource.TestStep{{
			Config: fmt.Sprintf(`
				provider "seam" {}
				data "seam_workspace" "this" {}
				data "seam_acs_system" "this" {
				  acs_system_id = %q
				}
				data "seam_acs_user" "card" {
				  acs_system_id = data.seam_acs_system.this.acs_system_id
				  email_address = %q
				}
				data "seam_user_identity" "jane" {
				  email_address = %q
				}
				data "seam_acs_users" "all" {
				  acs_system_id = data.seam_acs_system.this.acs_system_id
				}
				`, l.systemID, strings.ToUpper(l.emails[l.card]), l.emails[l.jane]),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.seam_workspace.this", tfjsonpath.New("is_sandbox"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue("data.seam_acs_user.card", tfjsonpath.New("acs_user_id"), knownvalue.StringExact(l.card)),
				statecheck.ExpectKnownValue("data.seam_user_identity.jane", tfjsonpath.New("user_identity_id"), knownvalue.StringExact(l.jane)),
				statecheck.ExpectKnownValue("data.seam_acs_users.all", tfjsonpath.New("acs_users"), knownvalue.ListPartial(nil)),
			},
		}},
	})
}

func TestLiveUnknowns(t *testing.T) { //nolint:paralleltest // one sandbox, one test at a time
	l := newLiveWorkspace(t)

	t.Logf("ANSWER an ACS user that was never linked has user_identity_id: %s", l.rawHolder(l.card))
	t.Logf("ANSWER add to an unlinked ACS user: %s", l.add(l.jane, l.card))
	l.wantHolder(l.card, "Jane")
	t.Logf("ANSWER add when it is linked to this identity already: %s", l.add(l.jane, l.card))
	t.Logf("ANSWER add when it is linked to another identity: %s, and then it is linked to %s (Jane before, John asked for)", l.add(l.john, l.card), l.holder(l.card))

	l.free()
	l.add(l.jane, l.card)
	l.wantHolder(l.card, "Jane")
	t.Logf("ANSWER add when the identity has another ACS user in the same access system: %s, and then the first is linked to %s and the second to %s",
		l.add(l.jane, l.fob), l.holder(l.card), l.holder(l.fob))

	l.free()
	t.Logf("ANSWER remove when the ACS user is not linked: %s", l.remove(l.jane, l.card))
	l.add(l.john, l.card)
	l.wantHolder(l.card, "John")
	t.Logf("ANSWER remove when it is linked to another identity: %s, and then it is linked to %s (John before, Jane asked for)", l.remove(l.jane, l.card), l.holder(l.card))

	l.free()
	t.Logf("ANSWER add of no such ACS user: %s", l.add(l.jane, strangeID))
	t.Logf("ANSWER add to no such identity: %s", l.add(strangeID, l.card))
	t.Logf("ANSWER remove of no such ACS user: %s", l.remove(l.jane, strangeID))
	t.Logf("ANSWER remove from no such identity: %s", l.remove(strangeID, l.card))
	t.Logf("ANSWER an ACS user that was linked once has user_identity_id: %s", l.rawHolder(l.card))
	for _, question := range []struct {
		name, path string
		in         body
		expected   string
	}{
		{"get of no such ACS user", getUserRoute, body{"acs_user_id": strangeID}, "404 acs_user_not_found"},
		{"get of no such identity", getIdentity, body{"user_identity_id": strangeID}, "404 user_identity_not_found"},
		{"get of what is no UUID", getUserRoute, body{"acs_user_id": "jane"}, "400 invalid_input"},
	} {
		got := words(l.post(question.path, question.in))
		t.Logf("ANSWER %s: %s, expected %s: %t", question.name, got, question.expected, got == question.expected)
	}
	stranger := *l
	stranger.token = unknownKey
	for _, path := range []string{getUserRoute, getWorkspace} {
		t.Logf("ANSWER %s with an unknown API key: %s, expected 401", path, words(stranger.post(path, body{"acs_user_id": l.card})))
	}

	l.add(l.jane, l.card)
	l.wantHolder(l.card, "Jane")
	t.Logf("ANSWER a list page shows a link that was added a moment ago: %s", l.untilListed(l.jane))
	l.remove(l.jane, l.card)
	t.Logf("ANSWER a list page shows a link that was removed a moment ago: %s", l.untilListed(""))
}

// untilListed says how long the list took to show who holds the card.
func (l *liveWorkspace) untilListed(want string) string {
	l.t.Helper()
	const patience = 30 * time.Second
	for began := time.Now(); time.Since(began) < patience; time.Sleep(500 * time.Millisecond) {
		var page struct {
			ACSUsers []struct {
				ACSUserID      string `json:"acs_user_id"`
				UserIdentityID string `json:"user_identity_id"`
			} `json:"acs_users"`
		}
		asked := time.Since(began)
		l.must(listUsersRoute, body{"acs_system_id": l.systemID, "search": l.card}, &page)
		for _, user := range page.ACSUsers {
			if user.ACSUserID == l.card && user.UserIdentityID == want {
				return fmt.Sprintf("in a page that was asked for after %s", asked.Round(10*time.Millisecond))
			}
		}
	}
	return fmt.Sprintf("not within %s", patience)
}
