package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const uuid = `[0-9a-fA-F-]{36}`

var (
	addressed   = regexp.MustCompile(`^seam_user_identity_acs_user\.person\["(` + uuid + `)"\]$`)
	importBlock = regexp.MustCompile(`import \{\s+to = \S+\s+id = "((` + uuid + `)/(` + uuid + `))"\s+\}`)
)

// conflict is an error after which a link can only be removed from the configuration:
// its text, with the id that it names, and whether it is true of an ACS user.
type conflict struct {
	text   *regexp.Regexp
	isTrue func(s *storm, userID, id string) bool
}

var conflicts = []conflict{ // the first match counts
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
		_, beingDeleted := s.beingDeleted.Load(strings.ToLower(id))
		return beingDeleted
	}},
	// A merge may give an identity two ACS users in one system. An add may refuse that.
	{regexp.MustCompile(`user_identity_already_in_acs_system`), func(s *storm, userID, _ string) bool {
		user, exists := s.seam.ACSUser(userID)
		return exists && user.UserIdentityID == ""
	}},
}

// followErrors does what the errors of an apply say, if they are true.
func (s *storm) followErrors(r result) error {
	var imports strings.Builder
	want := maps.Clone(s.want)
	if len(r.Errors()) == 0 {
		s.tally.violation("apply fails without an error: %s", r.describe())
	}
	for _, d := range r.Errors() {
		address := addressed.FindStringSubmatch(d.Address)
		if address == nil {
			s.tally.violation("an error that is not about a link: %s", d)
			continue
		}
		userID := address[1]
		id := importBlock.FindStringSubmatch(d.Text())
		var names []string // what a conflict names
		at := slices.IndexFunc(conflicts, func(c conflict) bool {
			names = c.text.FindStringSubmatch(d.Text())
			return names != nil
		})
		switch {
		case id != nil && strings.EqualFold(id[3], userID) && strings.EqualFold(id[2], s.want[userID]):
			if !s.linked(userID, s.want[userID]) {
				s.tally.violation("there is no such link to import: %s", d)
				continue
			}
			fmt.Fprintf(&imports, "import {\n  to = seam_user_identity_acs_user.person[%q]\n  id = %q\n}\n", userID, id[1])
			s.tally.count("import")
		case at >= 0 && conflicts[at].isTrue(s, userID, strings.Join(names[1:], "")):
			s.log("ACS user %s cannot be linked: its link is removed from the configuration", userID)
			delete(want, userID)
		default:
			s.tally.violation("an error that is not recognized or not true: %s", d)
		}
	}
	if err := s.configure(want, calmRetryTimeout); err != nil {
		return err
	}
	return s.cli.Write(importsFile, imports.String())
}
