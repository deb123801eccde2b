package main

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// checkEffects finds the effects that a command had no right to.
func (s *storm) checkEffects(c command, planned time.Time) {
	requests := s.seam.Requests()
	for n, e := range s.effects {
		// A link that goes with one of its ends is not looked at for itself.
		if e.At.Before(c.began) || e.Route == "" || e.Action == fakeseam.Unlinked && path.Base(e.Route) == "delete" {
			continue
		}
		wrong, excusable := s.wrong(e, c)
		var read time.Time
		missing, since := "", s.changedOutside(e.Kind, e.ID, n)
		if e.Action != fakeseam.Created {
			at := slices.IndexFunc(requests, func(r fakeseam.Request) bool { return r.RequestID == e.RequestID })
			about := subject(requests[at])
			if identity := s.canonical(about, e.At); identity != e.ID {
				wrong, excusable, since = "an ACS user was deleted with its user identity", true, s.changedOutside(fakeseam.KindLink, e.ID, n)
				if merged := s.changedOutside(fakeseam.KindUserIdentity, identity, n); merged.After(since) {
					since = merged
				}
			} else if about != e.ID {
				wrong, excusable = "a user identity was changed through the id of one that was merged into it", true
			}
			if read, missing = s.decision(requests[:at], about, planned); missing != "" {
				s.tally.violation("%s: a write was decided without a read: %s", e, missing)
			} else {
				s.tally.window = max(s.tally.window, e.At.Sub(read))
			}
		}
		switch {
		case wrong == "":
		case excusable && missing == "" && since.After(read):
			s.record("race", wrong, "%s", e)
		default:
			s.tally.violation("%s: %s", e, wrong)
		}
	}
}

// decision returns when the get arrived that a write was decided on, of the requests
// before it. A list page is no such read: it may be stale. Of a membership, the list of the
// access groups of its ACS user is the read.
func (s *storm) decision(earlier []fakeseam.Request, about string, planned time.Time) (read time.Time, missing string) {
	for _, r := range slices.Backward(earlier) {
		switch {
		case isWrite(r.Route) && subject(r) == about:
			return read, "there is no get between the previous write request and this one"
		case readOf(r) != readFor(about):
		case planned.IsZero() || r.At.Before(planned):
			return read, "the last get was made before the apply phase"
		default:
			return r.At, ""
		}
	}
	return read, "there is no get at all"
}

// readOf returns what a get tells of, as subject does, if Seam's own response was
// delivered: of an ACS user, with a slash for its memberships, or of a user identity.
func readOf(r fakeseam.Request) string {
	switch {
	case r.Status != 200 || r.Faulted:
		return "-"
	case r.Route == groupsRoute:
		return subject(r) + "/"
	case path.Base(r.Route) == "get":
		return subject(r)
	}
	return "-"
}

// readFor returns the read that a write about this needs.
func readFor(about string) string {
	if user, _, isMembership := strings.Cut(about, "/"); isMembership {
		return user + "/"
	}
	return about
}

// wrong says why a command had no right to an effect, if so, and whether an outside
// change after the read excuses it.
func (s *storm) wrong(e fakeseam.Effect, c command) (why string, excusable bool) {
	before, inState := c.before.of(e.Key())
	user, _, _ := strings.Cut(e.ID, "/")
	address := s.named[user]
	if kind := "seam_" + string(e.Kind); isLink(kind) && address == "" {
		address = seeded(user)
	} else if isLink(kind) {
		address = strings.Replace(address, userType, kind, 1)
	} else if maybe := c.before[address]; !inState && maybe.Type == "seam_"+string(e.Kind) && maybe.ID() == "" {
		before, inState = maybe, true // a create of which nothing more was known
	}
	inState = inState || s.imported[e.Key()]
	isNew := slices.ContainsFunc(s.effects, func(o fakeseam.Effect) bool {
		return o.Key() == e.Key() && o.Action == fakeseam.Created && o.Route != "" && !o.At.Before(c.began)
	})
	asked := c.want[address]
	switch {
	case e.Action == fakeseam.Linked && asked == nil:
		return "the configuration asks for no link of this ACS user", false
	case e.Action == fakeseam.Linked && !s.asksFor(address, asked, e.To, e.At):
		return "the configuration asks for another identity", false
	case e.Action == fakeseam.Linked && e.From != "":
		return "a link was moved", true
	case e.Action == fakeseam.Unlinked && !inState:
		return "a link was removed that is not in the state", false
	case e.Action == fakeseam.Unlinked && !s.same(before.Target(), e.From, e.At):
		return "a link was removed that is not the one in the state", true
	case e.Action == fakeseam.Unlinked && s.keeps(c, before):
		return "a link was removed that the configuration asks for", false
	case e.Action == fakeseam.Created && address != "" && asked == nil:
		return "a person was created for whom the configuration does not ask", false
	case e.Action == fakeseam.Updated && !inState && !isNew:
		return "a person was changed who is not in the state", false
	case e.Action == fakeseam.Updated && asked == nil:
		return "a person was changed for whom the configuration does not ask", false
	case e.Action == fakeseam.Deleted && !inState:
		return "a person was deleted who is not in the state", false
	case e.Action == fakeseam.Deleted && s.keeps(c, before):
		return "a person was deleted for whom the configuration asks", false
	}
	return "", false
}

