package fakeseam

import (
	"encoding/json"
	"net/http"
	"slices"
)

// identityView is the JSON of a user identity, see
// https://docs.seam.co/latest/api/user_identities.
type identityView struct {
	UserIdentityID         string          `json:"user_identity_id"`
	UserIdentityKey        json.RawMessage `json:"user_identity_key"`
	EmailAddress           json.RawMessage `json:"email_address"`
	PhoneNumber            json.RawMessage `json:"phone_number"`
	FullName               json.RawMessage `json:"full_name"`
	DisplayName            string          `json:"display_name"`
	ACSUserIDs             []string        `json:"acs_user_ids"`
	MergedUserIdentityIDs  []string        `json:"merged_user_identity_ids,omitzero"`
	MergedUserIdentityKeys []string        `json:"merged_user_identity_keys,omitzero"`
	WorkspaceID            string          `json:"workspace_id"`
	CreatedAt              string          `json:"created_at"`
	Errors                 []notice        `json:"errors"`
	Warnings               []notice        `json:"warnings"`
}

// view returns the JSON of an identity in a state, with the ACS users that are shown for it.
func (i *identity) view(state *identityState, users []*acsUser) identityView {
	v := identityView{
		UserIdentityID:  i.id,
		UserIdentityKey: nullable(state.person.Key),
		EmailAddress:    nullable(state.person.EmailAddress),
		PhoneNumber:     nullable(state.person.PhoneNumber),
		FullName:        nullable(state.person.FullName),
		DisplayName:     state.person.displayName(),
		ACSUserIDs:      visibleIDs(users),
		WorkspaceID:     i.ws.id,
		CreatedAt:       timestamp(i.created()),
		Errors:          i.errorNotices(),
		Warnings:        warningNotices(timestamp(i.created()), i.warnings),
	}
	if !i.ws.seam.mergedUnlisted {
		v.MergedUserIdentityIDs = append([]string{}, i.merged...)
		v.MergedUserIdentityKeys = append([]string{}, i.mergedKeys...)
	}
	if state.beingDeleted {
		v.Warnings = append(v.Warnings, notice{
			CreatedAt: v.CreatedAt, WarningCode: "being_deleted",
			Message: "The user identity is being deleted.",
		})
	}
	return v
}

func visibleIDs(users []*acsUser) []string {
	ids := make([]string, 0, len(users))
	for _, u := range users {
		if !u.system.hidden {
			ids = append(ids, u.id)
		}
	}
	return ids
}

// routeKind is a kind of route. Semantics.Aliases differ by kind.
type routeKind int

const (
	inGets routeKind = iota
	inLists
	inWrites
)

// identityIn returns the identity of an id or alias that this kind of route finds in the
// workspace, or nil.
func (s *Server) identityIn(ws *workspace, id string, where routeKind) *identity {
	i := s.identityByID(ws, id, where)
	if i == nil || !s.stateIn(i, where).exists {
		return nil
	}
	return i
}

// stateIn returns the state of an identity that a kind of route shows.
func (s *Server) stateIn(i *identity, where routeKind) *identityState {
	switch where {
	case inGets:
		return i.inGets(&i.identityState, identityGets)
	case inLists:
		return s.listedIdentity(i)
	default:
		return &i.identityState
	}
}

// identityByID is identityIn, and also returns an identity that does not exist any more, or
// not yet.
func (s *Server) identityByID(ws *workspace, id string, where routeKind) *identity {
	i := s.byID.identities[id]
	if i == nil || i.ws != ws || id != i.id && !s.knowsAliases(where) {
		return nil
	}
	return i
}

// identityByKey is identityIn for a key.
func (s *Server) identityByKey(ws *workspace, key string, where routeKind) *identity {
	i := ws.byKey[key]
	if i == nil || key != i.person.Key && !s.knowsAliases(where) {
		return nil
	}
	return i
}

func (s *Server) knowsAliases(where routeKind) bool {
	switch s.semantics.Aliases {
	case AliasesNotInGets:
		return where != inGets
	case AliasesNowhere:
		return false
	default:
		return true
	}
}

func identityNotFound() *apiError {
	return notFound("user_identity_not_found", "User identity not found")
}

type okView struct {
	OK bool `json:"ok"`
}

