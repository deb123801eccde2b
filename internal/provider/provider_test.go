package provider

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

func TestSchemas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	schemas, err := w.providerServer().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if len(schemas.Diagnostics) > 0 {
		t.Errorf("the schemas are not valid:\n%s", diagnosticsOf(schemas.Diagnostics))
	}
	sensitive := map[string]bool{"api_key": true, "personal_access_token": true}
	for _, attribute := range schemas.Provider.Block.Attributes {
		if attribute.Sensitive != sensitive[attribute.Name] {
			t.Errorf("%s: sensitive is %t", attribute.Name, attribute.Sensitive)
		}
	}
	if n := len(schemas.ResourceSchemas[linkType].Block.Attributes); n != 4 {
		t.Errorf("the link has %d attributes; each one costs every plan, and there are to be four", n)
	}
}

func TestConfigure_sendsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "workspace_id": w.workspace.ID})
	w.terraformWith(values{"endpoint": w.url, "personal_access_token": w.AddToken(w.workspace.ID), "workspace_id": w.workspace.ID})
	w.wantNoRequests()
}

func TestConfigure_refusedBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.unconfigured()
	found := tf.configure(values{"endpoint": w.url})
	tf.wantError(found, "Missing Seam credentials", "SEAM_API_KEY")
	found = tf.configure(values{"endpoint": w.url, "api_key": testKey, "personal_access_token": testToken})
	tf.wantError(found, "cannot be used together")
	w.wantNoRequests()
}

// Terraform prints the source line of the attribute that an error is about, and the
// line of a credential may hold it.
func TestConfigure_credentialsAreNotPrinted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, test := range map[string]struct {
		config    values
		attribute string // "" for the provider block
	}{
		"token as key":  {values{"api_key": testToken}, ""},
		"unknown key":   {values{"api_key": "secret"}, ""},
		"unknown token": {values{"personal_access_token": "secret", "workspace_id": testSpace}, ""},
		"both":          {values{"api_key": testKey, "personal_access_token": testToken}, ""},
		"none":          {values{}, ""},
		"workspace":     {values{"api_key": testKey, "workspace_id": "{}"}, `AttributeName("workspace_id")`},
		"endpoint":      {values{"api_key": testKey, "endpoint": "connect.getseam.com"}, `AttributeName("endpoint")`},
		"duration":      {values{"api_key": testKey, "retry_timeout": "5"}, `AttributeName("retry_timeout")`},
	} {
		found := w.unconfigured().configure(test.config)
		if len(found) == 0 {
			t.Errorf("%s: nothing is said", name)
		}
		for _, one := range found {
			if got := one.Attribute.String(); got != test.attribute {
				t.Errorf("%s: the error is at %s, want %q", name, got, test.attribute)
			}
		}
	}
}

func TestAccProvider_credentialsAreNotPrinted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ attributes, said string }{
		"token as key": {"api_key = \"" + testToken + "\"\n", "Personal access token used as API key"},
		"key as token": {"personal_access_token = \"" + testKey + "\"\n", "Not a Seam personal access token"},
		"both":         {"api_key = \"" + testKey + "\"\npersonal_access_token = \"" + testToken + "\"\n", "Conflicting credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.builtCLI(nil)
			c.write("main.tf", "provider \"seam\" {\n"+test.attributes+"}\n", linkBlock("test", w.janesLink()))
			for _, command := range []string{"validate", "plan"} {
				if output := c.fail(test.said, command); strings.Contains(output, "0123456789secret") {
					t.Errorf("%s prints the credential:\n%s", command, output)
				}
			}
		})
	}
}

func TestConfigure_environment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setEnv(map[string]string{
		"SEAM_ENDPOINT":              w.url,
		"SEAM_PERSONAL_ACCESS_TOKEN": w.AddToken(w.workspace.ID),
		"SEAM_WORKSPACE_ID":          w.workspace.ID,
	})
	tf := w.terraformWith(values{})
	_, found := tf.create(w.janesLink())
	tf.wantNothingSaid(found)
	w.wantHolder(w.jane.ID, w.janeID.ID)
}

