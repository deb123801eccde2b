package testbed

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-version"
)

// Setup says what a CLI runs with, where a Bed does not fit.
type Setup struct {
	// Path of Terraform or OpenTofu, as from Find.
	Path string
	// BinDir contains the provider, as from Build. Any number of CLIs share it.
	BinDir string
	// Dir is an existing directory for everything that is created. Its path is
	// absolute, and short: providers put their sockets there, and some systems limit
	// the path of a socket to about a hundred characters. The caller removes it.
	Dir string
	// Env is added to the environment, such as SEAM_ENDPOINT and SEAM_API_KEY, and
	// overrides it.
	Env map[string]string
}

// CLI is a Terraform or OpenTofu in a directory of its own, with the provider that was
// built from this repository. It needs no init.
type CLI struct {
	Name    string // of the command: terraform or tofu
	Version string // such as Terraform v1.11.4
	Path    string // absolute
	WorkDir string // for the configuration; the CLI writes the state there

	dir     string
	env     map[string]string
	version *version.Version
}

// New brings a CLI and a provider together.
func New(ctx context.Context, s Setup) (*CLI, error) {
	intro, err := introduce(ctx, s.Path, s.Dir)
	if err != nil {
		return nil, err
	}
	return newCLI(s, intro)
}

func newCLI(s Setup, intro introduction) (*CLI, error) {
	c := &CLI{
		Name: "terraform", Version: intro.line, Path: s.Path, WorkDir: filepath.Join(s.Dir, "work"),
		dir: s.Dir, version: intro.version,
	}
	if strings.HasPrefix(c.Version, "OpenTofu ") {
		c.Name = "tofu"
	}
	if err := os.Mkdir(c.WorkDir, 0o700); err != nil {
		return nil, err
	}
	// With a development override there is no init, and no registry.
	configFile := filepath.Join(s.Dir, "cli.tfrc")
	config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"seamapi/seam\" = %s\n  }\n}\n",
		strconv.Quote(filepath.ToSlash(s.BinDir)))
	if err := os.WriteFile(configFile, []byte(config), 0o600); err != nil {
		return nil, err
	}
	c.env = isolated(s.Dir, with(s.Env, map[string]string{"TF_CLI_CONFIG_FILE": configFile}))
	return c, nil
}

// Close removes the CLI's directory.
func (c *CLI) Close() error { return RemoveAll(c.dir) }

// Env returns a copy of the environment of the CLI and the provider.
func (c *CLI) Env() map[string]string { return maps.Clone(c.env) }

// Write writes a file in WorkDir.
func (c *CLI) Write(name, content string) error {
	return os.WriteFile(filepath.Join(c.WorkDir, name), []byte(content), 0o600)
}

// AtLeast reports whether the CLI has what came with these versions of Terraform and
// OpenTofu. An empty version is one that does not exist yet. A prerelease counts as its
// release.
func (c *CLI) AtLeast(terraform, tofu string) bool {
	need := map[string]string{"terraform": terraform, "tofu": tofu}[c.Name]
	return need != "" && c.version.Core().GreaterThanOrEqual(version.Must(version.NewVersion(need)))
}

// Command prepares a command in WorkDir with the CLI's environment. When ctx ends, the
// CLI is interrupted once, so that it saves its state and stops the provider. It is
// killed if it does not end within 30 seconds.
func (c *CLI) Command(ctx context.Context, args ...string) *exec.Cmd {
	return command(ctx, c.WorkDir, c.env, c.Path, args...)
}

func command(ctx context.Context, dir string, env map[string]string, path string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, path, args...)
	command.Dir = dir
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	// Ctrl-C in a terminal reaches the whole process group. A CLI that gets a second
	// interrupt ends without stopping the provider.
	inOwnGroup(command)
	command.Cancel = func() error { return interrupt(command.Process) }
	command.WaitDelay = 30 * time.Second
	return command
}

// NonInteractive adds flags to the arguments of a command, so that the CLI asks no
// questions and prints no colors.
func NonInteractive(args ...string) []string {
	var flags []string
	switch args[0] {
	case "plan", "import", "refresh":
		flags = []string{"-input=false", "-no-color"}
	case "apply", "destroy":
		flags = []string{"-input=false", "-no-color", "-auto-approve"}
	case "query", "show", "output", "validate":
		flags = []string{"-no-color"}
	}
	return slices.Concat(args[:1], flags, args[1:])
}

// introduction is how a CLI introduces itself.
type introduction struct {
	line    string
	version *version.Version
}

func introduce(ctx context.Context, path, dir string) (introduction, error) {
	output, err := command(ctx, dir, isolated(dir, nil), path, "version").Output()
	line, _, _ := strings.Cut(string(output), "\n")
	line = strings.TrimSpace(line)
	name, number, _ := strings.Cut(line, " v")
	if err == nil && name != "Terraform" && name != "OpenTofu" {
		err = errors.New("not a line of either")
	}
	parsed, parseErr := version.NewVersion(number)
	if err := errors.Join(err, parseErr); err != nil {
		return introduction{}, errors.Join(ctx.Err(), fmt.Errorf("%s is neither Terraform nor OpenTofu, or does not run: version printed %q: %w", path, line, err))
	}
	return introduction{line, parsed}, nil
}

// isolated is the environment of this process without what would lead the CLI or the
// provider to something real, such as the credentials of a workspace. Temporary files
// go to dir.
func isolated(dir string, env map[string]string) map[string]string {
	return environment(os.Environ(), with(env, map[string]string{
		"CHECKPOINT_DISABLE": "1", "TMPDIR": dir, "TMP": dir, "TEMP": dir,
	}))
}

func environment(environ []string, own map[string]string) map[string]string {
	env := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		upper := strings.ToUpper(name) // names are case-insensitive on Windows
		_, replaced := own[upper]
		if name == "" || replaced || strings.HasPrefix(upper, "TF_") || strings.HasPrefix(upper, "SEAM_") {
			continue
		}
		env[name] = value
	}
	maps.Copy(env, own)
	return env
}
