package provider

import (
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// What all data sources have in common.

const listIdentitiesRoute = "/user_identities/list"

// dataSourceTypes are all data sources.
var dataSourceTypes = []string{"seam_acs_access_group", "seam_acs_access_groups", "seam_acs_system", "seam_acs_systems", "seam_acs_user", "seam_acs_users", "seam_user_identities", "seam_user_identity", "seam_workspace"}

// data validates and reads a data source, as Terraform does. It returns nil after an error.
func (tf *terraform) data(typeName string, config values) (values, diagnostics) {
	tf.t.Helper()
	object := tf.dataType(typeName)
	for name := range config {
		if object.AttributeTypes[name] == nil {
			tf.t.Fatalf("%s has no attribute %s", typeName, name)
		}
	}
	encoded := tf.encodeData(object, config)
	validated, err := tf.server.ValidateDataResourceConfig(tf.ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName, Config: encoded})
	tf.noFault(err)
	if found := diagnosticsOf(validated.Diagnostics); len(found.errors()) > 0 {
		return nil, found
	}
	resp, err := tf.server.ReadDataSource(tf.ctx, &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: encoded})
	tf.noFault(err)
	if found := diagnosticsOf(resp.Diagnostics); len(found.errors()) > 0 {
		return nil, found
	}
	value, err := resp.State.Unmarshal(object)
	tf.noFault(err)
	state, _ := tf.plain(value).(values)
	for name, written := range config {
		if !reflect.DeepEqual(state[name], written) {
			tf.t.Errorf("%s: %s is %v, and %v in the configuration", typeName, name, state[name], written)
		}
	}
	return state, diagnosticsOf(resp.Diagnostics)
}

func (tf *terraform) dataType(typeName string) tftypes.Object {
	tf.t.Helper()
	schema, err := tf.server.GetProviderSchema(tf.ctx, &tfprotov6.GetProviderSchemaRequest{})
	tf.noFault(err)
	object, ok := schema.DataSourceSchemas[typeName].ValueType().(tftypes.Object)
	if !ok {
		tf.t.Fatalf("there is no data source %s", typeName)
	}
	return object
}

func (tf *terraform) encodeData(object tftypes.Object, config values) *tfprotov6.DynamicValue {
	tf.t.Helper()
	attributes := map[string]tftypes.Value{}
	for name, typ := range object.AttributeTypes {
		switch got := config[name].(type) {
		case unknownValue:
			attributes[name] = tftypes.NewValue(typ, tftypes.UnknownValue)
		case []any:
			elements := []tftypes.Value{}
			for _, element := range got {
				elements = append(elements, tftypes.NewValue(tftypes.String, element))
			}
			attributes[name] = tftypes.NewValue(typ, elements)
		default:
			attributes[name] = tftypes.NewValue(typ, got)
		}
	}
	encoded, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, attributes))
	tf.noFault(err)
	return &encoded
}

// plain converts a value to values, []any, string, bool, int, or nil for null.
func (tf *terraform) plain(value tftypes.Value) any {
	tf.t.Helper()
	if value.IsNull() {
		return nil
	}
	fill := func(into any) {
		tf.t.Helper()
		tf.noFault(value.As(into))
	}
	switch typ := value.Type(); {
	case typ.Is(tftypes.String):
		var text string
		fill(&text)
		return text
	case typ.Is(tftypes.Bool):
		var is bool
		fill(&is)
		return is
	case typ.Is(tftypes.Number):
		var number *big.Float
		fill(&number)
		whole, _ := number.Int64()
		return int(whole)
	case typ.Is(tftypes.Object{}):
		var attributes map[string]tftypes.Value
		fill(&attributes)
		plain := values{}
		for name, attribute := range attributes {
			plain[name] = tf.plain(attribute)
		}
		return plain
	default:
		var elements []tftypes.Value
		fill(&elements)
		plain := []any{}
		for _, element := range elements {
			plain = append(plain, tf.plain(element))
		}
		return plain
	}
}

// wantData fails the test unless the attributes have these values.
func (tf *terraform) wantData(state, want values) {
	tf.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got, there := state[name]; !there || !reflect.DeepEqual(got, want[name]) {
			tf.t.Errorf("%s is %#v, want %#v", name, got, want[name])
		}
	}
}

// wantNotSaid fails the test if the diagnostics say any of this.
func (tf *terraform) wantNotSaid(found diagnostics, unsaid ...string) {
	tf.t.Helper()
	for _, text := range unsaid {
		if strings.Contains(found.String(), text) {
			tf.t.Errorf("the diagnostics say %q:\n%s", text, found)
		}
	}
}

