package provider

import (
	"archive/zip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// What the provider writes down, and what it never does.

// spellings returns the forms in which a secret may be written, including parts
// of what base64 makes of a longer text that holds it.
func spellings(secret string) []string {
	quoted, err := json.Marshal(secret)
	if err != nil {
		panic(err) // a string can always be marshalled
	}
	found := map[string]bool{
		secret:                                                true,
		strings.Trim(string(quoted), `"`):                     true,
		html.EscapeString(secret):                             true,
		url.QueryEscape(secret):                               true,
		url.PathEscape(secret):                                true,
		hex.EncodeToString([]byte(secret)):                    true,
		fmt.Sprintf("%X", secret):                             true,
		fmt.Sprintf("% x", secret):                            true,
		strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]"): true,
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		// Three bytes become four characters: depending on what comes before,
		// the secret begins at one of three places, and the characters that it
		// shares with its neighbours are not its own.
		for before, shared := range []int{0, 2, 3} {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("x", before) + secret))
			whole := (before + len(secret)) / 3 * 4
			found[encoded[shared:whole]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	const secret = `seam_"&/+ü`
	for _, text := range []string{
		"Bearer " + secret,
		`{"key":"seam_\"\u0026/+ü"}`,
		"?key=" + url.QueryEscape(secret),
		fmt.Sprintf("%x", "Bearer "+secret+"!"),
		base64.StdEncoding.EncodeToString([]byte("Bearer " + secret + "\n")),
		base64.URLEncoding.EncodeToString([]byte("a:" + secret)),
		base64.RawURLEncoding.EncodeToString([]byte("ab:" + secret + ".")),
	} {
		if !slices.ContainsFunc(spellings(secret), func(s string) bool { return strings.Contains(text, s) }) {
			t.Errorf("no secret is found in %s", text)
		}
	}
}

// papers is all that a life of a link leaves behind, by name.
type papers map[string]string

// wantNo fails the test if a secret is anywhere, in any spelling.
func (p papers) wantNo(t *testing.T, secrets ...string) {
	t.Helper()
	for name, text := range p {
		for _, secret := range secrets {
			for _, spelling := range spellings(secret) {
				if at := strings.Index(text, spelling); at >= 0 {
					t.Errorf("%s holds a secret, as %s: … %s", name, spelling, text[max(0, at-300):min(len(text), at+300)])
				}
			}
		}
	}
}

// keep runs a command, and keeps what it prints and logs.
func (p papers) keep(c *builtCLI, env map[string]string, args ...string) error {
	c.w.t.Helper()
	log := filepath.Join(c.WorkDir, fmt.Sprintf("%d.log", len(p)))
	env = maps.Clone(env)
	env["TF_LOG_PATH"] = log
	output, err := c.command(env, args...).CombinedOutput()
	name := fmt.Sprintf("%d: %s", len(p), strings.Join(args, " "))
	p[name] = string(output)
	logged, readErr := os.ReadFile(log)
	if readErr != nil {
		c.w.t.Fatalf("%s did not log: %v\n%s", name, readErr, output)
	}
	p[name+", log"] = string(logged)
	for _, text := range []string{p[name], p[name+", log"]} {
		if strings.Contains(text, "panic:") || strings.Contains(text, "lugin did not respond") {
			c.w.t.Errorf("%s: the provider crashed:\n%s", name, output)
		}
	}
	return err
}

// keepFiles keeps what lies in the working directory, with the insides of plans.
func (p papers) keepFiles(c *builtCLI) {
	c.w.t.Helper()
	entries, err := os.ReadDir(c.WorkDir)
	if err != nil {
		c.w.t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.IsDir() || filepath.Ext(entry.Name()) == ".log" {
			continue
		}
		path := filepath.Join(c.WorkDir, entry.Name())
		content, err := os.ReadFile(path)
		if err != nil {
			c.w.t.Fatal(err)
		}
		p[entry.Name()] = string(content)
		if filepath.Ext(path) != ".tfplan" {
			continue
		}
		plan, err := zip.OpenReader(path)
		if err != nil {
			c.w.t.Fatal(err)
		}
		for _, part := range plan.File {
			reader, err := part.Open()
			if err != nil {
				c.w.t.Fatal(err)
			}
			content, err := io.ReadAll(reader)
			if err != nil {
				c.w.t.Fatal(err)
			}
			p[entry.Name()+"/"+part.Name] = string(content)
		}
		if err := plan.Close(); err != nil {
			c.w.t.Fatal(err)
		}
	}
}

// echoes are answers in which somebody between the provider and Seam repeats
// the credentials that it was sent.
func echoes(secret string) []fakeseam.Fault {
	seamError := func(fields map[string]any) string {
		body, err := json.Marshal(map[string]any{"ok": false, "error": fields})
		if err != nil {
			panic(err) // nothing in it that JSON does not know
		}
		return string(body)
	}
	header := "Authorization: Bearer " + secret
	return []fakeseam.Fault{
		{Status: 500, Body: seamError(map[string]any{"type": secret, "message": header, "request_id": secret})},
		{Status: 400, Body: seamError(map[string]any{
			"type": "invalid_input", "message": header,
			"validation_errors": map[string]any{secret: map[string]any{"_errors": []string{header}}},
		})},
		{Status: 403, Body: strings.Repeat("-", 190-len(header)/2) + header, Header: map[string]string{"Seam-Request-Id": secret}},
		{Status: 502, HTML: true, Body: "<html><pre>" + header + "</pre></html>"},
		{Status: 302, Header: map[string]string{"Location": "https://" + secret + "@" + secret + ".example.com/" + secret + "?key=" + secret}},
		{Status: 200, Body: header},
		{Status: 200, Body: `{"ok":true,"acs_user":"` + secret + `"}`},
		{Status: 429, Header: map[string]string{"Retry-After": secret}},
	}
}

// Whatever happens, and however much is logged, the credentials are nowhere but
// where somebody wrote them down.
func TestAccProvider_secretsStaySecret(t *testing.T) {
	t.Parallel()
	apiKey := func(w *world) string { return w.AddAPIKey(w.workspace.ID) }
	for _, test := range []struct {
		name       string
		credential func(w *world) string // makes one
		env        func(w *world, credential string) map[string]string
		written    string // the attribute of the provider block, if it is used
	}{
		{
			name:       "SEAM_API_KEY",
			credential: apiKey,
			env: func(_ *world, credential string) map[string]string {
				return map[string]string{"SEAM_API_KEY": credential}
			},
		},
		{
			name:       "SEAM_PERSONAL_ACCESS_TOKEN",
			credential: func(w *world) string { return w.AddToken(w.workspace.ID) },
			env: func(w *world, credential string) map[string]string {
				return map[string]string{"SEAM_PERSONAL_ACCESS_TOKEN": credential, "SEAM_WORKSPACE_ID": w.workspace.ID}
			},
		},
		{
			name:       "api_key",
			credential: apiKey,
			env:        func(*world, string) map[string]string { return map[string]string{} },
			written:    "api_key",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			revoked, valid := test.credential(w), test.credential(w)
			c := w.builtCLI(map[string]string{"SEAM_ENDPOINT": w.url})
			p := papers{}
			run := func(credential string, args ...string) error {
				t.Helper()
				block := "provider \"seam\" {\n  retry_timeout = \"0s\"\n"
				if test.written != "" {
					block += fmt.Sprintf("  %s = %q\n", test.written, credential)
				}
				c.write("provider.tf", block+"}\n")
				env := test.env(w, credential)
				env["TF_LOG"] = "TRACE"
				return p.keep(c, env, args...)
			}
			succeed := func(credential string, args ...string) {
				t.Helper()
				if err := run(credential, args...); err != nil {
					t.Fatalf("%v\n%v", err, p)
				}
			}

			faults := echoes(revoked)
			c.write("main.tf", forEach(w.people(len(faults))...))
			succeed(revoked, "plan", "-out=new.tfplan")
			succeed(revoked, "apply", "new.tfplan")
			c.wantBalance(len(faults))

			// Each answer once: as many links as answers, and Delete believes
			// nothing that it has not just been told. The last answer stops
			// the process.
			for _, fault := range faults {
				fault.Route, fault.Times = getUserRoute, 1
				w.Inject(fault)
			}
			w.ResetRequests()
			if err := run(revoked, "destroy", "-refresh=false", "-parallelism=1"); err == nil {
				t.Errorf("the destroy succeeded")
			}
			if n := w.Count(getUserRoute); n != len(faults) {
				t.Errorf("%d requests met %d answers", n, len(faults))
			}
			refused := p["4: destroy -refresh=false -parallelism=1"]
			if said, masked := strings.Count(refused, "Error: Cannot remove ACS user"), strings.Count(refused, "[redacted]"); said != len(faults) || masked < 6 {
				t.Errorf("%d errors are printed with %d masks, want %d errors, most of which repeat what the server said:\n%s", said, masked, len(faults), refused)
			}

			w.Revoke(revoked)
			if err := run(revoked, "apply"); err == nil {
				t.Errorf("the apply succeeded with a revoked credential")
			}
			c.wantBalance(len(faults))
			succeed(valid, "plan", "-destroy", "-out=destroy.tfplan")
			succeed(valid, "destroy")
			p.keepFiles(c)
			c.wantBalance(0)

			for _, want := range []string{"new.tfplan/tfplan", "destroy.tfplan/tfstate", "terraform.tfstate", "terraform.tfstate.backup"} {
				if p[want] == "" {
					t.Errorf("%s was not looked at", want)
				}
			}
			for name, text := range p {
				if strings.HasSuffix(name, ", log") && !strings.Contains(text, "[TRACE]") {
					t.Errorf("%s has no trace", name)
				}
				if test.written != "" && (name == "provider.tf" || strings.Contains(name, "/tfconfig/")) {
					delete(p, name) // where it is written, and where Terraform copies that to
				}
			}
			p.wantNo(t, revoked, valid)
		})
	}
}

