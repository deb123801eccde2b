package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
)

const removeAction = "seam_user_identity_remove_acs_user"

// invoke invokes the action, and returns what it says on the way and at the end.
func (tf *terraform) invoke(pair link.Pair) (progress []string, found diagnostics) {
	tf.t.Helper()
	stream, err := tf.server.(tfprotov6.ActionServer).InvokeAction(tf.ctx, &tfprotov6.InvokeActionRequest{
		ActionType: removeAction,
		Config:     tf.encode(linkIdentity, values{"user_identity_id": pair.TargetID, "acs_user_id": pair.ACSUserID}),
	})
	tf.noFault(err)
	completed := 0
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed++
			found = diagnosticsOf(event.Diagnostics)
		default:
			tf.t.Errorf("an event is a %T", event)
		}
	}
	if completed != 1 {
		tf.t.Errorf("the action was completed %d times, want once", completed)
	}
	return progress, found
}

func (tf *terraform) wantProgress(got []string, want ...string) {
	tf.t.Helper()
	if !slices.Equal(got, want) {
		tf.t.Errorf("the action says:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// found and removed are what the action says of a link.
func foundLink(pair link.Pair) string {
	return "ACS user " + pair.ACSUserID + " is linked to user identity " + pair.TargetID + ": removing it"
}

func removedLink(pair link.Pair) string {
	return "ACS user " + pair.ACSUserID + " was removed from user identity " + pair.TargetID
}

func TestRemoveAction_linked(t *testing.T) {
	t.Parallel()
	linksToIdentities.underAllSemantics(t, func(t *testing.T, w *world) {
		t.Helper()
		w.Link(w.janeID.ID, w.jane.ID)
		w.Link(w.johnID.ID, w.john.ID)
		tf := w.terraform()
		progress, found := tf.invoke(w.janesLink())
		tf.wantNothingSaid(found)
		tf.wantProgress(progress, foundLink(w.janesLink()), removedLink(w.janesLink()))
		w.wantHolder(w.jane.ID, "")
		w.wantHolder(w.john.ID, w.johnID.ID)
		if w.Count(removeRoute) != 1 || w.writes() != 1 {
			t.Errorf("%d writes, want one remove", w.writes())
		}
	})
}

func TestRemoveAction_mergedIdentity(t *testing.T) {
	t.Parallel()
	linksToIdentities.underAllSemantics(t, func(t *testing.T, w *world) {
		t.Helper()
		w.Link(w.janeID.ID, w.jane.ID)
		w.MergeUserIdentities(w.johnID.ID, w.janeID.ID)
		tf := w.terraform()
		progress, found := tf.invoke(w.janesLink())
		tf.wantNothingSaid(found)
		if len(progress) != 2 || !strings.Contains(progress[0], w.johnID.ID+", which "+w.janeID.ID+" was merged into") {
			t.Errorf("the action says %q, want both identities", progress)
		}
		w.wantHolder(w.jane.ID, "")
	})
}

func TestRemoveAction_upperCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	tf := w.terraform()
	_, found := tf.invoke(link.ToIdentity(strings.ToUpper(w.janeID.ID), strings.ToUpper(w.jane.ID)))
	tf.wantNothingSaid(found)
	w.wantHolder(w.jane.ID, "")
}

// Nothing linked is a success that says so, whether or not the identity exists.
func TestRemoveAction_notLinked(t *testing.T) {
	t.Parallel()
	for _, as := range []fakeseam.UnlinkedAs{fakeseam.UnlinkedAbsent, fakeseam.UnlinkedNull, fakeseam.UnlinkedEmpty} {
		t.Run(as.String(), func(t *testing.T) {
			t.Parallel()
			linksToIdentities.underAllSemantics(t, func(t *testing.T, w *world) {
				t.Helper()
				w.SetUnlinkedAs(as)
				tf := w.terraform()
				for _, identityID := range []string{w.janeID.ID, strangeID} {
					progress, found := tf.invoke(link.ToIdentity(identityID, w.jane.ID))
					tf.wantNothingSaid(found)
					tf.wantProgress(progress, "ACS user "+w.jane.ID+" is not linked to any user identity: there is nothing to remove")
				}
				w.wantNoWrites()
			})
		})
	}
}

func TestRemoveAction_heldByAnother(t *testing.T) {
	t.Parallel()
	linksToIdentities.underAllSemantics(t, func(t *testing.T, w *world) {
		t.Helper()
		w.Link(w.johnID.ID, w.jane.ID)
		tf := w.terraform()
		for _, identityID := range []string{w.janeID.ID, strangeID} {
			progress, found := tf.invoke(link.ToIdentity(identityID, w.jane.ID))
			tf.wantError(found, "Cannot remove ACS user "+w.jane.ID+" from user identity "+identityID,
				isHeldBy(w.jane.ID, w.johnID.ID), "user_identity_id")
			tf.wantProgress(progress)
		}
		w.wantNoWrites()
		w.wantHolder(w.jane.ID, w.johnID.ID)
	})
}

// The removal decides on a read of its own: what the first one found may have changed.
func TestRemoveAction_changedAfterTheFirstRead(t *testing.T) {
	t.Parallel()
	t.Run("linked elsewhere", func(t *testing.T) {
		t.Parallel()
		linksToIdentities.underAllSemantics(t, func(t *testing.T, w *world) {
			t.Helper()
			w.Link(w.janeID.ID, w.jane.ID)
			w.act(getUserRoute, 2, func() { w.Link(w.johnID.ID, w.jane.ID) })
			tf := w.terraform()
			progress, found := tf.invoke(w.janesLink())
			tf.wantError(found, isHeldBy(w.jane.ID, w.johnID.ID))
			tf.wantProgress(progress, foundLink(w.janesLink()))
			w.wantNoWrites()
		})
	})
	t.Run("unlinked", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.Link(w.janeID.ID, w.jane.ID)
		w.act(getUserRoute, 2, func() { w.Unlink(w.jane.ID) })
		tf := w.terraform()
		progress, found := tf.invoke(w.janesLink())
		tf.wantNothingSaid(found)
		if len(progress) != 2 || !strings.Contains(progress[1], "nothing to remove") {
			t.Errorf("the action says %q", progress)
		}
		w.wantNoWrites()
	})
}

// There is no state that says which workspace is meant, so an ACS user that is
// not there is an error.
func TestRemoveAction_noSuchACSUser(t *testing.T) {
	t.Parallel()
	for name, happens := range map[string]func(w *world){
		"deleted":       func(w *world) { w.DeleteACSUser(w.jane.ID) },
		"identity gone": func(w *world) { w.Link(w.janeID.ID, w.jane.ID); w.DeleteUserIdentity(w.janeID.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			happens(w)
			tf := w.terraform()
			progress, found := tf.invoke(w.janesLink())
			tf.wantError(found, "no ACS user "+w.jane.ID, "Harbour House", w.workspace.ID, "acs_user_id")
			tf.wantProgress(progress)
			w.wantNoWrites()
		})
	}
}

func TestRemoveAction_wrongWorkspace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	other := w.AddWorkspace("Elsewhere")

	tf := w.terraformWith(values{"endpoint": w.url, "api_key": other.APIKey})
	_, found := tf.invoke(w.janesLink())
	tf.wantError(found, "no ACS user "+w.jane.ID, "Elsewhere", other.ID)

	tf = w.terraformWith(values{"endpoint": w.url, "api_key": w.workspace.APIKey, "workspace_id": other.ID})
	_, found = tf.invoke(w.janesLink())
	tf.wantError(found, w.workspace.ID, other.ID)

	w.wantNoWrites()
	w.wantHolder(w.jane.ID, w.janeID.ID)
}

