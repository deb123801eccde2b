package provider

import (
	"context"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
)

// The life of a link, through the real CLI.

// run plays steps in this world, and holds that nothing of Terraform's is left
// in Seam when all is destroyed.
func (w *world) run(steps ...resource.TestStep) {
	w.t.Helper()
	w.runFrom(tfversion.Version1_0_0, steps...)
}

// runFrom is for steps that an older CLI than oldest cannot take.
func (w *world) runFrom(oldest *version.Version, steps ...resource.TestStep) {
	w.t.Helper()
	resource.Test(w.t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(oldest)},
		Steps:                    steps,
	})
	if pair := w.janesLink(); w.isLinked(pair) {
		w.t.Errorf("ACS user %s is still %s %s after all was destroyed", pair.ACSUserID, w.kind.standing, pair.TargetID)
	}
}

// apply is a step that links Jane, or whatever is asked for.
func (w *world) apply(pair link.Pair) resource.TestStep {
	return resource.TestStep{
		Config: w.config(linkBlock("test", pair)),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(w.address(), tfjsonpath.New(w.kind.attribute), knownvalue.StringExact(pair.TargetID)),
			statecheck.ExpectKnownValue(w.address(), tfjsonpath.New("acs_user_id"), knownvalue.StringExact(pair.ACSUserID)),
			statecheck.ExpectKnownValue(w.address(), tfjsonpath.New("acs_system_id"), knownvalue.StringExact(w.system.ID)),
			statecheck.ExpectKnownValue(w.address(), tfjsonpath.New("workspace_id"), knownvalue.StringExact(w.workspace.ID)),
			w.held(pair),
		},
	}
}

// inSeam checks after an apply what Seam holds; plugin-testing's own checks look
// at the state alone.
type inSeam func()

// CheckState implements statecheck.StateCheck.
func (check inSeam) CheckState(context.Context, statecheck.CheckStateRequest, *statecheck.CheckStateResponse) {
	check()
}

// held checks that Seam holds a link.
func (w *world) held(pair link.Pair) statecheck.StateCheck {
	return inSeam(func() { w.wantLinked(pair, true) })
}

// planned is a step's expectation of what Terraform is about to do.
func planned(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// says matches a sentence as the CLI prints it: broken into lines, with a frame.
func says(sentence string) *regexp.Regexp {
	words := regexp.MustCompile(`\s+`).Split(regexp.QuoteMeta(sentence), -1)
	pattern := ""
	for i, word := range words {
		if i > 0 {
			pattern += `[\s│|╷╵]+`
		}
		pattern += word
	}
	return regexp.MustCompile(pattern)
}

func TestAccUserIdentityACSUser_basic(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.run(
			w.apply(w.janesLink()),
			resource.TestStep{
				Config:           w.config(linkBlock("test", w.janesLink())),
				ConfigPlanChecks: planned(w.address(), plancheck.ResourceActionNoop),
			},
			resource.TestStep{ // the block is taken out of the configuration
				Config:            w.config(),
				ConfigStateChecks: []statecheck.StateCheck{inSeam(func() { w.wantLinked(w.janesLink(), false) })},
			},
		)
		if add, remove := w.Count(w.kind.addRoute), w.Count(w.kind.removeRoute); add != 1 || remove != 1 {
			w.t.Errorf("%d adds and %d removes, want one of each", add, remove)
		}
	})
}

func TestAccUserIdentityACSUser_identity(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		step := w.apply(w.janesLink())
		step.ConfigStateChecks = []statecheck.StateCheck{
			statecheck.ExpectIdentity(w.address(), map[string]knownvalue.Check{
				w.kind.attribute: knownvalue.StringExact(w.janesLink().TargetID),
				"acs_user_id":    knownvalue.StringExact(w.jane.ID),
			}),
		}
		resource.Test(w.t, resource.TestCase{
			ProtoV6ProviderFactories: w.factories(),
			TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
			Steps:                    []resource.TestStep{step},
		})
	})
}

