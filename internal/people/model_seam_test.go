package people_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"testing/synctest"

	"github.com/seamapi/terraform-provider-seam/internal/bulkread"
	"github.com/seamapi/terraform-provider-seam/internal/modelcheck"
	"github.com/seamapi/terraform-provider-seam/internal/people"
	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// execution is one course of events in the model. Everything that is open is decided by
// its choices.
type execution struct {
	*modelcheck.Choices
	identities bool    // the records are user identities, and not ACS users
	history    []event // the last one is how things are
	listed     int     // the version that lists show at least
	rules      rules
	reached    string // the workspace that the credentials reach
	pending    []func()
	ops        int
	want       values // of the configuration
	violation  string
	tell       func(format string, args ...any) // nil if it is not needed
}

// event is a state of the world, and whether an operation of ours brought it about.
type event struct {
	world
	ours bool
}

// rules are how Seam answers where its documentation is silent. Each is decided when it
// first matters: 0 is not yet, then 1 and up.
type rules struct {
	valueTaken int // refused, accepted, answers the other one
	alias      int // finds the primary, no such identity
	mergedKeys int // shown, not shown
	linksShown int // by identity and list, by the identity, by the list
	deletes    int // at once, take a while
	changes    int // at once, pending and shown, pending and not shown
	emailCase  int // as it was sent, in capitals
}

func (x *execution) rule(rule *int, n int) int {
	if *rule == 0 {
		*rule = 1 + x.Any(n)
	}
	return *rule
}

func (x *execution) now() *world { return &x.history[len(x.history)-1].world }

func (x *execution) say(format string, args ...any) {
	if x.tell != nil {
		x.tell(format, args...)
	}
}

func (x *execution) violate(format string, args ...any) {
	if x.violation == "" {
		x.violation = fmt.Sprintf(format, args...)
	}
	x.say("VIOLATION: "+format, args...)
}

func (x *execution) become(w world, ours bool) {
	if w != *x.now() {
		x.history = append(x.history, event{w, ours})
		if x.tell != nil {
			x.say("  now %s", &w)
		}
	}
}

// since reports whether something was so at this version or later.
func (x *execution) since(version int, so func(*world) bool) bool {
	for i := version; i < len(x.history); i++ {
		if so(&x.history[i].world) {
			return true
		}
	}
	return false
}

// land carries out late what was sent.
func (x *execution) land(i int) {
	late := x.pending[i]
	x.pending = append(x.pending[:i:i], x.pending[i+1:]...)
	x.say("late, what was sent before takes effect")
	late()
}

// passTime lets time pass: what was sent takes effect or never will, and lists show it.
func (x *execution) passTime() {
	for len(x.pending) > 0 {
		if x.Any(2) == 0 {
			x.land(0)
		} else {
			x.pending = x.pending[1:]
		}
	}
	x.listed = len(x.history) - 1
	x.say("time passes")
}

// meanwhile is a moment at which another process may act, a write that was sent may take
// effect at last, and the operation may be cancelled.
func (x *execution) meanwhile(op *operation) {
	for i := 0; i < len(x.pending); {
		if x.Any(2) == 0 {
			i++
			continue
		}
		x.land(i)
	}
	deeds := acsUserDeeds
	if x.identities {
		deeds = identityDeeds
	}
	for x.CanDeviate() {
		var possible [16]int
		var changed [16]world
		n := 0
		for i, deed := range deeds {
			w := *x.now()
			if deed.do(&w, x.want); w != *x.now() {
				possible[n], changed[n] = i, w
				n++
			}
		}
		alternatives := 1 + n
		if op != nil && !op.cancelled {
			alternatives++
		}
		switch chosen := x.Usual(alternatives); {
		case chosen == 0:
			return
		case chosen <= n:
			x.say("meanwhile %s", deeds[possible[chosen-1]].name)
			x.become(changed[chosen-1], false)
		default:
			x.say("meanwhile the operation is cancelled")
			op.cancelled = true
			op.cancel()
		}
	}
}

