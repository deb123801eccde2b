package provider

import "strings"

// userAgent returns the User-Agent header. OpenTofu does not identify itself to
// providers; TF_APPEND_USER_AGENT can, as in HashiCorp's own providers.
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
