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
		t.Errorf("the link has %d attributes, want four: each one makes every plan slower", n)
	}
}

func TestConfigure_sendsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "workspace_id": w.workspace.ID})
	w.terraformWith(values{"endpoint": w.url, "personal_access_token": w.AddToken(w.workspace.ID), "workspace_id": w.workspace.ID})
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
	w := newWorld(t)
	c := w.builtCLI(nil)
	c.write("main.tf", "provider \"seam\" {\n  api_key = \""+testToken+"\"\n}\n", linkBlock("test", w.janesLink()))
	for _, command := range []string{"validate", "plan"} {
		if output := c.fail("Personal access token used as API key", command); strings.Contains(output, "0123456789secret") {
			t.Errorf("%s prints the credential:\n%s", command, output)
		}
	}
}

// During a plan, a value of the provider block may be unknown. Links stay in state.
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
				t.Error("the link was removed from state")
			}
			_, found = tf.importByID(importID(w.janesLink()))
			tf.wantError(found, "not known yet")
			_, found = tf.create(w.janesLink())
			tf.wantError(found, "not known yet")
			state, found = tf.destroy(w.linkState(w.janesLink()))
			tf.wantError(found, "not known yet")
			if state == nil {
				t.Error("the link was removed from state")
			}
			w.wantNoRequests()
		})
	}
}

// If the CLI supports deferral, everything is deferred until the configuration is known.
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
	// A command explains that once.
	once := []string{"credentials reach workspace " + w.workspace.ID + ", not " + other.ID + ".", "Another error of this command explains it."}
	_, found = tf.create(w.janesLink())
	tf.wantError(found, once...)
	_, found = tf.importByID(importID(w.janesLink()))
	tf.wantError(found, once...)
	w.Link(w.janeID.ID, w.jane.ID)
	for _, operation := range []func(values) (values, diagnostics){tf.read, tf.destroy} {
		state, found := operation(w.linkState(w.janesLink()))
		tf.wantError(found, once...)
		if state == nil {
			t.Error("the link was removed from state")
		}
	}
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
}

// Writes to one ACS user do not interleave: of two resources for one link, exactly one
// adds it, and the other one finds that it exists.
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
