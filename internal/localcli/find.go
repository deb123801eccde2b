package localcli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

const installTimeout = 5 * time.Minute

// Find returns the absolute path of the CLI to use: the one at path if it is not
// empty, else the one that TF_ACC_TERRAFORM_PATH names, else terraform or tofu
// on PATH. If there is none, it installs the newest Terraform somewhere under
// dir, and says so on out.
func Find(ctx context.Context, path, dir string, out io.Writer) (string, error) {
	for _, named := range []struct{ path, by string }{
		{path, ""},
		{os.Getenv("TF_ACC_TERRAFORM_PATH"), ", which TF_ACC_TERRAFORM_PATH names,"},
	} {
		if named.path == "" {
			continue
		}
		found, err := exec.LookPath(named.path)
		if err != nil {
			return "", fmt.Errorf("%s%s is no program that can be run: %w", named.path, named.by, err)
		}
		return filepath.Abs(found)
	}
	for _, name := range []string{"terraform", "tofu"} {
		if found, err := exec.LookPath(name); err == nil {
			return filepath.Abs(found)
		}
	}

	if _, err := fmt.Fprintln(out, "There is no terraform or tofu on PATH: installing the newest Terraform for this run."); err != nil {
		return "", err
	}
	installDir := filepath.Join(dir, "cli")
	if err := os.Mkdir(installDir, 0o700); err != nil {
		return "", err
	}
	installer := &releases.LatestVersion{Product: product.Terraform, InstallDir: installDir, Timeout: installTimeout}
	installed, err := installer.Install(ctx)
	if err != nil {
		return "", fmt.Errorf("there is no terraform or tofu on PATH, and Terraform could not be installed; "+
			"install one of the two, or name it in TF_ACC_TERRAFORM_PATH: %w", err)
	}
	return installed, nil
}
