package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/link"
)

type chapter struct {
	title      string
	situations []situation
}

// goldenChapters are the situations in which the provider says something. What
// it could say and none of them provokes, wantSentences finds.
func goldenChapters() []chapter {
	return []chapter{
		{"The provider block", providerBlockSituations()},
		{"A value of the provider block is not known yet", unknownSituations()},
		{"Validating", validatingSituations()},
		{"Planning a link", planningSituations()},
		{"Creating a link", creatingSituations()},
		{"Reading a link", readingSituations()},
		{"Removing a link", removingSituations()},
		{"Importing a link", importingSituations()},
		{"Planning a membership", ofMemberships(planningSituations())},
		{"Creating a membership", append(ofMemberships(creatingSituations()), situation{"the access group is in another access system", func(s *scene) diagnostics {
			annex := s.AddSystem(s.workspace.ID, "Annex", "kisi_organization")
			visitors := s.AddAccessGroup(annex.ID, "Visitors")
			s.names[annex.ID], s.names[visitors.ID] = "<Annex>", "<Visitors>"
			return s.creatingOf(link.InGroup(visitors.ID, s.jane.ID))
		}})},
		{"Reading a membership", ofMemberships(readingSituations())},
		{"Removing a membership", ofMemberships(removingSituations())},
		{"Importing a membership", append(ofMemberships(importingSituations()), situation{"no such access group", func(s *scene) diagnostics {
			return s.ofMemberships().importing(importID(link.InGroup(strangeID, s.jane.ID)))
		}})},
		{"Answers that are no answers", answerSituations()},
		{"What hits every link alike is explained once", sharedCauseSituations()},
		{"Looking things up", lookupSituations()},
		{"Querying links", queryingSituations()},
		{"Querying memberships", queryingMembershipsSituations()},
		{"The action that removes a link", actionSituations()},
		{"User identities", userIdentitySituations()},
		{"ACS users", acsUserSituations()},
		{"What access systems report", reportSituations()},
		{"Querying people", queryingPeopleSituations()},
	}
}

// ofMemberships are the situations of links for memberships, without those that these do
// not have: an ACS user may be in several access groups, identities alone are merged, and
// the list of the access groups of an ACS user does not tell what is wrong with it.
func ofMemberships(situations []situation) []situation {
	var all []situation
	for _, one := range situations {
		if strings.Contains(one.name, "identit") && one.name != "an identity that is none" || one.name == readDeletedExternally {
			continue
		}
		all = append(all, situation{one.name, func(s *scene) diagnostics {
			return one.provoke(s.ofMemberships())
		}})
	}
	return all
}

func providerBlockSituations() []situation {
	type m = map[string]string
	none := m{}
	return []situation{
		{"no credentials", configuring(values{}, none)},
		{"an API key and a token, both written", configuring(values{"api_key": testKey, "personal_access_token": testToken}, none)},
		{"an API key and a token, both in the environment", configuring(values{}, m{"SEAM_API_KEY": testKey, "SEAM_PERSONAL_ACCESS_TOKEN": testToken})},
		{"a token as SEAM_API_KEY", configuring(values{}, m{"SEAM_API_KEY": testToken})},
		{"an API key of an unknown format", configuring(values{"api_key": "sk_live_1"}, none)},
		{"an API key with a line break", configuring(values{}, m{"SEAM_API_KEY": testKey + "\n"})},
		{"an API key that is far too long", configuring(values{"api_key": strings.Repeat(testKey, 100)}, none)},
		{"a client session token", configuring(values{"api_key": "seam_cst1_x"}, none)},
		{"a publishable key", configuring(values{"api_key": "seam_pk1_x"}, none)},
		{"a JWT", configuring(values{"api_key": "eyJhbGciOi"}, none)},
		{"an API key as token", configuring(values{"personal_access_token": testKey, "workspace_id": strangeID}, none)},
		{"a token of an unknown format", configuring(values{"personal_access_token": "ghp_1", "workspace_id": strangeID}, none)},
		{"a client session token as token", configuring(values{"personal_access_token": "seam_cst1_x", "workspace_id": strangeID}, none)},
		{"a token without a workspace", configuring(values{"personal_access_token": testToken}, none)},
		{"a workspace ID that is a name", configuring(values{"api_key": testKey, "workspace_id": "Harbour House"}, none)},
		{"a workspace ID that is too long", configuring(values{"api_key": testKey}, m{"SEAM_WORKSPACE_ID": strings.Repeat("a", 65)})},
		{"an endpoint that is no URL", configuring(values{"api_key": testKey, "endpoint": "https://[::1"}, none)},
		{"an endpoint with a line break", configuring(values{"api_key": testKey}, m{"SEAM_ENDPOINT": defaultEndpoint + "\n"})},
		{"an endpoint without a scheme", configuring(values{"api_key": testKey, "endpoint": "connect.getseam.com"}, none)},
		{"an endpoint with a lookalike", configuring(values{"api_key": testKey, "endpoint": "https://connect.gets\u0435am.com"}, none)},
		{"an endpoint without a host", configuring(values{"api_key": testKey, "endpoint": "https:///path"}, none)},
		{"an endpoint with a password", configuring(values{"api_key": testKey, "endpoint": "https://me:secret@example.com"}, none)},
		{"an endpoint with a query", configuring(values{"api_key": testKey}, m{"SEAM_ENDPOINT": "https://example.com?x=1"})},
		{"an endpoint with plain http", configuring(values{"api_key": testKey, "endpoint": "http://connect.getseam.com"}, none)},
		{"an endpoint that is far too long", configuring(values{"api_key": testKey, "endpoint": "https://example.com/" + strings.Repeat("x", 3000)}, none)},
		{"a retry_timeout that is no duration", configuring(values{"api_key": testKey, "retry_timeout": "5"}, none)},
		{"a workspace_id that is not the key's", func(s *scene) diagnostics {
			tf := s.terraformWith(values{"endpoint": s.url, "api_key": s.workspace.APIKey, "workspace_id": s.elsewhere().ID})
			_, found := tf.create(s.janesLink())
			return found
		}},
	}
}

