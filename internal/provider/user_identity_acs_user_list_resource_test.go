package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

const listSystemsRoute = "/acs/systems/list"

var listObject = objectOf("acs_system_id", "user_identity_id")

// query is what terraform query asks for.
type query struct {
	kind            *kindOfLink // of links; nil for those to user identities
	config          values
	limit           int64
	includeResource bool
	each            func() // called after each result
	stopAfter       int    // results, if not 0: then nobody listens any more
}

// listed is one result of a query.
type listed struct {
	displayName        string
	identity, resource values
	said               diagnostics
}

func (l listed) pair() link.Pair {
	return pairOf(l.identity)
}

func (tf *terraform) query(q query) []listed {
	tf.t.Helper()
	if q.config == nil {
		q.config = values{}
	}
	kind := cmp.Or(q.kind, linksToIdentities)
	stream, err := tf.server.(tfprotov6.ListResourceServer).ListResource(tf.ctx, &tfprotov6.ListResourceRequest{
		TypeName: "seam_" + kind.typeName, Config: tf.encode(objectOf("acs_system_id", kind.attribute), q.config), Limit: q.limit, IncludeResource: q.includeResource,
	})
	tf.noFault(err)
	var found []listed
	for result := range stream.Results {
		one := listed{displayName: result.DisplayName, resource: tf.decode(linkObjectOf(kind.target), result.Resource), said: diagnosticsOf(result.Diagnostics)}
		if result.Identity != nil {
			one.identity = tf.decode(linkIdentityOf(kind.target), result.Identity.IdentityData)
		}
		found = append(found, one)
		if q.each != nil {
			q.each()
		}
		if q.stopAfter == len(found) {
			break
		}
	}
	return found
}

// wantListed holds that these links were found, in this order, and nothing else
// was said.
func (tf *terraform) wantListed(found []listed, want ...link.Pair) {
	tf.t.Helper()
	var got []link.Pair
	for _, one := range found {
		tf.wantNothingSaid(one.said)
		got = append(got, one.pair())
	}
	if !slices.Equal(got, want) {
		tf.t.Errorf("found %d links, want %d\ngot:  %v\nwant: %v", len(got), len(want), got, want)
	}
}

// wantEndsInError holds that these links were found before the error that ends
// the query.
func (tf *terraform) wantEndsInError(found []listed, before []link.Pair, said ...string) {
	tf.t.Helper()
	if len(found) == 0 {
		tf.t.Fatal("nothing was found, and no error said")
	}
	last := found[len(found)-1]
	tf.wantListed(found[:len(found)-1], before...)
	tf.wantError(last.said, said...)
	if last.identity != nil {
		tf.t.Errorf("the error comes with a link: %v", last.identity)
	}
}

// linkPeople adds so many people to the access system, every third one without a
// link, and returns the links in the order in which Seam lists them.
func (w *world) linkPeople(n int) []link.Pair {
	var pairs []link.Pair
	for i := range n {
		person := fakeseam.Person{FullName: fmt.Sprintf("Person %d", i)}
		user := w.AddACSUser(w.system.ID, person)
		if i%3 == 2 {
			continue
		}
		pair := link.ToIdentity(w.AddUserIdentity(w.workspace.ID, person).ID, user.ID)
		w.Link(pair.TargetID, pair.ACSUserID)
		pairs = append(pairs, pair)
	}
	return pairs
}

// janeInGarage links Jane's identity in the second access system too.
func (w *world) janeInGarage() link.Pair {
	user := w.AddACSUser(w.garage.ID, fakeseam.Person{FullName: "Doe, Jane"})
	w.Link(w.janeID.ID, user.ID)
	return link.ToIdentity(w.janeID.ID, user.ID)
}

