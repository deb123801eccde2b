package link

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
)

// The rule of the product against all that can happen to it: the operations run
// in a small world (see model_world_test.go), where Seam may fail before or after
// the effect, or answer late, or answer in any way that its documentation leaves
// open (model_seam_test.go), and where somebody else may act at every moment. What
// must hold whatever happens is asserted in every execution.

var (
	depth   = flag.Int("model.depth", 3, "how many unusual things may happen in one execution of the model")
	samples = flag.Int("model.samples", 5_000, "how many executions to pick at random, with many unusual things in each")
	seed    = flag.Uint64("model.seed", 1, "seed of the executions that are picked at random")
)

// start is how things are when the command begins.
type start struct {
	name string
	do   func(*world)
}

var (
	unlinkedCard = start{"unlinked", func(*world) {}}
	annsCard     = start{"linked", func(w *world) { w.link(card, ann) }}
	bobsCard     = start{"held by another", func(w *world) { w.link(card, bob) }}
	annMerged    = start{"unlinked and merged", func(w *world) { w.merge(ann, bob) }}
	linkedMerged = start{"linked and merged", func(w *world) { w.link(card, ann); w.merge(ann, bob) }}
)

// kindOfOperation is a method of Links, and what must hold when it has returned.
type kindOfOperation struct {
	name    string
	reading bool
	run     func(ctx context.Context, links *Links, op *operation) (check func())
}

func (op *operation) pair() Pair {
	return Pair{UserIdentityID: op.identity.String(), ACSUserID: op.user.String()}
}

var createOperation = kindOfOperation{"Create", false, func(ctx context.Context, links *Links, op *operation) func() {
	link, err := links.Create(ctx, op.pair())
	return func() { op.checkCreate(link, err) }
}}

var deleteOperation = kindOfOperation{"Delete", false, func(ctx context.Context, links *Links, op *operation) func() {
	known := op.known()
	finding, err := links.Delete(ctx, known)
	return func() { op.checkDelete(known, finding, err) }
}}

var readOperation = kindOfOperation{"Read", true, func(ctx context.Context, links *Links, op *operation) func() {
	known := op.known()
	finding, err := links.Read(ctx, known)
	return func() { op.checkRead(known, finding, err) }
}}

var findOperation = kindOfOperation{"Find", true, func(ctx context.Context, links *Links, op *operation) func() {
	likely := []Standing{Unlinked, Linked}[op.any(2)]
	finding, err := links.Find(ctx, op.pair(), likely)
	return func() { op.checkFind(likely, finding, err) }
}}

// known is the link as the state knows it: the workspace is not in it after a
// write of which nobody knew what became.
func (op *operation) known() Link {
	known := Link{Pair: op.pair(), ACSSystemID: theSystem, WorkspaceID: here}
	if op.usual(2) == 1 {
		known.WorkspaceID = ""
	}
	return known
}

// checkCreate: no success without the effect, and no effect that the caller does
// not know of.
func (op *operation) checkCreate(link Link, err error) {
	op.say("%s returns %+v, %v", op, link, err)
	_, unknown := errors.AsType[*UnknownEffectError](err)
	if err == nil || unknown {
		if link.Pair != op.pair() || link.ACSSystemID != theSystem || link.WorkspaceID != here {
			op.violate("%s returns an incomplete link", op)
		}
		if op.writes == 0 {
			op.violate("%s sent nothing", op)
		}
	}
	switch {
	case unknown:
	case err == nil:
		if !op.sinceBegan(func(w *world) bool { return w.linked(op.user, op.identity) }) {
			op.violate("%s succeeded without an effect", op)
		}
	default:
		if user := op.now().users[op.user]; user.madeBy == op.number {
			op.violate("%s failed (%v), and its link is there", op, err)
		}
		if op.mayComeLate() {
			op.violate("%s failed (%v), and its link may be there in a moment", op, err)
		}
		op.checkRefusal(err)
	}
}

// checkRefusal: what a refusal says was true when it was looked at.
func (op *operation) checkRefusal(err error) {
	var (
		exists       *ExistsError
		held         *HeldError
		missing      *MissingError
		beingDeleted *BeingDeletedError
		so           func(*world) bool
	)
	switch {
	case errors.As(err, &exists):
		op.checkStanding(Finding{Standing: Linked})
		return
	case errors.As(err, &held):
		op.checkStanding(Finding{Standing: HeldByAnother, HolderID: held.HolderID})
		return
	case errors.As(err, &missing) && missing.What == ACSUser:
		so = func(w *world) bool { return op.reached != here || w.users[op.user].gone }
	case errors.As(err, &missing):
		so = func(w *world) bool { return w.primary(op.identity) == nobody }
		if op.rules.writeByAlias == 2 {
			return // Seam itself said so
		}
	case errors.As(err, &beingDeleted):
		so = func(w *world) bool {
			return w.users[op.user].beingDeleted || w.identities[ann].beingDeleted || w.identities[bob].beingDeleted
		}
	default:
		return
	}
	if !op.sinceBegan(so) {
		op.violate("%s refuses for a reason that never was: %v", op, err)
	}
}

