package testbed

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

func TestReadMessages(t *testing.T) {
	t.Parallel()
	const overrides = `{"@message":"Warning: …","type":"diagnostic","diagnostic":{"severity":"warning","summary":"Provider development overrides are in effect"}}`
	const linked = `{"@message":"Warning: linked","type":"diagnostic","diagnostic":{"severity":"warning","summary":"linked","detail":"to John","address":"a.b"}}`
	r := Result{Exit: 1, Messages: ReadMessages(strings.Join([]string{
		"Something that is not JSON",
		overrides,
		`{"@message":"Plan: 1 to add","@timestamp":"2026-11-01T10:00:00.5Z","type":"change_summary","changes":{"add":1,"operation":"plan"}}`,
		linked,
		linked,
		`{"@message":"Apply complete!","type":"change_summary","changes":{"add":1,"import":3,"change":0,"remove":2,"operation":"apply"}}`,
		`{"@message":"Error: no","type":"diagnostic","diagnostic":{"severity":"error","summary":"no","detail":"It is\n  linked.","address":"a.b"}}`,
		`{"cut": `,
	}, "\n"))}
	if got, want := r.Changes(), (Changes{Import: 3, Add: 1, Remove: 2, Operation: "apply"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := r.Messages[1]; got.Text != "Plan: 1 to add" || got.Time.Nanosecond() != 5e8 {
		t.Errorf("got %+v", got)
	}
	if got := r.Warnings(); len(got) != 1 || got[0].Summary != "linked" {
		t.Errorf("got the warnings %v", got)
	}
	if got := r.Errors(); len(got) != 1 || got[0].Text() != "no\nIt is\n  linked." || got[0].String() != "a.b no | It is linked." {
		t.Errorf("got the errors %v", got)
	}
	if got, want := r.Err().Error(), "exit status 1\na.b no | It is linked."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestResult_Err_withoutDiagnostics(t *testing.T) {
	t.Parallel()
	if err := (Result{Exit: -1, Output: "Segmentation fault"}).Err(); err == nil || !strings.Contains(err.Error(), "Segmentation fault") {
		t.Errorf("got %v", err)
	}
	if err := (Result{Output: "Segmentation fault"}).Err(); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestReadResources(t *testing.T) {
	t.Parallel()
	const links = `{"mode":"managed","type":"seam_user_identity_acs_user","name":"all","instances":[
		{"index_key":"jane","attributes":{"user_identity_id":"jane","acs_user_id":"jane-salto"}},
		{"index_key":"john","status":"tainted","attributes":{"user_identity_id":"john","acs_user_id":"john-salto"}},
		{"index_key":"wei","deposed":"00000001","attributes":{"user_identity_id":"john","acs_user_id":"wei-salto"}}]}`
	const user = `{"module":"module.lobby","mode":"managed","type":"seam_acs_user","name":"ann","instances":[{"attributes":{"email_address":null}}]}`
	const data = `{"mode":"data","type":"seam_workspace","name":"this","instances":[{"attributes":{"user_identity_id":"no"}}]}`
	resources, err := readResources([]byte(`{"version":4,"resources":[` + data + `,` + links + `,` + user + `]}`))
	var addresses []string
	for _, r := range resources {
		addresses = append(addresses, r.Address)
	}
	wantAddresses := []string{
		`seam_user_identity_acs_user.all["jane"]`, `seam_user_identity_acs_user.all["john"]`,
		`seam_user_identity_acs_user.all["wei"]`, "module.lobby.seam_acs_user.ann",
	}
	if err != nil || !slices.Equal(addresses, wantAddresses) || resources[3].Text("email_address") != "" {
		t.Fatalf("got %v (%v), want %v", resources, err, wantAddresses)
	}
	got, err := linksOf(resources[:3])
	want := []StateLink{
		{Link: fakeseam.Link{UserIdentityID: "jane", ACSUserID: "jane-salto"}},
		{Link: fakeseam.Link{UserIdentityID: "john", ACSUserID: "john-salto"}, Tainted: true},
		{Link: fakeseam.Link{UserIdentityID: "john", ACSUserID: "wei-salto"}, Deposed: true},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
	if got, err := linksOf(resources); err == nil {
		t.Errorf("another resource is among the links %v", got)
	}
	for _, content := range []string{`{"resources":[`, ""} {
		if got, err := readResources([]byte(content)); err == nil {
			t.Errorf("%s: got %v", content, got)
		}
	}
}

func TestCLI_RestoreState(t *testing.T) {
	t.Parallel()
	c := &CLI{WorkDir: t.TempDir()}
	for _, test := range []struct{ state, backup, want string }{
		{`{"serial":2}`, `{"serial":1}`, `{"serial":2}`},
		{`{"serial":`, `{"serial":1}`, `{"serial":1}`},
	} {
		err := errors.Join(c.Write(StateFile, test.state), c.Write(StateFile+".backup", test.backup), c.RestoreState())
		if got, readErr := os.ReadFile(filepath.Join(c.WorkDir, StateFile)); err != nil || readErr != nil || string(got) != test.want {
			t.Errorf("%s became %s (%v, %v)", test.state, got, err, readErr)
		}
	}
}
