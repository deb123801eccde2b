package link

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// execution is one course of events in the model. Everything that is open is
// settled by its choices.
type execution struct {
	*choices
	past      []world // before the command began; a list may still show it
	history   []event // since the command began; the last one is how things are
	rules     rules
	reached   string  // the workspace that the credentials reach
	pending   []write // that were sent, and whose effect is still to come
	ops       []*operation
	oneReader bool // all operations read through it
	calls     int
	violation string
	trace     func(format string, args ...any) // nil: nobody reads it
}

// event is a state of the world, and who brought it about.
type event struct {
	world
	ours bool
}

type write struct {
	op       *operation
	add      bool
	identity identityOf
	user     acsUserOf
	look     look
	late     bool
}

// rules are how Seam answers where its documentation is silent. Each is settled
// when it first matters: 0 is not yet, then 1 and up.
type rules struct {
	addHeldElsewhere    int // refused, moves
	addHeldHere         int // ok, refused
	addSecondInSystem   int // refused, both stay
	unknownIdentity     int // 404, 400
	writeByAlias        int // works, no such identity
	removeUnlinked      int // ok, refused, not found
	removeHeldElsewhere int // refused, nothing, cut
}

func (x *execution) rule(rule *int, n int) int {
	if *rule == 0 {
		*rule = 1 + x.any(n)
	}
	return *rule
}

func (x *execution) now() *world { return &x.history[len(x.history)-1].world }

func (x *execution) say(format string, args ...any) {
	if x.trace != nil {
		x.trace(format, args...)
	}
}

func (x *execution) violate(format string, args ...any) {
	if x.violation == "" {
		x.violation = fmt.Sprintf(format, args...)
	}
	x.say("VIOLATION: "+format, args...)
}

// become makes this the state of the world.
func (x *execution) become(w world, ours bool) {
	if w != *x.now() {
		x.history = append(x.history, event{world: w, ours: ours})
		if x.trace != nil {
			x.say("  now %s", &w)
		}
	}
}

