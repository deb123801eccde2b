package bulkread

import (
	"context"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// user is what is kept of an ACS user. It is little, since a workspace can have
// a hundred thousand of them.
type user struct {
	holder uuid.UUID // zero if it is not linked
	*traits
}

// identity is what is kept of a user identity.
type identity struct{ *traits }

// traits are what many things have in common.
type traits struct {
	systemID, workspaceID string
	beingDeleted          bool
}

// commonTraits hands out one *traits for all things that have the same.
type commonTraits struct {
	mu    sync.Mutex
	known map[traits]*traits
}

func newCommonTraits() *commonTraits { return &commonTraits{known: map[traits]*traits{}} }

func (c *commonTraits) of(thing traits) *traits {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.known[thing]; ok {
		return known
	}
	c.known[thing] = &thing
	return &thing
}

func userSource(api Seam, common *commonTraits) source[seam.ACSUser, user] {
	return source[seam.ACSUser, user]{
		get: api.GetACSUser,
		page: func(ctx context.Context, systemID, cursor string) ([]seam.ACSUser, string, error) {
			ctx = api.StartHurried(ctx, pagePatience)
			page, err := api.ListACSUsers(ctx, seam.ACSUsersFilter{ACSSystemID: systemID}, seam.PageRequest{Limit: pageSize, Cursor: cursor})
			return page.ACSUsers, page.NextPageCursor, err
		},
		id: func(u seam.ACSUser) string { return u.ACSUserID },
		pack: func(u seam.ACSUser) (user, bool) {
			if u.ACSSystemID == "" || u.WorkspaceID == "" {
				return user{}, false // an answer has both
			}
			packed := user{traits: common.of(traits{u.ACSSystemID, u.WorkspaceID, u.BeingDeleted()})}
			if u.UserIdentityID == "" {
				return packed, true
			}
			// A holder that cannot be kept must not look like none.
			holder, err := uuid.Parse(u.UserIdentityID)
			packed.holder = holder
			return packed, err == nil && holder != uuid.Nil
		},
		open: func(id string, u user) seam.ACSUser {
			opened := seam.ACSUser{
				ACSUserID:   id,
				ACSSystemID: u.systemID,
				WorkspaceID: u.workspaceID,
				Warnings:    warnings(u.beingDeleted),
			}
			if u.holder != uuid.Nil {
				opened.UserIdentityID = u.holder.String()
			}
			return opened
		},
		shows: func(u seam.ACSUser, holderID string) bool { return strings.EqualFold(u.UserIdentityID, holderID) },
	}
}

func identitySource(api Seam, common *commonTraits) source[seam.UserIdentity, identity] {
	return source[seam.UserIdentity, identity]{
		get: api.GetUserIdentity,
		page: func(ctx context.Context, _, cursor string) ([]seam.UserIdentity, string, error) {
			ctx = api.StartHurried(ctx, pagePatience)
			page, err := api.ListUserIdentities(ctx, seam.UserIdentitiesFilter{}, seam.PageRequest{Limit: pageSize, Cursor: cursor})
			return page.UserIdentities, page.NextPageCursor, err
		},
		id: func(i seam.UserIdentity) string { return i.UserIdentityID },
		pack: func(i seam.UserIdentity) (identity, bool) {
			return identity{common.of(traits{"", i.WorkspaceID, i.BeingDeleted()})}, true
		},
		open: func(id string, i identity) seam.UserIdentity {
			return seam.UserIdentity{UserIdentityID: id, WorkspaceID: i.workspaceID, Warnings: warnings(i.beingDeleted)}
		},
		shows: func(seam.UserIdentity, string) bool { return false }, // never written to
	}
}

var beingDeleted = []seam.Warning{{WarningCode: "being_deleted"}}

func warnings(isBeingDeleted bool) []seam.Warning {
	if isBeingDeleted {
		return beingDeleted
	}
	return nil
}
