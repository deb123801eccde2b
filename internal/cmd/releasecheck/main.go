// Command releasecheck rehearses a release: it makes a GoReleaser snapshot that is
// signed with a throw-away key, checks its files as the registries do, builds it
// again elsewhere, and installs it with Terraform and OpenTofu. It leaves behind
// dist, which git ignores. With -dir it only checks files, such as those of a draft.
//
// It runs in the root of the repository, and needs git and gpg.
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing/fstest"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const host, signer = runtime.GOOS + "_" + runtime.GOARCH, "releasecheck@localhost"

// released are the platforms of a release. .goreleaser.yml lists them too, so that
// a release that lacks one is noticed.
var released = strings.Fields(`darwin_amd64 darwin_arm64
	freebsd_386 freebsd_amd64 freebsd_arm freebsd_arm64
	linux_386 linux_amd64 linux_arm linux_arm64
	windows_386 windows_amd64 windows_arm64`)

func main() {
	clis := cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform")
	if _, err := exec.LookPath("tofu"); err == nil {
		clis += ",tofu"
	}
	here := flag.Bool("here", false, "release for the platform of this machine only")
	flag.StringVar(&clis, "cli", clis, "Terraform and OpenTofu to install with, separated by commas")
	dir := flag.String("dir", "", "check the files in this `directory` instead, with the key in -key")
	key := flag.String("key", "", "`file` with the public key of the signature in -dir, not armored")
	flag.Parse()
	platforms := released
	if *here {
		platforms = []string{host}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	var err error
	if *dir != "" {
		var r *release
		if r, err = load(filepath.Join(*dir, "*")); err == nil {
			err = r.check(platforms, *key)
		}
	} else {
		err = rehearse(ctx, platforms, strings.Split(clis, ","))
	}
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "\nDo not publish this release: %v\n", err)
		os.Exit(1)
	}
	fmt.Println("\nNo problems found.")
}

// rehearsal makes and installs a release without publishing it.
type rehearsal struct {
	dir string // for everything but dist, and removed afterwards
	env []string
}

func rehearse(ctx context.Context, platforms, clis []string) (err error) {
	dir, err := os.MkdirTemp("", "seam-release-")
	if err != nil {
		return err
	}
	s := rehearsal{dir, []string{
		"GNUPGHOME=" + dir, "GPG_FINGERPRINT=" + signer,
		// A checkout may belong to another user, for example in a container. Without
		// a remote, to which it does not connect, GoReleaser does not know the commit.
		"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*",
		"GIT_CONFIG_KEY_1=remote.origin.url", "GIT_CONFIG_VALUE_1=https://github.com/seamapi/terraform-provider-seam",
	}}
	defer func() {
		// gpg starts an agent that keeps the private key.
		killed := s.run(context.WithoutCancel(ctx), []string{"gpgconf", "--kill", "all"})
		err = errors.Join(err, killed, os.RemoveAll(dir))
	}()

	fmt.Println("Making a release ...")
	config := ".goreleaser.yml"
	content, err := os.ReadFile(config)
	if err != nil {
		return err
	}
	targets := regexp.MustCompile(`(?m)^    targets:\n(      - .*\n)+`)
	content = targets.ReplaceAll(content, []byte("    targets: ["+host+"]\n"))
	if err := os.WriteFile(s.path("here.yml"), content, 0o600); err != nil {
		return err
	}
	if len(platforms) == 1 {
		config = s.path("here.yml")
	}
	if err := s.run(ctx,
		[]string{"gpg", "--batch", "--passphrase=", "--quick-gen-key", signer, "rsa3072", "sign", "1d"},
		[]string{"gpg", "--output", s.path("key.gpg"), "--export"},
		goreleaser(".", "check"),
		goreleaser(".", "release", "--snapshot", "--clean", "--config="+config)); err != nil {
		return err
	}
	r, err := load(filepath.Join("dist", name+"_*"))
	if err != nil {
		return err
	}
	// GoReleaser uploads the manifest without a copy in dist.
	if r.files[r.file("manifest.json")], err = os.ReadFile("terraform-registry-manifest.json"); err != nil {
		return err
	}
	if err := r.check(platforms, s.path("key.gpg")); err != nil {
		return err
	}
	fmt.Println("ok  zips, SBOMs, manifest, checksums and signature")
	if err := s.checkReproducible(ctx, r); err != nil {
		return err
	}
	fmt.Println("ok  another build of the same source has the same bytes")
	for i, cli := range clis {
		if err := s.checkInstall(ctx, r, cli, s.path(fmt.Sprintf("install%d", i))); err != nil {
			return fmt.Errorf("installing with %s: %w", cli, err)
		}
		fmt.Printf("ok  %s installs the provider, plans, applies and destroys\n", cli)
	}
	return nil
}

func (s rehearsal) path(file string) string { return filepath.Join(s.dir, file) }

