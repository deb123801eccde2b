package link

import (
	"fmt"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// Thing is an end of a link, in words.
type Thing string

// The ends of links: an ACS user, and one of the others.
const (
	ACSUser      Thing = "ACS user"
	UserIdentity Thing = "user identity"
	AccessGroup  Thing = "access group"
)

// ExistsError says that the link is there already, made by something else.
type ExistsError struct{ Link Link }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("ACS user %s is already linked to %s %s", e.Link.ACSUserID, e.Link.Target, e.Link.TargetID)
}

// HeldError says that the ACS user is linked to another user identity.
type HeldError struct {
	Pair     Pair
	HolderID string
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("ACS user %s is linked to user identity %s, not to %s", e.Pair.ACSUserID, e.HolderID, e.Pair.TargetID)
}

// MissingError says that one end of the link does not exist in the workspace.
type MissingError struct {
	What      Thing
	ID        string
	Workspace seam.Workspace
	// Other is what has this id, as when two ids are swapped; "" if nothing is known to.
	Other Thing
	// IsUnmanaged: it is a user identity that Seam does not manage.
	IsUnmanaged bool
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("no %s %s in workspace %s", e.What, e.ID, e.Workspace.WorkspaceID)
}

// BeingDeletedError says that Seam is deleting one end of the link.
type BeingDeletedError struct {
	What Thing
	Pair Pair
}

func (e *BeingDeletedError) Error() string {
	return fmt.Sprintf("%s %s is being deleted", e.What, e.Pair.ID(e.What))
}

// OtherSystemError says that an ACS user and an access group are in different access
// systems.
type OtherSystemError struct {
	Pair                            Pair
	ACSUserSystemID, TargetSystemID string
}

func (e *OtherSystemError) Error() string {
	return fmt.Sprintf("ACS user %s is in access system %s, %s %s in %s", e.Pair.ACSUserID, e.ACSUserSystemID, e.Pair.Target, e.Pair.TargetID, e.TargetSystemID)
}

// StillLinkedError says that Seam accepted a removal, and that the link stayed for as
// long as the operation could wait.
type StillLinkedError struct {
	Pair   Pair
	Waited *seam.RetryTimeoutError
}

func (e *StillLinkedError) Error() string {
	return fmt.Sprintf("Seam accepted the request to remove ACS user %s from %s %s, and it had no effect", e.Pair.ACSUserID, e.Pair.Target, e.Pair.TargetID)
}
