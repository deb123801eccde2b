// Command floor is a provider that does nothing. It answers to the name of the
// Seam provider, has a link resource of the same shape, and calls no API: what a
// command takes with it is what Terraform and the plugin protocol take. Only
// internal/cmd/bench builds it; nobody else has a use for it.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

func main() {
	err := providerserver.Serve(context.Background(), newFloorProvider, providerserver.ServeOpts{
		Address: "registry.terraform.io/seamapi/seam",
	})
	if err != nil {
		log.Fatal(err)
	}
}

type floorProvider struct{}

func newFloorProvider() provider.Provider { return floorProvider{} }

func (floorProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "seam"
}

func (floorProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (floorProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (floorProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newFloorResource}
}

func (floorProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }
