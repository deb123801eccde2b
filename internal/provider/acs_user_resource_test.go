package provider

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

var (
	ann      = fakeseam.Person{FullName: "Ann Lee", EmailAddress: "ANN@example.com", PhoneNumber: "+15555550177"}
	schedule = values{"starts_at": "2030-01-01T08:00:00+01:00", "ends_at": "2031-01-01T00:00:00Z"}
)

// annsRecord is the configuration of Ann's ACS user with these attributes instead.
func (w *world) annsRecord(with values) values {
	config := values{"acs_system_id": w.system.ID, "full_name": "Ann Lee", "email_address": "Ann@example.com", "phone_number": "+15555550177"}
	maps.Copy(config, with)
	return config
}

// lastUpdate is what the latest update of a person sent, without the ID.
func (w *world) lastUpdate(route string) string {
	w.t.Helper()
	body := string(w.lastBody(route))
	_, after, ok := strings.Cut(body, ",")
	if !ok {
		return body
	}
	return strings.TrimSuffix(after, "}")
}

func TestACSUser_createExists(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(w *world) (exists string) // the one that has the value, if any
		with    values
		warning string
	}{
		"the email address, in another case": {prepare: func(w *world) string {
			return w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "A. Lee", EmailAddress: "ann@EXAMPLE.com"}).ID
		}},
		"in another access system": {prepare: func(w *world) string { w.AddACSUser(w.garage.ID, ann); return "" }},
		"a letter that looks alike": {prepare: func(w *world) string {
			w.AddACSUser(w.system.ID, fakeseam.Person{EmailAddress: "\u0430nn@example.com"})
			return ""
		}},
		"being deleted": {prepare: func(w *world) string { w.MarkACSUserBeingDeleted(w.AddACSUser(w.system.ID, ann).ID); return "" }},
		"deleted, while lists lag": {prepare: func(w *world) string {
			u := w.AddACSUser(w.system.ID, ann)
			w.SetSemantics(careless)
			w.DeleteACSUser(u.ID)
			return ""
		}},
		"the phone number": {prepare: func(w *world) string {
			w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "A. Lee", PhoneNumber: ann.PhoneNumber})
			return ""
		}, warning: "same phone_number"},
		"the name": {prepare: func(w *world) string { w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "Ann Lee"}); return "" }, warning: "same full_name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			exists := test.prepare(w)
			block := w.terraform().block(acsUserRecordType)
			found := block.command(w.annsRecord(nil))
			_, created := w.made(fakeseam.KindACSUser)
			switch {
			case exists != "":
				block.wantError(found, `AttributeName("email_address")`, exists+` already has email_address "Ann@example.com". No changes were made.`, "import {\n    to = seam_acs_user.example\n    id = \""+exists)
				if created != 0 || block.state != nil || w.Count(createUserRoute) != 0 {
					t.Errorf("%d were created, and the state is %v", created, block.state)
				}
				return
			case test.warning != "":
				block.wantWarning(found, "may be the second record of a person", test.warning, block.id())
			default:
				block.wantNothingSaid(found)
			}
			if created != 1 {
				t.Errorf("%d were created", created)
			}
		})
	}
}

// Of an ACS user without an email address nothing is saved that is not known.
func TestACSUser_createWithoutEmail(t *testing.T) {
	t.Parallel()
	for _, fault := range []fakeseam.Fault{{Drop: fakeseam.DropAfterEffect}, {Drop: fakeseam.DropBeforeEffect}} {
		w := newWorld(t)
		w.AddACSUser(w.system.ID, fakeseam.Person{FullName: "Ann Lee", PhoneNumber: "+15555550177"}) // was there before
		fault.Route = createUserRoute
		w.Inject(fault)
		block := w.terraform().block(acsUserRecordType)
		found := block.command(w.annsRecord(values{"email_address": nil}))
		left, _ := w.made(fakeseam.KindACSUser)
		if w.Count(createUserRoute) != 1 {
			t.Errorf("%d creates were sent, want one", w.Count(createUserRoute))
		}
		if len(left) == 1 {
			block.wantOnePerson(w, fakeseam.KindACSUser)
			block.wantWarning(found, "second record")
			continue
		}
		block.wantError(found, "It is not known whether the ACS user was created", "Look for a new ACS user with this name in access system "+w.system.ID)
		if block.state != nil {
			t.Errorf("the state is %v", block.state)
		}
	}
}

