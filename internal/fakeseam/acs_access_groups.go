package fakeseam

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// AccessGroup is a group of ACS users in an access system.
type AccessGroup struct {
	ID          string
	SystemID    string
	WorkspaceID string
	Name        string
	CreatedAt   time.Time
}

type accessGroup struct {
	moment
	id, name string
	system   *system
	members  ordered[*membership] // also former ones

	errors, warnings, mutations []string // codes
}

// membership is the membership of an ACS user in an access group. It is kept after the ACS
// user is removed, for lists and gets that lag.
type membership struct {
	membershipState
	history[membershipState]
	user  *acsUser
	group *accessGroup
}

// order is that of the ACS user.
func (m *membership) order() int64 { return m.user.order() }

// groupTypes are the access groups of each type of access system that has some.
var groupTypes = map[string]struct{ kind, name string }{
	"avigilon_alta_org":        {"avigilon_alta_group", "Avigilon Alta group"},
	"brivo_account":            {"brivo_group", "Brivo group"},
	"dormakaba_ambiance_site":  {"dormakaba_ambiance_access_group", "dormakaba Ambiance access group"},
	"dormakaba_community_site": {"dormakaba_community_access_group", "dormakaba Community access group"},
	"kisi_organization":        {"kisi_access_group", "Kisi access group"},
	"pti_site":                 {"pti_access_level", "PTI access level"},
	"salto_ks_site":            {"salto_ks_access_group", "Salto KS access group"},
	"salto_space_system":       {"salto_space_group", "Salto Space group"},
}

// AddAccessGroup adds an access group to an access system of a type that has groups, such as
// salto_ks_site.
func (s *Server) AddAccessGroup(systemID, name string) AccessGroup {
	s.mu.Lock()
	defer s.mu.Unlock()
	sys := s.mustSystem(systemID)
	if _, ok := groupTypes[sys.externalType]; !ok {
		panic(fmt.Sprintf("fakeseam: AddAccessGroup: an access system of the type %s has no access groups", sys.externalType))
	}
	g := &accessGroup{moment: s.next(), id: uuid.NewString(), name: name, system: sys}
	sys.groups = append(sys.groups, g)
	sys.ws.groups = append(sys.ws.groups, g)
	s.byID.groups[g.id] = g
	return g.public()
}

// DeleteAccessGroup deletes an access group and its memberships, as another process would.
func (s *Server) DeleteAccessGroup(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.mustGroup(id)
	for _, m := range g.members {
		s.setMember(g, m.user, false)
		m.user.memberships = slices.DeleteFunc(m.user.memberships, func(other *membership) bool { return other == m })
	}
	g.system.groups.remove(g)
	g.system.ws.groups.remove(g)
	delete(s.byID.groups, g.id)
}

// AddToGroup makes an ACS user a member of an access group, as another process would. Like
// RemoveFromGroup, it ends pending changes, and no request is recorded.
func (s *Server) AddToGroup(accessGroupID, acsUserID string) {
	s.setMemberOutside(accessGroupID, acsUserID, true)
}

// RemoveFromGroup removes an ACS user from an access group, as another process would.
func (s *Server) RemoveFromGroup(accessGroupID, acsUserID string) {
	s.setMemberOutside(accessGroupID, acsUserID, false)
}

func (s *Server) setMemberOutside(groupID, userID string, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, u := s.mustGroup(groupID), s.mustUser(userID)
	if g.system != u.system {
		panic(fmt.Sprintf("fakeseam: access group %s and ACS user %s are in different access systems", g.id, u.id))
	}
	s.setMember(g, u, is)
	m := g.membership(u)
	m.pushed, m.deferred = is, false
	m.showAtOnce(s)
}

