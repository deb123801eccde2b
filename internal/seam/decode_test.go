package seam

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

const askedCursor = "cursor-of-this-page"

// route is a route that the client calls, and a response that is trusted.
type route struct {
	good string
	// call returns the ids of everything that the caller gets, and the cursor of the
	// next page.
	call  func(context.Context, *Client) (ids []string, next string, err error)
	asked string // the id that was asked for, if the response has to have it
	pages bool
}

var routes = map[string]route{
	"/user_identities/add_acs_user":    {good: okBody, call: nothing((*Client).AddACSUser)},
	"/user_identities/remove_acs_user": {good: okBody, call: nothing((*Client).RemoveACSUser)},
	"/user_identities/get": {
		good: `{"ok":true,"user_identity":{"user_identity_id":"` + identityB + `","merged_user_identity_ids":["` + identityA + `"],"full_name":null}}`,
		call: single((*Client).GetUserIdentity, identityA),
	},
	"/user_identities/unmanaged/get": {
		good: `{"ok":true,"user_identity":{"user_identity_id":"` + identityA + `","email_address":null}}`,
		call: single((*Client).GetUnmanagedUserIdentity, identityA),
	},
	"/user_identities/list": {
		good: `{"ok":true,"user_identities":[{"user_identity_id":"` + identityA + `"}],"pagination":{"has_next_page":true,"next_page_cursor":"2","next_page_url":null}}`,
		call: func(ctx context.Context, c *Client) ([]string, string, error) {
			page, err := c.ListUserIdentities(ctx, UserIdentitiesFilter{}, PageRequest{Cursor: askedCursor})
			return idsOf(page.UserIdentities), page.NextPageCursor, err
		},
		pages: true,
	},
	"/user_identities/list_acs_users": {
		good: `{"ok":true,"acs_users":[]}`,
		call: list((*Client).ListUserIdentityACSUsers, identityA),
	},
	"/acs/users/add_to_access_group":      {good: okBody, call: nothing((*Client).AddToAccessGroup)},
	"/acs/users/remove_from_access_group": {good: okBody, call: nothing((*Client).RemoveFromAccessGroup)},
	"/acs/access_groups/get": {
		good: `{"ok":true,"acs_access_group":{"acs_access_group_id":"` + groupA + `","pending_mutations":[
			{"mutation_code":"updating_user_membership","from":{"acs_user_id":null},"to":{"acs_user_id":"` + userA + `"}}]}}`,
		call:  single((*Client).GetAccessGroup, groupA),
		asked: groupA,
	},
	"/acs/access_groups/list": {
		good: `{"ok":true,"acs_access_groups":[{"acs_access_group_id":"` + groupA + `"}]}`,
		call: list((*Client).ListAccessGroups, AccessGroupsFilter{}),
	},
	"/acs/access_groups/list_users": {
		good: `{"ok":true,"acs_users":[]}`,
		call: list((*Client).ListAccessGroupUsers, groupA),
	},
	"/acs/users/get": {
		good:  `{"ok":true,"acs_user":{"acs_user_id":"` + userA + `","user_identity_id":"","errors":[{"error_code":"x"}]}}`,
		call:  single((*Client).GetACSUser, userA),
		asked: userA,
	},
	"/acs/users/list": {
		good: `{"ok":true,"acs_users":[{"acs_user_id":"` + userB + `"}],"pagination":{"has_next_page":false,"next_page_cursor":null}}`,
		call: func(ctx context.Context, c *Client) ([]string, string, error) {
			page, err := c.ListACSUsers(ctx, ACSUsersFilter{}, PageRequest{Cursor: askedCursor})
			return idsOf(page.ACSUsers), page.NextPageCursor, err
		},
		pages: true,
	},
	"/acs/systems/get": {
		good:  `{"ok":true,"acs_system":{"acs_system_id":"` + systemA + `","acs_user_count":0}}`,
		call:  single((*Client).GetACSSystem, systemA),
		asked: systemA,
	},
	"/acs/systems/list": {
		good: `{"ok":true,"acs_systems":[{"acs_system_id":"` + systemA + `"}]}`,
		call: list((*Client).ListACSSystems, ACSSystemsFilter{}),
	},
	"/workspaces/get": {
		good: workspaceBody,
		call: single(func(c *Client, ctx context.Context, _ string) (Workspace, error) { return c.GetWorkspace(ctx) }, ""),
	},
}

func nothing(call func(*Client, context.Context, string, string) error) func(context.Context, *Client) ([]string, string, error) {
	return func(ctx context.Context, c *Client) ([]string, string, error) {
		return nil, "", call(c, ctx, identityA, userA)
	}
}

