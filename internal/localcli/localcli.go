// Package localcli runs a real Terraform or OpenTofu with a build of this
// repository's provider: it finds the CLI, builds the provider, and brings the
// two together in a directory of their own, where neither a registry nor the
// credentials of a real workspace reach them.
//
// It is for the programs in internal/cmd and for tests, and no part of the
// provider that people run. It knows nothing of Seam, of configurations or of
// what a run is to show; that is for whoever runs something.
package localcli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Setup says what a CLI runs with.
type Setup struct {
	// Path of Terraform or OpenTofu, as from Find.
	Path string
	// BinDir holds the provider, as from Build. Any number of CLIs share it.
	BinDir string
	// Dir is an existing directory for everything that comes into being. Its
	// path is absolute, and short: the sockets of providers go there, and some systems allow
	// about a hundred characters. The caller removes it, as with RemoveAll.
	Dir string
	// Env is added to the environment, such as SEAM_ENDPOINT and
	// SEAM_API_KEY, and wins over what is there.
	Env map[string]string
}

// CLI is a Terraform or OpenTofu in a directory of its own, with the provider
// that was built from this repository. There is no init before the first plan.
type CLI struct {
	Name    string // as it is typed: terraform or tofu
	Version string // as it introduces itself, such as Terraform v1.11.4
	Path    string // absolute
	// WorkDir is where the configuration goes, and where the state comes to be.
	WorkDir string
	// Terraform drives the CLI in WorkDir. It is for one command at a time.
	Terraform *tfexec.Terraform

	env map[string]string
}

// New brings a CLI and a provider together.
func New(ctx context.Context, s Setup) (*CLI, error) {
	c := &CLI{Path: s.Path, WorkDir: filepath.Join(s.Dir, "work")}
	if err := os.Mkdir(c.WorkDir, 0o700); err != nil {
		return nil, err
	}

	// An overridden provider is neither installed nor locked, so there is no
	// init and no registry.
	configFile := filepath.Join(s.Dir, "cli.tfrc")
	config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"seamapi/seam\" = %s\n  }\n}\n",
		strconv.Quote(filepath.ToSlash(s.BinDir)))
	if err := os.WriteFile(configFile, []byte(config), 0o600); err != nil {
		return nil, err
	}
	own := map[string]string{
		"CHECKPOINT_DISABLE": "1",
		"TF_CLI_CONFIG_FILE": configFile,
		// Sockets and the like go where everything else goes, to be removed
		// with it whatever happens.
		"TMPDIR": s.Dir, "TMP": s.Dir, "TEMP": s.Dir,
	}
	maps.Copy(own, s.Env)
	c.env = environment(os.Environ(), own)

	var err error
	if c.Version, err = c.introduction(ctx); err != nil {
		return nil, err
	}
	c.Name = "terraform"
	if strings.HasPrefix(c.Version, "OpenTofu ") {
		c.Name = "tofu"
	}
	if c.Terraform, err = tfexec.NewTerraform(c.WorkDir, s.Path); err != nil {
		return nil, err
	}
	return c, c.Terraform.SetEnv(c.env)
}

// Env returns a copy of the environment that the CLI and the provider see.
func (c *CLI) Env() map[string]string { return maps.Clone(c.env) }

// Command prepares what Terraform has no call for, to run in WorkDir with the
// CLI's environment. When ctx ends, the CLI is asked to end, as with Ctrl-C, so
// that it can save its state and take the provider with it; it is killed if it
// has not done so after a while.
func (c *CLI) Command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, c.Path, args...)
	command.Dir = c.WorkDir
	for name, value := range c.env {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Cancel = func() error { return interrupt(command.Process) }
	command.WaitDelay = 30 * time.Second
	return command
}

// introduction returns the line with which the CLI introduces itself.
func (c *CLI) introduction(ctx context.Context) (string, error) {
	output, err := c.Command(ctx, "version").Output()
	line, _, _ := strings.Cut(string(output), "\n")
	line = strings.TrimSpace(line)
	if err != nil || !strings.HasPrefix(line, "Terraform ") && !strings.HasPrefix(line, "OpenTofu ") {
		return "", errors.Join(ctx.Err(), fmt.Errorf("%s is neither Terraform nor OpenTofu, or does not run: it answered %q to version (%v)", c.Path, line, err))
	}
	return line, nil
}

// environment is that of this process without what would lead the CLI or the
// provider astray, such as the credentials of a real workspace.
func environment(environ []string, own map[string]string) map[string]string {
	env := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		upper := strings.ToUpper(name) // Windows does not tell the case
		_, replaced := own[upper]
		if name == "" || replaced || strings.HasPrefix(upper, "TF_") || strings.HasPrefix(upper, "SEAM_") {
			continue
		}
		env[name] = value
	}
	maps.Copy(env, own)
	return env
}

// RemoveAll removes a directory and what is in it. It tries for a while: Windows
// does not remove a program that is still about to end.
func RemoveAll(dir string) error {
	var err error
	for range 50 {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("something is left behind: %w", err)
}
