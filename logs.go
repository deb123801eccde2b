package main

import (
	"os"
	"strings"
)

// quietLogs turns off the logs of the plugin libraries unless a TF_LOG variable is set.
// They log every step of every call, which took a quarter of the provider's CPU time in
// a plan, and Terraform discards it. See "Workarounds" in CONTRIBUTING.md.
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
