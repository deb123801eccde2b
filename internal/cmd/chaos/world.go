package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

const (
	linkType       = "seam_user_identity_acs_user"
	membershipType = "seam_acs_access_group_user"
	identityType   = "seam_user_identity"
	userType       = "seam_acs_user"
)

// world is the embedded Seam of one storm, and what the storm knows of it.
type world struct {
	seam      *fakeseam.Server
	workspace string
	systems   []string        // ids
	groups    []string        // of access groups, one in each access system
	pairs     []fakeseam.Link // of people who are there already; linked at first
	spares    []string        // user identities without an ACS user, to move links to
	people    int             // whom the configuration creates
}

// newWorld adds people with an ACS user in each of two systems, and others that are not
// in the configuration: half of those are linked outside.
func newWorld(links int) *world {
	w := &world{seam: fakeseam.New(), people: max(2, links/4)}
	w.workspace = w.seam.AddWorkspace("Harbour Tower").ID
	for _, name := range []string{"Lobby", "Garage", "Roof"} {
		system := w.seam.AddSystem(w.workspace, name, "").ID
		w.systems, w.groups = append(w.systems, system), append(w.groups, w.seam.AddAccessGroup(system, "Staff").ID)
	}
	person := func(kind string, n int) fakeseam.Person {
		return fakeseam.Person{FullName: fmt.Sprintf("%s %d", kind, n), EmailAddress: fmt.Sprintf("%s-%d@example.com", strings.ToLower(kind), n)}
	}
	for n := 0; len(w.pairs) < links; n++ {
		identity := w.seam.AddUserIdentity(w.workspace, person("Resident", n))
		for _, system := range w.systems[:min(2, links-len(w.pairs))] {
			w.pairs = append(w.pairs, fakeseam.Link{UserIdentityID: identity.ID, ACSUserID: w.seam.AddACSUser(system, person("Resident", n)).ID})
		}
	}
	for n := range links / 5 {
		identity := w.seam.AddUserIdentity(w.workspace, person("Guest", n))
		user := w.seam.AddACSUser(w.systems[n%2], person("Guest", n))
		if n%2 == 0 {
			w.seam.Link(identity.ID, user.ID)
		}
	}
	for n := range max(2, links/2) {
		w.spares = append(w.spares, w.seam.AddUserIdentity(w.workspace, person("Spare", n)).ID)
	}
	return w
}

// values are the arguments of a block.
type values map[string]any

func (v values) text(name string) string {
	text, _ := v[name].(string)
	return text
}

// wanted is what a configuration asks for: blocks by address.
type wanted map[string]values

// isLink reports whether a resource is a link or a membership.
func isLink(kind string) bool { return kind == linkType || kind == membershipType }

// drop removes a block, and what refers to it.
func (want wanted) drop(address string) {
	maps.DeleteFunc(want, func(other string, block values) bool {
		return other == address || strings.Contains(block.text("acs_user_id")+block.text("user_identity_id"), "{"+address+".")
	})
}

// seeded returns the address of the link of an ACS user that is there already.
func seeded(userID string) string { return linkType + ".user-" + userID }

// ends returns the addresses of the ACS user and the user identity of the link of a
// person.
func ends(link string) (user, identity string, isPerson bool) {
	_, name, _ := strings.Cut(link, ".")
	return userType + "." + name, identityType + "." + name[:max(0, strings.LastIndex(name, "-"))], strings.HasPrefix(name, "person-")
}

// pair is a link. Every ninth user identity id is in upper case: ids are
// case-insensitive.
func (w *world) pair(n int) values {
	identity := w.pairs[n].UserIdentityID
	if n%9 == 8 {
		identity = strings.ToUpper(identity)
	}
	return values{"acs_user_id": w.pairs[n].ACSUserID, "user_identity_id": identity}
}