// Errors of Seam, as the client makes them. Made once: they are never changed.
var (
	errNoACSUser   = &seam.Error{Status: http.StatusNotFound, Type: seam.TypeACSUserNotFound}
	errNoIdentity  = &seam.Error{Status: http.StatusNotFound, Type: seam.TypeUserIdentityNotFound}
	errNoACSSystem = &seam.Error{Status: http.StatusNotFound, Type: seam.TypeACSSystemNotFound}
	errRefused     = &seam.Error{Status: http.StatusBadRequest, Type: "invalid_input"}
	errTaken       = &seam.Error{Status: http.StatusBadRequest, Type: "user_identity_email_or_phone_conflict"}
	errOfServer    = &seam.Error{Status: http.StatusInternalServerError, Type: "internal_server_error"}
	errOutOfTime   = &seam.RetryTimeoutError{Err: errOfServer}
	errThrottled   = &seam.Error{Status: http.StatusTooManyRequests}
	errGateway     = &seam.Error{Status: http.StatusBadGateway}
	errReset       = &seam.TransportError{Err: io.ErrUnexpectedEOF}
	errCancelled   = fmt.Errorf("cancelled: %w", context.Canceled)
)

func (x *execution) notFound() error {
	if x.identities {
		return errNoIdentity
	}
	return errNoACSUser
}

// operation is one of ours, and all that it is told and sends. It is the Seam of its
// records, so that it is known who asks.
type operation struct {
	*execution
	number  int8 // from 1
	name    string
	reading bool // it must not write
	force   bool
	locks   *reconcile.Locks
	records records

	cancel    context.CancelFunc
	cancelled bool
	failed    bool // a read did
	began     int  // the version of the world
	calls     int
	gets      int
	pauses    int
	writes    int
	got       [slots]got  // the latest direct reads, by the record that was asked for
	lastWrite int         // the version before the last write of this operation, from which on reads are fresh
	taken     bool        // a direct read has shown a record with a unique value since the last write or wait
	seen      [slots]bool // by a direct read before the first write
	ambiguous bool        // a create may have had an effect
	accepted  bool        // the latest write was
	effects   int
	ignored   bool // a write was accepted and had no effect
}

// got is what a direct read told an operation.
type got struct {
	answered who // 0 if none
	record   record
	version  int
	valid    bool // since the last write
}

func (op *operation) String() string { return fmt.Sprintf("%s (%d)", op.name, op.number) }

type tooManyCalls struct{}

// call is the way of a request to Seam, up to where it takes effect.
func (op *operation) call(ctx context.Context, format string, args ...any) error {
	if op.calls++; op.calls > 300 {
		panic(tooManyCalls{})
	}
	op.meanwhile(op)
	op.say("%s: "+format, append([]any{op}, args...)...)
	if ctx.Err() != nil {
		return errCancelled
	}
	return nil
}

// read is call for a read, which may fail.
func (op *operation) read(ctx context.Context, format string, args ...any) error {
	if err := op.call(ctx, format, args...); err != nil {
		return err
	}
	if op.Usual(2) == 1 {
		op.say("  fails")
		op.failed = true
		return errOutOfTime
	}
	return nil
}

// get reads a record directly.
func (op *operation) get(ctx context.Context, id string) (*world, who, error) {
	asked := whose(id)
	if err := op.read(ctx, "get %d", asked); err != nil {
		return nil, 0, err
	}
	op.gets++
	version := len(op.history) - 1
	if op.history[version].ours && version > op.lastWrite && op.effects > 0 && op.Usual(2) == 1 {
		op.say("  as it was before the write")
		version--
	}
	op.lastWrite = version
	w := &op.history[version].world
	answered := asked
	if w.records[asked].into != 0 {
		answered = 0
		if op.rule(&op.rules.alias, 2) == 1 {
			answered = w.records[asked].into
		}
	}
	if answered == 0 || !w.records[answered].there || op.reached != here || !op.identities && w.outOfSight {
		op.got[asked] = got{version: version, valid: true}
		op.say("  not found")
		return nil, 0, op.notFound()
	}
	op.got[asked] = got{answered, w.records[answered], version, true}
	op.seen[answered] = op.seen[answered] || op.writes == 0
	if r := w.records[answered]; r.alive() && op.want.unique(r.values) {
		op.taken = true
	}
	return w, answered, nil
}