// setMember adds an ACS user to a group or removes it, unless the request has no effect.
func (s *Server) setMember(g *accessGroup, u *acsUser, is bool) {
	if s.noEffect {
		return
	}
	m := g.membership(u)
	if m.is == is {
		return
	}
	m.keep(s, m.membershipState)
	s.membershipChanges = append(s.membershipChanges, MembershipChange{
		AccessGroupID: g.id, ACSUserID: u.id, Added: is, Route: s.serving, RequestID: s.requestID, At: time.Now(),
	})
	m.is = is
	if s.serving == "" || s.semantics.Memberships == MembershipsAtOnce {
		m.pushed = is
	}
	m.deferred = m.pushed != is && s.semantics.Memberships == MembershipsDeferredHidden
}

// membership returns the membership of an ACS user, and creates it if necessary.
func (g *accessGroup) membership(u *acsUser) *membership {
	if at := g.members.search(u.order()); at < len(g.members) && g.members[at].user == u {
		return g.members[at]
	}
	m := &membership{user: u, group: g}
	g.members.add(m)
	u.memberships = append(u.memberships, m)
	return m
}

func (s *Server) mustGroup(id string) *accessGroup {
	g, ok := s.byID.groups[strings.ToLower(id)]
	if !ok {
		panic(fmt.Sprintf("fakeseam: no access group %q", id))
	}
	return g
}

func (g *accessGroup) public() AccessGroup {
	return AccessGroup{
		ID:          g.id,
		SystemID:    g.system.id,
		WorkspaceID: g.system.ws.id,
		Name:        g.name,
		CreatedAt:   g.created(),
	}
}

// accessGroupView is the JSON of an access group, see
// https://docs.seam.co/latest/api/acs/access_groups.
type accessGroupView struct {
	ACSAccessGroupID           string   `json:"acs_access_group_id"`
	ACSSystemID                string   `json:"acs_system_id"`
	WorkspaceID                string   `json:"workspace_id"`
	ConnectedAccountID         string   `json:"connected_account_id"`
	Name                       string   `json:"name"`
	DisplayName                string   `json:"display_name"`
	AccessGroupType            string   `json:"access_group_type"`
	AccessGroupTypeDisplayName string   `json:"access_group_type_display_name"`
	ExternalType               string   `json:"external_type"`
	ExternalTypeDisplayName    string   `json:"external_type_display_name"`
	IsManaged                  bool     `json:"is_managed"`
	CreatedAt                  string   `json:"created_at"`
	Errors                     []notice `json:"errors"`
	Warnings                   []notice `json:"warnings"`
	PendingMutations           []notice `json:"pending_mutations"`
}

// view returns the JSON of an access group, with these states of its memberships.
func (g *accessGroup) view(member func(*membership) *membershipState) accessGroupView {
	created := timestamp(g.created())
	kind := groupTypes[g.system.externalType]
	v := accessGroupView{
		ACSAccessGroupID:           g.id,
		ACSSystemID:                g.system.id,
		WorkspaceID:                g.system.ws.id,
		ConnectedAccountID:         g.system.accountID,
		Name:                       g.name,
		DisplayName:                g.name,
		AccessGroupType:            kind.kind,
		AccessGroupTypeDisplayName: kind.name,
		ExternalType:               kind.kind,
		ExternalTypeDisplayName:    kind.name,
		IsManaged:                  true,
		CreatedAt:                  created,
		Errors:                     errorNotices(created, g.errors),
		Warnings:                   warningNotices(created, g.warnings),
		PendingMutations:           mutationNotices(created, g.mutations),
	}
	for _, m := range g.members {
		v.PendingMutations = append(v.PendingMutations, m.groupMutations(*member(m))...)
	}
	return v
}

// userMutations returns the pending mutation of the ACS user for a membership.
func (m *membership) userMutations(state membershipState) []notice {
	n, pending := state.mutation(m.user, "updating_group_membership", "deferring_group_membership_update")
	switch {
	case !pending:
		return nil
	case state.deferred:
		n.ACSAccessGroupID = m.group.id
	default:
		n.From, n.To = state.fromTo("acs_access_group_id", m.group.id)
	}
	return []notice{n}
}

