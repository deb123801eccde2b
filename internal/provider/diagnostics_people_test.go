package provider

import (
	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// person is the block of a person who was created, in another command.
func (s *scene) person(typeName string, config values) *resourceBlock {
	block := s.terraform().block(typeName)
	block.wantNoErrors(block.command(config))
	s.named(block)
	return block.in(s.terraform())
}

// named names the person that a block is now.
func (s *scene) named(block *resourceBlock) {
	if id := block.id(); id != "" {
		s.names[id] = map[string]string{identityType: "<Ann's identity>", acsUserRecordType: "<Ann's ACS user>"}[block.typeName]
	}
}

func (s *scene) annsIdentity() *resourceBlock { return s.person(identityType, annsAccount(nil)) }
func (s *scene) annsACSUser() *resourceBlock  { return s.person(acsUserRecordType, s.annsRecord(nil)) }

// creatingIdentity and creatingACSUser create Ann.
func (s *scene) creatingIdentity(with values) diagnostics {
	block := s.terraform().block(identityType)
	found := block.command(annsAccount(with))
	s.named(block)
	return found
}

func (s *scene) creatingACSUser(with values) diagnostics {
	block := s.terraform().block(acsUserRecordType)
	found := block.command(s.annsRecord(with))
	s.named(block)
	return found
}

// otherCredentials are those of another workspace.
func (s *scene) otherCredentials() *terraform {
	return s.terraformWith(values{"endpoint": s.url, "api_key": s.elsewhere().APIKey})
}

func (s *scene) unknownCredentials() *terraform {
	return s.terraformWith(values{"endpoint": s.url, "api_key": unknown})
}

func userIdentitySituations() []situation {
	onlyName := values{"email_address": nil, "phone_number": nil, "user_identity_key": nil}
	return []situation{
		{"validating, with no value at all", func(s *scene) diagnostics { return s.terraform().block(identityType).validate(values{}) }},
		{"two resources create one", func(s *scene) diagnostics {
			tf := s.terraform()
			_, _, found := tf.block(identityType).plan(annsAccount(nil))
			_, _, again := tf.block(identityType).plan(values{"user_identity_key": "ann"})
			return append(found, again...)
		}},
		{"two resources create one, with the same values", func(s *scene) diagnostics {
			tf := s.terraform()
			_, _, found := tf.block(identityType).plan(annsAccount(nil))
			_, _, again := tf.block(identityType).plan(annsAccount(nil))
			return append(found, again...)
		}},
		{"creating, and the email address is in use", func(s *scene) diagnostics {
			s.identity(fakeseam.Person{EmailAddress: "ANN@example.com"})
			return s.creatingIdentity(nil)
		}},
		{"creating, and Seam refuses", func(s *scene) diagnostics {
			return s.fault(createIdentityRoute, fakeseam.Fault{Status: 403}).creatingIdentity(nil)
		}},
		{"creating, and the response is lost, and there is none", func(s *scene) diagnostics {
			return s.fault(createIdentityRoute, fakeseam.Fault{Status: 500}).creatingIdentity(nil)
		}},
		{"creating, and then another user creates one", func(s *scene) diagnostics {
			s.fault(createIdentityRoute, fakeseam.Fault{Drop: fakeseam.DropBeforeEffect})
			s.act(createIdentityRoute, 1, func() { s.identity(fakeseam.Person{Key: "ann"}) })
			return s.creatingIdentity(nil)
		}},
		{"creating with a full name alone, and the response is lost", func(s *scene) diagnostics {
			return s.fault(createIdentityRoute, fakeseam.Fault{Drop: fakeseam.DropAfterEffect}).creatingIdentity(onlyName)
		}},
		{"reading one that may have been created, a moment ago", func(s *scene) diagnostics {
			block := s.fault(createIdentityRoute, fakeseam.Fault{Status: 500}).terraform().block(identityType)
			block.command(annsAccount(nil))
			return block.in(s.terraform()).refresh()
		}},
		{"reading one that may have been created, and was not", func(s *scene) diagnostics {
			block := s.fault(createIdentityRoute, fakeseam.Fault{Status: 500}).terraform().block(identityType)
			block.command(annsAccount(nil))
			s.clock.advance(listsSettle)
			return block.in(s.terraform()).refresh()
		}},
		{"reading one that may have been created, and is one of two", func(s *scene) diagnostics {
			block := s.fault(createIdentityRoute, fakeseam.Fault{Status: 500}).terraform().block(identityType)
			block.command(annsAccount(values{"user_identity_key": nil}))
			for range 2 {
				s.identity(fakeseam.Person{FullName: "Ann Lee", EmailAddress: "ann@example.com", PhoneNumber: "+15555550177"})
			}
			return block.in(s.terraform()).refresh()
		}},
		{"reading, and it is gone", func(s *scene) diagnostics {
			block := s.annsIdentity()
			s.DeleteUserIdentity(block.id())
			return block.refresh()
		}},
		{"reading, and it is being deleted", func(s *scene) diagnostics {
			block := s.annsIdentity()
			s.MarkUserIdentityBeingDeleted(block.id())
			return block.refresh()
		}},
		{"reading, and it was merged", func(s *scene) diagnostics {
			block := s.annsIdentity()
			s.MergeUserIdentities(s.johnID.ID, block.id())
			return block.refresh()
		}},
		{"reading, with credentials of another workspace", func(s *scene) diagnostics {
			return s.annsIdentity().in(s.otherCredentials()).refresh()
		}},
		{"reading, with credentials that are not known yet", func(s *scene) diagnostics {
			return s.annsIdentity().in(s.unknownCredentials()).refresh()
		}},
		{"updating, and it was merged", func(s *scene) diagnostics {
			block := s.annsIdentity()
			s.MergeUserIdentities(s.johnID.ID, block.id())
			return block.apply(annsAccount(values{"full_name": "Ann Poe"}))
		}},
		{"updating, and it is gone", func(s *scene) diagnostics {
			block := s.annsIdentity()
			s.DeleteUserIdentity(block.id())
			return block.apply(annsAccount(values{"full_name": "Ann Poe"}))
		}},
		{"updating, and the value is in use", func(s *scene) diagnostics {
			return s.annsIdentity().apply(annsAccount(values{"email_address": "john@example.com"}))
		}},
		{"updating, and the value is in use by one whom lists do not show yet", func(s *scene) diagnostics {
			block := s.annsIdentity()
			s.SetSemantics(fakeseam.Semantics{StalePages: fakeseam.PagesFrozen})
			other := s.terraform().block(identityType)
			other.wantNoErrors(other.command(values{"email_address": "poe@example.com"}))
			return block.apply(annsAccount(values{"email_address": "poe@example.com"}))
		}},
		{"updating, and Seam fails", func(s *scene) diagnostics {
			return s.fault(updateIdentityRoute, fakeseam.Fault{Status: 500}).annsIdentity().apply(annsAccount(values{"full_name": "Ann Poe"}))
		}},
		{"updating, and nothing happens", func(s *scene) diagnostics {
			return s.fault(updateIdentityRoute, fakeseam.Fault{NoEffect: true}).annsIdentity().apply(annsAccount(values{"full_name": "Ann Poe"}))
		}},
		{"deleting, and ACS users are linked", func(s *scene) diagnostics {
			block := s.annsIdentity()
			s.Link(block.id(), s.jane.ID)
			return block.apply(nil)
		}},
		{"deleting, and it was merged", func(s *scene) diagnostics {
			block := s.annsIdentity()
			s.MergeUserIdentities(s.johnID.ID, block.id())
			return block.apply(nil)
		}},
		{"deleting, with credentials of another workspace", func(s *scene) diagnostics {
			return s.annsIdentity().in(s.otherCredentials()).apply(nil)
		}},
		{"deleting, and the response is lost, and Seam cannot be asked", func(s *scene) diagnostics {
			block := s.annsIdentity()
			s.fault(deleteIdentityRoute, fakeseam.Fault{Drop: fakeseam.DropAfterEffect}).fault(getIdentity, fakeseam.Fault{Skip: 1, Status: 503})
			return block.apply(nil)
		}},
		{"importing an ID that is none", func(s *scene) diagnostics { return s.terraform().block(identityType).imports("ann", false) }},
		{"importing one that is not there", func(s *scene) diagnostics { return s.terraform().block(identityType).imports(strangeID, false) }},
		{"importing one that was merged", func(s *scene) diagnostics {
			s.MergeUserIdentities(s.johnID.ID, s.janeID.ID)
			return s.terraform().block(identityType).imports(s.janeID.ID, false)
		}},
		{"importing, and Seam fails", func(s *scene) diagnostics {
			return s.fault(getIdentity, fakeseam.Fault{Status: 403}).terraform().block(identityType).imports(s.janeID.ID, false)
		}},
	}
}

func acsUserSituations() []situation {
	anns := fakeseam.Person{FullName: "Ann Lee", EmailAddress: "ann@example.com", PhoneNumber: "+15555550177"}
	return []situation{
		{"two resources create one", func(s *scene) diagnostics {
			tf := s.terraform()
			_, _, found := tf.block(acsUserRecordType).plan(s.annsRecord(nil))
			_, _, again := tf.block(acsUserRecordType).plan(s.annsRecord(values{"full_name": "A. Lee"}))
			return append(found, again...)
		}},
		{"two resources create one, with the same values", func(s *scene) diagnostics {
			tf := s.terraform()
			_, _, found := tf.block(acsUserRecordType).plan(s.annsRecord(nil))
			_, _, again := tf.block(acsUserRecordType).plan(s.annsRecord(nil))
			return append(found, again...)
		}},
		{"planning to remove the email address, and the end of the schedule", func(s *scene) diagnostics {
			_, _, found := s.person(acsUserRecordType, s.annsRecord(values{"access_schedule": schedule})).
				plan(s.annsRecord(values{"email_address": nil, "access_schedule": values{"starts_at": "2030-01-01T07:00:00Z"}}))
			return found
		}},
		{"a timestamp that is none", func(s *scene) diagnostics {
			return s.terraform().block(acsUserRecordType).validate(s.annsRecord(values{"access_schedule": values{"starts_at": "today"}}))
		}},
		{"creating, and the email address is in use", func(s *scene) diagnostics { s.acsUser(anns); return s.creatingACSUser(nil) }},
		{"creating, and the phone number and the name are those of others", func(s *scene) diagnostics {
			s.acsUser(fakeseam.Person{FullName: "Ann Lee"})
			s.acsUser(fakeseam.Person{PhoneNumber: anns.PhoneNumber})
			return s.creatingACSUser(nil)
		}},
		{"creating in an access system that is not there", func(s *scene) diagnostics {
			return s.creatingACSUser(values{"acs_system_id": strangeID})
		}},
		{"creating, and Seam refuses", func(s *scene) diagnostics {
			return s.fault(createUserRoute, fakeseam.Fault{Status: 403}).creatingACSUser(nil)
		}},
		{"creating, and the response is lost, and there is none", func(s *scene) diagnostics {
			return s.fault(createUserRoute, fakeseam.Fault{Status: 500}).creatingACSUser(nil)
		}},
		{"creating without an email address, and the response is lost, and there is none", func(s *scene) diagnostics {
			return s.fault(createUserRoute, fakeseam.Fault{Status: 500}).creatingACSUser(values{"email_address": nil})
		}},
		{"creating, and the response is lost, and there are two", func(s *scene) diagnostics {
			s.fault(createUserRoute, fakeseam.Fault{Drop: fakeseam.DropBeforeEffect})
			s.act(createUserRoute, 1, func() { s.acsUser(anns); s.acsUser(anns) })
			return s.creatingACSUser(nil)
		}},
		{"creating one that is suspended, and that fails", func(s *scene) diagnostics {
			return s.fault(suspendRoute, fakeseam.Fault{Status: 403}).creatingACSUser(values{"is_suspended": true})
		}},
		{"reading one that may have been created, and was not", func(s *scene) diagnostics {
			block := s.fault(createUserRoute, fakeseam.Fault{Status: 500}).terraform().block(acsUserRecordType)
			block.command(s.annsRecord(nil))
			s.clock.advance(listsSettle)
			return block.in(s.terraform()).refresh()
		}},
		{"reading one that may have been created, and is one of two", func(s *scene) diagnostics {
			block := s.fault(createUserRoute, fakeseam.Fault{Status: 500}).terraform().block(acsUserRecordType)
			block.command(s.annsRecord(nil))
			s.acsUser(anns)
			s.acsUser(anns)
			return block.in(s.terraform()).refresh()
		}},
		{"reading, and it is gone", func(s *scene) diagnostics {
			block := s.annsACSUser()
			s.DeleteACSUser(block.id())
			return block.refresh()
		}},
		{"reading, with credentials of another workspace", func(s *scene) diagnostics {
			return s.annsACSUser().in(s.otherCredentials()).refresh()
		}},
		{"reading, and the access system is out of sight", func(s *scene) diagnostics {
			block := s.annsACSUser()
			s.HideSystem(s.system.ID, true)
			return block.refresh()
		}},
		{"reading, with credentials that are not known yet", func(s *scene) diagnostics {
			return s.annsACSUser().in(s.unknownCredentials()).refresh()
		}},
		{"updating, and it is gone", func(s *scene) diagnostics {
			block := s.annsACSUser()
			s.DeleteACSUser(block.id())
			return block.apply(s.annsRecord(values{"full_name": "Ann Poe"}))
		}},
		{"updating, and the email address is in use", func(s *scene) diagnostics {
			return s.annsACSUser().apply(s.annsRecord(values{"email_address": "john@example.com"}))
		}},
		{"creating without an email address, and the response is lost, and there are two", func(s *scene) diagnostics {
			s.fault(createUserRoute, fakeseam.Fault{Drop: fakeseam.DropBeforeEffect})
			alike := fakeseam.Person{FullName: anns.FullName, PhoneNumber: anns.PhoneNumber}
			s.act(createUserRoute, 1, func() { s.acsUser(alike); s.acsUser(alike) })
			return s.creatingACSUser(values{"email_address": nil})
		}},
		{"updating, and the access system does not let Seam", func(s *scene) diagnostics {
			block := s.annsACSUser()
			s.SetACSUserWarnings(block.id(), "latch_resident_user")
			return block.apply(s.annsRecord(values{"full_name": "Ann Poe"}))
		}},
		{"updating, and Seam fails", func(s *scene) diagnostics {
			return s.fault(updateUserRoute, fakeseam.Fault{Status: 500}).annsACSUser().apply(s.annsRecord(values{"full_name": "Ann Poe"}))
		}},
		{"updating, and nothing happens", func(s *scene) diagnostics {
			return s.fault(updateUserRoute, fakeseam.Fault{NoEffect: true}).annsACSUser().apply(s.annsRecord(values{"full_name": "Ann Poe"}))
		}},
		{"deleting, and Seam refuses", func(s *scene) diagnostics {
			return s.fault(deleteUserRoute, fakeseam.Fault{Status: 403}).annsACSUser().apply(nil)
		}},
		{"deleting, and nothing happens", func(s *scene) diagnostics {
			return s.fault(deleteUserRoute, fakeseam.Fault{NoEffect: true}).annsACSUser().apply(nil)
		}},
		{"importing, and Seam fails", func(s *scene) diagnostics {
			return s.fault(getUserRoute, fakeseam.Fault{Status: 403}).terraform().block(acsUserRecordType).imports(s.jane.ID, false)
		}},
		{"importing one that is not there", func(s *scene) diagnostics { return s.terraform().block(acsUserRecordType).imports(strangeID, false) }},
	}
}

func reportSituations() []situation {
	var situations []situation
	for _, report := range acsUserReports {
		situations = append(situations, situation{report.code, func(s *scene) diagnostics {
			block := s.annsACSUser()
			if report.code == "being_deleted" {
				s.MarkACSUserBeingDeleted(block.id())
				return block.refresh()
			}
			switch report.code {
			case "creating", "deferring_creation":
				s.SetACSUserPendingMutations(block.id(), report.code)
			case "latch_resident_user", "salto_ks_user_not_subscribed", "acs_user_inactive", "unknown_issue_with_acs_user":
				s.SetACSUserWarnings(block.id(), report.code)
			default:
				s.SetACSUserErrors(block.id(), report.code)
			}
			return block.refresh()
		}})
	}
	return situations
}

func queryingPeopleSituations() []situation {
	querying := func(s *scene, typeName string, config values) diagnostics {
		var found diagnostics
		for _, one := range s.terraform().block(typeName).query(query{config: config}) {
			found = append(found, one.said...)
		}
		return found
	}
	return []situation{
		{"no such access system", func(s *scene) diagnostics {
			return querying(s, acsUserRecordType, values{"acs_system_id": strangeID})
		}},
		{"Seam fails, listing ACS users", func(s *scene) diagnostics {
			return querying(s.fault(listUsersRoute, fakeseam.Fault{Status: 403}), acsUserRecordType, nil)
		}},
		{"Seam fails, listing user identities", func(s *scene) diagnostics {
			return querying(s.fault(listIdentitiesRoute, fakeseam.Fault{Status: 403}), identityType, nil)
		}},
		{"Seam fails, listing access systems", func(s *scene) diagnostics {
			return s.fault(listSystemsRoute, fakeseam.Fault{Status: 403}).lookingUp("seam_acs_systems", values{})
		}},
	}
}
