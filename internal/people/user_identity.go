package people

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/bulkread"
	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// UserIdentitySeam is what user identities need of the Seam API. *seam.Client provides
// it. Errors are those of package seam.
type UserIdentitySeam interface {
	Operations
	GetACSUser(ctx context.Context, acsUserID string) (seam.ACSUser, error)
	GetUserIdentity(ctx context.Context, userIdentityID string) (seam.UserIdentity, error)
	GetUserIdentityByKey(ctx context.Context, key string) (seam.UserIdentity, error)
	UserIdentities(ctx context.Context, filter seam.UserIdentitiesFilter, pageSize int) iter.Seq2[seam.UserIdentity, error]
	ListUserIdentityACSUsers(ctx context.Context, userIdentityID string) ([]seam.ACSUser, error)
	CreateUserIdentity(ctx context.Context, values seam.UserIdentityValues) (seam.UserIdentity, error)
	UpdateUserIdentity(ctx context.Context, userIdentityID string, changes seam.UserIdentityChanges) error
	DeleteUserIdentity(ctx context.Context, userIdentityID string) error
}

// UserIdentities reads and changes user identities. It is safe for concurrent use;
// writes to one do not interleave.
type UserIdentities struct {
	records[seam.UserIdentity]
	seam UserIdentitySeam
}

// NewUserIdentities returns UserIdentities that reach Seam through api, and save
// requests with pages of [UserIdentityEntry].
func NewUserIdentities(api UserIdentitySeam, pages Pages, workspace *reconcile.Workspace, locks *reconcile.Locks) *UserIdentities {
	u := &UserIdentities{seam: api}
	u.records = records[seam.UserIdentity]{kind[seam.UserIdentity]{
		place: func(identity seam.UserIdentity) place {
			return place{id: identity.UserIdentityID, workspaceID: identity.WorkspaceID}
		},
		fingerprint: identityFingerprint,
		same:        sameIdentity,
		find:        u.find,
		get:         api.GetUserIdentity,
		notFound:    seam.TypeUserIdentityNotFound,
		delete:      api.DeleteUserIdentity,
	}, api, pages, workspace, locks}
	return u
}

// UserIdentityEntry is what a page of user identities may confirm.
func UserIdentityEntry(identity seam.UserIdentity) bulkread.Entry {
	return bulkread.Entry{
		ID: identity.UserIdentityID, Value: identityFingerprint(identity),
		ReadDirectly: identity.BeingDeleted(),
	}
}

func identityFingerprint(identity seam.UserIdentity) bulkread.Value {
	return fingerprint(nfc(identity.FullName), FoldEmail(identity.EmailAddress), identity.PhoneNumber, identity.UserIdentityKey, nfc(identity.DisplayName), strings.ToLower(identity.WorkspaceID))
}

func identityValues(identity seam.UserIdentity) seam.UserIdentityValues {
	return seam.UserIdentityValues{
		FullName: identity.FullName, EmailAddress: identity.EmailAddress, PhoneNumber: identity.PhoneNumber, UserIdentityKey: identity.UserIdentityKey,
	}
}

func sameIdentity(a, b seam.UserIdentity) bool {
	return SameName(a.FullName, b.FullName) && SameEmail(a.EmailAddress, b.EmailAddress) &&
		a.PhoneNumber == b.PhoneNumber && a.UserIdentityKey == b.UserIdentityKey
}

// inUse returns the attribute whose value an identity shares, "" if it shares none.
// Key, email address and phone number are unique in a workspace.
func inUse(identity, want seam.UserIdentity) (field, value string) {
	switch {
	case want.UserIdentityKey != "" && (identity.UserIdentityKey == want.UserIdentityKey || slices.Contains(identity.MergedUserIdentityKeys, want.UserIdentityKey)):
		return "user_identity_key", want.UserIdentityKey
	case want.EmailAddress != "" && SameEmail(identity.EmailAddress, want.EmailAddress):
		return "email_address", want.EmailAddress
	case want.PhoneNumber != "" && identity.PhoneNumber == want.PhoneNumber:
		return "phone_number", want.PhoneNumber
	default:
		return "", ""
	}
}

func existsError(identity, want seam.UserIdentity) error {
	field, value := inUse(identity, want)
	if field == "" { // the key of an identity that was merged into this one
		field, value = "user_identity_key", want.UserIdentityKey
	}
	return &ExistsError{ID: identity.UserIdentityID, Field: field, Value: value}
}

// find returns the identities that share a unique value with this one, without those
// that Seam is deleting.
func (u *UserIdentities) find(ctx context.Context, want seam.UserIdentity) ([]seam.UserIdentity, error) {
	var found []seam.UserIdentity
	if want.UserIdentityKey != "" {
		identity, err := u.seam.GetUserIdentityByKey(ctx, want.UserIdentityKey)
		switch {
		case err == nil && !identity.BeingDeleted():
			found = append(found, identity)
		case err != nil && !seam.IsNotFound(err, seam.TypeUserIdentityNotFound):
			return nil, err
		}
	}
	var lists []iter.Seq2[seam.UserIdentity, error]
	for _, search := range []string{want.EmailAddress, want.PhoneNumber} {
		if search != "" {
			lists = append(lists, u.seam.UserIdentities(ctx, seam.UserIdentitiesFilter{Search: search}, 0))
		}
	}
	shares := func(identity seam.UserIdentity) bool { field, _ := inUse(identity, want); return field != "" }
	return u.direct(ctx, found, shares, lists...)
}

