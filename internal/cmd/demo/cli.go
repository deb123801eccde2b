package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const (
	module         = "github.com/seamapi/terraform-provider-seam"
	installTimeout = 5 * time.Minute
	// A command takes a second or two here; one that takes that long is stuck.
	commandTimeout = 2 * time.Minute
)

// setup is what the CLI needs to know.
type setup struct {
	root     string // of this repository
	dir      string // a directory for everything that comes into being
	path     string // of the CLI, or empty
	endpoint string
	apiKey   string
}

// cli drives Terraform or OpenTofu in a directory of its own, with the provider
// that was built from this repository.
type cli struct {
	name    string // as it is typed: terraform or tofu
	version string // such as Terraform v1.11.4
	workDir string

	terraform *tfexec.Terraform
}

// newCLI finds a CLI, builds the provider, and brings the two together.
func newCLI(ctx context.Context, s setup, out io.Writer) (*cli, error) {
	path, err := findCLI(ctx, s, out)
	if err != nil {
		return nil, err
	}
	binDir, err := buildProvider(ctx, s, out)
	if err != nil {
		return nil, err
	}
	c := &cli{workDir: filepath.Join(s.dir, "work")}
	if err := os.Mkdir(c.workDir, 0o700); err != nil {
		return nil, err
	}

	// An overridden provider is neither installed nor locked, so there is no
	// init and no registry.
	configFile := filepath.Join(s.dir, "cli.tfrc")
	config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"seamapi/seam\" = %s\n  }\n}\n",
		strconv.Quote(filepath.ToSlash(binDir)))
	if err := os.WriteFile(configFile, []byte(config), 0o600); err != nil {
		return nil, err
	}
	env := environment(os.Environ(), map[string]string{
		"CHECKPOINT_DISABLE": "1",
		"SEAM_API_KEY":       s.apiKey,
		"SEAM_ENDPOINT":      s.endpoint,
		"TF_CLI_CONFIG_FILE": configFile,
		// Sockets and the like go where everything else goes, to be removed
		// with it whatever happens.
		"TMPDIR": s.dir, "TMP": s.dir, "TEMP": s.dir,
	})

	if c.version, err = cliVersion(ctx, path, env); err != nil {
		return nil, err
	}
	c.name = "terraform"
	if strings.HasPrefix(c.version, "OpenTofu") {
		c.name = "tofu"
	}
	if c.terraform, err = tfexec.NewTerraform(c.workDir, path); err != nil {
		return nil, err
	}
	return c, c.terraform.SetEnv(env)
}

// findCLI returns the absolute path of the CLI to use, for it will run in
// another directory.
func findCLI(ctx context.Context, s setup, out io.Writer) (string, error) {
	for _, named := range []struct{ by, path string }{
		{"-cli", s.path},
		{"TF_ACC_TERRAFORM_PATH", os.Getenv("TF_ACC_TERRAFORM_PATH")},
	} {
		if named.path == "" {
			continue
		}
		path, err := exec.LookPath(named.path)
		if err != nil {
			return "", fmt.Errorf("%s names no program that can be run: %w", named.by, err)
		}
		return filepath.Abs(path)
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return filepath.Abs(path)
		}
	}

	fmt.Fprintln(out, "There is no terraform or tofu on PATH: installing the newest Terraform for this run.")
	dir := filepath.Join(s.dir, "cli")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	installer := &releases.LatestVersion{Product: product.Terraform, InstallDir: dir, Timeout: installTimeout}
	path, err := installer.Install(ctx)
	if err != nil {
		return "", fmt.Errorf("there is no terraform or tofu on PATH, and Terraform could not be installed; "+
			"install one of the two, or name it with -cli: %w", err)
	}
	return path, nil
}

// buildProvider returns the directory that holds the provider.
func buildProvider(ctx context.Context, s setup, out io.Writer) (string, error) {
	fmt.Fprintln(out, "Building the provider ...")
	binDir, goTmp := filepath.Join(s.dir, "bin"), filepath.Join(s.dir, "go")
	for _, dir := range []string{binDir, goTmp} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return "", err
		}
	}
	binary := filepath.Join(binDir, "terraform-provider-seam")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	build := goCommand(ctx, s.root, "build", "-buildvcs=false", "-o", binary, ".")
	build.Env = append(build.Environ(), "GOTMPDIR="+goTmp)
	if output, err := build.CombinedOutput(); err != nil {
		return "", errors.Join(ctx.Err(), fmt.Errorf("building the provider: %w\n%s", err, output))
	}
	return binDir, nil
}

