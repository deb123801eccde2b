package main

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A rehearsal does not see what GoReleaser would upload in addition to dist.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("..", "..", "..", ".goreleaser.yml"))
	if err != nil {
		t.Fatal(err)
	}
	config := string(content)
	var targets []string
	for _, target := range regexp.MustCompile(`(?m)^      - ([a-z]+_[a-z0-9]+)$`).FindAllStringSubmatch(config, -1) {
		targets = append(targets, target[1])
	}
	if !slices.Equal(targets, released) {
		t.Errorf("the targets are %q, want %q", targets, released)
	}
	_, release, _ := strings.Cut(config, "\nrelease:\n")
	const upload = `
  extra_files:
    - glob: terraform-registry-manifest.json
      name_template: "{{ .ProjectName }}_{{ .Version }}_manifest.json"
`
	if !strings.Contains(release, upload) {
		t.Errorf("release does not upload the manifest: %s", release)
	}
}

func TestUnwanted(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{
		"GITHUB_TOKEN=secret", "gitlab_token=secret", "GORELEASER_CURRENT_TAG=v9.9.9", "GPG_FINGERPRINT=0123", "GNUPGHOME=/home",
		"TF_CLI_ARGS=-help", "TF_VAR_x=1", "SEAM_API_KEY=secret",
	} {
		if !unwanted.MatchString(entry) {
			t.Errorf("%s is passed on", entry)
		}
	}
	for _, entry := range []string{"PATH=/bin", "HOME=/TF_", "GOFLAGS=-mod=mod", "X=A_TOKEN=1"} {
		if unwanted.MatchString(entry) {
			t.Errorf("%s is not passed on", entry)
		}
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	err := rehearsal{}.run(t.Context(), []string{"go", "version"}, []string{"go", "nonsense"}, []string{"go", "absurd"})
	if err == nil || !strings.Contains(err.Error(), "go nonsense: ") || !strings.Contains(err.Error(), "unknown command") || strings.Contains(err.Error(), "absurd") {
		t.Errorf("got %v, want the output of the first command that fails", err)
	}
}

func TestAccCheckInstall(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	cli := cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform")
	path := filepath.Join(t.TempDir(), "provider")
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-X main.version=1.2.3", "-o", path, "../../..")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{
		"1.2.3": "",
		"1.2.4": `the provider reports "terraform-provider-seam/1.2.3`,
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			f := fixture{t: t, files: map[string][]byte{}}
			r := &release{version: version, files: f.files}
			f.zip(r.zip(host), entry{"terraform-provider-seam_v" + version, 0o755, binary})
			err := rehearsal{dir: t.TempDir()}.checkInstall(t.Context(), r, cli, t.TempDir())
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
	t.Run("no provider for this platform", func(t *testing.T) {
		t.Parallel()
		f := fixture{t: t, files: map[string][]byte{}}
		r := &release{version: "1.2.3", files: f.files}
		f.zip(r.zip(host), entry{"terraform-provider-steam", 0o755, bytes.Clone(binary)})
		if err := (rehearsal{dir: t.TempDir()}).checkInstall(t.Context(), r, cli, t.TempDir()); err == nil || !strings.Contains(err.Error(), "init: ") {
			t.Errorf("got %v, want an error of init", err)
		}
	})
}