// meanwhile is a moment at which somebody else may act, a write that was sent
// may take effect at last, and the operation may be cancelled.
func (x *execution) meanwhile(op *operation) {
	for i := 0; i < len(x.pending); {
		if x.any(2) == 0 {
			i++
			continue
		}
		late := x.pending[i]
		x.pending = append(x.pending[:i:i], x.pending[i+1:]...)
		x.say("late, what was sent before takes effect")
		_ = x.takeEffect(late)
	}
	for x.deviations > 0 {
		var possible [16]int
		n := 0
		var changed [16]world
		for i := range deeds {
			w := *x.now()
			if deeds[i].do(&w); w != *x.now() {
				possible[n], changed[n] = i, w
				n++
			}
		}
		cancel := op != nil && !op.cancelled
		alternatives := 1 + n
		if cancel {
			alternatives++
		}
		switch chosen := x.usual(alternatives); {
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
	errNoACSUser  = &seam.Error{Status: http.StatusNotFound, Type: seam.TypeACSUserNotFound, Message: "no such ACS user"}
	errNoIdentity = [...]error{
		&seam.Error{Status: http.StatusNotFound, Type: seam.TypeUserIdentityNotFound, Message: "no such user identity"},
		&seam.Error{Status: http.StatusBadRequest, Type: seam.TypeUserIdentityNotFound, Message: "no such user identity"},
	}
	errRefused   = &seam.Error{Status: http.StatusBadRequest, Type: "invalid_input", Message: "refused"}
	errOfServer  = &seam.Error{Status: http.StatusInternalServerError, Type: "internal_server_error"}
	errOutOfTime = &seam.RetryTimeoutError{Err: errOfServer}
	errOfProxy   = &seam.Error{Status: http.StatusNotFound, Excerpt: "<html>"}
	errThrottled = &seam.RetryTimeoutError{Err: &seam.Error{Status: http.StatusTooManyRequests}}
	errReset     = &seam.TransportError{Err: io.ErrUnexpectedEOF}
	errTimeout   = &seam.TransportError{Err: context.DeadlineExceeded}
	errNonsense  = &seam.ResponseError{Status: http.StatusOK, Problem: "the answer is not JSON"}
	errCancelled = fmt.Errorf("cancelled: %w", context.Canceled)
)

// takeEffect does what Seam does with a write, and returns its answer.
func (x *execution) takeEffect(w write) error {
	op := w.op
	if x.reached != here {
		return errNoACSUser
	}
	before := *x.now()
	user := before.users[w.user]
	if user.gone {
		return errNoACSUser
	}
	identity := before.primary(w.identity)
	if identity != nobody && identity != w.identity && x.rule(&x.rules.writeByAlias, 2) == 2 {
		if w.add {
			identity = nobody
		} else {
			identity = w.identity // as if another one held the ACS user
		}
	}
	if identity == nobody {
		return errNoIdentity[x.rule(&x.rules.unknownIdentity, 2)-1]
	}
	after := before
	switch {
	case w.add && user.holder == identity:
		if x.rule(&x.rules.addHeldHere, 2) == 2 {
			return errRefused
		}
		return nil
	case w.add:
		if user.holder != nobody && x.rule(&x.rules.addHeldElsewhere, 2) == 1 {
			return errRefused
		}
		if before.users[1-w.user].holder == identity && x.rule(&x.rules.addSecondInSystem, 2) == 1 {
			return errRefused
		}
		after.users[w.user].holder, after.users[w.user].madeBy = identity, op.number
	case user.holder == identity:
		after.unlink(w.user)
	case user.holder == nobody:
		return [...]error{nil, errRefused, errNoACSUser}[x.rule(&x.rules.removeUnlinked, 3)-1]
	default:
		switch x.rule(&x.rules.removeHeldElsewhere, 3) {
		case 1:
			return errRefused
		case 2:
			return nil
		}
		after.unlink(w.user)
	}
	// Without help from outside, no link of another identity is moved or cut.
	// A write that lands late may meet what another of ours did after it.
	overtaken := w.late && len(x.ops) > 1
	if before.held(w.user, op.identity) && !overtaken && !x.changedOutside(w.look.version) {
		x.violate("%s took %s away from %s, and nobody else did anything since the look", op, w.user, user.holder)
	}
	x.become(after, true)
	op.effect = len(x.history) - 1
	return nil
}

// changedOutside reports whether somebody else acted after this version.
func (x *execution) changedOutside(version int) bool {
	for _, event := range x.history[version+1:] {
		if !event.ours {
			return true
		}
	}
	return false
}

// operation is one of ours, and all that it is told and sends. It is the Seam
// and the Reader of its Links, so that it is known who asks.
type operation struct {
	*execution
	number   int8 // from 1
	name     string
	identity identityOf
	user     acsUserOf
	reading  bool // it must not write

	cancel    context.CancelFunc
	cancelled bool
	began     int // the version of the world
	looked    look
	looks     int
	announced bool // Writing was called
	writes    int
	effect    int // the version that its last effect brought about, or 0
	pauses    int
	turn      func() // waits for its turn, where operations take turns; nil if it is alone
	hasTurn   bool
	waiting   bool   // for its turn
	resume    func() // gives it its turn
}

// look is what an operation was told of its ACS user.
type look struct {
	userState
	version int
	valid   bool // since the last write
	fresh   bool
	calls   int // of the operation until then
}

func (op *operation) String() string {
	return fmt.Sprintf("%s(%s, %s)", op.name, op.identity, op.user)
}

const endless = 300

type tooManyCalls struct{}

// takeTurn waits until it is the turn of this operation. It lasts until its next
// call.
func (op *operation) takeTurn() {
	if op.turn != nil && !op.hasTurn {
		op.turn()
		op.hasTurn = true
	}
}

// call is the way of a request to Seam, up to where it takes effect.
func (op *operation) call(ctx context.Context, name string, arg fmt.Stringer) error {
	op.takeTurn()
	op.hasTurn = false
	if op.calls++; op.calls > endless {
		panic(tooManyCalls{})
	}
	op.meanwhile(op)
	if op.trace != nil {
		op.say("%s: %s %s", op, name, arg)
	}
	if ctx.Err() != nil {
		return errCancelled
	}
	return nil
}

// answers settles whether a read is answered.
func (op *operation) answers() error {
	failure := [...]error{nil, errOutOfTime, errOfProxy, errNonsense}[op.usual(4)]
	if failure != nil && op.trace != nil {
		op.say("  fails: %v", failure)
	}
	return failure
}

func (op *operation) GetACSUser(ctx context.Context, acsUserID string) (seam.ACSUser, error) {
	user := parseACSUser(acsUserID)
	if err := op.call(ctx, "get", user); err != nil {
		return seam.ACSUser{}, err
	}
	if err := op.answers(); err != nil {
		return seam.ACSUser{}, err
	}
	op.looks++
	state := op.now().users[user]
	if op.reached != here {
		state = userState{gone: true}
	}
	if user == op.user {
		op.looked = look{state, len(op.history) - 1, true, true, op.calls}
	}
	if state.gone {
		op.say("  gone")
		return seam.ACSUser{}, errNoACSUser
	}
	if op.trace != nil {
		op.say("  held by %q", state.holder)
	}
	return answered(user, state), nil
}

func answered(user acsUserOf, state userState) seam.ACSUser {
	answer := seam.ACSUser{ACSUserID: user.String(), ACSSystemID: theSystem, WorkspaceID: here, UserIdentityID: state.holder.answered()}
	if state.beingDeleted {
		answer.Warnings = beingDeletedWarning
	}
	return answer
}

var beingDeletedWarning = []seam.Warning{{WarningCode: "being_deleted"}}

func (op *operation) GetUserIdentity(ctx context.Context, userIdentityID string) (seam.UserIdentity, error) {
	identity := parseIdentity(userIdentityID)
	if err := op.call(ctx, "get", identity); err != nil {
		return seam.UserIdentity{}, err
	}
	if err := op.answers(); err != nil {
		return seam.UserIdentity{}, err
	}
	return op.identityIn(op.now(), identity)
}

func (op *operation) identityIn(w *world, identity identityOf) (seam.UserIdentity, error) {
	primary := w.primary(identity)
	if primary == nobody || op.reached != here {
		op.say("  gone")
		return seam.UserIdentity{}, op.noIdentity()
	}
	answer := seam.UserIdentity{UserIdentityID: primary.answered(), WorkspaceID: here}
	if w.identities[primary].beingDeleted {
		answer.Warnings = beingDeletedWarning
	}
	return answer, nil
}

func (op *operation) noIdentity() error {
	return errNoIdentity[op.rule(&op.rules.unknownIdentity, 2)-1]
}

type text string

func (t text) String() string { return string(t) }

func (op *operation) GetWorkspace(ctx context.Context) (seam.Workspace, error) {
	if err := op.call(ctx, "get the", text("workspace")); err != nil {
		return seam.Workspace{}, err
	}
	if err := op.answers(); err != nil {
		return seam.Workspace{}, err
	}
	return seam.Workspace{WorkspaceID: op.reached}, nil
}

func (op *operation) AddACSUser(ctx context.Context, userIdentityID, acsUserID string) error {
	return op.write(ctx, true, parseIdentity(userIdentityID), parseACSUser(acsUserID))
}

func (op *operation) RemoveACSUser(ctx context.Context, userIdentityID, acsUserID string) error {
	return op.write(ctx, false, parseIdentity(userIdentityID), parseACSUser(acsUserID))
}

func (op *operation) write(ctx context.Context, add bool, identity identityOf, user acsUserOf) error {
	looked := op.looked
	op.mayWrite(add, identity, user, looked)
	op.looked.valid = false
	if err := op.call(ctx, map[bool]string{true: "add to " + identity.String(), false: "remove from " + identity.String()}[add], user); err != nil {
		return err
	}
	op.writes++
	sent := write{op: op, add: add, identity: identity, user: user, look: looked}
	switch op.usual(7) {
	case 0:
		answer := op.takeEffect(sent)
		if answer != nil && op.trace != nil {
			op.say("  refused: %v", answer)
		}
		return answer
	case 1:
		op.say("  500, without effect")
		return errOfServer
	case 2:
		op.say("  reset, after the effect")
		_ = op.takeEffect(sent)
		return errReset
	case 3:
		op.say("  no answer in time, after the effect")
		_ = op.takeEffect(sent)
		return errTimeout
	case 4:
		op.say("  no answer in time, and the effect is still to come")
		sent.late = true
		op.pending = append(op.pending, sent)
		return errTimeout
	case 5:
		op.say("  refused for no reason")
		return errRefused
	default:
		op.say("  429 until the time is up")
		return errThrottled
	}
}

// mayWrite holds what must be true when the decision to write is taken.
func (op *operation) mayWrite(add bool, identity identityOf, user acsUserOf, looked look) {
	at := op.history[looked.version].world
	switch {
	case op.reading:
		op.violate("%s writes", op)
	case user != op.user:
		op.violate("%s writes to %s", op, user)
	case !op.announced:
		op.violate("%s writes, and its reader may still answer from a page", op)
	case !looked.valid:
		op.violate("%s writes without having looked since the last write", op)
	case add && looked.calls != op.calls:
		op.violate("%s asks for something else between the look and the add", op)
	case op.writes > 0 && !looked.fresh:
		op.violate("%s writes again after what may be an old page", op)
	case op.reached != here:
		op.violate("%s writes to another workspace", op)
	case add && (looked.gone || looked.beingDeleted || looked.holder != nobody):
		op.violate("%s adds what was not there to be linked: %+v", op, looked)
	case !add && (looked.gone || looked.holder == nobody):
		op.violate("%s removes what was not linked: %+v", op, looked)
	case !add && at.held(user, op.identity) && !op.sincePast(func(w *world) bool { return w.primary(looked.holder) == w.primary(op.identity) }, looked.version):
		op.violate("%s removes what another identity held: %+v", op, looked)
	case !op.namesMine(identity):
		op.violate("%s names %s", op, identity)
	case looked.fresh && looked.version == len(op.history)-1 && op.now().held(user, op.identity):
		op.violate("%s decides to write while another identity holds %s", op, user)
	}
}

// namesMine reports whether the identity is that of the operation, or one that it
// was merged into.
func (op *operation) namesMine(identity identityOf) bool {
	return identity == op.identity || op.sincePast(func(w *world) bool { return w.identities[op.identity].mergedInto == identity }, 0)
}

// sincePast reports whether something was so at this version or later.
func (op *operation) sincePast(so func(*world) bool, version int) bool {
	for i := version; i < len(op.history); i++ {
		if so(&op.history[i].world) {
			return true
		}
	}
	return false
}

func (op *operation) StartOperation(ctx context.Context) context.Context { return ctx }

func (op *operation) LastLook(ctx context.Context) context.Context {
	return context.WithoutCancel(ctx)
}

func (op *operation) Pause(ctx context.Context, n int, cause error) error {
	if err := op.call(ctx, "pause after", text("the failure")); err != nil {
		return err
	}
	// Time is up some day.
	if op.pauses++; op.pauses > 5 || op.usual(2) == 1 {
		op.say("  there is no time left")
		return &seam.RetryTimeoutError{Err: cause}
	}
	return nil
}

// ACSUser may answer from a page that is older than the command.
func (op *operation) ACSUser(ctx context.Context, remembered seam.ACSUser, enough func(seam.ACSUser) bool) (seam.ACSUser, error) {
	user := parseACSUser(remembered.ACSUserID)
	op.takeTurn()
	for _, w := range op.past {
		if answer, ok := op.page(user, w.users[user], -1, enough); ok {
			return answer, nil
		}
	}
	return op.ACSUserForWrite(ctx, remembered.ACSUserID, "", enough)
}

func (op *operation) ACSUserToLink(ctx context.Context, acsUserID string, enough func(seam.ACSUser) bool) (seam.ACSUser, error) {
	return op.ACSUser(ctx, seam.ACSUser{ACSUserID: acsUserID}, enough)
}

// ACSUserForWrite may answer from a page that shows some moment since the
// command began.
func (op *operation) ACSUserForWrite(ctx context.Context, acsUserID, _ string, enough func(seam.ACSUser) bool) (seam.ACSUser, error) {
	user := parseACSUser(acsUserID)
	op.takeTurn()
	seen := op.now().users[user]
	for version := len(op.history) - 2; version >= 0; version-- {
		shown := op.history[version].users[user]
		if shown.holder == seen.holder && shown.gone == seen.gone && shown.beingDeleted == seen.beingDeleted {
			continue
		}
		seen = shown
		if answer, ok := op.page(user, shown, version, enough); ok {
			return answer, nil
		}
	}
	return op.GetACSUser(ctx, acsUserID)
}

func (op *operation) page(user acsUserOf, shown userState, version int, enough func(seam.ACSUser) bool) (seam.ACSUser, bool) {
	if op.announced || shown.gone || op.reached != here || !enough(answered(user, shown)) || op.usual(2) == 0 {
		return seam.ACSUser{}, false
	}
	if op.trace != nil {
		op.say("%s: a page says that %s is held by %q", op, user, shown.holder)
	}
	if user == op.user {
		op.looked = look{userState: shown, version: max(version, 0), valid: true, calls: op.calls}
	}
	return answered(user, shown), true
}

// UserIdentity may answer from a page that is older than the command: one from
// before a merge or a deletion.
func (op *operation) UserIdentity(ctx context.Context, userIdentityID string, enough func(seam.UserIdentity) bool) (seam.UserIdentity, error) {
	identity := parseIdentity(userIdentityID)
	op.takeTurn()
	if op.now().identities[identity] != (identityState{}) && op.reached == here {
		before := seam.UserIdentity{UserIdentityID: identity.answered(), WorkspaceID: here}
		if enough(before) && op.usual(2) == 1 {
			if op.trace != nil {
				op.say("%s: a page shows %s as it was", op, identity)
			}
			return before, nil
		}
	}
	return op.GetUserIdentity(ctx, userIdentityID)
}

func (op *operation) Writing(acsUserID string) {
	for _, other := range op.ops {
		if other == op || op.oneReader {
			other.announced = other.announced || other.user == parseACSUser(acsUserID)
		}
	}
}

// Wrote has to be true, or pages would prove themselves with what never was.
func (op *operation) Wrote(acsUserID, userIdentityID string) {
	user, holder := parseACSUser(acsUserID), nobody
	if userIdentityID != "" {
		holder = parseIdentity(userIdentityID)
	}
	if !op.sincePast(func(w *world) bool { return w.users[user].holder == w.primary(holder) }, 0) {
		op.violate("%s says that it linked %s to %s", op, user, holder)
	}
}
