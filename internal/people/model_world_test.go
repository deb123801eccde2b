package people_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// The world of the model: records of one kind, in one access system if they are ACS users,
// and an ACS user, card, that may be linked to one of them if they are user identities.

const (
	theSystem = "5a5a5a5a-0000-4000-8000-000000000000"
	cardID    = "cccccccc-0000-4000-8000-000000000000"
	here      = "11111111-0000-4000-8000-000000000000"
	elsewhere = "eeeeeeee-0000-4000-8000-000000000000"
)

// who is a record, from 1; 0 is none. There is ann, whom the questions are about if she
// exists, and bob; later ones are those that are created.
type who int8

const (
	ann who = 1
	bob who = 2

	slots = 12
)

var recordIDs = func() (ids [slots]string) {
	for i := range ids {
		ids[i] = fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", i)
	}
	return ids
}()

func (w who) id() string { return recordIDs[w] }

// whose returns 0 for an ID of something else.
func whose(id string) who {
	for w := who(1); w < slots; w++ {
		if strings.EqualFold(id, w.id()) {
			return w
		}
	}
	return 0
}

// values are what a record has; each field is an index of its texts.
type values struct{ name, email, phone, key, ends int8 }

var (
	names  = [...]string{"", "Ann Le\u00e9", "Ann Poe", "Bob"}
	emails = [...]string{"", "ann@example.com", "poe@example.com", "bob@example.com"}
	phones = [...]string{"", "+15555550101", "+15555550102", "+15555550103"}
	keys   = [...]string{"", "ann", "poe", "bob"}
	ends   = [...]string{"", "2031-01-01T00:00:00Z", "2032-01-01T00:00:00Z", ""}
)

func (v values) schedule() *seam.AccessSchedule {
	if v.ends == 0 {
		return nil
	}
	return &seam.AccessSchedule{StartsAt: "2030-01-01T00:00:00Z", EndsAt: ends[v.ends]}
}

func (v values) identity() seam.UserIdentity {
	return seam.UserIdentity{FullName: names[v.name], EmailAddress: emails[v.email], PhoneNumber: phones[v.phone], UserIdentityKey: keys[v.key]}
}

func (v values) acsUser() seam.ACSUser {
	return seam.ACSUser{FullName: names[v.name], EmailAddress: emails[v.email], PhoneNumber: phones[v.phone], AccessSchedule: v.schedule(), ACSSystemID: theSystem}
}

// decompose writes a name as an access system may, which Terraform does not.
func decompose(name string) string { return strings.ReplaceAll(name, "\u00e9", "e\u0301") }

// unique reports whether two records share a value that is unique in a workspace.
func (v values) unique(other values) bool {
	return v.key != 0 && v.key == other.key || v.email != 0 && v.email == other.email || v.phone != 0 && v.phone == other.phone
}

// world is a state of Seam.
type world struct {
	records    [slots]record
	card       who // whom it is linked to
	cardGone   bool
	outOfSight bool // the access system and its ACS users
}

type record struct {
	values
	shown        values // while a change is pending, if the old values are shown
	there        bool
	beingDeleted bool
	suspended    bool
	wasSuspended bool // while that is pending, if the old value is shown
	pending      bool // a change of the values
	suspending   bool // a change of the suspension
	unmanageable bool
	into         who  // that it was merged into
	by           int8 // the operation that created it, from 1; 0: another process, or one changed it since
}

func (w *world) add(v values, by int8) who {
	for i := who(1); i < slots; i++ {
		if w.records[i] == (record{}) {
			w.records[i] = record{values: v, there: true, by: by}
			return i
		}
	}
	return 0
}

// alive reports whether a record is there to stay.
func (r record) alive() bool { return r.there && !r.beingDeleted }

// delete deletes a record, at once or in a while; of an identity, with its ACS users.
func (w *world) delete(i who, slow bool) {
	r := &w.records[i]
	if !r.there {
		return
	}
	if slow {
		r.beingDeleted = true
		return
	}
	*r = record{values: r.values, into: r.into}
	r.suspended = true // not the zero value: the slot is not free
	if w.card == i {
		w.card, w.cardGone = 0, true
	}
}

func (w *world) merge(from, into who) {
	if w.records[from].alive() && w.records[into].alive() {
		w.records[from].there, w.records[from].into = false, into
		if w.card == from {
			w.card = into
		}
	}
}

// target is whom things happen to: the record that an operation created, or ann.
func (w *world) target() who {
	for i := range w.records {
		if w.records[i].there && w.records[i].by > 0 {
			return who(i)
		}
	}
	return ann
}

func (w *world) String() string {
	var b strings.Builder
	for i, r := range w.records {
		if r == (record{}) {
			continue
		}
		fmt.Fprintf(&b, "%d: %s %s %s %s", i, names[r.name], emails[r.email], phones[r.phone], keys[r.key])
		fmt.Fprintf(&b, " there=%t deleting=%t pending=%t suspended=%t suspending=%t ours=%t into=%d; ", r.there, r.beingDeleted, r.pending, r.suspended, r.suspending, r.by > 0, r.into)
	}
	if w.card > 0 {
		fmt.Fprintf(&b, "card→%d", w.card)
	}
	return b.String()
}

// deed is what another process may do at any moment.
type deed struct {
	name string
	do   func(w *world, want values)
}

// change marks a record as changed by another process.
func (w *world) change(do func(*record)) {
	if r := &w.records[w.target()]; r.there {
		do(r)
		r.by = 0
	}
}

var commonDeeds = []deed{
	{"a twin is created", func(w *world, want values) { w.add(want, 0) }},
	{"one with the same email address is created", func(w *world, want values) {
		if want.email != 0 {
			w.add(values{name: 3, email: want.email}, 0)
		}
	}},
	{"she is renamed", func(w *world, _ values) { w.change(func(r *record) { r.name = 3 }) }},
	{"she is deleted", func(w *world, _ values) { w.delete(w.target(), false) }},
	{"she is about to be deleted", func(w *world, _ values) { w.delete(w.target(), true) }},
}

var identityDeeds = slices.Concat(commonDeeds, []deed{
	{"she is merged into bob", func(w *world, _ values) { w.merge(w.target(), bob) }},
	{"bob is merged into her", func(w *world, _ values) { w.merge(bob, w.target()) }},
	{"card is linked to her", func(w *world, _ values) {
		if t := w.target(); w.records[t].there && !w.cardGone {
			w.card = t
		}
	}},
	{"card is unlinked", func(w *world, _ values) { w.card = 0 }},
})

var acsUserDeeds = slices.Concat(commonDeeds, []deed{
	{"one with the same name is created", func(w *world, want values) { w.add(values{name: want.name}, 0) }},
	{"she is suspended", func(w *world, _ values) { w.change(func(r *record) { r.suspended = true }) }},
	{"she is a resident", func(w *world, _ values) { w.change(func(r *record) { r.unmanageable = true }) }},
	{"what is pending is done", func(w *world, _ values) {
		for i := range w.records {
			r := &w.records[i]
			r.pending, r.suspending, r.shown, r.wasSuspended = false, false, values{}, false
		}
	}},
	{"the access system goes out of sight", func(w *world, _ values) { w.outOfSight = true }},
})