func (op *operation) GetUserIdentity(ctx context.Context, id string) (seam.UserIdentity, error) {
	w, i, err := op.get(ctx, id)
	if err != nil {
		return seam.UserIdentity{}, err
	}
	return op.identity(w, i, true), nil
}

func (op *operation) GetACSUser(ctx context.Context, id string) (seam.ACSUser, error) {
	if !op.identities {
		w, i, err := op.get(ctx, id)
		if err != nil {
			return seam.ACSUser{}, err
		}
		return op.acsUser(w, i), nil
	}
	if err := op.read(ctx, "get the ACS user"); err != nil {
		return seam.ACSUser{}, err
	}
	if op.now().cardGone {
		return seam.ACSUser{}, errNoACSUser
	}
	user := seam.ACSUser{ACSUserID: cardID, ACSSystemID: theSystem, WorkspaceID: here}
	if holder := op.now().card; holder != 0 {
		user.UserIdentityID = strings.ToUpper(holder.id())
	}
	return user, nil
}

var beingDeletedWarning = []seam.Warning{{WarningCode: "being_deleted"}}

// email is an email address as Seam writes it.
func (x *execution) email(email int8) string {
	if email != 0 && x.rule(&x.rules.emailCase, 2) == 2 {
		return strings.ToUpper(emails[email])
	}
	return emails[email]
}

func (x *execution) identity(w *world, i who, direct bool) seam.UserIdentity {
	r := w.records[i]
	identity := r.identity()
	identity.UserIdentityID, identity.WorkspaceID = strings.ToUpper(i.id()), strings.ToUpper(here)
	identity.EmailAddress, identity.FullName = x.email(r.email), decompose(identity.FullName)
	identity.DisplayName = identity.FullName
	if w.card == i && (direct && x.rule(&x.rules.linksShown, 3) != 3) {
		identity.ACSUserIDs = []string{strings.ToUpper(cardID)}
	}
	if r.beingDeleted {
		identity.Warnings = beingDeletedWarning
	}
	for merged := range w.records {
		if other := w.records[merged]; other.into == i {
			identity.MergedUserIdentityIDs = append(identity.MergedUserIdentityIDs, who(merged).id())
			if other.key != 0 && x.rule(&x.rules.mergedKeys, 2) == 1 {
				identity.MergedUserIdentityKeys = append(identity.MergedUserIdentityKeys, keys[other.key])
			}
		}
	}
	return identity
}

func (x *execution) acsUser(w *world, i who) seam.ACSUser {
	r := w.records[i]
	v, suspended := r.values, r.suspended
	if r.pending && x.rules.changes == 3 {
		v = r.shown
	}
	if r.suspending && x.rules.changes == 3 {
		suspended = r.wasSuspended
	}
	user := v.acsUser()
	user.ACSUserID, user.WorkspaceID, user.IsSuspended = strings.ToUpper(i.id()), strings.ToUpper(here), suspended
	user.EmailAddress, user.FullName = x.email(v.email), decompose(user.FullName)
	if r.beingDeleted {
		user.Warnings = beingDeletedWarning
	}
	if r.unmanageable {
		user.Warnings = append(user.Warnings, seam.Warning{WarningCode: "latch_resident_user"})
	}
	if r.pending {
		user.PendingMutations = append(user.PendingMutations, seam.PendingMutation{MutationCode: "updating_user_information"}, seam.PendingMutation{MutationCode: "updating_access_schedule"})
	}
	if r.suspending {
		user.PendingMutations = append(user.PendingMutations, seam.PendingMutation{MutationCode: "updating_suspension_state"})
	}
	return user
}

