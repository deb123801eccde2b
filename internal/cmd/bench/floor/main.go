// Command floor is a provider that does nothing. It answers to the name of the
// Seam provider, has a link resource of the same shape, and calls no API: what a
// command takes with it is what Terraform and the plugin protocol take.
//
// SEAM_FLOOR_WAIT, which must be set, says how long each create and each delete
// waits, as for an API that is far away: 0s, or a duration such as 100ms. A read
// never waits. Only internal/cmd/bench builds and runs it; nobody else has a use
// for it.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

func main() {
	wait, err := time.ParseDuration(os.Getenv("SEAM_FLOOR_WAIT"))
	if err != nil {
		log.Fatal(fmt.Errorf("SEAM_FLOOR_WAIT: %w", err))
	}
	err = providerserver.Serve(context.Background(), newFloorProvider(wait), providerserver.ServeOpts{
		Address: "registry.terraform.io/seamapi/seam",
	})
	if err != nil {
		log.Fatal(err)
	}
}

type floorProvider struct{ wait time.Duration }

func newFloorProvider(wait time.Duration) func() provider.Provider {
	return func() provider.Provider { return floorProvider{wait} }
}

func (floorProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "seam"
}

func (floorProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (floorProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (p floorProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return newFloorResource(p.wait) },
	}
}

func (floorProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }
