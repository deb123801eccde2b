package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

func TestNormalizeEmail(t *testing.T) {
	t.Parallel()
	server := newWorld(t).providerServer()
	for name, test := range map[string]struct{ address, want any }{
		"lower case":                    {"jane@example.com", "jane@example.com"},
		"upper case":                    {"Jane.DOE+door@Example.COM", "jane.doe+door@example.com"},
		"surrounding space":             {" jane@example.com\n", "jane@example.com"},
		"null":                          {nil, nil},
		"empty":                         {"", nil},
		"no address":                    {"Jane Doe", nil},
		"space in it":                   {"jane doe@example.com", nil},
		"line break in it":              {"jane@example.com\njohn@example.com", nil},
		"two addresses":                 {"jane@example.com,john@example.com", nil},
		"two at signs":                  {"jane@example.com@example.org", nil},
		"quoted":                        {`"jane"@example.com`, nil},
		"with a name":                   {"Jane <jane@example.com>", nil},
		"without a domain":              {"jane@", nil},
		"without a local part":          {"@example.com", nil},
		"Kelvin sign":                   {"\u212Aevin@example.com", nil},
		"I with a dot":                  {"\u0130an@example.com", nil},
		"Cyrillic a":                    {"j\u0430ne@example.com", nil},
		"Cyrillic a in the domain":      {"jane@ex\u0430mple.com", nil},
		"fullwidth":                     {"\uFF4Aane@example.com", nil},
		"zero width space":              {"jane\u200B@example.com", nil},
		"no-break space around it":      {"\u00A0jane@example.com", nil},
		"combining accent":              {"jane\u0301@example.com", nil},
		"control character":             {"jane\x00@example.com", nil},
		"right-to-left override":        {"\u202Ejane@example.com", nil},
		"international domain":          {"jane@m\u00FCller.example", nil},
		"international domain, encoded": {"jane@XN--mller-kva.example", "jane@xn--mller-kva.example"},
	} {
		argument, err := tfprotov6.NewDynamicValue(tftypes.String, tftypes.NewValue(tftypes.String, test.address))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{Name: "normalize_email", Arguments: []*tfprotov6.DynamicValue{&argument}})
		if err != nil || resp.Error != nil {
			t.Fatalf("%s: %v, %v", name, err, resp.Error)
		}
		got, err := resp.Result.Unmarshal(tftypes.String)
		if err != nil {
			t.Fatal(err)
		}
		if want := tftypes.NewValue(tftypes.String, test.want); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// OpenTofu sends null as an argument without data.
func TestNormalizeEmail_withoutData(t *testing.T) {
	t.Parallel()
	resp, err := newWorld(t).providerServer().CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{
		Name: "normalize_email", Arguments: []*tfprotov6.DynamicValue{{}},
	})
	if err != nil || resp.Error != nil {
		t.Fatal(err, resp.Error)
	}
	if isNull, err := resp.Result.IsNull(); err != nil || !isNull {
		t.Errorf("it is not null: %v (%v)", resp.Result, err)
	}
}

func TestAccNormalizeEmail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runFrom(tfversion.Version1_8_0, resource.TestStep{
		Config: w.config(`
			output "same" { value = provider::seam::normalize_email("Jane@Example.com") }
			output "lookalike" { value = provider::seam::normalize_email("\u0130an@example.com") == null }
			output "missing" { value = provider::seam::normalize_email(null) == null }`),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("same", knownvalue.StringExact("jane@example.com")),
			statecheck.ExpectKnownOutputValue("lookalike", knownvalue.Bool(true)),
			statecheck.ExpectKnownOutputValue("missing", knownvalue.Bool(true)),
		},
	})
}