// anyLookup is a configuration of each data source that sends a request.
func (w *world) anyLookup(typeName string) values {
	return map[string]values{
		"seam_acs_access_group": {"acs_system_id": w.system.ID, "name": "Staff"},
		"seam_acs_system":       {"name": "Salto HQ"},
		"seam_acs_user":         {"acs_system_id": w.system.ID, "email_address": "jane@example.com"},
		"seam_user_identity":    {"email_address": "jane@example.com"},
	}[typeName]
}

func TestDataSources_registered(t *testing.T) {
	t.Parallel()
	tf := newWorld(t).terraform()
	schema, err := tf.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	tf.noFault(err)
	if got := slices.Sorted(maps.Keys(schema.DataSourceSchemas)); !slices.Equal(got, dataSourceTypes) {
		t.Errorf("the data sources are %v, and the tests know %v", got, dataSourceTypes)
	}
	for name, data := range schema.DataSourceSchemas {
		if !strings.HasSuffix(data.Block.Description, ".") {
			t.Errorf("%s is not described in whole sentences", name)
		}
		described(t, name, data.Block.Attributes)
	}
}

func described(t *testing.T, name string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, attribute := range attributes {
		if !strings.HasSuffix(attribute.Description, ".") {
			t.Errorf("%s.%s is not described in whole sentences: %q", name, attribute.Name, attribute.Description)
		}
		if attribute.Sensitive || strings.Contains(attribute.Name, "publishable") || strings.Contains(attribute.Name, "secret") {
			t.Errorf("%s.%s is a secret, which must not be in state", name, attribute.Name)
		}
		if attribute.NestedType != nil {
			described(t, name+"."+attribute.Name, attribute.NestedType.Attributes)
		}
	}
}

// Without the provider's configuration, no request can be sent.
func TestDataSources_unconfigured(t *testing.T) {
	t.Parallel()
	for _, typeName := range dataSourceTypes {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tf := w.terraformWith(values{"endpoint": w.url, "api_key": unknown})
			state, found := tf.data(typeName, w.anyLookup(typeName))
			tf.wantError(found, "The provider configuration is not known yet")
			if state != nil {
				t.Errorf("state is %v", state)
			}
			w.wantNoRequests()
		})
	}
}

// With an API key, workspace_id is a safeguard, for lookups too.
func TestDataSources_wrongWorkspace(t *testing.T) {
	t.Parallel()
	for _, typeName := range dataSourceTypes {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tf := w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "workspace_id": strangeID})
			_, found := tf.data(typeName, w.anyLookup(typeName))
			tf.wantError(found, "Cannot read", "workspace "+strangeID, w.workspace.ID)
			if all, asked := w.Count(""), w.Count(getWorkspace); all != 1 || asked != 1 {
				t.Errorf("%d requests, %d for the workspace; want that one alone", all, asked)
			}
		})
	}
}

func TestDataSources_aMissCostsTwoRequests(t *testing.T) {
	t.Parallel()
	for typeName, lookups := range map[string]func(w *world) []values{
		"seam_acs_system": func(*world) []values { return []values{{"name": "Lobby"}, {"acs_system_id": strangeID}} },
		"seam_acs_user": func(w *world) []values {
			return []values{
				{"acs_user_id": strangeID},
				{"acs_system_id": w.system.ID, "email_address": "Unknown@example.com"},
				{"acs_system_id": w.system.ID, "phone_number": "+15555550109"},
				{"acs_system_id": w.system.ID, "full_name": "José García"},
				{"acs_system_id": w.garage.ID, "user_identity_id": w.johnID.ID},
				{"acs_system_id": w.system.ID, "user_identity_id": strangeID},
				{"acs_system_id": strangeID, "full_name": "Jane Doe"},
			}
		},
		"seam_user_identity": func(*world) []values {
			return []values{{"user_identity_id": strangeID}, {"user_identity_key": "unknown"}, {"email_address": "Unknown@example.com"}, {"phone_number": "+15555550109"}}
		},
	} {
		w := newWorld(t)
		for _, config := range lookups(w) {
			w.ResetRequests()
			tf := w.terraform()
			_, found := tf.data(typeName, config)
			tf.wantError(found, "No ")
			if n := w.Count(""); n > 2 {
				t.Errorf("%s %v: %d requests, want two at most", typeName, config, n)
			}
		}
	}
}

// The requests of one read share one retry_timeout, except for the pages of a list.
func TestDataSources_oneRetryBudget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// One wait of 40 s fits into retry_timeout, two do not.
	for _, route := range []string{"/workspaces/get", getUserRoute} {
		w.Inject(fakeseam.Fault{Route: route, Times: 1, Status: 503, Header: map[string]string{"Retry-After": "40"}})
	}
	tf := w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "workspace_id": w.workspace.ID, "retry_timeout": "60s"})
	_, found := tf.data("seam_acs_user", values{"acs_user_id": w.jane.ID})
	tf.wantError(found, "Cannot read ACS user", "503")
}
