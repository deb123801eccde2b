package provider

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// isUUID reports whether a value is a UUID as Seam writes it, in upper or lower case:
// with hyphens, without braces or urn:uuid:.
func isUUID(value string) bool { return len(value) == 36 && uuid.Validate(value) == nil }

// uuidValidator accepts a UUID.
type uuidValidator struct{}

func (uuidValidator) Description(context.Context) string {
	return "must be a UUID, such as 123e4567-e89b-12d3-a456-426614174000"
}

func (v uuidValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v uuidValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || isUUID(req.ConfigValue.ValueString()) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid ID",
		fmt.Sprintf("%s %s. Got: %s.", attributeName(req.Path), v.Description(ctx), excerpt(req.ConfigValue.ValueString())))
}

// attributeName is the first step of a path. Further steps are left out: the step into
// a set is the value itself, of any length.
func attributeName(at path.Path) string {
	if steps := at.Steps(); len(steps) > 0 {
		return steps[0].String()
	}
	return at.String()
}

// excerpt quotes a value on one line, and truncates a long one.
func excerpt(value string) string {
	const most = 80
	if utf8.RuneCountInString(value) > most {
		return fmt.Sprintf("%q... (%d bytes)", string([]rune(value[:min(len(value), 4*most)])[:most]), len(value))
	}
	return fmt.Sprintf("%q", value)
}

// replaceOnOtherUUID replaces the resource when an ID changes. UUIDs are
// case-insensitive: another spelling of the same ID keeps the one in state.
type replaceOnOtherUUID struct{}

func (replaceOnOtherUUID) Description(context.Context) string {
	return "Another ID replaces the resource."
}

func (m replaceOnOtherUUID) MarkdownDescription(ctx context.Context) string {
	return m.Description(ctx)
}

func (replaceOnOtherUUID) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() || req.PlanValue.Equal(req.StateValue) {
		return
	}
	if !req.PlanValue.IsUnknown() && strings.EqualFold(req.PlanValue.ValueString(), req.StateValue.ValueString()) {
		resp.PlanValue = req.StateValue
		return
	}
	resp.RequiresReplace = true
}