// checkDelete: after a success the ACS user was not linked to the identity, at
// some time after the operation began, and nothing was sent without need.
func (op *operation) checkDelete(known Link, finding Finding, err error) {
	op.say("%s returns %+v, %v", op, finding, err)
	if err != nil {
		if _, unknown := errors.AsType[*UnknownEffectError](err); !unknown && op.effect > 0 && op.effect <= op.looked.version && op.looked.holder == nobody && !op.looked.gone {
			op.violate("%s failed (%v) after a look that showed its effect", op, err)
		}
		return
	}
	if op.reached != here || known.WorkspaceID == "" && finding.Standing == NoSuchACSUser {
		op.violate("%s took a missing ACS user for a deleted one", op)
	}
	if finding.Standing != Linked { // mayWrite has judged that one
		op.checkStanding(finding)
	}
	if !op.sinceBegan(func(w *world) bool { return !w.linked(op.user, op.identity) }) {
		op.violate("%s succeeded without an effect", op)
	}
	if sent := op.writes > 0; sent != (finding.Standing == Linked) {
		op.violate("%s found %d and sent %d writes", op, finding.Standing, op.writes)
	}
}

// checkRead: gone is only what was gone, in this workspace.
func (op *operation) checkRead(known Link, finding Finding, err error) {
	op.say("%s returns %+v, %v", op, finding, err)
	if err != nil {
		return
	}
	if op.reached != here || known.WorkspaceID == "" && finding.Standing == NoSuchACSUser {
		op.violate("%s took a missing ACS user for a deleted one", op)
	}
	op.checkStanding(finding)
}

func (op *operation) checkFind(likely Standing, finding Finding, err error) {
	op.say("%s returns %+v, %v", op, finding, err)
	if err != nil || op.reached != here || !op.looked.fresh && finding.Standing == likely {
		return
	}
	op.checkStanding(finding)
}

// checkStanding: what was found was so at some time since the operation began,
// though not all of it at the same time: who holds an ACS user and whom an
// identity was merged into are two questions. Only a link that is still there may
// be told by an old page.
func (op *operation) checkStanding(finding Finding) {
	user := func(w *world) userState { return w.users[op.user] }
	is := op.sinceBegan
	ok := false
	switch finding.Standing {
	case Linked:
		ok = !op.looked.fresh || is(func(w *world) bool { return w.points(op.user, op.identity) })
		for holder := ann; holder <= bob; holder++ {
			ok = ok || is(func(w *world) bool { return user(w).holder == holder }) && is(func(w *world) bool { return w.primary(holder) == w.primary(op.identity) })
		}
	case Unlinked:
		ok = is(func(w *world) bool { return !user(w).gone && user(w).holder == nobody })
	case HeldByAnother:
		holder := parseIdentity(finding.HolderID)
		ok = is(func(w *world) bool { return user(w).holder == holder }) && is(func(w *world) bool { return !w.linked(op.user, op.identity) })
	case NoSuchACSUser:
		ok = is(func(w *world) bool { return user(w).gone })
	}
	if !ok {
		op.violate("%s found what never was: %+v", op, finding)
	}
}

// points is linked, and also holds for what points to an identity that is gone.
func (w *world) points(u acsUserOf, i identityOf) bool {
	return w.linked(u, i) || !w.users[u].gone && w.users[u].holder == i
}

func (op *operation) sinceBegan(so func(*world) bool) bool { return op.sincePast(so, op.began) }

// mayComeLate reports whether an add of this operation may still take effect.
func (op *operation) mayComeLate() bool {
	for _, late := range op.pending {
		if late.op == op && late.add && !op.now().users[late.user].gone && op.now().primary(late.identity) != nobody {
			return true
		}
	}
	return false
}

// oldPages are states from before the command.
var oldPages = func() []world {
	var pages [3]world
	pages[1].link(card, ann)
	pages[2].link(card, bob)
	return pages[:]
}()

func newExecution(c *choices, from start, trace func(string, ...any)) *execution {
	x := &execution{choices: c, past: oldPages, reached: here, trace: trace}
	var w world
	from.do(&w)
	x.history = []event{{world: w}}
	x.say("at first %s", &w)
	return x
}

func (x *execution) operation(kind kindOfOperation, identity identityOf, user acsUserOf) *operation {
	op := &operation{execution: x, number: int8(len(x.ops) + 1), name: kind.name, identity: identity, user: user, reading: kind.reading}
	x.ops = append(x.ops, op)
	return op
}

