package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// world is the embedded Seam with its people, and what of it is not ours.
type world struct {
	seam  *fakeseam.Server
	small fakeseam.Small
	// foreign are the links that were there before Terraform came.
	foreign []fakeseam.Link
}

func newWorld() *world {
	server := fakeseam.New()
	small := fakeseam.SeedSmall(server)
	return &world{seam: server, small: small, foreign: server.Links()}
}

// The links that the configuration in examples/demo asks for.

func (w *world) amiraSalto() fakeseam.Link {
	return fakeseam.Link{UserIdentityID: w.small.Amira.ID, ACSUserID: w.small.AmiraSalto.ID}
}

func (w *world) janeGarage() fakeseam.Link {
	return fakeseam.Link{UserIdentityID: w.small.Jane.ID, ACSUserID: w.small.JaneGarage.ID}
}

func (w *world) frontDesk() fakeseam.Link {
	return fakeseam.Link{UserIdentityID: w.small.Priya.ID, ACSUserID: w.small.FrontDesk.ID}
}

// frontDeskFile is the part of the configuration that a step takes out.
const frontDeskFile = "front_desk.tf"

// writeConfiguration copies the configuration to dir, and puts the ids of this
// world beside it.
func (w *world) writeConfiguration(from, dir string) error {
	for _, name := range []string{"main.tf", frontDeskFile} {
		content, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return err
		}
	}
	ids, err := json.Marshal(map[string]map[string]string{
		"acs_users": {
			"amira_salto": w.small.AmiraSalto.ID,
			"front_desk":  w.small.FrontDesk.ID,
			"jane_garage": w.small.JaneGarage.ID,
			"john_garage": w.small.JohnGarage.ID,
		},
		"user_identities": {
			"amira": w.small.Amira.ID,
			"jane":  w.small.Jane.ID,
			"priya": w.small.Priya.ID,
		},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "ids.auto.tfvars.json"), ids, 0o600)
}

// nameUser names an ACS user as people would.
func (w *world) nameUser(id string) string {
	for _, user := range w.seam.ACSUsers(w.small.Workspace.ID) {
		if user.ID == id {
			return user.FullName + " in " + w.nameSystem(user.SystemID)
		}
	}
	return "ACS user " + id
}

func (w *world) nameSystem(id string) string {
	for _, system := range w.seam.Systems(w.small.Workspace.ID) {
		if system.ID == id {
			return system.Name
		}
	}
	return "access system " + id
}

func (w *world) nameIdentity(id string) string {
	if identity, ok := w.seam.UserIdentity(id); ok {
		return identity.FullName
	}
	return "user identity " + id
}

func (w *world) nameLink(link fakeseam.Link) string {
	return fmt.Sprintf("%s, linked to %s", w.nameUser(link.ACSUserID), w.nameIdentity(link.UserIdentityID))
}

// whoIsWho explains the ids in a text, one line each.
func (w *world) whoIsWho(text string) []string {
	var lines []string
	for _, user := range w.seam.ACSUsers(w.small.Workspace.ID) {
		if strings.Contains(text, user.ID) {
			lines = append(lines, fmt.Sprintf("%s  ACS user %s", user.ID, w.nameUser(user.ID)))
		}
	}
	for _, identity := range w.seam.UserIdentities(w.small.Workspace.ID) {
		if strings.Contains(text, identity.ID) {
			lines = append(lines, fmt.Sprintf("%s  user identity %s", identity.ID, identity.FullName))
		}
	}
	return lines
}
