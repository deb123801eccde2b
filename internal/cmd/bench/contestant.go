package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// contestant is a provider with its links to manage, and the CLI that runs it.
type contestant struct {
	name, binDir string
	links, users int
	env          map[command]map[string]string // added for each command

	pairs   map[string]string // from the ids of ACS users to those of user identities
	seam    *testbed.Seam     // a floor sends no requests
	cli     *testbed.CLI
	process string // path of the running program, symbolic links resolved
	state   string // as it is after an apply
	samples map[command][]sample
}

// command is a command of the CLI. A round runs them in this order: apply adds all
// links, plan finds no changes, and destroy removes all links. A round without apply
// begins with links that exist.
type command string

const (
	apply   command = "apply"
	plan    command = "plan"
	destroy command = "destroy"
)

var allCommands = []command{apply, plan, destroy}

// prepare gives a contestant, whose Seam runs, a CLI with the configuration.
func (b *bench) prepare(c *contestant) (err error) {
	if c.process, err = filepath.EvalSymlinks(testbed.Binary(c.binDir)); err != nil {
		return err
	}
	if c.cli, err = b.NewCLIWith(c.binDir, c.seam.Env()); err != nil {
		return err
	}
	blocks := blocks(c.pairs)
	c.state = state(c.cli.Name, blocks, c.seam.Server)
	content, err := json.Marshal(blocks)
	return errors.Join(err, c.cli.Write("links.json", string(content)), c.cli.Write("main.tf", configuration(blocks)))
}

// linked adds the links in Seam and in the state, without an apply.
func (c *contestant) linked() error {
	for acsUserID, userIdentityID := range c.pairs {
		c.seam.Link(userIdentityID, acsUserID)
	}
	return c.cli.Write(testbed.StateFile, c.state)
}

// seed adds a workspace of that many people, each with a user identity and an ACS user
// in one of two access systems, and returns the pairs to link: from the ids of ACS
// users, spread over the workspace, to those of user identities.
func seed(s *fakeseam.Server, links, users int) (pairs map[string]string) {
	workspace := s.AddWorkspace("Harbour Tower")
	systems := []fakeseam.System{
		s.AddSystem(workspace.ID, "Salto Lobby", "salto_ks_site"),
		s.AddSystem(workspace.ID, "Visionline Garage", "visionline_system"),
	}
	pairs = make(map[string]string, links)
	for n := range users {
		person := fakeseam.Person{
			FullName:     fmt.Sprintf("Resident %06d", n),
			EmailAddress: fmt.Sprintf("resident-%06d@example.com", n),
			PhoneNumber:  fmt.Sprintf("+1555%07d", n),
		}
		identity := s.AddUserIdentity(workspace.ID, person)
		part := n * links / users // there are as many parts as links
		user := s.AddACSUser(systems[part%len(systems)].ID, person)
		if part != (n+1)*links/users {
			pairs[user.ID] = identity.ID
		}
	}
	return pairs
}

// blockSize is how many links one resource block has at most. With any provider,
// Terraform takes more than ten times as long for a block with ten times as many
// instances.
const blockSize = 1000

// blocks distributes the links over resource blocks, by name.
func blocks(links map[string]string) map[string]map[string]string {
	blocks := map[string]map[string]string{}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(links)), blockSize) {
		block := map[string]string{}
		for _, acsUserID := range part {
			block[acsUserID] = links[acsUserID]
		}
		blocks[fmt.Sprintf("links_%d", len(blocks)+1)] = block
	}
	return blocks
}

// configuration has the usual way to write many links: for_each over a map.
func configuration(blocks map[string]map[string]string) string {
	var text strings.Builder
	text.WriteString(`terraform {
  required_providers {
    seam = { source = "seamapi/seam" }
  }
}

locals {
  user_identity_of = jsondecode(file("${path.module}/links.json"))
}
`)
	for _, name := range slices.Sorted(maps.Keys(blocks)) {
		fmt.Fprintf(&text, `
resource "seam_user_identity_acs_user" %[1]q {
  for_each = local.user_identity_of.%[1]s

  acs_user_id      = each.key
  user_identity_id = each.value
}
`, name)
	}
	return text.String()
}

// state is the state after an apply with a CLI, each of which has its own registry.
func state(cli string, blocks map[string]map[string]string, seam *fakeseam.Server) string {
	registry := map[string]string{"terraform": "registry.terraform.io", "tofu": "registry.opentofu.org"}[cli]
	var resources []string
	for name, block := range blocks {
		var instances []string
		for id, identity := range block {
			user, _ := seam.ACSUser(id)
			instances = append(instances, fmt.Sprintf(`{"index_key": %[1]q, "schema_version": 0, "attributes":
				{"acs_user_id": %[1]q, "user_identity_id": %q, "acs_system_id": %q, "workspace_id": %q}}`,
				id, identity, user.SystemID, user.WorkspaceID))
		}
		resources = append(resources, fmt.Sprintf(`{"mode": "managed", "type": "seam_user_identity_acs_user", "name": %q,
			"provider": "provider[\"%s/seamapi/seam\"]", "instances": [%s]}`, name, registry, strings.Join(instances, ",")))
	}
	return fmt.Sprintf(`{"version": 4, "terraform_version": "1.0.0", "serial": 1, "lineage": "11111111-1111-4111-8111-111111111111",
		"outputs": {}, "resources": [%s]}`, strings.Join(resources, ","))
}