func TestList_links(t *testing.T) {
	t.Parallel()
	for _, as := range []fakeseam.UnlinkedAs{fakeseam.UnlinkedAbsent, fakeseam.UnlinkedNull, fakeseam.UnlinkedEmpty} {
		t.Run(as.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t) // John is not linked
			w.SetUnlinkedAs(as)
			w.Link(w.janeID.ID, w.jane.ID)
			garage := w.janeInGarage()
			tf := w.terraform()
			found := tf.query(query{})
			tf.wantListed(found, w.janesLink(), garage)
			for i, want := range []string{"Jane Doe in Salto HQ (jane@example.com)", "Doe, Jane in Visionline Garage (jane@example.com)"} {
				if found[i].displayName != want {
					t.Errorf("the display name is %q, want %q", found[i].displayName, want)
				}
			}
			if n := w.Count(listSystemsRoute); n != 1 {
				t.Errorf("the access systems were asked for %d times, want once", n)
			}
			w.wantNoWrites()
		})
	}
}

func TestList_nothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	tf.wantListed(tf.query(query{}))
	if n := w.Count(listSystemsRoute); n != 0 {
		t.Errorf("the access systems were asked for %d times, although there is nothing to name", n)
	}
}

// What a query finds is what an import makes of it.
func TestList_includeResource(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.link(w.janesLink())
		tf := w.terraform()
		found := tf.query(query{kind: w.kind, includeResource: true})
		tf.wantListed(found, w.janesLink())
		imported, said := tf.importByIdentity(found[0].pair())
		tf.wantNothingSaid(said)
		for name, want := range imported {
			if got := found[0].resource[name]; got != want {
				w.t.Errorf("%s is %v, and %v after an import", name, got, want)
			}
		}
		if len(found[0].resource) != len(imported) || len(imported) != 4 {
			w.t.Errorf("the resource is %v, and %v after an import", found[0].resource, imported)
		}
	})
}

func TestList_filters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	w.Link(w.johnID.ID, w.john.ID)
	jane, john, garage := w.janesLink(), link.ToIdentity(w.johnID.ID, w.john.ID), w.janeInGarage()
	tf := w.terraform()
	for name, test := range map[string]struct {
		config values
		want   []link.Pair
	}{
		"none":                {values{}, []link.Pair{jane, john, garage}},
		"access system":       {values{"acs_system_id": w.system.ID}, []link.Pair{jane, john}},
		"user identity":       {values{"user_identity_id": w.janeID.ID}, []link.Pair{jane, garage}},
		"in upper case":       {values{"user_identity_id": strings.ToUpper(w.janeID.ID), "acs_system_id": strings.ToUpper(w.garage.ID)}, []link.Pair{garage}},
		"both, with no links": {values{"user_identity_id": w.johnID.ID, "acs_system_id": w.garage.ID}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := &terraform{t: t, server: tf.server, ctx: t.Context()}
			tf.wantListed(tf.query(query{config: test.config}), test.want...)
		})
	}
}

// After a merge, ACS users point to the primary identity: that is the id to
// import, whichever of the two ids is asked for.
func TestList_mergedIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	w.MergeUserIdentities(w.johnID.ID, w.janeID.ID)
	want := link.ToIdentity(w.johnID.ID, w.jane.ID)
	tf := w.terraform()
	tf.wantListed(tf.query(query{}), want)
	tf.wantListed(tf.query(query{config: values{"user_identity_id": w.johnID.ID}}), want)
	tf.wantListed(tf.query(query{config: values{"user_identity_id": w.janeID.ID}}), want)
	if body := string(w.lastBody(listUsersRoute)); !strings.Contains(body, w.johnID.ID) {
		t.Errorf("Seam was asked for %s, want the primary identity %s", body, w.johnID.ID)
	}
}

// A filter that names nothing would find nothing, as if nobody were linked.
func TestList_filterNamesNothing(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.link(w.janesLink())
		tf := w.terraform()
		for attribute, thing := range map[string]link.Thing{"acs_system_id": accessSystem, w.kind.attribute: w.kind.target} {
			found := tf.query(query{kind: w.kind, config: values{attribute: strangeID}})
			tf.wantEndsInError(found, nil, fmt.Sprintf("no %s %s", thing, strangeID), "Harbour House", w.workspace.ID, attribute)
			if n := w.Count(w.kind.listRoute); n != 0 {
				w.t.Errorf("ACS users were listed %d times, want never", n)
			}
		}
	})
}

