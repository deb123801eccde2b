package provider

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// access is a resolved provider configuration.
type access struct {
	token             string
	workspaceHeader   string // sent with each request; a personal access token needs it
	expectedWorkspace string // the workspace that an API key must belong to, if any
	endpoint          *url.URL
	retryTimeout      time.Duration
}

// maxSettingLength bounds, in bytes, what is taken for a credential or a URL.
const maxSettingLength = 2048

// problem is a reason to refuse a configuration, at the attribute at fault. It
// never holds a secret.
type problem struct{ attribute, summary, detail string }

// setting is a value of the provider block or, in its absence, the environment.
type setting struct {
	value   string
	from    string // "api_key", or "the environment variable SEAM_API_KEY"
	written bool   // in the provider block
}

// pick returns the value that is written in the provider block, else the first
// of the environment variables that is set. Empty counts as unset.
func pick(attribute string, written types.String, getenv func(string) string, variables ...string) setting {
	if value := written.ValueString(); value != "" {
		return setting{value: value, from: attribute, written: true}
	}
	for _, name := range variables {
		if value := getenv(name); value != "" {
			return setting{value: value, from: "the environment variable " + name}
		}
	}
	return setting{}
}

// checkWritten finds what is wrong with a provider block whatever the
// environment holds. Unknown values are not wrong.
func checkWritten(model providerModel) []problem {
	noEnvironment := func(string) string { return "" }
	key := pick("api_key", model.APIKey, noEnvironment)
	token := pick("personal_access_token", model.PersonalAccessToken, noEnvironment)
	if key.value != "" && token.value != "" {
		return []problem{bothWritten()}
	}
	var problems []problem
	problems = append(problems, checkAPIKey(key)...)
	problems = append(problems, checkPersonalAccessToken(token)...)
	problems = append(problems, checkWorkspaceID(pick("workspace_id", model.WorkspaceID, noEnvironment))...)
	_, endpointProblems := parseEndpoint(pick("endpoint", model.Endpoint, noEnvironment))
	_, timeoutProblems := parseRetryTimeout(model.RetryTimeout.ValueString())
	return append(append(problems, endpointProblems...), timeoutProblems...)
}

// resolveAccess resolves a provider block whose values are all known. It accepts
// and refuses credentials as Seam's own SDKs do.
func resolveAccess(model providerModel, getenv func(string) string) (access, []problem) {
	key := pick("api_key", model.APIKey, getenv, "SEAM_API_KEY")
	token := pick("personal_access_token", model.PersonalAccessToken, getenv, "SEAM_PERSONAL_ACCESS_TOKEN")
	workspace := pick("workspace_id", model.WorkspaceID, getenv, "SEAM_WORKSPACE_ID")

	endpoint, problems := parseEndpoint(pick("endpoint", model.Endpoint, getenv, "SEAM_ENDPOINT", "SEAM_API_URL"))
	retryTimeout, timeoutProblems := parseRetryTimeout(model.RetryTimeout.ValueString())
	problems = append(problems, timeoutProblems...)
	problems = append(problems, checkWorkspaceID(workspace)...)

	// One in the provider block overrides the other kind in the environment.
	switch {
	case key.written && !token.written:
		token = setting{}
	case token.written && !key.written:
		key = setting{}
	}

	resolved := access{endpoint: endpoint, retryTimeout: retryTimeout}
	switch {
	case key.value != "" && token.value != "" && key.written:
		problems = append(problems, bothWritten())
	case key.value != "" && token.value != "":
		problems = append(problems, problem{
			"api_key", "Conflicting credentials",
			"The environment variables SEAM_API_KEY and SEAM_PERSONAL_ACCESS_TOKEN are both set. Unset one of them, " +
				"or select one with api_key or personal_access_token in the provider block.",
		})
	case key.value != "":
		problems = append(problems, checkAPIKey(key)...)
		resolved.token, resolved.expectedWorkspace = key.value, workspace.value
	case token.value != "":
		wrong := checkPersonalAccessToken(token)
		problems = append(problems, wrong...)
		if len(wrong) == 0 && workspace.value == "" {
			problems = append(problems, problem{
				"workspace_id", "Missing workspace",
				"A personal access token can reach several workspaces. " +
					"Set workspace_id in the provider block, or the environment variable SEAM_WORKSPACE_ID.",
			})
		}
		resolved.token, resolved.workspaceHeader = token.value, workspace.value
	default:
		problems = append(problems, problem{
			"api_key", "Missing Seam credentials",
			"No API key and no personal access token is set. Set the environment variable SEAM_API_KEY, or api_key in the provider block; " +
				"or set SEAM_PERSONAL_ACCESS_TOKEN and SEAM_WORKSPACE_ID, or personal_access_token and workspace_id. " +
				"Create an API key in the Seam Console, https://console.seam.co, under Developer.",
		})
	}
	return resolved, problems
}

func bothWritten() problem {
	return problem{
		"personal_access_token", "Conflicting credentials",
		"api_key and personal_access_token cannot be used together. Remove one of them.",
	}
}

func checkAPIKey(key setting) []problem {
	if key.value == "" {
		return nil
	}
	if found := unusableToken(key); found != "" {
		return []problem{{"api_key", "Not a Seam API key", found + " A Seam API key starts with seam_. Create one in the Seam Console, https://console.seam.co, under Developer."}}
	}
	switch {
	case strings.HasPrefix(key.value, "seam_at"):
		return []problem{{
			"api_key", "Personal access token used as API key",
			"The value of " + key.from + " starts with seam_at: it is a personal access token. " +
				"Set it as personal_access_token (or SEAM_PERSONAL_ACCESS_TOKEN) instead, together with workspace_id (or SEAM_WORKSPACE_ID).",
		}}
	case !strings.HasPrefix(key.value, "seam_"):
		return []problem{{
			"api_key", "Not a Seam API key",
			"The value of " + key.from + " has an unknown format: a Seam API key starts with seam_. Create one in the Seam Console, https://console.seam.co, under Developer.",
		}}
	}
	return nil
}

