package testbed

import (
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

func TestMain(m *testing.M) { Tests{m}.Run() }

func TestEnvironment(t *testing.T) {
	t.Parallel()
	got := environment(
		[]string{"PATH=/bin", "Temp=/t", "TF_VAR_x=1", "TF_WORKSPACE=live", "seam_api_key=secret", "SEAM_WORKSPACE_ID=live", "EQUALS=a=b"},
		map[string]string{"TEMP": "/dir", "SEAM_API_KEY": "ours"},
	)
	want := map[string]string{"PATH": "/bin", "EQUALS": "a=b", "TEMP": "/dir", "SEAM_API_KEY": "ours"}
	if !maps.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestFind(t *testing.T) {
	named, first, second := program(t, "named"), program(t, "terraform"), program(t, "tofu")
	t.Setenv("PATH", filepath.Dir(second)+string(os.PathListSeparator)+filepath.Dir(first))
	t.Setenv("TF_ACC_TERRAFORM_PATH", "")
	t.Setenv("TF_ACC_TERRAFORM_VERSION", "")
	find := func(path, want string) {
		t.Helper()
		got, err := Find(t.Context(), path, t.TempDir(), io.Discard)
		if err != nil || got != want {
			t.Errorf("got %q (%v), want %q", got, err, want)
		}
	}
	refuse := func(path, want string) {
		t.Helper()
		if got, err := Find(t.Context(), path, t.TempDir(), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %q (%v), want an error that names %s", got, err, want)
		}
	}
	find("", first)
	t.Setenv("TF_ACC_TERRAFORM_VERSION", "newest")
	refuse("", "TF_ACC_TERRAFORM_VERSION")
	t.Setenv("TF_ACC_TERRAFORM_PATH", second)
	find("", second)
	find(named, named)
	t.Setenv("TF_ACC_TERRAFORM_PATH", "")
	t.Setenv("TF_ACC_TERRAFORM_VERSION", "")
	t.Setenv("PATH", filepath.Dir(second))
	find("", second)

	// Nothing else is run instead of a path that is set.
	for _, path := range []string{named + "x", t.TempDir()} {
		refuse(path, path)
	}
	t.Setenv("TF_ACC_TERRAFORM_PATH", named+"x")
	refuse("", "TF_ACC_TERRAFORM_PATH")
}

// program returns the path of a program called name that prints these lines.
func program(t *testing.T, name string, lines ...string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path := filepath.Join(t.TempDir(), name)
	script := "#!/bin/sh\n"
	for _, line := range lines {
		script += "echo '" + line + "'\n"
	}
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNew_notTerraform(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(t.Context(), Setup{Path: path, BinDir: t.TempDir(), Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "is neither Terraform nor OpenTofu") {
		t.Errorf("got %v", err)
	}
}

// A CLI that is built from source has a version such as v1.16.0-dev.
func TestNew_version(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not run scripts")
	}
	for line, want := range map[string][2]string{ // name, and the newest of the versions below that it has
		"Terraform v1.11.4":     {"terraform", "1.11"},
		"Terraform v1.16.0-dev": {"terraform", "1.16"},
		"OpenTofu v1.13.0-dev":  {"tofu", "1.13"},
		"OpenTofu v1.12.0-rc1":  {"tofu", "1.12"},
	} {
		c, err := New(t.Context(), Setup{Path: program(t, "cli", line, "on linux_amd64"), Dir: t.TempDir()})
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		newest := ""
		for _, v := range []string{"1.11", "1.12", "1.13", "1.16", "1.17"} {
			terraform, tofu := v, ""
			if c.Name == "tofu" {
				terraform, tofu = tofu, terraform
			}
			if c.AtLeast(terraform, tofu) {
				newest = v
			}
			if c.AtLeast(tofu, terraform) {
				t.Errorf("%s has what its sibling alone has", line)
			}
		}
		if c.Version != line || c.Name != want[0] || newest != want[1] {
			t.Errorf("%s: got %s, %s, %s, want %v", line, c.Version, c.Name, newest, want)
		}
	}
	for _, line := range []string{"Terraform", "Terraform vdev", "OpenBao v2.0.0"} {
		_, err := New(t.Context(), Setup{Path: program(t, "cli", line), Dir: t.TempDir()})
		if err == nil || !strings.Contains(err.Error(), line) {
			t.Errorf("%s: got %v", line, err)
		}
	}
}

func TestBuild_failure(t *testing.T) {
	t.Parallel()
	_, err := Build(t.Context(), t.TempDir(), t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "go.mod") {
		t.Errorf("got %v", err)
	}
}

func TestRepositoryRoot(t *testing.T) {
	t.Parallel()
	root, err := RepositoryRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "internal", "testbed", "cli_test.go")); err != nil {
		t.Error(err)
	}
}

func TestNonInteractive(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"apply -json tfplan": "apply -input=false -no-color -auto-approve -json tfplan",
		"plan":               "plan -input=false -no-color",
		"state pull":         "state pull",
	} {
		if got := strings.Join(NonInteractive(strings.Fields(args)...), " "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The whole bed: a real CLI with the provider, an embedded Seam, and what they report.
func TestAccCLI(t *testing.T) {
	t.Parallel()
	server := fakeseam.New()
	small := fakeseam.SeedSmall(server)
	c := NewTestCLI(t, ServeTest(t, server).Env())
	link := fakeseam.Link{UserIdentityID: small.Jane.ID, ACSUserID: small.JaneGarage.ID}
	config := `
terraform {
  required_providers {
    seam = {
      source = "seamapi/seam"
    }
  }
}

resource "seam_user_identity_acs_user" "jane" {
  user_identity_id = "` + link.UserIdentityID + `"
  acs_user_id      = "` + link.ACSUserID + `"
}
`
	if err := c.Write("main.tf", config); err != nil {
		t.Fatal(err)
	}
	wantLinks := func(want ...StateLink) {
		t.Helper()
		if got, err := c.Links(); err != nil || !slices.Equal(got, want) {
			t.Errorf("the state has the links %v (%v), want %v", got, err, want)
		}
	}
	run := func(args ...string) Result {
		t.Helper()
		r, err := c.Run(t.Context(), args...)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	wantLinks()
	r := run("apply", "-json")
	if want := (Changes{Add: 1, Operation: "apply"}); r.Err() != nil || r.Changes() != want || len(r.Warnings()) > 0 {
		t.Errorf("got %+v (%v), want %+v, and no warnings but %v", r.Changes(), r.Err(), want, r.Warnings())
	}
	wantLinks(StateLink{Link: link})
	run("taint", linkType+".jane")
	wantLinks(StateLink{Link: link, Tainted: true})

	// A failure has its errors with -json, and everything that was printed without.
	server.Revoke(small.Workspace.APIKey)
	if r := run("plan", "-json"); r.Exit != 1 || len(r.Errors()) == 0 || !strings.Contains(r.Err().Error(), r.Errors()[0].Summary) {
		t.Errorf("got %d, %v (%v)", r.Exit, r.Errors(), r.Err())
	}
	if r := run("plan"); r.Exit != 1 || len(r.Messages) > 0 || !strings.Contains(r.Err().Error(), "Error: ") {
		t.Errorf("got %d, %v (%v)", r.Exit, r.Messages, r.Err())
	}
	if r := run("nonsense"); r.Exit == 0 {
		t.Error("an unknown command succeeded")
	}
}
