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
	records
	seam ACSUserSeam
}

// NewACSUsers returns ACSUsers that reach Seam through api, and save requests with pages
// of [ACSUserEntry], listed by access system.
func NewACSUsers(api ACSUserSeam, pages Pages, workspace *reconcile.Workspace, locks *reconcile.Locks) *ACSUsers {
	return &ACSUsers{records: records{api, pages, workspace, locks}, seam: api}
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
	return fingerprint(nfc(user.FullName), lowerASCII(user.EmailAddress), user.PhoneNumber, starts, ends, suspended,
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

// sameACSUser reports whether an ACS user has these values.
func sameACSUser(user seam.ACSUser, want seam.ACSUserValues) bool {
	return SameName(user.FullName, want.FullName) && SameEmail(user.EmailAddress, want.EmailAddress) &&
		user.PhoneNumber == want.PhoneNumber && sameSchedule(user.AccessSchedule, want.AccessSchedule)
}

// Lookalike is an ACS user that shares a phone number or a name with a new one.
type Lookalike struct {
	ACSUser seam.ACSUser
	Field   string // full_name or phone_number
}

// Create makes an ACS user. One with the same email address in the access system is an
// *ExistsError, and nothing is sent; one with the same phone number or name is returned
// beside the new one. After a *reconcile.UnknownEffectError there may be a new one with
// these values.
func (a *ACSUsers) Create(ctx context.Context, acsSystemID string, want seam.ACSUserValues) (created seam.ACSUser, lookalikes []Lookalike, err error) {
	if ctx, err = a.start(ctx); err != nil {
		return created, nil, err
	}
	// Values are not unique, so that only one create at a time can tell its own.
	unlock, err := a.locks.Lock(ctx, "create "+acsSystemID+lowerASCII(want.EmailAddress)+want.FullName)
	if err != nil {
		return created, nil, err
	}
	defer unlock()

	var before []string // IDs of those that share a value, as read before the write
	sent := false
	ours := func(found []seam.ACSUser) []seam.ACSUser {
		if !sent {
			return nil
		}
		return slices.DeleteFunc(slices.Clone(found), func(user seam.ACSUser) bool {
			return !sameACSUser(user, want) || slices.Contains(before, user.ACSUserID)
		})
	}
	_, wrote, err := reconcile.Apply(ctx, a.operations, reconcile.Change[[]seam.ACSUser]{
		Read: func(ctx context.Context) ([]seam.ACSUser, error) { return a.find(ctx, acsSystemID, want) },
		Done: func(found []seam.ACSUser) bool {
			recognized := ours(found)
			if len(recognized) == 1 {
				created = recognized[0]
			}
			return len(recognized) == 1
		},
		Refuse: func(_ context.Context, found []seam.ACSUser) error {
			if recognized := ours(found); len(recognized) > 1 {
				return severalError(recognized)
			}
			if sent {
				return nil
			}
			return a.refuseCreate(found, want)
		},
		Write: func(ctx context.Context, found []seam.ACSUser) error {
			before, lookalikes = nil, nil
			for _, user := range found {
				before = append(before, user.ACSUserID)
				if field := alike(user, want); field != "" {
					lookalikes = append(lookalikes, Lookalike{user, field})
				}
			}
			var err error
			created, err = a.seam.CreateACSUser(ctx, acsSystemID, want)
			sent = err == nil || seam.IsAmbiguous(err)
			return err
		},
		Once: true,
	})
	if err == nil && wrote {
		a.locks.Writing(created.ACSUserID)
	}
	return created, lookalikes, err
}

func (a *ACSUsers) refuseCreate(found []seam.ACSUser, want seam.ACSUserValues) error {
	for _, user := range found {
		if want.EmailAddress != "" && SameEmail(user.EmailAddress, want.EmailAddress) {
			return &ExistsError{ID: user.ACSUserID, Field: "email_address", Value: want.EmailAddress}
		}
	}
	return nil
}

// alike returns the attribute in which an ACS user is like a new one.
func alike(user seam.ACSUser, want seam.ACSUserValues) string {
	switch {
	case want.PhoneNumber != "" && user.PhoneNumber == want.PhoneNumber:
		return "phone_number"
	case SameName(user.FullName, want.FullName):
		return "full_name"
	default:
		return ""
	}
}

// find returns the ACS users of an access system that share a value with these, without
// those that are being deleted.
func (a *ACSUsers) find(ctx context.Context, acsSystemID string, want seam.ACSUserValues) ([]seam.ACSUser, error) {
	var all []seam.ACSUser
	for _, search := range []string{want.FullName, want.EmailAddress, want.PhoneNumber} {
		if strings.TrimSpace(search) == "" {
			continue
		}
		for user, err := range a.seam.ACSUsers(ctx, seam.ACSUsersFilter{ACSSystemID: acsSystemID, Search: search}, 0) {
			if err != nil {
				return nil, err
			}
			all = append(all, user)
		}
	}
	// A list may be late: what it shows is read directly.
	var found []seam.ACSUser
	shown := map[string]bool{}
	for _, listed := range all {
		if shown[listed.ACSUserID] || !shares(listed, want) || !strings.EqualFold(listed.ACSSystemID, acsSystemID) {
			continue
		}
		shown[listed.ACSUserID] = true
		user, err := a.seam.GetACSUser(ctx, listed.ACSUserID)
		if err != nil && !seam.IsNotFound(err, seam.TypeACSUserNotFound) {
			return nil, err
		}
		if err == nil && shares(user, want) && !user.BeingDeleted() {
			found = append(found, user)
		}
	}
	return found, nil
}

func shares(user seam.ACSUser, want seam.ACSUserValues) bool {
	return alike(user, want) != "" || want.EmailAddress != "" && SameEmail(user.EmailAddress, want.EmailAddress)
}

// Find returns the ACS user with an ID, wherever it is.
func (a *ACSUsers) Find(ctx context.Context, id string) (*seam.ACSUser, error) {
	ctx, err := a.start(ctx)
	if err != nil {
		return nil, err
	}
	return a.read(ctx, seam.ACSUser{ACSUserID: id})
}

// Read returns an ACS user that is in state, or nil if it is gone.
func (a *ACSUsers) Read(ctx context.Context, known seam.ACSUser) (*seam.ACSUser, error) {
	ctx, err := a.start(ctx)
	if err != nil {
		return nil, err
	}
	if a.confirm(ctx, known.ACSSystemID, known.ACSUserID, acsUserFingerprint(known)) {
		return &known, nil
	}
	if known.ACSUserID == "" {
		return a.recognize(ctx, known)
	}
	user, err := a.read(ctx, known)
	if err == nil && user != nil {
		*user = asItWillBe(*user, known)
	}
	return user, err
}

// recognize returns the ACS user that a create may have made of which no ID is known.
// Before it was sent, there was none with its email address.
func (a *ACSUsers) recognize(ctx context.Context, known seam.ACSUser) (*seam.ACSUser, error) {
	found, err := a.find(ctx, known.ACSSystemID, acsUserValues(known))
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(user seam.ACSUser) bool { return !sameACSUser(user, acsUserValues(known)) })
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return &found[0], nil
	default:
		return nil, severalError(found)
	}
}

