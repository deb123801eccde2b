package provider

import (
	"errors"
	"sync"

	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// causes are what has been explained already, of the failures that hit every
// resource alike.
type causes struct{ explained sync.Map }

// explainOnce is explain for a failure that may hit every resource of a command: the
// first time it explains, after that it points to the explanation.
func (c *configured) explainOnce(err error) string {
	what := sharedCause(err)
	if what == "" {
		return explain(err)
	}
	if _, again := c.causes.explained.LoadOrStore(what, true); again {
		return what + " Another error of this command explains it."
	}
	return explain(err)
}

// sharedCause says in one sentence what went wrong, if it hits every resource alike.
func sharedCause(err error) string {
	var wrongWorkspace *reconcile.WrongWorkspaceError
	var outOfSight *reconcile.SystemOutOfSightError
	var retryTimeout *seam.RetryTimeoutError
	var transport *seam.TransportError
	switch {
	case errors.As(err, &wrongWorkspace):
		return "The provider's credentials reach workspace " + wrongWorkspace.GotID + ", not " + wrongWorkspace.WantID + "."
	case errors.As(err, &outOfSight):
		return "Seam does not find access system " + outOfSight.ACSSystemID + "."
	case seam.IsUnauthorized(err), isUnknownKey(err):
		return "Seam rejected the provider's credentials."
	case seam.IsForbidden(err):
		return "The provider's credentials lack a permission."
	case seam.IsThrottled(err):
		return "Seam limits the rate of requests."
	case errors.As(err, &transport):
		return "Seam could not be reached."
	case errors.As(err, &retryTimeout):
		return "Seam returned no usable response, and retry_timeout left no time for another attempt."
	default:
		return ""
	}
}

// isUnknownKey reports whether Seam asks for a workspace, as it may when it does not
// know the API key.
func isUnknownKey(err error) bool {
	refused, ok := errors.AsType[*seam.Error](err)
	return ok && refused.Type == "missing_workspace_id"
}
