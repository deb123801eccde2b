package people

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// ExistsError says that a record with the same value exists already.
type ExistsError struct {
	ID    string
	Field string // the attribute that is the same, such as email_address
	Value string
}

func (e *ExistsError) Error() string {
	return fmt.Sprintf("%s %q is in use by %s", e.Field, e.Value, e.ID)
}

// MissingError says that a record to change does not exist.
type MissingError struct{ ID string }

func (e *MissingError) Error() string { return e.ID + " does not exist" }

// MergedError says that a user identity was merged into another one, which is never
// changed or deleted through the old ID.
type MergedError struct{ ID, PrimaryID string }

func (e *MergedError) Error() string {
	return fmt.Sprintf("user identity %s was merged into %s", e.ID, e.PrimaryID)
}

// LinkedError says that ACS users are linked to a user identity, which Seam would
// delete with it.
type LinkedError struct{ ACSUsers []seam.ACSUser }

func (e *LinkedError) Error() string {
	var ids []string
	for _, user := range e.ACSUsers {
		ids = append(ids, user.ACSUserID)
	}
	return "ACS users are linked: " + strings.Join(ids, ", ")
}

// UnmanageableError says that the access system does not let Seam change an ACS user.
type UnmanageableError struct {
	ID   string
	Code string // of Seam's warning, such as latch_resident_user
}

func (e *UnmanageableError) Error() string {
	return fmt.Sprintf("the access system does not let Seam change ACS user %s (%s)", e.ID, e.Code)
}

// NotShownError says that Seam accepted a change, and that it did not show for as long
// as the operation could wait.
type NotShownError struct {
	ID     string
	Waited *seam.RetryTimeoutError
}

func (e *NotShownError) Error() string {
	return fmt.Sprintf("Seam accepted the change of %s, and it had no effect", e.ID)
}

// SeveralError says that a create may have made one of several records, and that
// nothing tells which.
type SeveralError struct{ IDs []string }

func (e *SeveralError) Error() string {
	return "several records have these values: " + strings.Join(e.IDs, ", ")
}

// ErrNotListed says that no record has the values of one that a create may have made, and
// that the create was so recent that lists may not show it yet.
var ErrNotListed = errors.New("no record with these values is listed yet")

// ErrUnrecognizable says that nothing tells a record that a create made from others.
var ErrUnrecognizable = errors.New("no value tells the new record from others")