// An update writes what differs, and clears what was removed.
func TestACSUser_update(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from, to values
		routes   []string
		sent     string // by the update
	}{
		"a name":                      {nil, values{"full_name": "Ann Poe"}, []string{updateUserRoute}, `"full_name":"Ann Poe"`},
		"an email address":            {nil, values{"email_address": "poe@example.com"}, []string{updateUserRoute}, `"email_address":"poe@example.com"`},
		"an email address, case only": {nil, values{"email_address": "ANN@EXAMPLE.COM"}, nil, ""},
		"no phone number":             {nil, values{"phone_number": nil}, []string{updateUserRoute}, `"phone_number":""`},
		"a schedule":                  {nil, values{"access_schedule": schedule}, []string{updateUserRoute}, `"access_schedule":{"starts_at":"2030-01-01T07:00:00Z","ends_at":"2031-01-01T00:00:00Z"}`},
		"no schedule":                 {values{"access_schedule": schedule}, values{}, []string{updateUserRoute}, `"access_schedule":null`},
		"a schedule, written in UTC":  {values{"access_schedule": schedule}, values{"access_schedule": values{"starts_at": "2030-01-01T07:00:00Z", "ends_at": "2031-01-01T00:00:00Z"}}, nil, ""},
		"suspended, and a name":       {nil, values{"is_suspended": true, "full_name": "Ann Poe"}, []string{suspendRoute, updateUserRoute}, `"full_name":"Ann Poe"`},
		"unsuspended, and a name":     {values{"is_suspended": true}, values{"full_name": "Ann Poe"}, []string{updateUserRoute, unsuspendRoute}, `"full_name":"Ann Poe"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, semantics := range fakeseam.AllPeopleSemantics() {
				w := newWorld(t)
				w.SetSemantics(semantics)
				block := w.terraform().block(acsUserRecordType)
				block.wantNoErrors(block.command(w.annsRecord(test.from)))
				w.FinishMutations()
				w.ResetRequests()
				block = block.in(w.terraform())
				block.wantNoErrors(block.command(w.annsRecord(test.to)))
				var routes []string
				for _, request := range w.Requests() {
					if strings.HasPrefix(request.Route, "/acs/users/") && request.Route != getUserRoute && request.Route != listUsersRoute {
						routes = append(routes, request.Route)
					}
				}
				if !slices.Equal(routes, test.routes) {
					t.Errorf("%v: wrote %v, want %v", semantics, routes, test.routes)
				}
				if test.sent != "" && w.lastUpdate(updateUserRoute) != test.sent {
					t.Errorf("%v: sent %s, want %s", semantics, w.lastUpdate(updateUserRoute), test.sent)
				}
				for range 2 { // while the change is pending, and afterwards
					block = block.in(w.terraform())
					block.wantNoErrors(block.refresh())
					block.wantPlanEmpty(w.annsRecord(test.to))
					w.FinishMutations()
				}
			}
		})
	}
}

// A change that is pending is taken back by a change, although reads do not show it.
// A second record of one person is a mistake, also when an update makes it.
func TestACSUser_updateToEmailInUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddACSUser(w.garage.ID, fakeseam.Person{EmailAddress: "poe@example.com"}) // in another access system
	block := w.terraform().block(acsUserRecordType)
	block.wantNothingSaid(block.command(w.annsRecord(nil)))
	block.wantError(block.apply(w.annsRecord(values{"email_address": "JOHN@example.com"})), "Cannot update ACS user "+block.id(), `AttributeName("email_address")`,
		w.john.ID+` already has email_address "JOHN@example.com". No changes were made.`, "Use another value, or change or delete ACS user "+w.john.ID+" first.")
	if n := w.Count(updateUserRoute); n != 0 {
		t.Errorf("%d updates were sent", n)
	}
	block.wantNothingSaid(block.apply(w.annsRecord(values{"email_address": "poe@example.com"})))
}

func TestACSUser_takesBackWhatIsPending(t *testing.T) {
	t.Parallel()
	for _, semantics := range []fakeseam.Semantics{{Mutations: fakeseam.MutationsShowOld}, {Mutations: fakeseam.MutationsShowNew}} {
		for _, fault := range []fakeseam.Fault{{}, {Times: 1, Status: 500}, {Times: 1, Status: 500, AfterEffect: true}} {
			w := newWorld(t)
			w.SetSemantics(semantics)
			block := w.terraform().block(acsUserRecordType)
			block.wantNoErrors(block.command(w.annsRecord(nil)))
			w.FinishMutations()
			block = block.in(w.terraform())
			block.wantNoErrors(block.command(w.annsRecord(values{"is_suspended": true, "full_name": "Ann Poe"})))
			for _, route := range []string{updateUserRoute, unsuspendRoute} {
				if fault.Status != 0 {
					fault.Route = route
					w.Inject(fault)
				}
			}
			block = block.in(w.terraform())
			block.wantNoErrors(block.command(w.annsRecord(nil)))
			w.FinishMutations()
			if user, _ := w.ACSUser(block.id()); user.IsSuspended || user.FullName != "Ann Lee" {
				t.Errorf("%v, %+v: Seam has %+v", semantics, fault, user)
			}
		}
	}
}

// What Seam has no request for is an error of the plan, unless a new record is made.
func TestACSUser_planRefuses(t *testing.T) {
	t.Parallel()
	open := values{"starts_at": "2030-01-01T07:00:00Z"}
	for name, test := range map[string]struct {
		from, to values
		tainted  bool
		said     string
	}{
		"no email address":                 {to: values{"email_address": nil}, said: "The email address of an ACS user cannot be removed"},
		"an open schedule":                 {to: values{"access_schedule": open}, said: "cannot be given a schedule without ends_at"},
		"no end":                           {from: values{"access_schedule": schedule}, to: values{"access_schedule": open}, said: "cannot be given a schedule without ends_at"},
		"the same open schedule":           {from: values{"access_schedule": open}, to: values{"access_schedule": values{"starts_at": "2030-01-01T08:00:00+01:00"}}},
		"no schedule":                      {from: values{"access_schedule": open}},
		"no email address, and tainted":    {to: values{"email_address": nil}, tainted: true},
		"no email address, elsewhere":      {to: values{"email_address": nil, "acs_system_id": "garage"}},
		"an open schedule, elsewhere":      {to: values{"access_schedule": open, "acs_system_id": "garage"}},
		"a schedule that is not known yet": {to: values{"access_schedule": unknown}},
		"an end that is not known yet":     {to: values{"access_schedule": values{"starts_at": "2030-01-01T07:00:00Z", "ends_at": unknown}}},
		"an email address not known yet":   {to: values{"email_address": unknown}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			block := w.terraform().block(acsUserRecordType)
			block.wantNoErrors(block.command(w.annsRecord(test.from)))
			to := w.annsRecord(test.to)
			if to["acs_system_id"] == "garage" {
				to["acs_system_id"] = w.garage.ID
			}
			block.tainted = test.tainted
			block.wantNoErrors(block.validate(to))
			_, _, found := block.plan(to)
			if test.said == "" {
				block.wantNothingSaid(found)
				return
			}
			block.wantError(found, test.said, "terraform taint")
		})
	}
}

func TestACSUser_drift(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(w *world, id string)
		shows   values
	}{
		"a name": {func(w *world, id string) {
			w.UpdateACSUser(id, fakeseam.Person{FullName: "Poe", EmailAddress: ann.EmailAddress, PhoneNumber: ann.PhoneNumber})
		}, values{"full_name": "Poe", "email_address": "Ann@example.com"}},
		"a suspension": {func(w *world, id string) { w.SuspendACSUser(id, true) }, values{"is_suspended": true}},
		"a schedule": {func(w *world, id string) {
			w.SetACSUserSchedule(id, fakeseam.AccessSchedule{StartsAt: time.Unix(0, 0)})
		}, values{"is_suspended": false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			block := w.terraform().block(acsUserRecordType)
			block.wantNothingSaid(block.command(w.annsRecord(nil)))
			test.happens(w, block.id())
			block = block.in(w.terraform())
			block.wantNothingSaid(block.refresh())
			block.wantData(block.state, test.shows)
			if planned, _, _ := block.plan(w.annsRecord(nil)); sameValues(planned, block.state) {
				t.Error("the plan does not show the change")
			}
			block.wantNoErrors(block.apply(w.annsRecord(nil)))
			block = block.in(w.terraform())
			block.wantNothingSaid(block.refresh())
			block.wantPlanEmpty(w.annsRecord(nil))
		})
	}
}

// What is missing is believed only in the right workspace, and while its access system is
// in sight; what Seam cannot manage is not touched.
func TestACSUser_readAndDelete(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens    func(w *world, id string)
		otherKey   bool
		read, said string
		gone, sent bool // from state, after read and delete; a delete was sent
	}{
		"there":                     {sent: true, gone: true},
		"deleted":                   {happens: func(w *world, id string) { w.DeleteACSUser(id) }, read: "no longer exists", gone: true},
		"being deleted":             {happens: func(w *world, id string) { w.MarkACSUserBeingDeleted(id) }, read: "being_deleted", gone: true},
		"a resident":                {happens: func(w *world, id string) { w.SetACSUserWarnings(id, "latch_resident_user") }, read: "latch_resident_user", said: "does not let Seam change this ACS user (latch_resident_user)"},
		"in a hidden access system": {happens: func(w *world, _ string) { w.HideSystem(w.system.ID, true) }, read: "The ACS user stays in state.", said: "The ACS user stays in state."},
		"with another key":          {otherKey: true, read: "The ACS user stays in state.", said: "The ACS user stays in state."},
		"linked":                    {happens: func(w *world, id string) { w.Link(w.janeID.ID, id) }, sent: true, gone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			block := w.terraform().block(acsUserRecordType)
			block.wantNothingSaid(block.command(w.annsRecord(nil)))
			id, state := block.id(), block.state
			if test.happens != nil {
				test.happens(w, id)
			}
			tf := w.terraform()
			if test.otherKey {
				tf = w.terraformWith(values{"endpoint": w.url, "api_key": w.AddWorkspace("Elsewhere").APIKey})
			}
			block = block.in(tf)
			if found := block.refresh(); test.read == "" {
				block.wantNothingSaid(found)
			} else {
				block.wantOne(found, found[0].Severity, id, test.read)
			}
			block.state = state // as with -refresh=false
			found := block.apply(nil)
			if test.said == "" {
				block.wantNothingSaid(found)
			} else {
				block.wantError(found, "Cannot delete ACS user "+id, test.said)
			}
			if (block.state == nil) != test.gone || (w.Count(deleteUserRoute) > 0) != test.sent {
				t.Errorf("the state is %v, and %d deletes were sent", block.state, w.Count(deleteUserRoute))
			}
		})
	}
}

func TestACSUser_import(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.AddACSUser(w.garage.ID, ann)
	w.SetACSUserSchedule(user.ID, fakeseam.AccessSchedule{StartsAt: time.Unix(0, 0)})
	for _, byIdentity := range []bool{false, true} {
		block := w.terraform().block(acsUserRecordType)
		block.wantNothingSaid(block.imports(user.ID, byIdentity))
		block.wantNothingSaid(block.refresh())
		block.wantPlanEmpty(w.annsRecord(values{"acs_system_id": w.garage.ID, "email_address": "ANN@example.com", "access_schedule": values{"starts_at": "1970-01-01T00:00:00.000Z"}}))
	}
	block := w.terraform().block(acsUserRecordType)
	block.wantError(block.imports(strangeID, true), "There is no ACS user "+strangeID, "Harbour House")
	block.wantError(block.imports("Ann", false), "Invalid import ID")
}

// Two blocks of one plan are not one record, and a block does not stand in its own way.
func TestACSUser_planTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	first, second := tf.block(acsUserRecordType), tf.block(acsUserRecordType)
	_, _, found := first.plan(w.annsRecord(nil))
	tf.wantNothingSaid(found)
	_, _, found = second.plan(w.annsRecord(values{"email_address": "ANN@EXAMPLE.com", "acs_system_id": strings.ToUpper(w.system.ID)}))
	tf.wantError(found, "Two resources create an ACS user with email_address", `AttributeName("email_address")`)
	for _, other := range []values{{"acs_system_id": w.garage.ID}, {"email_address": "\u0430nn@example.com"}, {"email_address": "\u0410nn@example.com"}} { // the last two differ in case, and not in a letter from A to Z
		_, _, found = second.plan(w.annsRecord(other))
		tf.wantNothingSaid(found)
	}
	_, _, found = second.plan(w.annsRecord(nil))
	tf.wantWarning(found, "ACS user planned twice")
	_, _, found = second.plan(w.annsRecord(values{"email_address": unknown}))
	tf.wantNothingSaid(found)

	tf = w.terraform()
	first = first.in(tf)
	tf.wantNothingSaid(first.command(w.annsRecord(nil)))
	first = first.in(w.terraform())
	_, replaced, found := first.plan(w.annsRecord(values{"acs_system_id": w.garage.ID}))
	tf.wantNothingSaid(found)
	if !replaced {
		t.Error("another access system does not replace the ACS user")
	}
	first = first.in(w.terraform())
	first.tainted = true
	_, _, found = first.plan(w.annsRecord(nil))
	tf.wantNothingSaid(found)
}

// Identical creations at the same time are told apart.
func TestACSUser_createTwins(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world, providerWith func(http.RoundTripper, values) *terraform) {
		w.SetLatency(100 * time.Millisecond)
		w.Inject(fakeseam.Fault{Route: createUserRoute, Times: 2, Drop: fakeseam.DropAfterEffect})
		tf := providerWith(nil, nil)
		blocks := []*resourceBlock{tf.block(acsUserRecordType), tf.block(acsUserRecordType)}
		tenAtATime(blocks, func(block *resourceBlock) {
			block.wantNoErrors(block.command(w.annsRecord(values{"email_address": nil, "phone_number": nil})))
		})
		left, created := w.made(fakeseam.KindACSUser)
		if created != 2 || blocks[0].id() == blocks[1].id() || !slices.Contains(left, blocks[0].id()) || !slices.Contains(left, blocks[1].id()) {
			w.t.Errorf("the blocks are %s and %s, and there are %q", blocks[0].id(), blocks[1].id(), left)
		}
	})
}

func TestPeople_validate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for typeName, config := range map[string]values{identityType: annsAccount(nil), acsUserRecordType: w.annsRecord(nil)} {
		block := w.terraform().block(typeName)
		block.wantNothingSaid(block.validate(config))
		for attribute, value := range map[string]any{"phone_number": "555 0100", "email_address": " ", "full_name": "Ann\nLee", "acs_system_id": "Salto HQ", "user_identity_key": ""} {
			if config[attribute] == nil {
				continue
			}
			wrong := maps.Clone(config)
			wrong[attribute] = value
			block.wantError(block.validate(wrong), `AttributeName("`+attribute+`")`)
		}
	}
}
