package main

import (
	"context"
	"maps"
	"regexp"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// maxRounds is how often apply may be run after the storm. The first one reports
// the links that exist already, and conflicts; with the import blocks pasted in, and
// the links in conflict removed from the configuration, the second one succeeds.
const maxRounds = 2

// calm brings the configuration, the state and Seam together, as a user does
// who follows the errors.
func (s *storm) calm(ctx context.Context) error {
	s.outside.prepare(0, 1)
	for round := 1; ; round++ {
		in, err := s.begin(false)
		if err != nil {
			return err
		}
		r, err := s.command(ctx, kill{}, "apply", "-json")
		if err != nil {
			return err
		}
		if err := s.cli.Write(importsFile, ""); err != nil {
			return err
		}
		if err := s.end(in, r, false, "a calm apply"); err != nil {
			return err
		}
		if r.Exit == 0 {
			break
		}
		if round == maxRounds {
			s.tally.violation("apply fails for the %dth time after the storm: %s", round, describe(r))
			return nil
		}
		if err := s.followErrors(r); err != nil {
			return err
		}
	}

	s.endLags()
	r, err := s.command(ctx, kill{}, "plan", "-json", "-detailed-exitcode")
	if err != nil {
		return err
	}
	if r.Exit != 0 {
		s.tally.violation("the plan after a calm apply is not empty: exit status %d\n%s", r.Exit, r.Output)
	}
	return s.balance()
}

var (
	addressed   = regexp.MustCompile(`^seam_user_identity_acs_user\.person\["(` + uuid + `)"\]$`)
	importBlock = regexp.MustCompile(`import \{\s+to = \S+\s+id = "((` + uuid + `)/(` + uuid + `))"\s+\}`)
)

const uuid = `[0-9a-fA-F-]{36}`

// conflicts are the errors after which a link can only be removed from the
// configuration: the words by which to recognize each, with the id that they name, and
// whether it is true of an ACS user. The first one that matches counts.
var conflicts = []struct {
	words  *regexp.Regexp
	isTrue func(s *storm, userID, id string) bool
}{
	{regexp.MustCompile(`is linked to (?:another )?user identity,? (` + uuid + `)`), func(s *storm, userID, id string) bool {
		user, _ := s.seam.ACSUser(userID)
		return strings.EqualFold(user.UserIdentityID, id) && !s.linked(userID, s.want[userID])
	}},
	{regexp.MustCompile(`(?i)\bno (?:such )?(?:ACS user|user identity),? (` + uuid + `)`), func(s *storm, _, id string) bool {
		_, isUser := s.seam.ACSUser(id)
		identity, exists := s.seam.UserIdentity(id)
		merged := !strings.EqualFold(identity.ID, id) && s.semantics.Aliases != fakeseam.AliasesFound
		return !isUser && (!exists || merged)
	}},
	{regexp.MustCompile(`is deleting (?:the )?(?:ACS user|user identity) (` + uuid + `)|(` + uuid + `) is being deleted`), func(s *storm, _, id string) bool {
		return s.isDoomed(id)
	}},
	// An identity may have two ACS users in one system after a merge, which
	// some Seams refuse for an add.
	{regexp.MustCompile(`user_identity_already_in_acs_system`), func(s *storm, userID, _ string) bool {
		user, exists := s.seam.ACSUser(userID)
		return exists && user.UserIdentityID == ""
	}},
}

// followErrors does what the errors of an apply say, after it has made sure that
// they are true.
func (s *storm) followErrors(r result) error {
	imports := map[string]string{}
	want := maps.Clone(s.want)
	if len(r.Errors()) == 0 {
		s.tally.violation("apply fails without an error: %s", describe(r))
	}
	for _, d := range r.Errors() {
		address := addressed.FindStringSubmatch(d.Address)
		if address == nil {
			s.tally.violation("an error that is not about a link: %s", d)
			continue
		}
		userID, text := address[1], d.Summary+"\n"+d.Detail
		if id := importBlock.FindStringSubmatch(text); id != nil && strings.EqualFold(id[3], userID) && strings.EqualFold(id[2], s.want[userID]) {
			if !s.linked(userID, s.want[userID]) {
				s.tally.violation("there is no such link to import: %s", d)
				continue
			}
			imports[userID] = id[1]
			s.tally.imported++
			continue
		}
		if !s.isTrue(text, userID) {
			s.tally.violation("an error that is not recognized or not true: %s", d)
			continue
		}
		s.log("ACS user %s cannot be linked: its link is removed from the configuration", userID)
		delete(want, userID)
	}
	if err := s.configure(want, calmRetryTimeout); err != nil {
		return err
	}
	return s.writeImports(imports)
}

// isTrue reports whether an error names a conflict that exists.
func (s *storm) isTrue(text, userID string) bool {
	for _, conflict := range conflicts {
		if id := conflict.words.FindStringSubmatch(text); id != nil {
			return conflict.isTrue(s, userID, strings.Join(id[1:], ""))
		}
	}
	return false
}