func (op *operation) GetUserIdentityByKey(ctx context.Context, key string) (seam.UserIdentity, error) {
	if err := op.read(ctx, "get by key %s", key); err != nil {
		return seam.UserIdentity{}, err
	}
	w := op.now()
	for _, alive := range []bool{true, false} { // one that is being deleted loses
		for i := who(1); i < slots && op.reached == here; i++ {
			r := w.records[i]
			if keys[r.key] == key && r.into != 0 && w.records[r.into].there && op.rule(&op.rules.alias, 2) == 1 {
				i, r = r.into, w.records[r.into]
			} else if keys[r.key] != key || !r.there {
				continue
			}
			if r.alive() == alive {
				op.taken = op.taken || alive
				return op.identity(w, i, true), nil
			}
		}
	}
	op.say("  not found")
	return seam.UserIdentity{}, errNoIdentity
}

// list shows the records with a text, as they were at any time: lists lag.
func (op *operation) list(ctx context.Context, search string, show func(w *world, i who) bool) error {
	if err := op.read(ctx, "list %q", search); err != nil {
		return err
	}
	latest := len(op.history) - 1
	late := op.Usual(1 + latest - op.listed)
	if late > 0 {
		op.say("  as things were %d changes before", late)
	}
	w := &op.history[latest-late].world
	for i := who(1); i < slots && op.reached == here && (op.identities || !w.outOfSight); i++ {
		r := w.records[i]
		if r.there && (strings.EqualFold(emails[r.email], search) || phones[r.phone] == search || names[r.name] == search) && !show(w, i) {
			break
		}
	}
	return nil
}

func (op *operation) UserIdentities(ctx context.Context, filter seam.UserIdentitiesFilter, _ int) iter.Seq2[seam.UserIdentity, error] {
	return func(yield func(seam.UserIdentity, error) bool) {
		if err := op.list(ctx, filter.Search, func(w *world, i who) bool { return yield(op.identity(w, i, false), nil) }); err != nil {
			yield(seam.UserIdentity{}, err)
		}
	}
}

func (op *operation) ACSUsers(ctx context.Context, filter seam.ACSUsersFilter, _ int) iter.Seq2[seam.ACSUser, error] {
	return func(yield func(seam.ACSUser, error) bool) {
		if filter.ACSSystemID != theSystem {
			op.violate("%s lists another access system", op)
		}
		if err := op.list(ctx, filter.Search, func(w *world, i who) bool { return yield(op.acsUser(w, i), nil) }); err != nil {
			yield(seam.ACSUser{}, err)
		}
	}
}

func (op *operation) ListUserIdentityACSUsers(ctx context.Context, id string) ([]seam.ACSUser, error) {
	if err := op.read(ctx, "list ACS users of %d", whose(id)); err != nil {
		return nil, err
	}
	w := op.now()
	if op.rule(&op.rules.linksShown, 3) == 2 { // late
		w = &op.history[op.listed].world
		if !w.records[whose(id)].there {
			return nil, errNoIdentity
		}
	}
	if w.card != whose(id) {
		return nil, nil
	}
	return []seam.ACSUser{{ACSUserID: cardID}}, nil
}

func (op *operation) GetWorkspace(ctx context.Context) (seam.Workspace, error) {
	if err := op.read(ctx, "get the workspace"); err != nil {
		return seam.Workspace{}, err
	}
	return seam.Workspace{WorkspaceID: op.reached}, nil
}

func (op *operation) GetACSSystem(ctx context.Context, _ string) (seam.ACSSystem, error) {
	if err := op.read(ctx, "get the access system"); err != nil {
		return seam.ACSSystem{}, err
	}
	if op.reached != here || op.now().outOfSight {
		return seam.ACSSystem{}, errNoACSSystem
	}
	return seam.ACSSystem{ACSSystemID: theSystem}, nil
}

