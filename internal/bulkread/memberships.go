package bulkread

import (
	"context"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// AccessGroupUserLister lists the members of access groups. *seam.Client provides it.
type AccessGroupUserLister interface {
	ListAccessGroupUsers(ctx context.Context, acsAccessGroupID string) ([]seam.ACSUser, error)
	StartOptional(ctx context.Context, limit time.Duration) context.Context
}

// memberListTimeout is how long the list of an access group may be retried. One read waits
// for it, and can do without.
const memberListTimeout = 10 * time.Second

// Memberships confirms memberships, from the lists of the members of access groups.
type Memberships struct{ reader *Reader }

// NewMemberships returns Memberships that have fetched nothing yet.
func NewMemberships(api AccessGroupUserLister, clock Clock) Memberships {
	reader := New(func(ctx context.Context, acsAccessGroupID, _ string) ([]Entry, string, error) {
		users, err := api.ListAccessGroupUsers(api.StartOptional(ctx, memberListTimeout), acsAccessGroupID)
		entries := make([]Entry, 0, len(users))
		for _, user := range users {
			_, removing := user.PendingMembership(acsAccessGroupID)
			entries = append(entries, Entry{ID: user.ACSUserID, ReadDirectly: removing || len(user.Errors) > 0 || user.BeingDeleted()})
		}
		return entries, "", err
	}, clock)
	reader.whole = true
	return Memberships{reader}
}

// Confirm reports whether the list of the access group shows the ACS user, with no error,
// neither being deleted nor being removed. The list is the same in any access system.
func (m Memberships) Confirm(ctx context.Context, _, acsUserID, acsAccessGroupID string) bool {
	return acsAccessGroupID != "" && m.reader.Confirm(ctx, acsAccessGroupID, acsUserID, Value{})
}
