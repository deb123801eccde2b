package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/seamapi/terraform-provider-seam/internal/link"
	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// What people read about a link. Error summaries name what could not be done, with
// the IDs; details say what was found, then what to do. Warnings that can come for
// every link of a plan share one summary, so that Terraform folds them.

const stateKept = "\n\nThe link stays in state."

func appendCreateError(diags *diag.Diagnostics, data *configured, pair link.Pair, err error) {
	summary := fmt.Sprintf("Cannot link ACS user %s to user identity %s", pair.ACSUserID, pair.UserIdentityID)
	var exists *link.ExistsError
	var held *link.HeldError
	var missing *link.MissingError
	var beingDeleted *link.BeingDeletedError
	var unknown *reconcile.UnknownEffectError
	switch {
	case errors.As(err, &unknown): // may wrap any of the others
		diags.AddError(summary, data.explainUnknown(unknown, "the link was added")+
			"\n\nThe link is saved in state as tainted. The next apply adds a missing link and replaces an existing one, "+
			"which removes the access for a moment. To keep an existing link, run terraform untaint.")
	case errors.As(err, &exists):
		diags.AddError(summary, "The link exists already. No changes were made.\n\n"+
			"If another resource manages this link, remove one of the two. "+createBeforeDestroyAdvice+" To manage the existing link with this resource, "+importAdvice(pair))
	case errors.As(err, &held):
		diags.AddAttributeError(path.Root("acs_user_id"), summary, explainHeld(pair, held.HolderID))
	case errors.As(err, &missing):
		diags.AddAttributeError(attributeOf(missing.What), summary, explain(err))
	case errors.As(err, &beingDeleted):
		diags.AddAttributeError(attributeOf(beingDeleted.What), summary, explain(err))
	default:
		diags.AddError(summary, data.explainOnce(err))
	}
}

func appendReadError(diags *diag.Diagnostics, data *configured, pair link.Pair, err error) {
	diags.AddError(fmt.Sprintf("Cannot read the link between ACS user %s and user identity %s", pair.ACSUserID, pair.UserIdentityID),
		data.explainOnce(err)+stateKept)
}

func appendDeleteError(diags *diag.Diagnostics, data *configured, pair link.Pair, err error) {
	summary := cannotRemove(pair)
	if unknown, ok := errors.AsType[*reconcile.UnknownEffectError](err); ok {
		diags.AddError(summary, data.explainUnknown(unknown, "the link was removed")+stateKept+" Run the same command again: it reads the ACS user and removes the link if it is still there.")
		return
	}
	diags.AddError(summary, data.explainOnce(err)+stateKept)
}

func cannotRemove(pair link.Pair) string {
	return fmt.Sprintf("Cannot remove ACS user %s from user identity %s", pair.ACSUserID, pair.UserIdentityID)
}

func cannotImport(pair link.Pair) string {
	return fmt.Sprintf("Cannot import the link between ACS user %s and user identity %s", pair.ACSUserID, pair.UserIdentityID)
}

func appendImportError(diags *diag.Diagnostics, data *configured, pair link.Pair, err error) {
	diags.AddError(cannotImport(pair), data.explainOnce(err))
}

// appendNotLinkedError refuses the import of a pair that is not linked.
func appendNotLinkedError(ctx context.Context, diags *diag.Diagnostics, data *configured, finding link.Finding) {
	pair := finding.Link.Pair
	switch finding.Standing {
	case link.NoSuchACSUser:
		appendImportError(diags, data, pair, data.links.Missing(ctx, link.ACSUser, pair))
	case link.HeldByAnother:
		diags.AddError(cannotImport(pair), fmt.Sprintf("There is no such link. The ACS user is linked to user identity %s. To manage that link, %s",
			finding.HolderID, importAdvice(link.Pair{UserIdentityID: finding.HolderID, ACSUserID: pair.ACSUserID})))
	default:
		diags.AddError(cannotImport(pair), "There is no such link. The ACS user is not linked to a user identity. "+
			"To add the link, remove the import and apply.")
	}
}

func appendImportIDError(diags *diag.Diagnostics, id string) {
	diags.AddError("Invalid import ID", fmt.Sprintf("The import ID of a link is <user_identity_id>/<acs_user_id>, two UUIDs with a slash between them, such as "+
		"11111111-1111-4111-8111-111111111111/22222222-2222-4222-8222-222222222222. Got: %s.", excerpt(id)))
}

func appendIdentityError(diags *diag.Diagnostics, attribute path.Path, id string) {
	diags.AddAttributeError(attribute, "Invalid ID", fmt.Sprintf("%s %s. Got: %s.", attribute, uuidValidator{}.Description(context.Background()), excerpt(id)))
}

