package fakeseam

// systemType holds what differs between types of access systems.
type systemType struct {
	name              string
	userType          string // external_type of its ACS users; some types have none
	userTypeName      string
	credentialManager bool
}

var systemTypes = map[string]systemType{
	"assa_abloy_credential_service":        {name: "ASSA ABLOY Credential Service", credentialManager: true},
	"assa_abloy_vostio":                    {name: "ASSA ABLOY Vostio"},
	"assa_abloy_vostio_credential_service": {name: "ASSA ABLOY Vostio Credential Service", credentialManager: true},
	"avigilon_alta_org":                    {"Avigilon Alta Org", "avigilon_alta_user", "Avigilon Alta user", false},
	"brivo_account":                        {"Brivo Account", "brivo_user", "Brivo user", false},
	"dormakaba_ambiance_site":              {name: "dormakaba Ambiance Site"},
	"dormakaba_community_site":             {"dormakaba Community Site", "dormakaba_community_user", "dormakaba Community user", false},
	"hid_credential_manager_organization":  {"HID Credential Manager Organization", "hid_credential_manager_user", "HID Credential Manager user", true},
	"hotek_site":                           {name: "Hotek Site"},
	"kisi_organization":                    {"Kisi Organization", "kisi_user", "Kisi user", false},
	"latch_building":                       {"Latch Building", "latch_user", "Latch user", false},
	"legic_connect_credential_service":     {name: "Legic Connect Credential Service", credentialManager: true},
	"pti_site":                             {"PTI Site", "pti_user", "PTI user", false},
	"salto_ks_site":                        {"Salto KS Site", "salto_site_user", "Salto site user", false},
	"salto_space_system":                   {"Salto Space System", "salto_space_user", "Salto Space user", false},
	"visionline_system":                    {name: "Visionline System"},
}

// systemView is the JSON of an access system, see
// https://docs.seam.co/latest/api/acs/systems.
type systemView struct {
	ACSSystemID             string       `json:"acs_system_id"`
	Name                    string       `json:"name"`
	WorkspaceID             string       `json:"workspace_id"`
	ConnectedAccountID      string       `json:"connected_account_id"`
	ConnectedAccountIDs     []string     `json:"connected_account_ids"`
	ExternalType            string       `json:"external_type"`
	ExternalTypeDisplayName string       `json:"external_type_display_name"`
	SystemType              string       `json:"system_type"`
	SystemTypeDisplayName   string       `json:"system_type_display_name"`
	IsCredentialManager     bool         `json:"is_credential_manager"`
	DefaultManagerID        *string      `json:"default_credential_manager_acs_system_id"`
	ACSUserCount            int          `json:"acs_user_count"`
	ACSAccessGroupCount     int          `json:"acs_access_group_count"`
	ImageURL                string       `json:"image_url"`
	ImageAltText            string       `json:"image_alt_text"`
	Location                locationView `json:"location"`
	CreatedAt               string       `json:"created_at"`
	Errors                  []notice     `json:"errors"`
	Warnings                []notice     `json:"warnings"`
}

type locationView struct {
	TimeZone *string `json:"time_zone"`
}

func (sys *system) view() systemView {
	kind := systemTypes[sys.externalType]
	zone := "America/Los_Angeles"
	return systemView{
		ACSSystemID:             sys.id,
		Name:                    sys.name,
		WorkspaceID:             sys.ws.id,
		ConnectedAccountID:      sys.accountID,
		ConnectedAccountIDs:     []string{sys.accountID},
		ExternalType:            sys.externalType,
		ExternalTypeDisplayName: kind.name,
		SystemType:              sys.externalType,
		SystemTypeDisplayName:   kind.name,
		IsCredentialManager:     kind.credentialManager,
		ACSUserCount:            sys.userCount(),
		ACSAccessGroupCount:     len(sys.groups),
		ImageURL:                "https://connect.getseam.com/assets/images/acs_systems/" + sys.externalType + ".png",
		ImageAltText:            kind.name + " logo",
		Location:                locationView{TimeZone: &zone},
		CreatedAt:               timestamp(sys.created()),
		Errors:                  []notice{},
		Warnings:                []notice{},
	}
}

func (sys *system) userCount() int {
	count := 0
	for _, u := range sys.users {
		if u.exists {
			count++
		}
	}
	return count
}

// systemIn returns the access system of that id, or nil.
func (s *Server) systemIn(ws *workspace, id string) (*system, *apiError) {
	sys := s.byID.systems[id]
	if sys == nil || sys.ws != ws || sys.hidden {
		return nil, notFound("acs_system_not_found", "Access control system not found")
	}
	return sys, nil
}

// getSystem handles https://docs.seam.co/latest/api/acs/systems/get .
func (s *Server) getSystem(ws *workspace, in *input) (any, *apiError) {
	id, _ := in.id("acs_system_id", true)
	if err := in.check(); err != nil {
		return nil, err
	}
	sys, err := s.systemIn(ws, id)
	if err != nil {
		return nil, err
	}
	return struct {
		ACSSystem systemView `json:"acs_system"`
		OK        bool       `json:"ok"`
	}{sys.view(), true}, nil
}

// listSystems handles https://docs.seam.co/latest/api/acs/systems/list .
func (s *Server) listSystems(ws *workspace, in *input) (any, *apiError) {
	_, byCustomer := in.text("customer_key", false)
	accountID, byAccount := in.id("connected_account_id", false)
	search := in.search(1)
	if err := in.check(); err != nil {
		return nil, err
	}
	views := []systemView{}
	for _, sys := range ws.systems {
		// No access system of this fake belongs to a customer.
		if sys.hidden || byCustomer || byAccount && sys.accountID != accountID ||
			search != "" && !contains([]string{sys.name, sys.id}, search) {
			continue
		}
		views = append(views, sys.view())
	}
	return struct {
		ACSSystems []systemView `json:"acs_systems"`
		OK         bool         `json:"ok"`
	}{views, true}, nil
}

// HideSystem hides an access system, its ACS users and its groups from every route, or shows
// them again, as if its connected account were disconnected: gets and writes return 404, and
// lists and acs_user_ids omit them. The links stay, and the functions of this package still
// return them.
func (s *Server) HideSystem(id string, hidden bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustSystem(id).hidden = hidden
}
