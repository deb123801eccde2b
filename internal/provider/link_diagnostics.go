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

func (k *linkKind) stateKept() string { return "\n\nThe " + k.noun + " stays in state." }

// Noun begins a sentence.
func (k *linkKind) Noun() string { return strings.ToUpper(k.noun[:1]) + k.noun[1:] }

// inWords names a link in the middle of a sentence.
func inWords(pair link.Pair) string {
	return fmt.Sprintf(kindOf(pair).named, pair.ACSUserID, pair.TargetID)
}

func appendCreateError(diags *diag.Diagnostics, data *configured, pair link.Pair, err error) {
	kind := kindOf(pair)
	summary := fmt.Sprintf(kind.cannot, pair.ACSUserID, pair.TargetID)
	var exists *link.ExistsError
	var held *link.HeldError
	var missing *link.MissingError
	var beingDeleted *link.BeingDeletedError
	var otherSystem *link.OtherSystemError
	var unknown *reconcile.UnknownEffectError
	switch {
	case errors.As(err, &unknown): // may wrap any of the others
		diags.AddError(summary, data.explainUnknown(unknown, "the "+kind.noun+" was added")+
			fmt.Sprintf("\n\nThe %[1]s is saved in state as tainted. The next apply adds a missing %[1]s and replaces an existing one, "+
				"which removes the access for a moment. To keep an existing %[1]s, run terraform untaint.", kind.noun))
	case errors.As(err, &exists):
		diags.AddError(summary, fmt.Sprintf("The %[1]s exists already. No changes were made.\n\n"+
			"If another resource manages this %[1]s, remove one of the two. %[2]s To manage the existing %[1]s with this resource, %[3]s",
			kind.noun, createBeforeDestroyAdvice, importAdvice(pair)))
	case errors.As(err, &held):
		diags.AddAttributeError(path.Root("acs_user_id"), summary, explainHeld(pair, held.HolderID))
	case errors.As(err, &missing):
		diags.AddAttributeError(path.Root(attributeOf(missing.What)), summary, explain(err))
	case errors.As(err, &beingDeleted):
		diags.AddAttributeError(path.Root(attributeOf(beingDeleted.What)), summary, explain(err))
	case errors.As(err, &otherSystem):
		diags.AddAttributeError(path.Root(kind.attribute), summary, explain(err))
	default:
		diags.AddError(summary, data.explainOnce(err))
	}
}

func appendReadError(diags *diag.Diagnostics, data *configured, pair link.Pair, err error) {
	diags.AddError("Cannot read the "+inWords(pair), data.explainOnce(err)+kindOf(pair).stateKept())
}

func appendDeleteError(diags *diag.Diagnostics, data *configured, pair link.Pair, err error) {
	summary, kind := cannotRemove(pair), kindOf(pair)
	if unknown, ok := errors.AsType[*reconcile.UnknownEffectError](err); ok {
		diags.AddError(summary, data.explainUnknown(unknown, "the "+kind.noun+" was removed")+kind.stateKept()+
			" Run the same command again: it reads the ACS user and removes the "+kind.noun+" if it is still there.")
		return
	}
	diags.AddError(summary, data.explainOnce(err)+kind.stateKept())
}

func cannotRemove(pair link.Pair) string {
	return fmt.Sprintf("Cannot remove ACS user %s from %s %s", pair.ACSUserID, pair.Target, pair.TargetID)
}

func cannotImport(pair link.Pair) string { return "Cannot import the " + inWords(pair) }

func appendImportError(diags *diag.Diagnostics, data *configured, pair link.Pair, err error) {
	diags.AddError(cannotImport(pair), data.explainOnce(err))
}

// appendNotLinkedError refuses the import of a pair that is not linked.
func appendNotLinkedError(ctx context.Context, diags *diag.Diagnostics, data *configured, finding link.Finding) {
	pair := finding.Link.Pair
	kind := kindOf(pair)
	switch {
	case finding.Standing == link.NoSuchACSUser:
		appendImportError(diags, data, pair, data.links.Missing(ctx, link.ACSUser, pair))
	case finding.NoTarget:
		appendImportError(diags, data, pair, data.links.Missing(ctx, pair.Target, pair))
	case finding.Standing == link.HeldByAnother:
		diags.AddError(cannotImport(pair), fmt.Sprintf("There is no such link. The ACS user is linked to user identity %s. To manage that link, %s",
			finding.HolderID, importAdvice(link.ToIdentity(finding.HolderID, pair.ACSUserID))))
	default:
		diags.AddError(cannotImport(pair), fmt.Sprintf("There is no such %[1]s. The ACS user is %s. "+
			"To add the %[1]s, remove the import and apply.", kind.noun, kind.none))
	}
}

