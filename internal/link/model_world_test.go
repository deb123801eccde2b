package link

import (
	"fmt"
	"strings"
)

// The world of the model: two people who each have a user identity, and two ACS
// users of one access system. All questions are about the first ACS user, card,
// except where two operations are under way at once. For memberships, ann and bob are
// two access groups.

// identityOf is a user identity or an access group, 0 if none.
type identityOf int8

const (
	nobody identityOf = iota
	ann
	bob
)

type acsUserOf int8

const (
	card acsUserOf = iota
	fob
)

const (
	theSystem = "system"
	here      = "workspace"
	elsewhere = "elsewhere"
)

func (i identityOf) String() string { return [...]string{"", "ann", "bob"}[i] }

func (u acsUserOf) String() string { return [...]string{"card", "fob"}[u] }

var (
	identityIDs = [...]string{"", "aaaaaaaa-0000-4000-8000-000000000000", "bbbbbbbb-0000-4000-8000-000000000000"}
	acsUserIDs  = [...]string{"cccccccc-0000-4000-8000-000000000000", "ffffffff-0000-4000-8000-000000000000"}
	upperIDs    = [...]string{"", strings.ToUpper(identityIDs[ann]), strings.ToUpper(identityIDs[bob])}
)

func (i identityOf) id() string { return identityIDs[i] }

func (u acsUserOf) id() string { return acsUserIDs[u] }

// answered is the id as Seam writes it, which may be in another case than the
// configuration has it.
func (i identityOf) answered() string { return upperIDs[i] }

// parseIdentity returns nobody for an id of something else.
func parseIdentity(id string) identityOf {
	for i := ann; i <= bob; i++ {
		if strings.EqualFold(id, i.id()) {
			return i
		}
	}
	return nobody
}

// parseACSUser returns false for an id of something else.
func parseACSUser(id string) (acsUserOf, bool) {
	for u := card; u <= fob; u++ {
		if strings.EqualFold(id, u.id()) {
			return u, true
		}
	}
	return 0, false
}

// world is a state of Seam.
type world struct {
	users      [2]userState
	identities [3]identityState
	// outOfSight: Seam finds neither the access system nor its ACS users.
	outOfSight bool
	// groups: ann and bob are access groups.
	groups bool
}

type userState struct {
	holder       identityOf
	madeBy       int8 // the operation of ours that made the link, from 1; 0 if another process did
	in           [3]membershipState
	beingDeleted bool
	gone         bool
}

// membershipState is whether an ACS user is in an access group, and whether the access
// system has that; a change is pending where the two differ.
type membershipState struct {
	is, carried bool
	madeBy      int8
}

type identityState struct {
	mergedInto   identityOf
	beingDeleted bool
	gone         bool
}

// primary is the identity that an id stands for, nobody if it is gone.
func (w *world) primary(i identityOf) identityOf {
	if into := w.identities[i].mergedInto; into != nobody {
		i = into
	}
	if w.identities[i].gone {
		return nobody
	}
	return i
}

// linked reports whether the identity can use the ACS user.
func (w *world) linked(u acsUserOf, i identityOf) bool {
	user := w.users[u]
	if w.groups {
		return !user.gone && w.primary(i) != nobody && user.in[i].is
	}
	return !user.gone && user.holder != nobody && w.primary(i) != nobody && w.primary(user.holder) == w.primary(i)
}

// held reports whether an identity other than this one can use the ACS user.
func (w *world) held(u acsUserOf, but identityOf) bool {
	user := w.users[u]
	return !user.gone && user.holder != nobody && w.primary(user.holder) != nobody && !w.linked(u, but)
}

func (w *world) String() string {
	var b strings.Builder
	for u := card; u <= fob; u++ {
		user := w.users[u]
		fmt.Fprintf(&b, "%s→%s", u, user.holder)
		for i := ann; i <= bob; i++ {
			if m := user.in[i]; m.is || m.carried {
				fmt.Fprintf(&b, "%s (%t, carried out: %t)", i, m.is, m.is == m.carried)
			}
		}
		if user.gone {
			b.WriteString(" gone")
		}
		if user.beingDeleted {
			b.WriteString(" being deleted")
		}
		b.WriteString(", ")
	}
	for i := ann; i <= bob; i++ {
		identity := w.identities[i]
		if identity.mergedInto != nobody {
			fmt.Fprintf(&b, "%s merged, ", i)
		}
		if identity.gone {
			fmt.Fprintf(&b, "%s gone, ", i)
		}
		if identity.beingDeleted {
			fmt.Fprintf(&b, "%s being deleted, ", i)
		}
	}
	if w.outOfSight {
		b.WriteString("out of sight")
	}
	return strings.TrimSuffix(b.String(), ", ")
}