// asksFor reports whether a link in a configuration is to this identity.
func (s *storm) asksFor(address string, asked values, id string, at time.Time) bool {
	_, identity, isPerson := ends(address)
	if strings.HasPrefix(address, membershipType) {
		return asked.text("acs_access_group_id") == id
	} else if !isPerson {
		return s.same(asked.text("user_identity_id"), id, at)
	}
	for other, block := range s.named {
		if block == identity && s.same(other, id, at) {
			return true
		}
	}
	return false
}

// keeps reports whether a command was to keep what the state had as it was. What was
// changed outside may have to be replaced.
func (s *storm) keeps(c command, rec testbed.Resource) bool {
	asked := c.want[rec.Address]
	if asked == nil || rec.Tainted || rec.ID() == "" {
		return false
	}
	if user, identity, isPerson := ends(rec.Address); rec.Type == membershipType {
		return s.keeps(c, c.before[user]) && asked.text("acs_access_group_id") == rec.Target()
	} else if rec.Type == linkType && isPerson {
		return s.keeps(c, c.before[user]) && s.keeps(c, c.before[identity])
	} else if rec.Type == linkType {
		return strings.EqualFold(asked.text("user_identity_id"), rec.Text("user_identity_id"))
	}
	return asked.text("acs_system_id") == rec.Text("acs_system_id") &&
		!slices.ContainsFunc(s.effects, func(e fakeseam.Effect) bool { return e.Key() == rec.Key() && e.Route == "" })
}

// unknown returns what a command made or changed, what was not changed outside since,
// and what is not in the state.
func (s *storm) unknown(state records) []string {
	last := map[string]fakeseam.Effect{}
	for _, e := range s.effects {
		last[e.Key()] = e
	}
	var unknown []string
	for _, key := range slices.Sorted(maps.Keys(last)) {
		e := last[key]
		rec, inState := state.of(key)
		created, ok := state[s.named[e.ID]]
		if ok && created.ID() == "" && created.Type == "seam_"+string(e.Kind) {
			inState = true // it is found by its values
		}
		_, _, exists := s.person(e.ID)
		switch {
		case e.Route == "":
		case e.Action == fakeseam.Linked && !(inState && s.same(rec.Target(), e.To, time.Now())):
			unknown = append(unknown, key+" to identity "+e.To)
		case (e.Action == fakeseam.Created || e.Action == fakeseam.Updated) && exists && !inState:
			unknown = append(unknown, key+" of "+s.named[e.ID])
		}
	}
	return unknown
}

