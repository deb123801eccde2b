package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// world is an embedded Seam with its people.
type world struct {
	*fakeseam.Server
	fakeseam.Small
	foreign []fakeseam.Link // which were added outside Terraform
}

func newWorld() *world {
	server := fakeseam.New()
	small := fakeseam.SeedSmall(server)
	return &world{server, small, server.Links()}
}

// The links in the configuration in examples/demo.

func (w *world) amiraSalto() fakeseam.Link {
	return fakeseam.Link{UserIdentityID: w.Amira.ID, ACSUserID: w.AmiraSalto.ID}
}

func (w *world) janeGarage() fakeseam.Link {
	return fakeseam.Link{UserIdentityID: w.Jane.ID, ACSUserID: w.JaneGarage.ID}
}

func (w *world) frontDesk() fakeseam.Link {
	return fakeseam.Link{UserIdentityID: w.Priya.ID, ACSUserID: w.FrontDesk.ID}
}

// frontDeskFile is the part of the configuration that one step removes.
const frontDeskFile = "front_desk.tf"

// writeConfiguration copies the configuration in a directory, and adds the ids of this
// world.
func (w *world) writeConfiguration(from string, cli *testbed.CLI) error {
	for _, name := range []string{"main.tf", frontDeskFile} {
		content, err := os.ReadFile(filepath.Join(from, name))
		if err := errors.Join(err, cli.Write(name, string(content))); err != nil {
			return err
		}
	}
	ids, err := json.Marshal(map[string]map[string]string{
		"acs_users": {
			"amira_salto": w.AmiraSalto.ID,
			"front_desk":  w.FrontDesk.ID,
			"jane_garage": w.JaneGarage.ID,
			"john_garage": w.JohnGarage.ID,
		},
		"user_identities": {
			"amira": w.Amira.ID,
			"jane":  w.Jane.ID,
			"priya": w.Priya.ID,
		},
	})
	return errors.Join(err, cli.Write("ids.auto.tfvars.json", string(ids)))
}

// nameUser describes an ACS user by name.
func (w *world) nameUser(id string) string {
	for _, user := range w.ACSUsers(w.Workspace.ID) {
		if user.ID == id {
			return user.FullName + " in " + w.nameSystem(user.SystemID)
		}
	}
	return "ACS user " + id
}

func (w *world) nameSystem(id string) string {
	for _, system := range w.Systems(w.Workspace.ID) {
		if system.ID == id {
			return system.Name
		}
	}
	return "access system " + id
}

func (w *world) nameIdentity(id string) string {
	if identity, ok := w.UserIdentity(id); ok {
		return identity.FullName
	}
	return "user identity " + id
}

func (w *world) nameLink(link fakeseam.Link) string {
	return fmt.Sprintf("%s, linked to %s", w.nameUser(link.ACSUserID), w.nameIdentity(link.UserIdentityID))
}

// whoIsWho explains the ids in a text, in a line for each.
func (w *world) whoIsWho(text string) []string {
	var lines []string
	for _, user := range w.ACSUsers(w.Workspace.ID) {
		if strings.Contains(text, user.ID) {
			lines = append(lines, fmt.Sprintf("%s  ACS user %s", user.ID, w.nameUser(user.ID)))
		}
	}
	for _, identity := range w.UserIdentities(w.Workspace.ID) {
		if strings.Contains(text, identity.ID) {
			lines = append(lines, fmt.Sprintf("%s  user identity %s", identity.ID, identity.FullName))
		}
	}
	return lines
}
