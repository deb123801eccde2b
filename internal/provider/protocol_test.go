package provider

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seamapi/terraform-provider-seam/internal/link"
)

// terraform speaks to the provider as a CLI does, over the protocol: for what
// the installed CLI is too old, and for warnings, which plugin-testing does not
// show. It keeps no state of its own.
type terraform struct {
	t      *testing.T
	server tfprotov6.ProviderServer
	ctx    context.Context
	config values // of the provider block
}

// values are the attributes of an object. A missing one is null, and unknown
// stands for one that is not known yet.
type values map[string]any

type unknownValue struct{}

var unknown = unknownValue{}

// terraform returns a provider that is configured for this world.
func (w *world) terraform() *terraform {
	w.t.Helper()
	return w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey})
}

func (w *world) terraformWith(config values) *terraform {
	w.t.Helper()
	tf := &terraform{t: w.t, server: w.providerServer(), ctx: w.t.Context(), config: config}
	tf.wantNoErrors(tf.configure(config))
	return tf
}

// again begins another command in the same process, as a debugging session does.
func (tf *terraform) again() {
	tf.t.Helper()
	tf.wantNoErrors(tf.configure(tf.config))
}

// unconfigured returns a provider before its configuration.
func (w *world) unconfigured() *terraform {
	return &terraform{t: w.t, server: w.providerServer(), ctx: w.t.Context()}
}

// with is the same CLI under another context.
func (tf *terraform) with(ctx context.Context) *terraform {
	return &terraform{t: tf.t, server: tf.server, ctx: ctx, config: tf.config}
}

var (
	providerType = objectOf("api_key", "personal_access_token", "workspace_id", "endpoint", "retry_timeout")
	linkObject   = linkObjectOf(link.UserIdentity)
	linkIdentity = linkIdentityOf(link.UserIdentity)
)

// typeOf is the resource type of a link.
func typeOf(pair link.Pair) string { return "seam_" + kindOf(pair).typeName }

func linkObjectOf(target link.Thing) tftypes.Object {
	return objectOf(linkKinds[target].attribute, "acs_user_id", "acs_system_id", "workspace_id")
}

func linkIdentityOf(target link.Thing) tftypes.Object {
	return objectOf(linkKinds[target].attribute, "acs_user_id")
}

// pairOf is the link that the first of these values is about.
func pairOf(all ...values) link.Pair {
	for _, v := range all {
		for target, kind := range linkKinds {
			if id, ok := v[kind.attribute]; ok {
				targetID, _ := id.(string)
				acsUserID, _ := v["acs_user_id"].(string)
				return link.Pair{Target: target, TargetID: targetID, ACSUserID: acsUserID}
			}
		}
	}
	return link.ToIdentity("", "")
}

func objectOf(attributes ...string) tftypes.Object {
	types := map[string]tftypes.Type{}
	for _, name := range attributes {
		types[name] = tftypes.String
	}
	return tftypes.Object{AttributeTypes: types}
}

func (tf *terraform) encode(object tftypes.Object, v values) *tfprotov6.DynamicValue {
	tf.t.Helper()
	var value tftypes.Value
	if v == nil {
		value = tftypes.NewValue(object, nil)
	} else {
		attributes := map[string]tftypes.Value{}
		for name, typ := range object.AttributeTypes {
			switch got := v[name].(type) {
			case unknownValue:
				attributes[name] = tftypes.NewValue(typ, tftypes.UnknownValue)
			default:
				attributes[name] = tftypes.NewValue(typ, got)
			}
		}
		value = tftypes.NewValue(object, attributes)
	}
	encoded, err := tfprotov6.NewDynamicValue(object, value)
	if err != nil {
		tf.t.Fatalf("encoding %v: %s", v, err)
	}
	return &encoded
}

func (tf *terraform) decode(object tftypes.Object, encoded *tfprotov6.DynamicValue) values {
	tf.t.Helper()
	if encoded == nil {
		return nil
	}
	value, err := encoded.Unmarshal(object)
	if err != nil {
		tf.t.Fatalf("decoding: %s", err)
	}
	if value.IsNull() {
		return nil
	}
	attributes := map[string]tftypes.Value{}
	if err := value.As(&attributes); err != nil {
		tf.t.Fatalf("decoding: %s", err)
	}
	decoded := values{}
	for name, attribute := range attributes {
		switch {
		case !attribute.IsKnown():
			decoded[name] = unknown
		case !attribute.IsNull():
			var text string
			if err := attribute.As(&text); err != nil {
				tf.t.Fatalf("decoding %s: %s", name, err)
			}
			decoded[name] = text
		}
	}
	return decoded
}

