package testbed

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

const installTimeout = 5 * time.Minute

// Find returns the absolute path of the CLI to run: the one at path if it is not empty,
// then in the order of terraform-plugin-testing the one at TF_ACC_TERRAFORM_PATH, the
// Terraform of TF_ACC_TERRAFORM_VERSION, terraform or tofu on PATH, and the newest
// Terraform. It installs a Terraform in dir, and reports that on out.
func Find(ctx context.Context, path, dir string, out io.Writer) (string, error) {
	for _, named := range []struct{ path, by string }{
		{path, "-cli"},
		{os.Getenv("TF_ACC_TERRAFORM_PATH"), "TF_ACC_TERRAFORM_PATH"},
	} {
		if named.path == "" {
			continue
		}
		found, err := exec.LookPath(named.path)
		if err != nil {
			return "", fmt.Errorf("%s is %s, which cannot be run: %w", named.by, named.path, err)
		}
		return filepath.Abs(found)
	}
	install := filepath.Join(dir, "cli")
	if wanted := os.Getenv("TF_ACC_TERRAFORM_VERSION"); wanted != "" {
		exact, err := version.NewVersion(wanted)
		if err != nil {
			return "", fmt.Errorf("TF_ACC_TERRAFORM_VERSION is not a version: %w", err)
		}
		return installed(ctx, install, "Terraform "+wanted, out,
			&releases.ExactVersion{Product: product.Terraform, Version: exact, InstallDir: install, Timeout: installTimeout})
	}
	for _, name := range []string{"terraform", "tofu"} {
		if found, err := exec.LookPath(name); err == nil {
			return filepath.Abs(found)
		}
	}
	return installed(ctx, install, "the newest Terraform, because neither terraform nor tofu is on PATH", out,
		&releases.LatestVersion{Product: product.Terraform, InstallDir: install, Timeout: installTimeout})
}

func installed(ctx context.Context, dir, what string, out io.Writer, installer interface {
	Install(context.Context) (string, error)
},
) (string, error) {
	if _, err := fmt.Fprintf(out, "Installing %s, for this run.\n", what); err != nil {
		return "", err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	path, err := installer.Install(ctx)
	if err != nil {
		return "", fmt.Errorf("cannot install %s. Install Terraform or OpenTofu, or set TF_ACC_TERRAFORM_PATH to it: %w", what, err)
	}
	return path, nil
}
