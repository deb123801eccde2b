package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const (
	identityType        = "seam_user_identity"
	acsUserRecordType   = "seam_acs_user"
	createIdentityRoute = "/user_identities/create"
	updateIdentityRoute = "/user_identities/update"
	deleteIdentityRoute = "/user_identities/delete"
	createUserRoute     = "/acs/users/create"
	updateUserRoute     = "/acs/users/update"
	deleteUserRoute     = "/acs/users/delete"
	suspendRoute        = "/acs/users/suspend"
	unsuspendRoute      = "/acs/users/unsuspend"
)

// resourceBlock is one resource of a configuration, and what a CLI keeps of it from
// command to command.
type resourceBlock struct {
	*terraform
	typeName         string
	object, identity tftypes.Object
	state            values
	private          []byte // of the state
	tainted          bool
}

func (tf *terraform) block(typeName string) *resourceBlock {
	tf.t.Helper()
	schemas, err := tf.server.GetProviderSchema(tf.ctx, &tfprotov6.GetProviderSchemaRequest{})
	tf.noFault(err)
	object, ok := schemas.ResourceSchemas[typeName].ValueType().(tftypes.Object)
	if !ok {
		tf.t.Fatalf("there is no resource %s", typeName)
	}
	return &resourceBlock{terraform: tf, typeName: typeName, object: object, identity: objectOf(map[string]string{identityType: "user_identity_id", acsUserRecordType: "acs_user_id"}[typeName])}
}

// in is the same block in another command, which is a process of its own.
func (b *resourceBlock) in(tf *terraform) *resourceBlock {
	again := *b
	again.terraform = tf
	return &again
}

func (b *resourceBlock) id() string {
	for name := range b.identity.AttributeTypes {
		id, _ := b.state[name].(string)
		return id
	}
	return ""
}

// validate, plan and apply do what a CLI does to bring the block to a configuration, nil
// for none.
func (b *resourceBlock) validate(config values) diagnostics {
	b.t.Helper()
	resp, err := b.server.ValidateResourceConfig(b.ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: b.typeName, Config: b.value(config)})
	b.noFault(err)
	return diagnosticsOf(resp.Diagnostics)
}

// plan plans from the prior state; a block that is tainted or replaced is planned once
// more, from nothing.
func (b *resourceBlock) plan(config values) (planned values, replaced bool, found diagnostics) {
	b.t.Helper()
	prior := b.state
	if b.tainted && config != nil {
		prior = nil
	}
	planned, replaced, found = b.planFrom(prior, config)
	if replaced && prior != nil && len(found.errors()) == 0 {
		planned, _, _ = b.planFrom(nil, config)
	}
	return planned, replaced || b.tainted, found
}

func (b *resourceBlock) planFrom(prior, config values) (values, bool, diagnostics) {
	b.t.Helper()
	proposed := config
	if config != nil {
		proposed = values{}
		for name := range b.object.AttributeTypes {
			if b.isComputed(name) {
				proposed[name] = prior[name]
				if prior == nil {
					proposed[name] = unknown
				}
			}
		}
		maps.Copy(proposed, config)
	}
	resp, err := b.server.PlanResourceChange(b.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: b.typeName, PriorState: b.value(prior), ProposedNewState: b.value(proposed), Config: b.value(config),
		PriorIdentity: b.identityOf(prior),
	})
	b.noFault(err)
	return b.values(resp.PlannedState), len(resp.RequiresReplace) > 0, diagnosticsOf(resp.Diagnostics)
}

func (b *resourceBlock) isComputed(name string) bool {
	switch name {
	case "user_identity_id":
		return b.typeName == identityType
	case "acs_user_id", "display_name", "external_type", "workspace_id", "force_destroy", "is_suspended":
		return true
	default:
		return false
	}
}

// refresh reads the block, unless it is not in state.
func (b *resourceBlock) refresh() diagnostics {
	b.t.Helper()
	if b.state == nil {
		return nil
	}
	resp, err := b.server.ReadResource(b.ctx, &tfprotov6.ReadResourceRequest{TypeName: b.typeName, CurrentState: b.value(b.state), CurrentIdentity: b.identityOf(b.state), Private: b.private})
	b.noFault(err)
	if found := diagnosticsOf(resp.Diagnostics); len(found.errors()) > 0 {
		return found
	}
	b.state, b.private = b.values(resp.NewState), resp.Private
	if b.state == nil {
		b.tainted = false
	}
	return diagnosticsOf(resp.Diagnostics)
}

// apply plans and applies. Errors of an earlier step end it.
func (b *resourceBlock) apply(config values) diagnostics {
	b.t.Helper()
	planned, replaced, found := b.plan(config)
	if len(found.errors()) > 0 {
		return found
	}
	if b.state != nil && (replaced || config == nil) {
		if found := b.change(nil, nil); config == nil || len(found.errors()) > 0 {
			return found
		}
	}
	if config == nil {
		return nil
	}
	return append(found, b.change(planned, config)...)
}

