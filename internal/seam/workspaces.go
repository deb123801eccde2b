package seam

import "context"

// Workspace is the container that everything else belongs to.
// See https://docs.seam.co/latest/api/workspaces.
type Workspace struct {
	WorkspaceID        string `json:"workspace_id"`
	Name               string `json:"name"`
	ConnectPartnerName string `json:"connect_partner_name"`
	CompanyName        string `json:"company_name"` // deprecated in favor of ConnectPartnerName
	IsSandbox          bool   `json:"is_sandbox"`
	IsSuspended        bool   `json:"is_suspended"`
}

func (w Workspace) id() string { return w.WorkspaceID }

// GetWorkspace returns the workspace that the credentials reach.
// See https://docs.seam.co/latest/api/workspaces/get.
func (c *Client) GetWorkspace(ctx context.Context) (Workspace, error) {
	return post(ctx, c, read, "/workspaces/get", struct{}{}, func(r response) (Workspace, error) {
		return validObject("workspace", r.Workspace, "")
	})
}
