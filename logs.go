package main

import (
	"os"
	"strings"
)

// quietLogs keeps the plugin libraries from writing logs that nobody reads: they
// write every step of every call, and Terraform throws it away unless one of its
// TF_LOG variables is set. It was a quarter of the provider's work in a plan.
func quietLogs() error {
	for _, entry := range os.Environ() {
		if strings.HasPrefix(entry, "TF_LOG") || strings.HasPrefix(entry, "TF_ACC_LOG") {
			return nil
		}
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER"} {
		if err := os.Setenv(name, "off"); err != nil {
			return err
		}
	}
	return nil
}