func checkPersonalAccessToken(token setting) []problem {
	if token.value == "" {
		return nil
	}
	if found := unusableToken(token); found != "" {
		return []problem{{"personal_access_token", "Not a Seam personal access token", found + " A Seam personal access token starts with seam_at."}}
	}
	switch {
	case strings.HasPrefix(token.value, "seam_at"):
		return nil
	case strings.HasPrefix(token.value, "seam_"):
		return []problem{{
			"personal_access_token", "Not a Seam personal access token",
			"The value of " + token.from + " has an unknown format: a Seam personal access token starts with seam_at. " +
				"If it is an API key, set it as api_key (or SEAM_API_KEY) instead.",
		}}
	default:
		return []problem{{
			"personal_access_token", "Not a Seam personal access token",
			"The value of " + token.from + " has an unknown format: a Seam personal access token starts with seam_at.",
		}}
	}
}

// unusableToken says what is wrong with a token of a kind that this provider
// cannot use, or that no HTTP header can carry; or nothing.
func unusableToken(token setting) string {
	switch {
	case len(token.value) > maxSettingLength:
		return fmt.Sprintf("The value of %s is %d characters long, longer than any Seam token.", token.from, len(token.value))
	case !isHeaderToken(token.value):
		return "The value of " + token.from + " contains a space, a line break or another character that a token cannot contain. Check how it begins and ends."
	case strings.HasPrefix(token.value, "seam_cst"):
		return "The value of " + token.from + " is a client session token, which is for browsers."
	case strings.HasPrefix(token.value, "seam_pk"):
		return "The value of " + token.from + " is a publishable key, which is for browsers."
	case strings.HasPrefix(token.value, "ey"):
		return "The value of " + token.from + " is a JWT, as a Seam Console session uses."
	}
	return ""
}

func isHeaderToken(value string) bool {
	for i := range len(value) {
		if value[i] <= ' ' || value[i] > '~' {
			return false
		}
	}
	return true
}

// checkWorkspaceID refuses what no workspace id can look like and no HTTP header
// should carry. Whether there is such a workspace, Seam knows.
func checkWorkspaceID(workspace setting) []problem {
	for i := range len(workspace.value) {
		c := workspace.value[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			continue
		}
		return []problem{{
			"workspace_id", "Invalid workspace ID",
			"The value of " + workspace.from + " is not a workspace ID: it contains characters other than letters, digits and hyphens. " +
				"Copy the ID, a UUID, from the Seam Console, https://console.seam.co, under Settings.",
		}}
	}
	if len(workspace.value) > 64 {
		return []problem{{
			"workspace_id", "Invalid workspace ID",
			fmt.Sprintf("The value of %s is not a workspace ID: it is %d characters long, and an ID, a UUID, has 36.", workspace.from, len(workspace.value)),
		}}
	}
	return nil
}

func parseEndpoint(endpoint setting) (*url.URL, []problem) {
	if endpoint.value == "" {
		endpoint = setting{value: defaultEndpoint, from: "endpoint"}
	}
	refuse := func(why string) (*url.URL, []problem) {
		return nil, []problem{{"endpoint", "Invalid endpoint", "The value of " + endpoint.from + " " + why}}
	}
	if len(endpoint.value) > maxSettingLength {
		return refuse(fmt.Sprintf("is %d characters long, longer than any endpoint. Use a URL such as %s.", len(endpoint.value), defaultEndpoint))
	}
	if strings.ContainsFunc(endpoint.value, unicode.IsSpace) {
		return refuse("contains a space or a line break. Remove it, also at the beginning and the end.")
	}
	if !isHeaderToken(endpoint.value) {
		return refuse("contains a character outside of printable ASCII, which may be a lookalike. Write the host in its ASCII form, which begins with xn--.")
	}
	parsed, err := url.Parse(endpoint.value)
	if err != nil {
		// The error of url.Parse repeats the URL, which may hold a password.
		return refuse("is not a URL. Use a URL such as " + defaultEndpoint + ".")
	}
	switch {
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return refuse("is not a URL that begins with https://. Use a URL such as " + defaultEndpoint + ".")
	case parsed.Hostname() == "":
		return refuse("is a URL without a host. Use a URL such as " + defaultEndpoint + ".")
	case parsed.User != nil:
		return refuse("is a URL with a user name or a password in it. Remove that, and set api_key or personal_access_token.")
	case parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "":
		return refuse("is a URL with a query or a fragment. Remove what follows the path.")
	case parsed.Scheme == "http" && !isLoopback(parsed.Hostname()):
		return refuse("is a plain http URL. Requests carry the credentials, so plain http is accepted for loopback addresses only. Use https.")
	}
	return parsed, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func parseRetryTimeout(value string) (time.Duration, []problem) {
	if value == "" {
		return defaultRetryTimeout, nil
	}
	timeout, err := time.ParseDuration(value)
	if err != nil || timeout < 0 {
		return 0, []problem{{
			"retry_timeout", "Invalid duration",
			"retry_timeout must be a non-negative duration, such as 90s, 5m or 1h30m. 0s disables retries.",
		}}
	}
	return timeout, nil
}
