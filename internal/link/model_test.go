package link

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/seamapi/terraform-provider-seam/internal/modelcheck"
	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
)

// The rule of the product against all that can happen to it: the code that ships,
// with its pages, runs in a small world (see model_world_test.go), where Seam may
// fail before or after the effect, or carry it out late or never, or answer in any
// way that its documentation leaves open (model_seam_test.go), and where another
// process may act at every moment. What must hold whatever happens is asserted in
// every execution.

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

	noMember      = start{"no member", func(w *world) { w.groups = true }}
	member        = start{"member", func(w *world) { w.groups = true; w.link(card, ann) }}
	bobsMember    = start{"member of another group", func(w *world) { w.groups = true; w.link(card, bob) }}
	pendingMember = start{"being added", func(w *world) { w.groups = true; w.pend(true) }}
	leaving       = start{"being removed", func(w *world) { w.groups = true; w.link(card, ann); w.pend(false) }}
)

// kindOfOperation is a method of Links, and what must hold when it has returned.
type kindOfOperation struct {
	name    string
	reading bool
	run     func(ctx context.Context, links *Links, op *operation) (check func())
}

func (op *operation) pair() Pair {
	if op.now().groups {
		return InGroup(op.identity.id(), op.user.id())
	}
	return ToIdentity(op.identity.id(), op.user.id())
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
	return func() { op.checkRead(known, finding, err, Linked) }
}}

var findOperation = kindOfOperation{"Find", true, func(ctx context.Context, links *Links, op *operation) func() {
	finding, err := links.Find(ctx, op.pair())
	return func() { op.checkFind(finding, err, 0) }
}}

var findConflictOperation = kindOfOperation{"FindConflict", true, func(ctx context.Context, links *Links, op *operation) func() {
	finding, err := links.FindConflict(ctx, op.pair(), 0)
	return func() { op.checkFind(finding, err, Unlinked) }
}}

// known is the link as the state has it: an older state may lack where it lives.
func (op *operation) known() Link {
	known := Link{Pair: op.pair(), ACSSystemID: theSystem, WorkspaceID: here}
	if op.Usual(2) == 1 {
		known.WorkspaceID = ""
	}
	return known
}

// checkCreate: no success without the effect, and no effect that the caller does
// not know of.
func (op *operation) checkCreate(link Link, err error) {
	op.say("%s returns %+v, %v", op, link, err)
	_, unknown := errors.AsType[*reconcile.UnknownEffectError](err)
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
	case err == nil: // an add that Seam accepts is not verified: the next plan does
		if !op.ignored && !op.sinceBegan(func(w *world) bool { return w.linked(op.user, op.identity) }) {
			op.violate("%s succeeded without an effect", op)
		}
	default:
		if user := op.now().users[op.user]; user.madeBy == op.number || user.in[op.identity].is && user.in[op.identity].madeBy == op.number {
			op.violate("%s failed (%v), and its link is there", op, err)
		}
		if op.mayComeLate() {
			op.violate("%s failed (%v), and its link may be there in a moment", op, err)
		}
		op.checkRefusal(err)
	}
}