// repositoryRoot finds the repository around the working directory.
func repositoryRoot(ctx context.Context) (string, error) {
	output, err := goCommand(ctx, "", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
		}
		return "", errors.Join(ctx.Err(), fmt.Errorf("the demo builds the provider from its repository, and runs there alone: go list: %w", err))
	}
	return strings.TrimSpace(string(output)), nil
}

// goCommand lets the go command clean up behind itself when it is interrupted.
func goCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = dir
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 5 * time.Second
	return command
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

// cliVersion returns the line with which the CLI introduces itself.
func cliVersion(ctx context.Context, path string, env map[string]string) (string, error) {
	command := exec.CommandContext(ctx, path, "version")
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	output, err := command.Output()
	line, _, _ := strings.Cut(string(output), "\n")
	line = strings.TrimSpace(line)
	if err != nil || !strings.HasPrefix(line, "Terraform ") && !strings.HasPrefix(line, "OpenTofu ") {
		return "", errors.Join(ctx.Err(), fmt.Errorf("%s is neither Terraform nor OpenTofu, or does not run: it answered %q to version (%v)", path, line, err))
	}
	return line, nil
}

// plan plans, and keeps the plan in file if one is named.
func (c *cli) plan(ctx context.Context, file string) (report, error) {
	var options []tfexec.PlanOption
	if file != "" {
		options = append(options, tfexec.Out(file))
	}
	return c.run(ctx, "plan", func(ctx context.Context, w io.Writer) error {
		_, err := c.terraform.PlanJSON(ctx, w, options...)
		return err
	})
}

// apply applies the plan in file or, if none is named, a new one.
func (c *cli) apply(ctx context.Context, file string) (report, error) {
	var options []tfexec.ApplyOption
	if file != "" {
		options = append(options, tfexec.DirOrPlan(file))
	}
	return c.run(ctx, "apply", func(ctx context.Context, w io.Writer) error {
		return c.terraform.ApplyJSON(ctx, w, options...)
	})
}

func (c *cli) destroy(ctx context.Context) (report, error) {
	return c.run(ctx, "destroy", func(ctx context.Context, w io.Writer) error {
		return c.terraform.DestroyJSON(ctx, w)
	})
}

// run lets a command end even when the demo is interrupted: it ends soon, and
// one that is cut short may leave a provider process behind.
func (c *cli) run(ctx context.Context, name string, command func(context.Context, io.Writer) error) (report, error) {
	if ctx.Err() != nil {
		return report{}, ctx.Err()
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandTimeout)
	defer cancel()

	var output bytes.Buffer
	err := command(within, &output)
	switch {
	case ctx.Err() != nil:
		return report{}, ctx.Err()
	case within.Err() != nil:
		return report{}, fmt.Errorf("%s %s did not end within %v", c.name, name, commandTimeout)
	}
	r, parseErr := readReport(&output)
	if parseErr != nil {
		return report{}, fmt.Errorf("%s %s wrote something that is not JSON: %w", c.name, name, errors.Join(parseErr, err))
	}
	if err != nil {
		return r, fmt.Errorf("%s %s: %w", c.name, name, err)
	}
	return r, nil
}

// state returns the links in the state.
func (c *cli) state(ctx context.Context) ([]fakeseam.Link, error) {
	// The commands above leave their writer behind.
	c.terraform.SetStdout(io.Discard)
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandTimeout)
	defer cancel()
	pulled, err := c.terraform.StatePull(within)
	if err != nil || strings.TrimSpace(pulled) == "" {
		return nil, err
	}
	var state struct {
		Resources []struct {
			Type      string
			Instances []struct {
				Attributes struct {
					UserIdentityID string `json:"user_identity_id"`
					ACSUserID      string `json:"acs_user_id"`
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(pulled), &state); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	var links []fakeseam.Link
	for _, resource := range state.Resources {
		if resource.Type != "seam_user_identity_acs_user" {
			return nil, fmt.Errorf("the state holds a %s, which the demo has not asked for", resource.Type)
		}
		for _, instance := range resource.Instances {
			links = append(links, fakeseam.Link(instance.Attributes))
		}
	}
	return links, nil
}