func (op *operation) StartOperation(ctx context.Context) context.Context { return ctx }

func (op *operation) FinalRead(ctx context.Context) context.Context {
	return context.WithoutCancel(ctx)
}

func (op *operation) Pause(ctx context.Context, _ int, cause error) error {
	op.taken = false
	if err := op.call(ctx, "pause"); err != nil {
		return err
	}
	// Time is up some day.
	if op.pauses++; op.pauses > 3 || op.Usual(2) == 1 {
		op.say("  there is no time left")
		return &seam.RetryTimeoutError{Err: cause}
	}
	return nil
}

// send is what may become of a write that is allowed.
func (op *operation) send(ctx context.Context, what string, effect func() error) error {
	if op.reading {
		op.violate("%s writes", op)
	}
	if op.reached != here && what != "create" {
		op.violate("%s writes to another workspace", op)
	}
	for i := range op.got {
		op.got[i].valid = false
	}
	if err := op.call(ctx, "%s", what); err != nil {
		return err
	}
	op.writes++
	op.accepted = false
	op.taken = false
	takeEffect := func() error {
		if op.reached != here || !op.identities && op.now().outOfSight {
			return op.notFound()
		}
		before := len(op.history)
		err := effect()
		op.effects += len(op.history) - before
		return err
	}
	fate := op.Usual(7)
	if fate == 4 && what == "create" {
		fate = 0 // Seam answers with what it made
	}
	switch fate {
	case 0:
		err := takeEffect()
		op.accepted = err == nil
		return err
	case 1:
		op.say("  500, without effect")
		op.ambiguous = true
		return errOfServer
	case 2:
		op.say("  reset, after the effect")
		op.ambiguous = true
		_ = takeEffect()
		return errReset
	case 3:
		op.say("  502, and the effect is still to come")
		op.ambiguous = true
		op.pending = append(op.pending, func() { _ = takeEffect() })
		return errGateway
	case 4:
		op.say("  accepted, without effect")
		op.accepted, op.ignored = true, true
		return nil
	case 5:
		op.say("  refused for no reason")
		return errRefused
	default:
		op.say("  429")
		return errThrottled
	}
}

func (op *operation) create(ctx context.Context, v values) (created who, err error) {
	if op.ambiguous {
		op.violate("%s sends a create again", op)
	}
	if op.taken && (op.identities || v.email != 0) {
		op.violate("%s creates a record with a value that it saw in use", op)
	}
	err = op.send(ctx, "create", func() error {
		for i := range op.now().records {
			r := op.now().records[i]
			if !r.alive() || !(op.identities && v.unique(r.values)) {
				continue
			}
			switch op.rule(&op.rules.valueTaken, 3) {
			case 1:
				return errTaken
			case 3:
				op.say("  Seam answers with %d", i)
				created = who(i)
				return nil
			}
		}
		w := *op.now()
		created = w.add(v, op.number)
		op.become(w, true)
		return nil
	})
	return created, err
}

func (op *operation) CreateUserIdentity(ctx context.Context, want seam.UserIdentityValues) (seam.UserIdentity, error) {
	created, err := op.create(ctx, indexOf(want.FullName, want.EmailAddress, want.PhoneNumber, want.UserIdentityKey, nil))
	if err != nil {
		return seam.UserIdentity{}, err
	}
	return op.identity(op.now(), created, true), nil
}

func (op *operation) CreateACSUser(ctx context.Context, acsSystemID string, want seam.ACSUserValues) (seam.ACSUser, error) {
	if acsSystemID != theSystem {
		op.violate("%s creates in another access system", op)
	}
	created, err := op.create(ctx, indexOf(want.FullName, want.EmailAddress, want.PhoneNumber, "", want.AccessSchedule))
	if err != nil {
		return seam.ACSUser{}, err
	}
	return op.acsUser(op.now(), created), nil
}

