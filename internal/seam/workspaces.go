package seam

import "context"

// Workspace is the container that everything else belongs to.
//
// See https://docs.seam.co/latest/api/workspaces.
type Workspace struct {
	WorkspaceID string `json:"workspace_id"`
	Name        string `json:"name"`
	CompanyName string `json:"company_name"`
	IsSandbox   bool   `json:"is_sandbox"`
	IsSuspended bool   `json:"is_suspended"`
}

// GetWorkspace returns the workspace that the credentials reach.
//
// See https://docs.seam.co/latest/api/workspaces/get.
func (c *Client) GetWorkspace(ctx context.Context) (Workspace, error) {
	var a workspaceAnswer
	if err := c.call(ctx, read, "/workspaces/get", struct{}{}, &a); err != nil {
		return Workspace{}, err
	}
	return *a.Workspace, nil
}

type workspaceAnswer struct {
	envelope
	Workspace *Workspace `json:"workspace"`
}

func (a *workspaceAnswer) problem() string {
	switch {
	case a.Workspace == nil:
		return "the answer holds no workspace"
	case a.Workspace.WorkspaceID == "":
		return "its workspace has no id"
	default:
		return ""
	}
}
