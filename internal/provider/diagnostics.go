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
	"github.com/seamapi/terraform-provider-seam/internal/people"
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
	case errors.As(err, &held):
		return sentence(held.Error())
	case errors.As(err, &stillLinked):
		return fmt.Sprintf("Seam accepted the request to remove the link, and it had no effect: the ACS user was still linked %s later, when retry_timeout was over.\n\n"+
			"The access system may control this link. Remove it there, or ask Seam's support.",
			stillLinked.Waited.Tried.Round(time.Second))
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
	return fmt.Sprintf("It was made in workspace %s, but the provider's credentials reach workspace %s. "+
		"That it is not found there does not mean that it was removed.\n\n"+
		"Use credentials of workspace %[1]s. To work in the other workspace instead, remove this resource from state with terraform state rm.",
		err.WantID, err.GotID)
}

func explainBeingDeleted(err *link.BeingDeletedError) string {
	text := fmt.Sprintf("Seam is deleting %s %s.", err.What, err.ID)
	if err.What == link.UserIdentity {
		text += " With a user identity, Seam deletes its ACS users."
	}
	return text + " No changes were made.\n\nRemove this link from the configuration."
}

func explainMissing(err *link.MissingError) string {
	switch {
	case err.IsUnmanaged:
		return fmt.Sprintf("User identity %s is unmanaged in %s, and cannot be linked.\n\n"+
			"Use the ID of a managed user identity.", err.ID, nameWorkspace(err.Workspace))
	case err.IsOtherThing && err.What == link.ACSUser:
		return fmt.Sprintf("There is no ACS user %s in %s: it is the ID of a user identity.\n\nCheck whether user_identity_id and acs_user_id are swapped.", err.ID, nameWorkspace(err.Workspace))
	case err.IsOtherThing:
		return fmt.Sprintf("There is no user identity %s in %s: it is the ID of an ACS user.\n\nCheck whether user_identity_id and acs_user_id are swapped.", err.ID, nameWorkspace(err.Workspace))
	default:
		return fmt.Sprintf("There is no %s %s in %s, which the provider's credentials reach.\n\n"+
			"Check the ID, and that the credentials belong to the right workspace.", err.What, err.ID, nameWorkspace(err.Workspace))
	}
}

func explainNotShown(err *people.NotShownError) string {
	return fmt.Sprintf("Seam accepted the request, and it had no effect for %s, until retry_timeout was over.\n\n"+
		"The access system may control this record. Change it there, or ask Seam's support.", err.Waited.Tried.Round(time.Second))
}

func nameWorkspace(workspace seam.Workspace) string {
	if workspace.Name == "" {
		return "workspace " + workspace.WorkspaceID
	}
	return fmt.Sprintf("workspace %q (%s)", workspace.Name, workspace.WorkspaceID)
}

// explainSeam tells what Seam answered, or that it did not.
func explainSeam(err error) string {
	var b strings.Builder
	if retryTimeout, ok := errors.AsType[*seam.RetryTimeoutError](err); ok {
		b.WriteString(sentence(retryTimeout.Summary()))
		b.WriteByte(' ')
	}
	var answer *seam.Error
	if !errors.As(err, &answer) {
		writeUnanswered(&b, err)
		return b.String()
	}
	b.WriteString(answered(answer))
	for _, field := range answer.Fields {
		fmt.Fprintf(&b, "\n  - %s: %s", field.Field, strings.Join(field.Messages, "; "))
	}
	if advice := adviceFor(answer); advice != "" {
		b.WriteString("\n\n" + advice)
	}
	writeRequestID(&b, answer.RequestID)
	return b.String()
}

// writeUnanswered tells of a request without an answer that could be used.
func writeUnanswered(b *strings.Builder, err error) {
	if response, ok := errors.AsType[*seam.ResponseError](err); ok {
		fmt.Fprintf(b, "The answer to the request %s cannot be used: %s", response.Path, sentence(response.Problem))
		if response.Excerpt != "" {
			fmt.Fprintf(b, " It begins with %q.", response.Excerpt)
		}
		b.WriteString("\n\nTry again. If it stays so, check that the endpoint of the provider is Seam's, and that nothing in between, such as a proxy, answers in its place.")
		writeRequestID(b, response.RequestID)
		return
	}
	if stopped, ok := errors.AsType[*seam.ThrottledError](err); ok {
		b.WriteString(sentence(stopped.Error()) + "\n\n" + adviceOnLimits)
		return
	}
	if transport, ok := errors.AsType[*seam.TransportError](err); ok {
		fmt.Fprintf(b, "The request %s got no answer: %s", transport.Path, sentence(transport.Reason()))
	} else {
		b.WriteString(sentence(innermost(err).Error()))
	}
	b.WriteString("\n\nCheck that this machine reaches the endpoint of the provider, and try again.")
}

// answered tells what Seam, or something in its place, answered.
func answered(answer *seam.Error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The request %s was answered with %d", answer.Path, answer.Status)
	if text := http.StatusText(answer.Status); text != "" {
		b.WriteString(" " + text)
	}
	if answer.Type != "" {
		b.WriteString(" (" + answer.Type + ")")
	}
	if answer.RedirectHost != "" {
		b.WriteString(", a redirect to " + answer.RedirectHost)
	}
	b.WriteString(".")
	if answer.Message != "" {
		b.WriteString(" Seam says: " + sentence(answer.Message))
	}
	if answer.Excerpt != "" {
		fmt.Fprintf(&b, " It is not an answer of Seam's: %q", answer.Excerpt)
	}
	return b.String()
}

const adviceOnLimits = "Seam is limiting requests. Try again later, lower -parallelism, or raise retry_timeout in the provider block."

func adviceFor(answer *seam.Error) string {
	switch {
	case seam.IsUnauthorized(answer):
		return "Seam refuses the provider's credentials. Check api_key (or SEAM_API_KEY), or personal_access_token and workspace_id " +
			"(or SEAM_PERSONAL_ACCESS_TOKEN and SEAM_WORKSPACE_ID): the key may have been deleted, or the token may not reach the workspace."
	case answer.Type == "missing_workspace_id":
		// With a token, the provider always sends a workspace.
		return "Seam may answer so when it does not know the API key. Check api_key (or SEAM_API_KEY): the key may have been deleted."
	case answer.Status == 403:
		return "This needs a permission that the provider's key or token does not have. Use one that has it."
	case answer.Status == 407:
		return "A proxy between this machine and Seam wants credentials of its own. Set them in HTTPS_PROXY, or let requests to Seam pass without the proxy (NO_PROXY)."
	case answer.Status == 429:
		return adviceOnLimits
	case answer.Status >= 500:
		return "This is a failure of Seam, or of something on the way to it. Try again; if it stays, ask Seam's support."
	case answer.Status >= 300 && answer.Status < 400:
		return "Redirects are not followed, for the credentials would travel along. Set endpoint in the provider block (or SEAM_ENDPOINT) to the final address."
	case answer.Type == "":
		return "This is not how Seam answers. Check that the endpoint of the provider is Seam's, and that nothing in between, such as a proxy, answers in its place."
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
	if last, _ := utf8.DecodeLastRuneInString(text); unicode.Is(unicode.Sentence_Terminal, last) || last == '…' {
		return text
	}
	return text + "."
}
