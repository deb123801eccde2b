package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// blockSize is how many links one resource block has at most. Terraform takes
// more than ten times as long for a block with ten times as many instances,
// whatever the provider.
const blockSize = 1000

// blocks spreads the links over resource blocks, by name.
func blocks(links map[string]string) map[string]map[string]string {
	blocks := map[string]map[string]string{}
	n := 0
	for part := range slices.Chunk(slices.Sorted(maps.Keys(links)), blockSize) {
		n++
		block := map[string]string{}
		for _, acsUserID := range part {
			block[acsUserID] = links[acsUserID]
		}
		blocks[fmt.Sprintf("links_%d", n)] = block
	}
	return blocks
}

const (
	configurationHead = `terraform {
  required_providers {
    seam = { source = "seamapi/seam" }
  }
}

locals {
  user_identity_of = jsondecode(file("${path.module}/links.json"))
}
`
	// configurationBlock is the usual way to write many links: for_each over a map.
	configurationBlock = `
resource "seam_user_identity_acs_user" %[1]q {
  for_each = local.user_identity_of.%[1]s

  acs_user_id      = each.key
  user_identity_id = each.value
}
`
)

func configuration(blocks map[string]map[string]string) string {
	var text strings.Builder
	text.WriteString(configurationHead)
	for _, name := range slices.Sorted(maps.Keys(blocks)) {
		fmt.Fprintf(&text, configurationBlock, name)
	}
	return text.String()
}

// state is the state as it is after an apply, for a CLI that finds the provider
// in a registry of its own.
func state(registry string, blocks map[string]map[string]string, users []fakeseam.ACSUser) ([]byte, error) {
	type object = map[string]any
	userOf := map[string]fakeseam.ACSUser{}
	for _, user := range users {
		userOf[user.ID] = user
	}
	var resources []object
	for _, name := range slices.Sorted(maps.Keys(blocks)) {
		var instances []object
		for _, acsUserID := range slices.Sorted(maps.Keys(blocks[name])) {
			instances = append(instances, object{
				"index_key": acsUserID, "schema_version": 0,
				"attributes": object{
					"acs_user_id": acsUserID, "user_identity_id": blocks[name][acsUserID],
					"acs_system_id": userOf[acsUserID].SystemID, "workspace_id": userOf[acsUserID].WorkspaceID,
				},
			})
		}
		resources = append(resources, object{
			"mode": "managed", "type": "seam_user_identity_acs_user", "name": name,
			"provider": fmt.Sprintf("provider[%q]", registry+"/seamapi/seam"), "instances": instances,
		})
	}
	return json.Marshal(object{
		"version": 4, "terraform_version": "1.0.0", "serial": 1,
		"lineage": "11111111-1111-4111-8111-111111111111", "outputs": object{}, "resources": resources,
	})
}