func TestAccUserIdentityACSUser_disappears(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(w *world)
		said    func(w *world) string // by the next apply, nil if it repairs
	}{
		"link":     {happens: func(w *world) { w.unlink(w.janesLink()) }},
		"ACS user": {func(w *world) { w.DeleteACSUser(w.jane.ID) }, func(w *world) string { return "There is no ACS user " + w.jane.ID }},
		"target": {(*world).deleteTarget, func(w *world) string {
			if w.kind == membershipsInGroups {
				return "There is no access group " + w.staff.ID
			}
			return "There is no ACS user " + w.jane.ID
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(w *world) {
				next := resource.TestStep{
					PreConfig:        func() { test.happens(w) },
					Config:           w.config(linkBlock("test", w.janesLink())),
					ConfigPlanChecks: planned(w.address(), plancheck.ResourceActionCreate),
				}
				if test.said == nil {
					next.ConfigStateChecks = []statecheck.StateCheck{w.held(w.janesLink())}
				} else {
					next.ExpectError = says(test.said(w))
				}
				w.run(w.apply(w.janesLink()), next)
			})
		})
	}
}

func TestAccUserIdentityACSUser_relinked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(w.apply(w.janesLink()), resource.TestStep{
		PreConfig:        func() { w.Link(w.johnID.ID, w.jane.ID) },
		Config:           w.config(linkBlock("test", w.janesLink())),
		ConfigPlanChecks: planned(linkAddress, plancheck.ResourceActionCreate),
		ExpectError:      says(isHeldBy(w.jane.ID, w.johnID.ID)),
	})
}

func TestAccUserIdentityACSUser_replace(t *testing.T) {
	t.Parallel()
	t.Run("target", func(t *testing.T) {
		t.Parallel()
		eachKind(t, func(w *world) {
			next := w.apply(w.toAnother())
			next.ConfigPlanChecks = planned(w.address(), plancheck.ResourceActionDestroyBeforeCreate)
			w.run(w.apply(w.janesLink()), next)
		})
	})
	t.Run("acs_user_id", func(t *testing.T) {
		t.Parallel()
		eachKind(t, func(w *world) {
			next := w.apply(w.linkOf(w.janeID, w.john))
			next.ConfigPlanChecks = planned(w.address(), plancheck.ResourceActionDestroyBeforeCreate)
			next.ConfigStateChecks = append(next.ConfigStateChecks, inSeam(func() { w.wantLinked(w.janesLink(), false) }))
			w.run(w.apply(w.janesLink()), next)
		})
	})
	t.Run("nothing but the case", func(t *testing.T) {
		t.Parallel()
		eachKind(t, func(w *world) {
			janes := w.janesLink()
			upper := fmt.Sprintf("resource %q \"test\" {\n %s = upper(%q)\n acs_user_id = upper(%q)\n}\n", typeOf(janes), w.kind.attribute, janes.TargetID, janes.ACSUserID)
			w.run(w.apply(w.janesLink()), resource.TestStep{
				Config:           w.config(upper),
				ConfigPlanChecks: planned(w.address(), plancheck.ResourceActionNoop),
			})
		})
	})
}

func TestAccUserIdentityACSUser_import(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]resource.ImportStateKind{
		"command":           resource.ImportCommandWithID,
		"block by id":       resource.ImportBlockWithID,
		"block by identity": resource.ImportBlockWithResourceIdentity,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(w *world) {
				step := resource.TestStep{
					ResourceName:    w.address(),
					ImportState:     true,
					ImportStateKind: kind,
				}
				checks := []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_5_0)}
				switch kind {
				case resource.ImportBlockWithResourceIdentity:
					checks = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)}
				case resource.ImportCommandWithID:
					step.ImportStateId = importID(w.janesLink())
					step.ImportStateVerify = true
					step.ImportStateVerifyIdentifierAttribute = "acs_user_id"
				default:
					step.ImportStateId = importID(w.janesLink())
				}
				resource.Test(w.t, resource.TestCase{
					ProtoV6ProviderFactories: w.factories(),
					TerraformVersionChecks:   checks,
					Steps:                    []resource.TestStep{w.apply(w.janesLink()), step},
				})
			})
		})
	}
}

