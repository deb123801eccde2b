package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// errorModel is an entry of the errors that Seam lists on an object.
type errorModel struct {
	ErrorCode types.String `tfsdk:"error_code"`
	Message   types.String `tfsdk:"message"`
	CreatedAt types.String `tfsdk:"created_at"`
}

// warningModel is an entry of the warnings that Seam lists on an object.
type warningModel struct {
	WarningCode types.String `tfsdk:"warning_code"`
	Message     types.String `tfsdk:"message"`
	CreatedAt   types.String `tfsdk:"created_at"`
}

// pendingMutationModel is a change that Seam has yet to carry to an access
// system.
type pendingMutationModel struct {
	MutationCode types.String `tfsdk:"mutation_code"`
	Message      types.String `tfsdk:"message"`
	CreatedAt    types.String `tfsdk:"created_at"`
}

// No entries are an empty list, not null, so that a configuration can count
// them.

func newErrorModels(problems []seam.Problem) []errorModel {
	models := make([]errorModel, 0, len(problems))
	for _, p := range problems {
		models = append(models, errorModel{textOrNull(p.ErrorCode), textOrNull(p.Message), textOrNull(p.CreatedAt)})
	}
	return models
}

func newWarningModels(warnings []seam.Warning) []warningModel {
	models := make([]warningModel, 0, len(warnings))
	for _, w := range warnings {
		models = append(models, warningModel{textOrNull(w.WarningCode), textOrNull(w.Message), textOrNull(w.CreatedAt)})
	}
	return models
}

func newPendingMutationModels(mutations []seam.PendingMutation) []pendingMutationModel {
	models := make([]pendingMutationModel, 0, len(mutations))
	for _, m := range mutations {
		models = append(models, pendingMutationModel{textOrNull(m.MutationCode), textOrNull(m.Message), textOrNull(m.CreatedAt)})
	}
	return models
}

func errorsAttribute(thing string) schema.Attribute {
	return noticesAttribute("Errors that Seam lists on the "+thing+". Empty if there are none.", "error_code", "Code of the error.")
}

func warningsAttribute(thing string) schema.Attribute {
	return noticesAttribute("Warnings that Seam lists on the "+thing+". Empty if there are none.", "warning_code", "Code of the warning, such as `being_deleted`.")
}

func pendingMutationsAttribute() schema.Attribute {
	return noticesAttribute("Changes that Seam has not applied to the access system yet. Empty if there are none.", "mutation_code", "Code of the change, such as `creating` or `deleting`.")
}

func noticesAttribute(description, code, codeDescription string) schema.Attribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: description,
		Computed:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			code:         computedText(codeDescription),
			"message":    computedText("Human-readable message."),
			"created_at": computedText("Date and time at which Seam recorded it, in RFC 3339 form."),
		}},
	}
}

func computedText(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}
