package provider

import "strings"

// userAgent says who sends a request. OpenTofu speaks the same protocol as
// Terraform and does not name itself there; whoever wraps either CLI can, with
// TF_APPEND_USER_AGENT, as in HashiCorp's own providers.
func userAgent(version, terraformVersion string, getenv func(string) string) string {
	agent := "terraform-provider-seam/" + version
	if terraformVersion != "" {
		agent += " Terraform/" + terraformVersion
	}
	if more := headerText(getenv("TF_APPEND_USER_AGENT")); more != "" {
		agent += " " + more
	}
	return agent
}

// headerText drops what an HTTP header cannot carry.
func headerText(value string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, value))
}
