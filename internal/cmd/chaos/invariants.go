package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// intent is what a command was to do: it may remove what it found in the state and
// is to keep no more, and add what the configuration asks for.
type intent struct {
	before  []testbed.StateLink
	want    wanted
	began   time.Time
	changes int // that there were when it began
	// unrefreshed: it does not read what is in the state before it plans.
	unrefreshed bool
	hidden      string // an access system that is out of sight during the command
}

// judge finds the effects of a command that it had no right to.
func (s *storm) judge(in intent, planned time.Time) {
	all := s.seam.Changes()
	requests := s.seam.Requests()
	for n, change := range all {
		if n < in.changes || change.Route == "" {
			continue
		}
		read, write, missing := s.decision(change, planned, requests)
		story := fmt.Sprintf("%s ACS user %s, from identity %q to %q, %s after the request",
			change.Route, change.ACSUserID, change.From, change.To, change.At.Sub(write).Round(time.Millisecond))
		if missing != "" {
			s.tally.violation("%s: a write was decided without a read: %s", story, missing)
		} else {
			story += fmt.Sprintf(", %s after the read", change.At.Sub(read).Round(time.Millisecond))
			s.tally.window = max(s.tally.window, change.At.Sub(read))
		}
		wrong, excusable := s.wrong(change, in)
		if wrong == "" {
			continue
		}
		if since := outsideSince(all[:n], change); excusable && missing == "" && since.After(read) {
			s.tally.races++
			s.log("a race: %s: %s; changed outside %s before", story, wrong, change.At.Sub(since).Round(time.Millisecond))
			continue
		}
		s.tally.violation("%s: %s", story, wrong)
	}
}

// wrong says why a command had no right to make a change, if so, and whether a
// change made outside after the read excuses it.
func (s *storm) wrong(change fakeseam.Change, in intent) (why string, excusable bool) {
	identity, asked := in.want[change.ACSUserID]
	if change.To != "" {
		switch {
		case !asked:
			return "the configuration asks for no link of this ACS user", false
		case !s.same(identity, change.To, change.At):
			return "the configuration asks for identity " + identity, false
		case change.From != "":
			return "a link was moved", true
		}
		return "", false
	}
	at := slices.IndexFunc(in.before, func(e testbed.StateLink) bool { return e.ACSUserID == change.ACSUserID })
	switch {
	case at < 0:
		return "a link was removed that is not in the state", false
	case !s.same(in.before[at].UserIdentityID, change.From, change.At):
		return "a link was removed that is not the one in the state", true
	case asked && !in.before[at].Tainted && strings.EqualFold(identity, in.before[at].UserIdentityID):
		return "a link was removed that the configuration asks for", false
	}
	return "", false
}

// decision returns when the request that made a change arrived, and when the get
// that it was decided on. A list page is none: it may be stale.
func (s *storm) decision(change fakeseam.Change, planned time.Time, requests []fakeseam.Request) (read, write time.Time, missing string) {
	landed := s.faults.landed(change)
	for _, r := range slices.Backward(requests) {
		switch about := acsUserOf(r) == change.ACSUserID; {
		case !about || r.At.After(change.At):
		case write.IsZero():
			if r.RequestID == landed || landed == "" && r.Route == change.Route && !s.faults.of(r).isLate() {
				write = r.At
			}
		case isWrite(r.Route):
			return read, write, "there is no get between the previous write request and this one"
		case r.Route != getRoute || !s.faults.answered(r):
		case planned.IsZero() || r.At.Before(planned):
			return read, write, "the last get was made before the apply phase"
		default:
			return r.At, write, ""
		}
	}
	return read, write, "there is no get at all"
}

// outsideSince returns when the link that a change ended was made, if that was
// outside Terraform.
func outsideSince(before []fakeseam.Change, change fakeseam.Change) time.Time {
	for _, earlier := range slices.Backward(before) {
		if earlier.ACSUserID == change.ACSUserID {
			if earlier.Route == "" {
				return earlier.At
			}
			break
		}
	}
	return time.Time{}
}

// unknown returns the links that a command added, that are not in the state, and
// that were not changed outside since.
func (s *storm) unknown(state []testbed.StateLink) []fakeseam.Link {
	last := map[string]fakeseam.Change{}
	for _, change := range s.seam.Changes() {
		last[change.ACSUserID] = change
	}
	var links []fakeseam.Link
	for _, link := range s.seam.Links() {
		if last[link.ACSUserID].Route == addRoute && !s.holds(state, link) {
			links = append(links, link)
		}
	}
	return links
}

