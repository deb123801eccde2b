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

// ExistsError says that the link is there already, made by something else.
type ExistsError struct{ Link Link }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("ACS user %s is already linked to user identity %s", e.Link.ACSUserID, e.Link.UserIdentityID)
}

// HeldError says that the ACS user is linked to another user identity.
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
	// IsOtherThing: the id is that of the other end, as when two ids are swapped.
	IsOtherThing bool
	// IsUnmanaged: it is a user identity that Seam does not manage.
	IsUnmanaged bool
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

// SystemOutOfSightError says that Seam does not know the access system that the ACS
// user of a link belongs to, so that a missing ACS user says nothing.
type SystemOutOfSightError struct {
	Pair        Pair
	ACSSystemID string
}

func (e *SystemOutOfSightError) Error() string {
	return fmt.Sprintf("ACS user %s is not found, and neither is its access system %s", e.Pair.ACSUserID, e.ACSSystemID)
}

// StillLinkedError says that Seam accepted a removal, and that the ACS user stayed
// linked to the user identity for as long as the operation could wait.
type StillLinkedError struct {
	Pair   Pair
	Waited *seam.RetryTimeoutError
}

func (e *StillLinkedError) Error() string {
	return fmt.Sprintf("Seam accepted the request to remove ACS user %s from user identity %s, and it had no effect", e.Pair.ACSUserID, e.Pair.UserIdentityID)
}
