package provider

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// textValidator accepts text of a certain form.
type textValidator struct {
	form  string
	is    func(string) bool
	quote bool // quote an excerpt of a refused value
}

// lookupText accepts text to look up by. Blank text would match every record without
// a value.
func lookupText() []validator.String {
	return []validator.String{
		textValidator{form: "must not be blank", is: func(text string) bool { return !isBlank(text) }},
		textValidator{form: "must be one line of text, without control characters, of at most 1000 bytes", is: func(text string) bool { return isBlank(text) || isOneLine(text) }, quote: true},
	}
}

func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

func isOneLine(text string) bool {
	return len(text) <= 1000 && utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}

var e164Form = regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`)

// e164 accepts a phone number as Seam writes them.
func e164() validator.String {
	return textValidator{form: "must be a phone number in E.164 form, such as +15555550100", is: e164Form.MatchString, quote: true}
}

func (v textValidator) Description(context.Context) string { return v.form }

func (v textValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v textValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || v.is(req.ConfigValue.ValueString()) {
		return
	}
	detail := fmt.Sprintf("%s %s.", req.Path, v.form)
	if v.quote {
		detail += fmt.Sprintf(" Got: %s.", excerpt(req.ConfigValue.ValueString()))
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid value", detail)
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

// inUTC converts a validated timestamp to UTC, the form in which Seam writes it: some
// RFC 3339 parsers reject offsets.
func inUTC(timestamp string) string {
	t, err := time.Parse(time.RFC3339, timestamp)
	if err != nil {
		return timestamp
	}
	return t.UTC().Format(time.RFC3339Nano)
}
