package provider

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// liveTests talk to a real workspace, and run only when asked to: make live. They create
// people of their own in a sandbox workspace, and delete them. live_unknowns_test.go
// has those that assert nothing.
var liveTests = map[string]func(*liveWorkspace){
	"link":            (*liveWorkspace).testLink,
	"membership":      (*liveWorkspace).testMembership,
	"people":          (*liveWorkspace).testPeople,
	"suspension":      (*liveWorkspace).testSuspension,
	"lookups":         (*liveWorkspace).testLookups,
	"unknown links":   (*liveWorkspace).askAboutLinks,
	"unknown people":  (*liveWorkspace).askAboutPeople,
	"unknown groups":  (*liveWorkspace).askAboutGroups,
	"unknown systems": (*liveWorkspace).askAboutSystems,
}

func TestLive(t *testing.T) {
	t.Parallel()
	if os.Getenv("SEAM_LIVE") == "" {
		t.Skip("talks to a real workspace: run make live with SEAM_API_KEY, or with SEAM_PERSONAL_ACCESS_TOKEN and SEAM_WORKSPACE_ID, of a sandbox workspace")
	}
	for name, test := range liveTests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newLiveWorkspace(t, os.Getenv, time.Sleep))
		})
	}
}

// The live tests pass against the embedded Seam, print the answers that it gives, and
// leave nobody behind, although requests are throttled and cleaning up fails at first.
func TestAccLive_rehearsal(t *testing.T) {
	t.Parallel()
	for name, rehearsal := range map[string]struct {
		semantics fakeseam.Semantics
		systems   func(body map[string]any) // edits the list of access systems
		answers   map[string]string
	}{
		"careful": {fakeseam.Semantics{}, nil, carefulAnswers},
		"rival": {fakeseam.Semantics{
			AddHeldElsewhere: fakeseam.AddHeldElsewhereMoves, AddHeldHere: fakeseam.AddHeldHereRefused, AddSecondInSystem: fakeseam.AddSecondInSystemBothStay,
			RemoveUnlinked: fakeseam.RemoveUnlinkedRefused, RemoveHeldElsewhere: fakeseam.RemoveHeldElsewhereCuts, StalePages: fakeseam.PagesStaleOnce,
			TakenValue: fakeseam.TakenValueExisting, SecondACSUser: fakeseam.SecondACSUserRefused, Memberships: fakeseam.MembershipsPendingHidden,
		}, disconnect, rivalAnswers},
	} {
		var mu sync.Mutex
		ran, answers, want := 0, map[string]string{}, maps.Clone(commonAnswers)
		maps.Copy(want, rehearsal.answers)
		t.Cleanup(func() { // after all tests
			for question := range want {
				if answers[question] != want[question] && ran == len(liveTests) {
					t.Errorf("%s: %s: the answer is %q, want %q", name, question, answers[question], want[question])
				}
			}
		})
		for test, run := range liveTests {
			t.Run(name+"/"+test, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.SetSemantics(rehearsal.semantics)
				w.AddAccessGroup(w.system.ID, "Staff")
				identities, users := len(w.UserIdentities(w.workspace.ID)), len(w.ACSUsers(w.workspace.ID))
				ours := func(r fakeseam.Request) bool { return !strings.Contains(r.Header.Get("User-Agent"), "Terraform") }
				w.Inject(fakeseam.Fault{Route: "/acs/users/create", Times: 1, Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": "7"}})
				w.Inject(fakeseam.Fault{Route: "/acs/users/delete", Times: 1, Match: ours, Status: http.StatusBadGateway, HTML: true})
				w.Inject(fakeseam.Fault{Route: "/user_identities/delete", Times: 1, Match: ours, Drop: fakeseam.DropBeforeEffect})
				w.Inject(fakeseam.Fault{Route: listSystemsRoute, Edit: rehearsal.systems})
				var waits []time.Duration
				t.Cleanup(func() { // after the test has cleaned up
					if left := len(w.UserIdentities(w.workspace.ID)) - identities; left != 0 {
						t.Errorf("%d user identities are left behind", left)
					}
					if left := len(w.ACSUsers(w.workspace.ID)) - users; left != 0 {
						t.Errorf("%d ACS users are left behind", left)
					}
					if n := len(waits); n < 3 || waits[0] != 7*time.Second || waits[n-2] != time.Second || waits[n-1] != time.Second {
						t.Errorf("the waits are %v, want 7s at first, and 1s for each of two deletions", waits)
					}
				})
				l := newLiveWorkspace(t, func(name string) string {
					return map[string]string{"SEAM_ENDPOINT": w.url, "SEAM_API_KEY": w.workspace.APIKey}[name]
				}, func(d time.Duration) { waits = append(waits, d) })
				run(l)
				mu.Lock()
				defer mu.Unlock()
				maps.Copy(answers, l.answers)
				ran++
			})
		}
	}
}

// disconnect has every access system report that its account is cut off.
func disconnect(body map[string]any) {
	systems, _ := body["acs_systems"].([]any)
	for _, system := range systems {
		system.(map[string]any)["errors"] = []any{map[string]any{"error_code": "account_disconnected"}}
	}
}

// liveWorkspace is a sandbox workspace, with two user identities and two ACS users of
// one access system that belong to the test.
type liveWorkspace struct {
	t             *testing.T
	getenv        func(string) string
	sleep         func(time.Duration)
	http          *http.Client
	endpoint      string
	token         string
	workspaceID   string // with a personal access token
	workspaceName string
	systemID      string
	jane, john    string                  // user identities
	card, fob     string                  // ACS users
	emails        map[string]string       // by id
	created       map[string][]liveRecord // by email address
	answers       map[string]string
}

// liveRecord is a person in Seam: the first part of the routes, and an id.
type liveRecord struct{ namespace, idField, id string }

const (
	usersNamespace      = "/acs/users"
	identitiesNamespace = "/user_identities"
)

func newLiveWorkspace(t *testing.T, getenv func(string) string, sleep func(time.Duration)) *liveWorkspace {
	t.Helper()
	access, problems := resolveAccess(providerModel{}, getenv)
	if len(problems) > 0 {
		t.Fatalf("the environment names no workspace: %s: %s", problems[0].summary, problems[0].detail)
	}
	transport := seam.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	l := &liveWorkspace{
		t: t, getenv: getenv, sleep: sleep, http: &http.Client{Transport: transport},
		endpoint: strings.TrimSuffix(access.endpoint.String(), "/"), token: access.token, workspaceID: access.workspaceHeader,
		emails: map[string]string{}, created: map[string][]liveRecord{}, answers: map[string]string{},
	}
	var workspace struct {
		Workspace struct {
			Name      string `json:"name"`
			IsSandbox bool   `json:"is_sandbox"`
		} `json:"workspace"`
	}
	l.read("/workspaces/get", nil, &workspace)
	l.workspaceName = workspace.Workspace.Name
	if !workspace.Workspace.IsSandbox {
		t.Fatalf("workspace %q is not a sandbox: this test creates and deletes people", l.workspaceName)
	}
	systems := l.systems()
	if len(systems) == 0 {
		t.Skipf("workspace %q has no access system: connect a sandbox one in the Seam Console first", l.workspaceName)
	}
	l.jane, l.john = l.newIdentity("Jane"), l.newIdentity("John")
	// Not every access system lets Seam create ACS users.
	var refusals []string
	for _, system := range systems {
		l.systemID = system.ACSSystemID
		var refusal *response
		if l.card, refusal = l.newACSUser("Card"); refusal == nil {
			l.fob, refusal = l.newACSUser("Fob")
		}
		if refusal == nil {
			t.Logf("workspace %q, access system %q", l.workspaceName, system.Name)
			return l
		}
		refusals = append(refusals, fmt.Sprintf("%q answered %s", system.Name, refusal))
	}
	t.Skipf("no access system of workspace %q lets two ACS users be created: %s", l.workspaceName, strings.Join(refusals, "; "))
	return nil
}

type liveSystem struct {
	ACSSystemID string `json:"acs_system_id"`
	Name        string `json:"name"`
	Errors      []struct {
		Code string `json:"error_code"`
	} `json:"errors"`
}

func (l *liveWorkspace) systems() []liveSystem {
	l.t.Helper()
	var out struct {
		ACSSystems []liveSystem `json:"acs_systems"`
	}
	l.read("/acs/systems/list", nil, &out)
	return out.ACSSystems
}

type body map[string]any

const unknownKey = "seam_no_such_key"

// response is what Seam answered. Without an answer, the status is 0, and errorType
// says why.
type response struct {
	status    int
	errorType string
	header    http.Header
	body      []byte
}

func (r response) String() string {
	if r.status == 0 {
		return r.errorType
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.status, r.errorType))
}