// checkState finds what a command made that is not in the state, and what it claims to
// have made, by its success, or removed, by its success or because it is not in the state
// any more. No process was killed. An outside change excuses what was to be made at any
// time, and a removal if it came after the last read. An accepted add or create without
// effect, and an add that a late removal undid, are for the next plan to show.
func (s *storm) checkState(c command, ok bool, state records) {
	for _, what := range s.unknown(state) {
		if !s.lost[what] {
			s.tally.violation("after %s, %s is by Terraform, and not in the state", c.args[0], what)
		}
	}
	for _, rec := range state {
		ours := func(e fakeseam.Effect) bool {
			return e.Key() == rec.Key() && e.Action == fakeseam.Created && e.Route != ""
		}
		if !isLink(rec.Type) && s.exists(rec, c.began) && !s.imported[rec.Key()] && !slices.ContainsFunc(s.effects, ours) {
			s.tally.violation("after %s, the state holds another person: %s", c.args[0], rec.Key())
		}
	}
	changed, read, excused, hadEffect := map[string]time.Time{}, map[string]time.Time{}, map[string]bool{}, map[string]string{}
	for _, e := range s.effects {
		hadEffect[e.RequestID] = e.Key()
		if e.Route == "" && (c.unrefreshed || !e.At.Before(c.began)) {
			changed[e.Key()] = e.At
		}
	}
	for _, sent := range s.seam.Requests() {
		about := subject(sent)
		switch key, had := hadEffect[sent.RequestID]; {
		case sent.At.Before(c.began) && !c.unrefreshed:
		case readOf(sent) != "-":
			read[readOf(sent)] = sent.At
		case sent.Faulted && isWrite(sent.Route) && !had && strings.HasPrefix(path.Base(sent.Route), "add"):
			excused[string(fakeseam.KindLink)+" "+about], excused[string(fakeseam.KindMembership)+" "+about] = true, true
		case sent.Faulted && path.Base(sent.Route) == "create" && !had:
			excused[about] = true
		case sent.Faulted && strings.HasPrefix(path.Base(sent.Route), "remove") && had:
			excused[key] = true
		}
	}
	for address, asked := range c.want {
		rec := state[address]
		_, block, _ := strings.Cut(address, ".")
		if ok && changed[rec.Key()].IsZero() && !excused[rec.Key()] && !excused[block] && !s.isFulfilled(rec, asked) {
			s.tally.violation("%s succeeded, and %s (%s) is not as the configuration asks: %v", c.args[0], address, rec.ID(), asked)
		}
	}
	for address, rec := range c.before {
		now, asked := state[address], c.want[address]
		gone := now.ID() != rec.ID() || now.Target() != rec.Target()
		hidden := c.hidden != "" && rec.Text("acs_system_id") == c.hidden
		// A merge after the read is an outside change of both identities.
		exists := rec.ID() != "" && s.exists(rec, cmp.Or(read[readFor(rec.ID())], c.began))
		switch {
		case hidden && gone:
			s.tally.violation("after %s, %s (%s) is not in the state any more, and its access system was hidden", c.args[0], address, rec.ID())
		case hidden && ok && asked == nil:
			s.tally.violation("%s succeeded, and was to remove %s, whose access system was hidden", c.args[0], address)
		case (gone && !isLink(rec.Type) || (gone || ok) && asked == nil) && exists && !changed[rec.Key()].After(read[readFor(rec.ID())]):
			s.tally.violation("after %s, %s (%s) is still there, and was to be removed", c.args[0], address, rec.ID())
		}
	}
}

// isFulfilled reports whether Seam has what a configuration asks for of what the state
// has. A merged identity stays as it is.
func (s *storm) isFulfilled(rec testbed.Resource, asked values) bool {
	if isLink(rec.Type) {
		return s.asksFor(rec.Address, asked, rec.Target(), time.Now()) && s.exists(rec, time.Now())
	}
	schedule, _ := asked["access_schedule"].(values)
	starts, _ := time.Parse(time.RFC3339, schedule.text("starts_at")) // the zero time for none
	_, has, ok := s.person(rec.ID())
	return ok && has == personText(fakeseam.Person{
		FullName: asked.text("full_name"), EmailAddress: asked.text("email_address"),
		PhoneNumber: asked.text("phone_number"), Key: asked.text("user_identity_key"),
	}, asked.text("acs_system_id"), asked["is_suspended"] == true, starts) || rec.ID() != s.canonical(rec.ID(), time.Now())
}

// checkBalance compares the state with the configuration, and with what Terraform made,
// after a command that succeeded.
func (s *storm) checkBalance() error {
	state, err := s.state()
	for _, rec := range state {
		if s.want[rec.Address] == nil || rec.Tainted {
			s.tally.violation("the state holds %s (%s), which is tainted (%t) or not in the configuration", rec.Address, rec.ID(), rec.Tainted)
		}
	}
	for _, what := range s.unknown(state) {
		s.tally.violation("%s is by Terraform, and not in the state", what)
	}
	return err
}
