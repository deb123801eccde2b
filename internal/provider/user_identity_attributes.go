package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// userIdentityAttributesModel is a user identity as data sources show it.
type userIdentityAttributesModel struct {
	UserIdentityID        types.String   `tfsdk:"user_identity_id"`
	UserIdentityKey       types.String   `tfsdk:"user_identity_key"`
	EmailAddress          types.String   `tfsdk:"email_address"`
	PhoneNumber           types.String   `tfsdk:"phone_number"`
	FullName              types.String   `tfsdk:"full_name"`
	DisplayName           types.String   `tfsdk:"display_name"`
	ACSUserIDs            []string       `tfsdk:"acs_user_ids"`
	MergedUserIdentityIDs []string       `tfsdk:"merged_user_identity_ids"`
	WorkspaceID           types.String   `tfsdk:"workspace_id"`
	CreatedAt             types.String   `tfsdk:"created_at"`
	Errors                []errorModel   `tfsdk:"errors"`
	Warnings              []warningModel `tfsdk:"warnings"`
}

func newUserIdentityAttributesModel(identity seam.UserIdentity) userIdentityAttributesModel {
	return userIdentityAttributesModel{
		UserIdentityID:        types.StringValue(identity.UserIdentityID),
		UserIdentityKey:       textOrNull(identity.UserIdentityKey),
		EmailAddress:          textOrNull(identity.EmailAddress),
		PhoneNumber:           textOrNull(identity.PhoneNumber),
		FullName:              textOrNull(identity.FullName),
		DisplayName:           textOrNull(identity.DisplayName),
		ACSUserIDs:            sortedIDs(identity.ACSUserIDs),
		MergedUserIdentityIDs: sortedIDs(identity.MergedUserIdentityIDs),
		WorkspaceID:           textOrNull(identity.WorkspaceID),
		CreatedAt:             textOrNull(identity.CreatedAt),
		Errors:                newErrorModels(identity.Errors),
		Warnings:              newWarningModels(identity.Warnings),
	}
}

// sortedIDs is never nil: no ids are an empty list.
func sortedIDs(ids []string) []string {
	return append([]string{}, slices.Sorted(slices.Values(ids))...)
}

// userIdentityAttributes describes userIdentityAttributesModel.
func userIdentityAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"user_identity_id":  computedText("ID of the user identity."),
		"user_identity_key": computedText("Key of the user identity in your app. Null if it has none."),
		"email_address":     computedText("Email address of the user identity. Null if it has none."),
		"phone_number":      computedText("Phone number of the user identity, in E.164 form. Null if it has none."),
		"full_name":         computedText("Full name of the user identity. Null if it has none."),
		"display_name":      computedText("Name that Seam displays for the user identity. It is set even if the full name is not known."),
		"acs_user_ids": schema.ListAttribute{
			MarkdownDescription: "IDs of the ACS users that are linked to the user identity, sorted. Empty if there are none.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"merged_user_identity_ids": schema.ListAttribute{
			MarkdownDescription: "IDs of the user identities that were merged into this one, sorted. They remain valid as aliases of it. Empty if there are none.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"workspace_id": computedText("ID of the workspace that the user identity belongs to."),
		"created_at":   computedText("Date and time at which the user identity was created, in RFC 3339 form."),
		"errors":       errorsAttribute("user identity"),
		"warnings":     warningsAttribute("user identity"),
	}
}

func userIdentityRecord(identity seam.UserIdentity) record {
	return record{
		id: identity.UserIdentityID, createdAt: identity.CreatedAt,
		name: identity.FullName, email: identity.EmailAddress, phone: identity.PhoneNumber, display: identity.DisplayName,
		beingDeleted: identity.BeingDeleted(),
	}
}