// Links that others made come under Terraform with an import block, and the plan
// after it is empty.
func TestAccUserIdentityACSUser_adopt(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.link(w.janesLink())
		importBlock := fmt.Sprintf("import {\n to = %s\n id = %q\n}\n", w.address(), importID(w.janesLink()))
		resource.Test(w.t, resource.TestCase{
			ProtoV6ProviderFactories: w.factories(),
			TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_5_0)},
			Steps: []resource.TestStep{{
				Config:           w.config(linkBlock("test", w.janesLink()), importBlock),
				ConfigPlanChecks: planned(w.address(), plancheck.ResourceActionNoop),
			}},
		})
		if n := w.Count(w.kind.addRoute); n != 0 {
			w.t.Errorf("%d adds were sent, want none", n)
		}
		w.wantLinked(w.janesLink(), false)
	})
}

func TestAccUserIdentityACSUser_importNotLinked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.johnID.ID, w.jane.ID)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		Steps: []resource.TestStep{{
			Config:        w.config(linkBlock("test", w.janesLink())),
			ResourceName:  linkAddress,
			ImportState:   true,
			ImportStateId: importID(w.janesLink()),
			ExpectError:   says("There is no such link. The ACS user is linked to user identity " + w.johnID.ID),
		}},
	})
	w.wantHolder(w.jane.ID, w.johnID.ID)
}

func TestAccUserIdentityACSUser_existsAlready(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		w.link(w.janesLink())
		resource.Test(w.t, resource.TestCase{
			ProtoV6ProviderFactories: w.factories(),
			Steps: []resource.TestStep{{
				Config:      w.config(linkBlock("test", w.janesLink())),
				ExpectError: says("The " + w.kind.noun + " exists already. No changes were made."),
			}},
		})
		w.wantNoWrites()
		w.wantLinked(w.janesLink(), true)
	})
}

func TestAccUserIdentityACSUser_linkedElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.johnID.ID, w.jane.ID)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		Steps: []resource.TestStep{{
			Config:      w.config(linkBlock("test", w.janesLink())),
			ExpectError: says(isHeldBy(w.jane.ID, w.johnID.ID)),
		}},
	})
	w.wantNoWrites()
	w.wantHolder(w.jane.ID, w.johnID.ID)
}

func TestAccUserIdentityACSUser_destroyAfterRelink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(w.apply(w.janesLink()), resource.TestStep{
		PreConfig: func() { w.Link(w.johnID.ID, w.jane.ID) },
		Config:    w.config(linkBlock("test", w.janesLink())),
		Destroy:   true,
	})
	if n := w.Count(removeRoute); n != 0 {
		t.Errorf("%d removes were sent, want none", n)
	}
	w.wantHolder(w.jane.ID, w.johnID.ID)
}

func TestAccUserIdentityACSUser_mergedIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(w.apply(w.janesLink()), resource.TestStep{
		PreConfig:        func() { w.MergeUserIdentities(w.johnID.ID, w.janeID.ID) },
		Config:           w.config(linkBlock("test", w.janesLink())),
		ConfigPlanChecks: planned(linkAddress, plancheck.ResourceActionNoop),
	})
	w.wantHolder(w.jane.ID, "") // destroyed at the end of the test
}

