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
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// What people read about a link. Summaries name what could not be done and to
// which things; details say what was found, and what to do next.

func appendCreateError(diags *diag.Diagnostics, pair link.Pair, err error) {
	summary := fmt.Sprintf("Cannot link ACS user %s to user identity %s", pair.ACSUserID, pair.UserIdentityID)
	var exists *link.ExistsError
	var held *link.HeldError
	var missing *link.MissingError
	var beingDeleted *link.BeingDeletedError
	var unknown *link.UnknownEffectError
	switch {
	case errors.As(err, &unknown): // may wrap any of the others
		diags.AddError(summary, explainUnknownEffect(unknown, "added")+
			"Terraform keeps the link in the state as tainted. Plan again: a link that is missing is added, and one that is there is replaced, "+
			"which takes the access away for a moment. To keep it instead, run terraform untaint.")
	case errors.As(err, &exists):
		diags.AddError(summary, "The link exists already, so nothing was changed.\n\n"+
			"If another resource block manages this link, remove one of the two. "+createBeforeDestroyAdvice+" To manage the existing link here, "+importAdvice(pair))
	case errors.As(err, &held):
		diags.AddAttributeError(path.Root("acs_user_id"), summary, explainHeld(pair, held.HolderID))
	case errors.As(err, &missing):
		diags.AddAttributeError(attributeOf(missing.What), summary, explain(err))
	case errors.As(err, &beingDeleted):
		diags.AddAttributeError(attributeOf(beingDeleted.What), summary, explain(err))
	default:
		diags.AddError(summary, explain(err))
	}
}

func appendReadError(diags *diag.Diagnostics, pair link.Pair, err error) {
	diags.AddError(fmt.Sprintf("Cannot read the link between ACS user %s and user identity %s", pair.ACSUserID, pair.UserIdentityID),
		withStateKept(err))
}

func appendDeleteError(diags *diag.Diagnostics, pair link.Pair, err error) {
	if broken, ok := errors.AsType[*link.BrokenWordError](err); ok {
		appendBrokenWordError(diags, pair, broken)
		if err = broken.Err; err == nil {
			return
		}
	}
	summary := fmt.Sprintf("Cannot remove ACS user %s from user identity %s", pair.ACSUserID, pair.UserIdentityID)
	if unknown, ok := errors.AsType[*link.UnknownEffectError](err); ok {
		diags.AddError(summary, explainUnknownEffect(unknown, "removed")+"The link stays in the state. Run the same command again: it looks first, and removes what is left.")
		return
	}
	diags.AddError(summary, withStateKept(err))
}

// appendBrokenWordError names the links that were taken for removed. Terraform has
// forgotten them by now.
func appendBrokenWordError(diags *diag.Diagnostics, pair link.Pair, err *link.BrokenWordError) {
	var left strings.Builder
	for _, one := range err.Left {
		fmt.Fprintf(&left, "  ACS user %s, user identity %s\n", one.ACSUserID, one.UserIdentityID)
	}
	diags.AddError("Links may be left in Seam that are no longer in the state",
		fmt.Sprintf("Seam accepts removals that take no effect, as a look at ACS user %s has shown. "+
			"The links below were removed before by the same command, without a look afterwards, since Seam had kept its word until then. "+
			"They have been looked at now, and are still there, or could not be looked at:\n\n%s\n"+
			"What these links open can still be opened. Remove them in Seam, or import them and destroy them again. "+
			"The link of ACS user %[1]s stays in the state; run the same command again to settle it.", pair.ACSUserID, left.String()))
}

func appendImportError(diags *diag.Diagnostics, pair link.Pair, err error) {
	diags.AddError(fmt.Sprintf("Cannot import the link between ACS user %s and user identity %s", pair.ACSUserID, pair.UserIdentityID),
		explain(err))
}

// appendNotLinkedError refuses the import of a pair that is not linked.
func appendNotLinkedError(ctx context.Context, diags *diag.Diagnostics, workspace *link.Workspace, finding link.Finding) {
	pair := finding.Link.Pair
	summary := fmt.Sprintf("Cannot import the link between ACS user %s and user identity %s", pair.ACSUserID, pair.UserIdentityID)
	switch finding.Standing {
	case link.NoSuchACSUser:
		reached, err := workspace.Get(ctx)
		if err != nil {
			diags.AddError(summary, explain(err))
			return
		}
		diags.AddError(summary, explain(&link.MissingError{What: link.ACSUser, ID: pair.ACSUserID, Workspace: reached}))
	case link.HeldByAnother:
		diags.AddError(summary, fmt.Sprintf("There is no such link: the ACS user is linked to user identity %s. To manage that link here, %s",
			finding.HolderID, importAdvice(link.Pair{UserIdentityID: finding.HolderID, ACSUserID: pair.ACSUserID})))
	default:
		diags.AddError(summary, "There is no such link: the ACS user is not linked to any user identity. "+
			"Leave the import out, and Terraform adds the link.")
	}
}

