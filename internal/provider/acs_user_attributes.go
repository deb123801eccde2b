package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// acsUserAttributesModel is an ACS user as data sources show it.
type acsUserAttributesModel struct {
	ACSUserID                types.String           `tfsdk:"acs_user_id"`
	ACSSystemID              types.String           `tfsdk:"acs_system_id"`
	WorkspaceID              types.String           `tfsdk:"workspace_id"`
	ConnectedAccountID       types.String           `tfsdk:"connected_account_id"`
	DisplayName              types.String           `tfsdk:"display_name"`
	FullName                 types.String           `tfsdk:"full_name"`
	EmailAddress             types.String           `tfsdk:"email_address"`
	PhoneNumber              types.String           `tfsdk:"phone_number"`
	UserIdentityID           types.String           `tfsdk:"user_identity_id"`
	UserIdentityEmailAddress types.String           `tfsdk:"user_identity_email_address"`
	UserIdentityFullName     types.String           `tfsdk:"user_identity_full_name"`
	UserIdentityPhoneNumber  types.String           `tfsdk:"user_identity_phone_number"`
	ExternalType             types.String           `tfsdk:"external_type"`
	ExternalTypeDisplayName  types.String           `tfsdk:"external_type_display_name"`
	IsSuspended              types.Bool             `tfsdk:"is_suspended"`
	CreatedAt                types.String           `tfsdk:"created_at"`
	Errors                   []errorModel           `tfsdk:"errors"`
	Warnings                 []warningModel         `tfsdk:"warnings"`
	PendingMutations         []pendingMutationModel `tfsdk:"pending_mutations"`
}

func newACSUserAttributesModel(user seam.ACSUser) acsUserAttributesModel {
	return acsUserAttributesModel{
		ACSUserID:                types.StringValue(user.ACSUserID),
		ACSSystemID:              textOrNull(user.ACSSystemID),
		WorkspaceID:              textOrNull(user.WorkspaceID),
		ConnectedAccountID:       textOrNull(user.ConnectedAccountID),
		DisplayName:              textOrNull(user.DisplayName),
		FullName:                 textOrNull(user.FullName),
		EmailAddress:             textOrNull(user.EmailAddress),
		PhoneNumber:              textOrNull(user.PhoneNumber),
		UserIdentityID:           textOrNull(user.UserIdentityID),
		UserIdentityEmailAddress: textOrNull(user.UserIdentityEmailAddress),
		UserIdentityFullName:     textOrNull(user.UserIdentityFullName),
		UserIdentityPhoneNumber:  textOrNull(user.UserIdentityPhoneNumber),
		ExternalType:             textOrNull(user.ExternalType),
		ExternalTypeDisplayName:  textOrNull(user.ExternalTypeDisplayName),
		IsSuspended:              types.BoolValue(user.IsSuspended),
		CreatedAt:                textOrNull(user.CreatedAt),
		Errors:                   newErrorModels(user.Errors),
		Warnings:                 newWarningModels(user.Warnings),
		PendingMutations:         newPendingMutationModels(user.PendingMutations),
	}
}

// acsUserAttributes describes acsUserAttributesModel.
func acsUserAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"acs_user_id":                 computedText("ID of the ACS user."),
		"acs_system_id":               computedText("ID of the access system that the ACS user belongs to."),
		"workspace_id":                computedText("ID of the workspace that the ACS user belongs to."),
		"connected_account_id":        computedText("ID of the connected account through which Seam reaches the access system."),
		"display_name":                computedText("Name that Seam displays for the ACS user. It is set even if the full name is not known."),
		"full_name":                   computedText("Full name of the ACS user. Null if the access system has none."),
		"email_address":               computedText("Email address of the ACS user. Null if the access system has none."),
		"phone_number":                computedText("Phone number of the ACS user, in E.164 form. Null if the access system has none."),
		"user_identity_id":            computedText("ID of the user identity that the ACS user is linked to. Null if it is not linked."),
		"user_identity_email_address": computedText("Email address of the user identity that the ACS user is linked to. Null if it is not linked, or the user identity has none."),
		"user_identity_full_name":     computedText("Full name of the user identity that the ACS user is linked to. Null if it is not linked, or the user identity has none."),
		"user_identity_phone_number":  computedText("Phone number of the user identity that the ACS user is linked to. Null if it is not linked, or the user identity has none."),
		"external_type":               computedText("Type of the ACS user in the access system, such as `salto_site_user`. Null if not reported by Seam."),
		"external_type_display_name":  computedText("Human-readable type of the ACS user. Null if not reported by Seam."),
		"is_suspended": schema.BoolAttribute{
			MarkdownDescription: "Whether the ACS user is suspended. While it is, its credentials open no doors.",
			Computed:            true,
		},
		"created_at":        computedText("Date and time at which the ACS user was created, in RFC 3339 form."),
		"errors":            errorsAttribute("ACS user"),
		"warnings":          warningsAttribute("ACS user"),
		"pending_mutations": pendingMutationsAttribute(),
	}
}

func acsUserRecord(user seam.ACSUser) record {
	return record{
		id: user.ACSUserID, createdAt: user.CreatedAt,
		name: user.FullName, email: user.EmailAddress, phone: user.PhoneNumber, display: user.DisplayName,
		userIdentityID: user.UserIdentityID, beingDeleted: user.BeingDeleted(),
	}
}