func severalError(users []seam.ACSUser) error {
	several := &SeveralError{}
	for _, user := range users {
		several.IDs = append(several.IDs, user.ACSUserID)
	}
	return several
}

// read reads directly. That an ACS user is gone is believed only where its workspace
// and its access system are in sight.
func (a *ACSUsers) read(ctx context.Context, known seam.ACSUser) (*seam.ACSUser, error) {
	user, err := a.seam.GetACSUser(ctx, known.ACSUserID)
	if seam.IsNotFound(err, seam.TypeACSUserNotFound) {
		return nil, a.workspace.CheckMissing(ctx, known.WorkspaceID, known.ACSSystemID)
	}
	if err != nil {
		return nil, err
	}
	return &user, nil
}

// Update gives an ACS user these values; an empty one clears it. It writes only what
// differs. A change that is pending in the access system counts as done.
func (a *ACSUsers) Update(ctx context.Context, known seam.ACSUser, want seam.ACSUserValues) (seam.ACSUser, error) {
	return a.change(ctx, known,
		func(user seam.ACSUser) bool { return sameACSUser(user, want) }, []string{updatingInformation, updatingSchedule},
		func(ctx context.Context, user seam.ACSUser) error {
			has, want := acsUserValues(user), want
			want.FullName = keepSame(has.FullName, want.FullName, SameName)
			want.EmailAddress = keepSame(has.EmailAddress, want.EmailAddress, SameEmail)
			return a.seam.UpdateACSUser(ctx, user.ACSUserID, seam.ACSUserChangesOf(has, want, sameSchedule(has.AccessSchedule, want.AccessSchedule)))
		})
}

