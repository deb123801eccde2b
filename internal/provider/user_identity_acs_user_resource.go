package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/seamapi/terraform-provider-seam/internal/link"
)

func newUserIdentityACSUserResource() resource.Resource { return &linkResource{kind: identityLinks} }

// identityLinks are links between user identities and ACS users.
var identityLinks = &linkKind{
	target:    link.UserIdentity,
	typeName:  "user_identity_acs_user",
	attribute: "user_identity_id",

	noun:     "link",
	cannot:   "Cannot link ACS user %s to user identity %s",
	named:    "link between ACS user %s and user identity %s",
	standing: "linked to",
	still:    "linked",
	none:     "not linked to a user identity",

	MarkdownDescription: "Links an ACS user, a person's record in one access system, to a user identity, the person's account in your app. " +
		"The link grants the user identity the ACS user's credentials, which open doors. Destroying the resource removes the link.\n\n" +
		"An ACS user is linked to at most one user identity. " +
		"Creating the link is an error if it exists already, or if the ACS user is linked to another user identity: the provider does not move a link. " +
		"Destroying removes the link only while the ACS user is linked to this user identity.",
	targetID: linkIDAttribute{
		MarkdownDescription: "ID of the user identity",
		Description:         "ID of the user identity that the ACS user is linked to.",
	},
	acsUserID: linkIDAttribute{MarkdownDescription: "ID of the ACS user", Description: "ID of the linked ACS user."},

	tagged:         func(m *linkModel) any { return m },
	taggedIdentity: func(m *linkIdentityModel) any { return m },
}
