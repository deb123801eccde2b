package people

import (
	"context"
	"errors"
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
	records
	seam UserIdentitySeam
}

// NewUserIdentities returns UserIdentities that reach Seam through api, and save
// requests with pages of [UserIdentityEntry].
func NewUserIdentities(api UserIdentitySeam, pages Pages, workspace *reconcile.Workspace, locks *reconcile.Locks) *UserIdentities {
	return &UserIdentities{records: records{api, pages, workspace, locks}, seam: api}
}

// UserIdentityEntry is what a page of user identities may confirm.
func UserIdentityEntry(identity seam.UserIdentity) bulkread.Entry {
	return bulkread.Entry{
		ID: identity.UserIdentityID, Value: identityFingerprint(identity),
		ReadDirectly: identity.BeingDeleted(),
	}
}

func identityFingerprint(identity seam.UserIdentity) bulkread.Value {
	return fingerprint(nfc(identity.FullName), lowerASCII(identity.EmailAddress), identity.PhoneNumber, identity.UserIdentityKey, nfc(identity.DisplayName), strings.ToLower(identity.WorkspaceID))
}

func valuesOf(identity seam.UserIdentity) seam.UserIdentityValues {
	return seam.UserIdentityValues{
		FullName: identity.FullName, EmailAddress: identity.EmailAddress, PhoneNumber: identity.PhoneNumber, UserIdentityKey: identity.UserIdentityKey,
	}
}

// sameIdentity reports whether an identity has these values.
func sameIdentity(identity seam.UserIdentity, want seam.UserIdentityValues) bool {
	has := valuesOf(identity)
	return SameName(has.FullName, want.FullName) && SameEmail(has.EmailAddress, want.EmailAddress) &&
		has.PhoneNumber == want.PhoneNumber && has.UserIdentityKey == want.UserIdentityKey
}

// inUse returns the attribute whose value an identity shares, "" if it shares none.
// Key, email address and phone number are unique in a workspace.
func inUse(identity seam.UserIdentity, want seam.UserIdentityValues) (field, value string) {
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

// find returns the identities that share a unique value with these, without those that
// Seam is deleting.
func (u *UserIdentities) find(ctx context.Context, want seam.UserIdentityValues) ([]seam.UserIdentity, error) {
	var all []seam.UserIdentity
	if want.UserIdentityKey != "" {
		identity, err := u.seam.GetUserIdentityByKey(ctx, want.UserIdentityKey)
		switch {
		case err == nil:
			all = append(all, identity)
		case !seam.IsNotFound(err, seam.TypeUserIdentityNotFound):
			return nil, err
		}
	}
	for _, search := range []string{want.EmailAddress, want.PhoneNumber} {
		if search == "" {
			continue
		}
		for identity, err := range u.seam.UserIdentities(ctx, seam.UserIdentitiesFilter{Search: search}, 0) {
			if err != nil {
				return nil, err
			}
			all = append(all, identity)
		}
	}
	// A list may be late: what it shows is read directly.
	var found []seam.UserIdentity
	shown := map[string]bool{}
	for _, listed := range all {
		if field, _ := inUse(listed, want); field == "" || shown[listed.UserIdentityID] {
			continue
		}
		shown[listed.UserIdentityID] = true
		identity, err := u.seam.GetUserIdentity(ctx, listed.UserIdentityID)
		if err != nil && !seam.IsNotFound(err, seam.TypeUserIdentityNotFound) {
			return nil, err
		}
		if field, _ := inUse(identity, want); err == nil && field != "" && !identity.BeingDeleted() {
			found = append(found, identity)
		}
	}
	return found, nil
}

// Create makes a user identity. One that has the same key, email address or phone
// number is an *ExistsError, and nothing is sent. After a *reconcile.UnknownEffectError
// there may be one with these values, which Read recognizes by them.
func (u *UserIdentities) Create(ctx context.Context, want seam.UserIdentityValues) (seam.UserIdentity, error) {
	ctx, err := u.start(ctx)
	if err != nil {
		return seam.UserIdentity{}, err
	}
	var created seam.UserIdentity
	sent := false
	_, wrote, err := reconcile.Apply(ctx, u.operations, reconcile.Change[[]seam.UserIdentity]{
		Read: func(ctx context.Context) ([]seam.UserIdentity, error) {
			if sent && want.UserIdentityKey+want.EmailAddress+want.PhoneNumber == "" {
				return nil, ErrUnrecognizable
			}
			return u.find(ctx, want)
		},
		Done: func(found []seam.UserIdentity) bool {
			if len(found) != 1 || !sameIdentity(found[0], want) {
				return false
			}
			created = found[0]
			return true
		},
		Refuse: func(_ context.Context, found []seam.UserIdentity) error {
			if len(found) == 0 {
				return nil
			}
			return existsError(found[0], want)
		},
		Write: func(ctx context.Context, _ []seam.UserIdentity) error {
			var err error
			created, err = u.seam.CreateUserIdentity(ctx, want)
			if err == nil && (!sameIdentity(created, want) || len(created.ACSUserIDs) > 0) {
				return existsError(created, want) // Seam answered with one that was there
			}
			sent = err == nil || seam.IsAmbiguous(err)
			return err
		},
		Once: true,
	})
	if err == nil && !wrote {
		return seam.UserIdentity{}, existsError(created, want)
	}
	if err == nil {
		u.locks.Writing(created.UserIdentityID)
	}
	return created, err
}

func existsError(identity seam.UserIdentity, want seam.UserIdentityValues) error {
	field, value := inUse(identity, want)
	if field == "" { // the key of an identity that was merged into this one
		field, value = "user_identity_key", want.UserIdentityKey
	}
	return &ExistsError{ID: identity.UserIdentityID, Field: field, Value: value, UserIdentity: true}
}

// Read returns a user identity that is in state, or nil if it is gone. Its ID is
// another one if it was merged. Without an ID, as after a create of which nothing is
// known, it is recognized by its values.
func (u *UserIdentities) Read(ctx context.Context, known seam.UserIdentity) (*seam.UserIdentity, error) {
	ctx, err := u.start(ctx)
	if err != nil {
		return nil, err
	}
	if u.confirm(ctx, "", known.UserIdentityID, identityFingerprint(known)) {
		return &known, nil
	}
	if known.UserIdentityID == "" {
		return u.recognize(ctx, valuesOf(known))
	}
	return u.read(ctx, known)
}

// recognize returns the identity that a create may have made of which no ID is known.
// Before it was sent, there was none with its key, email address or phone number.
func (u *UserIdentities) recognize(ctx context.Context, want seam.UserIdentityValues) (*seam.UserIdentity, error) {
	found, err := u.find(ctx, want)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(identity seam.UserIdentity) bool { return !sameIdentity(identity, want) })
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return &found[0], nil
	}
	several := &SeveralError{}
	for _, identity := range found {
		several.IDs = append(several.IDs, identity.UserIdentityID)
	}
	return nil, several
}