// person returns the blocks of one person: an account, and ACS users that may be linked
// to it. No two blocks share an email address, a phone number or a key.
func (w *world) person(n int, rng *rand.Rand) wanted {
	block := func(name string, phone int) values {
		family := pick(rng, "Moss", "Poe")
		v := values{"full_name": name + " " + family, "email_address": name + "." + family + "@example.com"}
		if rng.IntN(2) == 0 {
			v["phone_number"] = fmt.Sprintf("+1555%04d%d%d", n, phone, len(family))
		}
		return v
	}
	name := fmt.Sprintf("person-%d", n)
	identity := block(name, 0)
	if rng.IntN(2) == 0 {
		identity["user_identity_key"] = fmt.Sprintf("%s-%d", name, rng.IntN(2))
		if rng.IntN(3) == 0 {
			delete(identity, "email_address")
		}
	}
	want := wanted{identityType + "." + name: identity}
	for number := range rng.IntN(3) {
		name := fmt.Sprintf("%s-%d", name, number)
		user := block(name, 1+number)
		system := pick(rng, number, 2*number) // a change is a replacement
		user["acs_system_id"] = w.systems[system]
		if rng.IntN(4) == 0 {
			user["access_schedule"] = values{"starts_at": pick(rng, "2030-01-01T08:00:00Z", "2031-01-01T08:00:00Z"), "ends_at": "2039-01-01T08:00:00Z"}
		}
		if rng.IntN(4) == 0 {
			user["is_suspended"] = true
		}
		want[userType+"."+name] = user
		if rng.IntN(4) > 0 {
			link := linkType + "." + name
			userBlock, identityBlock, _ := ends(link)
			want[link] = values{"acs_user_id": "${" + userBlock + ".acs_user_id}", "user_identity_id": "${" + identityBlock + ".user_identity_id}"}
		}
		if rng.IntN(2) == 0 {
			want[membershipType+"."+name] = values{"acs_user_id": "${" + userType + "." + name + ".acs_user_id}", "acs_access_group_id": w.groups[system]}
		}
	}
	return want
}

// change returns a configuration like this one, with some blocks removed, some added,
// and some changed: links are moved to another identity, people become others.
func (w *world) change(now wanted, rng *rand.Rand) wanted {
	next, used := wanted{}, map[string]bool{}
	for address, block := range now {
		next[address] = block
		used[block.text("user_identity_id")] = true
	}
	for n, pair := range w.pairs {
		address := seeded(pair.ACSUserID)
		switch chance := rng.Float64(); {
		case next[address] == nil && chance < 0.8:
			next[address] = w.pair(n)
		case next[address] != nil && chance < 0.12:
			delete(next, address)
		case next[address] != nil && chance < 0.24:
			if to := pick(rng, w.spares...); !used[to] {
				used[to] = true
				next[address] = values{"acs_user_id": pair.ACSUserID, "user_identity_id": to}
			}
		}
	}
	for n := range w.people {
		if now == nil || rng.IntN(5) < 2 {
			name := fmt.Sprintf(".person-%d-", n)
			maps.DeleteFunc(next, func(address string, _ values) bool { return strings.Contains(address+"-", name) })
			if rng.IntN(4) > 0 {
				maps.Copy(next, w.person(n, rng))
			}
		}
	}
	return next
}

// configure writes a configuration.
func (s *storm) configure(want wanted, retryTimeout time.Duration) error {
	s.want = want
	resources := map[string]map[string]values{}
	for address, block := range want {
		kind, name, _ := strings.Cut(address, ".")
		if resources[kind] == nil {
			resources[kind] = map[string]values{}
		}
		resources[kind][name] = block
	}
	content, err := json.MarshalIndent(values{
		"terraform": values{"required_providers": values{"seam": values{"source": "seamapi/seam"}}},
		"provider":  values{"seam": values{"retry_timeout": retryTimeout.String()}},
		"resource":  resources,
	}, "", "  ")
	return errors.Join(err, s.cli.Write("main.tf.json", string(content)))
}