// appendConflictWarning warns of what stands in the way of a creation. What else
// the plan does is not known here: it may remove what stands in the way.
func appendConflictWarning(diags *diag.Diagnostics, finding link.Finding, inState bool) {
	const fails = "Applying this plan will fail unless that changes first. "
	pair := finding.Link.Pair
	switch {
	case finding.Standing == link.NoSuchACSUser:
		diags.AddAttributeWarning(path.Root("acs_user_id"), fmt.Sprintf("ACS user %s does not exist", pair.ACSUserID),
			"The provider's credentials reach a workspace that has no such ACS user. "+fails+"Check the ID and the credentials.")
	case finding.BeingDeleted:
		diags.AddAttributeWarning(path.Root("acs_user_id"), fmt.Sprintf("ACS user %s is being deleted", pair.ACSUserID),
			"Seam is deleting the ACS user. "+fails+"Remove the link from the configuration.")
	case finding.Standing == link.HeldByAnother:
		diags.AddAttributeWarning(path.Root("acs_user_id"), fmt.Sprintf("ACS user %s is linked to user identity %s", pair.ACSUserID, finding.HolderID),
			fmt.Sprintf("This plan links it to user identity %s, and a link is never moved. "+
				"Applying the plan will fail unless the other link is removed first.", pair.UserIdentityID))
	case finding.Standing == link.Linked:
		summary := fmt.Sprintf("ACS user %s is already linked to user identity %s", pair.ACSUserID, pair.UserIdentityID)
		if inState {
			diags.AddWarning(summary, "A resource in state manages this link. Applying this plan will fail unless it removes the link first, as a replacement without create_before_destroy does.\n\n"+
				"If the resource was renamed, add a moved block. If this is a second resource for the same link, remove one of the two.")
			return
		}
		diags.AddWarning(summary, "Applying this plan will fail unless the link is removed first. "+
			"If another resource manages this link, remove one of the two. To manage the existing link with this resource, "+importAdvice(pair))
	}
}

const notChecked = "Link not checked for conflicts"

// appendConflictError reports that a conflict could not be checked for. What stops
// every operation stops the plan; anything else is a warning.
func appendConflictError(diags *diag.Diagnostics, data *configured, pair link.Pair, err error) {
	var wrongWorkspace *reconcile.WrongWorkspaceError
	if seam.IsUnauthorized(err) || seam.IsForbidden(err) || errors.As(err, &wrongWorkspace) {
		diags.AddError(fmt.Sprintf("Cannot read ACS user %s", pair.ACSUserID), data.explainOnce(err))
		return
	}
	diags.AddWarning(notChecked, fmt.Sprintf("ACS user %s was not read, so this plan does not show whether it is linked already. Applying the plan reads it.\n\n%s",
		pair.ACSUserID, explain(err)))
}

// appendPlannedTwiceError reports two creations for one ACS user: Terraform's
// scheduling would decide between them.
func appendPlannedTwiceError(diags *diag.Diagnostics, pair link.Pair, other string) {
	both := fmt.Sprintf("one links it to user identity %s, the other one to user identity %s", other, pair.UserIdentityID)
	if strings.EqualFold(other, pair.UserIdentityID) {
		both = "both link it to user identity " + pair.UserIdentityID
	}
	diags.AddAttributeError(path.Root("acs_user_id"), fmt.Sprintf("Two resources link ACS user %s", pair.ACSUserID),
		fmt.Sprintf("This plan adds two links of the ACS user: %s. An ACS user is linked to one user identity at most. Remove one of the two resources.", both))
}

func appendTwiceInStateWarning(diags *diag.Diagnostics, pair link.Pair) {
	diags.AddWarning("Two resources in state manage one link",
		fmt.Sprintf("Two resources manage the link between ACS user %s and user identity %s. Destroying either of them removes the link. "+
			"Remove one from state with terraform state rm, and from the configuration.", pair.ACSUserID, pair.UserIdentityID))
}

func appendUnknownIDWarning(diags *diag.Diagnostics, attribute string, pair link.Pair) {
	diags.AddAttributeWarning(path.Root(attribute), "Link is replaced because an ID is unknown",
		fmt.Sprintf("%s is not known before apply. The link between ACS user %s and user identity %s will be removed and added again, even if the ID stays the same.\n\n"+
			"The usual cause is depends_on on a data source or on a module that contains one. Remove depends_on, or reference the attributes that are needed.",
			attribute, pair.ACSUserID, pair.UserIdentityID))
}