func appendImportIDError(diags *diag.Diagnostics, kind *linkKind, id string) {
	diags.AddError("Invalid import ID", fmt.Sprintf("The import ID of a %s is <%s>/<acs_user_id>, two UUIDs with a slash between them, such as "+
		"11111111-1111-4111-8111-111111111111/22222222-2222-4222-8222-222222222222. Got: %s.", kind.noun, kind.attribute, excerpt(id)))
}

func appendIdentityError(diags *diag.Diagnostics, attribute path.Path, id string) {
	diags.AddAttributeError(attribute, "Invalid ID", fmt.Sprintf("%s %s. Got: %s.", attribute, uuidValidator{}.Description(context.Background()), excerpt(id)))
}

// appendConflictWarning warns of what stands in the way of a creation. What else
// the plan does is not known here: it may remove what stands in the way.
func appendConflictWarning(diags *diag.Diagnostics, finding link.Finding, inState bool) {
	const fails = "Applying this plan will fail unless that changes first. "
	pair := finding.Link.Pair
	kind := kindOf(pair)
	switch {
	case finding.Standing == link.NoSuchACSUser:
		diags.AddAttributeWarning(path.Root("acs_user_id"), fmt.Sprintf("ACS user %s does not exist", pair.ACSUserID),
			"The provider's credentials reach a workspace that has no such ACS user. "+fails+"Check the ID and the credentials.")
	case finding.BeingDeleted:
		diags.AddAttributeWarning(path.Root("acs_user_id"), fmt.Sprintf("ACS user %s is being deleted", pair.ACSUserID),
			"Seam is deleting the ACS user. "+fails+"Remove the "+kind.noun+" from the configuration.")
	case finding.Standing == link.HeldByAnother:
		diags.AddAttributeWarning(path.Root("acs_user_id"), fmt.Sprintf("ACS user %s is linked to user identity %s", pair.ACSUserID, finding.HolderID),
			fmt.Sprintf("This plan links it to user identity %s, and a link is never moved. "+
				"Applying the plan will fail unless the other link is removed first.", pair.TargetID))
	case finding.Standing == link.Linked:
		summary := fmt.Sprintf("ACS user %s is already %s %s %s", pair.ACSUserID, kind.standing, pair.Target, pair.TargetID)
		if inState {
			diags.AddWarning(summary, fmt.Sprintf("A resource in state manages this %[1]s. Applying this plan will fail unless it removes the %[1]s first, as a replacement without create_before_destroy does.\n\n"+
				"If the resource was renamed, add a moved block. If this is a second resource for the same %[1]s, remove one of the two.", kind.noun))
			return
		}
		diags.AddWarning(summary, fmt.Sprintf("Applying this plan will fail unless the %[1]s is removed first. "+
			"If another resource manages this %[1]s, remove one of the two. To manage the existing %[1]s with this resource, %s", kind.noun, importAdvice(pair)))
	}
}

// appendConflictError reports that a conflict could not be checked for. What stops
// every operation stops the plan; anything else is a warning.
func appendConflictError(diags *diag.Diagnostics, data *configured, pair link.Pair, err error) {
	var wrongWorkspace *reconcile.WrongWorkspaceError
	if seam.IsUnauthorized(err) || seam.IsForbidden(err) || errors.As(err, &wrongWorkspace) {
		diags.AddError(fmt.Sprintf("Cannot read ACS user %s", pair.ACSUserID), data.explainOnce(err))
		return
	}
	kind := kindOf(pair)
	diags.AddWarning(kind.Noun()+" not checked for conflicts", fmt.Sprintf("ACS user %s was not read, so this plan does not show whether it is %s already. Applying the plan reads it.\n\n%s",
		pair.ACSUserID, kind.still, explain(err)))
}

// appendPlannedTwice reports two creations. If they exclude each other, Terraform's
// scheduling would decide between them.
func appendPlannedTwice(diags *diag.Diagnostics, pair link.Pair, other string) {
	if strings.EqualFold(other, pair.TargetID) {
		appendSamePlannedTwiceWarning(diags, kindOf(pair).Noun(), "The "+inWords(pair))
		return
	}
	diags.AddAttributeError(path.Root("acs_user_id"), fmt.Sprintf("Two resources link ACS user %s", pair.ACSUserID),
		fmt.Sprintf("This plan adds two links of the ACS user: one links it to user identity %s, the other one to user identity %s. "+
			"An ACS user is linked to one user identity at most. Remove one of the two resources.", other, pair.TargetID))
}

// appendSamePlannedTwiceWarning is true of two resources and of terraform test alike: see
// creations.
func appendSamePlannedTwiceWarning(diags *diag.Diagnostics, noun, what string) {
	diags.AddWarning(noun+" planned twice",
		what+" was planned twice. If two resources create it, remove one of them: applying the second one will fail. "+
			"terraform test also plans each resource twice, which needs no action.")
}

func appendTwiceInStateWarning(diags *diag.Diagnostics, pair link.Pair) {
	noun := kindOf(pair).noun
	diags.AddWarning("Two resources in state manage one "+noun,
		fmt.Sprintf("Two resources manage the %s. Destroying either of them removes the %s. "+
			"Remove one from state with terraform state rm, and from the configuration.", inWords(pair), noun))
}