func unknownSituations() []situation {
	with := func(say func(s *scene, tf *terraform) diagnostics) func(*scene) diagnostics {
		return func(s *scene) diagnostics {
			return say(s, s.terraformWith(values{"endpoint": s.url, "api_key": unknown}))
		}
	}
	return []situation{
		{"reading", with(func(s *scene, tf *terraform) diagnostics {
			_, found := tf.read(s.linkState(s.janesLink()))
			return found
		})},
		{"creating, removing, importing, looking up, querying, invoking", with(func(s *scene, tf *terraform) diagnostics {
			_, found := tf.create(s.janesLink())
			return found
		})},
	}
}

func validatingSituations() []situation {
	return []situation{
		{"an ID that is none", func(s *scene) diagnostics {
			return s.unconfigured().validate(values{"user_identity_id": "jane", "acs_user_id": s.jane.ID})
		}},
		{"an ID that is very long", func(s *scene) diagnostics {
			return s.unconfigured().validate(values{"user_identity_id": s.janeID.ID, "acs_user_id": strings.Repeat("x", 1000)})
		}},
		{"nothing to look for", func(s *scene) diagnostics { return s.lookingUp("seam_acs_system", values{}) }},
		{"two things to look for", func(s *scene) diagnostics {
			return s.lookingUp("seam_user_identity", values{"user_identity_key": "jane_doe", "email_address": "jane@example.com"})
		}},
		{"no access system to look in", func(s *scene) diagnostics {
			return s.lookingUp("seam_acs_user", values{"email_address": "jane@example.com"})
		}},
		{"a blank name", func(s *scene) diagnostics { return s.lookingUp("seam_acs_system", values{"name": " "}) }},
		{"a name of two lines", func(s *scene) diagnostics { return s.lookingUp("seam_acs_system", values{"name": "Salto\nHQ"}) }},
		{"a phone number that is none", func(s *scene) diagnostics {
			return s.lookingUp("seam_user_identity", values{"phone_number": "555 0100"})
		}},
		{"a timestamp that is none", func(s *scene) diagnostics {
			return s.lookingUp("seam_acs_users", values{"created_before": "yesterday"})
		}},
	}
}

