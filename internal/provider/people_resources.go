package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/people"
	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
)

// personKind is one of the two records of a person, in what both resources do and say.
type personKind struct {
	typeName     string // of the resource
	idAttribute  string
	name         string // within a sentence
	recognizedBy string // the values that tell what a create made
}

var (
	userIdentityKind = personKind{"seam_user_identity", "user_identity_id", "user identity", "key, email address and phone number"}
	acsUserKind      = personKind{"seam_acs_user", "acs_user_id", "ACS user", "email address"}
)

// title is the name at the beginning of a sentence.
func (k personKind) title() string { return strings.ToUpper(k.name[:1]) + k.name[1:] }

func (k personKind) kept() string { return "\n\nThe " + k.name + " stays in state." }

// claim refuses that two resources of a plan create different records with one value:
// Terraform's scheduling would decide between them.
func (k personKind) claim(c *configured, diags *diag.Diagnostics, planned any, attribute, written, value, why string) {
	if written == "" {
		return
	}
	contents := fmt.Sprint(planned)
	switch before, again := c.creations.claim(k.name+" "+attribute+" "+value, contents); {
	case !again:
		return
	case before == contents:
		appendSamePlannedTwiceWarning(diags, k.title(), "The "+k.name+" with these values")
		return
	}
	article := "a"
	if k == acsUserKind {
		article = "an"
	}
	diags.AddAttributeError(path.Root(attribute), fmt.Sprintf("Two resources create %s %s with %s %s", article, k.name, attribute, excerpt(written)),
		why+" Remove one of the two resources.")
}

// listsSettle is how long after an inconclusive create it is believed that lists show what
// it made. How late they can be is not documented.
const listsSettle = 5 * time.Minute

const inDoubtSince = "in_doubt_since" // key of private state

// noteDoubt notes that a create was inconclusive. It returns the workspace in which there
// may be a new record, "" if Seam cannot be asked.
func noteDoubt(ctx context.Context, c *configured, resp *resource.CreateResponse) string {
	now, err := json.Marshal(c.clock.Now())
	if err == nil {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, inDoubtSince, now)...)
	}
	workspace, err := c.workspace.Get(c.client.FinalRead(ctx))
	if err != nil {
		return ""
	}
	return workspace.WorkspaceID
}

// privateState is what Terraform keeps beside a state.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// settled reports whether lists have had the time to show what an inconclusive create made.
func settled(ctx context.Context, c *configured, private privateState) bool {
	noted, _ := private.GetKey(ctx, inDoubtSince)
	var since time.Time
	return json.Unmarshal(noted, &since) != nil || c.clock.Now().Sub(since).Abs() >= listsSettle
}

// readPerson returns the record that a resource takes over, or nil if there is none: then
// it says why.
func readPerson[T any](ctx context.Context, r *withSeam, k personKind, id string, req resource.ReadRequest, resp *resource.ReadResponse, read func(settled bool) (*T, error)) *T {
	if r.seam == nil && id != "" {
		resp.Diagnostics.AddWarning(k.title()+" not refreshed",
			k.title()+" "+id+" was not read, because the provider configuration is not known before apply. It stays in state.")
		return nil
	}
	if !r.ready(&resp.Diagnostics) {
		return nil
	}
	record, err := read(settled(ctx, r.seam, req.Private))
	switch {
	case err != nil:
		resp.Diagnostics.AddError(strings.TrimSpace("Cannot read "+k.name+" "+id), r.seam.explainOnce(err)+k.kept())
	case record != nil:
		return record
	case id == "":
		resp.Diagnostics.AddWarning("The "+k.name+" was not created", fmt.Sprintf("It was not known whether an earlier apply created it, and no %s has its values.", k.name))
		resp.State.RemoveResource(ctx)
		// The framework wants a resource identity that is not null even then.
		resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root(k.idAttribute), "")...)
	default:
		resp.Diagnostics.AddWarning(fmt.Sprintf("%s %s no longer exists", k.title(), id), "The "+k.name+" was deleted outside Terraform.")
		resp.State.RemoveResource(ctx)
	}
	return nil
}

// importPerson returns the record to import, by the import ID or, where the CLI has it, the
// resource identity. It returns nil if there is none: then it says why.
func importPerson[T any](ctx context.Context, c *configured, k personKind, req resource.ImportStateRequest, resp *resource.ImportStateResponse, find func(ctx context.Context, id string) (*T, error)) (record *T, id string) {
	id = req.ID
	if id == "" && req.Identity != nil && !req.Identity.Raw.IsNull() {
		var value types.String
		if resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(k.idAttribute), &value)...); resp.Diagnostics.HasError() {
			return nil, ""
		}
		id = value.ValueString()
	}
	if !isUUID(id) {
		resp.Diagnostics.AddError("Invalid import ID", fmt.Sprintf("The import ID is the %s, which %s. Got: %s.", k.idAttribute, uuidValidator{}.Description(ctx), excerpt(id)))
		return nil, ""
	}
	record, err := find(ctx, id)
	switch {
	case err != nil:
		resp.Diagnostics.AddError("Cannot import "+k.name+" "+id, c.explainOnce(err))
		return nil, ""
	case record == nil:
		appendNoSuch(&resp.Diagnostics, k.idAttribute, k.name, id, theWorkspace(ctx, c))
	}
	return record, id
}