// appendGoneWarning says why a link is removed from state. The resource may be on
// its way out of the configuration, so the plan says what follows.
func appendGoneWarning(diags *diag.Diagnostics, finding link.Finding) {
	pair := finding.Link.Pair
	summary := fmt.Sprintf("ACS user %s is no longer linked to user identity %s", pair.ACSUserID, pair.UserIdentityID)
	switch finding.Standing {
	case link.NoSuchACSUser:
		diags.AddWarning(summary, "The ACS user was deleted outside Terraform, and the link with it.")
	case link.HeldByAnother:
		diags.AddWarning(summary, fmt.Sprintf("Outside Terraform, the ACS user was linked to user identity %s. "+
			"It cannot be added again until that link is removed.", finding.HolderID))
	default:
		diags.AddWarning(summary, "The link was removed outside Terraform.")
	}
}

// appendLinkWarnings tells what is worth knowing about a link that is there.
func appendLinkWarnings(diags *diag.Diagnostics, l link.Link) {
	if l.PrimaryUserIdentityID != "" {
		diags.AddAttributeWarning(path.Root("user_identity_id"), "User identity was merged into another one",
			fmt.Sprintf("User identity %s was merged into %s. ACS user %s is linked to the latter, and the old ID keeps working, so no action is needed.\n\n"+
				"To use the new ID without a replacement, remove the link from state with terraform state rm, and import %[2]s/%[3]s.",
				l.UserIdentityID, l.PrimaryUserIdentityID, l.ACSUserID))
	}
	if l.DeletedExternally {
		diags.AddAttributeWarning(path.Root("acs_user_id"), "ACS user was deleted in its access system",
			fmt.Sprintf("ACS user %s was deleted in access system %s (deleted_externally). Seam keeps its record, and the link, which grants no access. "+
				"Remove the link, or use the ID of the person's new ACS user.", l.ACSUserID, l.ACSSystemID))
	}
}

func appendNotRefreshedWarning(diags *diag.Diagnostics, pair link.Pair) {
	diags.AddWarning("Link not refreshed",
		fmt.Sprintf("The link between ACS user %s and user identity %s was not read, because the provider configuration is not known before apply. The link stays in state.",
			pair.ACSUserID, pair.UserIdentityID))
}

const createBeforeDestroyAdvice = "create_before_destroy, also inherited from a dependent resource, is not supported."

func explainHeld(pair link.Pair, holderID string) string {
	return fmt.Sprintf("ACS user %s is linked to user identity %s. No changes were made.\n\n"+
		"Remove that link first, or key the links by ACS user with for_each so that a change is a replacement. %s",
		pair.ACSUserID, holderID, createBeforeDestroyAdvice)
}

// importAdvice is the end of a sentence, with the block to paste.
func importAdvice(pair link.Pair) string {
	return fmt.Sprintf("import it:\n\n"+
		"import {\n  to = seam_user_identity_acs_user.example\n  id = %q\n}\n\n"+
		"With Terraform before 1.5: terraform import seam_user_identity_acs_user.example %[1]s", importID(pair))
}

func attributeOf(what link.Thing) path.Path {
	if what == link.UserIdentity {
		return path.Root("user_identity_id")
	}
	return path.Root("acs_user_id")
}

// explainUnknown is the beginning of a detail: what is not known, and why.
func (c *configured) explainUnknown(unknown *reconcile.UnknownEffectError, done string) string {
	received := "Seam accepted it, but no read shows its effect"
	if !unknown.Accepted {
		received = "the response was inconclusive"
		if !errors.Is(unknown.Reason, unknown.Write) {
			received += ": " + strings.TrimSuffix(unknown.Write.Error(), ".")
		}
	}
	reason := c.explainOnce(unknown.Reason)
	if errors.Is(unknown.Reason, context.Canceled) {
		reason = "The operation was interrupted."
	}
	return fmt.Sprintf("It is not known whether %s. The request was sent, and %s.\n\n%s", done, received, reason)
}

func isEffectUnknown(err error) bool {
	_, unknown := errors.AsType[*reconcile.UnknownEffectError](err)
	return unknown
}

// logDeleted records what a delete did, as it may have had nothing to do.
func logDeleted(ctx context.Context, finding link.Finding) {
	fields := map[string]any{"user_identity_id": finding.Link.UserIdentityID, "acs_user_id": finding.Link.ACSUserID}
	switch finding.Standing {
	case link.Linked:
		tflog.Info(ctx, "removed the ACS user from the user identity", fields)
	case link.HeldByAnother:
		fields["linked_user_identity_id"] = finding.HolderID
		tflog.Info(ctx, "nothing to remove: the ACS user is linked to another user identity", fields)
	case link.NoSuchACSUser:
		tflog.Info(ctx, "nothing to remove: the ACS user does not exist", fields)
	default:
		tflog.Info(ctx, "nothing to remove: the ACS user is not linked", fields)
	}
}