func planningSituations() []situation {
	return []situation{
		{"linked already", func(s *scene) diagnostics { return s.linked().planning() }},
		{"linked already, by a resource in the state: this one, which is tainted, or another", func(s *scene) diagnostics {
			tf := s.linked().terraform()
			_, read := tf.read(s.linkState(s.janesLink()))
			_, _, found := tf.plan(nil, configOf(s.janesLink()))
			return append(read, found...)
		}},
		{"linked to another identity", func(s *scene) diagnostics { return s.linkedToJohn().planning() }},
		{"no such ACS user", func(s *scene) diagnostics { s.DeleteACSUser(s.jane.ID); return s.planning() }},
		{"the ACS user is being deleted", func(s *scene) diagnostics { s.MarkACSUserBeingDeleted(s.jane.ID); return s.planning() }},
		{"no answer that helps", func(s *scene) diagnostics { return s.fault(s.kind.readRoute, fakeseam.Fault{Status: 500}).planning() }},
		{"credentials refused", func(s *scene) diagnostics { return s.fault(s.kind.readRoute, fakeseam.Fault{Status: 401}).planning() }},
		{"no answer in time, and no other check after that", func(s *scene) diagnostics {
			tf := s.fault(s.kind.readRoute, fakeseam.Fault{Hang: time.Minute}).terraform()
			ctx, cancel := context.WithTimeout(s.t.Context(), 50*time.Millisecond)
			defer cancel()
			_, _, found := tf.with(ctx).plan(nil, configOf(s.janesLink()))
			_, _, again := tf.plan(nil, configOf(s.linkOf(s.johnID, s.john)))
			return append(found, again...)
		}},
		{"two resources link one ACS user to two user identities", func(s *scene) diagnostics { return s.planningTwice(s.toAnother()) }},
		{"two resources for one link", func(s *scene) diagnostics { return s.planningTwice(s.janesLink()) }},
		{"the ID of the target is not known yet", func(s *scene) diagnostics {
			_, _, found := s.terraform().plan(s.linkState(s.janesLink()), values{s.kind.attribute: unknown, "acs_user_id": s.jane.ID})
			return found
		}},
		{"the ID of the ACS user is not known yet", func(s *scene) diagnostics {
			_, _, found := s.terraform().plan(s.linkState(s.janesLink()), values{s.kind.attribute: s.janesLink().TargetID, "acs_user_id": unknown})
			return found
		}},
	}
}

// planningTwice plans Jane's link, and this one.
func (s *scene) planningTwice(pair link.Pair) diagnostics {
	tf := s.terraform()
	_, _, found := tf.plan(nil, configOf(s.janesLink()))
	_, _, again := tf.plan(nil, configOf(pair))
	return append(found, again...)
}

