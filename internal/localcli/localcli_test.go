package localcli

import (
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

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
	find := func(path, want string) {
		t.Helper()
		got, err := Find(t.Context(), path, t.TempDir(), io.Discard)
		if err != nil || got != want {
			t.Errorf("got %q (%v), want %q", got, err, want)
		}
	}
	find("", first)
	t.Setenv("TF_ACC_TERRAFORM_PATH", second)
	find("", second)
	find(named, named)
	t.Setenv("TF_ACC_TERRAFORM_PATH", "")
	t.Setenv("PATH", filepath.Dir(second))
	find("", second)

	// What is named is meant: nothing else is taken instead.
	for _, path := range []string{named + "x", t.TempDir()} {
		if got, err := Find(t.Context(), path, t.TempDir(), io.Discard); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("got %q (%v), want an error that names %s", got, err, path)
		}
	}
	t.Setenv("TF_ACC_TERRAFORM_PATH", named+"x")
	if got, err := Find(t.Context(), "", t.TempDir(), io.Discard); err == nil || !strings.Contains(err.Error(), "TF_ACC_TERRAFORM_PATH") {
		t.Errorf("got %q (%v), want an error that names TF_ACC_TERRAFORM_PATH", got, err)
	}
}

// program returns the path of a program that is called name, and does nothing of
// use.
func program(t *testing.T, name string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho \"Something v1.0.0\"\n"), 0o700); err != nil {
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

func TestBuild_saysWhatGoSays(t *testing.T) {
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
	if _, err := os.Stat(filepath.Join(root, "internal", "localcli", "localcli_test.go")); err != nil {
		t.Error(err)
	}
}
