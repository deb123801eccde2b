package provider

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	testKey   = "seam_test1key_AbCdEf0123456789secret"
	testToken = "seam_at1short_AbCdEf0123456789secret"
	testSpace = "0e5bd9a1-7a35-4c43-9f3c-8a3b0d7a2d11"
)

// settings are a provider block and an environment.
type settings struct {
	block map[string]string
	env   map[string]string
}

func (s settings) model() providerModel {
	value := func(name string) types.String {
		if v, ok := s.block[name]; ok {
			return types.StringValue(v)
		}
		return types.StringNull()
	}
	return providerModel{
		APIKey: value("api_key"), PersonalAccessToken: value("personal_access_token"), WorkspaceID: value("workspace_id"),
		Endpoint: value("endpoint"), RetryTimeout: value("retry_timeout"),
	}
}

func (s settings) getenv(name string) string { return s.env[name] }

func TestResolveAccess(t *testing.T) {
	t.Parallel()
	type m = map[string]string
	for name, test := range map[string]struct {
		settings
		token, header, expected, endpoint string
		timeout                           time.Duration
	}{
		"key in block":             {settings: settings{block: m{"api_key": testKey}}, token: testKey},
		"key in environment":       {settings: settings{env: m{"SEAM_API_KEY": testKey}}, token: testKey},
		"block wins":               {settings: settings{block: m{"api_key": testKey}, env: m{"SEAM_API_KEY": "seam_other"}}, token: testKey},
		"empty is unset":           {settings: settings{block: m{"api_key": "", "endpoint": "", "workspace_id": "", "retry_timeout": "", "personal_access_token": ""}, env: m{"SEAM_API_KEY": testKey}}, token: testKey},
		"key overrides token":      {settings: settings{block: m{"api_key": testKey}, env: m{"SEAM_PERSONAL_ACCESS_TOKEN": testToken}}, token: testKey},
		"token overrides key":      {settings: settings{block: m{"personal_access_token": testToken, "workspace_id": testSpace}, env: m{"SEAM_API_KEY": testKey}}, token: testToken, header: testSpace},
		"token in environment":     {settings: settings{env: m{"SEAM_PERSONAL_ACCESS_TOKEN": testToken, "SEAM_WORKSPACE_ID": testSpace}}, token: testToken, header: testSpace},
		"workspace in block":       {settings: settings{block: m{"workspace_id": testSpace}, env: m{"SEAM_PERSONAL_ACCESS_TOKEN": testToken, "SEAM_WORKSPACE_ID": "other"}}, token: testToken, header: testSpace},
		"key with workspace":       {settings: settings{block: m{"api_key": testKey}, env: m{"SEAM_WORKSPACE_ID": testSpace}}, token: testKey, expected: testSpace},
		"endpoint in block":        {settings: settings{block: m{"api_key": testKey, "endpoint": "https://seam.example.com/base/"}, env: m{"SEAM_ENDPOINT": "https://other.example.com"}}, token: testKey, endpoint: "https://seam.example.com/base/"},
		"SEAM_ENDPOINT":            {settings: settings{block: m{"api_key": testKey}, env: m{"SEAM_ENDPOINT": "https://one.example.com", "SEAM_API_URL": "https://two.example.com"}}, token: testKey, endpoint: "https://one.example.com"},
		"SEAM_API_URL":             {settings: settings{block: m{"api_key": testKey}, env: m{"SEAM_API_URL": "https://two.example.com"}}, token: testKey, endpoint: "https://two.example.com"},
		"http to IPv4 loopback":    {settings: settings{block: m{"api_key": testKey, "endpoint": "http://127.8.9.10:8080"}}, token: testKey, endpoint: "http://127.8.9.10:8080"},
		"http to IPv6 loopback":    {settings: settings{block: m{"api_key": testKey, "endpoint": "http://[::1]:8080"}}, token: testKey, endpoint: "http://[::1]:8080"},
		"http to localhost":        {settings: settings{block: m{"api_key": testKey, "endpoint": "http://localhost:8080"}}, token: testKey, endpoint: "http://localhost:8080"},
		"retry timeout":            {settings: settings{block: m{"api_key": testKey, "retry_timeout": "1h30m"}}, token: testKey, timeout: 90 * time.Minute},
		"no retries":               {settings: settings{block: m{"api_key": testKey, "retry_timeout": "0s"}}, token: testKey, timeout: -1},
		"workspace of Seam's fake": {settings: settings{block: m{"personal_access_token": testToken, "workspace_id": "seed_workspace_1"}}, token: testToken, header: "seed_workspace_1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if problems := checkWritten(test.model()); len(problems) > 0 {
				t.Errorf("the provider block is refused: %v", problems)
			}
			got, problems := resolveAccess(test.model(), test.getenv)
			if len(problems) > 0 {
				t.Fatalf("refused: %v", problems)
			}
			if got.token != test.token || got.workspaceHeader != test.header || got.expectedWorkspace != test.expected {
				t.Errorf("got token %q, workspace header %q, expected workspace %q", got.token, got.workspaceHeader, got.expectedWorkspace)
			}
			if want := cmp.Or(test.endpoint, defaultEndpoint); got.endpoint.String() != want {
				t.Errorf("endpoint is %s, want %s", got.endpoint, want)
			}
			want := defaultRetryTimeout
			if test.timeout != 0 {
				want = max(test.timeout, 0)
			}
			if got.retryTimeout != want {
				t.Errorf("retry timeout is %s, want %s", got.retryTimeout, want)
			}
		})
	}
}