func (tf *terraform) configure(config values) diagnostics {
	tf.t.Helper()
	encoded := tf.encode(providerType, config)
	validated, err := tf.server.ValidateProviderConfig(tf.ctx, &tfprotov6.ValidateProviderConfigRequest{Config: encoded})
	tf.noFault(err)
	if found := diagnosticsOf(validated.Diagnostics); len(found.errors()) > 0 {
		return found
	}
	resp, err := tf.server.ConfigureProvider(tf.ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: encoded})
	tf.noFault(err)
	return diagnosticsOf(resp.Diagnostics)
}

func (tf *terraform) validate(config values) diagnostics {
	tf.t.Helper()
	resp, err := tf.server.ValidateResourceConfig(tf.ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: typeOf(pairOf(config)), Config: tf.encode(linkObjectOf(pairOf(config).Target), config)})
	tf.noFault(err)
	return diagnosticsOf(resp.Diagnostics)
}

// plan plans from the prior state, nil for none, to the configuration, nil to
// destroy. As the CLI does, it plans a replacement anew, from nothing, and keeps
// the warnings of that to itself.
func (tf *terraform) plan(prior, config values) (planned values, replaced bool, found diagnostics) {
	tf.t.Helper()
	planned, replaced, found = tf.planOnce(prior, config)
	if replaced && len(found.errors()) == 0 {
		var again diagnostics
		planned, _, again = tf.planOnce(nil, config)
		found = append(found, again.errors()...)
	}
	return planned, replaced, found
}

func (tf *terraform) planOnce(prior, config values) (planned values, replaced bool, found diagnostics) {
	tf.t.Helper()
	proposed := config
	if config != nil {
		proposed = values{"acs_system_id": unknown, "workspace_id": unknown}
		if prior != nil {
			proposed = values{"acs_system_id": prior["acs_system_id"], "workspace_id": prior["workspace_id"]}
		}
		maps.Copy(proposed, config)
	}
	pair := pairOf(prior, config)
	object := linkObjectOf(pair.Target)
	resp, err := tf.server.PlanResourceChange(tf.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName:         typeOf(pair),
		PriorState:       tf.encode(object, prior),
		ProposedNewState: tf.encode(object, proposed),
		Config:           tf.encode(object, config),
		PriorIdentity:    tf.identity(prior),
	})
	tf.noFault(err)
	return tf.decode(object, resp.PlannedState), len(resp.RequiresReplace) > 0, diagnosticsOf(resp.Diagnostics)
}

func (tf *terraform) identity(state values) *tfprotov6.ResourceIdentityData {
	if state == nil {
		return nil
	}
	pair := pairOf(state)
	return &tfprotov6.ResourceIdentityData{IdentityData: tf.encode(linkIdentityOf(pair.Target), configOf(pair))}
}

// create applies the creation of a link. A state beside errors is tainted.
func (tf *terraform) create(pair link.Pair) (state values, found diagnostics) {
	tf.t.Helper()
	object, planned := linkObjectOf(pair.Target), configOf(pair)
	planned["acs_system_id"], planned["workspace_id"] = unknown, unknown
	resp, err := tf.server.ApplyResourceChange(tf.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName:     typeOf(pair),
		PriorState:   tf.encode(object, nil),
		PlannedState: tf.encode(object, planned),
		Config:       tf.encode(object, configOf(pair)),
	})
	tf.noFault(err)
	state = tf.decode(object, resp.NewState)
	tf.wantIdentityOf(pair, state, resp.NewIdentity)
	return state, diagnosticsOf(resp.Diagnostics)
}

// read refreshes a state; nil means that the link was removed from it.
func (tf *terraform) read(state values) (values, diagnostics) {
	tf.t.Helper()
	pair := pairOf(state)
	object := linkObjectOf(pair.Target)
	resp, err := tf.server.ReadResource(tf.ctx, &tfprotov6.ReadResourceRequest{
		TypeName: typeOf(pair), CurrentState: tf.encode(object, state), CurrentIdentity: tf.identity(state),
	})
	tf.noFault(err)
	refreshed := tf.decode(object, resp.NewState)
	tf.wantIdentityOf(pair, refreshed, resp.NewIdentity)
	return refreshed, diagnosticsOf(resp.Diagnostics)
}

// destroy applies the removal of a link; a state means that it is still there.
func (tf *terraform) destroy(state values) (values, diagnostics) {
	tf.t.Helper()
	object := linkObjectOf(pairOf(state).Target)
	resp, err := tf.server.ApplyResourceChange(tf.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName:     typeOf(pairOf(state)),
		PriorState:   tf.encode(object, state),
		PlannedState: tf.encode(object, nil),
		Config:       tf.encode(object, nil),
	})
	tf.noFault(err)
	return tf.decode(object, resp.NewState), diagnosticsOf(resp.Diagnostics)
}

