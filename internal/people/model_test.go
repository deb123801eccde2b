package people_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/seamapi/terraform-provider-seam/internal/modelcheck"
	"github.com/seamapi/terraform-provider-seam/internal/people"
	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// The rule of the product against all that can happen to a person's records: the code that
// ships, with its pages, runs in a small world (model_world_test.go), where Seam may fail
// before or after the effect, or carry it out late or never, or answer in any way that its
// documentation leaves open (model_seam_test.go), and where another process may act at
// every moment. What must hold whatever happens is asserted in every execution.

// records are the methods of UserIdentities or ACSUsers, as an operation calls them.
type records struct {
	identities *people.UserIdentities
	users      *people.ACSUsers
}

// process is what one process of the provider has.
func (x *execution) process(wanted string, ops ...*operation) {
	locks, pages := reconcile.NewLocks(), x.loaded()
	for _, op := range ops {
		op.locks = locks
		workspace := reconcile.NewWorkspace(op, wanted)
		op.records = records{people.NewUserIdentities(op, pages, workspace, locks), people.NewACSUsers(op, pages, workspace, locks)}
	}
}

func (x *execution) operation(name string, reading bool) *operation {
	x.ops++
	return &operation{execution: x, number: int8(x.ops), name: name, reading: reading, began: len(x.history) - 1, lastWrite: len(x.history) - 1}
}

// run runs an operation, which may be cancelled, and must end.
func (op *operation) run(operate func(ctx context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	op.cancel = cancel
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(tooManyCalls); !ok {
				panic(r)
			}
			op.violate("%s does not end", op)
		}
	}()
	operate(ctx)
}

// known is what the state has: who it is, if that is known, where, and the values.
type known struct {
	id        string
	workspace string
	values    values
	suspended bool
}

func (k known) identity() seam.UserIdentity {
	identity := k.values.identity()
	identity.UserIdentityID, identity.WorkspaceID, identity.DisplayName = k.id, k.workspace, identity.FullName
	return identity
}

func (k known) acsUser() seam.ACSUser {
	user := k.values.acsUser()
	user.ACSUserID, user.WorkspaceID, user.IsSuspended = k.id, k.workspace, k.suspended
	return user
}

// create, find and so on call the method of the kind of record. A record is returned as
// who it is and what it has, 0 if it is gone.
func (op *operation) createRecord(ctx context.Context, want values) (who, error) {
	if op.identities {
		created, err := op.records.identities.Create(ctx, known{values: want}.identity())
		return whose(created.UserIdentityID), err
	}
	created, _, err := op.records.users.Create(ctx, known{values: want}.acsUser())
	return whose(created.ACSUserID), err
}

func (op *operation) readRecord(ctx context.Context, k known, caughtUp bool) (who, values, error) {
	if op.identities {
		identity, err := op.records.identities.Read(ctx, k.identity(), caughtUp)
		if identity == nil {
			return 0, values{}, err
		}
		return whose(identity.UserIdentityID), indexOf(identity.FullName, identity.EmailAddress, identity.PhoneNumber, identity.UserIdentityKey, nil), err
	}
	user, err := op.records.users.Read(ctx, k.acsUser(), caughtUp)
	if user == nil {
		return 0, values{}, err
	}
	return whose(user.ACSUserID), indexOf(user.FullName, user.EmailAddress, user.PhoneNumber, "", user.AccessSchedule), err
}

func (op *operation) updateRecord(ctx context.Context, k known, want values) (err error) {
	if op.identities {
		_, err = op.records.identities.Update(ctx, k.identity(), known{values: want}.identity())
		return err
	}
	_, err = op.records.users.Update(ctx, k.acsUser(), known{values: want}.acsUser())
	return err
}

func (op *operation) removeRecord(ctx context.Context, k known, caughtUp bool) error {
	if op.identities {
		return op.records.identities.Delete(ctx, k.identity(), caughtUp, op.force)
	}
	return op.records.users.Delete(ctx, k.acsUser(), caughtUp)
}

func isUnknown(err error) bool {
	_, unknown := errors.AsType[*reconcile.UnknownEffectError](err)
	return unknown
}