// appendCreateError says why a create failed. It is saved in state if there may be a new
// record that can be recognized; whereElse is where to look for another one.
func (k personKind) appendCreateError(diags *diag.Diagnostics, c *configured, summary string, err error, saved bool, whereElse string) {
	var exists *people.ExistsError
	var several *people.SeveralError
	var unknown *reconcile.UnknownEffectError
	next := fmt.Sprintf("\n\nLook for a new %s with this name in %s before you apply again. If there is one, import it, or delete it.", k.name, whereElse)
	if saved {
		next = fmt.Sprintf("\n\nThis resource is saved in state as tainted. The next plan looks for the record by its %s. The next apply creates the record if there is none, and replaces it if there is one. "+
			"To keep an existing record, run terraform apply -refresh-only and terraform untaint.", k.recognizedBy)
	}
	switch {
	case errors.As(err, &several):
		if saved {
			diags.AddError(summary, explainPerson(several))
			return
		}
		diags.AddError(summary, explainSeveral(several)+"Delete those that should not exist in the Seam Console, and import the one to keep.")
	case !errors.As(err, &unknown):
		if errors.As(err, &exists) {
			diags.AddAttributeError(path.Root(exists.Field), summary, k.explainExists(exists)+fmt.Sprintf("\n\n"+
				"To manage it with this resource, import it:\n\nimport {\n  to = %s.example\n  id = %q\n}\n\nWith Terraform before 1.5: terraform import %[1]s.example %[2]s", k.typeName, exists.ID))
			return
		}
		diags.AddError(summary, c.explainOnce(err))
	case errors.Is(err, people.ErrUnrecognizable):
		diags.AddError(summary, "It is not known whether the "+k.name+" was created: the response was inconclusive, and no key, email address or phone number tells it from others."+next)
	case errors.As(unknown.Reason, &exists):
		diags.AddError(summary, fmt.Sprintf("It is not known whether the %s was created: the response was inconclusive, and now %[1]s %s has %s %s and other values.",
			k.name, exists.ID, exists.Field, excerpt(exists.Value))+next)
	default:
		diags.AddError(summary, c.explainUnknown(unknown, "the "+k.name+" was created")+next)
	}
}

// appendChangeError says why an update or a deletion failed.
func (k personKind) appendChangeError(diags *diag.Diagnostics, c *configured, summary, done string, err error) {
	var exists *people.ExistsError
	var unknown *reconcile.UnknownEffectError
	var notShown *people.NotShownError
	switch {
	case errors.As(err, &unknown):
		diags.AddError(summary, c.explainUnknown(unknown, "the "+k.name+" was "+done)+k.kept()+" Run the same command again.")
	case errors.As(err, &exists):
		diags.AddAttributeError(path.Root(exists.Field), summary, k.explainExists(exists)+fmt.Sprintf("\n\n"+
			"Use another value, or change or delete %s %s first.", k.name, exists.ID))
	case errors.As(err, &notShown):
		advice := "Run the same command again. If the error persists, contact Seam support."
		if k == acsUserKind {
			advice = "The access system may control this record. Make the change or the deletion there, or contact Seam support."
		}
		diags.AddError(summary, fmt.Sprintf("Seam accepted the request, and it had no effect for %s, until retry_timeout was over.\n\n%s",
			notShown.Waited.Tried.Round(time.Second), advice)+k.kept())
	default:
		text := c.explainOnce(err)
		if !strings.Contains(text, noChanges) {
			text += k.kept()
		}
		diags.AddError(summary, text)
	}
}

func (k personKind) explainExists(exists *people.ExistsError) string {
	return fmt.Sprintf("%s %s already has %s %s. "+noChanges, k.title(), exists.ID, exists.Field, excerpt(exists.Value))
}

const noChanges = "No changes were made."

func explainSeveral(several *people.SeveralError) string {
	return "It is not known which record was created: several records have these values.\n  - " + strings.Join(several.IDs, "\n  - ") + "\n\n"
}

// explainPerson is explain for what only records of a person can be, "" for anything else.
func explainPerson(err error) string {
	var several *people.SeveralError
	var missing *people.MissingError
	var merged *people.MergedError
	var linked *people.LinkedError
	var unmanageable *people.UnmanageableError
	switch {
	case errors.Is(err, people.ErrNotListed):
		return fmt.Sprintf("It is not known yet whether an earlier apply created it: Seam lists no record with these values, and a new record can take some minutes to be listed.\n\n"+
			"Run the same command again in %d minutes. If you are sure that it was not created, remove the resource from state with terraform state rm.", int(listsSettle.Minutes()))
	case errors.As(err, &several):
		return explainSeveral(several) + "This resource is in state as tainted. Decide which record to keep, and delete the others in the Seam Console. Then run terraform apply -refresh-only and terraform untaint. Otherwise, the next apply replaces the remaining record."
	case errors.As(err, &missing):
		return "It no longer exists. Run the same command again: the next plan creates a new one."
	case errors.As(err, &merged):
		return fmt.Sprintf("User identity %s was merged into %s, which is never changed or deleted through the old ID. "+noChanges+"\n\n"+
			"Remove this resource from state with terraform state rm or a removed block. To manage the other user identity, import %[2]s.", merged.ID, merged.PrimaryID)
	case errors.As(err, &linked):
		var users []string
		for _, user := range linked.ACSUsers {
			users = append(users, fmt.Sprintf("  - %s, acs_user_id %s", acsUserRecord(user), user.ACSUserID))
		}
		return "ACS users are linked to the user identity. Seam would delete them and their credentials with it:\n" + strings.Join(users, "\n") + "\n\n" + noChanges +
			" Remove the links first, or set force_destroy = true and apply before you destroy."
	case errors.As(err, &unmanageable):
		return fmt.Sprintf("The access system does not let Seam change this ACS user (%s). "+noChanges+"\n\n"+
			"Manage the record in the access system, and remove the resource from state with terraform state rm or a removed block.", unmanageable.Code)
	default:
		return ""
	}
}