func creatingSituations() []situation {
	return []situation{
		{"linked already", func(s *scene) diagnostics { return s.linked().creating() }},
		{"linked to another identity", func(s *scene) diagnostics { return s.linkedToJohn().creating() }},
		{"no such ACS user", func(s *scene) diagnostics { s.DeleteACSUser(s.jane.ID); return s.creating() }},
		{"no such target", func(s *scene) diagnostics { return s.creatingOf(strange(s.janesLink())) }},
		{"no such ACS user, in a workspace that is not known", func(s *scene) diagnostics {
			s.DeleteACSUser(s.jane.ID)
			return s.fault(getWorkspace, fakeseam.Fault{Status: 500}).creating()
		}},
		{"the user identity is unmanaged", func(s *scene) diagnostics {
			unmanaged := s.AddUnmanagedUserIdentity(s.workspace.ID, fakeseam.Person{FullName: "Ann"})
			s.names[unmanaged.ID] = "<an unmanaged identity>"
			return s.creatingOf(link.ToIdentity(unmanaged.ID, s.jane.ID))
		}},
		{"the IDs are swapped", func(s *scene) diagnostics {
			pair := s.janesLink()
			pair.TargetID, pair.ACSUserID = pair.ACSUserID, pair.TargetID
			return s.creatingOf(pair)
		}},
		{"the ID of an ACS user as that of the target", func(s *scene) diagnostics {
			pair := s.janesLink()
			pair.TargetID = s.john.ID
			return s.creatingOf(pair)
		}},
		{"the ACS user is being deleted", func(s *scene) diagnostics { s.MarkACSUserBeingDeleted(s.jane.ID); return s.creating() }},
		{"the ACS user was deleted in its access system", func(s *scene) diagnostics {
			s.SetACSUserErrors(s.jane.ID, "deleted_externally")
			return s.creating()
		}},
		{"the target is being deleted", func(s *scene) diagnostics {
			s.markTargetBeingDeleted()
			return s.creating()
		}},
		{"the user identity was merged", func(s *scene) diagnostics {
			s.MergeUserIdentities(s.johnID.ID, s.janeID.ID)
			return s.creating()
		}},
		{"Seam refuses", func(s *scene) diagnostics {
			s.link(s.linkOf(s.janeID, s.acsUser(fakeseam.Person{FullName: "Jane Doe"})))
			return s.fault(addMemberRoute, fakeseam.Fault{Status: 400, Body: `{"ok":false,"error":{"type":"invalid_input","message":"The access group is full"}}`}).creating()
		}},
		{"Seam finds fault with fields", func(s *scene) diagnostics {
			return s.fault(s.kind.addRoute, fakeseam.Fault{Status: 400, Body: `{"ok":false,"error":{"type":"invalid_input","message":"Invalid input","validation_errors":{"_errors":[],"acs_user_id":{"_errors":["Invalid uuid","Unknown"]}}}}`}).creating()
		}},
		{"Seam fails until the time is up", func(s *scene) diagnostics { return s.fault(s.kind.addRoute, fakeseam.Fault{Status: 500}).creating() }},
		{"Seam throttles, and nothing is to be tried again", func(s *scene) diagnostics {
			s.fault(s.kind.addRoute, fakeseam.Fault{Status: 429, Header: map[string]string{"Retry-After": "60"}})
			tf := s.terraformWith(values{"endpoint": s.url, "api_key": s.workspace.APIKey, "retry_timeout": "0s"})
			_, found := tf.create(s.janesLink())
			return found
		}},
		{"the answer is lost, and Seam cannot be asked", func(s *scene) diagnostics {
			s.fault(s.kind.addRoute, fakeseam.Fault{Drop: fakeseam.DropAfterEffect})
			return s.fault(s.kind.readRoute, fakeseam.Fault{Skip: 1, Status: 503}).creating()
		}},
		{"the time of the request was up, and it may land yet", func(s *scene) diagnostics {
			s.timeOut(s.kind.addRoute)
			return s.creating()
		}},
		{"the answer is lost, and then Seam refuses", func(s *scene) diagnostics {
			s.fault(s.kind.addRoute, fakeseam.Fault{Times: 1, Drop: fakeseam.DropBeforeEffect})
			return s.fault(s.kind.addRoute, fakeseam.Fault{Status: 403}).creating()
		}},
		{"the answer is lost, and then another user links the ACS user to another identity", func(s *scene) diagnostics {
			s.fault(s.kind.addRoute, fakeseam.Fault{Times: 1, Drop: fakeseam.DropBeforeEffect})
			s.act(s.kind.readRoute, 2, func() { s.Link(s.johnID.ID, s.jane.ID) })
			return s.creating()
		}},
		{"the answer is lost, and then the apply is interrupted", func(s *scene) diagnostics {
			ctx, cancel := context.WithCancel(s.t.Context())
			defer cancel()
			s.fault(s.kind.addRoute, fakeseam.Fault{Status: 500})
			s.act(s.kind.addRoute, 1, cancel)
			_, found := s.terraform().with(ctx).create(s.janesLink())
			return found
		}},
		{"interrupted before anything was sent", func(s *scene) diagnostics {
			ctx, cancel := context.WithCancel(s.t.Context())
			defer cancel()
			s.act(s.kind.readRoute, 1, cancel)
			_, found := s.terraform().with(ctx).create(s.janesLink())
			return found
		}},
	}
}

func (s *scene) creatingOf(pair link.Pair) diagnostics {
	_, found := s.terraform().create(pair)
	return found
}

const readDeletedExternally = "the ACS user was deleted in its access system, and is read"

func readingSituations() []situation {
	return []situation{
		{"not linked any more", func(s *scene) diagnostics { return s.reading() }},
		{"linked to another identity by now", func(s *scene) diagnostics { return s.linkedToJohn().reading() }},
		{"the ACS user is gone", func(s *scene) diagnostics { s.DeleteACSUser(s.jane.ID); return s.reading() }},
		{"the target is gone", func(s *scene) diagnostics {
			pair := s.janesLink()
			s.linked().deleteTarget()
			_, found := s.terraform().read(s.linkState(pair))
			return found
		}},
		{"the user identity was merged", func(s *scene) diagnostics {
			s.linked().MergeUserIdentities(s.johnID.ID, s.janeID.ID)
			return s.reading()
		}},
		{"the credentials reach another workspace", func(s *scene) diagnostics {
			tf := s.linked().terraformWith(values{"endpoint": s.url, "api_key": s.elsewhere().APIKey})
			_, found := tf.read(s.linkState(s.janesLink()))
			return found
		}},
		{"the access system is out of sight", func(s *scene) diagnostics { s.linked().HideSystem(s.system.ID, true); return s.reading() }},
		{readDeletedExternally, func(s *scene) diagnostics {
			s.linked().SetACSUserErrors(s.jane.ID, "deleted_externally")
			return s.reading()
		}},
		{"two resources in the state manage one link", func(s *scene) diagnostics {
			tf := s.linked().terraform()
			_, found := tf.read(s.linkState(s.janesLink()))
			_, again := tf.read(s.linkState(s.janesLink()))
			return append(found, again...)
		}},
	}
}