// create creates a record, and then does what Terraform does: what may have been created
// is looked for, and deleted or created in later commands. One block is one record at most,
// and no one is left outside the state unless an error says so.
func create(x *execution, wanted string) {
	var id who                    // in state
	unknown, told := false, false // in state without an ID; an error told of another one
	again := false                // what may have been created was not
	recognizable := x.want.email != 0 || x.identities && x.want.unique(x.want)
	for command := 0; command < 3 && (command == 0 || unknown || again); command++ {
		caughtUp := command > 0 && x.Any(2) == 0
		if caughtUp {
			x.passTime()
		}
		if unknown {
			op := x.operation("Read", true)
			x.process("", op)
			op.run(func(ctx context.Context) {
				k := known{workspace: here, values: x.want}
				found, _, err := op.readRecord(ctx, k, caughtUp)
				op.say("%s returns %d, %v", op, found, err)
				if err == nil {
					unknown, again, id = false, found == 0, found
				}
				if err == nil && found == 0 && !caughtUp {
					op.violate("%s believes a list that may be late", op)
				}
			})
			continue
		}
		op := x.operation("Create", false)
		x.process(wanted, op)
		op.run(func(ctx context.Context) {
			created, err := op.createRecord(ctx, x.want)
			op.say("%s returns %d, %v", op, created, err)
			op.checkCreate(created, err)
			if err == nil {
				id = created
			}
			unknown = isUnknown(err) && recognizable
			told, again = isUnknown(err) && !recognizable, false
			if several, ok := errors.AsType[*people.SeveralError](err); ok && len(several.IDs) < 2 {
				op.violate("%s names one of several", op)
			}
		})
	}
	x.passTime()
	ours, twins := 0, false
	for i := range x.now().records {
		r := x.now().records[i]
		twins = twins || r.there && r.by == 0 && r.values == x.want
		if !r.alive() || r.by == 0 {
			continue
		}
		ours++
		if id != who(i) && !unknown && !told && !x.twin() {
			x.violate("record %d is left outside the state", i)
		}
	}
	if ours > 1 && !x.twin() {
		x.violate("one block is %d records", ours)
	}
}

// twin reports whether another process created a record with the same values, which
// nothing tells from ours.
func (x *execution) twin() bool {
	return x.since(0, func(w *world) bool {
		for _, r := range w.records {
			if r.there && r.by == 0 && r.values == x.want {
				return true
			}
		}
		return false
	})
}

// checkCreate: no success without a record, and no record that the caller does not know of.
func (op *operation) checkCreate(created who, err error) {
	exists, isExists := errors.AsType[*people.ExistsError](err)
	switch {
	case err == nil:
		if !op.since(op.began, func(w *world) bool { return w.records[created].there && w.records[created].values == op.want }) {
			op.violate("%s succeeded, and no record has the values", op)
		}
		if op.writes == 0 {
			op.violate("%s sent nothing", op)
		}
		if !op.since(op.began, func(w *world) bool { return w.records[created].by == op.number }) && (op.seen[created] || !op.ambiguous && op.rules.valueTaken != 3) {
			op.violate("%s takes over %d", op, created)
		}
	case isUnknown(err):
		if !op.ambiguous {
			op.violate("%s does not know what became of a write that was not ambiguous", op)
		}
		for i, got := range op.got {
			if r := got.record; got.valid && r.alive() && r.by == op.number && r.values == op.want && !op.failed && !op.cancelled && !op.twin() {
				op.violate("%s does not recognize %d", op, i)
			}
		}
	default:
		for i := range op.now().records {
			if r := op.now().records[i]; r.there && r.by == op.number {
				op.violate("%s failed (%v), and created %d", op, err, i)
			}
		}
		if op.ambiguous {
			op.violate("%s failed (%v), and there may be a record in a moment", op, err)
		}
		if isExists && !op.since(0, func(w *world) bool { return w.records[whose(exists.ID)].alive() }) {
			op.violate("%s says that %s exists", op, exists.ID)
		}
	}
}

// state is ann as the state has her.
func (x *execution) state() known {
	k := known{id: ann.id(), workspace: here, values: x.history[0].records[ann].values}
	if x.Usual(2) == 1 {
		k.workspace = ""
	}
	return k
}

func (op *operation) isGone(w *world) bool {
	return !w.records[ann].there && (w.records[ann].into == 0 || op.rules.alias == 2) || !op.identities && w.outOfSight
}

// wrongWorkspace holds that nothing is believed of another workspace.
func (op *operation) wrongWorkspace(k known, err error) bool {
	if op.reached != here && k.workspace != "" && err == nil {
		op.violate("%s believes another workspace", op)
	}
	return op.reached != here
}

