package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

const (
	configFile   = ".goreleaser.yml"
	manifestFile = "terraform-registry-manifest.json"
)

// snapshot is GoReleaser at work in the repository.
type snapshot struct {
	root string // of the repository
	dir  string // for everything that goes away again
	key  *signingKey
	out  io.Writer
	here bool
}

// make leaves in dist what GoReleaser would publish.
func (s snapshot) make(ctx context.Context) error {
	if err := s.goreleaser(ctx, s.root, "check"); err != nil {
		return err
	}
	args := []string{"release", "--snapshot", "--clean"}
	if s.here {
		config, err := s.configForHere()
		if err != nil {
			return err
		}
		args = append(args, "--config="+config)
	}
	fmt.Fprintln(s.out, "Making a release ...")
	return s.goreleaser(ctx, s.root, args...)
}

// configForHere returns the path of a configuration with this machine's platform
// in place of all others.
func (s snapshot) configForHere() (string, error) {
	whole, err := os.ReadFile(filepath.Join(s.root, configFile))
	if err != nil {
		return "", err
	}
	targets := regexp.MustCompile(`(?m)^    targets:\n(      - .*\n)+`)
	if len(targets.FindAll(whole, -1)) != 1 {
		return "", fmt.Errorf("%s has no list of targets that could be shortened", configFile)
	}
	config := targets.ReplaceAllString(string(whole), fmt.Sprintf("    targets: [%s_%s]\n", runtime.GOOS, runtime.GOARCH))
	path := filepath.Join(s.dir, "here.yml")
	return path, os.WriteFile(path, []byte(config), 0o600)
}

// goreleaser runs the pinned GoReleaser in a checkout.
func (s snapshot) goreleaser(ctx context.Context, root string, args ...string) error {
	modfile := filepath.Join("internal", "tools", "release", "go.mod")
	command := exec.CommandContext(ctx, "go", append([]string{"tool", "-modfile=" + modfile, "goreleaser"}, args...)...)
	command.Dir = root
	command.Env = append(environment(), s.key.env()...)
	command.Env = append(command.Env,
		"GIT_CONFIG_COUNT=2",
		// Git refuses to answer in a checkout that belongs to another user, as it
		// may in a container.
		"GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0="+filepath.ToSlash(root),
		// Without a remote GoReleaser knows neither a commit nor its time. It
		// does not talk to this one.
		"GIT_CONFIG_KEY_1=remote.origin.url", "GIT_CONFIG_VALUE_1=https://github.com/seamapi/terraform-provider-seam")
	output, err := command.CombinedOutput()
	if err != nil {
		return errors.Join(ctx.Err(), fmt.Errorf("goreleaser %s: %w\n%s", strings.Join(args, " "), err, output))
	}
	return nil
}

// environment is that of this process without what GoReleaser would publish
// with, or take for the version.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		name = strings.ToUpper(name)
		return strings.HasSuffix(name, "_TOKEN") || strings.HasPrefix(name, "GORELEASER_") || strings.HasPrefix(name, "GPG_") || name == "GNUPGHOME"
	})
}

// collect brings together the files that a release on GitHub would have.
func (s snapshot) collect() (*release, error) {
	dist := filepath.Join(s.root, "dist")
	r := &release{dir: filepath.Join(s.dir, "release")}
	if err := os.Mkdir(r.dir, 0o700); err != nil {
		return nil, err
	}

	var metadata struct{ Version, Tag, Commit string }
	if err := readJSON(filepath.Join(dist, "metadata.json"), &metadata); err != nil {
		return nil, err
	}
	if len(metadata.Commit) < 40 {
		return nil, fmt.Errorf("GoReleaser does not know which commit it works on: it says %q", metadata.Commit)
	}
	r.version, r.tag = metadata.Version, metadata.Tag

	var artifacts []struct{ Name, Path, Type string }
	if err := readJSON(filepath.Join(dist, "artifacts.json"), &artifacts); err != nil {
		return nil, err
	}
	for _, artifact := range artifacts {
		switch artifact.Type {
		case "Archive", "Checksum", "Signature", "SBOM":
			if err := copyFile(filepath.Join(s.root, artifact.Path), filepath.Join(r.dir, artifact.Name)); err != nil {
				return nil, err
			}
		}
	}

	// The manifest is uploaded from where it is, which a snapshot does not do:
	// the configuration must ask for it.
	config, err := os.ReadFile(filepath.Join(dist, "config.yaml"))
	if err != nil {
		return nil, err
	}
	asked := regexp.MustCompile(`(?m)^release:\n(?:[ ].*\n)*?[ ]+- glob: ` + regexp.QuoteMeta(manifestFile) +
		`\n[ ]+name_template: '?` + regexp.QuoteMeta("{{ .ProjectName }}_{{ .Version }}_manifest.json") + `'?\n`)
	if !asked.Match(config) {
		return nil, fmt.Errorf("%s does not have the manifest uploaded as the registry expects it: see release.extra_files", configFile)
	}
	return r, copyFile(filepath.Join(s.root, manifestFile), r.path(r.manifest()))
}

// checkReproducible makes the archive for one platform again, in another
// directory and from another repository, and compares the bytes. Both share a
// build cache: what the build depends on is in its keys.
func (s snapshot) checkReproducible(ctx context.Context, r *release, p platform) error {
	root := filepath.Join(s.dir, "elsewhere")
	if err := s.copySource(ctx, root, r.tag); err != nil {
		return err
	}
	config, err := s.configForHere()
	if err != nil {
		return err
	}
	if err := s.goreleaser(ctx, root, "release", "--snapshot", "--skip=sbom,sign", "--config="+config); err != nil {
		return err
	}
	first, err := os.ReadFile(r.path(r.archive(p)))
	if err != nil {
		return err
	}
	second, err := os.ReadFile(filepath.Join(root, "dist", r.archive(p)))
	if err != nil {
		return err
	}
	if string(first) != string(second) {
		return fmt.Errorf("%s came out different", r.archive(p))
	}
	return nil
}

// copySource puts the files that git knows or would take into a repository of
// their own, with a commit of the same time.
func (s snapshot) copySource(ctx context.Context, to, tag string) error {
	listed, err := git(ctx, s.root, nil, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	committed, err := git(ctx, s.root, nil, "log", "-1", "--format=%cI")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(listed, "\x00"), "\x00") {
		from := filepath.Join(s.root, filepath.FromSlash(name))
		if _, err := os.Lstat(from); errors.Is(err, os.ErrNotExist) {
			continue // removed, and not committed yet
		}
		target := filepath.Join(to, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		if err := copyFile(from, target); err != nil {
			return err
		}
	}
	when := "GIT_COMMITTER_DATE=" + strings.TrimSpace(committed)
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"add", "--all"},
		{"-c", "commit.gpgsign=false", "commit", "--quiet", "--no-verify", "--message=The same source"},
		{"-c", "tag.gpgsign=false", "tag", tag},
	} {
		if _, err := git(ctx, to, []string{when}, args...); err != nil {
			return err
		}
	}
	return nil
}

// git returns what git says in a checkout, whoever owns it.
func git(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	identity := []string{
		"-c", "safe.directory=" + filepath.ToSlash(dir),
		"-c", "user.name=releasecheck", "-c", "user.email=releasecheck@localhost",
	}
	command := exec.CommandContext(ctx, "git", append(identity, args...)...)
	command.Dir = dir
	command.Env = append(command.Environ(), env...)
	output, err := command.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return "", errors.Join(ctx.Err(), fmt.Errorf("git %s: %w", args[0], err))
	}
	return string(output), nil
}
