package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/localcli"
)

// checkInstall does what somebody does who installs the provider from a
// registry: init, with a lock file; then the life of a link. A mirror that holds
// the archive as it is stands in for the registry.
func (r *release) checkInstall(ctx context.Context, p platform, dir, cliPath string, out io.Writer) (err error) {
	home := filepath.Join(dir, "install")
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	server := fakeseam.New()
	small := fakeseam.SeedSmall(server)
	running, err := server.Start()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, running.Close()) }()

	path, err := localcli.Find(ctx, cliPath, home, out)
	if err != nil {
		return err
	}
	mirror, cliConfig := filepath.Join(home, "mirror"), filepath.Join(home, "mirror.tfrc")
	// Without a direct block there is no other place to install from.
	config := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %s\n  }\n}\n", strconv.Quote(filepath.ToSlash(mirror)))
	if err := os.WriteFile(cliConfig, []byte(config), 0o600); err != nil {
		return err
	}
	cli, err := localcli.New(ctx, localcli.Setup{Path: path, Dir: home, Env: map[string]string{
		"SEAM_API_KEY":       small.Workspace.APIKey,
		"SEAM_ENDPOINT":      running.URL,
		"TF_CLI_CONFIG_FILE": cliConfig,
	}})
	if err != nil {
		return err
	}
	source := "registry.terraform.io/seamapi/seam"
	if cli.Name == "tofu" {
		source = "registry.opentofu.org/seamapi/seam"
	}
	fmt.Fprintf(out, "Installing with %s ...\n", cli.Version)

	shelf := filepath.Join(mirror, filepath.FromSlash(source))
	if err := os.MkdirAll(shelf, 0o700); err != nil {
		return err
	}
	if err := copyFile(r.path(r.archive(p)), filepath.Join(shelf, r.archive(p))); err != nil {
		return err
	}
	link := fakeseam.Link{UserIdentityID: small.Jane.ID, ACSUserID: small.JaneGarage.ID}
	main := fmt.Sprintf(configuration, r.version, link.UserIdentityID, link.ACSUserID)
	if err := os.WriteFile(filepath.Join(cli.WorkDir, "main.tf"), []byte(main), 0o600); err != nil {
		return err
	}

	if err := cli.Terraform.Init(ctx); err != nil {
		return err
	}
	lock, err := os.ReadFile(filepath.Join(cli.WorkDir, ".terraform.lock.hcl"))
	if err != nil {
		return err
	}
	for _, want := range []string{strconv.Quote(source), strconv.Quote(r.version), `"h1:`} {
		if !strings.Contains(string(lock), want) {
			return fmt.Errorf("the lock file does not have %s:\n%s", want, lock)
		}
	}
	// A pipeline starts with the lock file and without the provider.
	if err := localcli.RemoveAll(filepath.Join(cli.WorkDir, ".terraform")); err != nil {
		return err
	}
	if output, err := cli.Command(ctx, "init", "-input=false", "-no-color", "-lockfile=readonly").CombinedOutput(); err != nil {
		return fmt.Errorf("init with the lock file that init has written: %w\n%s", err, output)
	}

	expect := func(when string, linked bool) error {
		if slices.Contains(server.Links(), link) != linked {
			return fmt.Errorf("after %s, Seam has the links %v", when, server.Links())
		}
		return nil
	}
	changes, err := cli.Terraform.Plan(ctx)
	if err != nil {
		return err
	}
	if !changes {
		return errors.New("the plan makes no link")
	}
	if err := expect("plan", false); err != nil {
		return err
	}
	if err := cli.Terraform.Apply(ctx); err != nil {
		return err
	}
	if err := expect("apply", true); err != nil {
		return err
	}
	if changes, err = cli.Terraform.Plan(ctx); err != nil {
		return err
	}
	if changes {
		return errors.New("a second plan wants changes")
	}
	if err := cli.Terraform.Destroy(ctx); err != nil {
		return err
	}
	if err := expect("destroy", false); err != nil {
		return err
	}

	want := name + "/" + r.version
	for _, request := range server.Requests() {
		if agent := request.Header.Get("User-Agent"); agent != want && !strings.HasPrefix(agent, want+" ") {
			return fmt.Errorf("the provider introduces itself as %q, and not as %s", agent, want)
		}
	}
	return nil
}

const configuration = `terraform {
  required_providers {
    seam = {
      source  = "seamapi/seam"
      version = %q
    }
  }
}

provider "seam" {}

resource "seam_user_identity_acs_user" "test" {
  user_identity_id = %q
  acs_user_id      = %q
}
`
