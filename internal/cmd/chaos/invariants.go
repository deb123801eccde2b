package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// intent is what a command was about: it may remove what it found in the state
// and is to keep no more, and add what the configuration asks for.
type intent struct {
	before  []entry
	want    wanted
	changes int // that there were when it began
	// unrefreshed: it takes the state for true.
	unrefreshed bool
}

// judge finds the changes of a command that it had no right to make.
func (s *storm) judge(e intent) {
	all := s.seam.Changes()
	requests := s.seam.Requests()
	for n := e.changes; n < len(all); n++ {
		change := all[n]
		if change.Route == "" {
			continue
		}
		look, write := s.lookBefore(change, requests)
		s.tally.window = max(s.tally.window, change.At.Sub(look))
		if change.At.Sub(look) > time.Second {
			s.log("%s between the look and the write to ACS user %s: %s", change.At.Sub(look).Round(time.Millisecond), change.ACSUserID, between(look, change, e, requests))
		}
		wrong := s.wrong(change, e)
		if wrong == "" {
			continue
		}
		story := fmt.Sprintf("%s ACS user %s, from identity %q to %q: %s; looked %s before, request %s before",
			change.Route, change.ACSUserID, change.From, change.To, wrong,
			change.At.Sub(look).Round(time.Millisecond), change.At.Sub(write).Round(time.Millisecond))
		if since := s.outsideSince(all[:n], change); change.From != "" && since.After(look) {
			s.tally.races++
			s.log("a race: %s; somebody else changed it %s before", story, change.At.Sub(since).Round(time.Millisecond))
			continue
		}
		s.tally.violation("%s", story)
	}
}

// wrong says why a command had no right to make a change, if so.
func (s *storm) wrong(change fakeseam.Change, e intent) string {
	if change.To != "" {
		identity, asked := e.want[change.ACSUserID]
		switch {
		case !asked:
			return "nobody asked for a link of this ACS user"
		case !s.same(identity, change.To, change.At):
			return "the configuration asks for identity " + identity
		case change.From != "":
			return "a link was moved"
		}
		return ""
	}
	for _, entry := range e.before {
		if entry.ACSUserID != change.ACSUserID {
			continue
		}
		identity, asked := e.want[change.ACSUserID]
		switch {
		case !s.same(entry.UserIdentityID, change.From, change.At):
			return "a link was cut that is not the one in the state"
		case asked && !entry.tainted && strings.EqualFold(identity, entry.UserIdentityID):
			return "a link was cut that the configuration asks for"
		}
		return ""
	}
	return "a link was cut that is not in the state"
}

// lookBefore returns when the provider last looked before the request that made
// a change, and when that request arrived. A list shows many ACS users; it
// counts as a look when there was no other.
func (s *storm) lookBefore(change fakeseam.Change, requests []fakeseam.Request) (look, write time.Time) {
	for _, r := range slices.Backward(requests) {
		about := acsUserOf(r) == change.ACSUserID
		switch {
		case r.At.After(change.At):
		case write.IsZero():
			if r.Route == change.Route && about {
				write = r.At
			}
		case r.Route == "/acs/users/get" && about && r.Status == 200:
			return r.At, write
		case r.Route == "/acs/users/list" && look.IsZero():
			look = r.At
		}
	}
	if look.IsZero() {
		return change.At, write // no look at all: nothing excuses that
	}
	return look, write
}

// between names the requests about one link from a look to the change after it,
// and what it waited for besides.
func between(look time.Time, change fakeseam.Change, e intent, requests []fakeseam.Request) string {
	var all []string
	for _, r := range requests {
		if r.At.Before(look) || r.At.After(change.At) {
			continue
		}
		identity := strings.ToLower(e.want[change.ACSUserID])
		if acsUserOf(r) == change.ACSUserID || identity != "" && strings.Contains(string(r.Body), identity) || r.Status == 429 {
			all = append(all, fmt.Sprintf("%s %d after %s", r.Route, r.Status, r.At.Sub(look).Round(time.Millisecond)))
		}
	}
	return strings.Join(all, ", ")
}

// outsideSince returns when somebody else made the link that a change ended.
func (s *storm) outsideSince(before []fakeseam.Change, change fakeseam.Change) time.Time {
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

// unknown returns the links that a command made and the state does not know of,
// and that nobody else has changed since.
func (s *storm) unknown(state []entry) []fakeseam.Link {
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
func (s *storm) holds(state []entry, link fakeseam.Link) bool {
	now := time.Now()
	return slices.ContainsFunc(state, func(e entry) bool {
		return e.ACSUserID == link.ACSUserID && s.same(e.UserIdentityID, link.UserIdentityID, now)
	})
}

// checkKnown finds effects of which the state does not know, although nothing
// died.
func (s *storm) checkKnown(state []entry, after string) {
	for _, link := range s.unknown(state) {
		if !s.lost[link] {
			s.tally.violation("after %s, ACS user %s is linked to identity %s by Terraform, and the state does not know it",
				after, link.ACSUserID, link.UserIdentityID)
			s.lost[link] = true // tell it once
		}
	}
}

// checkDone finds links that a command claims to have made or removed. What
// somebody else has changed meanwhile is no claim.
func (s *storm) checkDone(e intent, after string) {
	touched := map[string]bool{}
	since := e.changes
	if e.unrefreshed {
		since = 0
	}
	for _, change := range s.seam.Changes()[since:] {
		touched[change.ACSUserID] = touched[change.ACSUserID] || change.Route == ""
	}
	for userID, identity := range e.want {
		if touched[userID] || s.linked(userID, identity) {
			continue
		}
		s.tally.violation("%s succeeded, and ACS user %s is not linked to identity %s", after, userID, identity)
	}
	for _, entry := range e.before {
		_, asked := e.want[entry.ACSUserID]
		if !asked && !touched[entry.ACSUserID] && s.linked(entry.ACSUserID, entry.UserIdentityID) {
			s.tally.violation("%s succeeded, and ACS user %s is still linked to identity %s", after, entry.ACSUserID, entry.UserIdentityID)
		}
	}
}

func (s *storm) linked(userID, identity string) bool {
	user, ok := s.seam.ACSUser(userID)
	return ok && s.same(user.UserIdentityID, identity, time.Now())
}

// balance compares Seam, the state and the configuration, when it is calm.
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
		case entry.tainted:
			s.tally.violation("the state holds a tainted link: %+v", entry)
		case !s.linked(entry.ACSUserID, entry.UserIdentityID):
			s.tally.violation("the state holds a link that Seam does not: %+v", entry)
		}
	}
	if len(state) != len(s.want) {
		s.tally.violation("the state holds %d links, and the configuration asks for %d", len(state), len(s.want))
	}
	for _, link := range s.unknown(state) {
		s.tally.violation("ACS user %s is linked to identity %s by Terraform, and the state does not know it", link.ACSUserID, link.UserIdentityID)
	}
	return nil
}
