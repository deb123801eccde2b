package seam

import "context"

// ACSSystem is an access system that is connected to a workspace. Absent strings are empty.
// See https://docs.seam.co/latest/api/acs/systems.
type ACSSystem struct {
	ACSSystemID             string    `json:"acs_system_id"`
	Name                    string    `json:"name"`
	ExternalType            string    `json:"external_type"`
	ExternalTypeDisplayName string    `json:"external_type_display_name"`
	WorkspaceID             string    `json:"workspace_id"`
	ConnectedAccountID      string    `json:"connected_account_id"`
	CreatedAt               string    `json:"created_at"`     // RFC 3339
	ACSUserCount            *int64    `json:"acs_user_count"` // nil if not reported
	IsCredentialManager     bool      `json:"is_credential_manager"`
	Errors                  []Problem `json:"errors"`
	Warnings                []Warning `json:"warnings"`
}

func (s ACSSystem) id() string { return s.ACSSystemID }

// ACSSystemsFilter filters a list of access systems. Empty fields are not sent.
type ACSSystemsFilter struct {
	ConnectedAccountID string `json:"connected_account_id,omitempty"`
}

// GetACSSystem returns an access system. If there is none, the error [IsNotFound] with
// [TypeACSSystemNotFound].
// See https://docs.seam.co/latest/api/acs/systems/get.
func (c *Client) GetACSSystem(ctx context.Context, id string) (ACSSystem, error) {
	return post(ctx, c, read, "/acs/systems/get", map[string]string{"acs_system_id": id}, func(r response) (ACSSystem, error) {
		return validObject("acs_system", r.ACSSystem, id)
	})
}

// ListACSSystems returns all access systems of the workspace.
// See https://docs.seam.co/latest/api/acs/systems/list.
func (c *Client) ListACSSystems(ctx context.Context, filter ACSSystemsFilter) ([]ACSSystem, error) {
	return post(ctx, c, read, "/acs/systems/list", filter, func(r response) ([]ACSSystem, error) {
		return validList("acs_systems", r.ACSSystems)
	})
}