func read(x *execution, wanted string) {
	op := x.operation("Read", true)
	x.process(wanted, op)
	op.run(func(ctx context.Context) {
		k := x.state()
		if x.ops == 1 && x.Usual(2) == 1 { // after a write of this process
			op.locks.Writing(k.id)
			x.say("she was written to")
		}
		wrote := op.locks.Wrote(k.id)
		found, v, err := op.readRecord(ctx, k, true)
		op.say("%s returns %d %v, %v", op, found, v, err)
		switch {
		case op.gets == 0 && err == nil:
			if wrote || found != ann || v != k.values {
				op.violate("%s believes a page", op)
			}
		case op.wrongWorkspace(k, err) || err != nil:
		case found == 0:
			if !op.since(op.began, op.isGone) {
				op.violate("%s finds that she is gone", op)
			}
			if !op.identities && k.workspace != "" && op.now().outOfSight && !op.since(op.began, func(w *world) bool { return !w.outOfSight }) {
				op.violate("%s finds that she is gone in an access system that is out of sight", op)
			}
		default:
			if !op.since(op.began, func(w *world) bool {
				r := w.records[found]
				return r.there && (r.values == v || r.pending && k.values == v) && (found == ann || w.records[ann].into == found)
			}) {
				op.violate("%s finds what never was", op)
			}
		}
	})
}

// update gives ann other values.
func update(x *execution, wanted string) {
	op := x.operation("Update", false)
	x.process(wanted, op)
	op.run(func(ctx context.Context) {
		k := x.state()
		err := op.updateRecord(ctx, k, x.want)
		op.say("%s returns %v", op, err)
		op.checkChange(k, err, func(w *world) bool { return w.records[ann].values == x.want })
		if exists, ok := errors.AsType[*people.ExistsError](err); ok && !op.since(0, func(w *world) bool {
			r := w.records[whose(exists.ID)]
			return whose(exists.ID) != ann && r.there
		}) {
			op.violate("%s says that %s is in the way", op, exists.ID)
		}
	})
}

func suspend(x *execution, wanted string) {
	op := x.operation("SetSuspended", false)
	x.process(wanted, op)
	op.run(func(ctx context.Context) {
		k := x.state()
		_, err := op.records.users.SetSuspended(ctx, k.acsUser(), true)
		op.say("%s returns %v", op, err)
		op.checkChange(k, err, func(w *world) bool { return w.records[ann].suspended })
	})
}

// checkChange: a success has its effect, as a direct read showed, and a failure has none
// that is not told of.
func (op *operation) checkChange(k known, err error, so func(*world) bool) {
	merged, isMerged := errors.AsType[*people.MergedError](err)
	_, notShown := errors.AsType[*people.NotShownError](err)
	switch {
	case op.wrongWorkspace(k, err):
	case err == nil:
		ignored := op.ignored && op.got[ann].record.pending // no read tells that
		if !ignored && !op.since(op.began, so) {
			op.violate("%s succeeded without an effect", op)
		}
		if op.writes > 0 && !op.got[ann].valid {
			op.violate("%s succeeded, and did not verify that", op)
		}
	case isMerged:
		if !op.since(op.began, func(w *world) bool { return w.records[ann].into == whose(merged.PrimaryID) }) {
			op.violate("%s says that she was merged into %s", op, merged.PrimaryID)
		}
	case notShown:
		if !op.accepted {
			op.violate("%s says that a write was accepted", op)
		}
	case !isUnknown(err):
		if op.effects > 0 || op.ambiguous {
			op.violate("%s failed (%v), and there is an effect, or will be", op, err)
		}
	}
}

// remove deletes ann.
func remove(x *execution, wanted string) {
	op := x.operation("Delete", false)
	op.force = x.Any(2) == 1
	x.process(wanted, op)
	op.run(func(ctx context.Context) {
		k := x.state()
		err := op.removeRecord(ctx, k, true)
		op.say("%s (force: %t) returns %v", op, op.force, err)
		op.checkChange(k, err, func(w *world) bool { return op.isGone(w) || w.records[ann].beingDeleted })
		if linked, ok := errors.AsType[*people.LinkedError](err); ok && (op.force || len(linked.ACSUsers) == 0 || !op.since(op.began, func(w *world) bool { return w.card == ann })) {
			op.violate("%s says that she is linked", op)
		}
		if r := op.now().records[bob]; !x.identities && r != x.history[0].records[bob] {
			op.violate("%s changed someone else", op)
		}
	})
}

// alone executes one operation.
func alone(c *modelcheck.Choices, from func(*execution), want values, identities bool, operate func(*execution, string), tell func(string, ...any)) string {
	x := &execution{Choices: c, identities: identities, want: want, reached: here, tell: tell}
	x.history = []event{{}}
	w := x.now()
	w.records[bob] = record{values: values{3, 3, 3, 3, 0}, there: true}
	if !identities {
		w.records[bob].key = 0
	}
	from(x)
	x.say("at first %s", x.now())
	wanted := ""
	switch x.Usual(3) {
	case 1:
		x.reached = elsewhere
		x.say("the credentials reach another workspace")
	case 2:
		wanted = here
	}
	x.meanwhile(nil) // since the command began
	operate(x, wanted)
	return x.violation
}

