package provider

import (
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const acsSystemType = "seam_acs_system"

func TestACSSystem_allAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const system = `"acs_system_id": "20000000-0000-4000-8000-000000000002", "name": "Salto HQ", "external_type": "salto_ks_site",
		"external_type_display_name": "Salto KS site", "workspace_id": "30000000-0000-4000-8000-000000000003",
		"connected_account_id": "40000000-0000-4000-8000-000000000004", "created_at": "2025-01-06T08:00:01.007Z", "is_credential_manager": true,
		"errors": [{"error_code": "account_disconnected", "message": "It was disconnected.", "created_at": "2025-01-07T08:00:00.000Z"}],
		"warnings": [{"warning_code": "setup_required", "message": "Set it up.", "created_at": "2025-01-08T08:00:00.000Z"}]`
	w.Inject(fakeseam.Fault{Route: "/acs/systems/get", Times: 1, Body: `{"ok":true,"acs_system":{` + system + `,"acs_user_count":3}}`})
	w.Inject(fakeseam.Fault{Route: "/acs/systems/get", Times: 1, Body: `{"ok":true,"acs_system":{` + system + `}}`})
	tf := w.terraform()
	for _, count := range []any{3, nil} { // not always reported by Seam
		state, found := tf.data(acsSystemType, values{"acs_system_id": "20000000-0000-4000-8000-000000000002"})
		tf.wantNothingSaid(found)
		tf.wantData(state, values{
			"name": "Salto HQ", "external_type": "salto_ks_site", "external_type_display_name": "Salto KS site",
			"workspace_id": "30000000-0000-4000-8000-000000000003", "connected_account_id": "40000000-0000-4000-8000-000000000004",
			"created_at": "2025-01-06T08:00:01.007Z", "is_credential_manager": true, "acs_user_count": count,
			"errors":   []any{values{"error_code": "account_disconnected", "message": "It was disconnected.", "created_at": "2025-01-07T08:00:00.000Z"}},
			"warnings": []any{values{"warning_code": "setup_required", "message": "Set it up.", "created_at": "2025-01-08T08:00:00.000Z"}},
		})
	}
}

func TestACSSystem_found(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	accented := w.AddSystem(w.workspace.ID, "Cafe\u0301 \"Zoë\" 🏢", "salto_ks_site") // decomposed
	w.AddSystem(w.workspace.ID, "Salto HQ 2", "salto_ks_site")
	tf := w.terraform()
	for _, test := range []struct{ attribute, value, want string }{
		{"acs_system_id", w.system.ID, w.system.ID},
		{"acs_system_id", strings.ToUpper(w.system.ID), strings.ToUpper(w.system.ID)},
		{"name", "Salto HQ", w.system.ID},
		{"name", " Salto HQ ", w.system.ID},
		{"name", "Café \"Zoë\" 🏢", accented.ID},
	} {
		state, found := tf.data(acsSystemType, values{test.attribute: test.value})
		tf.wantNothingSaid(found)
		tf.wantData(state, values{"acs_system_id": test.want, "workspace_id": w.workspace.ID})
	}
	if n := w.Count(""); n != 5 {
		t.Errorf("%d requests for 5 lookups", n)
	}
}

func TestACSSystem_notFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := w.AddSystem(w.workspace.ID, "Salto HQ", "brivo_account")
	foreign := w.AddSystem(w.AddWorkspace("Elsewhere").ID, "Lobby", "salto_ks_site")
	tf := w.terraform()

	_, found := tf.data(acsSystemType, values{"acs_system_id": foreign.ID})
	tf.wantError(found, "No access system "+foreign.ID, `AttributeName("acs_system_id")`, "Harbour House", w.workspace.ID)

	_, found = tf.data(acsSystemType, values{"name": "salto hq"})
	tf.wantError(found, `No access system with name "salto hq"`, `AttributeName("name")`, "Harbour House", "There are:",
		w.system.ID, w.garage.ID, second.ID, "including case")
	tf.wantNotSaid(found, foreign.ID)

	_, found = tf.data(acsSystemType, values{"name": "Salto HQ"})
	tf.wantError(found, `Several access systems with name "Salto HQ"`, `AttributeName("name")`, "Harbour House", w.system.ID, second.ID, "Brivo")
	tf.wantNotSaid(found, w.garage.ID)

	_, found = tf.data(acsSystemType, values{})
	tf.wantError(found, "Exactly one of these attributes must be configured: [acs_system_id,name]")
	_, found = tf.data(acsSystemType, values{"acs_system_id": w.system.ID, "name": "Salto HQ"})
	tf.wantError(found, "Exactly one of these attributes must be configured: [acs_system_id,name]")
	_, found = tf.data(acsSystemType, values{"name": " "})
	tf.wantError(found, "must not be blank")
}
