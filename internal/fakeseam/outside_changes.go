package fakeseam

import "cmp"

// Target is what an OutsideChange is about.
type Target struct {
	*Server
	ACSUser         ACSUser
	Identity, Other UserIdentity
}

// OutsideChange is what another user or process may do to an ACS user or an identity.
type OutsideChange struct {
	Name   string
	Weight int // how often it is chosen
	Make   func(t Target)
}

// OutsideChanges are what a client must be ready for at any time.
var OutsideChanges = []OutsideChange{
	{"link", 43, func(t Target) { t.Link(t.Identity.ID, t.ACSUser.ID) }},
	{"unlink", 25, func(t Target) { t.Unlink(t.ACSUser.ID) }},
	{"delete an ACS user", 6, func(t Target) { t.DeleteACSUser(t.ACSUser.ID) }},
	{"delete an identity", 4, func(t Target) { t.DeleteUserIdentity(t.Identity.ID) }},
	{"begin to delete an ACS user", 4, func(t Target) { t.MarkACSUserBeingDeleted(t.ACSUser.ID) }},
	{"delete an ACS user in its access system", 2, func(t Target) { t.SetACSUserErrors(t.ACSUser.ID, "deleted_externally") }},
	{"change an ACS user", 3, func(t Target) {
		t.ACSUser.FullName += " Jr."
		t.UpdateACSUser(t.ACSUser.ID, t.ACSUser.Person)
	}},
	{"suspend an ACS user", 3, func(t Target) { t.SuspendACSUser(t.ACSUser.ID, !t.ACSUser.IsSuspended) }},
	{"change an identity", 5, func(t Target) {
		t.Identity.FullName, t.Identity.PhoneNumber = t.Identity.FullName+" Jr.", ""
		t.UpdateUserIdentity(t.Identity.ID, t.Identity.Person)
	}},
	{"add to an access group", 5, func(t Target) {
		for _, group := range t.AccessGroups(t.ACSUser.WorkspaceID) {
			if group.SystemID == t.ACSUser.SystemID {
				t.AddToGroup(group.ID, t.ACSUser.ID)
			}
		}
	}},
	{"remove from an access group", 5, func(t Target) {
		for _, group := range t.AccessGroups(t.ACSUser.WorkspaceID) {
			if group.SystemID == t.ACSUser.SystemID {
				t.RemoveFromGroup(group.ID, t.ACSUser.ID)
			}
		}
	}},
	{"merge", 5, func(t Target) {
		if merged := cmp.Or(t.ACSUser.UserIdentityID, t.Identity.ID); t.Other.ID != merged {
			t.MergeUserIdentities(t.Other.ID, merged)
		}
	}},
}