// command refreshes, plans and applies, as a CLI does.
func (b *resourceBlock) command(config values) diagnostics {
	b.t.Helper()
	if found := b.refresh(); len(found.errors()) > 0 {
		return found
	}
	return b.apply(config)
}

// change applies one plan, nil to destroy.
func (b *resourceBlock) change(planned, config values) diagnostics {
	b.t.Helper()
	created := b.state == nil
	if created {
		b.private = nil
	}
	resp, err := b.server.ApplyResourceChange(b.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: b.typeName, PriorState: b.value(b.state), PlannedState: b.value(planned), Config: b.value(config), PlannedIdentity: b.identityOf(b.state), PlannedPrivate: b.private,
	})
	b.noFault(err)
	found := diagnosticsOf(resp.Diagnostics)
	b.state, b.private = b.values(resp.NewState), resp.Private
	b.tainted = b.state != nil && created && len(found.errors()) > 0
	if len(found.errors()) == 0 {
		for name, want := range planned { // else Terraform says that the provider is wrong
			if _, nested := want.(values); !nested && want != unknown && b.state[name] != want {
				b.t.Errorf("%s was planned as %v, and is %v", name, want, b.state[name])
			}
		}
	}
	return found
}

// imports by ID, or by identity.
func (b *resourceBlock) imports(id string, byIdentity bool) diagnostics {
	b.t.Helper()
	req := &tfprotov6.ImportResourceStateRequest{TypeName: b.typeName, ID: id}
	if byIdentity {
		req.ID = ""
		for name := range b.identity.AttributeTypes {
			req.Identity = b.identityOf(values{name: id})
		}
	}
	resp, err := b.server.ImportResourceState(b.ctx, req)
	b.noFault(err)
	if len(resp.ImportedResources) > 0 {
		b.state = b.values(resp.ImportedResources[0].State)
	}
	return diagnosticsOf(resp.Diagnostics)
}

// wantPlanEmpty holds that the block needs no change.
func (b *resourceBlock) wantPlanEmpty(config values) {
	b.t.Helper()
	planned, replaced, found := b.plan(config)
	b.wantNothingSaid(found)
	if replaced || !sameValues(planned, b.state) {
		b.t.Errorf("the plan is %v (replaced: %t), want no change from %v", planned, replaced, b.state)
	}
}

func sameValues(a, b values) bool {
	return maps.EqualFunc(a, b, func(a, b any) bool {
		if nested, ok := a.(values); ok {
			other, ok := b.(values)
			return ok && sameValues(nested, other)
		}
		return a == b
	})
}

func (b *resourceBlock) identityOf(state values) *tfprotov6.ResourceIdentityData {
	for name := range b.identity.AttributeTypes {
		if state[name] != nil {
			return &tfprotov6.ResourceIdentityData{IdentityData: b.encode(b.identity, values{name: state[name]})}
		}
	}
	return nil
}

func (b *resourceBlock) value(v values) *tfprotov6.DynamicValue {
	b.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(b.object, valueOf(b.object, v))
	b.noFault(err)
	return &encoded
}

func valueOf(typ tftypes.Type, v any) tftypes.Value {
	object, isObject := typ.(tftypes.Object)
	given, _ := v.(values)
	switch {
	case v == unknown:
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	case !isObject:
		return tftypes.NewValue(typ, v)
	case given == nil:
		return tftypes.NewValue(typ, nil)
	}
	attributes := map[string]tftypes.Value{}
	for name, typ := range object.AttributeTypes {
		attributes[name] = valueOf(typ, given[name])
	}
	return tftypes.NewValue(typ, attributes)
}

// values decodes an object: with every attribute, null as nil.
func (b *resourceBlock) values(encoded *tfprotov6.DynamicValue) values {
	b.t.Helper()
	value, err := encoded.Unmarshal(b.object)
	b.noFault(err)
	decoded, _ := b.known(value).(values)
	return decoded
}

func (b *resourceBlock) known(value tftypes.Value) any {
	b.t.Helper()
	switch {
	case !value.IsKnown():
		return unknown
	case value.IsNull() || !value.Type().Is(tftypes.Object{}):
		return b.plain(value)
	}
	var attributes map[string]tftypes.Value
	b.noFault(value.As(&attributes))
	decoded := values{}
	for name, attribute := range attributes {
		decoded[name] = b.known(attribute)
	}
	return decoded
}

// made counts what requests created and did not delete, and what they created, of one kind.
func (w *world) made(kind fakeseam.ObjectKind) (left []string, created int) {
	there := map[string]bool{}
	for _, change := range w.ObjectChanges() {
		if change.Kind != kind || change.Route == "" {
			continue
		}
		switch change.Action {
		case fakeseam.Created:
			created++
			there[change.ID] = true
		case fakeseam.Deleted:
			delete(there, change.ID)
		case fakeseam.Updated, fakeseam.Merged, fakeseam.Linked, fakeseam.Unlinked:
		}
	}
	for id := range there {
		left = append(left, id)
	}
	return left, created
}