// mayPass reports whether the next attempt can have another result.
func (r response) mayPass() bool { return r.status == 0 || r.status >= 500 }

// post sends a request. A 429 answers no question: it waits, for five minutes in all.
func (l *liveWorkspace) post(path string, in body) response {
	l.t.Helper()
	for waited := time.Duration(0); ; {
		r := l.postOnce(path, in)
		if r.status != http.StatusTooManyRequests || waited > 5*time.Minute {
			return r
		}
		retryAfter := r.header.Get("Retry-After")
		l.t.Logf("unknown: a 429 answer: %s, with Retry-After %q", r, retryAfter)
		seconds, err := strconv.Atoi(retryAfter)
		if err != nil {
			seconds = 5
		}
		wait := time.Duration(max(seconds, 1)) * time.Second
		waited += wait
		l.sleep(wait)
	}
}

func (l *liveWorkspace) postOnce(path string, in body) response {
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
		return response{errorType: "no response: " + err.Error()}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 32<<20))
	if err != nil {
		return response{errorType: "no response: " + err.Error()}
	}
	var failure struct {
		Error struct {
			Type string `json:"type"`
		} `json:"error"`
	}
	_ = json.Unmarshal(text, &failure) // a success has none
	return response{resp.StatusCode, failure.Error.Type, resp.Header, text}
}

