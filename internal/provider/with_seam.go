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

// leavingLinks are links that the running plan removes. What they hold now is no
// conflict for what the same plan creates.
type leavingLinks struct {
	mu    sync.Mutex
	pairs map[link.Pair]bool
}

func newLeavingLinks() *leavingLinks { return &leavingLinks{pairs: map[link.Pair]bool{}} }

func (l *leavingLinks) add(pair link.Pair) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pairs[lowerCase(pair)] = true
}

func (l *leavingLinks) includes(pair link.Pair) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pairs[lowerCase(pair)]
}

func lowerCase(pair link.Pair) link.Pair {
	return link.Pair{UserIdentityID: strings.ToLower(pair.UserIdentityID), ACSUserID: strings.ToLower(pair.ACSUserID)}
}
