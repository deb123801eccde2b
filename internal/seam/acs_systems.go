package seam

import (
	"context"
	"slices"
)

// ACSSystem is an access control system that is connected to a workspace.
// Strings are empty where the API leaves a property out, or sends null.
//
// See https://docs.seam.co/latest/api/acs/systems.
type ACSSystem struct {
	ACSSystemID             string `json:"acs_system_id"`
	Name                    string `json:"name"`
	ExternalType            string `json:"external_type"`
	ExternalTypeDisplayName string `json:"external_type_display_name"`
	WorkspaceID             string `json:"workspace_id"`
	ConnectedAccountID      string `json:"connected_account_id"`
	CreatedAt               string `json:"created_at"`     // RFC 3339
	ACSUserCount            *int64 `json:"acs_user_count"` // nil if Seam does not say
	IsCredentialManager     bool   `json:"is_credential_manager"`

	Errors   []Problem `json:"errors"`
	Warnings []Warning `json:"warnings"`
}

// ACSSystemsFilter narrows a list of access systems. Empty fields do not.
type ACSSystemsFilter struct {
	ConnectedAccountID string `json:"connected_account_id,omitempty"`
}

// GetACSSystem returns an access system. [IsNotFound] with
// "acs_system_not_found" recognises that there is none.
//
// See https://docs.seam.co/latest/api/acs/systems/get.
func (c *Client) GetACSSystem(ctx context.Context, acsSystemID string) (ACSSystem, error) {
	request := struct {
		ACSSystemID string `json:"acs_system_id"`
	}{acsSystemID}
	a := acsSystemAnswer{asked: acsSystemID}
	if err := c.call(ctx, read, "/acs/systems/get", request, &a); err != nil {
		return ACSSystem{}, err
	}
	return *a.ACSSystem, nil
}

type acsSystemAnswer struct {
	envelope
	asked     string
	ACSSystem *ACSSystem `json:"acs_system"`
}

func (a *acsSystemAnswer) problem() string {
	if a.ACSSystem == nil {
		return "the answer holds no acs_system"
	}
	return wrongID("acs_system", a.ACSSystem.ACSSystemID, a.asked)
}

// ListACSSystems returns all access systems of the workspace.
//
// See https://docs.seam.co/latest/api/acs/systems/list.
func (c *Client) ListACSSystems(ctx context.Context, filter ACSSystemsFilter) ([]ACSSystem, error) {
	var a acsSystemsAnswer
	if err := c.call(ctx, read, "/acs/systems/list", filter, &a); err != nil {
		return nil, err
	}
	return a.ACSSystems, nil
}

type acsSystemsAnswer struct {
	envelope
	ACSSystems []ACSSystem `json:"acs_systems"`
}

func (a *acsSystemsAnswer) problem() string {
	if a.ACSSystems == nil {
		return "the answer holds no acs_systems"
	}
	if slices.ContainsFunc(a.ACSSystems, func(s ACSSystem) bool { return s.ACSSystemID == "" }) {
		return "one of its acs_systems has no id"
	}
	return ""
}
