package provider

import (
	"context"
	"iter"
	"net/http"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// allACSUsers reads all ACS users that the filter lets through, page by page, each
// an operation of its own. It ends with the first error.
func allACSUsers(ctx context.Context, client *seam.Client, filter seam.ACSUsersFilter) iter.Seq2[seam.ACSUser, error] {
	return listPages("/acs/users/list",
		func(user seam.ACSUser) string { return user.ACSUserID },
		func(cursor string) ([]seam.ACSUser, string, error) {
			page, err := client.ListACSUsers(client.StartOperation(ctx), filter, seam.PageRequest{Cursor: cursor})
			return page.ACSUsers, page.NextPageCursor, err
		})
}

// allUserIdentities reads all user identities that the filter lets through, page
// by page, each an operation of its own. It ends with the first error.
func allUserIdentities(ctx context.Context, client *seam.Client, filter seam.UserIdentitiesFilter) iter.Seq2[seam.UserIdentity, error] {
	return listPages("/user_identities/list",
		func(identity seam.UserIdentity) string { return identity.UserIdentityID },
		func(cursor string) ([]seam.UserIdentity, string, error) {
			page, err := client.ListUserIdentities(client.StartOperation(ctx), filter, seam.PageRequest{Cursor: cursor})
			return page.UserIdentities, page.NextPageCursor, err
		})
}

// listPages follows the cursors of a list. An entry that two pages show, because
// the list changed between them, comes once: twice it would look like two people.
func listPages[T any](route string, id func(T) string, page func(cursor string) ([]T, string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		shown, cursors := map[string]bool{}, map[string]bool{}
		for cursor := ""; ; {
			entries, next, err := page(cursor)
			if err != nil {
				yield(none, err)
				return
			}
			for _, entry := range entries {
				if shown[id(entry)] {
					continue
				}
				shown[id(entry)] = true
				if !yield(entry, nil) {
					return
				}
			}
			switch {
			case next == "":
				return
			case cursors[next]:
				yield(none, &seam.ResponseError{
					Path: route, Status: http.StatusOK,
					Problem: "the list goes in circles: a page names one as the next that was read before",
				})
				return
			}
			cursors[next] = true
			cursor = next
		}
	}
}

// collect reads a list to its end.
func collect[T any](list iter.Seq2[T, error]) ([]T, error) {
	var entries []T
	for entry, err := range list {
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}
