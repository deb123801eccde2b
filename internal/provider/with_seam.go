package provider

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/seamapi/terraform-provider-seam/internal/link"
)

// withSeam is embedded by what needs a configured provider. seam is nil as long
// as the provider's configuration is not known.
type withSeam struct{ seam *configured }

// Configure takes over what the provider's Configure handed out, if anything.
func (w *withSeam) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	w.use(req.ProviderData, &resp.Diagnostics)
}

// dataSourceWithSeam is withSeam for data sources, whose Configure has a type of
// its own.
type dataSourceWithSeam struct{ withSeam }

// Configure takes over what the provider's Configure handed out, if anything.
func (w *dataSourceWithSeam) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	w.use(req.ProviderData, &resp.Diagnostics)
}

func (w *withSeam) use(providerData any, diags *diag.Diagnostics) {
	if providerData == nil {
		return // validating, or the configuration waits for an unknown value
	}
	data, ok := providerData.(*configured)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Expected *configured, got %T. This is a bug in the provider. Please report it.", providerData))
		return
	}
	w.seam = data
}

// ready reports whether Seam can be asked, and says why not.
func (w *withSeam) ready(diags *diag.Diagnostics) bool {
	if w.seam != nil {
		return true
	}
	diags.AddError("The provider configuration is not known yet",
		"A value of the provider block is known only after apply. "+
			"Apply the resource that it comes from first, for example with terraform apply -target, or set the value directly.")
	return false
}

// pairs are links that were met, by any resource of a command.
type pairs struct{ met sync.Map }

// add reports whether the pair was not met before.
func (p *pairs) add(pair link.Pair) bool {
	_, again := p.met.LoadOrStore(lowerCase(pair), true)
	return !again
}

func (p *pairs) includes(pair link.Pair) bool {
	_, ok := p.met.Load(lowerCase(pair))
	return ok
}

// creations are what a plan creates, so that no two resources create the same.
type creations struct{ planned sync.Map }

// claim returns with which contents the same was planned before, if it was. Equal contents
// need not be another resource: terraform test, in Terraform 1.14 and later, plans and
// applies with one provider process, and applying plans each creation once more.
func (c *creations) claim(what, contents any) (before any, again bool) {
	return c.planned.LoadOrStore(what, contents)
}

// add returns the target of the link that was planned before for this ACS user, which is
// linked to one user identity at most, or for the same membership, if there was one.
func (c *creations) add(pair link.Pair) (targetID string, again bool) {
	key := lowerCase(pair)
	if pair.Target == link.UserIdentity {
		key.TargetID = ""
	}
	before, again := c.claim(key, pair.TargetID)
	targetID, _ = before.(string)
	return targetID, again
}

func lowerCase(pair link.Pair) link.Pair {
	return link.Pair{Target: pair.Target, TargetID: strings.ToLower(pair.TargetID), ACSUserID: strings.ToLower(pair.ACSUserID)}
}