// groupMutations returns that of the group.
func (m *membership) groupMutations(state membershipState) []notice {
	n, pending := state.mutation(m.user, "updating_user_membership", "deferring_user_membership_update")
	switch {
	case !pending:
		return nil
	case state.deferred:
		n.ACSUserID = m.user.id
	default:
		n.From, n.To = state.fromTo("acs_user_id", m.user.id)
	}
	return []notice{n}
}

// mutation returns the fields that both have, if a change is pending.
func (state membershipState) mutation(u *acsUser, updating, deferring string) (n notice, pending bool) {
	if state.is == state.pushed {
		return notice{}, false
	}
	n = notice{CreatedAt: timestamp(u.created()), MutationCode: updating}
	if state.deferred {
		n.MutationCode, n.Variant = deferring, "removing"
		if state.is {
			n.Variant = "adding"
		}
	}
	n.Message = noticeMessage(n.MutationCode)
	return n, true
}

func (state membershipState) fromTo(field, id string) (from, to json.RawMessage) {
	none, some := encode(0, map[string]any{field: nil}).body, encode(0, map[string]any{field: id}).body
	if state.is {
		return none, some
	}
	return some, none
}

// isMember reports whether lists show a member in that state.
func (s *Server) isMember(state *membershipState) bool {
	if s.semantics.Memberships == MembershipsPendingShown {
		return state.is
	}
	return state.pushed
}

// listedMembership returns the state that lists show.
func (s *Server) listedMembership(m *membership) *membershipState {
	return m.inLists(s, &m.membershipState)
}

// gotMembership returns the state that /acs/users/get shows, and counts the get.
func gotMembership(m *membership) *membershipState { return m.get(&m.membershipState, userGets) }

func accessGroupNotFound() *apiError {
	return notFound("acs_access_group_not_found", "Access group not found")
}

func (s *Server) groupIn(ws *workspace, id string) (*accessGroup, *apiError) {
	g := s.byID.groups[id]
	if g == nil || g.system.ws != ws || g.system.hidden {
		return nil, accessGroupNotFound()
	}
	return g, nil
}

// groupFor returns an access group for an ACS user of an access system.
func (s *Server) groupFor(ws *workspace, id string, sys *system) (*accessGroup, *apiError) {
	g, err := s.groupIn(ws, id)
	if err != nil {
		return nil, err
	}
	if g.system != sys {
		return nil, badRequest("acs_system_mismatch", "The ACS user and the access group are in different access systems")
	}
	return g, nil
}

// getAccessGroup handles https://docs.seam.co/latest/api/acs/access_groups/get .
func (s *Server) getAccessGroup(ws *workspace, in *input) (any, *apiError) {
	id, _ := in.id("acs_access_group_id", true)
	if err := in.check(); err != nil {
		return nil, err
	}
	g, err := s.groupIn(ws, id)
	if err != nil {
		return nil, err
	}
	v := g.view(func(m *membership) *membershipState { return m.get(&m.membershipState, groupGets) })
	return struct {
		ACSAccessGroup accessGroupView `json:"acs_access_group"`
		OK             bool            `json:"ok"`
	}{v, true}, nil
}

// listAccessGroups handles https://docs.seam.co/latest/api/acs/access_groups/list .
func (s *Server) listAccessGroups(ws *workspace, in *input) (any, *apiError) {
	systemID, bySystem := in.id("acs_system_id", false)
	userID, byUser := in.id("acs_user_id", false)
	identityID, byIdentity := in.id("user_identity_id", false)
	search := in.search(1)
	if err := in.check(); err != nil {
		return nil, err
	}
	var ofUser, ofIdentity []*accessGroup
	if u := s.byID.users[userID]; u != nil {
		ofUser = s.groupsOf(u)
	}
	if i := s.identityIn(ws, identityID, inLists); i != nil {
		ofIdentity = s.groupsOf(i.users...)
	}
	views := []accessGroupView{}
	for _, g := range ws.groups {
		if g.system.hidden ||
			bySystem && g.system.id != systemID ||
			byUser && !slices.Contains(ofUser, g) ||
			byIdentity && !slices.Contains(ofIdentity, g) ||
			search != "" && !contains([]string{g.name, g.id}, search) {
			continue
		}
		views = append(views, g.view(s.listedMembership))
	}
	return struct {
		ACSAccessGroups []accessGroupView `json:"acs_access_groups"`
		OK              bool              `json:"ok"`
	}{views, true}, nil
}