// Each request and each wait is in the log, for whoever wants to know what took
// so long or has to tell Seam's support.
func TestAccProvider_log(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(fakeseam.Fault{Route: getUserRoute, Times: 1, Status: 429, Header: map[string]string{"Retry-After": "1"}})
	w.Inject(fakeseam.Fault{Route: addRoute, Times: 1, Status: 503, AfterEffect: true})
	c := w.builtCLI(nil)
	c.write("main.tf", linkBlock("test", w.janesLink()))
	p := papers{}
	if err := p.keep(c, map[string]string{"TF_LOG": "DEBUG"}, "apply"); err != nil {
		t.Fatalf("%v\n%v", err, p)
	}
	w.wantHolder(w.jane.ID, w.janeID.ID)

	// In another order in each line, and in quotes where there is need.
	log := p["0: apply, log"]
	says := func(line, field, value string) bool {
		return regexp.MustCompile(`\b` + field + `="?` + value + `"?(\s|$)`).MatchString(line)
	}
	again := 0
	for _, request := range w.Requests() {
		at := strings.Index(log, request.RequestID)
		if at < 0 {
			t.Errorf("%s, answered %d, is not in the log", request.Route, request.Status)
			continue
		}
		line, _, _ := strings.Cut(log[strings.LastIndex(log[:at], "\n")+1:], "\n")
		for field, value := range map[string]string{
			"method":     request.Method,
			"path":       request.Route,
			"status":     fmt.Sprint(request.Status),
			"duration":   `[\d.]+(µs|ms|s)`,
			"attempt":    `\d+`,
			"request_id": request.RequestID,
		} {
			if !says(line, field, value) {
				t.Errorf("the line has no %s that is %s: %s", field, value, line)
			}
		}
		if !strings.Contains(line, " [DEBUG] ") {
			t.Errorf("the line has another level than debug: %s", line)
		}
		if says(line, "attempt", "2") {
			again++
		}
	}
	if again != 1 {
		t.Errorf("%d requests were a second attempt, want one", again)
	}

	var waits []string
	for line := range strings.Lines(log) {
		if strings.Contains(line, ": waiting before the next request to Seam: ") {
			waits = append(waits, line)
		}
	}
	if len(waits) != 1 || !says(waits[0], "wait", `1(\.\d+)?s`) || !says(waits[0], "reason", `"POST `+getUserRoute+`: 429 Too Many Requests"`) {
		t.Errorf("got the waits %q, want the one second that Seam asked for", waits)
	}
}
