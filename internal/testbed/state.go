package testbed

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// StateFile is the name of the state file in WorkDir.
const StateFile = "terraform.tfstate"

// StateLink is a link in the state.
type StateLink struct {
	fakeseam.Link
	Tainted bool
	Deposed bool
}

const linkType = "seam_user_identity_acs_user"

// Links returns the links in the state file. It fails if the state contains another
// managed resource, or is incomplete, as after a kill.
func (c *CLI) Links() ([]StateLink, error) {
	content, err := os.ReadFile(filepath.Join(c.WorkDir, StateFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return readLinks(content)
}

func readLinks(content []byte) ([]StateLink, error) {
	var state struct {
		Resources []struct {
			Mode, Type string
			Instances  []struct {
				Status     string
				Deposed    string
				Attributes struct {
					UserIdentityID string `json:"user_identity_id"`
					ACSUserID      string `json:"acs_user_id"`
				}
			}
		}
	}
	if err := json.Unmarshal(content, &state); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	var links []StateLink
	for _, resource := range state.Resources {
		if resource.Mode != "managed" {
			continue
		}
		if resource.Type != linkType {
			return nil, fmt.Errorf("the state contains a %s", resource.Type)
		}
		for _, instance := range resource.Instances {
			links = append(links, StateLink{
				Link:    fakeseam.Link(instance.Attributes),
				Tainted: instance.Status == "tainted",
				Deposed: instance.Deposed != "",
			})
		}
	}
	return links, nil
}