func TestResolveAccess_refused(t *testing.T) {
	t.Parallel()
	type m = map[string]string
	for name, test := range map[string]struct {
		settings
		attribute string
		said      string
		written   bool // also refused by validation, which knows no environment
	}{
		"nothing":                 {settings{}, "api_key", "SEAM_API_KEY", false},
		"both in block":           {settings{block: m{"api_key": testKey, "personal_access_token": testToken}}, "personal_access_token", "cannot be used together", true},
		"both in environment":     {settings{env: m{"SEAM_API_KEY": testKey, "SEAM_PERSONAL_ACCESS_TOKEN": testToken}}, "api_key", "both set", false},
		"token without workspace": {settings{block: m{"personal_access_token": testToken}}, "workspace_id", "SEAM_WORKSPACE_ID", false},
		"token as key":            {settings{env: m{"SEAM_API_KEY": testToken}}, "api_key", "SEAM_PERSONAL_ACCESS_TOKEN", false},
		"token as key in block":   {settings{block: m{"api_key": testToken}}, "api_key", "personal access token", true},
		"key as token":            {settings{block: m{"personal_access_token": testKey, "workspace_id": testSpace}}, "personal_access_token", "SEAM_API_KEY", true},
		"client session as key":   {settings{block: m{"api_key": "seam_cst1_secret"}}, "api_key", "client session token", true},
		"publishable key as key":  {settings{block: m{"api_key": "seam_pk1_secret"}}, "api_key", "publishable key", true},
		"JWT as key":              {settings{block: m{"api_key": "eyJhbGciOi.secret"}}, "api_key", "JWT", true},
		"client session as token": {settings{block: m{"personal_access_token": "seam_cst1_secret"}}, "personal_access_token", "client session token", true},
		"publishable as token":    {settings{block: m{"personal_access_token": "seam_pk1_secret"}}, "personal_access_token", "publishable key", true},
		"JWT as token":            {settings{block: m{"personal_access_token": "eyJhbGciOi.secret"}}, "personal_access_token", "JWT", true},
		"unknown key":             {settings{block: m{"api_key": "secret"}}, "api_key", "unknown format", true},
		"unknown token":           {settings{block: m{"personal_access_token": "secret"}}, "personal_access_token", "unknown format", true},
		"key with a line break":   {settings{env: m{"SEAM_API_KEY": testKey + "\n"}}, "api_key", "line break", false},
		"key with a NUL":          {settings{block: m{"api_key": testKey + "\x00"}}, "api_key", "a token cannot contain", true},
		"key of a megabyte":       {settings{block: m{"api_key": "seam_" + strings.Repeat("secret", 1<<18)}}, "api_key", "longer than any Seam token", true},
		"workspace with braces":   {settings{block: m{"api_key": testKey, "workspace_id": "{" + testSpace + "}"}}, "workspace_id", "not a workspace ID", true},
		"workspace of two lines":  {settings{env: m{"SEAM_API_KEY": testKey, "SEAM_WORKSPACE_ID": "a\r\nx: y"}}, "workspace_id", "SEAM_WORKSPACE_ID", false},
		"long workspace":          {settings{block: m{"api_key": testKey, "workspace_id": strings.Repeat("a", 1<<20)}}, "workspace_id", "characters long", true},
		"http":                    {settings{block: m{"api_key": testKey, "endpoint": "http://connect.getseam.com"}}, "endpoint", "plain http", true},
		"http to a private host":  {settings{env: m{"SEAM_API_KEY": testKey, "SEAM_ENDPOINT": "http://10.0.0.1"}}, "endpoint", "SEAM_ENDPOINT", false},
		"http to localhost.com":   {settings{block: m{"api_key": testKey, "endpoint": "http://localhost.example.com"}}, "endpoint", "plain http", true},
		"no scheme":               {settings{block: m{"api_key": testKey, "endpoint": "connect.getseam.com"}}, "endpoint", "https://", true},
		"other scheme":            {settings{block: m{"api_key": testKey, "endpoint": "ftp://connect.getseam.com"}}, "endpoint", "https://", true},
		"no host":                 {settings{block: m{"api_key": testKey, "endpoint": "https://"}}, "endpoint", "without a host", true},
		"password in URL":         {settings{block: m{"api_key": testKey, "endpoint": "https://me:secret@connect.getseam.com"}}, "endpoint", "password", true},
		"query in URL":            {settings{block: m{"api_key": testKey, "endpoint": "https://connect.getseam.com/?key=secret"}}, "endpoint", "query", true},
		"not a URL":               {settings{block: m{"api_key": testKey, "endpoint": "https://me:secret@%zz"}}, "endpoint", "not a URL", true},
		"endpoint, line break":    {settings{env: m{"SEAM_API_KEY": testKey, "SEAM_ENDPOINT": "https://connect.getseam.com\n"}}, "endpoint", "The value of the environment variable SEAM_ENDPOINT contains a space or a line break", false},
		"endpoint, tab":           {settings{block: m{"api_key": testKey, "endpoint": "https://connect.getseam.com\t"}}, "endpoint", "contains a space or a line break", true},
		"endpoint, space":         {settings{block: m{"api_key": testKey, "endpoint": " https://connect.getseam.com"}}, "endpoint", "contains a space or a line break", true},
		"endpoint, only a space":  {settings{block: m{"api_key": testKey, "endpoint": " "}}, "endpoint", "contains a space or a line break", true},
		"endpoint with a NUL":     {settings{block: m{"api_key": testKey, "endpoint": "https://connect.getseam.com/\x00"}}, "endpoint", "outside of printable ASCII", true},
		"endpoint with umlauts":   {settings{block: m{"api_key": testKey, "endpoint": "https://s\u00e9am.example.com"}}, "endpoint", "xn--", true},
		"no duration":             {settings{block: m{"api_key": testKey, "retry_timeout": "5"}}, "retry_timeout", "duration", true},
		"negative duration":       {settings{block: m{"api_key": testKey, "retry_timeout": "-5m"}}, "retry_timeout", "non-negative", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := resolveAccess(test.model(), test.getenv)
			wantProblem(t, problems, test.attribute, test.said)
			written := checkWritten(test.model())
			if test.written {
				wantProblem(t, written, test.attribute, test.said)
			} else if len(written) > 0 {
				t.Errorf("refused by validation: %v", written)
			}
		})
	}
}

