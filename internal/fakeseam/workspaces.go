package fakeseam

// workspaceView is the JSON of a workspace, see
// https://docs.seam.co/latest/api/workspaces.
type workspaceView struct {
	WorkspaceID                 string   `json:"workspace_id"`
	Name                        string   `json:"name"`
	CompanyName                 string   `json:"company_name"`
	ConnectPartnerName          *string  `json:"connect_partner_name"`
	ConnectWebviewCustomization struct{} `json:"connect_webview_customization"`
	IsPublishableKeyAuthEnabled bool     `json:"is_publishable_key_auth_enabled"`
	IsSandbox                   bool     `json:"is_sandbox"`
	IsSuspended                 bool     `json:"is_suspended"`
	OrganizationID              *string  `json:"organization_id"`
	PublishableKey              string   `json:"publishable_key"`
}

// getWorkspace handles https://docs.seam.co/latest/api/workspaces/get .
func (s *Server) getWorkspace(ws *workspace, _ *input) (any, *apiError) {
	partner := ws.name
	return struct {
		Workspace workspaceView `json:"workspace"`
		OK        bool          `json:"ok"`
	}{workspaceView{
		WorkspaceID:        ws.id,
		Name:               ws.name,
		CompanyName:        ws.name,
		ConnectPartnerName: &partner,
		IsSandbox:          true,
		PublishableKey:     ws.publishableKey,
	}, true}, nil
}
