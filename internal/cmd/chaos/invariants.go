package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// checkEffects finds the effects that a command had no right to.
func (s *storm) checkEffects(c command, planned time.Time) {
	all, requests := s.seam.Changes(), s.seam.Requests()
	for n, change := range all {
		if n < c.changes || change.Route == "" {
			continue
		}
		effect := fmt.Sprintf("%s ACS user %s, from identity %q to %q", change.Route, change.ACSUserID, change.From, change.To)
		read, missing := s.decision(change, planned, requests)
		if missing != "" {
			s.tally.violation("%s: a write was decided without a read: %s", effect, missing)
		} else {
			s.tally.window = max(s.tally.window, change.At.Sub(read))
		}
		wrong, excusable := s.wrong(change, c)
		var since time.Time // when the link that the change ended was made outside, if it was
		for _, earlier := range all[:n] {
			if earlier.ACSUserID == change.ACSUserID && earlier.Route == "" {
				since = earlier.At
			} else if earlier.ACSUserID == change.ACSUserID {
				since = time.Time{}
			}
		}
		switch {
		case wrong == "":
		case excusable && missing == "" && since.After(read):
			s.record("race", wrong, "%s", effect)
		default:
			s.tally.violation("%s: %s", effect, wrong)
		}
	}
}

// wrong says why a command had no right to a change, if so, and whether an outside
// change after the read excuses it.
func (s *storm) wrong(change fakeseam.Change, c command) (why string, excusable bool) {
	identity, asked := c.want[change.ACSUserID]
	before, managed := c.before[change.ACSUserID]
	switch added := change.To != ""; {
	case added && !asked:
		return "the configuration asks for no link of this ACS user", false
	case added && !s.same(identity, change.To, change.At):
		return "the configuration asks for identity " + identity, false
	case added && change.From != "":
		return "a link was moved", true
	case added:
		return "", false
	case !managed:
		return "a link was removed that is not in the state", false
	case !s.same(before.UserIdentityID, change.From, change.At):
		return "a link was removed that is not the one in the state", true
	case !before.Tainted && identity == before.UserIdentityID:
		return "a link was removed that the configuration asks for", false
	}
	return "", false
}

// decision returns when the get arrived that a change was decided on. A list page is no
// such read: it may be stale.
func (s *storm) decision(change fakeseam.Change, planned time.Time, requests []fakeseam.Request) (read time.Time, missing string) {
	landed := s.faults.landed(change)
	found := false // the write that made the change
	for _, r := range slices.Backward(requests) {
		switch about := acsUserOf(r) == change.ACSUserID; {
		case !about || r.At.After(change.At):
		case !found:
			found = r.RequestID == landed || landed == "" && r.Route == change.Route && !s.faults.of(r).isLate()
		case isWrite(r.Route):
			return read, "there is no get between the previous write request and this one"
		case r.Route != getRoute || !s.faults.answered(r):
		case planned.IsZero() || r.At.Before(planned):
			return read, "the last get was made before the apply phase"
		default:
			return r.At, ""
		}
	}
	return read, "there is no get at all"
}

// unknown returns the links that a command added, that were not changed outside since,
// and that are not in the state.
func (s *storm) unknown(state links) []fakeseam.Link {
	last := map[string]fakeseam.Change{}
	for _, change := range s.seam.Changes() {
		last[change.ACSUserID] = change
	}
	return slices.DeleteFunc(s.seam.Links(), func(link fakeseam.Link) bool {
		return last[link.ACSUserID].Route != addRoute || s.same(state[link.ACSUserID].UserIdentityID, link.UserIdentityID, time.Now())
	})
}

// checkState finds links that a command added and that are not in the state, and links
// that it claims to have added, by its success, or removed, by its success or because
// they are not in the state any more. No process was killed. An outside change
// excuses an add at any time, and a removal if it came after the last read. An accepted
// add without effect, and one that a late removal undid, are for the next plan to show.
func (s *storm) checkState(c command, r result, state links) {
	for _, link := range s.unknown(state) {
		if !s.lost[link] {
			s.tally.violation("after %s, ACS user %s is linked to identity %s by Terraform, and the link is not in the state",
				c.args[0], link.ACSUserID, link.UserIdentityID)
			s.lost[link] = true // report it once
		}
	}
	changed, read, excused := map[string]time.Time{}, map[string]time.Time{}, map[string]bool{}
	for n, change := range s.seam.Changes() {
		switch {
		case n < c.changes && !c.unrefreshed:
		case change.Route == "":
			changed[change.ACSUserID] = change.At
		case change.To == "" && s.faults.landed(change) != "":
			excused[change.ACSUserID] = true
		}
	}
	for _, sent := range s.seam.Requests() {
		switch userID := acsUserOf(sent); {
		case sent.At.Before(c.began) && !c.unrefreshed:
		case sent.Route == getRoute && s.faults.answered(sent):
			read[userID] = sent.At
		case sent.Route == addRoute && s.faults.of(sent).fault.NoEffect:
			excused[userID] = true
		}
	}
	for userID, identity := range c.want {
		if r.Exit == 0 && changed[userID].IsZero() && !excused[userID] && !s.linked(userID, identity) {
			s.tally.violation("%s succeeded, and ACS user %s is not linked to identity %s", c.args[0], userID, identity)
		}
	}
	for userID, link := range c.before {
		hidden := c.hidden != "" && s.systemOf[userID] == c.hidden
		switch {
		case hidden && state[userID].Link != link.Link:
			s.tally.violation("after %s, the link %+v is not in the state any more, and its access system was hidden", c.args[0], link.Link)
		case hidden && r.Exit == 0 && c.want[userID] != link.UserIdentityID:
			s.tally.violation("%s succeeded, and was to remove the link %+v, whose access system was hidden", c.args[0], link.Link)
		}
		_, asked := c.want[userID]
		claimed := r.Exit == 0 || state[userID].Link != link.Link
		user, _ := s.seam.ACSUser(userID)
		// A merge after the read is an outside change of both identities.
		linked := s.same(user.UserIdentityID, link.UserIdentityID, cmp.Or(read[userID], c.began))
		if !asked && claimed && linked && !changed[userID].After(read[userID]) {
			s.tally.violation("after %s, ACS user %s is still linked to identity %s, and was to be removed", c.args[0], userID, link.UserIdentityID)
		}
	}
}

func (s *storm) linked(userID, identity string) bool {
	user, ok := s.seam.ACSUser(userID)
	return ok && s.same(user.UserIdentityID, identity, time.Now())
}

// checkBalance compares Seam, the state and the configuration after the storm.
func (s *storm) checkBalance() error {
	state, err := s.state()
	if err != nil {
		return err
	}
	for userID, link := range state {
		switch {
		case s.want[userID] != link.UserIdentityID:
			s.tally.violation("the state holds a link that the configuration does not ask for: %+v", link)
		case link.Tainted:
			s.tally.violation("the state holds a tainted link: %+v", link)
		case !s.linked(userID, link.UserIdentityID):
			s.tally.violation("the state holds a link that is not in Seam: %+v", link)
		}
	}
	if len(state) != len(s.want) {
		s.tally.violation("the state holds %d links, and the configuration asks for %d", len(state), len(s.want))
	}
	for _, link := range s.unknown(state) {
		s.tally.violation("ACS user %s is linked to identity %s by Terraform, and the link is not in the state", link.ACSUserID, link.UserIdentityID)
	}
	return nil
}
