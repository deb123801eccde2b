package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// learn reads what happened in Seam so far, and notes which blocks made whom: no block
// makes two people.
func (s *storm) learn(state records) {
	s.effects = s.seam.Effects()
	for address, rec := range state {
		if !isLink(rec.Type) && rec.ID() != "" {
			s.named[rec.ID()] = address
		}
	}
	made := map[string][]string{}
	for _, e := range s.effects {
		if e.Action != fakeseam.Created || e.Route == "" {
			continue
		}
		if person, _, ok := s.person(e.ID); ok {
			if s.named[e.ID] == "" {
				s.named[e.ID] = "seam_" + string(e.Kind) + "." + blockOf(person.FullName)
			}
			made[s.named[e.ID]] = append(made[s.named[e.ID]], e.ID)
		}
	}
	for address, ids := range made {
		if len(ids) > 1 && !s.lost[address] {
			s.lost[address] = true // report it once
			s.tally.violation("%s became %d people: %q", address, len(ids), ids)
		}
	}
}

// canonical returns the id by which an object was known at that time: its own or, for a
// user identity after a merge, that of the primary.
func (s *storm) canonical(id string, at time.Time) string {
	id = strings.ToLower(id)
	for _, e := range s.effects {
		if e.Action == fakeseam.Merged && e.ID == id && e.At.Before(at) {
			id = e.To
		}
	}
	return id
}

// same reports whether two ids stood for one object at that time.
func (s *storm) same(a, b string, at time.Time) bool {
	return a != "" && b != "" && s.canonical(a, at) == s.canonical(b, at)
}

// changedOutside returns when an object, or its link, was changed outside, if that was
// its last change before the nth effect.
func (s *storm) changedOutside(kind fakeseam.ObjectKind, id string, n int) time.Time {
	for _, e := range slices.Backward(s.effects[:n]) {
		if e.Kind == kind && (e.ID == id || e.Action == fakeseam.Merged && e.To == id) {
			if e.Route == "" {
				return e.At
			}
			break
		}
	}
	return time.Time{}
}

// person returns what Seam has of a person, also as a text to compare. Whoever is being
// deleted, or was merged into another, is gone.
func (s *storm) person(id string) (person fakeseam.Person, text string, ok bool) {
	if user, ok := s.seam.ACSUser(id); ok {
		return user.Person, personText(user.Person, user.SystemID, user.IsSuspended, user.AccessSchedule.StartsAt), !user.BeingDeleted
	}
	identity, ok := s.seam.UserIdentity(id)
	return identity.Person, personText(identity.Person, "", false, time.Time{}), ok && !identity.BeingDeleted && identity.ID == id
}

func personText(p fakeseam.Person, system string, suspended bool, starts time.Time) string {
	return strings.ToLower(fmt.Sprintf("%+v %s %t %s", p, system, suspended, starts))
}

// exists reports whether Seam has what the state has, as far as its ids say.
func (s *storm) exists(rec testbed.Resource, at time.Time) bool {
	switch rec.Type {
	case membershipType:
		return slices.Contains(s.seam.Members(rec.Target()), strings.ToLower(rec.Text("acs_user_id")))
	case linkType:
		user, _ := s.seam.ACSUser(rec.ID())
		return s.same(user.UserIdentityID, rec.Text("user_identity_id"), at)
	}
	_, _, ok := s.person(rec.ID())
	return ok
}