// persist is post that may be repeated: transient errors are retried, five times.
func (l *liveWorkspace) persist(path string, in body) response {
	l.t.Helper()
	r := l.post(path, in)
	for wait := time.Second; r.mayPass() && wait < 32*time.Second; wait *= 2 {
		l.sleep(wait)
		r = l.post(path, in)
	}
	return r
}

// read sends a request that changes nothing, and must succeed.
func (l *liveWorkspace) read(path string, in body, out any) {
	l.t.Helper()
	l.decode(path, l.persist(path, in), out)
}

func (l *liveWorkspace) decode(path string, r response, out any) {
	l.t.Helper()
	if r.status != http.StatusOK {
		l.t.Fatalf("%s: %s", path, r)
	}
	if err := json.Unmarshal(r.body, out); err != nil {
		l.t.Fatalf("%s: %s", path, err)
	}
}

// newEmail returns an email address. Whatever has it when the test ends is deleted.
func (l *liveWorkspace) newEmail(name string) string {
	l.t.Helper()
	email := strings.ToLower(fmt.Sprintf("terraform-live-%s-%s@example.com", name, rand.Text()[:8]))
	l.t.Cleanup(func() {
		records := slices.Concat(l.created[email], l.listed(email))
		// ACS users first: they go with the identity.
		slices.SortFunc(records, func(a, b liveRecord) int {
			return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.id, b.id))
		})
		for _, record := range slices.Compact(records) {
			if r := l.persist(record.namespace+"/delete", body{record.idField: record.id}); r.status != http.StatusOK && r.status != http.StatusNotFound {
				l.t.Errorf("%s %s is left behind: deleting it was answered with %s", record.idField, record.id, r)
			}
		}
	})
	return email
}

// listed returns who is listed with an email address and is not being deleted.
func (l *liveWorkspace) listed(email string) []liveRecord {
	l.t.Helper()
	type person struct {
		ACSUserID      string `json:"acs_user_id"`
		UserIdentityID string `json:"user_identity_id"`
		EmailAddress   string `json:"email_address"`
		Warnings       []struct {
			Code string `json:"warning_code"`
		} `json:"warnings"`
	}
	var users struct {
		People []person `json:"acs_users"`
	}
	var identities struct {
		People []person `json:"user_identities"`
	}
	l.read(usersNamespace+"/list", body{"search": email}, &users)
	l.read(identitiesNamespace+"/list", body{"search": email}, &identities)
	var records []liveRecord
	for _, p := range slices.Concat(users.People, identities.People) {
		beingDeleted := false
		for _, warning := range p.Warnings {
			beingDeleted = beingDeleted || warning.Code == "being_deleted"
		}
		switch {
		case !strings.EqualFold(p.EmailAddress, email) || beingDeleted:
		case p.ACSUserID != "":
			records = append(records, liveRecord{usersNamespace, "acs_user_id", p.ACSUserID})
		default:
			records = append(records, liveRecord{identitiesNamespace, "user_identity_id", p.UserIdentityID})
		}
	}
	return records
}