// While planning, a value of the provider block may still be unknown. Links that
// are in the state stay as they are.
func TestConfigure_unknown(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"api_key", "personal_access_token", "workspace_id", "endpoint", "retry_timeout"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			config := values{"endpoint": w.url, "api_key": w.workspace.APIKey, "workspace_id": w.workspace.ID, "retry_timeout": "5m"}
			if name == "personal_access_token" {
				delete(config, "api_key")
			}
			config[name] = unknown
			tf := w.unconfigured()
			tf.wantNothingSaid(tf.configure(config))

			_, _, found := tf.plan(nil, values{"user_identity_id": w.janeID.ID, "acs_user_id": w.jane.ID})
			tf.wantNothingSaid(found)
			state, found := tf.read(w.linkState(w.janesLink()))
			tf.wantWarning(found, "was not read", w.jane.ID)
			if state == nil {
				t.Error("the link was dropped from the state")
			}
			_, found = tf.importByID(importID(w.janesLink()))
			tf.wantError(found, "not known yet")
			_, found = tf.create(w.janesLink())
			tf.wantError(found, "not known yet")
			state, found = tf.destroy(w.linkState(w.janesLink()))
			tf.wantError(found, "not known yet")
			if state == nil {
				t.Error("the link was dropped from the state")
			}
			w.wantNoRequests()
		})
	}
}

// Where the CLI allows it, everything waits until the configuration is known.
func TestConfigure_unknownDefers(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{true, false} {
		w := newWorld(t)
		tf := w.unconfigured()
		_, err := tf.server.ConfigureProvider(tf.ctx, &tfprotov6.ConfigureProviderRequest{
			Config:             tf.encode(providerType, values{"endpoint": w.url, "api_key": unknown}),
			ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: allowed},
		})
		tf.noFault(err)
		config := tf.encode(linkObject, values{"user_identity_id": w.janeID.ID, "acs_user_id": w.jane.ID})
		planned, err := tf.server.PlanResourceChange(tf.ctx, &tfprotov6.PlanResourceChangeRequest{
			TypeName: linkType, PriorState: tf.encode(linkObject, nil), ProposedNewState: config, Config: config,
			ClientCapabilities: &tfprotov6.PlanResourceChangeClientCapabilities{DeferralAllowed: allowed},
		})
		tf.noFault(err)
		deferred := planned.Deferred != nil && planned.Deferred.Reason == tfprotov6.DeferredReasonProviderConfigUnknown
		if deferred != allowed {
			t.Errorf("deferral allowed: %t, deferred: %v", allowed, planned.Deferred)
		}
		w.wantNoRequests()
	}
}

func TestConfigure_unknownWithAMistake(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.unconfigured()
	found := tf.configure(values{"endpoint": "http://connect.getseam.com", "api_key": unknown})
	tf.wantError(found, "plain http")
}

func TestAccProvider_unknownKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runFrom(tfversion.Version1_4_0, resource.TestStep{ // terraform_data
		Config: fmt.Sprintf(`
			resource "terraform_data" "key" {
			  input = %q
			}
			provider "seam" {
			  endpoint = %q
			  api_key  = terraform_data.key.output
			}
			`, w.workspace.APIKey, w.url) + linkBlock("test", w.janesLink()),
		ConfigStateChecks: []statecheck.StateCheck{w.held(w.janesLink())},
	})
}