func appendImportIDError(diags *diag.Diagnostics, id string) {
	diags.AddError("Invalid import ID", fmt.Sprintf("The import ID of a link is <user_identity_id>/<acs_user_id>, two UUIDs with a slash between them, such as "+
		"11111111-1111-4111-8111-111111111111/22222222-2222-4222-8222-222222222222. Got: %s.", excerpt(id)))
}

func appendIdentityError(diags *diag.Diagnostics, attribute path.Path, id string) {
	diags.AddAttributeError(attribute, "Invalid ID", fmt.Sprintf("%s %s. Got: %s.", attribute, uuidValidator{}.Description(context.Background()), excerpt(id)))
}

// appendPlanWarning warns of what would stop the creation that is planned. A link
// in the state may be the very one that is to be replaced.
func appendPlanWarning(diags *diag.Diagnostics, finding link.Finding, inState bool) {
	pair := finding.Link.Pair
	switch {
	case finding.Standing == link.NoSuchACSUser:
		diags.AddAttributeWarning(path.Root("acs_user_id"), fmt.Sprintf("ACS user %s does not exist", pair.ACSUserID),
			"As things are now, applying this plan fails: the workspace of the provider's credentials has no such ACS user. Check the ID and the credentials.")
	case finding.BeingDeleted:
		diags.AddAttributeWarning(path.Root("acs_user_id"), fmt.Sprintf("ACS user %s is being deleted", pair.ACSUserID),
			"As things are now, applying this plan fails: Seam is deleting the ACS user. Take the link out of the configuration.")
	case finding.Standing == link.HeldByAnother:
		diags.AddAttributeWarning(path.Root("acs_user_id"), fmt.Sprintf("ACS user %s is linked to user identity %s", pair.ACSUserID, finding.HolderID),
			fmt.Sprintf("As things are now, applying this plan fails: a link is never moved silently, and this one would move from user identity %s to %s. "+
				"If the same plan removes the other link first, nothing is wrong.", finding.HolderID, pair.UserIdentityID))
	case finding.Standing == link.Linked:
		summary := fmt.Sprintf("ACS user %s is already linked to user identity %s", pair.ACSUserID, pair.UserIdentityID)
		if inState {
			diags.AddWarning(summary, "A resource in the state holds this link. If this plan replaces that resource, and removes the link before it adds it again, nothing is wrong.\n\n"+
				"If this is a second resource for the same link, applying this plan fails: remove one of the two. If it is the same resource under another name, add a moved block.")
			return
		}
		diags.AddWarning(summary, "As things are now, applying this plan fails: the link exists. "+
			"If the same plan removes it first, as a replacement does, nothing is wrong. "+
			"If another resource block manages it, remove one of the two. To manage the existing link here, "+importAdvice(pair))
	}
}

// appendPlanError reports that a conflict could not be looked for. What stops
// every operation stops the plan; what may pass is a warning.
func appendPlanError(diags *diag.Diagnostics, pair link.Pair, err error) {
	summary := fmt.Sprintf("Cannot check ACS user %s for a link that stands in the way", pair.ACSUserID)
	var wrongWorkspace *link.WrongWorkspaceError
	if seam.IsUnauthorized(err) || seam.IsForbidden(err) || errors.As(err, &wrongWorkspace) {
		diags.AddError(fmt.Sprintf("Cannot look at ACS user %s with the provider's credentials", pair.ACSUserID), explain(err))
		return
	}
	diags.AddWarning(summary, "The plan goes on without the check; applying it checks again.\n\n"+explain(err))
}

// appendGoneWarning says why a link is dropped from the state.
func appendGoneWarning(diags *diag.Diagnostics, finding link.Finding) {
	pair := finding.Link.Pair
	summary := fmt.Sprintf("ACS user %s is no longer linked to user identity %s", pair.ACSUserID, pair.UserIdentityID)
	switch finding.Standing {
	case link.NoSuchACSUser:
		diags.AddWarning(summary, "The ACS user was deleted outside Terraform, perhaps together with its user identity, and the link with it. It was dropped from the state. "+
			"Take the resource out of the configuration, or give it the ID of another ACS user.")
	case link.HeldByAnother:
		diags.AddWarning(summary, fmt.Sprintf("The ACS user is linked to user identity %s by now, which was not done here. The link was dropped from the state.\n\n"+
			"The plan adds it again, and applying that fails while the other identity holds the ACS user. "+
			"Remove that link in Seam, or take this resource out of the configuration.", finding.HolderID))
	default:
		diags.AddWarning(summary, "The link was removed outside Terraform. It was dropped from the state. "+
			"Apply to add it again, or take the resource out of the configuration.")
	}
}