// link points the ACS user to an identity, or makes it a member, as another process may.
func (w *world) link(u acsUserOf, i identityOf) {
	if w.groups {
		if !w.users[u].gone && w.primary(i) != nobody {
			w.users[u].in[i] = membershipState{is: true, carried: true}
		}
		return
	}
	if primary := w.primary(i); primary != nobody && !w.users[u].gone && w.users[u].holder != primary {
		w.users[u].holder, w.users[u].madeBy = primary, 0
	}
}

func (w *world) unlink(u acsUserOf) {
	w.users[u].holder, w.users[u].madeBy = nobody, 0
	w.users[u].in[ann] = membershipState{}
}

func (w *world) deleteUser(u acsUserOf) { w.users[u] = userState{gone: true} }

// deleteIdentity deletes the ACS users too, as Seam says it does; or leaves them
// for a while, pointing to an identity that is gone.
func (w *world) deleteIdentity(i identityOf, andUsers bool) {
	if w.identities[i].mergedInto != nobody || w.identities[i].gone {
		return
	}
	w.identities[i] = identityState{gone: true}
	for u := range w.users {
		w.users[u].in[i] = membershipState{}
		if andUsers && w.users[u].holder == i {
			w.deleteUser(acsUserOf(u))
		}
	}
}

func (w *world) merge(from, into identityOf) {
	if w.groups || w.primary(from) != from || w.primary(into) != into {
		return
	}
	w.identities[from] = identityState{mergedInto: into}
	for u := range w.users {
		if w.users[u].holder == from {
			w.users[u].holder = into
		}
	}
}

// deeds are what another process may do at any moment.
var deeds = []struct {
	name string
	do   func(*world)
}{
	{"card is linked to ann", func(w *world) { w.link(card, ann) }},
	{"card is linked to bob", func(w *world) { w.link(card, bob) }},
	{"card is unlinked", func(w *world) { w.unlink(card) }},
	{"ann is merged into bob", func(w *world) { w.merge(ann, bob) }},
	{"bob is merged into ann", func(w *world) { w.merge(bob, ann) }},
	{"card is deleted", func(w *world) { w.deleteUser(card) }},
	{"card is about to be deleted", func(w *world) {
		if !w.users[card].gone {
			w.users[card].beingDeleted = true
		}
	}},
	{"ann is deleted, with her ACS users", func(w *world) { w.deleteIdentity(ann, true) }},
	{"ann is deleted, her ACS users to follow", func(w *world) { w.deleteIdentity(ann, false) }},
	{"ann is about to be deleted", func(w *world) {
		if w.primary(ann) == ann {
			w.identities[ann].beingDeleted = true
		}
	}},
	{"bob is deleted, with his ACS users", func(w *world) { w.deleteIdentity(bob, true) }},
	{"fob is linked to ann", func(w *world) { w.link(fob, ann) }},
	{"the access system goes out of sight", func(w *world) { w.outOfSight = true }},
	{"card is added to ann, which is pending", func(w *world) { w.pend(true) }},
	{"card is removed from ann, which is pending", func(w *world) { w.pend(false) }},
	{"the access system carries out what is pending", func(w *world) {
		for u := range w.users {
			for i := range w.users[u].in {
				w.users[u].in[i].carried = w.users[u].in[i].is
			}
		}
	}},
}

// pend makes card a member of ann or ends that, which the access system has yet to carry out.
func (w *world) pend(is bool) {
	if w.groups && !w.users[card].gone && w.primary(ann) != nobody && w.users[card].in[ann].is != is {
		w.users[card].in[ann].is, w.users[card].in[ann].madeBy = is, 0
	}
}