// Wherever pages end, every link is found once and in order.
func TestList_pages(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 3, 4, 11, 12, 13} {
		t.Run(fmt.Sprintf("of %d", size), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			want := w.linkPeople(10) // Jane and John come first: 12 ACS users in all
			w.SetMaxPageSize(size)
			tf := w.terraform()
			tf.wantListed(tf.query(query{}), want...)
			if got, want := w.Count(listUsersRoute), (12+size-1)/size; got != want {
				t.Errorf("%d pages were read, want %d", got, want)
			}
		})
	}
}

// userPage is a page of ACS users as Seam writes it, to answer in its place.
func (w *world) userPage(next string, pairs ...link.Pair) string {
	users := []map[string]string{}
	for _, pair := range pairs {
		users = append(users, map[string]string{
			"acs_user_id": pair.ACSUserID, "user_identity_id": pair.TargetID,
			"acs_system_id": w.system.ID, "workspace_id": w.workspace.ID, "display_name": "Somebody",
		})
	}
	body, err := json.Marshal(map[string]any{
		"ok": true, "acs_users": users, "pagination": map[string]any{"has_next_page": next != "", "next_page_cursor": next},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(body)
}

// pageThrough answers these pages one after another, and the last one for ever.
func (w *world) pageThrough(pages ...string) {
	for i, body := range pages {
		times := 1
		if i == len(pages)-1 {
			times = 0
		}
		w.Inject(fakeseam.Fault{Route: listUsersRoute, Times: times, Body: body})
	}
}

func TestList_oddPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	john := link.ToIdentity(w.johnID.ID, w.john.ID)
	w.pageThrough(
		w.userPage("a"), // an empty page is not the end
		w.userPage("b", w.janesLink()),
		w.userPage("c", w.janesLink(), john), // Jane again, as the list moved on
		w.userPage(""),
	)
	tf := w.terraform()
	tf.wantListed(tf.query(query{}), w.janesLink(), john)
}

// A list that never ends is an error, not an endless query.
func TestList_roundInCircles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pageThrough(
		w.userPage("a", w.janesLink()), w.userPage("b"), w.userPage("a"), w.userPage("b"), w.userPage("a"), w.userPage("b"), w.userPage(""),
	)
	tf := w.terraform()
	tf.wantEndsInError(tf.query(query{}), []link.Pair{w.janesLink()}, "in circles")
	if n := w.Count(listUsersRoute); n > 3 {
		t.Errorf("%d pages were read, want no more than 3", n)
	}
}

func TestList_limit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limit int64
		found int
		// per page is what Seam is asked for, and pages how often.
		perPage, pages int
	}{
		"none":           {0, 100, 500, 1},
		"1":              {1, 1, 50, 1},
		"all of a page":  {34, 34, 50, 1},
		"one more":       {35, 35, 50, 2},
		"just enough":    {100, 100, 100, 2},
		"more than many": {100_000, 100, 500, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.DeleteACSUser(w.jane.ID)
			w.DeleteACSUser(w.john.ID)
			all := w.linkPeople(149) // 100 links
			tf := w.terraform()
			tf.wantListed(tf.query(query{limit: test.limit}), all[:test.found]...)
			if n := w.Count(listUsersRoute); n != test.pages {
				t.Errorf("%d pages were read, want %d", n, test.pages)
			}
			for _, request := range w.Requests() {
				var body struct{ Limit int }
				if request.Route != listUsersRoute {
					continue
				}
				if err := json.Unmarshal(request.Body, &body); err != nil || body.Limit != test.perPage {
					t.Errorf("Seam was asked for %s (%v), want pages of %d", request.Body, err, test.perPage)
				}
			}
		})
	}
}

