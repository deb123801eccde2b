package fakeseam

import (
	"encoding/json"
	"slices"
	"strings"
)

// notice is an entry of errors, warnings or pending_mutations.
type notice struct {
	CreatedAt    string `json:"created_at"`
	Message      string `json:"message"`
	ErrorCode    string `json:"error_code,omitempty"`
	WarningCode  string `json:"warning_code,omitempty"`
	MutationCode string `json:"mutation_code,omitempty"`

	// in issue_with_acs_user of an identity, and in the mutations of a group
	ACSUserID   string `json:"acs_user_id,omitempty"`
	ACSSystemID string `json:"acs_system_id,omitempty"`

	// of mutations
	From             json.RawMessage `json:"from,omitempty"`
	To               json.RawMessage `json:"to,omitempty"`
	ACSAccessGroupID string          `json:"acs_access_group_id,omitempty"`
	Variant          string          `json:"variant,omitempty"`
}

// SetACSUserErrors sets the errors of an ACS user, such as deleted_externally. The ACS user and
// its link stay as they are. See https://docs.seam.co/latest/api/acs/users.
func (s *Server) SetACSUserErrors(id string, codes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustUser(id).errors = slices.Clone(codes)
}

// SetACSUserWarnings sets the warnings of an ACS user, such as acs_user_inactive.
func (s *Server) SetACSUserWarnings(id string, codes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustUser(id).warnings = slices.Clone(codes)
}

// SetACSUserPendingMutations sets the pending mutations of an ACS user, such as
// updating_user_information, with invented values.
func (s *Server) SetACSUserPendingMutations(id string, codes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustUser(id).mutations = slices.Clone(codes)
}

// SetUserIdentityErrors sets the errors of an identity. issue_with_acs_user names its oldest
// linked ACS user, if any. See https://docs.seam.co/latest/api/user_identities.
func (s *Server) SetUserIdentityErrors(id string, codes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustIdentity(id).errors = slices.Clone(codes)
}

// SetUserIdentityWarnings sets the warnings of an identity, such as
// acs_user_profile_does_not_match_user_identity.
func (s *Server) SetUserIdentityWarnings(id string, codes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustIdentity(id).warnings = slices.Clone(codes)
}

// SetAccessGroupErrors sets the errors of an access group, such as
// failed_to_create_on_acs_system. See https://docs.seam.co/latest/api/acs/access_groups.
func (s *Server) SetAccessGroupErrors(id string, codes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustGroup(id).errors = slices.Clone(codes)
}

// SetAccessGroupWarnings sets the warnings of an access group, such as being_deleted.
func (s *Server) SetAccessGroupWarnings(id string, codes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustGroup(id).warnings = slices.Clone(codes)
}

// SetAccessGroupPendingMutations sets the pending mutations of an access group, with invented
// values. For pending changes of its members, see Memberships.
func (s *Server) SetAccessGroupPendingMutations(id string, codes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustGroup(id).mutations = slices.Clone(codes)
}

// noticeMessage returns a message for a code.
func noticeMessage(code string) string {
	if code == "" {
		return ""
	}
	return strings.ToUpper(code[:1]) + strings.ReplaceAll(code[1:], "_", " ") + "."
}

func errorNotices(created string, codes []string) []notice {
	notices := []notice{}
	for _, code := range codes {
		notices = append(notices, notice{CreatedAt: created, Message: noticeMessage(code), ErrorCode: code})
	}
	return notices
}

func (i *identity) errorNotices() []notice {
	notices := errorNotices(timestamp(i.created()), i.errors)
	for n := range notices {
		if notices[n].ErrorCode == "issue_with_acs_user" && len(i.users) > 0 {
			notices[n].ACSUserID, notices[n].ACSSystemID = i.users[0].id, i.users[0].system.id
		}
	}
	return notices
}

func warningNotices(created string, codes []string) []notice {
	notices := []notice{}
	for _, code := range codes {
		notices = append(notices, notice{CreatedAt: created, Message: noticeMessage(code), WarningCode: code})
	}
	return notices
}

func mutationNotices(created string, codes []string) []notice {
	const other = "5f1c1d52-7a0e-4c0b-9a53-0d2b6f6f3c11"
	notices := []notice{}
	for _, code := range codes {
		n := notice{CreatedAt: created, Message: noticeMessage(code), MutationCode: code}
		switch code {
		case "updating_user_information":
			n.From, n.To = json.RawMessage(`{"full_name":null}`), json.RawMessage(`{"full_name":"Jane D."}`)
		case "updating_access_schedule":
			n.From = json.RawMessage(`{"starts_at":null,"ends_at":null}`)
			n.To = json.RawMessage(`{"starts_at":"2025-02-01T08:00:00.000Z","ends_at":null}`)
		case "updating_suspension_state":
			n.From, n.To = json.RawMessage(`{"is_suspended":false}`), json.RawMessage(`{"is_suspended":true}`)
		case "updating_group_membership":
			n.From, n.To = json.RawMessage(`{"acs_access_group_id":null}`), json.RawMessage(`{"acs_access_group_id":"`+other+`"}`)
		case "updating_user_membership":
			n.From, n.To = json.RawMessage(`{"acs_user_id":null}`), json.RawMessage(`{"acs_user_id":"`+other+`"}`)
		case "updating_entrance_membership":
			n.From, n.To = json.RawMessage(`{"acs_entrance_id":null}`), json.RawMessage(`{"acs_entrance_id":"`+other+`"}`)
		case "updating_group_information":
			n.From, n.To = json.RawMessage(`{"name":null}`), json.RawMessage(`{"name":"Staff"}`)
		case "deferring_user_membership_update":
			n.ACSUserID, n.Variant = other, "adding"
		case "updating_credential_assignment":
			n.From, n.To = json.RawMessage(`{"acs_credential_id":null}`), json.RawMessage(`{"acs_credential_id":"`+other+`"}`)
		case "deferring_group_membership_update":
			n.ACSAccessGroupID, n.Variant = other, "adding"
		}
		notices = append(notices, n)
	}
	return notices
}

// mutations returns the pending changes of an ACS user.
func (state *userState) mutations(created string) []notice {
	var notices []notice
	note := func(code string, from, to any) {
		n := notice{CreatedAt: created, Message: noticeMessage(code), MutationCode: code}
		if from != nil {
			n.From, n.To = encode(0, from).body, encode(0, to).body
		}
		notices = append(notices, n)
	}
	if state.creating {
		note("creating", nil, nil)
	}
	if state.pushed == nil {
		return notices
	}
	from, to := *state.pushed, state.profile
	if from.person != to.person {
		note("updating_user_information", from.person.information(), to.person.information())
	}
	if from.schedule != to.schedule {
		note("updating_access_schedule", from.schedule.view(), to.schedule.view())
	}
	if from.suspended != to.suspended {
		note("updating_suspension_state", suspensionView{from.suspended}, suspensionView{to.suspended})
	}
	return notices
}

type suspensionView struct {
	IsSuspended bool `json:"is_suspended"`
}

// informationView is the JSON of the fields that updating_user_information changes.
type informationView struct {
	FullName     json.RawMessage `json:"full_name"`
	EmailAddress json.RawMessage `json:"email_address"`
	PhoneNumber  json.RawMessage `json:"phone_number"`
}

func (p Person) information() informationView {
	return informationView{nullable(p.FullName), nullable(p.EmailAddress), nullable(p.PhoneNumber)}
}