// read reads directly. That an identity is gone is believed only in its workspace.
func (u *UserIdentities) read(ctx context.Context, known seam.UserIdentity) (*seam.UserIdentity, error) {
	identity, err := u.seam.GetUserIdentity(ctx, known.UserIdentityID)
	if seam.IsNotFound(err, seam.TypeUserIdentityNotFound) {
		return nil, u.workspace.CheckMissing(ctx, known.WorkspaceID, "")
	}
	if err != nil {
		return nil, err
	}
	return &identity, nil
}

// Update gives a user identity these values; an empty one clears it. It writes only
// what differs. A merged identity is a *MergedError.
func (u *UserIdentities) Update(ctx context.Context, known seam.UserIdentity, want seam.UserIdentityValues) (seam.UserIdentity, error) {
	var latest seam.UserIdentity
	err := u.locked(ctx, known.UserIdentityID, func(ctx context.Context) error {
		_, _, err := reconcile.Apply(ctx, u.operations, reconcile.Change[*seam.UserIdentity]{
			Read: func(ctx context.Context) (*seam.UserIdentity, error) {
				identity, err := u.read(ctx, known)
				if err == nil && identity == nil {
					err = &MissingError{ID: known.UserIdentityID}
				}
				if err == nil {
					latest = *identity
				}
				return identity, err
			},
			Done: func(identity *seam.UserIdentity) bool {
				return !isMerged(identity, known.UserIdentityID) && sameIdentity(*identity, want)
			},
			Refuse: func(_ context.Context, identity *seam.UserIdentity) error {
				return mergedError(identity, known.UserIdentityID)
			},
			Write: func(ctx context.Context, identity *seam.UserIdentity) error {
				u.locks.Writing(known.UserIdentityID)
				has, want := valuesOf(*identity), want
				want.FullName = keepSame(has.FullName, want.FullName, SameName)
				want.EmailAddress = keepSame(has.EmailAddress, want.EmailAddress, SameEmail)
				return u.seam.UpdateUserIdentity(ctx, known.UserIdentityID, seam.ChangesOf(has, want))
			},
			VerifyAccepted: true,
		})
		return notShown(err, known.UserIdentityID)
	})
	return latest, err
}

// Delete deletes a user identity, and with it, in Seam, the ACS users that are linked
// to it: those are a *LinkedError unless force is set. One that is gone, or that Seam
// is deleting, is a success. A merged identity is a *MergedError.
func (u *UserIdentities) Delete(ctx context.Context, known seam.UserIdentity, force bool) error {
	if known.UserIdentityID == "" {
		found, err := u.Read(ctx, known)
		if err != nil || found == nil {
			return err
		}
		known = *found
	}
	return u.locked(ctx, known.UserIdentityID, func(ctx context.Context) error {
		_, _, err := reconcile.Apply(ctx, u.operations, reconcile.Change[*seam.UserIdentity]{
			Read: func(ctx context.Context) (*seam.UserIdentity, error) { return u.read(ctx, known) },
			Done: func(identity *seam.UserIdentity) bool {
				return identity == nil || !isMerged(identity, known.UserIdentityID) && identity.BeingDeleted()
			},
			Refuse: func(ctx context.Context, identity *seam.UserIdentity) error {
				if err := mergedError(identity, known.UserIdentityID); err != nil || force {
					return err
				}
				linked, err := u.linked(ctx, *identity)
				if err == nil && len(linked) > 0 {
					err = &LinkedError{ACSUsers: linked}
				}
				return err
			},
			Write: func(ctx context.Context, _ *seam.UserIdentity) error {
				u.locks.Writing(known.UserIdentityID)
				return u.seam.DeleteUserIdentity(ctx, known.UserIdentityID)
			},
			VerifyAccepted: true,
		})
		return notShown(err, known.UserIdentityID)
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

// isMerged reports whether an identity that was asked for by an ID is another one.
func isMerged(identity *seam.UserIdentity, id string) bool {
	return identity != nil && !strings.EqualFold(identity.UserIdentityID, id)
}

func mergedError(identity *seam.UserIdentity, id string) error {
	if !isMerged(identity, id) {
		return nil
	}
	return &MergedError{ID: id, PrimaryID: identity.UserIdentityID}
}

// notShown names the record whose accepted change had no effect.
func notShown(err error, id string) error {
	if noEffect, ok := errors.AsType[*reconcile.NoEffectError](err); ok {
		return &NotShownError{ID: id, Waited: noEffect.Waited}
	}
	return err
}
