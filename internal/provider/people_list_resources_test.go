package provider

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// query lists what a block's type is, as terraform query does.
func (b *resourceBlock) query(q query) []listed {
	b.t.Helper()
	config := objectOf("search")
	if b.typeName == acsUserRecordType {
		config = objectOf("search", "acs_system_id")
	}
	if q.config == nil {
		q.config = values{}
	}
	stream, err := b.server.(tfprotov6.ListResourceServer).ListResource(b.ctx, &tfprotov6.ListResourceRequest{
		TypeName: b.typeName, Config: b.encode(config, q.config), Limit: q.limit, IncludeResource: q.includeResource,
	})
	b.noFault(err)
	var found []listed
	for result := range stream.Results {
		one := listed{displayName: result.DisplayName, said: diagnosticsOf(result.Diagnostics)}
		if result.Resource != nil {
			one.resource = b.values(result.Resource)
		}
		if result.Identity != nil {
			one.identity = b.decode(b.identity, result.Identity.IdentityData)
		}
		found = append(found, one)
		if q.stopAfter == len(found) {
			break
		}
	}
	return found
}

// wantFound holds that these records were found, in this order, and nothing was said.
func (b *resourceBlock) wantFound(found []listed, ids ...string) {
	b.t.Helper()
	var got []string
	for _, one := range found {
		b.wantNothingSaid(one.said)
		for _, id := range one.identity {
			got = append(got, fmt.Sprint(id))
		}
	}
	if !slices.Equal(got, ids) {
		b.t.Errorf("found %q, want %q", got, ids)
	}
}

func TestList_userIdentities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.AddUserIdentity(w.workspace.ID, fakeseam.Person{Key: "ann", PhoneNumber: "+15555550177"})
	w.MarkUserIdentityBeingDeleted(w.AddUserIdentity(w.workspace.ID, fakeseam.Person{FullName: "Leaving"}).ID)
	w.AddUserIdentity(w.AddWorkspace("Elsewhere").ID, fakeseam.Person{FullName: "Elsewhere"})
	w.Link(w.janeID.ID, w.jane.ID)
	block := w.terraform().block(identityType)
	found := block.query(query{includeResource: true})
	block.wantFound(found, w.janeID.ID, w.johnID.ID, ann.ID)
	for n, want := range []string{"Jane Doe (jane@example.com)", "John Smith (john@example.com)", "+15555550177"} {
		if found[n].displayName != want {
			t.Errorf("the display name is %q, want %q", found[n].displayName, want)
		}
	}
	block.wantFound(block.query(query{config: values{"search": "JOHN"}}), w.johnID.ID)
	for _, one := range found { // what is found is what an import makes of it
		imported := w.terraform().block(identityType)
		imported.wantNothingSaid(imported.imports(one.identity["user_identity_id"].(string), true))
		if !sameValues(imported.state, one.resource) {
			t.Errorf("listed %v, imported %v", one.resource, imported.state)
		}
	}
}

func TestList_acsUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garage := w.AddACSUser(w.garage.ID, fakeseam.Person{FullName: "Ann Lee", PhoneNumber: "+15555550177"})
	w.MarkACSUserBeingDeleted(w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "Leaving"}).ID)
	w.Link(w.janeID.ID, w.jane.ID)
	block := w.terraform().block(acsUserRecordType)
	found := block.query(query{includeResource: true})
	block.wantFound(found, w.jane.ID, w.john.ID, garage.ID)
	if got, want := found[2].displayName, "Ann Lee in Visionline Garage (+15555550177)"; got != want {
		t.Errorf("the display name is %q, want %q", got, want)
	}
	block.wantFound(block.query(query{config: values{"search": "ann"}}), garage.ID)
	block.wantFound(block.query(query{config: values{"acs_system_id": w.garage.ID}}), garage.ID)
	block.wantFound(block.query(query{config: values{"acs_system_id": w.garage.ID, "search": "john"}}))
	for _, one := range found {
		imported := w.terraform().block(acsUserRecordType)
		imported.wantNothingSaid(imported.imports(one.identity["acs_user_id"].(string), false))
		if !sameValues(imported.state, one.resource) {
			t.Errorf("listed %v, imported %v", one.resource, imported.state)
		}
	}
}

// Results stream page by page, and no page is fetched without need.
func TestList_peopleStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetMaxPageSize(10)
	w.crowd(40, false)
	for typeName, route := range map[string]string{identityType: listIdentitiesRoute, acsUserRecordType: listUsersRoute} {
		block := w.terraform().block(typeName)
		for _, test := range []struct {
			query     query
			found, at int // results, and requests at most
		}{{query{}, 42, 5}, {query{limit: 15}, 15, 2}, {query{stopAfter: 3}, 3, 1}, {query{limit: 1}, 1, 1}} {
			w.ResetRequests()
			found := block.query(test.query)
			if len(found) != test.found || w.Count(route) > test.at {
				t.Errorf("%s: %d results with %d requests, want %d with %d", typeName, len(found), w.Count(route), test.found, test.at)
			}
			if found[0].resource != nil {
				t.Error("the resource was not asked for")
			}
		}
		w.Inject(fakeseam.Fault{Route: route, Skip: 1, Status: 403})
		found := block.query(query{})
		block.wantError(found[len(found)-1].said, "Cannot list ", "403")
		if len(found) != 11 {
			t.Errorf("%s: %d results, want ten and an error", typeName, len(found))
		}
		w.ClearFaults()
	}
}

func TestACSSystemsDataSource_lists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	state, found := w.terraform().data("seam_acs_systems", values{})
	tf := w.terraform()
	tf.wantNothingSaid(found)
	systems, _ := state["acs_systems"].([]any)
	if len(systems) != 2 {
		t.Fatalf("there are %v", systems)
	}
	for n, want := range []fakeseam.System{w.system, w.garage} {
		one, _ := systems[n].(values)
		tf.wantData(one, values{"acs_system_id": want.ID, "name": want.Name, "external_type": want.ExternalType})
	}
	one, _ := systems[1].(values)
	state, found = tf.data("seam_acs_systems", values{"connected_account_id": one["connected_account_id"]})
	tf.wantNothingSaid(found)
	if only, _ := state["acs_systems"].([]any); len(only) != 1 {
		t.Errorf("of one account there are %v", only)
	}
	state, found = tf.data("seam_acs_systems", values{"connected_account_id": strangeID})
	tf.wantNothingSaid(found)
	if none, _ := state["acs_systems"].([]any); len(none) != 0 {
		t.Errorf("of no account there are %v", none)
	}
}
