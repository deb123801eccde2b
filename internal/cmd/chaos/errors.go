package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

const uuid = `([0-9a-fA-F-]{36})`

var (
	importBlock = regexp.MustCompile(`import \{\s+to = (\w+)\.example\s+id = "((?:` + uuid + `/)?` + uuid + `)"\s+\}`)
	linkedUsers = regexp.MustCompile(`acs_user_id ` + uuid)
	deletedID   = regexp.MustCompile(`^Cannot delete .*` + uuid)
)

type remedy string

const (
	drop   remedy = "is removed from the configuration"
	forget remedy = "is removed from the configuration and from the state"
	remove remedy = "is removed from the state"
	wait   remedy = "is applied again after some time"
)

// conflict is an error that is about no other block: its text, with the id that it
// names, whether it is true of the ACS user or the user identity of the block, and what
// a user does about it.
type conflict struct {
	text   *regexp.Regexp
	isTrue func(s *storm, rec testbed.Resource, id string) bool
	remedy remedy
}

var conflicts = []conflict{
	{regexp.MustCompile(`was merged into ` + uuid), func(s *storm, rec testbed.Resource, id string) bool {
		return rec.ID() != id && s.same(rec.ID(), id, time.Now())
	}, forget},
	{regexp.MustCompile(`is linked to (?:another )?user identity,? ` + uuid), func(s *storm, rec testbed.Resource, id string) bool {
		user, _ := s.seam.ACSUser(rec.ID())
		return strings.EqualFold(user.UserIdentityID, id) && !s.exists(rec, time.Now())
	}, drop},
	{regexp.MustCompile(`(?i)\bno (?:such )?(?:ACS user|user identity),? ` + uuid), func(s *storm, _ testbed.Resource, id string) bool {
		_, isUser := s.seam.ACSUser(id)
		identity, exists := s.seam.UserIdentity(id)
		merged := !strings.EqualFold(identity.ID, id) && s.semantics.Aliases != fakeseam.AliasesFound
		return !isUser && (!exists || merged)
	}, drop},
	// A merge may give an identity two ACS users in one system. An add may refuse that.
	{regexp.MustCompile(`user_identity_already_in_acs_system()`), func(s *storm, rec testbed.Resource, _ string) bool {
		user, exists := s.seam.ACSUser(rec.ID())
		return exists && user.UserIdentityID == ""
	}, drop},
	// A list may be minutes late, but the storm knows.
	{regexp.MustCompile(`not known yet whether an earlier apply created it()`), func(s *storm, rec testbed.Resource, _ string) bool {
		return !slices.ContainsFunc(s.effects, func(e fakeseam.Effect) bool {
			_, _, exists := s.person(e.ID)
			return exists && e.Action == fakeseam.Created && s.named[e.ID] == rec.Address && s.changedOutside(e.Kind, e.ID, len(s.effects)).IsZero()
		})
	}, remove},
	// The key of a merged identity is taken, and an alias may not be found.
	{regexp.MustCompile(`user_identity_key_conflict()`), became(fakeseam.Merged), drop},
	// A deletion takes a while, and the values are taken as long.
	{regexp.MustCompile(`_conflict\)()| already has `), became(fakeseam.Deleted), wait},
}

// became reports whether this became of someone whom the block has made.
func became(action fakeseam.Action) func(s *storm, rec testbed.Resource, id string) bool {
	return func(s *storm, rec testbed.Resource, _ string) bool {
		return slices.ContainsFunc(s.effects, func(e fakeseam.Effect) bool { return e.Action == action && s.named[e.ID] == rec.Address })
	}
}

// recordOf returns what an error is about, as the state has it or will have it. The
// error of a deletion has no address.
func (s *storm) recordOf(d testbed.Diagnostic, state records) testbed.Resource {
	for _, rec := range state {
		if id := deletedID.FindStringSubmatch(d.Summary); d.Address == "" && id != nil && !isLink(rec.Type) && rec.ID() == id[1] {
			return rec
		}
	}
	rec := state[d.Address]
	rec.Address = d.Address
	if rec.Type, _, _ = strings.Cut(d.Address, "."); isLink(rec.Type) {
		rec.Attributes = s.want[d.Address]
		if user, identity, _ := ends(d.Address); rec.Type == membershipType {
			rec.Attributes = values{"acs_user_id": state[user].ID(), "acs_access_group_id": s.want[d.Address].text("acs_access_group_id")}
		} else if s.want[identity] != nil {
			rec.Attributes = values{"acs_user_id": state[user].ID(), "user_identity_id": state[identity].ID()}
		}
	}
	return rec
}

// followErrors does what the errors of a command say, if they are true.
func (s *storm) followErrors(ctx context.Context, r result) error {
	want := maps.Clone(s.want)
	var blocks strings.Builder
	var unlinks []string // after all errors: another one may be about the same link
	state, err := s.state()
	if err != nil {
		return err
	}
	if len(r.Errors()) == 0 {
		s.tally.violation("a command fails without an error: %v", r.Err())
	}
	for _, d := range r.Errors() {
		rec := s.recordOf(d, state)
		block := importBlock.FindStringSubmatch(d.Text())
		at := slices.IndexFunc(conflicts, func(c conflict) bool {
			names := c.text.FindStringSubmatch(d.Text())
			return names != nil && c.isTrue(s, rec, names[1])
		})
		users := linkedUsers.FindAllStringSubmatch(d.Text(), -1)
		switch {
		case block != nil && s.canImport(rec, block, state):
			fmt.Fprintf(&blocks, "import {\n  to = %s\n  id = %q\n}\n", rec.Address, block[2])
			s.imported[strings.TrimPrefix(rec.Type, "seam_")+" "+strings.ToLower(block[4])] = true
			s.tally.count("import")
		case at >= 0:
			s.log("%s %s", rec.Address, conflicts[at].remedy)
			_, inState := state[rec.Address]
			if remedy := conflicts[at].remedy; inState && (remedy == forget || remedy == remove) {
				delete(state, rec.Address)
				forgotten, err := s.cli.Run(ctx, "state", "rm", rec.Address)
				if err := errors.Join(err, forgotten.Err()); err != nil {
					return err
				}
			}
			if remedy := conflicts[at].remedy; remedy == drop || remedy == forget {
				want.drop(rec.Address)
			}
		case users != nil:
			for _, names := range users {
				user, exists := s.seam.ACSUser(names[1])
				if exists && user.UserIdentityID != rec.ID() {
					s.tally.violation("an error that is not true: %s", d)
				} else if exists {
					unlinks = append(unlinks, user.ID)
				}
			}
		default:
			s.tally.violation("an error that is not recognized or not true: %s", d)
		}
	}
	for _, id := range unlinks {
		s.record("outside change", "unlink, as an error says", "ACS user %s", id)
		s.seam.Unlink(id)
	}
	return errors.Join(s.configure(want, calmRetryTimeout), s.cli.Write(importsFile, blocks.String()))
}

// canImport reports whether there is what an error says to import, and no other block
// has it.
func (s *storm) canImport(rec testbed.Resource, block []string, state records) bool {
	target := "user_identity_id"
	if block[1] == membershipType {
		target = "acs_access_group_id"
	}
	found := testbed.Resource{Type: block[1], Attributes: values{target: block[3], "acs_user_id": block[4]}}
	_, managed := state.of(found.Key())
	isTheirs := !isLink(rec.Type) || found.ID() == rec.ID() && s.same(found.Target(), rec.Target(), time.Now())
	return found.Type == rec.Type && isTheirs && s.exists(found, time.Now()) && !managed
}
