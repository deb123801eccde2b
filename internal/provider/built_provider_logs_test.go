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
	"slices"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// What the provider logs, and secrets that it never writes.

// spellings returns the encodings in which a secret may be written, including its part of
// the base64 encoding of a longer text.
func spellings(secret string) []string {
	quoted, err := json.Marshal(secret)
	if err != nil {
		panic(err) // a string can always be marshaled
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
		// Three bytes become four characters, so the secret may begin at one of three
		// offsets. Characters that also encode other bytes are left out.
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
			t.Errorf("the secret is not found in %s", text)
		}
	}
}

// artifacts are the outputs, logs and files of the commands of a test, by name.
type artifacts map[string]string

// wantNo fails the test if a secret is anywhere, in any spelling.
func (a artifacts) wantNo(t *testing.T, secrets ...string) {
	t.Helper()
	for name, text := range a {
		for _, secret := range secrets {
			for _, spelling := range spellings(secret) {
				if at := strings.Index(text, spelling); at >= 0 {
					t.Errorf("%s contains a secret, as %s: … %s", name, spelling, text[max(0, at-300):min(len(text), at+300)])
				}
			}
		}
	}
}

// keep runs a command, and keeps its output and its log.
func (a artifacts) keep(c *builtCLI, env map[string]string, args ...string) error {
	c.w.t.Helper()
	log := filepath.Join(c.WorkDir, fmt.Sprintf("%d.log", len(a)))
	env = maps.Clone(env)
	env["TF_LOG_PATH"] = log
	output, err := c.command(env, args...).CombinedOutput()
	name := fmt.Sprintf("%d: %s", len(a), strings.Join(args, " "))
	a[name] = string(output)
	logged, readErr := os.ReadFile(log)
	if readErr != nil {
		c.w.t.Fatalf("%s did not log: %v\n%s", name, readErr, output)
	}
	a[name+", log"] = string(logged)
	for _, text := range []string{a[name], a[name+", log"]} {
		if strings.Contains(text, "panic:") || strings.Contains(text, "lugin did not respond") {
			c.w.t.Errorf("%s: the provider crashed:\n%s", name, output)
		}
	}
	return err
}

// keepFiles keeps the files in the working directory, and those inside saved plans.
func (a artifacts) keepFiles(c *builtCLI) {
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
		a[entry.Name()] = string(content)
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
			a[entry.Name()+"/"+part.Name] = string(content)
		}
		if err := plan.Close(); err != nil {
			c.w.t.Fatal(err)
		}
	}
}

// echoes are responses that repeat the credentials of the request, as a proxy might.
func echoes(secret string) []fakeseam.Fault {
	seamError := func(fields map[string]any) string {
		body, err := json.Marshal(map[string]any{"ok": false, "error": fields})
		if err != nil {
			panic(err) // strings and maps can always be marshaled
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

// At any log level and after any response, the credentials are only where the user wrote them.
func TestAccProvider_secretsStaySecret(t *testing.T) {
	t.Parallel()
	apiKey := func(w *world) string { return w.AddAPIKey(w.workspace.ID) }
	for _, test := range []struct {
		name       string
		credential func(w *world) string // creates one
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
			p := artifacts{}
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
			c.write("main.tf", forEach(w.crowd(len(faults), false)...))
			succeed(revoked, "plan", "-out=new.tfplan")
			succeed(revoked, "apply", "new.tfplan")
			c.wantBalance(len(faults))

			// One link for each response: each Delete reads its ACS user. The last response
			// stops the process.
			for _, fault := range faults {
				fault.Route, fault.Times = getUserRoute, 1
				w.Inject(fault)
			}
			w.ResetRequests()
			if err := run(revoked, "destroy", "-refresh=false", "-parallelism=1"); err == nil {
				t.Errorf("the destroy succeeded")
			}
			if n := w.Count(getUserRoute); n != len(faults) {
				t.Errorf("%d requests, want one for each of %d responses", n, len(faults))
			}
			refused := p["4: destroy -refresh=false -parallelism=1"]
			if said, masked := strings.Count(refused, "Error: Cannot remove ACS user"), strings.Count(refused, "[redacted]"); said != len(faults) || masked < 6 {
				t.Errorf("%d errors are printed with %d masks, want %d errors, most of which repeat the response:\n%s", said, masked, len(faults), refused)
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
					t.Errorf("%s was not searched", want)
				}
			}
			for name, text := range p {
				if strings.HasSuffix(name, ", log") && !strings.Contains(text, "[TRACE]") {
					t.Errorf("%s has no trace", name)
				}
				if test.written != "" && (name == "provider.tf" || strings.Contains(name, "/tfconfig/")) {
					delete(p, name) // where the user wrote it, and Terraform copied it
				}
			}
			p.wantNo(t, revoked, valid)
		})
	}
}

// TF_LOG=DEBUG shows each request and each wait. The fields are tested in internal/seam.
func TestAccProvider_log(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(fakeseam.Fault{Route: getUserRoute, Times: 1, Status: 429, Header: map[string]string{"Retry-After": "1"}})
	c := w.builtCLI(nil)
	c.write("main.tf", linkBlock("test", w.janesLink()))
	p := artifacts{}
	if err := p.keep(c, map[string]string{"TF_LOG": "DEBUG"}, "apply"); err != nil {
		t.Fatalf("%v\n%v", err, p)
	}
	log := p["0: apply, log"]
	for _, request := range w.Requests() {
		at := strings.Index(log, request.RequestID)
		if at < 0 {
			t.Errorf("the response %d of %s is not in the log", request.Status, request.Route)
			continue
		}
		line, _, _ := strings.Cut(log[strings.LastIndex(log[:at], "\n")+1:], "\n")
		if !strings.Contains(line, " [DEBUG] ") || !strings.Contains(line, request.Route) {
			t.Errorf("want the level DEBUG and the path %s: %s", request.Route, line)
		}
	}
	if n := strings.Count(log, ": waiting before the next request to Seam: "); n != 1 {
		t.Errorf("the log has %d waits, want the one that Seam asked for", n)
	}
}
