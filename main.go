// Command terraform-provider-seam is the Terraform provider for Seam, the API
// for physical access control. Terraform starts it; with -debug it waits for a
// debugger and prints the TF_REATTACH_PROVIDERS that Terraform needs to find it.
package main

import (
	"errors"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/seamapi/terraform-provider-seam/internal/provider"
)

// version is stamped into release builds by the linker.
var version = "dev"

// startProfile begins to profile this process, in a build with the tag profile, and
// returns how to end that.
var startProfile = func() (end func() error, err error) {
	return func() error { return nil }, nil
}

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
	endProfile, err := startProfile()
	if err != nil {
		log.Fatal(err)
	}
	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	err = tf6server.Serve("registry.terraform.io/seamapi/seam", provider.NewServer(version), options...)
	if err := errors.Join(err, endProfile()); err != nil {
		log.Fatal(err)
	}
}