func removingSituations() []situation {
	return []situation{
		{"the credentials reach another workspace", func(s *scene) diagnostics {
			tf := s.linked().terraformWith(values{"endpoint": s.url, "api_key": s.elsewhere().APIKey})
			_, found := tf.destroy(s.linkState(s.janesLink()))
			return found
		}},
		{"Seam fails until the time is up", func(s *scene) diagnostics {
			return s.linked().fault(s.kind.removeRoute, fakeseam.Fault{Status: 500}).destroying()
		}},
		{"Seam accepts, and nothing happens", func(s *scene) diagnostics {
			return s.linked().fault(s.kind.removeRoute, fakeseam.Fault{NoEffect: true}).destroying()
		}},
		{"the answer is lost, and Seam cannot be asked", func(s *scene) diagnostics {
			s.linked().fault(s.kind.removeRoute, fakeseam.Fault{Drop: fakeseam.DropAfterEffect})
			return s.fault(s.kind.readRoute, fakeseam.Fault{Skip: 1, Status: 503}).destroying()
		}},
		{"Seam accepts, and cannot be asked", func(s *scene) diagnostics {
			return s.linked().fault(s.kind.readRoute, fakeseam.Fault{Skip: 1, Status: 503}).destroying()
		}},
		{"the access system is out of sight", func(s *scene) diagnostics { s.linked().HideSystem(s.system.ID, true); return s.destroying() }},
		{"Seam accepts, and then the access system is out of sight", func(s *scene) diagnostics {
			s.act(s.kind.readRoute, 2, func() { s.HideSystem(s.system.ID, true) })
			return s.linked().destroying()
		}},
		{"Seam accepts, and the destroy is interrupted before it shows", func(s *scene) diagnostics {
			ctx, cancel := context.WithCancel(s.t.Context())
			defer cancel()
			s.act(s.kind.readRoute, 2, cancel)
			_, found := s.linked().fault(s.kind.removeRoute, fakeseam.Fault{NoEffect: true}).terraform().with(ctx).destroy(s.linkState(s.janesLink()))
			return found
		}},
	}
}

func importingSituations() []situation {
	return []situation{
		{"an import ID that is none", func(s *scene) diagnostics { return s.importing(s.jane.ID) }},
		{"an identity that is none", func(s *scene) diagnostics {
			_, found := s.terraform().importByIdentity(link.Pair{Target: s.kind.target, TargetID: "jane", ACSUserID: "doe"})
			return found
		}},
		{"not linked", func(s *scene) diagnostics { return s.importing(importID(s.janesLink())) }},
		{"linked to another identity", func(s *scene) diagnostics { return s.linkedToJohn().importing(importID(s.janesLink())) }},
		{"no such ACS user", func(s *scene) diagnostics { s.DeleteACSUser(s.jane.ID); return s.importing(importID(s.janesLink())) }},
		{"no such ACS user, in a workspace that is not known", func(s *scene) diagnostics {
			s.DeleteACSUser(s.jane.ID)
			return s.fault(getWorkspace, fakeseam.Fault{Status: 500}).importing(importID(s.janesLink()))
		}},
		{"Seam fails until the time is up", func(s *scene) diagnostics {
			return s.fault(s.kind.readRoute, fakeseam.Fault{Status: 500}).importing(importID(s.janesLink()))
		}},
	}
}