// groupsOf returns the access groups that a read shows for ACS users, and counts the read.
func (s *Server) groupsOf(users ...*acsUser) []*accessGroup {
	var groups []*accessGroup
	for _, u := range users {
		for _, m := range u.memberships {
			if s.isMember(m.get(&m.membershipState, groupLists)) {
				groups = append(groups, m.group)
			}
		}
	}
	return groups
}

// listUsersOfAccessGroup handles https://docs.seam.co/latest/api/acs/access_groups/list_users .
func (s *Server) listUsersOfAccessGroup(ws *workspace, in *input) (any, *apiError) {
	id, _ := in.id("acs_access_group_id", true)
	if err := in.check(); err != nil {
		return nil, err
	}
	g, err := s.groupIn(ws, id)
	if err != nil {
		return nil, err
	}
	var shown, covered []*acsUser
	for _, m := range g.members {
		covered = append(covered, m.user)
		if s.isMember(s.listedMembership(m)) && s.listedUser(m.user).exists {
			shown = append(shown, m.user)
		}
	}
	views := s.listViews(shown)
	s.catchUpAll(covered)
	if s.semantics.StalePages == PagesStaleOnce {
		for _, m := range g.members {
			m.catchUp()
		}
	}
	return struct {
		ACSUsers []acsUserView `json:"acs_users"`
		OK       bool          `json:"ok"`
	}{views, true}, nil
}

// addToAccessGroup handles https://docs.seam.co/latest/api/acs/users/add_to_access_group .
func (s *Server) addToAccessGroup(ws *workspace, in *input) (any, *apiError) {
	userID, _ := in.id("acs_user_id", true)
	groupID, _ := in.id("acs_access_group_id", true)
	if err := in.check(); err != nil {
		return nil, err
	}
	u, err := s.userIn(ws, userID)
	if err != nil {
		return nil, err
	}
	g, err := s.groupFor(ws, groupID, u.system)
	if err != nil {
		return nil, err
	}
	if g.has(u) && s.semantics.AddMemberTwice == AddMemberTwiceRefused {
		return nil, badRequest("acs_user_already_in_access_group", "The ACS user is already in the access group")
	}
	s.setMember(g, u, true)
	return okView{OK: true}, nil
}

func (g *accessGroup) has(u *acsUser) bool {
	return slices.ContainsFunc(u.memberships, func(m *membership) bool { return m.group == g && m.is })
}

// removeFromAccessGroup handles https://docs.seam.co/latest/api/acs/users/remove_from_access_group .
func (s *Server) removeFromAccessGroup(ws *workspace, in *input) (any, *apiError) {
	userID, byUser := in.id("acs_user_id", false)
	identityID, byIdentity := in.id("user_identity_id", false)
	groupID, _ := in.id("acs_access_group_id", true)
	if len(in.issues) == 0 && byUser == byIdentity {
		in.fault("You must provide either acs_user_id or user_identity_id")
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	g, err := s.groupIn(ws, groupID)
	if err != nil {
		return nil, err
	}
	u, err := s.selectedUser(ws, userSelector{userID: userID, byUser: byUser, identityID: identityID, systemID: g.system.id})
	if err != nil {
		return nil, err
	}
	if u.system != g.system {
		return nil, badRequest("acs_system_mismatch", "The ACS user and the access group are in different access systems")
	}
	if !g.has(u) {
		switch s.semantics.RemoveNonMember {
		case RemoveNonMemberOK:
			return okView{OK: true}, nil
		case RemoveNonMemberRefused:
			return nil, badRequest("acs_user_not_in_access_group", "The ACS user is not in the access group")
		case RemoveNonMemberNotFound:
			return nil, notFound("acs_user_not_found", "ACS user not found in access group")
		}
	}
	s.setMember(g, u, false)
	return okView{OK: true}, nil
}