// importByID and importByIdentity return the imported state, before Terraform
// refreshes it.
func (tf *terraform) importByID(id string) (values, diagnostics) {
	tf.t.Helper()
	return tf.importLink(link.UserIdentity, id)
}

// importLink is importByID for a link to this kind of target.
func (tf *terraform) importLink(target link.Thing, id string) (values, diagnostics) {
	tf.t.Helper()
	return tf.importState(link.Pair{Target: target}, &tfprotov6.ImportResourceStateRequest{ID: id})
}

func (tf *terraform) importPair(pair link.Pair) (values, diagnostics) {
	tf.t.Helper()
	return tf.importLink(pair.Target, importID(pair))
}

func (tf *terraform) importByIdentity(pair link.Pair) (values, diagnostics) {
	tf.t.Helper()
	return tf.importState(pair, &tfprotov6.ImportResourceStateRequest{Identity: tf.identity(configOf(pair))})
}

func (tf *terraform) importState(pair link.Pair, req *tfprotov6.ImportResourceStateRequest) (values, diagnostics) {
	tf.t.Helper()
	req.TypeName = typeOf(pair)
	resp, err := tf.server.ImportResourceState(tf.ctx, req)
	tf.noFault(err)
	found := diagnosticsOf(resp.Diagnostics)
	if len(resp.ImportedResources) == 0 {
		return nil, found
	}
	state := tf.decode(linkObjectOf(pair.Target), resp.ImportedResources[0].State)
	tf.wantIdentityOf(pair, state, resp.ImportedResources[0].Identity)
	return state, found
}

// wantIdentityOf holds that a state of a link of this kind has the identity that belongs
// to it.
func (tf *terraform) wantIdentityOf(pair link.Pair, state values, identity *tfprotov6.ResourceIdentityData) {
	tf.t.Helper()
	if state == nil {
		return
	}
	if identity == nil {
		tf.t.Errorf("the state has no resource identity")
		return
	}
	got := tf.decode(linkIdentityOf(pair.Target), identity.IdentityData)
	for _, name := range []string{kindOf(pair).attribute, "acs_user_id"} {
		if got[name] != state[name] {
			tf.t.Errorf("the resource identity says %s = %v, the state %v", name, got[name], state[name])
		}
	}
}

func (tf *terraform) noFault(err error) {
	tf.t.Helper()
	if err != nil {
		tf.t.Fatalf("the provider failed without a diagnostic: %s", err)
	}
}

// diagnostics are what a person reads.
type diagnostics []*tfprotov6.Diagnostic

func diagnosticsOf(found []*tfprotov6.Diagnostic) diagnostics { return found }

func (d diagnostics) errors() diagnostics { return d.of(tfprotov6.DiagnosticSeverityError) }

func (d diagnostics) of(severity tfprotov6.DiagnosticSeverity) diagnostics {
	return slices.DeleteFunc(slices.Clone(d), func(one *tfprotov6.Diagnostic) bool { return one.Severity != severity })
}

func (d diagnostics) String() string {
	var b strings.Builder
	for _, one := range d {
		b.WriteString(one.Severity.String() + ": " + one.Summary + "\n")
		if one.Attribute != nil {
			b.WriteString("  at " + one.Attribute.String() + "\n")
		}
		for line := range strings.Lines(one.Detail + "\n") {
			b.WriteString("  " + line)
		}
	}
	return b.String()
}

func (tf *terraform) wantNoErrors(found diagnostics) {
	tf.t.Helper()
	if errors := found.errors(); len(errors) > 0 {
		tf.t.Fatalf("unexpected errors:\n%s", errors)
	}
}

func (tf *terraform) wantNothingSaid(found diagnostics) {
	tf.t.Helper()
	if len(found) > 0 {
		tf.t.Errorf("unexpected diagnostics:\n%s", found)
	}
}

// wantOne holds that there is exactly one diagnostic, that it is an error or a
// warning as asked, and that it says all of this.
func (tf *terraform) wantOne(found diagnostics, severity tfprotov6.DiagnosticSeverity, said ...string) {
	tf.t.Helper()
	if len(found) != 1 || found[0].Severity != severity {
		tf.t.Errorf("want one %s, got:\n%s", severity, found)
		return
	}
	text := found.String()
	for _, want := range said {
		if !strings.Contains(text, want) {
			tf.t.Errorf("the diagnostic does not say %q:\n%s", want, text)
		}
	}
}

func (tf *terraform) wantError(found diagnostics, said ...string) {
	tf.t.Helper()
	tf.wantOne(found, tfprotov6.DiagnosticSeverityError, said...)
}

func (tf *terraform) wantWarning(found diagnostics, said ...string) {
	tf.t.Helper()
	tf.wantOne(found, tfprotov6.DiagnosticSeverityWarning, said...)
}