// indexOf returns the values with these texts.
func indexOf(name, email, phone, key string, schedule *seam.AccessSchedule) values {
	index := func(texts []string, text string) int8 {
		for i := len(texts) - 1; i > 0; i-- {
			if people.SameName(texts[i], text) || people.SameEmail(texts[i], text) {
				return int8(i)
			}
		}
		return 0
	}
	v := values{index(names[:], name), index(emails[:], email), index(phones[:], phone), index(keys[:], key), 0}
	if schedule != nil {
		v.ends = index(ends[:], schedule.EndsAt)
	}
	return v
}

// mayChange holds what must be true when a write to a record is decided on.
func (op *operation) mayChange(what, id string) who {
	i := whose(id)
	switch {
	case !op.locks.Wrote(id):
		op.violate("%s writes, and a page may still confirm what it writes to", op)
	case !op.got[i].valid:
		op.violate("%s writes without a direct read of its own since the last write", op)
	case op.got[i].answered != i:
		op.violate("%s writes to what is not there, or through an alias", op)
	case op.got[i].record.unmanageable:
		op.violate("%s writes to what Seam cannot change", op)
	case what == "delete" && op.got[i].record.beingDeleted:
		op.violate("%s deletes what is being deleted", op)
	case what == "delete" && !op.force && op.identities && !op.since(op.got[i].version, func(w *world) bool { return w.card != i }):
		op.violate("%s deletes an identity that an ACS user is linked to", op)
	}
	return i
}

func (op *operation) change(ctx context.Context, what, id string, do func(w *world, r *record) error) error {
	i := op.mayChange(what, id)
	return op.send(ctx, what, func() error {
		w := *op.now()
		if w.records[i].into != 0 && op.rule(&op.rules.alias, 2) == 1 && op.since(op.got[i].version, func(w *world) bool { return w.records[i].into == 0 }) {
			return op.notFound() // it was merged meanwhile: nothing could tell
		}
		if !w.records[i].there {
			return op.notFound()
		}
		if err := do(&w, &w.records[i]); err != nil {
			return err
		}
		op.become(w, true)
		return nil
	})
}

// update changes values. Each of them must be new to what was read.
func (op *operation) update(ctx context.Context, id string, changes any) error {
	encoded, err := json.Marshal(changes)
	fields := map[string]any{}
	if err == nil {
		err = json.Unmarshal(encoded, &fields)
	}
	if err != nil {
		return err
	}
	text := func(name string) string { text, _ := fields[name].(string); return text }
	var schedule *seam.AccessSchedule
	if sent, ok := fields["access_schedule"].(map[string]any); ok {
		schedule = &seam.AccessSchedule{}
		schedule.EndsAt, _ = sent["ends_at"].(string)
	}
	sent := indexOf(text("full_name"), text("email_address"), text("phone_number"), text("user_identity_key"), schedule)
	has := op.got[whose(id)].record.values
	apply := func(v *values) (superfluous string) {
		for name, field := range map[string]struct {
			of       *int8
			has, new int8
		}{"full_name": {&v.name, has.name, sent.name}, "email_address": {&v.email, has.email, sent.email}, "phone_number": {&v.phone, has.phone, sent.phone}, "user_identity_key": {&v.key, has.key, sent.key}, "access_schedule": {&v.ends, has.ends, sent.ends}} {
			if _, is := fields[name]; is {
				if *field.of = field.new; field.has == field.new {
					superfluous = name
				}
			}
		}
		return superfluous
	}
	to := has
	superfluous := apply(&to)
	if superfluous != "" && !op.got[whose(id)].record.pending {
		op.violate("%s writes %s, which does not change", op, superfluous)
	}
	if to != op.want && !op.got[whose(id)].record.pending {
		op.violate("%s writes %s, which does not make it what is configured", op, encoded)
	}
	for i := range op.now().records {
		if who(i) != whose(id) && !op.ambiguous && !op.accepted && !op.since(op.listed, func(w *world) bool {
			r := w.records[i]
			return w.outOfSight || !r.alive() || !op.inUse(r.values, op.want) || op.inUse(r.values, has)
		}) {
			op.violate("%s gives her a value of %d", op, i)
		}
	}
	return op.change(ctx, "update", id, func(w *world, r *record) error {
		before := r.values
		apply(&r.values)
		if op.identities {
			for i := range w.records {
				other := w.records[i]
				if other.alive() && who(i).id() != id && !strings.EqualFold(who(i).id(), id) && r.unique(other.values) && !before.unique(other.values) && op.rule(&op.rules.valueTaken, 3) != 2 {
					return errTaken
				}
			}
			return nil
		}
		if op.rule(&op.rules.changes, 3) > 1 {
			if !r.pending {
				r.shown = before
			}
			r.pending = true
		}
		return nil
	})
}