// A removal that took place is never reported as a failure.
func TestRemoveAction_ambiguous(t *testing.T) {
	t.Parallel()
	for name, fault := range ambiguousFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			linksToIdentities.underAllSemantics(t, func(t *testing.T, w *world) {
				t.Helper()
				fault := fault
				fault.Route, fault.Times = removeRoute, max(fault.Times, 1)
				w.Link(w.janeID.ID, w.jane.ID)
				w.Inject(fault)
				tf := w.terraform()
				progress, found := tf.invoke(w.janesLink())
				tf.wantNothingSaid(found)
				tf.wantProgress(progress, foundLink(w.janesLink()), removedLink(w.janesLink()))
				w.wantHolder(w.jane.ID, "")
			})
		})
	}
}

func TestRemoveAction_fails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults []fakeseam.Fault
		said   []string
	}{
		"no look":               {[]fakeseam.Fault{{Route: getUserRoute, Status: 401}}, []string{"401", "SEAM_API_KEY"}},
		"no second look":        {[]fakeseam.Fault{{Route: getUserRoute, Skip: 1, Status: 500}}, []string{"500"}},
		"refused":               {[]fakeseam.Fault{{Route: removeRoute, Status: 403}}, []string{"403"}},
		"never through":         {[]fakeseam.Fault{{Route: removeRoute, Status: 500}}, []string{"500", "retry_timeout"}},
		"accepted, no effect":   {[]fakeseam.Fault{{Route: removeRoute, Body: `{"ok":true}`}}, []string{"Seam accepted the request to remove the link, and it had no effect: ", "retry_timeout"}},
		"an effect not known":   {[]fakeseam.Fault{{Route: removeRoute, Drop: fakeseam.DropBeforeEffect}, {Route: getUserRoute, Skip: 2, Status: 500}}, []string{"not known whether the link was removed", "Invoke the action again"}},
		"the way to it is long": {[]fakeseam.Fault{{Route: removeRoute, Status: 429, Header: map[string]string{"Retry-After": "3600"}}}, []string{"429", "retry_timeout"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Link(w.janeID.ID, w.jane.ID)
			for _, fault := range test.faults {
				w.Inject(fault)
			}
			tf := w.terraform()
			progress, found := tf.invoke(w.janesLink())
			tf.wantError(found, append(test.said, "Cannot remove ACS user "+w.jane.ID+" from user identity "+w.janeID.ID)...)
			if strings.Contains(found.String(), "state") {
				t.Errorf("an action has no state, and says:\n%s", found)
			}
			if slices.Contains(progress, removedLink(w.janesLink())) {
				t.Errorf("the action says %q, and fails", progress)
			}
			w.wantHolder(w.jane.ID, w.janeID.ID)
		})
	}
}

