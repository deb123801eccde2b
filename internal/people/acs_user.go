package people

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/bulkread"
	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// ACSUserSeam is what ACS users need of the Seam API. *seam.Client provides it. Errors
// are those of package seam.
type ACSUserSeam interface {
	Operations
	GetACSUser(ctx context.Context, acsUserID string) (seam.ACSUser, error)
	ACSUsers(ctx context.Context, filter seam.ACSUsersFilter, pageSize int) iter.Seq2[seam.ACSUser, error]
	CreateACSUser(ctx context.Context, acsSystemID string, values seam.ACSUserValues) (seam.ACSUser, error)
	UpdateACSUser(ctx context.Context, acsUserID string, changes seam.ACSUserChanges) error
	DeleteACSUser(ctx context.Context, acsUserID string) error
	SuspendACSUser(ctx context.Context, acsUserID string) error
	UnsuspendACSUser(ctx context.Context, acsUserID string) error
}

// ACSUsers reads and changes ACS users. It is safe for concurrent use; writes to one do
// not interleave.
type ACSUsers struct {
	records[seam.ACSUser]
	seam ACSUserSeam
}

// NewACSUsers returns ACSUsers that reach Seam through api, and save requests with pages
// of [ACSUserEntry], listed by access system.
func NewACSUsers(api ACSUserSeam, pages Pages, workspace *reconcile.Workspace, locks *reconcile.Locks) *ACSUsers {
	a := &ACSUsers{seam: api}
	a.records = records[seam.ACSUser]{kind[seam.ACSUser]{
		place: func(user seam.ACSUser) place {
			return place{user.ACSUserID, user.WorkspaceID, user.ACSSystemID}
		},
		fingerprint: acsUserFingerprint,
		same:        sameACSUser,
		find:        a.find,
		get:         api.GetACSUser,
		notFound:    seam.TypeACSUserNotFound,
		delete:      api.DeleteACSUser,
	}, api, pages, workspace, locks}
	return a
}

// ACSUserEntry is what a page of ACS users may confirm.
func ACSUserEntry(user seam.ACSUser) bulkread.Entry {
	return bulkread.Entry{
		ID: user.ACSUserID, Value: acsUserFingerprint(user),
		ReadDirectly: user.BeingDeleted() || len(user.Errors)+len(user.Warnings)+len(user.PendingMutations) > 0,
	}
}

func acsUserFingerprint(user seam.ACSUser) bulkread.Value {
	suspended := ""
	if user.IsSuspended {
		suspended = "suspended"
	}
	starts, ends := "", ""
	if schedule := user.AccessSchedule; schedule != nil {
		starts, ends = moment(schedule.StartsAt), moment(schedule.EndsAt)
	}
	return fingerprint(nfc(user.FullName), FoldEmail(user.EmailAddress), user.PhoneNumber, starts, ends, suspended,
		nfc(user.DisplayName), user.ExternalType, strings.ToLower(user.ACSSystemID), strings.ToLower(user.WorkspaceID))
}

