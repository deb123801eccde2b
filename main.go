// Command terraform-provider-seam is the Terraform provider for Seam, the API
// for physical access control. Terraform starts it; with -debug it waits for a
// debugger and prints the TF_REATTACH_PROVIDERS that Terraform needs to find it.
package main

import (
	"context"
	"errors"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/seamapi/terraform-provider-seam/internal/provider"
)

// version is stamped into release builds by the linker.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run under a debugger such as delve, and print TF_REATTACH_PROVIDERS")
	flag.Parse()

	if !*debug {
		endWithParent()
	}
	tuneGarbageCollection()
	if err := quietLogs(); err != nil {
		log.Fatal(err)
	}
	endProfile, err := profile()
	if err != nil {
		log.Fatal(err)
	}
	err = providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/seamapi/seam",
		Debug:   *debug,
	})
	if err := errors.Join(err, endProfile()); err != nil {
		log.Fatal(err)
	}
}
