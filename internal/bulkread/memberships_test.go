package bulkread_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/bulkread"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

const group, otherGroup = "6a6a6a6a-0000-4000-8000-000000000000", "6b6b6b6b-0000-4000-8000-000000000000"

// members answers the lists of the members of access groups.
type members struct {
	users []seam.ACSUser
	err   error
	asked []string
}

func (m *members) ListAccessGroupUsers(_ context.Context, acsAccessGroupID string) ([]seam.ACSUser, error) {
	m.asked = append(m.asked, acsAccessGroupID)
	return m.users, m.err
}

func (m *members) StartOptional(ctx context.Context, _ time.Duration) context.Context { return ctx }

// The first read of a group is direct, and the second one fetches the list and is
// confirmed by it.
func TestMemberships(t *testing.T) {
	t.Parallel()
	pending := func(from, to string) []seam.PendingMutation {
		return []seam.PendingMutation{{MutationCode: "updating_group_membership", From: seam.Membership{ACSAccessGroupID: from}, To: seam.Membership{ACSAccessGroupID: to}}}
	}
	m := &members{users: []seam.ACSUser{
		{ACSUserID: userID(0)},
		{ACSUserID: userID(1), PendingMutations: pending("", group)},
		{ACSUserID: userID(2), PendingMutations: pending(otherGroup, "")},
		{ACSUserID: userID(3), PendingMutations: pending(group, "")},
		{ACSUserID: userID(4), Errors: []seam.Problem{{ErrorCode: "deleted_externally"}}},
		{ACSUserID: userID(5), Warnings: []seam.Warning{{WarningCode: "being_deleted"}}},
	}}
	reader := bulkread.NewMemberships(m, seam.SystemClock{})
	if reader.Confirm(t.Context(), system, userID(0), group) || len(m.asked) > 0 {
		t.Errorf("the first read is confirmed, or fetches a list: %v", m.asked)
	}
	for n, want := range []bool{true, true, true, false, false, false, false} {
		if got := reader.Confirm(t.Context(), system, userID(n), group); got != want {
			t.Errorf("the membership of ACS user %d is confirmed: %t, want %t", n, got, want)
		}
	}
	if len(m.asked) != 1 || m.asked[0] != group {
		t.Errorf("the lists of %v were fetched, want that of the group once", m.asked)
	}
	if reader.Confirm(t.Context(), system, userID(0), otherGroup) || reader.Confirm(t.Context(), system, userID(0), "") || len(m.asked) != 1 {
		t.Errorf("another group, or none, is confirmed, or fetched at once: %v", m.asked)
	}
}

// A list that cannot be had costs one request, and confirms nothing.
func TestMemberships_noList(t *testing.T) {
	t.Parallel()
	m := &members{err: errors.New("no")}
	reader := bulkread.NewMemberships(m, seam.SystemClock{})
	for range 20 {
		if reader.Confirm(t.Context(), system, userID(0), group) {
			t.Error("a membership is confirmed without a list")
		}
	}
	if len(m.asked) != 1 {
		t.Errorf("the list was asked for %d times, want once", len(m.asked))
	}
}