// What was found before an error is delivered, and the error is seen.
func TestList_errors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault fakeseam.Fault
		said  []string
	}{
		"401":           {fakeseam.Fault{Status: 401}, []string{"401", "SEAM_API_KEY"}},
		"403":           {fakeseam.Fault{Status: 403}, []string{"403"}},
		"500 for ever":  {fakeseam.Fault{Status: 500}, []string{"500", "retry_timeout"}},
		"429 too long":  {fakeseam.Fault{Status: 429, Header: map[string]string{"Retry-After": "3600"}}, []string{"429", "retry_timeout"}},
		"a page":        {fakeseam.Fault{HTML: true}, []string{"proxy"}},
		"no acs_users":  {fakeseam.Fault{Body: `{"ok":true}`}, []string{"lacks acs_users"}},
		"no pagination": {fakeseam.Fault{Body: `{"ok":true,"acs_users":[]}`}, []string{"lacks pagination"}},
		"without an id": {fakeseam.Fault{Body: `{"ok":true,"acs_users":[{}]}`}, []string{"no id"}},
	} {
		for skip := range 2 {
			t.Run(fmt.Sprintf("%s on page %d", name, skip+1), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.Link(w.janeID.ID, w.jane.ID)
				w.Link(w.johnID.ID, w.john.ID)
				w.SetMaxPageSize(1)
				fault := test.fault
				fault.Route, fault.Skip = listUsersRoute, skip
				w.Inject(fault)
				tf := w.terraform()
				tf.wantEndsInError(tf.query(query{}), []link.Pair{w.janesLink()}[:skip],
					append(test.said, "Cannot list the links")...)
			})
		}
	}
}

// Each page may be tried again for as long as one operation may.
func TestList_retryBudgetOfEachPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := w.linkPeople(4)
	w.SetMaxPageSize(2)
	for skip := range 3 {
		w.Inject(fakeseam.Fault{Route: listUsersRoute, Skip: skip, Times: 1, Status: 503, Header: map[string]string{"Retry-After": "40"}})
	}
	tf := w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "retry_timeout": "60s"})
	tf.wantListed(tf.query(query{}), want...)
	if n := w.Count(listUsersRoute); n != 6 {
		t.Errorf("%d requests for pages, want each of 3 twice", n)
	}
}

// The names of the access systems are for the eye alone: links are found
// without them.
func TestList_withoutNames(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]func(w *world) values{
		"no filter":     func(*world) values { return nil },
		"access system": func(w *world) values { return values{"acs_system_id": w.system.ID} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Link(w.janeID.ID, w.jane.ID)
			w.Link(w.johnID.ID, w.john.ID)
			w.Inject(fakeseam.Fault{Route: listSystemsRoute, Status: 403})
			tf := w.terraform()
			found := tf.query(query{config: config(w)})
			if len(found) != 2 || found[0].pair() != w.janesLink() {
				t.Fatalf("found %v, want both links", found)
			}
			tf.wantWarning(found[0].said, "Access system names not read", "403")
			tf.wantNothingSaid(found[1].said)
			if want := "John Smith in " + w.system.ID + " (john@example.com)"; found[1].displayName != want {
				t.Errorf("the display name is %q, want %q", found[1].displayName, want)
			}
		})
	}
}

// Cancelled, a query ends with the page that it has, and says that it is not all.
func TestList_cancelledBetweenPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	w.Link(w.johnID.ID, w.john.ID)
	w.SetMaxPageSize(1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tf := w.terraform().with(ctx)
	tf.wantEndsInError(tf.query(query{each: cancel}), []link.Pair{w.janesLink()}, "The operation was interrupted.")
	if n := w.Count(listUsersRoute); n != 1 {
		t.Errorf("%d pages were read, want one", n)
	}
}

func TestList_cancelledWhileWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.clock.onWait = func(context.Context) { cancel() }
	w.Inject(fakeseam.Fault{Route: listUsersRoute, Status: 503})
	tf := w.terraform().with(ctx)
	tf.wantEndsInError(tf.query(query{}), nil, "The operation was interrupted.")
	if n := w.Count(listUsersRoute); n != 1 {
		t.Errorf("%d requests for pages, want one", n)
	}
}

// When nobody listens any more, nothing more is read.
func TestList_nobodyListens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := w.linkPeople(4)
	w.SetMaxPageSize(3)
	tf := w.terraform()
	tf.wantListed(tf.query(query{stopAfter: 1}), want[0])
	if n := w.Count(listUsersRoute); n != 1 {
		t.Errorf("%d pages were read, want one", n)
	}
}

func TestList_wrongWorkspace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	other := w.AddWorkspace("Elsewhere")
	tf := w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "workspace_id": other.ID})
	tf.wantEndsInError(tf.query(query{}), nil, w.workspace.ID, other.ID)
	if n := w.Count(listUsersRoute); n != 0 {
		t.Errorf("%d pages were read, want none", n)
	}
}