// checkReproducible makes the zip for this machine again, in another directory, and
// compares the bytes. Git must know new files.
func (s rehearsal) checkReproducible(ctx context.Context, r *release) error {
	elsewhere, changes := s.path("elsewhere"), s.path("changes.patch")
	err := s.run(ctx,
		[]string{"git", "worktree", "add", "--detach", elsewhere, "HEAD"},
		[]string{"git", "diff", "--binary", "--output=" + changes, "HEAD"},
		[]string{"git", "-C", elsewhere, "apply", "--allow-empty", changes},
		goreleaser(elsewhere, "release", "--snapshot", "--skip=sbom,sign", "--config="+s.path("here.yml")))
	again, readErr := os.ReadFile(filepath.Join(elsewhere, "dist", r.zip(host)))
	removeErr := s.run(context.WithoutCancel(ctx), []string{"git", "worktree", "remove", "--force", elsewhere})
	err = cmp.Or(err, readErr, removeErr)
	if err == nil && !bytes.Equal(again, r.files[r.zip(host)]) {
		err = fmt.Errorf("another build of the same source makes a different %s", r.zip(host))
	}
	return err
}

const configuration = `terraform {
  required_providers { seam = { source = "seamapi/seam", version = %q } }
}
resource "seam_user_identity_acs_user" "test" {
  user_identity_id = %q
  acs_user_id      = %q
}
`

// checkInstall installs the zip for this machine from a filesystem mirror, the only
// source that the CLI has, and creates and removes a link.
func (s rehearsal) checkInstall(ctx context.Context, r *release, cli, dir string) error {
	fake := fakeseam.New()
	seam := fakeseam.SeedSmall(fake)
	seeded := len(fake.Changes())
	server := httptest.NewServer(fake)
	defer server.Close()
	mirror := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.Join(dir, "mirror"))
	zip := &fstest.MapFile{Data: r.files[r.zip(host)]}
	if err := os.CopyFS(dir, fstest.MapFS{
		"mirror/registry.terraform.io/seamapi/seam/" + r.zip(host): zip,
		"mirror/registry.opentofu.org/seamapi/seam/" + r.zip(host): zip,
		"mirror.tfrc":  {Data: []byte(mirror)},
		"work/main.tf": {Data: fmt.Appendf(nil, configuration, r.version, seam.Jane.ID, seam.JaneGarage.ID)},
	}); err != nil {
		return err
	}
	s.env = append(s.env,
		"TF_CLI_CONFIG_FILE="+filepath.Join(dir, "mirror.tfrc"), "TF_INPUT=0", "CHECKPOINT_DISABLE=1",
		"SEAM_ENDPOINT="+server.URL, "SEAM_API_KEY="+seam.Workspace.APIKey)
	for i, step := range []string{
		"init",
		"init -lockfile=readonly", // fails without checksums in the lock file
		"plan -out=plan",
		"apply plan",
		"plan -detailed-exitcode", // fails if there are changes
		"destroy -auto-approve",
	} {
		// As in a pipeline, the second init has the lock file and no installed provider.
		s.env = append(s.env, fmt.Sprintf("TF_DATA_DIR=%s/data%d", dir, min(i, 1)))
		if err := s.run(ctx, append([]string{cli, "-chdir=" + filepath.Join(dir, "work")}, strings.Fields(step)...)); err != nil {
			return err
		}
	}
	if changes := fake.Changes()[seeded:]; len(changes) != 2 || changes[0].To != seam.Jane.ID || changes[1].From != seam.Jane.ID {
		return fmt.Errorf("instead of one link that is added and removed, the changes are %v", changes)
	}
	for _, request := range fake.Requests() {
		if agent := request.Header.Get("User-Agent"); !strings.HasPrefix(agent+" ", name+"/"+r.version+" ") {
			return fmt.Errorf("the provider reports %q, not %s/%s", agent, name, r.version)
		}
	}
	return nil
}

func goreleaser(dir string, args ...string) []string {
	return append([]string{"go", "-C", dir, "tool", "-modfile=internal/tools/release/go.mod", "goreleaser"}, args...)
}

// unwanted are credentials to publish with, and variables that change what
// GoReleaser, gpg, Terraform and the provider do.
var unwanted = regexp.MustCompile(`(?i)^(GORELEASER_|GPG_|GNUPGHOME=|TF_|SEAM_|[^=]*_TOKEN=)`)

// run runs commands, one after the other. An error has all that a command printed.
func (s rehearsal) run(ctx context.Context, commands ...[]string) error {
	for _, args := range commands {
		c := exec.CommandContext(ctx, args[0], args[1:]...)
		c.Env = append(slices.DeleteFunc(os.Environ(), unwanted.MatchString), s.env...)
		// An interrupted program can remove its temporary files.
		c.Cancel, c.WaitDelay = func() error { return c.Process.Signal(os.Interrupt) }, 10*time.Second
		if output, err := c.CombinedOutput(); err != nil {
			return errors.Join(ctx.Err(), fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, output))
		}
	}
	return nil
}
