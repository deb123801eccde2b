package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seamapi/terraform-provider-seam/internal/link"
	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// explain returns what a person reads about an error: what happened, and what to
// do about it. It ends with Seam's request id, which support asks for.
func explain(err error) string {
	var wrongWorkspace *reconcile.WrongWorkspaceError
	var outOfSight *reconcile.SystemOutOfSightError
	var missing *link.MissingError
	var beingDeleted *link.BeingDeletedError
	var otherSystem *link.OtherSystemError
	var held *link.HeldError
	var stillLinked *link.StillLinkedError
	switch {
	case errors.As(err, &wrongWorkspace):
		return explainWrongWorkspace(wrongWorkspace)
	case errors.As(err, &outOfSight):
		return fmt.Sprintf("Seam finds neither the ACS user nor its access system %s, which may be disconnected.\n\n"+
			"Reconnect the access system. If it is gone for good, remove what belongs to it from state with terraform state rm or a removed block.",
			outOfSight.ACSSystemID)
	case errors.As(err, &missing):
		return explainMissing(missing)
	case errors.As(err, &beingDeleted):
		return explainBeingDeleted(beingDeleted)
	case errors.As(err, &otherSystem):
		return fmt.Sprintf("ACS user %s is in access system %s, and %s %s is in access system %s. No changes were made.\n\n"+
			"Use an %[3]s and an ACS user of one access system.", otherSystem.Pair.ACSUserID, otherSystem.ACSUserSystemID,
			otherSystem.Pair.Target, otherSystem.Pair.TargetID, otherSystem.TargetSystemID)
	case errors.As(err, &held):
		return sentence(held.Error()) + " The next apply will fail unless that link is removed first."
	case errors.As(err, &stillLinked):
		kind := kindOf(stillLinked.Pair)
		return fmt.Sprintf("Seam accepted the request to remove the %[1]s, and it had no effect: the ACS user was still %s %s later, when retry_timeout was over.\n\n"+
			"The access system may control this %[1]s. Remove it there, or contact Seam support.",
			kind.noun, kind.still, stillLinked.Waited.Tried.Round(time.Second))
	case explainPerson(err) != "":
		return explainPerson(err)
	case errors.Is(err, context.Canceled):
		return "The operation was interrupted. Run the command again."
	case errors.Is(err, context.DeadlineExceeded) && !isUnanswered(err):
		return "Seam did not respond in time."
	default:
		return explainSeam(err)
	}
}

// isUnanswered reports whether a request got no response, which says more than that
// the time was up.
func isUnanswered(err error) bool {
	_, ok := errors.AsType[*seam.TransportError](err)
	return ok
}

func explainWrongWorkspace(err *reconcile.WrongWorkspaceError) string {
	if !err.OfState {
		return fmt.Sprintf("workspace_id is %s, but the API key belongs to workspace %s. No changes were made.\n\n"+
			"Use an API key of workspace %[1]s, or correct workspace_id (or the environment variable SEAM_WORKSPACE_ID).", err.WantID, err.GotID)
	}
	return fmt.Sprintf("This resource belongs to workspace %s, but the provider's credentials reach workspace %s. "+
		"Not finding it there does not prove that it was removed.\n\n"+
		"Use credentials of workspace %[1]s. To work in the other workspace instead, remove this resource from state with terraform state rm.",
		err.WantID, err.GotID)
}

func explainBeingDeleted(err *link.BeingDeletedError) string {
	text := fmt.Sprintf("Seam is deleting %s %s.", err.What, err.Pair.ID(err.What))
	if err.What == link.UserIdentity {
		text += " Seam deletes the ACS users of a user identity along with it."
	}
	return text + " No changes were made.\n\nRemove this " + kindOf(err.Pair).noun + " from the configuration."
}

func explainMissing(err *link.MissingError) string {
	switch {
	case err.IsUnmanaged:
		return fmt.Sprintf("User identity %s is unmanaged in %s, and cannot be linked.\n\n"+
			"Use the ID of a managed user identity.", err.ID, nameWorkspace(err.Workspace))
	case err.Other != "":
		article, target := "a", err.What
		if err.Other != link.UserIdentity {
			article = "an"
		}
		if target == link.ACSUser {
			target = err.Other
		}
		return fmt.Sprintf("There is no %s %s in %s: it is the ID of %s %s.\n\nCheck whether %s and acs_user_id are swapped.",
			err.What, err.ID, nameWorkspace(err.Workspace), article, err.Other, attributeOf(target))
	default:
		return fmt.Sprintf("There is no %s %s in %s, which the provider's credentials reach.\n\n"+
			"Check the ID, and that the credentials belong to the right workspace.", err.What, err.ID, nameWorkspace(err.Workspace))
	}
}

func nameWorkspace(workspace seam.Workspace) string {
	if workspace.Name == "" {
		return "workspace " + workspace.WorkspaceID
	}
	return fmt.Sprintf("workspace %q (%s)", workspace.Name, workspace.WorkspaceID)
}