func answerSituations() []situation {
	var situations []situation
	for _, one := range []struct {
		name  string
		fault fakeseam.Fault
	}{
		{"401", fakeseam.Fault{Status: 401}},
		{"404 for an API key that is not known", fakeseam.Fault{Status: 404, Body: `{"ok":false,"error":{"type":"api_key_not_found","message":"API key not found"}}`}},
		{"400 for an API key that is not known", fakeseam.Fault{Status: 400, Body: `{"ok":false,"error":{"type":"missing_workspace_id","message":"You must provide a workspace"}}`}},
		{"403", fakeseam.Fault{Status: 403}},
		{"407", fakeseam.Fault{Status: 407, HTML: true}},
		{"429", fakeseam.Fault{Status: 429, Header: map[string]string{"Retry-After": "3600"}}},
		{"500", fakeseam.Fault{Status: 500}},
		{"502 of a proxy", fakeseam.Fault{Status: 502, HTML: true}},
		{"a redirect", fakeseam.Fault{Status: 302, Header: map[string]string{"Location": "https://example.com/"}}},
		{"404 of something that is not Seam", fakeseam.Fault{Status: 404, HTML: true}},
		{"a page in place of an answer", fakeseam.Fault{HTML: true}},
		{"an answer about another ACS user", fakeseam.Fault{Body: `{"ok":true,"acs_user":{"acs_user_id":"` + strangeID + `"}}`}},
		{"an answer that is cut off", fakeseam.Fault{CutBody: true}},
		{"no answer at all", fakeseam.Fault{Drop: fakeseam.DropBeforeEffect}},
	} {
		situations = append(situations, situation{one.name, func(s *scene) diagnostics {
			return s.linked().fault(getUserRoute, one.fault).reading()
		}})
	}
	return situations
}

// sharedCauseSituations read two links each: the second error points to the first.
func sharedCauseSituations() []situation {
	reading := func(s *scene, tf *terraform) diagnostics {
		_, found := tf.read(s.linkState(s.janesLink()))
		_, again := tf.read(s.linkState(link.ToIdentity(s.johnID.ID, s.john.ID)))
		return append(found, again...)
	}
	situations := []situation{
		{"the credentials reach another workspace", func(s *scene) diagnostics {
			return reading(s, s.terraformWith(values{"endpoint": s.url, "api_key": s.elsewhere().APIKey}))
		}},
		{"a workspace_id that is not the key's", func(s *scene) diagnostics {
			return reading(s, s.terraformWith(values{"endpoint": s.url, "api_key": s.workspace.APIKey, "workspace_id": s.elsewhere().ID}))
		}},
		{"the access system is out of sight", func(s *scene) diagnostics {
			s.HideSystem(s.system.ID, true)
			return reading(s, s.terraform())
		}},
		{"a check for a conflict, and then a creation", func(s *scene) diagnostics {
			tf := s.fault(getUserRoute, fakeseam.Fault{Status: 503}).terraform()
			_, _, found := tf.plan(nil, values{"user_identity_id": s.janeID.ID, "acs_user_id": s.jane.ID})
			_, again := tf.create(s.janesLink())
			return append(found, again...)
		}},
	}
	for _, one := range []struct {
		name  string
		fault fakeseam.Fault
	}{
		{"401", fakeseam.Fault{Status: 401}},
		{"403", fakeseam.Fault{Status: 403}},
		{"429", fakeseam.Fault{Status: 429, Header: map[string]string{"Retry-After": "3600"}}},
		{"500 until the time is up", fakeseam.Fault{Status: 500}},
		{"no answer at all", fakeseam.Fault{Drop: fakeseam.DropBeforeEffect}},
	} {
		situations = append(situations, situation{one.name, func(s *scene) diagnostics {
			return reading(s, s.fault(getUserRoute, one.fault).terraform())
		}})
	}
	return situations
}

