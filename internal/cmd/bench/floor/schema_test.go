package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seamapi/terraform-provider-seam/internal/provider"
)

const typeName = "seam_user_identity_acs_user"

// What is compared with the floor must have the floor's shape, or the benchmark
// measures attributes.
func TestFloorHasTheShapeOfALink(t *testing.T) {
	t.Parallel()
	type attribute struct {
		name, kind                   string
		required, optional, computed bool
	}
	shape := func(server tfprotov6.ProviderServer) (attributes []attribute, identity []string) {
		schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
		if err != nil {
			t.Fatal(err)
		}
		link := schemas.ResourceSchemas[typeName]
		if link == nil {
			t.Fatalf("there is no %s", typeName)
		}
		for _, a := range link.Block.Attributes {
			attributes = append(attributes, attribute{a.Name, a.Type.String(), a.Required, a.Optional, a.Computed})
		}
		slices.SortFunc(attributes, func(a, b attribute) int { return strings.Compare(a.name, b.name) })

		identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range identities.IdentitySchemas[typeName].IdentityAttributes {
			identity = append(identity, a.Name)
		}
		slices.Sort(identity)
		return attributes, identity
	}
	wantAttributes, wantIdentity := shape(providerserver.NewProtocol6(provider.New("test")())())
	gotAttributes, gotIdentity := shape(providerserver.NewProtocol6(newFloorProvider(waits{})())())
	if !slices.Equal(gotAttributes, wantAttributes) {
		t.Errorf("the floor has the attributes\n%+v\nand a link has\n%+v", gotAttributes, wantAttributes)
	}
	if !slices.Equal(gotIdentity, wantIdentity) {
		t.Errorf("the floor has the identity %v, and a link has %v", gotIdentity, wantIdentity)
	}
}
