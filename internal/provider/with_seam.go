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
		diags.AddError("Unexpected provider data", fmt.Sprintf("Expected *configured, got %T. This is a defect of the provider; please report it.", providerData))
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
		"A value of the provider block is not known before something else is applied, so Seam cannot be asked. "+
			"Create that resource first, for example with terraform apply -target, or write the value down.")
	return false
}

// linksInState are the links of the state, as far as this process was told to
// read them.
type linksInState struct{ pairs sync.Map }

func (l *linksInState) add(pair link.Pair) { l.pairs.Store(lowerCase(pair), true) }

func (l *linksInState) includes(pair link.Pair) bool {
	_, ok := l.pairs.Load(lowerCase(pair))
	return ok
}

func lowerCase(pair link.Pair) link.Pair {
	return link.Pair{UserIdentityID: strings.ToLower(pair.UserIdentityID), ACSUserID: strings.ToLower(pair.ACSUserID)}
}
