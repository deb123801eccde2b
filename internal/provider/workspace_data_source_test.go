package provider

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

func TestWorkspace_allAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(fakeseam.Fault{Route: getWorkspace, Body: `{"ok":true,"workspace":{
		"workspace_id": "30000000-0000-4000-8000-000000000003", "name": "Harbour House", "company_name": "Harbour Ltd",
		"connect_partner_name": "Harbour Apps", "is_sandbox": true, "is_suspended": true, "publishable_key": "seam_pk_secret"}}`})
	tf := w.terraform()
	state, found := tf.data("seam_workspace", nil)
	tf.wantNothingSaid(found)
	want := values{
		"workspace_id": "30000000-0000-4000-8000-000000000003", "name": "Harbour House", "company_name": "Harbour Ltd",
		"connect_partner_name": "Harbour Apps", "is_sandbox": true, "is_suspended": true,
	}
	tf.wantData(state, want)
	for attribute := range state {
		if _, ok := want[attribute]; !ok {
			t.Errorf("the test does not check the attribute %s", attribute)
		}
	}
	if text, err := json.Marshal(state); err != nil || strings.Contains(string(text), "seam_pk") {
		t.Errorf("state holds the publishable key: %s (%v)", text, err)
	}
}

// The safeguard and the data source share one read of the workspace.
func TestWorkspace_readOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "workspace_id": w.workspace.ID})
	for range 2 {
		state, found := tf.data("seam_workspace", nil)
		tf.wantNothingSaid(found)
		tf.wantData(state, values{"name": "Harbour House"})
	}
	if n := w.Count(""); n != 1 {
		t.Errorf("%d requests, want one", n)
	}
}