func (l *liveWorkspace) newIdentity(name string) string {
	l.t.Helper()
	email := l.newEmail(name)
	id, r := l.createIdentity(email, body{"full_name": "Terraform live test " + name, "email_address": email})
	if id == "" {
		l.t.Fatalf("%s/create: %s", identitiesNamespace, r)
	}
	return id
}

// createIdentity returns the id of what Seam answers, "" if that is an error.
func (l *liveWorkspace) createIdentity(email string, in body) (string, response) {
	l.t.Helper()
	var out struct {
		UserIdentity struct {
			ID string `json:"user_identity_id"`
		} `json:"user_identity"`
	}
	r := l.post(identitiesNamespace+"/create", in)
	if r.status == http.StatusOK {
		l.decode(identitiesNamespace+"/create", r, &out)
		l.remember(email, liveRecord{identitiesNamespace, "user_identity_id", out.UserIdentity.ID})
	}
	return out.UserIdentity.ID, r
}

// newACSUser returns a new ACS user, or how Seam refused to create it.
func (l *liveWorkspace) newACSUser(name string) (id string, refusal *response) {
	l.t.Helper()
	email := l.newEmail(name)
	id, r := l.createACSUser(email)
	if id == "" {
		return "", &r
	}
	return id, nil
}

func (l *liveWorkspace) createACSUser(email string) (string, response) {
	l.t.Helper()
	var out struct {
		ACSUser struct {
			ID string `json:"acs_user_id"`
		} `json:"acs_user"`
	}
	r := l.post(usersNamespace+"/create", body{"acs_system_id": l.systemID, "full_name": "Terraform live test", "email_address": email})
	if r.status == http.StatusOK {
		l.decode(usersNamespace+"/create", r, &out)
		l.remember(email, liveRecord{usersNamespace, "acs_user_id", out.ACSUser.ID})
	}
	return out.ACSUser.ID, r
}

func (l *liveWorkspace) remember(email string, record liveRecord) {
	l.created[email] = append(l.created[email], record)
	l.emails[record.id] = email
}

// accessGroup returns an access group of the access system, "" if there is none.
func (l *liveWorkspace) accessGroup() string {
	l.t.Helper()
	var out struct {
		Groups []struct {
			ID string `json:"acs_access_group_id"`
		} `json:"acs_access_groups"`
	}
	l.read("/acs/access_groups/list", body{"acs_system_id": l.systemID}, &out)
	if len(out.Groups) == 0 {
		return ""
	}
	return out.Groups[0].ID
}

// holder returns the user identity that an ACS user is linked to, or "nobody".
func (l *liveWorkspace) holder(user string) string {
	l.t.Helper()
	var out struct {
		ACSUser struct {
			UserIdentityID string `json:"user_identity_id"`
		} `json:"acs_user"`
	}
	l.read(getUserRoute, body{"acs_user_id": user}, &out)
	switch out.ACSUser.UserIdentityID {
	case l.jane:
		return "Jane"
	case l.john:
		return "John"
	}
	return cmp.Or(out.ACSUser.UserIdentityID, "nobody")
}

// wantHolder ends the test unless an ACS user becomes linked to an identity: what comes
// next would be another question.
func (l *liveWorkspace) wantHolder(user, want string) {
	l.t.Helper()
	l.wait(fmt.Sprintf("the ACS user is not linked to %s", want), func() bool { return l.holder(user) == want })
}

// wait ends the test unless something becomes so.
func (l *liveWorkspace) wait(otherwise string, is func() bool) {
	l.t.Helper()
	if _, ok := l.until(is); !ok {
		l.t.Fatal(otherwise)
	}
}

const patience = 30 * time.Second

// until returns how long it takes until something is so.
func (l *liveWorkspace) until(is func() bool) (waited time.Duration, ok bool) {
	for step := 500 * time.Millisecond; waited < patience; waited += step {
		if is() {
			return waited, true
		}
		l.sleep(step)
	}
	return waited, false
}

// unlink removes the links of both ACS users.
func (l *liveWorkspace) unlink() {
	l.t.Helper()
	for _, user := range []string{l.card, l.fob} {
		for _, identity := range []string{l.jane, l.john} {
			if l.holder(user) != "nobody" {
				l.remove(identity, user)
			}
		}
		l.wantHolder(user, "nobody")
	}
}

