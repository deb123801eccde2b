// Command floor is a provider that does nothing. It answers to the name of the
// Seam provider, has a link resource of the same shape, and calls no API: what a
// command takes with it is what Terraform and the plugin protocol take.
//
// SEAM_FLOOR_CREATE, SEAM_FLOOR_READ and SEAM_FLOOR_DELETE are durations such as
// 100ms. They say how long the operation waits, as for an API that is far away.
// Only internal/cmd/bench builds and runs this program.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

func main() {
	var w waits
	for name, wait := range map[string]*time.Duration{
		"SEAM_FLOOR_CREATE": &w.create, "SEAM_FLOOR_READ": &w.read, "SEAM_FLOOR_DELETE": &w.delete,
	} {
		if value, ok := os.LookupEnv(name); ok {
			var err error
			if *wait, err = time.ParseDuration(value); err != nil {
				log.Fatalf("%s: %v", name, err)
			}
		}
	}
	err := providerserver.Serve(context.Background(), newFloorProvider(w), providerserver.ServeOpts{
		Address: "registry.terraform.io/seamapi/seam",
	})
	if err != nil {
		log.Fatal(err)
	}
}

// waits is how long each operation waits.
type waits struct{ create, read, delete time.Duration }

type floorProvider struct{ waits waits }

func newFloorProvider(w waits) func() provider.Provider {
	return func() provider.Provider { return floorProvider{w} }
}

func (floorProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "seam"
}

func (floorProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (floorProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (p floorProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return floorResource{p.waits} },
	}
}

func (floorProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }
