package link

import (
	"fmt"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// Thing is one of the two ends of a link, in words.
type Thing string

// The two ends of a link.
const (
	ACSUser      Thing = "ACS user"
	UserIdentity Thing = "user identity"
)

// ExistsError says that the link is there already, made by somebody else.
type ExistsError struct{ Link Link }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("ACS user %s is already linked to user identity %s", e.Link.ACSUserID, e.Link.UserIdentityID)
}

// HeldError says that another user identity holds the ACS user.
type HeldError struct {
	Pair     Pair
	HolderID string
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("ACS user %s is linked to user identity %s, not to %s", e.Pair.ACSUserID, e.HolderID, e.Pair.UserIdentityID)
}

// MissingError says that one end of the link does not exist in the workspace.
type MissingError struct {
	What      Thing
	ID        string
	Workspace seam.Workspace
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("no %s %s in workspace %s", e.What, e.ID, e.Workspace.WorkspaceID)
}

// BeingDeletedError says that Seam is deleting one end of the link.
type BeingDeletedError struct {
	What Thing
	ID   string
}

func (e *BeingDeletedError) Error() string {
	return fmt.Sprintf("%s %s is being deleted", e.What, e.ID)
}

// WrongWorkspaceError says that the credentials reach another workspace than the one
// that the link was made in or, when Pair is empty, that was asked for.
type WrongWorkspaceError struct {
	Pair   Pair
	WantID string
	GotID  string
}

func (e *WrongWorkspaceError) Error() string {
	return fmt.Sprintf("the credentials reach workspace %s, not %s", e.GotID, e.WantID)
}

// StillLinkedError says that Seam accepted a remove, and the ACS user is still
// linked to the user identity.
type StillLinkedError struct{ Pair Pair }

func (e *StillLinkedError) Error() string {
	return fmt.Sprintf("Seam accepted the request to remove ACS user %s from user identity %s, and it is still linked", e.Pair.ACSUserID, e.Pair.UserIdentityID)
}

// BrokenWordError says that Seam accepted the removal of links that are still
// there, or could not be looked at, and that their removal was taken for done.
type BrokenWordError struct {
	Left []Link
	Err  error // how the operation that found out ended itself; nil if well
}

func (e *BrokenWordError) Error() string {
	return fmt.Sprintf("Seam accepted the removal of %d links that may be there still", len(e.Left))
}

// Unwrap returns how the operation itself ended.
func (e *BrokenWordError) Unwrap() error { return e.Err }

// UnknownEffectError says that a write was sent, no answer to it could be trusted, and
// Seam could not be asked what became of it.
type UnknownEffectError struct {
	Pair  Pair
	Write error // how the write failed; nil if Seam accepted it
	Look  error // how the look after it failed, if there was one
}

func (e *UnknownEffectError) Error() string {
	switch {
	case e.Look == nil:
		return fmt.Sprintf("it is not known whether the write took effect: %v", e.Write)
	case e.Write == nil:
		return fmt.Sprintf("it is not known whether the write took effect: Seam accepted it; then: %v", e.Look)
	default:
		return fmt.Sprintf("it is not known whether the write took effect: %v; then: %v", e.Write, e.Look)
	}
}

// Cause is why it is not known: how the look failed or, without one, the write.
func (e *UnknownEffectError) Cause() error {
	if e.Look == nil {
		return e.Write
	}
	return e.Look
}

// Unwrap returns how the write and the look failed.
func (e *UnknownEffectError) Unwrap() []error {
	var both []error
	for _, err := range []error{e.Write, e.Look} {
		if err != nil {
			both = append(both, err)
		}
	}
	return both
}
