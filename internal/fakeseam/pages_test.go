package fakeseam_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

func TestPages_stableWhileThingsComeAndGo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	want := []string{h.JaneSalto.ID, h.JohnSalto.ID, h.AmiraSalto.ID, h.FrontDesk.ID, h.JohnGarage.ID, h.WeiGarage.ID}

	params := body{"limit": 2, "page_cursor": nil}
	var got []string
	for page := 0; ; page++ {
		r := h.post("/acs/users/list", params)
		got = append(got, r.list("acs_users", "acs_user_id")...)
		switch page {
		case 0:
			h.s.DeleteACSUser(h.JaneSalto.ID)  // shown already: shifts nothing
			h.s.DeleteACSUser(h.JohnSalto.ID)  // the one that the cursor points behind
			h.s.DeleteACSUser(h.JaneGarage.ID) // not shown yet: never will be
		case 1:
			want = append(want, h.s.AddACSUser(h.Salto.ID, fakeseam.Person{FullName: "New One"}).ID)
		}
		if r.cursor() == nil {
			break
		}
		params["page_cursor"] = r.cursor()
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestPages_repeatTheFirstPagesFilters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.post("/acs/users/list", body{"acs_system_id": h.Salto.ID, "limit": 1})
	for _, params := range []body{{"limit": 1}, {"acs_system_id": h.Garage.ID, "limit": 1}, {"acs_system_id": h.Salto.ID, "limit": 2}} {
		params["page_cursor"] = first.cursor()
		h.post("/acs/users/list", params).wantError(400, "mismatched_page_parameters",
			"When using next_page_cursor, the request must send parameters identical to the initial request.")
	}
	second := h.post("/acs/users/list", body{"acs_system_id": h.Salto.ID, "limit": 1, "page_cursor": first.cursor()})
	if got := second.list("acs_users", "acs_user_id"); !slices.Equal(got, []string{h.JohnSalto.ID}) {
		t.Errorf("second page: %v", got)
	}
	// The link to the next page works as it stands.
	link := first.object()["pagination"].(body)["next_page_url"].(string)
	if got := h.do("GET", strings.TrimPrefix(link, h.run.URL), nil); got.text != second.text {
		t.Errorf("behind next_page_url: %s", got.text)
	}
}

func TestPages_lastPageAndCap(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	exact := h.post("/user_identities/list", body{"limit": 4})
	if p := exact.object()["pagination"].(body); p["has_next_page"] != false || p["next_page_url"] != nil || p["next_page_cursor"] != nil {
		t.Errorf("a full last page says %v", p)
	}
	h.s.SetMaxPageSize(3)
	capped := h.post("/user_identities/list", body{"limit": 400})
	if got := capped.list("user_identities", "user_identity_id"); len(got) != 3 || capped.cursor() == nil {
		t.Errorf("a capped page holds %d, cursor %v", len(got), capped.cursor())
	}
}