func TestRemoveAction_cancelled(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		route   string // the request during which it is cancelled
		fault   fakeseam.Fault
		removed bool
		said    []string
	}{
		"at the first read":         {getUserRoute, fakeseam.Fault{}, false, nil},
		"during the remove":         {removeRoute, fakeseam.Fault{}, true, nil},
		"during a failing remove":   {removeRoute, fakeseam.Fault{Route: removeRoute, Status: 500}, false, []string{"It is not known whether the link was removed.", "Invoke the action again"}},
		"the effect is there after": {removeRoute, fakeseam.Fault{Route: removeRoute, Status: 500, AfterEffect: true}, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Link(w.janeID.ID, w.jane.ID)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if test.fault.Route != "" {
				w.Inject(test.fault)
			}
			w.act(test.route, 1, cancel)
			tf := w.terraform().with(ctx)
			progress, found := tf.invoke(w.janesLink())
			if test.removed {
				tf.wantNothingSaid(found)
				w.wantHolder(w.jane.ID, "")
			} else {
				tf.wantError(found, append(test.said, "Cannot remove ACS user", "The operation was interrupted.")...)
				w.wantHolder(w.jane.ID, w.janeID.ID)
			}
			// The plugin server leaves at the first message after a
			// cancellation: one more, and the action would wait for ever.
			if len(progress) > 1 || len(progress) == 1 && progress[0] != foundLink(w.janesLink()) {
				t.Errorf("after the cancellation, the action says %q", progress)
			}
			if n := w.Count(removeRoute); n > 1 {
				t.Errorf("%d removes were sent, want one at most", n)
			}
		})
	}
}

func TestRemoveAction_unconfigured(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	tf := w.unconfigured()
	progress, found := tf.invoke(w.janesLink())
	tf.wantError(found, "provider configuration is not known yet")
	tf.wantProgress(progress)
	w.wantNoRequests()
}

