package testbed

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// StateFile is the name of the state file in WorkDir.
const StateFile = "terraform.tfstate"

// Resource is an instance of a managed resource in the state.
type Resource struct {
	Address    string // such as seam_acs_user.jane or seam_acs_user.all["jane"]
	Type       string
	Attributes map[string]any
	Tainted    bool
	Deposed    bool
}

// Text returns an attribute that is a string, "" if it is null.
func (r Resource) Text(attribute string) string {
	text, _ := r.Attributes[attribute].(string)
	return text
}

// ID returns the id of the ACS user or, without one, of the user identity, in lower case.
// Of a membership, it also has that of the access group, after a slash. It is "" if neither
// is known.
func (r Resource) ID() string {
	id := cmp.Or(r.Text("acs_user_id"), r.Text("user_identity_id"))
	if group := r.Text("acs_access_group_id"); group != "" {
		id += "/" + group
	}
	return strings.ToLower(id)
}

// Target returns the id of what an ACS user is linked to or a member of.
func (r Resource) Target() string {
	return strings.ToLower(cmp.Or(r.Text("acs_access_group_id"), r.Text("user_identity_id")))
}

// Key is the type, without the name of the provider, and the ID.
func (r Resource) Key() string { return strings.TrimPrefix(r.Type, "seam_") + " " + r.ID() }

// Resources returns what the state file contains, without data sources. It fails if the
// state is incomplete, as after a kill.
func (c *CLI) Resources() ([]Resource, error) {
	content, err := os.ReadFile(filepath.Join(c.WorkDir, StateFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return readResources(content)
}

// RestoreState replaces a state file that a killed CLI wrote in part with its backup, as
// the CLI's documentation advises.
func (c *CLI) RestoreState() error {
	path := filepath.Join(c.WorkDir, StateFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && json.Valid(content) {
		return nil
	}
	backup, err := os.ReadFile(path + ".backup")
	if errors.Is(err, os.ErrNotExist) {
		return os.Remove(path)
	}
	return errors.Join(err, c.Write(StateFile, string(backup)))
}

func readResources(content []byte) ([]Resource, error) {
	var state struct {
		Resources []struct {
			Module, Mode, Type, Name string
			Instances                []struct {
				IndexKey   json.RawMessage `json:"index_key"`
				Status     string
				Deposed    string
				Attributes map[string]any
			}
		}
	}
	if err := json.Unmarshal(content, &state); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	var resources []Resource
	for _, resource := range state.Resources {
		if resource.Mode != "managed" {
			continue
		}
		for _, instance := range resource.Instances {
			address := strings.TrimPrefix(resource.Module+"."+resource.Type+"."+resource.Name, ".")
			if instance.IndexKey != nil {
				address += "[" + string(instance.IndexKey) + "]"
			}
			resources = append(resources, Resource{
				Address: address, Type: resource.Type, Attributes: instance.Attributes,
				Tainted: instance.Status == "tainted", Deposed: instance.Deposed != "",
			})
		}
	}
	return resources, nil
}

// StateLink is a link in the state.
type StateLink struct {
	fakeseam.Link
	Tainted bool
	Deposed bool
}

const linkType = "seam_user_identity_acs_user"

// Links is Resources for a state that contains only links. Another resource is an error.
func (c *CLI) Links() ([]StateLink, error) {
	resources, err := c.Resources()
	if err != nil {
		return nil, err
	}
	return linksOf(resources)
}

func linksOf(resources []Resource) ([]StateLink, error) {
	var links []StateLink
	for _, r := range resources {
		if r.Type != linkType {
			return nil, fmt.Errorf("the state contains %s", r.Address)
		}
		links = append(links, StateLink{fakeseam.Link{UserIdentityID: r.Text("user_identity_id"), ACSUserID: r.Text("acs_user_id")}, r.Tainted, r.Deposed})
	}
	return links, nil
}
