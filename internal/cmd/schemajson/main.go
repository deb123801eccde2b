// Command schemajson prints the schemas of the provider in the format of terraform
// providers schema -json, for tfplugindocs. Terraform leaves out what it is too old
// for, such as list resources before Terraform 1.14. This output comes from the
// provider, and is the same on every machine.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"

	"github.com/seamapi/terraform-provider-seam/internal/provider"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func main() { os.Exit(testbed.Main("schemajson", run)) }

func run(ctx context.Context, out io.Writer) error {
	server := providerserver.NewProtocol6(provider.New("dev")())()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return err
	}
	for _, found := range append(schemas.Diagnostics, identities.Diagnostics...) {
		err = errors.Join(err, fmt.Errorf("%s: %s", found.Summary, found.Detail))
	}
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(document(schemas, identities))
}

// address is where tfplugindocs finds a provider, whatever its namespace is.
const address = "registry.terraform.io/hashicorp/seam"

// document converts schemas as Terraform does in internal/command/jsonprovider. It
// panics at a kind of schema that the provider does not have yet: otherwise a page
// would be missing.
func document(schemas *tfprotov6.GetProviderSchemaResponse, identities *tfprotov6.GetResourceIdentitySchemasResponse) *tfjson.ProviderSchemas {
	if len(schemas.EphemeralResourceSchemas)+len(schemas.StateStoreSchemas) > 0 {
		panic("schemajson: ephemeral resources and state stores are not converted yet")
	}
	return &tfjson.ProviderSchemas{
		FormatVersion: "1.0",
		Schemas: map[string]*tfjson.ProviderSchema{address: {
			ConfigSchema:        schema(schemas.Provider),
			ResourceSchemas:     each(schemas.ResourceSchemas, schema),
			DataSourceSchemas:   each(schemas.DataSourceSchemas, schema),
			ListResourceSchemas: each(schemas.ListResourceSchemas, schema),
			ActionSchemas: each(schemas.ActionSchemas, func(s *tfprotov6.ActionSchema) *tfjson.ActionSchema {
				return &tfjson.ActionSchema{Block: block(s.Schema.Block)}
			}),
			Functions:               each(schemas.Functions, function),
			ResourceIdentitySchemas: each(identities.IdentitySchemas, identity),
		}},
	}
}

func each[From, To any](from map[string]From, convert func(From) To) map[string]To {
	to := make(map[string]To, len(from))
	for name, value := range from {
		to[name] = convert(value)
	}
	return to
}

func schema(s *tfprotov6.Schema) *tfjson.Schema {
	return &tfjson.Schema{Version: uint64(s.Version), Block: block(s.Block)}
}

func block(b *tfprotov6.SchemaBlock) *tfjson.SchemaBlock {
	if len(b.BlockTypes) > 0 {
		panic("schemajson: nested blocks are not converted yet")
	}
	return &tfjson.SchemaBlock{
		Attributes:      attributes(b.Attributes),
		Description:     b.Description,
		DescriptionKind: kind(b.DescriptionKind),
		Deprecated:      b.Deprecated,
	}
}

func attributes(list []*tfprotov6.SchemaAttribute) map[string]*tfjson.SchemaAttribute {
	converted := make(map[string]*tfjson.SchemaAttribute, len(list))
	for _, a := range list {
		one := &tfjson.SchemaAttribute{
			Description:     a.Description,
			DescriptionKind: kind(a.DescriptionKind),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
		if a.NestedType != nil {
			one.AttributeNestedType = &tfjson.SchemaNestedAttributeType{
				Attributes:  attributes(a.NestedType.Attributes),
				NestingMode: nesting(a.NestedType.Nesting),
			}
		} else {
			one.AttributeType = ctyType(a.Type)
		}
		converted[a.Name] = one
	}
	return converted
}

func identity(s *tfprotov6.ResourceIdentitySchema) *tfjson.IdentitySchema {
	converted := &tfjson.IdentitySchema{Version: uint64(s.Version), Attributes: map[string]*tfjson.IdentityAttribute{}}
	for _, a := range s.IdentityAttributes {
		converted.Attributes[a.Name] = &tfjson.IdentityAttribute{
			IdentityType:      ctyType(a.Type),
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}
	return converted
}

func function(f *tfprotov6.Function) *tfjson.FunctionSignature {
	converted := &tfjson.FunctionSignature{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		ReturnType:         ctyType(f.Return.Type),
		VariadicParameter:  parameter(f.VariadicParameter),
	}
	for _, p := range f.Parameters {
		converted.Parameters = append(converted.Parameters, parameter(p))
	}
	return converted
}

func parameter(p *tfprotov6.FunctionParameter) *tfjson.FunctionParameter {
	if p == nil {
		return nil
	}
	return &tfjson.FunctionParameter{Name: p.Name, Description: p.Description, IsNullable: p.AllowNullValue, Type: ctyType(p.Type)}
}

func kind(k tfprotov6.StringKind) tfjson.SchemaDescriptionKind {
	return tfjson.SchemaDescriptionKind(strings.ToLower(k.String()))
}

// nesting converts the nesting mode of an attribute. The JSON format has the names of
// the protocol, in lower case.
func nesting(mode tfprotov6.SchemaObjectNestingMode) tfjson.SchemaNestingMode {
	name := mode.String()
	if name == "INVALID" || name == "UNKNOWN" {
		panic("schemajson: unknown nesting mode")
	}
	return tfjson.SchemaNestingMode(strings.ToLower(name))
}

// ctyType converts a type by way of JSON, as Terraform receives it.
func ctyType(t tftypes.Type) (converted cty.Type) {
	text, err := json.Marshal(t)
	if err := errors.Join(err, json.Unmarshal(text, &converted)); err != nil {
		panic(fmt.Sprintf("schemajson: type %s: %v", t, err))
	}
	return converted
}
