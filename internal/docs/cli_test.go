package docs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func TestMain(m *testing.M) { testbed.Tests{M: m}.Run() }

// root is the root of the repository.
func root(t *testing.T) string {
	t.Helper()
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

var findRoot = sync.OnceValues(func() (string, error) { return testbed.RepositoryRoot(context.Background()) })

// readFile returns the text of a file of the repository.
func readFile(t *testing.T, path ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(append([]string{root(t)}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(content), "\r\n", "\n")
}

// cli is a CLI in a directory with one example.
type cli struct {
	*testbed.CLI
	t *testing.T
}

// newCLI returns a CLI in a directory with these files. It adds a provider block, and
// the block that says where the provider comes from, if there are none.
func (s *stage) newCLI(t *testing.T, files map[string]string) *cli {
	t.Helper()
	var b strings.Builder
	for _, text := range files {
		b.WriteString(text)
	}
	all := b.String()
	c := &cli{CLI: testbed.NewTestCLI(t, s.env(all)), t: t}
	provider := readFile(t, "examples", "provider", "provider.tf")
	required, _, _ := strings.Cut(provider, "\n}\n")
	switch {
	case !strings.Contains(all, `provider "seam"`):
		c.write("added.tf", provider)
	case !strings.Contains(all, "required_providers"):
		c.write("added.tf", required+"\n}\n")
	}
	c.write("test.auto.tfvars", s.variables(t, all))
	for name, text := range files {
		c.write(name, s.recast(t, text))
	}
	return c
}

func (c *cli) write(name, text string) {
	c.t.Helper()
	if err := c.Write(name, text); err != nil {
		c.t.Fatal(err)
	}
}

// run runs a command, which must succeed, and returns what it printed.
func (c *cli) run(args ...string) string {
	c.t.Helper()
	r, err := c.Run(c.t.Context(), args...)
	if err := errors.Join(err, r.Err()); err != nil {
		c.t.Fatalf("%s %s: %v", c.Name, strings.Join(args, " "), err)
	}
	return r.Output
}

// wantNoChanges holds that a plan is empty.
func (c *cli) wantNoChanges() {
	c.t.Helper()
	c.run("plan", "-detailed-exitcode")
}

// since skips a test that a CLI is too old for. An empty version does not exist yet.
func (c *cli) since(terraform, tofu string) {
	c.t.Helper()
	if !c.AtLeast(terraform, tofu) {
		c.t.Skipf("needs Terraform %s: %s does not have this yet", terraform, c.Version)
	}
}

// sinceFor skips a test of a configuration that a CLI is too old for.
func (c *cli) sinceFor(config string) {
	c.t.Helper()
	for _, feature := range []struct{ has, terraform, tofu string }{
		{`(?m)^action "`, "1.14", ""},
		{`(?m)^list "`, "1.14", ""},
		{`(?m)^ +identity += \{`, "1.12", "1.12"},
		{`(?m)^ +ephemeral += true`, "1.10", "1.11"},
		{`provider::`, "1.8", "1.7"},
		{`(?ms)^import \{\n  for_each`, "1.7", "1.7"},
		{`(?m)^removed \{`, "1.7", "1.7"},
		{`(?m)^import \{`, "1.5", "1.6"},
		{`(?m)^resource "terraform_data"`, "1.4", "1.6"},
		{`(?m)^ +postcondition \{`, "1.2", "1.6"},
	} {
		if regexp.MustCompile(feature.has).MatchString(config) {
			c.since(feature.terraform, feature.tofu)
		}
	}
}

// wantFormatted holds that the CLI would not format a configuration differently. With
// its standard input, it formats configuration of any kind.
func wantFormatted(t *testing.T, config string) {
	t.Helper()
	c := testbed.NewTestCLI(t, nil)
	if strings.Contains(config, "provider::") && !c.AtLeast("1.8", "1.7") {
		return // no function of a provider can be parsed
	}
	command := c.Command(t.Context(), "fmt", "-")
	command.Stdin = strings.NewReader(config)
	output, err := command.Output()
	if err != nil {
		t.Fatalf("fmt: %v", err)
	}
	if string(output) != config {
		t.Errorf("the configuration is not formatted. Formatted, it is:\n%s", output)
	}
}