func TestRemoveAction_validateAndPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tf := w.terraform()
	server := tf.server.(tfprotov6.ActionServer)
	for name, test := range map[string]struct {
		config values
		said   []string
	}{
		"two ids":         {values{"user_identity_id": w.janeID.ID, "acs_user_id": w.jane.ID}, nil},
		"not known yet":   {values{"user_identity_id": unknown, "acs_user_id": unknown}, nil},
		"no identity":     {values{"acs_user_id": w.jane.ID}, []string{"user_identity_id", "required"}},
		"no ACS user":     {values{"user_identity_id": w.janeID.ID}, []string{"acs_user_id", "required"}},
		"a name":          {values{"user_identity_id": "jane", "acs_user_id": w.jane.ID}, []string{"Invalid ID", "user_identity_id", `"jane"`}},
		"an import ID":    {values{"user_identity_id": w.janeID.ID, "acs_user_id": importID(w.janesLink())}, []string{"Invalid ID", "acs_user_id"}},
		"an empty string": {values{"user_identity_id": w.janeID.ID, "acs_user_id": ""}, []string{"Invalid ID", "acs_user_id"}},
	} {
		config := tf.encode(linkIdentity, test.config)
		validated, err := server.ValidateActionConfig(tf.ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: removeAction, Config: config})
		tf.noFault(err)
		found := diagnosticsOf(validated.Diagnostics)
		if len(test.said) > 0 {
			t.Log(name)
			tf.wantError(found, test.said...)
			continue
		}
		tf.wantNothingSaid(found)
		planned, err := server.PlanAction(tf.ctx, &tfprotov6.PlanActionRequest{ActionType: removeAction, Config: config})
		tf.noFault(err)
		tf.wantNothingSaid(diagnosticsOf(planned.Diagnostics))
	}
	w.wantNoRequests()
}

// actionBlock is the action, called name.
func actionBlock(name string, pair link.Pair) string {
	return fmt.Sprintf("action %q %q {\n  config {\n    user_identity_id = %q\n    acs_user_id      = %q\n  }\n}\n",
		removeAction, name, pair.TargetID, pair.ACSUserID)
}

// triggering is a block that invokes an action once it is created.
func triggering(block, action string) string {
	return strings.TrimSuffix(block, "}\n") + fmt.Sprintf("\n  lifecycle {\n    action_trigger {\n"+
		"      events  = [after_create]\n      actions = [action.%s.%s]\n    }\n  }\n}\n", removeAction, action)
}

// One person leaves when another one arrives.
func TestAccUserIdentityRemoveACSUser_trigger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.johnID.ID, w.john.ID)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		TerraformVersionChecks:   withQueriesAndActions,
		Steps: []resource.TestStep{{
			Config: w.config(
				actionBlock("offboard_john", link.ToIdentity(w.johnID.ID, w.john.ID)),
				triggering(linkBlock("test", w.janesLink()), "offboard_john"),
			),
			ConfigStateChecks: []statecheck.StateCheck{
				w.held(w.janesLink()),
				inSeam(func() { w.wantHolder(w.john.ID, "") }),
			},
		}},
	})
}

func TestAccUserIdentityRemoveACSUser_triggerRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.johnID.ID, w.john.ID)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		TerraformVersionChecks:   withQueriesAndActions,
		Steps: []resource.TestStep{{
			Config: w.config(
				actionBlock("offboard_john", link.ToIdentity(w.janeID.ID, w.john.ID)),
				triggering(linkBlock("test", w.janesLink()), "offboard_john"),
			),
			ExpectError: says(isHeldBy(w.john.ID, w.johnID.ID)),
		}},
	})
	w.wantHolder(w.john.ID, w.johnID.ID)
	for _, request := range w.Requests() {
		if request.Route == removeRoute && strings.Contains(string(request.Body), w.john.ID) {
			t.Errorf("a remove was sent: %s", request.Body)
		}
	}
}

// The action by hand, as in a runbook.
func TestAccUserIdentityRemoveACSUser_invoke(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	w.Link(w.johnID.ID, w.john.ID)
	c := w.builtCLI(nil)
	c.since("1.14", "")
	c.write("actions.tf",
		actionBlock("offboard_jane", w.janesLink()),
		actionBlock("mistaken", link.ToIdentity(w.janeID.ID, w.john.ID)),
	)
	const invoke = "-invoke=action." + removeAction + "."
	for _, want := range [][]string{
		{foundLink(w.janesLink()), removedLink(w.janesLink())},
		{"ACS user " + w.jane.ID + " is not linked to any user identity: there is nothing to remove"},
	} {
		output := c.succeed("apply", invoke+"offboard_jane")
		for _, sentence := range want {
			if !says(sentence).MatchString(output) {
				t.Errorf("the action does not say %q:\n%s", sentence, output)
			}
		}
		w.wantHolder(w.jane.ID, "")
	}
	c.fail(isHeldBy(w.john.ID, w.johnID.ID), "apply", invoke+"mistaken")
	w.wantHolder(w.john.ID, w.johnID.ID)
	if n := w.Count(removeRoute); n != 1 {
		t.Errorf("%d removes were sent, want one", n)
	}
}