// What cannot be trusted fails the plan and leaves the state alone.
func TestAccUserIdentityACSUser_untrustedReads(t *testing.T) {
	t.Parallel()
	eachKind(t, func(w *world) {
		other := w.AddWorkspace("Elsewhere")
		block := linkBlock("test", w.janesLink())
		steps := []resource.TestStep{w.apply(w.janesLink())}
		for _, status := range []int{401, 403, 404, 500} {
			steps = append(steps, resource.TestStep{
				PreConfig:   func() { w.Inject(fakeseam.Fault{Route: w.kind.readRoute, Status: status, HTML: status == 404}) },
				Config:      w.config(block),
				ExpectError: says(w.stays()),
			})
		}
		steps = append(steps,
			resource.TestStep{
				PreConfig:   w.ClearFaults,
				Config:      w.configWithKey(other.APIKey, block),
				ExpectError: says("This resource belongs to workspace " + w.workspace.ID + ", but the provider's credentials reach workspace " + other.ID + "."),
			},
			resource.TestStep{
				Config:      w.configWithKey("seam_nobody_knows_this_key", block),
				ExpectError: says("Seam rejected the provider's credentials."),
			},
			resource.TestStep{
				Config:           w.config(block),
				ConfigPlanChecks: planned(w.address(), plancheck.ResourceActionNoop),
			},
		)
		w.run(steps...)
	})
}

// Answers that never arrive, and a storm of throttling, all in one life.
func TestAccUserIdentityACSUser_ambiguousWrites(t *testing.T) {
	t.Parallel()
	for _, semantics := range []fakeseam.Semantics{fakeseam.AllSemantics()[0], fakeseam.AllSemantics()[1]} {
		t.Run(semantics.String(), func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(w *world) {
				w.SetSemantics(semantics)
				for _, fault := range []fakeseam.Fault{
					{Route: w.kind.addRoute, Times: 1, Status: 502, HTML: true},
					{Route: w.kind.addRoute, Times: 1, Drop: fakeseam.DropAfterEffect},
					{Route: w.kind.removeRoute, Times: 1, Status: 500},
					{Route: w.kind.removeRoute, Times: 1, CutBody: true},
					{Route: w.kind.readRoute, Times: 3, Status: 429, Header: map[string]string{"Retry-After": "20"}},
					{Route: w.kind.readRoute, Times: 1, Status: 429, Header: map[string]string{"Retry-After": w.clock.Now().Add(time.Minute).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")}},
				} {
					w.Inject(fault)
				}
				w.run(w.apply(w.janesLink()))
			})
		})
	}
}

// Of two resources for one link, one adds it, and the other one fails.
func TestAccUserIdentityACSUser_samePairTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(
		resource.TestStep{
			Config:      w.config(linkBlock("test", w.janesLink()), linkBlock("other", w.janesLink())),
			ExpectError: says("The link exists already. No changes were made."),
		},
	)
}

func TestAccUserIdentityACSUser_invalidIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	block := fmt.Sprintf("resource %q \"test\" {\n user_identity_id = \"jane\"\n acs_user_id = \"{%s}\"\n}\n", linkType, w.jane.ID)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		Steps: []resource.TestStep{
			{Config: w.config(block), ExpectError: says(`user_identity_id must be a UUID, such as 123e4567-e89b-12d3-a456-426614174000. Got: "jane".`)},
			{Config: w.config(block), ExpectError: says("acs_user_id must be a UUID")},
		},
	})
	w.wantNoRequests()
}

// The ids may come from other resources, unknown until those are created.
func TestAccUserIdentityACSUser_unknownIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runFrom(tfversion.Version1_4_0, resource.TestStep{ // terraform_data
		Config: w.config(fmt.Sprintf(`
			resource "terraform_data" "people" {
			  input = { identity = %q, user = %q }
			}
			resource "seam_user_identity_acs_user" "test" {
			  user_identity_id = terraform_data.people.output.identity
			  acs_user_id      = terraform_data.people.output.user
			}`, w.janeID.ID, w.jane.ID)),
		ConfigStateChecks: []statecheck.StateCheck{
			w.held(w.janesLink()),
			statecheck.CompareValuePairs("terraform_data.people", tfjsonpath.New("output").AtMapKey("user"), linkAddress, tfjsonpath.New("acs_user_id"), compare.ValuesSame()),
		},
	})
}
