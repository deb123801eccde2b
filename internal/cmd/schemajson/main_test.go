package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func TestMain(m *testing.M) { testbed.Tests{M: m}.Run() }

// What is printed is what the CLI prints, for the kinds of schemas that the CLI has.
func TestAccSchemas_asTheCLI(t *testing.T) {
	t.Parallel()
	testbed.NeedCLI(t)
	ours, theirs := printed(t), printedByCLI(t)
	if !reflect.DeepEqual(theirs.ConfigSchema, ours.ConfigSchema) {
		t.Errorf("the provider block differs:\nCLI:  %s\nours: %s", text(t, theirs.ConfigSchema), text(t, ours.ConfigSchema))
	}
	same(t, "resource", theirs.ResourceSchemas, ours.ResourceSchemas)
	same(t, "data source", theirs.DataSourceSchemas, ours.DataSourceSchemas)
	same(t, "list resource", theirs.ListResourceSchemas, ours.ListResourceSchemas)
	same(t, "action", theirs.ActionSchemas, ours.ActionSchemas)
	same(t, "function", theirs.Functions, ours.Functions)
	same(t, "resource identity", theirs.ResourceIdentitySchemas, ours.ResourceIdentitySchemas)
	if len(theirs.EphemeralResourceSchemas)+len(theirs.StateStoreSchemas) > 0 {
		t.Error("the CLI prints a kind of schemas that is not converted")
	}
}

// same compares schemas of one kind. theirs is nil if the CLI does not have the kind;
// printedByCLI checks that.
func same[S any](t *testing.T, kind string, theirs, ours map[string]*S) {
	t.Helper()
	if theirs == nil {
		return
	}
	for name := range ours {
		if theirs[name] == nil {
			t.Errorf("the CLI does not print the %s %s", kind, name)
		}
	}
	for name := range theirs {
		if !reflect.DeepEqual(theirs[name], ours[name]) {
			t.Errorf("the %s %s differs:\nCLI:  %s\nours: %s", kind, name, text(t, theirs[name]), text(t, ours[name]))
		}
	}
}

// printed returns what the program prints, as its readers decode it.
func printed(t *testing.T) *tfjson.ProviderSchema {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	var decoded tfjson.ProviderSchemas
	if err := json.Unmarshal(out.Bytes(), &decoded); err != nil {
		t.Fatal(err)
	}
	if decoded.Schemas[address] == nil {
		t.Fatalf("nothing is printed for %s", address)
	}
	return decoded.Schemas[address]
}

func printedByCLI(t *testing.T) *tfjson.ProviderSchema {
	t.Helper()
	cli := testbed.NewTestCLI(t, nil)
	if err := cli.Write("main.tf", "terraform {\n  required_providers {\n    seam = {\n      source = \"seamapi/seam\"\n    }\n  }\n}\n"); err != nil {
		t.Fatal(err)
	}
	output, err := cli.Command(t.Context(), "providers", "schema", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var schemas tfjson.ProviderSchemas
	if err := json.Unmarshal(output, &schemas); err != nil {
		t.Fatal(err)
	}
	for address, found := range schemas.Schemas {
		if !strings.HasSuffix(address, "/seamapi/seam") {
			continue
		}
		// A Terraform that has a kind of schemas prints it: otherwise nothing would be
		// compared.
		if found.ResourceIdentitySchemas == nil && cli.AtLeast("1.12", "") {
			t.Errorf("%s printed no identities", cli.Version)
		}
		if (found.ListResourceSchemas == nil || found.ActionSchemas == nil) && cli.AtLeast("1.14", "") {
			t.Errorf("%s printed no list resources or actions", cli.Version)
		}
		return found
	}
	t.Fatalf("%s printed no schema of the provider", cli.Version)
	return nil
}

func text(t *testing.T, schema any) string {
	t.Helper()
	encoded, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// Also kinds of attributes that the provider does not have yet.
func TestBlock(t *testing.T) {
	t.Parallel()
	ofStrings := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": tftypes.String}}
	got := block(&tfprotov6.SchemaBlock{
		Description: "*Marked*",
		Attributes: []*tfprotov6.SchemaAttribute{
			{Name: "types", Type: tftypes.Map{ElementType: tftypes.Set{ElementType: tftypes.List{ElementType: ofStrings}}}, Computed: true, Sensitive: true},
			{Name: "nested", Optional: true, Deprecated: true, NestedType: &tfprotov6.SchemaObject{
				Nesting:    tfprotov6.SchemaObjectNestingModeList,
				Attributes: []*tfprotov6.SchemaAttribute{{Name: "b", Type: tftypes.Bool, Required: true, WriteOnly: true}},
			}},
		},
	})
	want := &tfjson.SchemaBlock{
		Description: "*Marked*", DescriptionKind: "plain",
		Attributes: map[string]*tfjson.SchemaAttribute{
			"types": {
				AttributeType:   cty.Map(cty.Set(cty.List(cty.Object(map[string]cty.Type{"a": cty.String})))),
				DescriptionKind: "plain", Computed: true, Sensitive: true,
			},
			"nested": {
				DescriptionKind: "plain", Optional: true, Deprecated: true,
				AttributeNestedType: &tfjson.SchemaNestedAttributeType{
					NestingMode: "list",
					Attributes:  map[string]*tfjson.SchemaAttribute{"b": {AttributeType: cty.Bool, DescriptionKind: "plain", Required: true, WriteOnly: true}},
				},
			},
		},
	}
	if text(t, got) != text(t, want) {
		t.Errorf("got  %s\nwant %s", text(t, got), text(t, want))
	}
}
