package seam

import (
	"strings"
	"testing"
)

func TestPendingMembership(t *testing.T) {
	t.Parallel()
	const groupB = "eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee"
	updating := func(from, to string) PendingMutation {
		return PendingMutation{MutationCode: "updating_group_membership", From: Membership{ACSAccessGroupID: from}, To: Membership{ACSAccessGroupID: to}}
	}
	deferring := func(id, variant string) PendingMutation {
		return PendingMutation{MutationCode: "deferring_group_membership_update", ACSAccessGroupID: id, Variant: variant}
	}
	for name, test := range map[string]struct {
		pending          []PendingMutation
		adding, removing bool
	}{
		"nothing":             {},
		"added":               {[]PendingMutation{updating("", groupA)}, true, false},
		"removed":             {[]PendingMutation{updating(groupA, "")}, false, true},
		"moved here":          {[]PendingMutation{updating(groupB, groupA)}, true, false},
		"moved away":          {[]PendingMutation{updating(groupA, groupB)}, false, true},
		"stays":               {[]PendingMutation{updating(groupA, groupA)}, true, false},
		"another group":       {[]PendingMutation{updating("", groupB), deferring(groupB, "removing")}, false, false},
		"to be added":         {[]PendingMutation{deferring(groupA, "adding")}, true, false},
		"to be removed":       {[]PendingMutation{deferring(groupA, "removing")}, false, true},
		"added for a while":   {[]PendingMutation{updating("", groupA), deferring(groupA, "removing")}, true, true},
		"an unknown variant":  {[]PendingMutation{deferring(groupA, "pausing")}, false, false},
		"another mutation":    {[]PendingMutation{{MutationCode: "creating", ACSAccessGroupID: groupA, Variant: "adding"}}, false, false},
		"a mutation of users": {[]PendingMutation{{MutationCode: "updating_user_information"}}, false, false},
	} {
		adding, removing := ACSUser{PendingMutations: test.pending}.PendingMembership(strings.ToUpper(groupA))
		if adding != test.adding || removing != test.removing {
			t.Errorf("%s: the ACS user is added: %t, removed: %t", name, adding, removing)
		}
		ofGroup := AccessGroup{}
		for _, m := range test.pending {
			m.MutationCode = strings.NewReplacer("group_membership", "user_membership").Replace(m.MutationCode)
			m.From, m.To = Membership{ACSUserID: m.From.ACSAccessGroupID}, Membership{ACSUserID: m.To.ACSAccessGroupID}
			m.ACSAccessGroupID, m.ACSUserID = "", m.ACSAccessGroupID
			ofGroup.PendingMutations = append(ofGroup.PendingMutations, m)
		}
		if adding, removing := ofGroup.PendingMembership(groupA); adding != test.adding || removing != test.removing {
			t.Errorf("%s: the access group adds: %t, removes: %t", name, adding, removing)
		}
	}
}
