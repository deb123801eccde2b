package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// askedIdentity returns the user identity that an attribute of the configuration
// names by its id. After a merge that is the primary, which a warning tells.
// It returns false, and says why, if there is none.
func askedIdentity(ctx context.Context, diags *diag.Diagnostics, data *configured, attribute, userIdentityID string) (seam.UserIdentity, bool) {
	identity, err := data.client.GetUserIdentity(ctx, userIdentityID)
	switch {
	case seam.IsNotFound(err, seam.TypeUserIdentityNotFound):
		appendNoSuch(diags, attribute, "user identity", userIdentityID, theWorkspace(ctx, data))
		return seam.UserIdentity{}, false
	case err != nil:
		appendCannotRead(diags, data, "user identity "+userIdentityID, err)
		return seam.UserIdentity{}, false
	}
	if !strings.EqualFold(identity.UserIdentityID, userIdentityID) {
		appendAliasWarning(diags, attribute, "User identity "+userIdentityID, identity.UserIdentityID)
	}
	return identity, true
}

// appendAliasWarning tells that an attribute names an identity that is gone, by
// an id or key that Seam keeps as an alias.
func appendAliasWarning(diags *diag.Diagnostics, attribute, asked, primaryID string) {
	diags.AddAttributeWarning(path.Root(attribute), fmt.Sprintf("%s was merged into %s", asked, primaryID),
		fmt.Sprintf("The configured value is now an alias. It keeps working, and %s keeps it, "+
			"but all other values are those of the primary user identity, %s. Set user_identity_id to that ID instead.", attribute, primaryID))
}