func single[T object](call func(*Client, context.Context, string) (T, error), id string) func(context.Context, *Client) ([]string, string, error) {
	return func(ctx context.Context, c *Client) ([]string, string, error) {
		got, err := call(c, ctx, id)
		return []string{got.id()}, "", err
	}
}

func list[F any, T object](call func(*Client, context.Context, F) ([]T, error), filter F) func(context.Context, *Client) ([]string, string, error) {
	return func(ctx context.Context, c *Client) ([]string, string, error) {
		got, err := call(c, ctx, filter)
		return idsOf(got), "", err
	}
}

func idsOf[T object](objects []T) []string {
	ids := []string{}
	for _, o := range objects {
		ids = append(ids, o.id())
	}
	return ids
}

func TestAnswers_good(t *testing.T) {
	t.Parallel()
	for path, route := range routes {
		s := answers(status(200, route.good))
		if _, _, err := route.call(t.Context(), newTestClient(t, s)); err != nil || !strings.HasSuffix(s.seen()[0].url, path) {
			t.Errorf("%s: sent to %s: %v", path, s.seen()[0].url, err)
		}
	}
}

// Whatever a server sends with a 200: it is trusted only if it says "ok": true,
// everything in it has an id, the id is the one that was asked for, and a list
// that goes on says where; and else what is wrong can be read.
func FuzzDecodeAnswers(f *testing.F) {
	paths := slices.Sorted(maps.Keys(routes))
	for i, path := range paths {
		good := routes[path].good
		f.Add(i, []byte(good))
		f.Add(i, []byte(good[:len(good)-2]))
		f.Add(i, []byte(strings.Replace(good, "true", "false", 1)))
		f.Add(i, []byte(strings.ReplaceAll(good, `_id":"`, `_id":7,"x":"`)))
		f.Add(i, []byte(strings.ReplaceAll(good, `{"`, `{"`+testToken+`":null,"`)))
		f.Add(i, []byte(strings.NewReplacer(`[`, `[null,`, `:{`, `:null,"x":{`).Replace(good)))
	}
	f.Add(0, []byte("\xff\x00<html>"+testToken))
	for _, user := range []string{
		`{"acs_user_id":"` + strings.ToUpper(userA) + `","user_identity_id":null,"warnings":[{}],"pending_mutations":null}`,
		`{"acs_user_id":"` + userB + `"}`, `{"acs_user_id":7}`,
	} {
		f.Add(slices.Index(paths, "/acs/users/get"), []byte(`{"ok":true,"acs_user":`+user+`}`))
	}
	for _, body := range []string{
		`"pagination":{"has_next_page":true}`, `"pagination":{"has_next_page":true,"next_page_cursor":"` + askedCursor + `"}`,
	} {
		f.Add(slices.Index(paths, "/acs/users/list"), []byte(`{"ok":true,"acs_users":[],`+body+`}`))
	}
	f.Add(slices.Index(paths, "/user_identities/list"), []byte(`{"ok":true,"pagination":{"has_next_page":true,"next_page_cursor":"2"}}`))
	f.Fuzz(func(t *testing.T, n int, body []byte) {
		path := paths[uint(n)%uint(len(paths))]
		route := routes[path]
		c := newTestClient(t, answers(status(200, string(body), "Seam-Request-Id: req_1")), retryTimeout(0))
		ids, next, err := route.call(t.Context(), c)
		if failure, ok := errors.AsType[*ResponseError](err); ok {
			text := err.Error()
			if failure.Problem == "" || strings.Contains(text, testToken) || !utf8.ValidString(text) ||
				utf8.RuneCountInString(text) > 1000 || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%s: got %q", path, text)
			}
			return
		}
		var decoded struct {
			OK         bool        `json:"ok"`
			Pagination *pagination `json:"pagination"`
		}
		if parseErr := json.Unmarshal(body, &decoded); err != nil || parseErr != nil || !decoded.OK {
			t.Errorf("%s: trusted %q: %v, %v", path, body, err, parseErr)
		}
		for _, id := range ids {
			if id == "" || route.asked != "" && !strings.EqualFold(id, route.asked) {
				t.Errorf("%s: trusted the id %q in %q", path, id, body)
			}
		}
		if p := decoded.Pagination; route.pages && (p == nil || p.HasNextPage == nil || *p.HasNextPage != (p.NextPageCursor != "") || next != p.NextPageCursor || next == askedCursor) {
			t.Errorf("%s: trusted the end of the list in %q", path, body)
		}
	})
}