// moment writes the same moment in the same way.
func moment(timestamp string) string {
	t, err := time.Parse(time.RFC3339, timestamp)
	if err != nil {
		return timestamp
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// SameMoment reports whether two RFC 3339 timestamps name one moment.
func SameMoment(a, b string) bool { return moment(a) == moment(b) }

func acsUserValues(user seam.ACSUser) seam.ACSUserValues {
	return seam.ACSUserValues{
		FullName: user.FullName, EmailAddress: user.EmailAddress, PhoneNumber: user.PhoneNumber, AccessSchedule: user.AccessSchedule,
	}
}

func sameSchedule(a, b *seam.AccessSchedule) bool {
	if a == nil || b == nil {
		return a == b
	}
	return SameMoment(a.StartsAt, b.StartsAt) && SameMoment(a.EndsAt, b.EndsAt)
}

func sameACSUser(a, b seam.ACSUser) bool {
	return SameName(a.FullName, b.FullName) && SameEmail(a.EmailAddress, b.EmailAddress) &&
		a.PhoneNumber == b.PhoneNumber && sameSchedule(a.AccessSchedule, b.AccessSchedule)
}

// Lookalike is an ACS user that shares a phone number or a name with a new one.
type Lookalike struct {
	ACSUser seam.ACSUser
	Field   string // full_name or phone_number
}

// Create makes an ACS user. One with the same email address in the access system is an
// *ExistsError, and nothing is sent; one with the same phone number or name is returned
// beside the new one. After a *reconcile.UnknownEffectError there may be a new one with
// these values, which Read recognizes by them if they have an email address.
func (a *ACSUsers) Create(ctx context.Context, want seam.ACSUser) (created seam.ACSUser, lookalikes []Lookalike, err error) {
	created, err = a.create(ctx, want, creation[seam.ACSUser]{
		exclusive: map[string]string{"name": nfc(want.FullName), "email": FoldEmail(want.EmailAddress), "phone": want.PhoneNumber},
		refuse: func(found []seam.ACSUser, sent bool) error {
			if sent {
				return nil // values are not unique
			}
			return emailInUse(found, want)
		},
		write: func(ctx context.Context, found []seam.ACSUser) (seam.ACSUser, error) {
			lookalikes = nil
			for _, user := range found {
				field, _ := inCommon(user, want)
				lookalikes = append(lookalikes, Lookalike{user, field})
			}
			created, err := a.seam.CreateACSUser(ctx, want.ACSSystemID, acsUserValues(want))
			for _, user := range found {
				if err == nil && strings.EqualFold(user.ACSUserID, created.ACSUserID) {
					field, value := inCommon(user, want)
					err = &ExistsError{ID: user.ACSUserID, Field: field, Value: value}
				}
			}
			return created, err
		},
	})
	return created, lookalikes, err
}

func emailInUse(found []seam.ACSUser, want seam.ACSUser) error {
	for _, user := range found {
		if field, value := inCommon(user, want); field == "email_address" {
			return &ExistsError{ID: user.ACSUserID, Field: field, Value: value}
		}
	}
	return nil
}

// inCommon returns the attribute whose value an ACS user shares, "" if it shares none.
func inCommon(user, want seam.ACSUser) (field, value string) {
	switch {
	case want.EmailAddress != "" && SameEmail(user.EmailAddress, want.EmailAddress):
		return "email_address", want.EmailAddress
	case want.PhoneNumber != "" && user.PhoneNumber == want.PhoneNumber:
		return "phone_number", want.PhoneNumber
	case want.FullName != "" && SameName(user.FullName, want.FullName):
		return "full_name", want.FullName
	default:
		return "", ""
	}
}

// find returns the ACS users of the access system that share a value with this one,
// without those that are being deleted.
func (a *ACSUsers) find(ctx context.Context, want seam.ACSUser) ([]seam.ACSUser, error) {
	var lists []iter.Seq2[seam.ACSUser, error]
	for _, search := range []string{want.FullName, want.EmailAddress, want.PhoneNumber} {
		if strings.TrimSpace(search) != "" {
			lists = append(lists, a.seam.ACSUsers(ctx, seam.ACSUsersFilter{ACSSystemID: want.ACSSystemID, Search: search}, 0))
		}
	}
	return a.direct(ctx, nil, func(user seam.ACSUser) bool {
		field, _ := inCommon(user, want)
		return field != "" && strings.EqualFold(user.ACSSystemID, want.ACSSystemID)
	}, lists...)
}

// Read is records.Read, where a change that is pending counts as what the state has.
func (a *ACSUsers) Read(ctx context.Context, known seam.ACSUser, caughtUp bool) (*seam.ACSUser, error) {
	user, err := a.records.Read(ctx, known, caughtUp)
	if user != nil {
		*user = asItWillBe(*user, known)
	}
	return user, err
}

// Update gives an ACS user these values; an empty one clears it. It writes only what
// differs. A change that is pending in the access system counts as done. A new email
// address that another one in the access system has is an *ExistsError.
func (a *ACSUsers) Update(ctx context.Context, known, want seam.ACSUser) (seam.ACSUser, error) {
	sent := false
	return a.change(ctx, known,
		func(user seam.ACSUser) bool { return sameACSUser(user, want) }, []string{updatingInformation, updatingSchedule},
		func(ctx context.Context, user seam.ACSUser) error {
			if sent || SameEmail(user.EmailAddress, want.EmailAddress) {
				return nil
			}
			found, err := a.find(ctx, seam.ACSUser{ACSSystemID: user.ACSSystemID, EmailAddress: want.EmailAddress})
			if err != nil {
				return err
			}
			itself := func(found seam.ACSUser) bool { return strings.EqualFold(found.ACSUserID, user.ACSUserID) }
			return emailInUse(slices.DeleteFunc(found, itself), want)
		},
		func(ctx context.Context, user seam.ACSUser) error {
			has, want := acsUserValues(user), acsUserValues(want)
			want.FullName = keepSame(has.FullName, want.FullName, SameName)
			want.EmailAddress = keepSame(has.EmailAddress, want.EmailAddress, SameEmail)
			err := a.seam.UpdateACSUser(ctx, user.ACSUserID, seam.ACSUserChangesOf(has, want, sameSchedule(has.AccessSchedule, want.AccessSchedule)))
			sent = sent || err == nil || seam.IsAmbiguous(err)
			return err
		})
}

// SetSuspended suspends an ACS user, or ends its suspension. A change that is pending in
// the access system counts as done.
func (a *ACSUsers) SetSuspended(ctx context.Context, known seam.ACSUser, suspended bool) (seam.ACSUser, error) {
	return a.change(ctx, known,
		func(user seam.ACSUser) bool { return user.IsSuspended == suspended }, []string{updatingSuspension},
		func(context.Context, seam.ACSUser) error { return nil },
		func(ctx context.Context, user seam.ACSUser) error {
			if suspended {
				return a.seam.SuspendACSUser(ctx, user.ACSUserID)
			}
			return a.seam.UnsuspendACSUser(ctx, user.ACSUserID)
		})
}

// Codes of changes that the access system has not carried out yet.
const (
	updatingInformation = "updating_user_information"
	updatingSchedule    = "updating_access_schedule"
	updatingSuspension  = "updating_suspension_state"
)

// asItWillBe returns an ACS user with what is pending in the access system as the state
// has it.
func asItWillBe(user, known seam.ACSUser) seam.ACSUser {
	if isPending(user, updatingInformation) {
		user.FullName, user.EmailAddress, user.PhoneNumber = known.FullName, known.EmailAddress, known.PhoneNumber
	}
	if isPending(user, updatingSchedule) {
		user.AccessSchedule = known.AccessSchedule
	}
	if isPending(user, updatingSuspension) {
		user.IsSuspended = known.IsSuspended
	}
	return user
}

// change writes unless an ACS user is done already. What was pending before the write
// counts as what the state has, until a write is accepted: the access system may not
// show it yet. Anything else that is pending with these codes is what was written.
func (a *ACSUsers) change(ctx context.Context, known seam.ACSUser, done func(seam.ACSUser) bool, codes []string, refuse, send func(context.Context, seam.ACSUser) error) (latest seam.ACSUser, err error) {
	sent, accepted, wasPending := false, false, false
	counts := func(user seam.ACSUser) seam.ACSUser {
		if !accepted && (!sent || wasPending) {
			return asItWillBe(user, known)
		}
		return user
	}
	err = a.write(ctx, a.place(known),
		func(user *seam.ACSUser) bool {
			if user == nil {
				return false
			}
			latest = *user
			return done(counts(latest)) || sent && isPending(latest, codes...) && (accepted || !wasPending)
		},
		func(ctx context.Context, user seam.ACSUser) error {
			if err := unmanageable(user); err != nil {
				return err
			}
			return refuse(ctx, counts(user))
		},
		func(ctx context.Context, user seam.ACSUser) error {
			if !sent {
				wasPending = isPending(user, codes...)
			}
			err := send(ctx, counts(user))
			sent, accepted = true, err == nil
			return err
		})
	return latest, err
}

// Delete deletes an ACS user and its credentials. One that is gone, or that is being
// deleted, is a success. For caughtUp see Read.
func (a *ACSUsers) Delete(ctx context.Context, known seam.ACSUser, caughtUp bool) error {
	return a.remove(ctx, known, caughtUp, func(_ context.Context, user seam.ACSUser) error { return unmanageable(user) })
}

// unmanageable returns why Seam cannot change an ACS user, or nil.
func unmanageable(user seam.ACSUser) error {
	for _, warning := range user.Warnings {
		if warning.WarningCode == "latch_resident_user" {
			return &UnmanageableError{ID: user.ACSUserID, Code: warning.WarningCode}
		}
	}
	return nil
}

func isPending(user seam.ACSUser, codes ...string) bool {
	return slices.ContainsFunc(user.PendingMutations, func(m seam.PendingMutation) bool { return slices.Contains(codes, m.MutationCode) })
}