// SetSuspended suspends an ACS user, or ends its suspension. A change that is pending in
// the access system counts as done.
func (a *ACSUsers) SetSuspended(ctx context.Context, known seam.ACSUser, suspended bool) (seam.ACSUser, error) {
	return a.change(ctx, known,
		func(user seam.ACSUser) bool { return user.IsSuspended == suspended }, []string{updatingSuspension},
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
func (a *ACSUsers) change(ctx context.Context, known seam.ACSUser, done func(seam.ACSUser) bool, codes []string, write func(context.Context, seam.ACSUser) error) (seam.ACSUser, error) {
	var latest seam.ACSUser
	err := a.locked(ctx, known.ACSUserID, func(ctx context.Context) error {
		sent, accepted, wasPending := false, false, false
		_, _, err := reconcile.Apply(ctx, a.operations, reconcile.Change[seam.ACSUser]{
			Read: func(ctx context.Context) (seam.ACSUser, error) {
				user, err := a.read(ctx, known)
				if err == nil && user == nil {
					err = &MissingError{ID: known.ACSUserID}
				}
				if err != nil {
					return seam.ACSUser{}, err
				}
				latest = *user
				if !accepted && (!sent || wasPending) {
					return asItWillBe(latest, known), nil
				}
				return latest, nil
			},
			Done: func(user seam.ACSUser) bool {
				return done(user) || sent && isPending(user, codes...) && (accepted || !wasPending)
			},
			Refuse: func(_ context.Context, user seam.ACSUser) error { return unmanageable(user) },
			Write: func(ctx context.Context, user seam.ACSUser) error {
				if !sent {
					wasPending = isPending(user, codes...)
				}
				a.locks.Writing(user.ACSUserID)
				err := write(ctx, user)
				sent, accepted = true, err == nil
				return err
			},
			VerifyAccepted: true,
		})
		return notShown(err, known.ACSUserID)
	})
	return latest, err
}

// Delete deletes an ACS user and its credentials. One that is gone, or that is being
// deleted, is a success.
func (a *ACSUsers) Delete(ctx context.Context, known seam.ACSUser) error {
	if known.ACSUserID == "" {
		recognized, err := a.Read(ctx, known)
		if err != nil || recognized == nil {
			return err
		}
		known = *recognized
	}
	return a.locked(ctx, known.ACSUserID, func(ctx context.Context) error {
		_, _, err := reconcile.Apply(ctx, a.operations, reconcile.Change[*seam.ACSUser]{
			Read:   func(ctx context.Context) (*seam.ACSUser, error) { return a.read(ctx, known) },
			Done:   func(user *seam.ACSUser) bool { return user == nil || user.BeingDeleted() },
			Refuse: func(_ context.Context, user *seam.ACSUser) error { return unmanageable(*user) },
			Write: func(ctx context.Context, _ *seam.ACSUser) error {
				a.locks.Writing(known.ACSUserID)
				return a.seam.DeleteACSUser(ctx, known.ACSUserID)
			},
			VerifyAccepted: true,
		})
		return notShown(err, known.ACSUserID)
	})
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
