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

// StillLinkedError says that Seam accepted a removal, and that the ACS user stayed
// linked to the user identity for as long as the operation could wait.
type StillLinkedError struct {
	Pair   Pair
	Waited *seam.RetryTimeoutError
}

func (e *StillLinkedError) Error() string {
	return fmt.Sprintf("Seam accepted the request to remove ACS user %s from user identity %s, and it had no effect", e.Pair.ACSUserID, e.Pair.UserIdentityID)
}