// wantProblem checks that there is one problem, what it says, and that it holds no secret.
func wantProblem(t *testing.T, problems []problem, attribute, said string) {
	t.Helper()
	if len(problems) != 1 {
		t.Errorf("got %d problems, want one: %v", len(problems), problems)
		return
	}
	got := problems[0]
	if got.attribute != attribute {
		t.Errorf("the problem is at %s, want %s: %v", got.attribute, attribute, got)
	}
	text := got.summary + "\n" + got.detail
	if !strings.Contains(text, said) {
		t.Errorf("the problem does not say %q: %s", said, text)
	}
	if strings.Contains(text, "secret") {
		t.Errorf("the problem holds the secret: %s", text)
	}
}

func FuzzResolveAccess(f *testing.F) {
	f.Add(testKey, "", "", "", "")
	f.Add("", testToken, testSpace, "https://seam.example.com", "5m")
	f.Add("seam_cst1", "ey.x", "{}", "http://[::1", "-1s")
	f.Add("seam_\x00", "seam_at\n", "\r\n", "https://a:b@c/?d#e", "1000000h")
	f.Fuzz(func(t *testing.T, key, token, workspace, endpoint, timeout string) {
		for _, s := range []settings{
			{block: map[string]string{"api_key": key, "personal_access_token": token, "workspace_id": workspace, "endpoint": endpoint, "retry_timeout": timeout}},
			{env: map[string]string{"SEAM_API_KEY": key, "SEAM_PERSONAL_ACCESS_TOKEN": token, "SEAM_WORKSPACE_ID": workspace, "SEAM_ENDPOINT": endpoint}},
		} {
			got, problems := resolveAccess(s.model(), s.getenv)
			if len(problems) > 0 {
				continue
			}
			if !strings.HasPrefix(got.token, "seam_") || !isHeaderToken(got.token) {
				t.Errorf("accepted the token %q", got.token)
			}
			if strings.HasPrefix(got.token, "seam_at") != (got.workspaceHeader != "") {
				t.Errorf("accepted the token %q with the workspace %q", got.token, got.workspaceHeader)
			}
			if got.endpoint.Hostname() == "" || got.endpoint.User != nil || got.endpoint.Scheme != "https" && !isLoopback(got.endpoint.Hostname()) {
				t.Errorf("accepted the endpoint %s", got.endpoint)
			}
			if got.retryTimeout < 0 {
				t.Errorf("accepted the retry timeout %s", got.retryTimeout)
			}
		}
	})
}

func FuzzParseImportID(f *testing.F) {
	f.Add(testSpace + "/" + testSpace)
	f.Add("{" + testSpace + "}/urn:uuid:" + testSpace)
	f.Add("//")
	f.Fuzz(func(t *testing.T, id string) {
		pair, ok := identityLinks.parseImportID(id)
		if ok && (importID(pair) != id || !isUUID(pair.TargetID) || !isUUID(pair.ACSUserID)) {
			t.Errorf("%q is accepted as %v", id, pair)
		}
	})
}