// holds reports whether a link is in the state.
func (s *storm) holds(state []testbed.StateLink, link fakeseam.Link) bool {
	now := time.Now()
	return slices.ContainsFunc(state, func(e testbed.StateLink) bool {
		return e.ACSUserID == link.ACSUserID && s.same(e.UserIdentityID, link.UserIdentityID, now)
	})
}

// checkKnown finds links that a command added and that are not in the state,
// although no process was killed.
func (s *storm) checkKnown(state []testbed.StateLink, after string) {
	for _, link := range s.unknown(state) {
		if !s.lost[link] {
			s.tally.violation("after %s, ACS user %s is linked to identity %s by Terraform, and the link is not in the state",
				after, link.ACSUserID, link.UserIdentityID)
			s.lost[link] = true // report it once
		}
	}
}

// checkHidden finds links that a command forgot because their access system was
// out of sight.
func (s *storm) checkHidden(in intent, r result, state []testbed.StateLink, after string) {
	for _, e := range in.before {
		if in.hidden == "" || s.systemOf[e.ACSUserID] != in.hidden {
			continue
		}
		identity, asked := in.want[e.ACSUserID]
		switch {
		case !contains(state, e.Link):
			s.tally.violation("after %s, the link %+v is not in the state any more, and its access system was out of sight", after, e.Link)
		case r.Exit == 0 && !(asked && strings.EqualFold(identity, e.UserIdentityID)):
			s.tally.violation("%s succeeded, and was to remove the link %+v, whose access system was out of sight", after, e.Link)
		}
	}
}

// checkDone finds links that a command claims to have added, by its success, or
// removed, by its success or because they are not in the state any more. An outside
// change excuses an add at any time, and a removal if it came after the last read. An
// accepted add without effect, and one that a late removal undid, are for the next
// plan to show.
func (s *storm) checkDone(in intent, r result, state []testbed.StateLink, after string) {
	changed, read, excused := map[string]time.Time{}, map[string]time.Time{}, map[string]bool{}
	for n, change := range s.seam.Changes() {
		switch {
		case n < in.changes && !in.unrefreshed:
		case change.Route == "":
			changed[change.ACSUserID] = change.At
		case change.To == "" && s.faults.landed(change) != "":
			excused[change.ACSUserID] = true
		}
	}
	for _, sent := range s.seam.Requests() {
		switch userID := acsUserOf(sent); {
		case sent.At.Before(in.began) && !in.unrefreshed:
		case sent.Route == getRoute && s.faults.answered(sent):
			read[userID] = sent.At
		case sent.Route == addRoute && s.faults.of(sent).fault.NoEffect:
			excused[userID] = true
		}
	}
	for userID, identity := range in.want {
		if r.Exit == 0 && changed[userID].IsZero() && !excused[userID] && !s.linked(userID, identity) {
			s.tally.violation("%s succeeded, and ACS user %s is not linked to identity %s", after, userID, identity)
		}
	}
	for _, e := range in.before {
		_, asked := in.want[e.ACSUserID]
		claimed := r.Exit == 0 || !contains(state, e.Link)
		user, _ := s.seam.ACSUser(e.ACSUserID)
		// A merge after the read is an outside change of both identities.
		linked := s.same(user.UserIdentityID, e.UserIdentityID, cmp.Or(read[e.ACSUserID], in.began))
		if !asked && claimed && linked && !changed[e.ACSUserID].After(read[e.ACSUserID]) {
			s.tally.violation("after %s, ACS user %s is still linked to identity %s, and was to be removed", after, e.ACSUserID, e.UserIdentityID)
		}
	}
}

func contains(state []testbed.StateLink, link fakeseam.Link) bool {
	return slices.ContainsFunc(state, func(e testbed.StateLink) bool { return e.Link == link })
}

func (s *storm) linked(userID, identity string) bool {
	user, ok := s.seam.ACSUser(userID)
	return ok && s.same(user.UserIdentityID, identity, time.Now())
}

// balance compares Seam, the state and the configuration after the storm.
func (s *storm) balance() error {
	state, err := s.state()
	if err != nil {
		return err
	}
	for _, entry := range state {
		identity, asked := s.want[entry.ACSUserID]
		switch {
		case !asked || !strings.EqualFold(identity, entry.UserIdentityID):
			s.tally.violation("the state holds a link that the configuration does not ask for: %+v", entry)
		case entry.Tainted:
			s.tally.violation("the state holds a tainted link: %+v", entry)
		case !s.linked(entry.ACSUserID, entry.UserIdentityID):
			s.tally.violation("the state holds a link that is not in Seam: %+v", entry)
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
