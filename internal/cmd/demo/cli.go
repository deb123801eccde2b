package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// A command takes a second or two here; one that takes that long is stuck.
const commandTimeout = 2 * time.Minute

// cli drives Terraform or OpenTofu, and reads what it says.
type cli struct{ *testbed.CLI }

// newCLI finds a CLI, builds the provider, and brings the two together. Whatever
// comes into being is in dir.
func newCLI(ctx context.Context, root, dir, path string, env map[string]string, out io.Writer) (*cli, error) {
	path, err := testbed.Find(ctx, path, dir, out)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(out, "Building the provider ...")
	binDir, err := testbed.Build(ctx, root, dir)
	if err != nil {
		return nil, err
	}
	c, err := testbed.New(ctx, testbed.Setup{Path: path, BinDir: binDir, Dir: dir, Env: env})
	if err != nil {
		return nil, err
	}
	return &cli{c}, nil
}

// plan plans, and keeps the plan in file if one is named.
func (c *cli) plan(ctx context.Context, file string) (report, error) {
	var options []tfexec.PlanOption
	if file != "" {
		options = append(options, tfexec.Out(file))
	}
	return c.run(ctx, "plan", func(ctx context.Context, w io.Writer) error {
		_, err := c.Terraform.PlanJSON(ctx, w, options...)
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
		return c.Terraform.ApplyJSON(ctx, w, options...)
	})
}

func (c *cli) destroy(ctx context.Context) (report, error) {
	return c.run(ctx, "destroy", func(ctx context.Context, w io.Writer) error {
		return c.Terraform.DestroyJSON(ctx, w)
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
		return report{}, fmt.Errorf("%s %s did not end within %v", c.Name, name, commandTimeout)
	}
	r, parseErr := readReport(&output)
	if parseErr != nil {
		return report{}, fmt.Errorf("%s %s wrote something that is not JSON: %w", c.Name, name, errors.Join(parseErr, err))
	}
	if err != nil {
		return r, fmt.Errorf("%s %s: %w", c.Name, name, err)
	}
	return r, nil
}

// state returns the links in the state.
func (c *cli) state(ctx context.Context) ([]fakeseam.Link, error) {
	// The commands above leave their writer behind.
	c.Terraform.SetStdout(io.Discard)
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandTimeout)
	defer cancel()
	pulled, err := c.Terraform.StatePull(within)
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