// explainSeam tells what Seam returned, or that it returned nothing.
func explainSeam(err error) string {
	var b strings.Builder
	happened, advice, requestID := describe(err)
	b.WriteString(happened)
	if retryTimeout, ok := errors.AsType[*seam.RetryTimeoutError](err); ok {
		b.WriteString(" " + sentence(retryTimeout.Summary()))
	}
	if response, ok := errors.AsType[*seam.Error](err); ok {
		for _, field := range response.Fields {
			b.WriteString("\n  - " + field)
		}
	}
	if advice != "" {
		b.WriteString("\n\n" + advice)
	}
	writeRequestID(&b, requestID)
	return b.String()
}

// describe tells what happened to a request and what to do about it.
func describe(err error) (happened, advice, requestID string) {
	if response, ok := errors.AsType[*seam.Error](err); ok {
		return returned(response), adviceFor(response), response.RequestID
	}
	if response, ok := errors.AsType[*seam.ResponseError](err); ok {
		happened = fmt.Sprintf("Seam returned an invalid response for POST %s: %s", response.Path, sentence(response.Problem))
		if response.Excerpt != "" {
			happened += fmt.Sprintf(" It begins with %q.", response.Excerpt)
		}
		return happened, "Retry. If the error persists, check that the provider's endpoint is Seam, and that no proxy responds instead.", response.RequestID
	}
	if throttled, ok := errors.AsType[*seam.ThrottledError](err); ok {
		return sentence(throttled.Error()), adviceOnLimits, ""
	}
	if transport, ok := errors.AsType[*seam.TransportError](err); ok {
		happened = fmt.Sprintf("POST %s got no response: %s", transport.Path, fullStop(transport.Reason()))
	} else {
		happened = sentence(innermost(err).Error())
	}
	return happened, "Check that this machine can reach the provider's endpoint, then retry.", ""
}

// returned tells what Seam, or something in between, returned.
func returned(response *seam.Error) string {
	var b strings.Builder
	if response.Excerpt == "" {
		b.WriteString("Seam")
	} else {
		b.WriteString("The endpoint")
	}
	fmt.Fprintf(&b, " returned %d", response.Status)
	if text := http.StatusText(response.Status); text != "" {
		b.WriteString(" " + text)
	}
	if response.Type != "" {
		b.WriteString(" (" + response.Type + ")")
	}
	b.WriteString(" for POST " + response.Path)
	if response.RedirectHost != "" {
		b.WriteString(", a redirect to " + response.RedirectHost)
	}
	if response.Message == "" {
		b.WriteString(".")
	} else {
		b.WriteString(": " + sentence(response.Message))
	}
	if response.Excerpt != "" {
		fmt.Fprintf(&b, " The response does not come from Seam: %q", response.Excerpt)
	}
	return b.String()
}

const adviceOnLimits = "Seam limits the rate of requests. Retry later, lower -parallelism, or raise retry_timeout in the provider block."

func adviceFor(response *seam.Error) string {
	switch {
	case seam.IsUnauthorized(response):
		return "Seam rejected the provider's credentials. Check api_key (or SEAM_API_KEY), or personal_access_token and workspace_id " +
			"(or SEAM_PERSONAL_ACCESS_TOKEN and SEAM_WORKSPACE_ID). The key may have been deleted, or the token may not reach the workspace."
	case response.Type == "missing_workspace_id":
		// With a token, the provider always sends a workspace.
		return "Seam may return this for an unknown API key. Check api_key (or SEAM_API_KEY). The key may have been deleted."
	case response.Status == 403:
		return "The provider's API key or token lacks a permission. Use one that has it."
	case response.Status == 407:
		return "A proxy between this machine and Seam requires credentials. Set them in HTTPS_PROXY, or exempt Seam from the proxy with NO_PROXY."
	case response.Status == 429:
		return adviceOnLimits
	case response.Status >= 500:
		return "Seam, or a proxy in between, failed. Retry later. If the error persists, contact Seam support."
	case response.Status >= 300 && response.Status < 400:
		return "Redirects are not followed, because they would forward the credentials. Set endpoint in the provider block (or SEAM_ENDPOINT) to the final address."
	case strings.HasSuffix(response.Type, "_conflict"):
		return "Another record that Seam does not list yet has one of these values. Run the same command again in a few minutes: the error then names the record."
	case response.Type == "":
		return "Seam does not respond like this. Check that the provider's endpoint is Seam, and that no proxy responds instead."
	}
	return ""
}

func writeRequestID(b *strings.Builder, requestID string) {
	if requestID != "" {
		b.WriteString("\n\nSeam request ID: " + requestID)
	}
}

// innermost unwraps what only adds words that are said elsewhere.
func innermost(err error) error {
	var retryTimeout *seam.RetryTimeoutError
	for errors.As(err, &retryTimeout) && retryTimeout.Err != nil {
		err = retryTimeout.Err
	}
	return err
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return text
	}
	if !strings.HasPrefix(text, "tls:") { // a name
		if first, size := utf8.DecodeRuneInString(text); first != utf8.RuneError {
			text = string(unicode.ToTitle(first)) + text[size:]
		}
	}
	return fullStop(text)
}

// fullStop ends text as a sentence ends.
func fullStop(text string) string {
	if last, _ := utf8.DecodeLastRuneInString(text); unicode.Is(unicode.Sentence_Terminal, last) || last == '…' {
		return text
	}
	return text + "."
}
