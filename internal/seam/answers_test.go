package seam

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// decoded is an answer, and what it would be trusted for.
type decoded struct {
	answer     answer
	ids        func() []string    // of everything that the caller gets
	asked      string             // the id that was asked for, if the answer has to have it
	pagination func() *pagination // where there are pages
}

const askedCursor = "cursor-of-this-page"

// routeAnswers are the answers of every route that the client calls.
func routeAnswers() map[string]decoded {
	none := func() []string { return nil }
	users := &acsUsersPageAnswer{cursor: askedCursor}
	unpaged := &acsUsersAnswer{}
	identities := &userIdentitiesAnswer{cursor: askedCursor}
	user, system := &acsUserAnswer{asked: userA}, &acsSystemAnswer{asked: systemA}
	identity, systems, workspace := &userIdentityAnswer{}, &acsSystemsAnswer{}, &workspaceAnswer{}
	unmanaged := &userIdentityAnswer{}
	userIDs := func(a *acsUsersAnswer) func() []string {
		return func() (ids []string) {
			for _, u := range a.ACSUsers {
				ids = append(ids, u.ACSUserID)
			}
			return ids
		}
	}
	return map[string]decoded{
		"/user_identities/add_acs_user":    {answer: &envelope{}, ids: none},
		"/user_identities/remove_acs_user": {answer: &envelope{}, ids: none},
		"/user_identities/get":             {answer: identity, ids: func() []string { return []string{identity.UserIdentity.UserIdentityID} }},
		"/user_identities/unmanaged/get":   {answer: unmanaged, ids: func() []string { return []string{unmanaged.UserIdentity.UserIdentityID} }},
		"/user_identities/list": {answer: identities, pagination: func() *pagination { return identities.Pagination }, ids: func() (ids []string) {
			for _, i := range identities.UserIdentities {
				ids = append(ids, i.UserIdentityID)
			}
			return ids
		}},
		"/user_identities/list_acs_users": {answer: unpaged, ids: userIDs(unpaged)},
		"/acs/users/get":                  {answer: user, asked: userA, ids: func() []string { return []string{user.ACSUser.ACSUserID} }},
		"/acs/users/list":                 {answer: users, ids: userIDs(&users.acsUsersAnswer), pagination: func() *pagination { return users.Pagination }},
		"/acs/systems/get":                {answer: system, asked: systemA, ids: func() []string { return []string{system.ACSSystem.ACSSystemID} }},
		"/acs/systems/list": {answer: systems, ids: func() (ids []string) {
			for _, s := range systems.ACSSystems {
				ids = append(ids, s.ACSSystemID)
			}
			return ids
		}},
		"/workspaces/get": {answer: workspace, ids: func() []string { return []string{workspace.Workspace.WorkspaceID} }},
	}
}

// goodAnswers are answers that are trusted, one for each route.
var goodAnswers = map[string]string{
	"/user_identities/add_acs_user":    okBody,
	"/user_identities/remove_acs_user": okBody,
	"/user_identities/get":             `{"ok":true,"user_identity":{"user_identity_id":"` + identityB + `","merged_user_identity_ids":["` + identityA + `"],"full_name":null}}`,
	"/user_identities/unmanaged/get":   `{"ok":true,"user_identity":{"user_identity_id":"` + identityA + `","email_address":null}}`,
	"/user_identities/list":            `{"ok":true,"user_identities":[{"user_identity_id":"` + identityA + `"}],"pagination":{"has_next_page":true,"next_page_cursor":"2","next_page_url":null}}`,
	"/user_identities/list_acs_users":  `{"ok":true,"acs_users":[]}`,
	"/acs/users/get":                   `{"ok":true,"acs_user":{"acs_user_id":"` + userA + `","user_identity_id":"","errors":[{"error_code":"x"}]}}`,
	"/acs/users/list":                  `{"ok":true,"acs_users":[{"acs_user_id":"` + userB + `"}],"pagination":{"has_next_page":false,"next_page_cursor":null}}`,
	"/acs/systems/get":                 `{"ok":true,"acs_system":{"acs_system_id":"` + systemA + `","acs_user_count":0}}`,
	"/acs/systems/list":                `{"ok":true,"acs_systems":[{"acs_system_id":"` + systemA + `"}]}`,
	"/workspaces/get":                  workspaceBody,
}

func TestAnswers_good(t *testing.T) {
	t.Parallel()
	routes := routeAnswers()
	if len(routes) != len(goodAnswers) {
		t.Errorf("%d routes, and %d good answers", len(routes), len(goodAnswers))
	}
	for route, to := range routes {
		resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}}
		if failure := (&Client{}).decodeAnswer(&call{path: route, answer: to.answer}, resp, []byte(goodAnswers[route]), nil); failure != nil {
			t.Errorf("%s: %v", route, failure)
		}
	}
}

// Whatever a server sends with a 200: it is trusted only if it says "ok": true,
// everything in it has an id, the id is the one that was asked for, and a list
// that goes on says where; and else what is wrong can be read.
func FuzzDecodeAnswers(f *testing.F) {
	routes := slices.Sorted(maps.Keys(routeAnswers()))
	for i, route := range routes {
		good := goodAnswers[route]
		f.Add(i, []byte(good))
		f.Add(i, []byte(good[:len(good)-2]))
		f.Add(i, []byte(strings.Replace(good, "true", "false", 1)))
		f.Add(i, []byte(strings.ReplaceAll(good, `_id":"`, `_id":7,"x":"`)))
		f.Add(i, []byte(strings.ReplaceAll(good, `{"`, `{"`+testToken+`":null,"`)))
		f.Add(i, []byte(strings.NewReplacer(`[`, `[null,`, `:{`, `:null,"x":{`).Replace(good)))
	}
	f.Add(0, []byte("\xff\x00<html>"+testToken))
	f.Add(slices.Index(routes, "/acs/users/list"), []byte(`{"ok":true,"acs_users":[],"pagination":{"has_next_page":true}}`))
	f.Add(slices.Index(routes, "/acs/users/list"), []byte(`{"ok":true,"acs_users":[],"pagination":{"has_next_page":true,"next_page_cursor":"`+askedCursor+`"}}`))
	f.Add(slices.Index(routes, "/user_identities/list"), []byte(`{"ok":true,"pagination":{"has_next_page":true,"next_page_cursor":"2"}}`))
	f.Fuzz(func(t *testing.T, route int, body []byte) {
		path := routes[uint(route)%uint(len(routes))]
		to := routeAnswers()[path]
		c := &Client{token: testToken}
		resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{requestIDHeader: {"req_1"}}}
		if failure := c.decodeAnswer(&call{path: path, answer: to.answer}, resp, body, nil); failure != nil {
			text := failure.Error()
			if failure.Problem == "" || strings.Contains(text, testToken) || !utf8.ValidString(text) ||
				utf8.RuneCountInString(text) > 1000 || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%s: got %q", path, text)
			}
			return
		}
		if !to.answer.succeeded() {
			t.Errorf("%s: trusted %q", path, body)
		}
		for _, id := range to.ids() {
			if id == "" || to.asked != "" && !strings.EqualFold(id, to.asked) {
				t.Errorf("%s: trusted the id %q in %q", path, id, body)
			}
		}
		if to.pagination != nil {
			p := to.pagination()
			if p == nil || p.HasNextPage == nil || *p.HasNextPage != (p.NextPageCursor != "") || p.NextPageCursor == askedCursor {
				t.Errorf("%s: trusted the end of the list in %q", path, body)
			}
		}
	})
}
