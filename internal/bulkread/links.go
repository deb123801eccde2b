package bulkread

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// ACSUserLister lists ACS users. *seam.Client provides it.
type ACSUserLister interface {
	ListACSUsers(ctx context.Context, filter seam.ACSUsersFilter, page seam.PageRequest) (seam.Page[seam.ACSUser], error)
}

// Links confirms links, from the lists of the ACS users of access systems.
type Links struct{ reader *Reader }

// NewLinks returns Links that have fetched nothing yet.
func NewLinks(api ACSUserLister, clock Clock) Links {
	return Links{New(func(ctx context.Context, acsSystemID, cursor string) ([]Entry, string, error) {
		page, err := api.ListACSUsers(ctx, seam.ACSUsersFilter{ACSSystemID: acsSystemID}, seam.PageRequest{Cursor: cursor})
		entries := make([]Entry, 0, len(page.Items))
		for _, user := range page.Items {
			linked, ok := linkValue(user.UserIdentityID)
			entries = append(entries, Entry{ID: user.ACSUserID, Value: linked, ReadDirectly: !ok ||
				len(user.Errors) > 0 || user.BeingDeleted() || acsSystemID != "" && !strings.EqualFold(user.ACSSystemID, acsSystemID)})
		}
		return entries, page.NextPageCursor, err
	}, clock)}
}

// Confirm reports whether a page of the access system's list, or of the workspace's if
// that is empty, shows the ACS user linked to the user identity, or to none if that is
// empty; and with no error, and not being deleted.
func (l Links) Confirm(ctx context.Context, acsSystemID, acsUserID, userIdentityID string) bool {
	linked, ok := linkValue(userIdentityID)
	return ok && l.reader.Confirm(ctx, acsSystemID, acsUserID, linked)
}

// linkValue is the user identity that an ACS user is linked to, zero for none. An ID that
// cannot be compared has no value: it must not pass for none.
func linkValue(userIdentityID string) (Value, bool) {
	if userIdentityID == "" {
		return Value{}, true
	}
	id, err := uuid.Parse(userIdentityID)
	return Value(id), err == nil && id != uuid.Nil
}