// Create makes a user identity. One that has the same key, email address or phone
// number is an *ExistsError, and nothing is sent. After a *reconcile.UnknownEffectError
// there may be one with these values, which Read recognizes by them, unless that is
// because of [ErrUnrecognizable].
func (u *UserIdentities) Create(ctx context.Context, want seam.UserIdentity) (seam.UserIdentity, error) {
	return u.create(ctx, want, creation[seam.UserIdentity]{
		exclusive: map[string]string{"key": want.UserIdentityKey, "email": FoldEmail(want.EmailAddress), "phone": want.PhoneNumber},
		refuse: func(found []seam.UserIdentity, sent bool) error {
			switch {
			case len(found) > 0:
				return existsError(found[0], want)
			case sent && want.UserIdentityKey+want.EmailAddress+want.PhoneNumber == "":
				return ErrUnrecognizable
			default:
				return nil
			}
		},
		write: func(ctx context.Context, _ []seam.UserIdentity) (seam.UserIdentity, error) {
			created, err := u.seam.CreateUserIdentity(ctx, identityValues(want))
			if err == nil && (!sameIdentity(created, want) || len(created.ACSUserIDs) > 0) {
				err = existsError(created, want) // Seam answered with one that was there
			}
			return created, err
		},
	})
}

// Update gives a user identity these values; an empty one clears it. It writes only
// what differs. A new value that another identity has is an *ExistsError, and a merged
// identity a *MergedError.
func (u *UserIdentities) Update(ctx context.Context, known, want seam.UserIdentity) (latest seam.UserIdentity, err error) {
	sent := false
	err = u.write(ctx, u.place(known),
		func(identity *seam.UserIdentity) bool {
			if identity != nil {
				latest = *identity
			}
			return identity != nil && sameIdentity(latest, want)
		},
		func(ctx context.Context, identity seam.UserIdentity) error {
			if sent {
				return nil
			}
			return u.refuseUpdate(ctx, identity, want)
		},
		func(ctx context.Context, identity seam.UserIdentity) error {
			has, want := identityValues(identity), identityValues(want)
			want.FullName = keepSame(has.FullName, want.FullName, SameName)
			want.EmailAddress = keepSame(has.EmailAddress, want.EmailAddress, SameEmail)
			err := u.seam.UpdateUserIdentity(ctx, known.UserIdentityID, seam.ChangesOf(has, want))
			sent = sent || err == nil || seam.IsAmbiguous(err)
			return err
		})
	return latest, err
}

// refuseUpdate returns which other identity has one of the values that are new to this one.
func (u *UserIdentities) refuseUpdate(ctx context.Context, identity, want seam.UserIdentity) error {
	if SameEmail(identity.EmailAddress, want.EmailAddress) {
		want.EmailAddress = ""
	}
	if identity.PhoneNumber == want.PhoneNumber {
		want.PhoneNumber = ""
	}
	if identity.UserIdentityKey == want.UserIdentityKey {
		want.UserIdentityKey = ""
	}
	found, err := u.find(ctx, want)
	if err != nil {
		return err
	}
	for _, other := range found {
		if !strings.EqualFold(other.UserIdentityID, identity.UserIdentityID) {
			return existsError(other, want)
		}
	}
	return nil
}

// Delete deletes a user identity, and with it, in Seam, the ACS users that are linked
// to it: those are a *LinkedError unless force is set. One that is gone, or that Seam
// is deleting, is a success. A merged identity is a *MergedError. For caughtUp see Read.
func (u *UserIdentities) Delete(ctx context.Context, known seam.UserIdentity, caughtUp, force bool) error {
	return u.remove(ctx, known, caughtUp, func(ctx context.Context, identity seam.UserIdentity) error {
		if force {
			return nil
		}
		linked, err := u.linked(ctx, identity)
		if err == nil && len(linked) > 0 {
			err = &LinkedError{ACSUsers: linked}
		}
		return err
	})
}

// linked returns the ACS users that are linked to an identity. What a list shows, or
// the identity itself, is read directly: both may be late.
func (u *UserIdentities) linked(ctx context.Context, identity seam.UserIdentity) ([]seam.ACSUser, error) {
	listed, err := u.seam.ListUserIdentityACSUsers(ctx, identity.UserIdentityID)
	if err != nil && !seam.IsNotFound(err, seam.TypeUserIdentityNotFound) { // a list that is late may not have it yet
		return nil, err
	}
	ids := slices.Clone(identity.ACSUserIDs)
	for _, user := range listed {
		ids = append(ids, user.ACSUserID)
	}
	slices.Sort(ids)
	var linked []seam.ACSUser
	for _, id := range slices.Compact(ids) {
		user, err := u.seam.GetACSUser(ctx, id)
		switch {
		case seam.IsNotFound(err, seam.TypeACSUserNotFound):
		case err != nil:
			return nil, err
		case user.UserIdentityID != "" && (strings.EqualFold(user.UserIdentityID, identity.UserIdentityID) || isMergedID(identity, user.UserIdentityID)):
			linked = append(linked, user)
		}
	}
	return linked, nil
}

func isMergedID(identity seam.UserIdentity, id string) bool {
	return slices.ContainsFunc(identity.MergedUserIdentityIDs, func(merged string) bool { return strings.EqualFold(merged, id) })
}
