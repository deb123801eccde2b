package docs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-version"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// built is the provider as people install it, and the CLI that runs it.
var built struct {
	once               sync.Once
	root, dir          string
	cliPath, binDir    string
	cliConfig          string // an empty one
	err                error
	requiredProviders  string // the block that names the provider's source
	providerAndRequire string // the same with a provider block
}

func TestMain(m *testing.M) {
	m.Run()
	if built.dir != "" {
		if err := testbed.RemoveAll(built.dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}

func build() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	var err error
	if built.root, err = testbed.RepositoryRoot(ctx); err != nil {
		return err
	}
	provider, err := os.ReadFile(filepath.Join(built.root, "examples", "provider", "provider.tf"))
	if err != nil {
		return err
	}
	built.providerAndRequire = string(provider)
	built.requiredProviders, _, _ = strings.Cut(string(provider), "\n}\n")
	built.requiredProviders += "\n}\n"
	if built.dir, err = os.MkdirTemp("", "seam-docs-"); err != nil {
		return err
	}
	// A CLI that finds no configuration of its own says so among what it prints.
	built.cliConfig = filepath.Join(built.dir, "cli.tfrc")
	if err := os.WriteFile(built.cliConfig, nil, 0o600); err != nil {
		return err
	}
	if built.cliPath, err = testbed.Find(ctx, "", built.dir, os.Stderr); err != nil {
		return err
	}
	built.binDir, err = testbed.Build(ctx, built.root, built.dir)
	return err
}

// needCLI skips a test that is not to start a CLI, and makes ready for others.
func needCLI(t *testing.T) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("needs a CLI: set TF_ACC=1")
	}
	built.once.Do(func() { built.err = build() })
	if built.err != nil {
		t.Fatal(built.err)
	}
}

// cli is a CLI in a directory with one example.
type cli struct {
	*testbed.CLI
	t *testing.T
}

// newCLI returns a CLI in a directory with these files. A provider block, and the
// block that says where the provider comes from, are added if there are none.
func (s *stage) newCLI(t *testing.T, files map[string]string) *cli {
	t.Helper()
	var all strings.Builder
	for _, text := range files {
		all.WriteString(text)
	}
	dir, err := os.MkdirTemp("", "seam") //nolint:usetesting // the path of t.TempDir is too long for the sockets of providers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := testbed.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	local, err := testbed.New(t.Context(), testbed.Setup{Path: built.cliPath, BinDir: built.binDir, Dir: dir, Env: s.env(all.String())})
	if err != nil {
		t.Fatal(err)
	}
	c := &cli{CLI: local, t: t}
	switch {
	case !strings.Contains(all.String(), `provider "seam"`):
		c.write("added.tf", built.providerAndRequire)
	case !strings.Contains(all.String(), "required_providers"):
		c.write("added.tf", built.requiredProviders)
	}
	c.write("test.auto.tfvars", s.variables(t, all.String()))
	for name, text := range files {
		c.write(name, s.recast(t, text))
	}
	return c
}

func (c *cli) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.WorkDir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// run runs a command that has to succeed, and returns what it said.
func (c *cli) run(args ...string) string {
	c.t.Helper()
	output, err := c.Command(c.t.Context(), args...).CombinedOutput()
	if err != nil {
		c.t.Fatalf("%s %s: %v\n%s", c.Name, strings.Join(args, " "), err, output)
	}
	return string(output)
}

func (c *cli) apply(args ...string) string {
	c.t.Helper()
	return c.run(append([]string{"apply", "-auto-approve", "-input=false", "-no-color"}, args...)...)
}

// wantNoChanges holds that a plan is empty.
func (c *cli) wantNoChanges() {
	c.t.Helper()
	c.run("plan", "-detailed-exitcode", "-input=false", "-no-color")
}

// since skips a test that a CLI is too old for. An empty version is one that is
// yet to come.
func (c *cli) since(terraform, tofu string) {
	c.t.Helper()
	need := terraform
	if c.Name == "tofu" {
		need = tofu
	}
	have := version.Must(version.NewVersion(c.Version[strings.LastIndex(c.Version, "v")+1:])).Core()
	if need == "" || have.LessThan(version.Must(version.NewVersion(need))) {
		c.t.Skipf("%s does not know this yet; it needs Terraform %s", c.Version, terraform)
	}
}

// sinceFor skips a test of a configuration that a CLI is too old for.
func (c *cli) sinceFor(config string) {
	c.t.Helper()
	for _, feature := range []struct{ has, terraform, tofu string }{
		{`(?m)^action "`, "1.14", ""},
		{`(?m)^list "`, "1.14", ""},
		{`(?m)^ +identity += \{`, "1.12", "1.12"},
		{`(?m)^removed \{`, "1.7", "1.7"},
		{`(?m)^import \{`, "1.5", "1.6"},
	} {
		if regexp.MustCompile(feature.has).MatchString(config) {
			c.since(feature.terraform, feature.tofu)
		}
	}
}

// wantFormatted holds that the CLI would not format a configuration in another
// way. It formats what it is given on its standard input, of whatever kind.
func wantFormatted(t *testing.T, config string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), built.cliPath, "fmt", "-")
	command.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+built.cliConfig)
	command.Stdin = strings.NewReader(config)
	output, err := command.Output()
	if err != nil {
		t.Fatalf("fmt: %v", err)
	}
	if string(output) != config {
		t.Errorf("it is not formatted; this is how it should be:\n%s", output)
	}
}
