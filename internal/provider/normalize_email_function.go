package provider

import (
	"context"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ function.Function = normalizeEmailFunction{}

// normalizeEmailFunction turns an email address into a key to match people by.
type normalizeEmailFunction struct{}

func newNormalizeEmailFunction() function.Function { return normalizeEmailFunction{} }

func (normalizeEmailFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "normalize_email"
}

func (normalizeEmailFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Normalize an email address to match people by",
		MarkdownDescription: "Returns an email address in lower case, without surrounding space, so that two spellings of one address are equal. " +
			"Returns null for null, for text that is not one email address, and for an address with any character outside of printable ASCII: " +
			"such a character can look like another one, and access must not follow from a lookalike.",
		Parameters: []function.Parameter{function.StringParameter{
			Name:                "email_address",
			MarkdownDescription: "The email address. It may be null.",
			AllowNullValue:      true,
		}},
		Return: function.StringReturn{},
	}
}

// asciiEmail is an address of printable ASCII with one @, and nothing that quotes or
// separates addresses.
var asciiEmail = regexp.MustCompile(`^[!#-'*+\-./0-9=?A-Z^_` + "`" + `a-z{|}~]+@[A-Za-z0-9.\-]+$`)

func (normalizeEmailFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var address types.String
	if resp.Error = req.Arguments.Get(ctx, &address); resp.Error != nil {
		return
	}
	normalized := types.StringNull()
	text := strings.Trim(address.ValueString(), " \t\r\n")
	if asciiEmail.MatchString(text) {
		normalized = types.StringValue(strings.ToLower(text))
	}
	resp.Error = resp.Result.Set(ctx, normalized)
}