func TestList_unconfigured(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.unconfigured()
	tf.wantEndsInError(tf.query(query{}), nil, "provider configuration is not known yet")
	w.wantNoRequests()
}

func TestList_validate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.unconfigured()
	for name, test := range map[string]struct {
		config values
		said   []string
	}{
		"nothing":           {values{}, nil},
		"both":              {values{"acs_system_id": w.system.ID, "user_identity_id": w.janeID.ID}, nil},
		"not known yet":     {values{"acs_system_id": unknown, "user_identity_id": unknown}, nil},
		"no system's id":    {values{"acs_system_id": "Salto HQ"}, []string{"Invalid ID", "acs_system_id", `"Salto HQ"`}},
		"no identity's id":  {values{"user_identity_id": "jane"}, []string{"Invalid ID", "user_identity_id", `"jane"`}},
		"empty is no id":    {values{"user_identity_id": ""}, []string{"Invalid ID", "user_identity_id", `""`}},
		"with another word": {values{"user_identity_id": w.janeID.ID + " "}, []string{"Invalid ID", "user_identity_id"}},
	} {
		resp, err := tf.server.(tfprotov6.ListResourceServer).ValidateListResourceConfig(tf.ctx,
			&tfprotov6.ValidateListResourceConfigRequest{TypeName: linkType, Config: tf.encode(listObject, test.config)})
		tf.noFault(err)
		if found := diagnosticsOf(resp.Diagnostics); len(test.said) == 0 {
			tf.wantNothingSaid(found)
		} else {
			t.Log(name)
			tf.wantError(found, test.said...)
		}
	}
	w.wantNoRequests()
}

func TestLinkDisplayName(t *testing.T) {
	t.Parallel()
	for want, user := range map[string]seam.ACSUser{
		"Jane Doe in Salto HQ (jane@example.com)":    {FullName: "Jane Doe", DisplayName: "J. D.", EmailAddress: "jane@example.com", PhoneNumber: "+15555550100"},
		"Jane Doe in Salto HQ (app@example.com)":     {FullName: "Jane Doe", UserIdentityEmailAddress: "app@example.com", PhoneNumber: "+15555550100"},
		"Jane Doe in Salto HQ (+15555550100)":        {FullName: "Jane Doe", PhoneNumber: "+15555550100"},
		"Front Desk in Salto HQ":                     {DisplayName: "Front Desk"},
		"jane@example.com in Salto HQ":               {DisplayName: "Jane@Example.com", FullName: " ", EmailAddress: "jane@example.com", UserIdentityFullName: "Jane"},
		"Jane in Salto HQ (+15555550101)":            {UserIdentityFullName: "Jane", UserIdentityPhoneNumber: "+15555550101"},
		strangeID + " in Salto HQ":                   {ACSUserID: strangeID},
		`Chloé "CJ" O'Hara 👩‍💻 in Salto HQ`:          {FullName: `Chloé "CJ" O'Hara 👩‍💻`},
		"${jane} %{if} in Salto HQ":                  {FullName: "${jane} %{if}"},
		"two lines [31m red in Salto HQ (a@b c)":     {FullName: "two\r\nlines\t\x1b[31m red", EmailAddress: "a@b\x00c"},
		"Jane gro.live in Salto HQ (jane@evil.org)":  {FullName: "Jane \u202egro.live\u2069", EmailAddress: "jane@evil.org"},
		"\u674e \u5c0f\u9f8d in Salto HQ (li@x.org)": {FullName: "\u674e\u3000\u5c0f\u9f8d", EmailAddress: "li@x.org"},
	} {
		if got := linkDisplayName(user, "Salto HQ"); !strings.EqualFold(got, want) {
			t.Errorf("the display name is %q, want %q", got, want)
		}
	}
}

// withQueriesAndActions is the CLI that knows them; older ones know neither a
// list block nor an action block.
var withQueriesAndActions = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)}

// listBlock is a query called name.
func listBlock(name, arguments string) string {
	return fmt.Sprintf("list %q %q {\n  provider = seam\n%s}\n", linkType, name, arguments)
}