func lookupSituations() []situation {
	jane := fakeseam.Person{FullName: "Jane Doe", EmailAddress: "jane@example.com"}
	return []situation{
		{"no such user identity", func(s *scene) diagnostics {
			return s.lookingUp("seam_user_identity", values{"user_identity_id": strangeID})
		}},
		{"no such key", func(s *scene) diagnostics {
			return s.lookingUp("seam_user_identity", values{"user_identity_key": "nobody"})
		}},
		{"no such ACS user", func(s *scene) diagnostics { return s.lookingUp("seam_acs_user", values{"acs_user_id": strangeID}) }},
		{"no such access system", func(s *scene) diagnostics {
			return s.lookingUp("seam_acs_system", values{"acs_system_id": strangeID})
		}},
		{"no such access system to look in", func(s *scene) diagnostics {
			return s.lookingUp("seam_acs_user", values{"acs_system_id": strangeID, "full_name": "Jane Doe"})
		}},
		{"no access system with this name", func(s *scene) diagnostics {
			s.names[s.AddSystem(s.workspace.ID, "", "kisi_organization").ID] = "<an access system>"
			return s.lookingUp("seam_acs_system", values{"name": "salto hq"})
		}},
		{"two access systems with this name", func(s *scene) diagnostics {
			second := s.AddSystem(s.workspace.ID, "Salto HQ", "brivo_account")
			s.names[second.ID] = "<second Salto HQ>"
			return s.lookingUp("seam_acs_system", values{"name": "Salto HQ"})
		}},
		{"no such access group", func(s *scene) diagnostics {
			return s.lookingUp(accessGroupType, values{"acs_access_group_id": strangeID})
		}},
		{"no access group with this name", func(s *scene) diagnostics {
			s.accessGroup("Staff")
			s.SetAccessGroupWarnings(s.accessGroup("Visitors").ID, "being_deleted")
			return s.lookingUp(accessGroupType, values{"acs_system_id": s.system.ID, "name": "staff"})
		}},
		{"two access groups with this name", func(s *scene) diagnostics {
			s.accessGroup("Staff")
			s.accessGroup("Staff")
			return s.lookingUp(accessGroupType, values{"acs_system_id": s.system.ID, "name": "Staff"})
		}},
		{"nobody with this email address, and nobody near", func(s *scene) diagnostics {
			return s.lookingUp("seam_user_identity", values{"email_address": "nobody@example.org"})
		}},
		{"nobody with this phone number", func(s *scene) diagnostics {
			return s.lookingUp("seam_user_identity", values{"phone_number": "+15555550199"})
		}},
		{"nobody with this full name, but somebody near", func(s *scene) diagnostics {
			leaving := s.acsUser(fakeseam.Person{EmailAddress: "jane.doe@example.com", PhoneNumber: "+15555550101"})
			s.MarkACSUserBeingDeleted(leaving.ID)
			return s.lookingUp("seam_acs_user", values{"acs_system_id": s.system.ID, "full_name": "Jane"})
		}},
		{"several with this email address", func(s *scene) diagnostics {
			for range 11 {
				s.acsUser(jane)
			}
			return s.lookingUp("seam_acs_user", values{"acs_system_id": s.system.ID, "email_address": "jane@example.com"})
		}},
		{"nobody of this user identity", func(s *scene) diagnostics {
			return s.lookingUp("seam_acs_user", values{"acs_system_id": s.system.ID, "user_identity_id": s.janeID.ID})
		}},
		{"in a workspace that is not known", func(s *scene) diagnostics {
			return s.fault(getWorkspace, fakeseam.Fault{Status: 500}).lookingUp("seam_acs_user", values{"acs_user_id": strangeID})
		}},
		{"a merged user identity", func(s *scene) diagnostics {
			s.MergeUserIdentities(s.johnID.ID, s.janeID.ID)
			return s.lookingUp("seam_user_identity", values{"user_identity_id": s.janeID.ID})
		}},
		{"the key of a merged user identity", func(s *scene) diagnostics {
			s.MergeUserIdentities(s.johnID.ID, s.identity(fakeseam.Person{Key: "old_key"}).ID)
			return s.lookingUp("seam_user_identity", values{"user_identity_key": "old_key"})
		}},
		{"user identities that are missing", func(s *scene) diagnostics {
			var ids []any
			for n := range 12 {
				id := fmt.Sprintf("99999999-9999-4999-8999-%012d", n)
				s.names[id] = fmt.Sprintf("<nobody's ID %d>", n)
				ids = append(ids, id)
			}
			return s.lookingUp("seam_user_identities", values{"user_identity_ids": ids})
		}},
		{"a list that goes in circles", func(s *scene) diagnostics {
			for _, cursor := range []string{"a", "b", "a"} {
				s.fault("/acs/users/list", fakeseam.Fault{Times: 1, Body: `{"ok":true,"acs_users":[],"pagination":{"has_next_page":true,"next_page_cursor":"` + cursor + `","next_page_url":null}}`})
			}
			return s.lookingUp("seam_acs_users", values{})
		}},
		{"Seam fails, reading an access system", func(s *scene) diagnostics {
			return s.fault("/acs/systems/get", fakeseam.Fault{Status: 403}).lookingUp("seam_acs_system", values{"acs_system_id": s.system.ID})
		}},
		{"Seam fails, reading by name", func(s *scene) diagnostics {
			return s.fault("/acs/systems/list", fakeseam.Fault{Status: 403}).lookingUp("seam_acs_system", values{"name": "Salto HQ"})
		}},
		{"Seam fails, reading an access group", func(s *scene) diagnostics {
			return s.fault(getGroupRoute, fakeseam.Fault{Status: 403}).lookingUp(accessGroupType, values{"acs_access_group_id": strangeID})
		}},
		{"Seam fails, reading an access group by name", func(s *scene) diagnostics {
			return s.fault(listGroupsRoute, fakeseam.Fault{Status: 403}).lookingUp(accessGroupType, values{"acs_system_id": s.system.ID, "name": "Staff"})
		}},
		{"Seam fails, listing access groups", func(s *scene) diagnostics {
			return s.fault(listGroupsRoute, fakeseam.Fault{Status: 403}).lookingUp(accessGroupsType, values{})
		}},
		{"Seam fails, reading an ACS user", func(s *scene) diagnostics {
			return s.fault(getUserRoute, fakeseam.Fault{Status: 403}).lookingUp("seam_acs_user", values{"acs_user_id": s.jane.ID})
		}},
		{"Seam fails, reading a user identity", func(s *scene) diagnostics {
			return s.fault(getIdentity, fakeseam.Fault{Status: 403}).lookingUp("seam_user_identity", values{"user_identity_id": s.janeID.ID})
		}},
		{"Seam fails, reading a user identity by key", func(s *scene) diagnostics {
			return s.fault(getIdentity, fakeseam.Fault{Status: 403}).lookingUp("seam_user_identity", values{"user_identity_key": "jane_doe"})
		}},
		{"Seam fails, reading the list of ACS users", func(s *scene) diagnostics {
			return s.fault("/acs/users/list", fakeseam.Fault{Status: 403}).lookingUp("seam_acs_users", values{})
		}},
		{"Seam fails, reading the list of user identities", func(s *scene) diagnostics {
			return s.fault(listIdentitiesRoute, fakeseam.Fault{Status: 403}).lookingUp("seam_user_identities", values{})
		}},
		{"Seam fails, reading the workspace", func(s *scene) diagnostics {
			return s.fault(getWorkspace, fakeseam.Fault{Status: 403}).lookingUp("seam_workspace", values{})
		}},
	}
}