func appendUnknownIDWarning(diags *diag.Diagnostics, attribute string, pair link.Pair) {
	diags.AddAttributeWarning(path.Root(attribute), kindOf(pair).Noun()+" is replaced because an ID is unknown",
		fmt.Sprintf("%s is not known before apply. The %s will be removed and added again, even if the ID stays the same.\n\n"+
			"The usual cause is depends_on on a data source or on a module that contains one. Remove depends_on, or reference the attributes that are needed.",
			attribute, inWords(pair)))
}

// appendGoneWarning says why a link is removed from state. The resource may be on
// its way out of the configuration, so the plan says what follows.
func appendGoneWarning(diags *diag.Diagnostics, finding link.Finding) {
	pair := finding.Link.Pair
	kind := kindOf(pair)
	summary := fmt.Sprintf("ACS user %s is no longer %s %s %s", pair.ACSUserID, kind.standing, pair.Target, pair.TargetID)
	switch {
	case finding.Standing == link.NoSuchACSUser:
		diags.AddWarning(summary, "The ACS user was deleted outside Terraform, and the "+kind.noun+" with it.")
	case finding.NoTarget:
		diags.AddWarning(summary, fmt.Sprintf("The %s was deleted outside Terraform, and the %s with it.", pair.Target, kind.noun))
	case finding.Standing == link.HeldByAnother:
		diags.AddWarning(summary, fmt.Sprintf("Outside Terraform, the ACS user was linked to user identity %s. "+
			"It cannot be added again until that link is removed.", finding.HolderID))
	default:
		diags.AddWarning(summary, "The "+kind.noun+" was removed outside Terraform.")
	}
}

// appendLinkWarnings tells what is worth knowing about a link that is there.
func appendLinkWarnings(diags *diag.Diagnostics, l link.Link) {
	if l.PrimaryUserIdentityID != "" {
		diags.AddAttributeWarning(path.Root("user_identity_id"), "User identity was merged into another one",
			fmt.Sprintf("User identity %s was merged into %s. ACS user %s is linked to the latter, and the old ID keeps working, so no action is needed.\n\n"+
				"To use the new ID without a replacement, remove the link from state with terraform state rm, and import %[2]s/%[3]s.",
				l.TargetID, l.PrimaryUserIdentityID, l.ACSUserID))
	}
	if l.DeletedExternally {
		diags.AddAttributeWarning(path.Root("acs_user_id"), "ACS user was deleted in its access system",
			fmt.Sprintf("ACS user %s was deleted in access system %s (deleted_externally). Seam keeps its record, and the %[3]s, which grants no access. "+
				"Remove the %[3]s, or use the ID of the person's new ACS user.", l.ACSUserID, l.ACSSystemID, kindOf(l.Pair).noun))
	}
}

func appendNotRefreshedWarning(diags *diag.Diagnostics, pair link.Pair) {
	kind := kindOf(pair)
	diags.AddWarning(kind.Noun()+" not refreshed",
		fmt.Sprintf("The %s was not read, because the provider configuration is not known before apply. The %s stays in state.", inWords(pair), kind.noun))
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
		"import {\n  to = seam_%s.example\n  id = %q\n}\n\n"+
		"With Terraform before 1.5: terraform import seam_%[1]s.example %[2]s", kindOf(pair).typeName, importID(pair))
}

// attributeOf is the attribute that holds the ID of an end.
func attributeOf(what link.Thing) string {
	if kind, ok := linkKinds[what]; ok {
		return kind.attribute
	}
	return "acs_user_id"
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
	pair := finding.Link.Pair
	kind := kindOf(pair)
	fields := map[string]any{kind.attribute: pair.TargetID, "acs_user_id": pair.ACSUserID}
	switch finding.Standing {
	case link.Linked:
		tflog.Info(ctx, "removed the ACS user from the "+string(pair.Target), fields)
	case link.HeldByAnother:
		fields["linked_user_identity_id"] = finding.HolderID
		tflog.Info(ctx, "nothing to remove: the ACS user is linked to another user identity", fields)
	case link.NoSuchACSUser:
		tflog.Info(ctx, "nothing to remove: the ACS user does not exist", fields)
	default:
		tflog.Info(ctx, "nothing to remove: the ACS user is "+kind.none, fields)
	}
}

// logPending records that the access system has yet to carry out what a read counted as
// done.
func logPending(ctx context.Context, finding link.Finding) {
	if pair := finding.Link.Pair; finding.Pending {
		tflog.Info(ctx, "the access system has not carried out a change of the "+kindOf(pair).noun+" yet",
			map[string]any{kindOf(pair).attribute: pair.TargetID, "acs_user_id": pair.ACSUserID, "counts_as_linked": finding.Standing == link.Linked})
	}
}