func (l *liveWorkspace) add(identity, user string) response {
	l.t.Helper()
	return l.post(addRoute, body{"user_identity_id": identity, "acs_user_id": user})
}

func (l *liveWorkspace) remove(identity, user string) response {
	l.t.Helper()
	return l.post(removeRoute, body{"user_identity_id": identity, "acs_user_id": user})
}

// run plays the steps with a provider in this process.
func (l *liveWorkspace) run(steps ...resource.TestStep) {
	l.t.Helper()
	provider := newProvider("live")
	provider.getenv, provider.transport = l.getenv, l.http.Transport
	resource.Test(l.t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"seam": func() (tfprotov6.ProviderServer, error) {
				return releasingContexts(providerserver.NewProtocol6(provider)()), nil
			},
		},
		Steps: steps,
	})
}

func (l *liveWorkspace) testLink() {
	pair := link.ToIdentity(l.jane, l.card)
	config := "provider \"seam\" {}\n\n" + linkBlock("test", pair)
	linkedTo := func(want string) statecheck.StateCheck {
		return inSeam(func() {
			if got := l.holder(l.card); got != want {
				l.t.Errorf("the ACS user is linked to %s, want %s", got, want)
			}
		})
	}
	l.run(
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{linkedTo("Jane")}},
		resource.TestStep{Config: config, ConfigPlanChecks: planned(linkAddress, plancheck.ResourceActionNoop)},
		resource.TestStep{ // removed outside Terraform
			PreConfig: func() {
				if r := l.remove(l.jane, l.card); r.status != http.StatusOK {
					l.t.Fatalf("%s: %s", removeRoute, r)
				}
			},
			Config:            config,
			ConfigPlanChecks:  planned(linkAddress, plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{linkedTo("Jane")},
		},
		resource.TestStep{
			ResourceName: linkAddress, ImportState: true, ImportStateId: importID(pair),
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "acs_user_id",
		},
		resource.TestStep{
			Config:      config + "\n" + linkBlock("taken", link.ToIdentity(l.john, l.card)),
			ExpectError: says(isHeldBy(l.card, l.jane)),
		},
		resource.TestStep{
			Config:      config + "\n" + linkBlock("missing", link.ToIdentity(l.john, strangeID)),
			ExpectError: says(fmt.Sprintf("There is no ACS user %s in workspace %q", strangeID, l.workspaceName)),
		},
		resource.TestStep{ // whatever Seam answers to an unknown key
			Config:      fmt.Sprintf("provider \"seam\" {\n  api_key = %q\n}\n\n", unknownKey) + linkBlock("test", pair),
			ExpectError: says("The link stays in state."),
		},
		resource.TestStep{Config: config, ConfigPlanChecks: planned(linkAddress, plancheck.ResourceActionNoop)},
		resource.TestStep{Config: "provider \"seam\" {}\n", ConfigStateChecks: []statecheck.StateCheck{linkedTo("nobody")}},
	)
	if got := l.holder(l.card); got != "nobody" {
		l.t.Errorf("the ACS user is still linked to %s", got)
	}
}

func (l *liveWorkspace) testMembership() {
	const address = "seam_acs_access_group_user.test"
	group := l.accessGroup()
	if group == "" {
		l.t.Skip("the access system has no access group")
	}
	config := fmt.Sprintf(`
provider "seam" {}

resource "seam_acs_access_group_user" "test" {
  acs_access_group_id = %q
  acs_user_id         = %q
}
`, group, l.card)
	// A change that is pending counts as made.
	becomes := func(member bool) func() {
		return func() {
			l.wait(fmt.Sprintf("the ACS user does not become a member: %t", member), func() bool { return l.isMember(group) == member || l.isPending() })
		}
	}
	l.run(
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{inSeam(becomes(true))}},
		resource.TestStep{Config: config, ConfigPlanChecks: planned(address, plancheck.ResourceActionNoop)},
		resource.TestStep{ // removed outside Terraform
			PreConfig: func() {
				if r := l.persist(usersNamespace+"/remove_from_access_group", body{"acs_access_group_id": group, "acs_user_id": l.card}); r.status != http.StatusOK {
					l.t.Fatalf("remove_from_access_group: %s", r)
				}
			},
			Config:            config,
			ConfigPlanChecks:  planned(address, plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{inSeam(becomes(true))},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: group + "/" + l.card,
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "acs_user_id",
		},
		resource.TestStep{Config: "provider \"seam\" {}\n", ConfigStateChecks: []statecheck.StateCheck{inSeam(becomes(false))}},
	)
}

