package docs

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// The IDs that documentation and examples use. Each stands for one thing
// throughout, and here for a thing of the embedded Seam's small world.
const (
	janesIdentity  = "4a2d1c5e-6b0f-4c5d-9d5e-0f6a1b2c3d4e"
	johnsIdentity  = "7b3e2f60-1c4d-4e8f-8a9b-0c1d2e3f4a5b"
	janesACSUser   = "8f14e45f-ceea-467f-a8b2-6f1d2c3b4a59"
	janesRecord    = "3c6d9e2f-5a7b-4c1d-8e9f-2a3b4c5d6e7f" // in the access system of accessSystem
	anotherACSUser = "1d7f3c92-0b6e-4a58-9c41-e2f5a6b7c8d9"
	accessSystem   = "2c9f0b1e-7d34-4e0a-8b59-6f2a4d1c3e5b"
	visitorsGroup  = "6e7f8a9b-0c1d-4e2f-9a3b-4c5d6e7f8a9b" // in the same access system
	secondSystem   = "9b1d4f7a-2e5c-4d8b-a3f6-7c0e1b2d3a4f"
	theWorkspace   = "5e1f0a2b-3c4d-4e5f-8a6b-7c8d9e0f1a2b"
)

// stage is where one example is run: an embedded Seam of its own, where nobody is
// linked at first.
type stage struct {
	*testbed.Seam
	small fakeseam.Small
	staff fakeseam.AccessGroup
	cast  map[string]string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	server := fakeseam.New()
	small := fakeseam.SeedSmall(server)
	for _, link := range small.LinkedPairs {
		server.Unlink(link.ACSUserID)
	}
	staff := server.AddAccessGroup(small.Salto.ID, "Staff")
	visitors := server.AddAccessGroup(small.Salto.ID, "Visitors")
	return &stage{Seam: testbed.ServeTest(t, server), small: small, staff: staff, cast: map[string]string{
		janesIdentity:  small.Jane.ID,
		johnsIdentity:  small.John.ID,
		janesACSUser:   small.JaneGarage.ID,
		janesRecord:    small.JaneSalto.ID,
		anotherACSUser: small.AmiraSalto.ID,
		accessSystem:   small.Salto.ID,
		visitorsGroup:  visitors.ID,
		secondSystem:   small.Garage.ID,
		theWorkspace:   small.Workspace.ID,
	}}
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// recast writes the IDs of this stage in place of those of the documentation.
func (s *stage) recast(t *testing.T, text string) string {
	t.Helper()
	return uuids.ReplaceAllStringFunc(text, func(id string) string {
		if s.cast[id] == "" {
			t.Errorf("the ID %s is not one of those that the documentation uses; see cast_test.go", id)
		}
		return s.cast[id]
	})
}

// env is the environment of an example: credentials as its comments say.
func (s *stage) env(config string) map[string]string {
	env := s.Env()
	if strings.Contains(config, "SEAM_PERSONAL_ACCESS_TOKEN") {
		delete(env, "SEAM_API_KEY")
		env["SEAM_PERSONAL_ACCESS_TOKEN"] = s.small.Token
	}
	if strings.Contains(config, "var.seam_api_key") {
		delete(env, "SEAM_API_KEY")
	}
	return env
}

// variables is a value for each variable of a configuration.
func (s *stage) variables(t *testing.T, config string) string {
	t.Helper()
	known := map[string]string{
		"user_identity_id": fmt.Sprintf("%q", s.small.Jane.ID),
		"acs_user_id":      fmt.Sprintf("%q", s.small.JaneGarage.ID),
		"seam_api_key":     fmt.Sprintf("%q", s.small.Workspace.APIKey),
	}
	var b strings.Builder
	for _, variable := range regexp.MustCompile(`(?m)^variable "(\w+)"`).FindAllStringSubmatch(config, -1) {
		value, ok := known[variable[1]]
		if !ok {
			t.Errorf("there is no value for the variable %s; see cast_test.go", variable[1])
		}
		fmt.Fprintf(&b, "%s = %s\n", variable[1], value)
	}
	return b.String()
}