// inUse reports whether a record has a value that another one may not be given.
func (x *execution) inUse(has, want values) bool {
	return has.email != 0 && has.email == want.email || x.identities && has.unique(want)
}

func (op *operation) UpdateUserIdentity(ctx context.Context, id string, changes seam.UserIdentityChanges) error {
	return op.update(ctx, id, changes)
}

func (op *operation) UpdateACSUser(ctx context.Context, id string, changes seam.ACSUserChanges) error {
	return op.update(ctx, id, changes)
}

func (op *operation) suspend(ctx context.Context, id string, suspended bool) error {
	if op.got[whose(id)].record.suspended == suspended && !op.got[whose(id)].record.suspending {
		op.violate("%s writes a suspension that is so", op)
	}
	return op.change(ctx, "suspend", id, func(_ *world, r *record) error {
		if op.rule(&op.rules.changes, 3) > 1 {
			if !r.suspending {
				r.wasSuspended = r.suspended
			}
			r.suspending = true
		}
		r.suspended = suspended
		return nil
	})
}

func (op *operation) SuspendACSUser(ctx context.Context, id string) error {
	return op.suspend(ctx, id, true)
}

func (op *operation) UnsuspendACSUser(ctx context.Context, id string) error {
	return op.suspend(ctx, id, false)
}

func (op *operation) deleteRecord(ctx context.Context, id string) error {
	return op.change(ctx, "delete", id, func(w *world, _ *record) error {
		w.delete(whose(id), op.rule(&op.rules.deletes, 2) == 2)
		return nil
	})
}

func (op *operation) DeleteUserIdentity(ctx context.Context, id string) error {
	return op.deleteRecord(ctx, id)
}

func (op *operation) DeleteACSUser(ctx context.Context, id string) error {
	return op.deleteRecord(ctx, id)
}

// loaded returns a reader whose pages show a state of any time, or nothing at all.
func (x *execution) loaded() *bulkread.Reader {
	at := x.Usual(1 + len(x.history))
	reader := bulkread.New(func(context.Context, string, string) ([]bulkread.Entry, string, error) {
		var entries []bulkread.Entry
		w := &x.history[at-1].world
		for i := who(1); i < slots; i++ {
			switch {
			case !w.records[i].there:
			case x.identities:
				entries = append(entries, people.UserIdentityEntry(x.identity(w, i, false)))
			default:
				entries = append(entries, people.ACSUserEntry(x.acsUser(w, i)))
			}
		}
		return entries, "", nil
	}, seam.SystemClock{})
	if at > 0 && x.reached == here {
		x.say("pages show %s", &x.history[at-1].world)
		for _, list := range []string{theSystem, ""} {
			for range 11 { // the reads after which a list is fetched
				reader.Confirm(context.Background(), list, cardID, bulkread.Value{})
			}
			synctest.Wait()
		}
	}
	return reader
}