// A person is created, linked, changed by Terraform and outside it, and deleted.
func (l *liveWorkspace) testPeople() {
	const identity, user = "seam_user_identity.ann", "seam_acs_user.ann"
	email := l.newEmail("Ann")
	config := func(name string) string {
		return fmt.Sprintf(`
provider "seam" {}

resource "seam_user_identity" "ann" {
  full_name         = %[1]q
  email_address     = %[2]q
  user_identity_key = %[2]q
}

resource "seam_acs_user" "ann" {
  acs_system_id = %[3]q
  full_name     = %[1]q
  email_address = %[2]q
}

resource "seam_user_identity_acs_user" "ann" {
  user_identity_id = seam_user_identity.ann.user_identity_id
  acs_user_id      = seam_acs_user.ann.acs_user_id
}
`, name, email, l.systemID)
	}
	changes := func(people, link plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(identity, people),
			plancheck.ExpectResourceAction(user, people),
			plancheck.ExpectResourceAction("seam_user_identity_acs_user.ann", link),
		}}
	}
	imported := func(address, id string) resource.TestStep {
		return resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: id,
			ImportStateVerifyIgnore: []string{"force_destroy"}, ImportStateIdFunc: func(state *tfstate.State) (string, error) {
				return state.RootModule().Resources[address].Primary.Attributes[id], nil
			},
		}
	}
	l.run(
		resource.TestStep{Config: config("Ann Lee"), ConfigPlanChecks: changes(plancheck.ResourceActionCreate, plancheck.ResourceActionCreate)},
		resource.TestStep{Config: config("Ann Lee"), ConfigPlanChecks: changes(plancheck.ResourceActionNoop, plancheck.ResourceActionNoop)},
		imported(identity, "user_identity_id"),
		imported(user, "acs_user_id"),
		resource.TestStep{Config: config("Ann Poe"), ConfigPlanChecks: changes(plancheck.ResourceActionUpdate, plancheck.ResourceActionNoop)},
		resource.TestStep{ // changed outside Terraform
			PreConfig: func() {
				l.wait("the list does not show the identity and the ACS user", func() bool { return len(l.listed(email)) == 2 })
				for _, record := range l.listed(email) {
					if r := l.post(record.namespace+"/update", body{record.idField: record.id, "full_name": "Ann Roe"}); r.status != http.StatusOK {
						l.t.Fatalf("%s/update: %s", record.namespace, r)
					}
				}
			},
			Config:           config("Ann Poe"),
			ConfigPlanChecks: changes(plancheck.ResourceActionUpdate, plancheck.ResourceActionNoop),
		},
		resource.TestStep{Config: config("Ann Poe"), ConfigPlanChecks: changes(plancheck.ResourceActionNoop, plancheck.ResourceActionNoop)},
	)
	l.wait("destroy has left someone behind", func() bool { return len(l.listed(email)) == 0 })
}

// Not every access system can suspend.
func (l *liveWorkspace) testSuspension() {
	email := l.newEmail("Sue")
	config := func(suspended bool) string {
		return fmt.Sprintf(`
provider "seam" {}

resource "seam_acs_user" "sue" {
  acs_system_id = %q
  full_name     = "Sue Lee"
  email_address = %q
  is_suspended  = %t
}
`, l.systemID, email, suspended)
	}
	step := func(suspended bool) resource.TestStep {
		return resource.TestStep{Config: config(suspended), ConfigStateChecks: []statecheck.StateCheck{inSeam(func() {
			var out struct {
				ACSUser struct {
					IsSuspended bool `json:"is_suspended"`
				} `json:"acs_user"`
			}
			l.wait("the list does not show the ACS user", func() bool { return len(l.listed(email)) == 1 })
			if l.read(getUserRoute, body{"acs_user_id": l.listed(email)[0].id}, &out); out.ACSUser.IsSuspended != suspended {
				l.t.Errorf("is_suspended is %t, want %t", out.ACSUser.IsSuspended, suspended)
			}
		})}}
	}
	l.run(step(false), step(true), step(false))
}

func (l *liveWorkspace) testLookups() {
	for _, id := range []string{l.card, l.jane} {
		l.wait("the list does not show "+id, func() bool { return len(l.listed(l.emails[id])) == 1 })
	}
	l.run(resource.TestStep{
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
	})
}