func nobody(*execution) {}

// isAnn is a record of ann with these values.
func isAnn(v values) func(*execution) {
	return func(x *execution) { x.now().records[ann] = record{values: v, there: true} }
}

// isPending is a change of ann that the access system does not show yet.
func isPending(x *execution) {
	x.rules.changes = 3
	x.now().records[ann] = record{values: values{2, 2, 0, 0, 0}, shown: values{1, 1, 0, 0, 0}, there: true, pending: true}
}

func linked(x *execution) {
	isAnn(values{1, 1, 0, 1, 0})(x)
	x.now().card = ann
}

// gone is a record that lists may still show.
func gone(x *execution) {
	isAnn(values{1, 1, 0, 0, 0})(x)
	w := *x.now()
	w.delete(ann, false)
	x.become(w, false)
}

// leaving is a record that is being deleted.
func leaving(x *execution) {
	isAnn(values{1, 1, 1, 1, 0})(x)
	x.now().delete(ann, true)
}

// listedLate is a record of another process that lists may not show yet.
func listedLate(x *execution) {
	w := *x.now()
	w.add(values{2, 1, 0, 0, 0}, 0)
	x.become(w, false)
}

func merged(x *execution) {
	linked(x)
	x.now().merge(ann, bob)
}

func TestModel(t *testing.T) {
	t.Parallel()
	whole := values{1, 1, 1, 1, 0}
	record := values{1, 1, 1, 0, 1}
	for _, test := range []struct {
		name       string
		identities bool
		operate    func(*execution, string)
		from       func(*execution)
		want       values
	}{
		{"identity/Create/all values", true, create, nobody, whole},
		{"identity/Create/an email address", true, create, nobody, values{1, 1, 0, 0, 0}},
		{"identity/Create/a key, which is in use", true, create, isAnn(values{0, 0, 0, 1, 0}), values{1, 0, 0, 1, 0}},
		{"identity/Create/a name", true, create, nobody, values{1, 0, 0, 0, 0}},
		{"identity/Create/a phone number, of one who is gone", true, create, gone, values{1, 1, 1, 0, 0}},
		{"identity/Create/an email address that lists do not show", true, create, listedLate, values{1, 1, 0, 0, 0}},
		{"identity/Create/the values of one that is being deleted", true, create, leaving, whole},
		{"identity/Create/the key of one that was merged", true, create, merged, values{1, 0, 0, 1, 0}},
		{"identity/Read", true, read, isAnn(whole), whole},
		{"identity/Read/merged", true, read, merged, whole},
		{"identity/Update", true, update, isAnn(whole), values{2, 2, 0, 1, 0}},
		{"identity/Update/nothing", true, update, isAnn(whole), whole},
		{"identity/Update/to a value in use", true, update, isAnn(whole), values{1, 3, 1, 1, 0}},
		{"identity/Update/merged", true, update, merged, values{2, 1, 0, 1, 0}},
		{"identity/Delete", true, remove, isAnn(whole), whole},
		{"identity/Delete/linked", true, remove, linked, whole},
		{"identity/Delete/merged", true, remove, merged, whole},
		{"ACS user/Create/all values", false, create, nobody, record},
		{"ACS user/Create/a name", false, create, isAnn(values{1, 0, 0, 0, 0}), values{1, 0, 0, 0, 0}},
		{"ACS user/Create/an email address of one who is gone", false, create, gone, values{1, 1, 0, 0, 0}},
		{"ACS user/Create/an email address of one that is being deleted", false, create, leaving, values{1, 1, 0, 0, 0}},
		{"ACS user/Create/an email address in use", false, create, isAnn(values{2, 1, 0, 0, 0}), values{1, 1, 0, 0, 0}},
		{"ACS user/Read", false, read, isAnn(record), record},
		{"ACS user/Update", false, update, isAnn(record), values{2, 2, 0, 0, 2}},
		{"ACS user/Update/back to what is still shown", false, update, isPending, values{1, 1, 0, 0, 0}},
		{"ACS user/Update/to a value in use", false, update, isAnn(record), values{1, 3, 1, 0, 1}},
		{"ACS user/Update/nothing", false, update, isAnn(record), record},
		{"ACS user/SetSuspended", false, suspend, isAnn(record), record},
		{"ACS user/Delete", false, remove, isAnn(record), record},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				modelcheck.Check(t, 0, 1000, func(c *modelcheck.Choices, tell func(string, ...any)) string {
					return alone(c, test.from, test.want, test.identities, test.operate, tell)
				})
			})
		})
	}
}