// getIdentity handles https://docs.seam.co/latest/api/user_identities/get .
func (s *Server) getIdentity(ws *workspace, in *input) (any, *apiError) {
	id, byID := in.id("user_identity_id", false)
	key, byKey := in.text("user_identity_key", false)
	if len(in.issues) == 0 && !byID && !byKey {
		in.fault("You must provide user_identity_id or user_identity_key")
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var i *identity
	if byID {
		i = s.identityByID(ws, id, inGets)
	} else {
		i = s.gotByKey(ws, key)
	}
	if i == nil || i.unmanaged && !s.unmanagedInGets {
		return nil, identityNotFound()
	}
	state := i.get(&i.identityState, identityGets)
	if !state.exists || !byID && key == i.person.Key && key != state.person.Key {
		return nil, identityNotFound()
	}
	return struct {
		UserIdentity identityView `json:"user_identity"`
		OK           bool         `json:"ok"`
	}{i.view(state, s.gotUsers(i)), true}, nil
}

// listIdentities handles https://docs.seam.co/latest/api/user_identities/list .
func (s *Server) listIdentities(ws *workspace, in *input) (any, *apiError) {
	ids, byIDs := in.ids("user_identity_ids")
	search := in.search(0)
	managerID, byManager := in.id("credential_manager_acs_system_id", false)
	limit := in.limit()
	before := in.moment("created_before")
	after, mismatch := in.place()
	if err := in.check(); err != nil {
		return nil, err
	}
	if mismatch != nil {
		return nil, mismatch
	}

	candidates := ws.identities
	if byIDs {
		candidates = nil
		for _, id := range ids {
			if i := s.identityByID(ws, id, inLists); i != nil && !slices.Contains(candidates, i) {
				candidates.add(i)
			}
		}
	}
	candidates = candidates.after(after)
	shown, pages := page(s, in, candidates, limit, func(i *identity) bool {
		state := s.listedIdentity(i)
		switch {
		case !state.exists,
			i.unmanaged,
			!before.IsZero() && !i.created().Before(before),
			byManager && !i.hasUserIn(managerID):
			return false
		}
		return search == "" ||
			contains([]string{state.person.FullName, state.person.PhoneNumber, state.person.EmailAddress, i.id}, search)
	})
	views := make([]identityView, 0, len(shown))
	for _, i := range shown {
		users, covered := s.shownUsers(i)
		views = append(views, i.view(s.listedIdentity(i), users))
		s.catchUpAll(covered)
	}
	if s.semantics.StalePages == PagesStaleOnce {
		for _, i := range coveredBy(candidates, shown, pages) {
			i.catchUp()
		}
	}
	return struct {
		UserIdentities []identityView `json:"user_identities"`
		Pagination     pagination     `json:"pagination"`
		OK             bool           `json:"ok"`
	}{views, pages, true}, nil
}

func (i *identity) hasUserIn(systemID string) bool {
	return slices.ContainsFunc(i.users, func(u *acsUser) bool { return u.system.id == systemID && !u.system.hidden })
}

// listACSUsersOfIdentity handles https://docs.seam.co/latest/api/user_identities/list_acs_users .
func (s *Server) listACSUsersOfIdentity(ws *workspace, in *input) (any, *apiError) {
	id, _ := in.id("user_identity_id", true)
	if err := in.check(); err != nil {
		return nil, err
	}
	i := s.identityIn(ws, id, inLists)
	if i == nil || i.unmanaged && !s.unmanagedInGets {
		return nil, identityNotFound()
	}
	users, covered := s.shownUsers(i)
	views := s.listViews(users)
	s.catchUpAll(covered)
	return struct {
		ACSUsers []acsUserView `json:"acs_users"`
		OK       bool          `json:"ok"`
	}{views, true}, nil
}

// shownUsers returns the ACS users that a list shows for an identity, and those whose state it
// depends on.
func (s *Server) shownUsers(i *identity) (shown, covered []*acsUser) {
	if s.semantics.StalePages == PagesFresh {
		return i.users, nil
	}
	covered = slices.DeleteFunc(slices.Clone(i.ws.users), func(u *acsUser) bool { return !u.isOf(i) && !s.listedUser(u).isOf(i) })
	shown = slices.DeleteFunc(slices.Clone(covered), func(u *acsUser) bool { return !s.listedUser(u).isOf(i) })
	return shown, covered
}

// addACSUserToIdentity handles https://docs.seam.co/latest/api/user_identities/add_acs_user .
func (s *Server) addACSUserToIdentity(ws *workspace, in *input) (any, *apiError) {
	identityID, byID := in.id("user_identity_id", false)
	key, byKey := in.text("user_identity_key", false)
	if byKey && key == "" {
		in.fault("String must contain at least 1 character(s)", "user_identity_key")
	}
	userID, _ := in.id("acs_user_id", true)
	if len(in.issues) == 0 && byID == byKey {
		in.fault("You must provide either user_identity_id or user_identity_key")
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	u, err := s.userIn(ws, userID)
	if err != nil {
		return nil, err
	}
	var i *identity
	if byID {
		if i = s.identityIn(ws, identityID, inWrites); i == nil {
			return nil, s.writeIdentityNotFound()
		}
	} else if i = s.identityByKey(ws, key, inWrites); i == nil {
		if ws.byKey[key] != nil {
			return nil, s.writeIdentityNotFound() // the key of a merged identity is in use
		}
		// Seam creates an identity for an unknown key.
		i = s.addIdentity(ws, Person{Key: key})
	}
	return s.add(i, u)
}

func (s *Server) add(i *identity, u *acsUser) (any, *apiError) {
	ok := okView{OK: true}
	if u.holder == i {
		if s.semantics.AddHeldHere == AddHeldHereRefused {
			return nil, badRequest("acs_user_already_added", "The ACS user is already added to this user identity")
		}
		return ok, nil
	}
	if u.holder != nil && s.semantics.AddHeldElsewhere == AddHeldElsewhereRefused {
		return nil, badRequest("acs_user_has_another_user_identity", "The ACS user already belongs to another user identity")
	}
	if err := s.secondInSystem(i, u.system); err != nil {
		return nil, err
	}
	u.setHolder(i)
	return ok, nil
}

func (s *Server) secondInSystem(i *identity, sys *system) *apiError {
	if i.hasUserIn(sys.id) && s.semantics.AddSecondInSystem == AddSecondInSystemRefused {
		return badRequest("user_identity_already_in_acs_system", "The user identity already has an ACS user in this access system")
	}
	return nil
}

// removeACSUserFromIdentity handles https://docs.seam.co/latest/api/user_identities/remove_acs_user .
func (s *Server) removeACSUserFromIdentity(ws *workspace, in *input) (any, *apiError) {
	identityID, _ := in.id("user_identity_id", true)
	userID, _ := in.id("acs_user_id", true)
	if err := in.check(); err != nil {
		return nil, err
	}
	u, err := s.userIn(ws, userID)
	if err != nil {
		return nil, err
	}
	i := s.identityIn(ws, identityID, inWrites)
	if i == nil {
		return nil, s.writeIdentityNotFound()
	}
	return s.remove(i, u)
}

func (s *Server) remove(i *identity, u *acsUser) (any, *apiError) {
	ok := okView{OK: true}
	switch u.holder {
	case i:
		u.setHolder(nil)
		return ok, nil
	case nil:
		switch s.semantics.RemoveUnlinked {
		case RemoveUnlinkedRefused:
			return nil, badRequest("acs_user_not_added", "The ACS user does not belong to any user identity")
		case RemoveUnlinkedNotFound:
			return nil, notFound("acs_user_not_found", "ACS user not found on user identity")
		default:
			return ok, nil
		}
	}
	switch s.semantics.RemoveHeldElsewhere {
	case RemoveHeldElsewhereIgnored:
		return ok, nil
	case RemoveHeldElsewhereCuts:
		u.setHolder(nil)
		return ok, nil
	default:
		return nil, badRequest("acs_user_has_another_user_identity", "The ACS user belongs to another user identity")
	}
}

func (s *Server) userIn(ws *workspace, id string) (*acsUser, *apiError) {
	u := s.byID.users[id]
	if u == nil || !u.exists || u.system.ws != ws || u.system.hidden {
		return nil, acsUserNotFound()
	}
	return u, nil
}

func acsUserNotFound() *apiError { return notFound("acs_user_not_found", "acs_user not found") }

func (s *Server) writeIdentityNotFound() *apiError {
	err := identityNotFound()
	if s.semantics.AddUnknownIdentity == AddUnknownIdentity400 {
		err.status = http.StatusBadRequest
	}
	return err
}

// SetMergedListed chooses whether identities have merged_user_identity_ids and
// merged_user_identity_keys. They have both by default; older versions of Seam omit them.
func (s *Server) SetMergedListed(listed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mergedUnlisted = !listed
}