func appendMergedWarning(diags *diag.Diagnostics, l link.Link) {
	diags.AddAttributeWarning(path.Root("user_identity_id"),
		fmt.Sprintf("User identity %s was merged into %s", l.UserIdentityID, l.PrimaryUserIdentityID),
		fmt.Sprintf("The old ID is an alias now: ACS user %s is linked to the primary user identity %[2]s, and that is the same link. As long as the configuration has the old ID, nothing has to be done.\n\n"+
			"To use the ID of the primary without a replacement, take the link out of the state with terraform state rm, write %[2]s as user_identity_id, and %[3]s",
			l.ACSUserID, l.PrimaryUserIdentityID, importAdvice(link.Pair{UserIdentityID: l.PrimaryUserIdentityID, ACSUserID: l.ACSUserID})))
}

func appendNotRefreshedWarning(diags *diag.Diagnostics, pair link.Pair) {
	diags.AddWarning(fmt.Sprintf("The link between ACS user %s and user identity %s was not read", pair.ACSUserID, pair.UserIdentityID),
		"The configuration of the provider is not known before something else is applied. The state stays as it is.")
}

const moveAdvice = "To move it, remove the other link first: take it out of the configuration that manages it, or remove it in Seam. " +
	"Where one configuration manages both, use for_each keyed by ACS user: then the change is a replacement, which removes the old link before it adds the new one. " +
	createBeforeDestroyAdvice

const createBeforeDestroyAdvice = "If this is a replacement with create_before_destroy, leave that out: the old link has to go before the new one comes."

func explainHeld(pair link.Pair, holderID string) string {
	return fmt.Sprintf("ACS user %s is linked to another user identity, %s. A link is never moved silently, so nothing was changed.\n\n%s",
		pair.ACSUserID, holderID, moveAdvice)
}

// importAdvice is the end of a sentence, with the block to paste.
func importAdvice(pair link.Pair) string {
	return fmt.Sprintf("import it with this block, using the address of your resource:\n\n"+
		"import {\n  to = seam_user_identity_acs_user.example\n  id = %q\n}\n\n"+
		"Before Terraform 1.5, use the command:\n\n  terraform import seam_user_identity_acs_user.example %[2]s", importID(pair), importID(pair))
}

func withStateKept(err error) string {
	if _, ok := errors.AsType[*link.WrongWorkspaceError](err); ok {
		return explain(err) // says so itself
	}
	return explain(err) + "\n\nThe state stays as it is."
}

func attributeOf(what link.Thing) path.Path {
	if what == link.UserIdentity {
		return path.Root("user_identity_id")
	}
	return path.Root("acs_user_id")
}

// explainUnknownEffect is the beginning of a detail: how a write, and the look
// after it, went.
func explainUnknownEffect(unknown *link.UnknownEffectError, done string) string {
	text := fmt.Sprintf("It is not known whether the link was %s: the request was sent", done)
	if unknown.Write == nil {
		text += " and accepted"
	} else {
		text += ", and no certain answer came back"
	}
	if unknown.Look == nil {
		text += ", so it may still take effect."
	} else {
		text += "; asking Seam what became of it failed, too."
	}
	return text + "\n\n" + explain(unknown.Cause()) + "\n\n"
}

func isEffectUnknown(err error) bool {
	var unknown *link.UnknownEffectError
	return errors.As(err, &unknown)
}

// logDeleted records what a delete did, as it may have had nothing to do.
func logDeleted(ctx context.Context, finding link.Finding) {
	fields := map[string]any{"user_identity_id": finding.Link.UserIdentityID, "acs_user_id": finding.Link.ACSUserID}
	switch finding.Standing {
	case link.Linked:
		tflog.Info(ctx, "removed the ACS user from the user identity", fields)
	case link.HeldByAnother:
		fields["holder_id"] = finding.HolderID
		tflog.Info(ctx, "nothing to remove: another user identity holds the ACS user by now", fields)
	case link.NoSuchACSUser:
		tflog.Info(ctx, "nothing to remove: the ACS user is gone", fields)
	default:
		tflog.Info(ctx, "nothing to remove: the ACS user is not linked", fields)
	}
}