func TestAccUserIdentityACSUser_query(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.johnID.ID, w.john.ID)
	const all, garage, one = linkType + ".all", linkType + ".garage", linkType + ".one"
	john := map[string]knownvalue.Check{
		"user_identity_id": knownvalue.StringExact(w.johnID.ID), "acs_user_id": knownvalue.StringExact(w.john.ID),
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		TerraformVersionChecks:   withQueriesAndActions,
		Steps: []resource.TestStep{
			{Config: w.config(linkBlock("test", w.janesLink()))},
			{ // with the provider block of the step before
				Query: true,
				Config: listBlock("all", "  include_resource = true\n") +
					listBlock("garage", fmt.Sprintf("  config {\n    acs_system_id = %q\n  }\n", w.garage.ID)) +
					listBlock("one", "  limit = 1\n"),
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength(all, 2),
					querycheck.ExpectLength(garage, 0),
					querycheck.ExpectLength(one, 1),
					querycheck.ExpectIdentity(all, john),
					querycheck.ExpectResourceDisplayName(all, queryfilter.ByResourceIdentity(john),
						knownvalue.StringExact("John Smith in Salto HQ (john@example.com)")),
					querycheck.ExpectResourceKnownValues(all, queryfilter.ByResourceIdentity(john), []querycheck.KnownValueCheck{
						{Path: tfjsonpath.New("acs_system_id"), KnownValue: knownvalue.StringExact(w.system.ID)},
						{Path: tfjsonpath.New("workspace_id"), KnownValue: knownvalue.StringExact(w.workspace.ID)},
					}),
				},
			},
		},
	})
}

// A query that fails on its second page fails, rather than to pass what it has
// for all there is.
func TestAccUserIdentityACSUser_queryFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.johnID.ID, w.john.ID)
	w.SetMaxPageSize(1)
	c := w.builtCLI(nil)
	c.since("1.14", "")
	c.write("links.tfquery.hcl", listBlock("all", ""))
	w.Inject(fakeseam.Fault{Route: listUsersRoute, Skip: 1, Status: 401})
	c.fail("Cannot list the links between ACS users and user identities", "query", "-no-color", "-generate-config-out=links.tf")
	if c.exists("links.tf") {
		t.Error("a configuration was generated from a part of the links")
	}
}

// A query, an apply, and all links of a workspace are Terraform's.
func TestAccUserIdentityACSUser_queryGeneratesConfiguration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	links := w.linkPeople(147)
	for i, name := range []string{`Jane "JD" Doe`, "Chloé O'Hara", "Zoë 👩‍💻", "${jane}", "two\nlines", "Jane Doe", "Jane Doe", ""} {
		person := fakeseam.Person{FullName: name}
		if i%2 == 0 {
			person.EmailAddress = fmt.Sprintf("person-%d@example.com", i)
		}
		pair := link.ToIdentity(w.AddUserIdentity(w.workspace.ID, person).ID, w.AddACSUser(w.garage.ID, person).ID)
		w.Link(pair.TargetID, pair.ACSUserID)
		links = append(links, pair)
	}
	w.SetMaxPageSize(7)
	c := w.builtCLI(nil)
	c.since("1.14", "")
	c.write("links.tfquery.hcl", listBlock("all", "  limit = 1000\n"))
	output := c.succeed("query", "-no-color", "-generate-config-out=links.tf")
	for _, want := range []string{`Jane "JD" Doe in Visionline Garage (person-0@example.com)`, "Zoë 👩‍💻 in Visionline Garage", "two lines in Visionline Garage"} {
		if !strings.Contains(output, want) {
			t.Errorf("the query does not show %q:\n%s", want, output)
		}
	}
	if held := c.state(); len(held) > 0 {
		t.Errorf("a query changes the state: %v", held)
	}

	applied := c.succeed("apply")
	if want := fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", len(links)); !strings.Contains(applied, want) {
		t.Errorf("the apply does not say %q:\n%s", want, applied)
	}
	c.wantBalance(len(links))
	c.wantEmptyPlan()
	w.wantNoWrites()
}

// exists reports whether there is a file of that name in the configuration.
func (c *builtCLI) exists(name string) bool {
	_, err := os.Stat(filepath.Join(c.WorkDir, name))
	return err == nil
}