func queryingSituations() []situation {
	return []situation{
		{"no such access system", func(s *scene) diagnostics { return s.querying(values{"acs_system_id": strangeID}) }},
		{"no such user identity", func(s *scene) diagnostics { return s.querying(values{"user_identity_id": strangeID}) }},
		{"Seam fails", func(s *scene) diagnostics {
			return s.fault("/acs/users/list", fakeseam.Fault{Status: 403}).querying(nil)
		}},
		{"the names of the access systems are not known", func(s *scene) diagnostics {
			return s.linked().fault(listSystemsRoute, fakeseam.Fault{Status: 403}).querying(nil)
		}},
	}
}

func queryingMembershipsSituations() []situation {
	return []situation{
		{"no such access system", func(s *scene) diagnostics { return s.queryingMemberships(values{"acs_system_id": strangeID}) }},
		{"no such access group", func(s *scene) diagnostics { return s.queryingMemberships(values{"acs_access_group_id": strangeID}) }},
		{"Seam fails", func(s *scene) diagnostics {
			return s.fault(listGroupsRoute, fakeseam.Fault{Status: 403}).queryingMemberships(nil)
		}},
	}
}

func actionSituations() []situation {
	return []situation{
		{"linked", func(s *scene) diagnostics { return s.linked().invoking(s.janesLink()) }},
		{"linked to the identity that it was merged into", func(s *scene) diagnostics {
			s.linked().MergeUserIdentities(s.johnID.ID, s.janeID.ID)
			return s.invoking(s.janesLink())
		}},
		{"not linked", func(s *scene) diagnostics { return s.invoking(s.janesLink()) }},
		{"linked to another identity", func(s *scene) diagnostics { return s.linkedToJohn().invoking(s.janesLink()) }},
		{"no such ACS user", func(s *scene) diagnostics {
			return s.invoking(link.ToIdentity(s.janeID.ID, strangeID))
		}},
		{"Seam refuses", func(s *scene) diagnostics {
			return s.linked().fault(removeRoute, fakeseam.Fault{Status: 403}).invoking(s.janesLink())
		}},
		{"the answer is lost, and Seam cannot be asked", func(s *scene) diagnostics {
			s.linked().fault(removeRoute, fakeseam.Fault{Drop: fakeseam.DropAfterEffect})
			return s.fault(getUserRoute, fakeseam.Fault{Skip: 2, Status: 503}).invoking(s.janesLink())
		}},
		{"Seam accepts, and nothing happens", func(s *scene) diagnostics {
			return s.linked().fault(removeRoute, fakeseam.Fault{NoEffect: true}).invoking(s.janesLink())
		}},
	}
}