// checkRefusal: what a refusal says was true when it was read.
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
		so = func(w *world) bool { return op.reached != here || w.users[op.user].gone || w.outOfSight }
	case errors.As(err, &missing):
		so = func(w *world) bool {
			return w.primary(op.identity) == nobody || w.groups && (op.reached != here || w.outOfSight)
		}
		if op.rules.getByAlias == 2 {
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

// checkDelete: after a success the ACS user was not linked to the identity, at some
// time after the operation began, and the last read showed it; and nothing was sent
// without need.
func (op *operation) checkDelete(known Link, finding Finding, err error) {
	op.say("%s returns %+v, %v", op, finding, err)
	at := op.history[op.got.version].world
	shows := op.got.valid && !at.linked(op.user, op.identity)
	if err != nil {
		// That a list leaves out an access group shows nothing before more was read.
		if !at.groups && op.effect > 0 && op.effect <= op.got.version && op.got.holder == nobody && !op.got.gone {
			op.violate("%s failed (%v) after a read that showed its effect", op, err)
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
	if !shows && !op.sincePast(func(w *world) bool { return !w.linked(op.user, op.identity) }, op.got.since) {
		op.violate("%s succeeded, and its last read does not show that", op)
	}
	if sent := op.writes > 0; !sent && finding.Standing == Linked {
		op.violate("%s removed nothing", op)
	}
}

// checkRead: gone is only what was gone, in this workspace. A page says nothing else
// than what it may confirm, and nothing after a write.
func (op *operation) checkRead(known Link, finding Finding, err error, confirmed Standing) {
	op.say("%s returns %+v, %v", op, finding, err)
	if err != nil {
		return
	}
	if op.got.calls == 0 {
		if finding.Standing != confirmed {
			op.violate("%s found %d without a direct read", op, finding.Standing)
		}
		if op.pages == nil || op.pages.groups && !op.pages.linked(op.user, op.identity) {
			op.violate("%s believes a page that does not show the membership", op)
		}
		if written := op.written[op.user]; written > 0 && written <= op.beganCall {
			op.violate("%s believes a page after a write", op)
		}
		return
	}
	if op.reached != here || known.WorkspaceID == "" && finding.Standing == NoSuchACSUser {
		op.violate("%s took a missing ACS user for a deleted one", op)
	}
	op.checkStanding(finding)
}

func (op *operation) checkFind(finding Finding, err error, confirmed Standing) {
	if op.reached != here {
		return // it does not know which workspace is meant
	}
	op.checkRead(Link{WorkspaceID: here}, finding, err, confirmed)
}

// checkStanding: what was found was so at some time since the operation began, or
// right before that if a write of ours came last, though not all of it at the same
// time: whom an ACS user points to and which identities were merged are two questions.
func (op *operation) checkStanding(finding Finding) {
	user := func(w *world) userState { return w.users[op.user] }
	is := func(so func(*world) bool) bool { return op.sincePast(so, min(op.began, op.got.version)) }
	ok := false
	switch finding.Standing {
	case Linked:
		ok = is(func(w *world) bool { return w.points(op.user, op.identity) })
		for holder := ann; holder <= bob; holder++ {
			ok = ok || is(func(w *world) bool { return user(w).holder == holder }) && is(func(w *world) bool { return w.primary(holder) == w.primary(op.identity) })
		}
	case Unlinked:
		ok = is(func(w *world) bool {
			return !w.linked(op.user, op.identity) && (w.groups || !user(w).gone && user(w).holder == nobody)
		})
	case HeldByAnother:
		holder := parseIdentity(finding.HolderID)
		ok = is(func(w *world) bool { return user(w).holder == holder }) && is(func(w *world) bool { return !w.linked(op.user, op.identity) })
	case NoSuchACSUser:
		knowsSystem := op.name == "Read" || op.name == "Delete"
		ok = is(func(w *world) bool { return user(w).gone || w.outOfSight && !knowsSystem })
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

// oldPages are states from before the command, of links and of memberships.
var oldPages = func() (pages [2][3]world) {
	for kind := range pages {
		for at := range pages[kind] {
			pages[kind][at].groups = kind == 1
		}
		pages[kind][1].link(card, ann)
		pages[kind][2].link(card, bob)
	}
	pages[1][2].pend(true)
	return pages
}()

func newExecution(c *modelcheck.Choices, from start, trace func(string, ...any)) *execution {
	var w world
	from.do(&w)
	past := oldPages[0][:]
	if w.groups {
		past = oldPages[1][:]
	}
	x := &execution{Choices: c, past: past, reached: here, trace: trace}
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
func alone(c *modelcheck.Choices, kind kindOfOperation, from start, trace func(string, ...any)) *execution {
	x := newExecution(c, from, trace)
	wanted := ""
	switch c.Usual(3) {
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
	op.beganCall = x.calls
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
	loaded := x.loaded()
	op.links = New(op, loaded, loaded, reconcile.NewWorkspace(op, wanted), reconcile.NewLocks())
	op.links.both = op.inTurn
	kind.run(ctx, op.links, op)()
	return x
}

func TestModel(t *testing.T) {
	t.Parallel()
	for _, kind := range []kindOfOperation{createOperation, deleteOperation, readOperation, findOperation, findConflictOperation} {
		for _, from := range []start{
			unlinkedCard, annsCard, bobsCard, annMerged, linkedMerged,
			noMember, member, bobsMember, pendingMember, leaving,
		} {
			t.Run(kind.name+"/"+from.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					modelcheck.Check(t, 0, 5000, func(c *modelcheck.Choices, trace func(string, ...any)) string {
						return alone(c, kind, from, trace).violation
					})
				})
			})
		}
	}
}

// together executes two operations at once, in every order of their requests. They
// belong to one configuration of the provider, or to two of them: then each has a
// reader of its own, and the locks are all that they share.
func together(c *modelcheck.Choices, a, b task, from start, trace func(string, ...any)) *execution {
	x := newExecution(c, from, trace)
	locks := reconcile.NewLocks()
	readers := [2]Pages{x.loaded()}
	if readers[1] = readers[0]; c.Any(2) == 1 {
		readers[1] = x.loaded()
	}
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
			op.began, op.beganCall = len(x.history)-1, x.calls
			op.links = New(op, readers[i], readers[i], reconcile.NewWorkspace(op, ""), locks)
			op.links.both = op.inTurn
			done[i] = task.kind.run(ctx, op.links, op)
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
		waiting[x.Any(len(waiting))].resume()
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
		{"twice the same", task{createOperation, ann, card}, task{createOperation, ann, card}, []start{unlinkedCard, noMember}},
		{"removed and added", task{deleteOperation, ann, card}, task{createOperation, ann, card}, []start{unlinkedCard, annsCard, linkedMerged, noMember, member, pendingMember}},
		{"moved without an order", task{deleteOperation, bob, card}, task{createOperation, ann, card}, []start{bobsCard}},
		{"removed twice", task{deleteOperation, ann, card}, task{deleteOperation, ann, card}, []start{annsCard, member, pendingMember}},
		{"removed and read", task{deleteOperation, ann, card}, task{readOperation, ann, card}, []start{annsCard, member}},
		{"two of one system", task{createOperation, ann, card}, task{createOperation, ann, fob}, []start{unlinkedCard, noMember}},
		{"added to two groups", task{createOperation, ann, card}, task{createOperation, bob, card}, []start{noMember, pendingMember}},
		{"from one group to another", task{deleteOperation, bob, card}, task{createOperation, ann, card}, []start{bobsMember}},
	} {
		for _, from := range both.from {
			t.Run(both.name+"/"+from.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					fewer := 1
					if both.a.user != both.b.user {
						fewer++ // no lock puts them in order: there are very many orders
					}
					modelcheck.Check(t, fewer, 1000, func(c *modelcheck.Choices, trace func(string, ...any)) string {
						return together(c, both.a, both.b, from, trace).violation
					})
				})
			})
		}
	}
}
