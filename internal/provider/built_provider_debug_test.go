//go:build unix

package provider

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// With -debug, the provider prints how Terraform finds it, serves one command after another,
// and ends at an interrupt.
//
// Windows cannot send a signal to one process.
func TestAccProvider_debug(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// Only that process has the key: no other can serve Terraform.
	c := w.builtCLI(map[string]string{"SEAM_ENDPOINT": w.url})
	c.write("main.tf", linkBlock("test", w.janesLink()))

	provider := exec.CommandContext(t.Context(), testbed.Binary(testbed.SharedBed(t).BinDir), "-debug")
	provider.Env = append(provider.Env, "SEAM_API_KEY="+w.workspace.APIKey)
	for name, value := range c.Env() {
		provider.Env = append(provider.Env, name+"="+value)
	}
	stdout, err := provider.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := provider.Start(); err != nil {
		t.Fatal(err)
	}
	const name = "TF_REATTACH_PROVIDERS"
	reattach := map[string]string{}
	lines := bufio.NewScanner(stdout)
	for reattach[name] == "" && lines.Scan() {
		if _, value, ok := strings.Cut(lines.Text(), name+"="); ok {
			reattach[name] = strings.Trim(value, "'")
		}
	}
	if !strings.Contains(reattach[name], `"registry.terraform.io/seamapi/seam":`) {
		t.Fatalf("the provider prints %q (%v), want its reattach configuration", reattach[name], lines.Err())
	}
	if c.Name == "tofu" {
		// OpenTofu expects the address of its own registry.
		reattach[name] = strings.Replace(reattach[name], "registry.terraform.io/", "registry.opentofu.org/", 1)
	}

	for _, args := range [][]string{{"apply"}, {"plan", "-detailed-exitcode"}, {"destroy"}} {
		if output, err := c.command(reattach, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, output)
		}
		c.wantBalance(map[string]int{"apply": 1, "plan": 1, "destroy": 0}[args[0]])
	}

	if err := provider.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
	}
	if err := provider.Wait(); err != nil {
		t.Errorf("after the interrupt, the provider ended with %v", err)
	}
}
