package main

import (
	"context"
	"maps"
	"regexp"
	"strings"
)

// maxRounds is how often apply may be run when it is calm. The first one tells
// of the links that exist already, and of what stands in the way; with the
// import blocks pasted in, and with what somebody else has made impossible taken
// out of the configuration, the second one succeeds.
const maxRounds = 2

// calm brings the configuration, the state and Seam together, as a person would
// who does what the errors say.
func (s *storm) calm(ctx context.Context) error {
	s.outside.prepare(0, 1)
	for round := 1; ; round++ {
		in, err := s.begin(false)
		if err != nil {
			return err
		}
		r, err := s.command(ctx, kill{}, "apply", "-json", "-auto-approve", "-input=false")
		if err != nil {
			return err
		}
		if err := s.write(importsFile, ""); err != nil {
			return err
		}
		if err := s.end(in, r, false, "a calm apply"); err != nil {
			return err
		}
		if r.exit == 0 {
			break
		}
		if round == maxRounds {
			s.tally.violation("apply fails for the %dth time when it is calm: %s", round, describe(r))
			return nil
		}
		if err := s.settle(r); err != nil {
			return err
		}
	}

	s.endLags()
	r, err := s.command(ctx, kill{}, "plan", "-json", "-detailed-exitcode", "-input=false")
	if err != nil {
		return err
	}
	if r.exit != 0 {
		s.tally.violation("the plan after a calm apply is not empty: exit status %d\n%s", r.exit, r.output)
	}
	return s.balance()
}

var (
	addressed = regexp.MustCompile(`^seam_user_identity_acs_user\.person\["([0-9a-f-]{36})"\]$`)
	importID  = regexp.MustCompile(`import \{\n  to = \S+\n  id = "([^"]+)"\n\}`)
	holder    = regexp.MustCompile(`is linked to another user identity, ([0-9a-f-]{36})\.`)
	noSuch    = regexp.MustCompile(`^There is no (ACS user|user identity) ([0-9a-fA-F-]{36}) in workspace`)
	deleting  = regexp.MustCompile(`^Seam is deleting (?:ACS user|user identity) ([0-9a-fA-F-]{36})\.`)
)

// settle does what the errors of an apply say, after it has made sure that they
// are true.
func (s *storm) settle(r result) error {
	imports := map[string]string{}
	want := maps.Clone(s.want)
	if len(r.errors) == 0 {
		s.tally.violation("apply fails without an error: %s", describe(r))
	}
	for _, d := range r.errors {
		address := addressed.FindStringSubmatch(d.Address)
		if address == nil || !strings.HasPrefix(d.Summary, "Cannot link ACS user") {
			s.tally.violation("an error that calm does not explain: %s", d)
			continue
		}
		userID := address[1]
		if strings.HasPrefix(d.Detail, "The link exists already") {
			id := importID.FindStringSubmatch(d.Detail)
			if id == nil || !s.linked(userID, s.want[userID]) {
				s.tally.violation("it is said to exist already: %s", d)
				continue
			}
			imports[userID] = id[1]
			s.tally.imported++
			continue
		}
		if !s.stands(d, userID) {
			s.tally.violation("an error that is not true: %s", d)
			continue
		}
		s.log("somebody else is in the way of ACS user %s: its block is taken out", userID)
		delete(want, userID)
	}
	if err := s.configure(want, calmRetryTimeout); err != nil {
		return err
	}
	return s.writeImports(imports)
}

// stands reports whether what an error names does stand in the way.
func (s *storm) stands(d diagnostic, userID string) bool {
	user, exists := s.seam.ACSUser(userID)
	if m := holder.FindStringSubmatch(d.Detail); m != nil {
		return exists && user.UserIdentityID == m[1] && !s.linked(userID, s.want[userID])
	}
	if m := noSuch.FindStringSubmatch(d.Detail); m != nil {
		if m[1] == "ACS user" {
			return !exists
		}
		_, exists := s.seam.UserIdentity(m[2])
		return !exists
	}
	if m := deleting.FindStringSubmatch(d.Detail); m != nil {
		return s.isDoomed(m[1])
	}
	// An identity may have two ACS users in one system after a merge, which
	// some Seams refuse for an add.
	return strings.Contains(d.Detail, "(user_identity_already_in_acs_system)") && exists && user.UserIdentityID == ""
}