// With an API key, workspace_id is a safeguard.
func TestWorkspaceSafeguard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.AddWorkspace("Elsewhere")
	tf := w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "workspace_id": other.ID})
	_, _, found := tf.plan(nil, values{"user_identity_id": w.janeID.ID, "acs_user_id": w.jane.ID})
	tf.wantError(found, "workspace_id is "+other.ID+", but the API key belongs to workspace "+w.workspace.ID+". No changes were made.")
	// That is explained once in a command.
	said := []string{"credentials reach workspace " + w.workspace.ID + ", not " + other.ID + ".", "Another error of this command explains it."}
	_, found = tf.create(w.janesLink())
	tf.wantError(found, said...)
	w.Link(w.janeID.ID, w.jane.ID)
	state, found := tf.read(w.linkState(w.janesLink()))
	tf.wantError(found, said...)
	if state == nil {
		t.Error("the link was removed from state")
	}
	state, found = tf.destroy(w.linkState(w.janesLink()))
	tf.wantError(found, said...)
	if state == nil {
		t.Error("the link was removed from state")
	}
	_, found = tf.importByID(importID(w.janesLink()))
	tf.wantError(found, said...)
	w.wantNoWrites()

	right := w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "workspace_id": strings.ToUpper(w.workspace.ID)})
	_, found = right.read(w.linkState(w.janesLink()))
	right.wantNothingSaid(found)
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setEnv(map[string]string{"TF_APPEND_USER_AGENT": "OpenTofu/1.12.6\r\n"})
	token := w.AddToken(w.workspace.ID)
	tf := w.terraformWith(values{"endpoint": w.url, "personal_access_token": token, "workspace_id": w.workspace.ID})
	_, found := tf.create(w.janesLink())
	tf.wantNothingSaid(found)
	for _, request := range w.Requests() {
		for name, want := range map[string]string{
			"Authorization":    "Bearer " + token,
			"Seam-Workspace":   w.workspace.ID,
			"User-Agent":       "terraform-provider-seam/test Terraform/1.11.4 OpenTofu/1.12.6",
			"Seam-Sdk-Name":    "seamapi/terraform-provider-seam",
			"Seam-Sdk-Version": "test",
		} {
			if got := request.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", request.Route, name, got, want)
			}
		}
	}
	w.ResetRequests()
	tf = w.terraform()
	_, found = tf.read(w.linkState(w.janesLink()))
	tf.wantNothingSaid(found)
	if got := w.Requests()[0].Header.Values("Seam-Workspace"); len(got) > 0 {
		t.Errorf("seam-workspace %q was sent with an API key", got)
	}
}

func TestAccProvider_refused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ block, said string }{
		"nothing":                 {``, "No API key and no personal access token is set."},
		"both":                    {`api_key = "` + testKey + `", personal_access_token = "` + testToken + `"`, "api_key and personal_access_token cannot be used together."},
		"token without workspace": {`personal_access_token = "` + testToken + `"`, "A personal access token can reach several workspaces."},
		"token as key":            {`api_key = "` + testToken + `"`, "it is a personal access token."},
		"http":                    {`api_key = "` + testKey + `", endpoint = "http://connect.getseam.com"`, "plain http is accepted for loopback addresses only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: w.factories(),
				Steps: []resource.TestStep{{
					Config:      "provider \"seam\" {\n" + strings.ReplaceAll(test.block, ", ", "\n") + "\n}\n" + linkBlock("test", w.janesLink()),
					ExpectError: says(test.said),
				}},
			})
		})
	}
}

// Of two blocks with the same pair exactly one adds the link; the other one is
// told that it exists.
func TestSamePairTwice(t *testing.T) {
	t.Parallel()
	underAllSemantics(t, func(t *testing.T, w *world) {
		t.Helper()
		tf := w.terraform()
		var wg sync.WaitGroup
		found := make([]diagnostics, 2)
		states := make([]values, 2)
		for i := range found {
			wg.Go(func() { states[i], found[i] = tf.create(w.janesLink()) })
		}
		wg.Wait()
		if (len(found[0]) == 0) == (len(found[1]) == 0) || (states[0] == nil) == (states[1] == nil) {
			t.Errorf("want one success and one failure, got:\n%s\n%s", found[0], found[1])
		}
		if n := w.Count(w.kind.addRoute); n != 1 {
			t.Errorf("%d adds were sent, want one", n)
		}
	})
}

// What no id can look like is refused while validating, in one short sentence.
func TestInvalidIDs(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		tf, attribute := w.unconfigured(), w.kind.attribute
		id := w.jane.ID
		for _, odd := range []string{
			"", "jane", "{" + id + "}", "urn:uuid:" + id, id + "\n", " " + id, strings.ReplaceAll(id, "-", ""), id[:35] + "g",
			id[:35] + "\u0430", "\x00" + id[1:], "\xff" + id[1:], `"` + id[1:], "${" + id[2:], strings.Repeat(id, 1<<15),
		} {
			found := tf.validate(values{attribute: odd, "acs_user_id": id})
			tf.wantError(found, attribute+" must be a UUID", `AttributeName("`+attribute+`")`)
			if n := len(found.String()); n > 1000 {
				w.t.Errorf("the diagnostic has %d bytes", n)
			}
			found = tf.validate(values{attribute: id, "acs_user_id": odd})
			tf.wantError(found, "acs_user_id must be a UUID", `AttributeName("acs_user_id")`)
		}
		tf.wantNothingSaid(tf.validate(values{attribute: strings.ToUpper(id), "acs_user_id": unknown}))
	})
}
