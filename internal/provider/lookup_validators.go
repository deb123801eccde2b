package provider

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// notBlank refuses text with nothing to look for: it would match everybody who
// has no such thing.
func notBlank() validator.String {
	return stringvalidator.RegexMatches(regexp.MustCompile(`\S`), "must not be blank")
}

// e164 accepts a phone number as Seam writes them.
func e164() validator.String {
	return stringvalidator.RegexMatches(regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`), "must be a phone number in E.164 form, such as +15555550100")
}

// timestampValidator accepts a date and time.
type timestampValidator struct{}

func (timestampValidator) Description(context.Context) string {
	return "must be a date and time in RFC 3339 form, such as 2026-11-24T08:00:00Z"
}

func (v timestampValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v timestampValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := time.Parse(time.RFC3339, req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid timestamp",
			fmt.Sprintf("%s %s. Got: %s.", req.Path, v.Description(ctx), excerpt(req.ConfigValue.ValueString())))
	}
}

// inUTC writes a timestamp that was validated as Seam itself does, for not every
// reader of RFC 3339 takes offsets.
func inUTC(timestamp string) string {
	t, err := time.Parse(time.RFC3339, timestamp)
	if err != nil {
		return timestamp
	}
	return t.UTC().Format(time.RFC3339Nano)
}