// alone executes one operation.
func alone(c *choices, kind kindOfOperation, from start, trace func(string, ...any)) *execution {
	x := newExecution(c, from, trace)
	wanted := ""
	switch c.usual(3) {
	case 1:
		x.reached = elsewhere
		x.say("the credentials reach another workspace")
	case 2:
		wanted = here
		x.say("the workspace is asked for")
	}
	x.meanwhile(nil) // since the command began
	op := x.operation(kind, ann, card)
	op.began = len(x.history) - 1
	ctx, cancel := context.WithCancel(context.Background())
	op.cancel = cancel
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(tooManyCalls); !ok {
				panic(r)
			}
			x.violate("%s does not end", op)
		}
	}()
	links := New(op, op, NewWorkspace(op, wanted), NewLocks())
	kind.run(ctx, links, op)()
	return x
}

type runner func(c *choices, trace func(string, ...any)) *execution

// check explores all executions, and tells the first that breaks a rule in the
// shortest form it finds.
func check(t *testing.T, deviations, samples int, run runner) (executions int) {
	t.Helper()
	fails := func(c *choices) bool { return run(c, nil).violation != "" }
	executions, failing := explore(deviations, fails)
	if failing == nil {
		deviations = math.MaxInt
		failing = sample(*seed, samples, deviations, fails)
		executions += samples
	}
	if failing == nil {
		return executions
	}
	failing = shrink(failing, func(script []int) bool {
		return fails(&choices{script: script, deviations: deviations})
	})
	var story strings.Builder
	run(&choices{script: failing, deviations: deviations}, func(format string, args ...any) {
		fmt.Fprintf(&story, format+"\n", args...)
	})
	t.Errorf("after these choices, %v:\n%s", failing, story.String())
	return executions
}

func TestModel(t *testing.T) {
	t.Parallel()
	for _, kind := range []kindOfOperation{createOperation, deleteOperation, readOperation, findOperation} {
		for _, from := range []start{unlinkedCard, annsCard, bobsCard, annMerged, linkedMerged} {
			t.Run(kind.name+"/"+from.name, func(t *testing.T) {
				t.Parallel()
				n := check(t, *depth, *samples, func(c *choices, trace func(string, ...any)) *execution { return alone(c, kind, from, trace) })
				t.Logf("%d executions", n)
			})
		}
	}
}

// together executes two operations at once, in every order of their requests. They
// belong to one configuration of the provider, or to two of them: then each has a
// reader of its own, and the locks are all that they share.
func together(c *choices, a, b task, from start, trace func(string, ...any)) *execution {
	x := newExecution(c, from, trace)
	x.oneReader = c.any(2) == 0
	locks := NewLocks()
	var done [2]func()
	for i, task := range []task{a, b} {
		op := x.operation(task.kind, task.identity, task.user)
		ctx, cancel := context.WithCancel(context.Background())
		op.cancel = cancel
		defer cancel()
		next := make(chan struct{})
		op.turn = func() {
			op.waiting = true
			<-next
			op.waiting = false
		}
		op.resume = func() { next <- struct{}{} }
		go func() {
			defer func() {
				if r := recover(); r != nil {
					done[i] = func() { x.violate("%s does not end: %v", op, r) }
				}
			}()
			op.takeTurn()
			done[i] = task.kind.run(ctx, New(op, op, NewWorkspace(op, ""), locks), op)
		}()
	}
	for {
		synctest.Wait()
		var waiting []*operation
		for _, op := range x.ops {
			if op.waiting {
				waiting = append(waiting, op)
			}
		}
		if len(waiting) == 0 {
			break
		}
		waiting[x.any(len(waiting))].resume()
	}
	for i, check := range done {
		if check == nil {
			x.violate("%s hangs", x.ops[i])
			continue
		}
		check()
	}
	return x
}

type task struct {
	kind     kindOfOperation
	identity identityOf
	user     acsUserOf
}

func TestModel_together(t *testing.T) {
	t.Parallel()
	for _, both := range []struct {
		name string
		a, b task
		from []start
	}{
		{"two identities want it", task{createOperation, ann, card}, task{createOperation, bob, card}, []start{unlinkedCard, annMerged}},
		{"twice the same", task{createOperation, ann, card}, task{createOperation, ann, card}, []start{unlinkedCard}},
		{"removed and added", task{deleteOperation, ann, card}, task{createOperation, ann, card}, []start{unlinkedCard, annsCard, linkedMerged}},
		{"moved without an order", task{deleteOperation, bob, card}, task{createOperation, ann, card}, []start{bobsCard}},
		{"removed twice", task{deleteOperation, ann, card}, task{deleteOperation, ann, card}, []start{annsCard}},
		{"removed and read", task{deleteOperation, ann, card}, task{readOperation, ann, card}, []start{annsCard}},
		{"two of one system", task{createOperation, ann, card}, task{createOperation, ann, fob}, []start{unlinkedCard}},
	} {
		for _, from := range both.from {
			t.Run(both.name+"/"+from.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					n := check(t, *depth-2, 1000, func(c *choices, trace func(string, ...any)) *execution {
						return together(c, both.a, both.b, from, trace)
					})
					t.Logf("%d executions", n)
				})
			})
		}
	}
}
