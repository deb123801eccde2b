package link

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing/synctest"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/bulkread"
	"github.com/seamapi/terraform-provider-seam/internal/modelcheck"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// execution is one course of events in the model. Everything that is open is
// decided by its choices.
type execution struct {
	*modelcheck.Choices
	past      []world // before the command began; a list may still show it
	history   []event // since the command began; the last one is how things are
	rules     rules
	reached   string  // the workspace that the credentials reach
	pending   []write // that were sent, and whose effect is still to come
	ops       []*operation
	calls     int
	written   [2]int // the call from which on no page may be believed, by ACS user; 0 if none
	violation string
	pages     *world                           // what pages show, if anything
	trace     func(format string, args ...any) // nil: nobody reads it
}

// event is a state of the world, and who brought it about.
type event struct {
	world
	by *operation // nil: another process
}

type write struct {
	op       *operation
	add      bool
	identity identityOf
	user     acsUserOf
	read     read
	late     bool
}

// rules are how Seam answers where its documentation is silent. Each is decided
// when it first matters: 0 is not yet, then 1 and up.
type rules struct {
	addHeldElsewhere    int // refused, moves
	addHeldHere         int // ok, refused
	addSecondInSystem   int // refused, both stay
	unknownIdentity     int // 404, 400
	writeByAlias        int // works, no such identity
	getByAlias          int // finds the primary, no such identity
	removeUnlinked      int // ok, refused, not found
	removeHeldElsewhere int // refused, nothing, cut
	memberships         int // at once, pending and in the lists, pending and not in the lists
	groupsOfNobody      int // none, not found
}

func (x *execution) rule(rule *int, n int) int {
	if *rule == 0 {
		*rule = 1 + x.Any(n)
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
func (x *execution) become(w world, by *operation) {
	if w != *x.now() {
		x.history = append(x.history, event{world: w, by: by})
		if x.trace != nil {
			x.say("  now %s", &w)
		}
	}
}

// meanwhile is a moment at which another process may act, a write that was sent
// may take effect at last, and the operation may be cancelled.
func (x *execution) meanwhile(op *operation) {
	for i := 0; i < len(x.pending); {
		if x.Any(2) == 0 {
			i++
			continue
		}
		late := x.pending[i]
		x.pending = append(x.pending[:i:i], x.pending[i+1:]...)
		x.say("late, what was sent before takes effect")
		_ = x.takeEffect(late)
	}
	for x.CanDeviate() {
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
		switch chosen := x.Usual(alternatives); {
		case chosen == 0:
			return
		case chosen <= n:
			x.say("meanwhile %s", deeds[possible[chosen-1]].name)
			x.become(changed[chosen-1], nil)
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
	errNoGroup     = &seam.Error{Status: http.StatusNotFound, Type: seam.TypeAccessGroupNotFound}
	errNoACSSystem = &seam.Error{Status: http.StatusNotFound, Type: seam.TypeACSSystemNotFound}
	errRefused     = &seam.Error{Status: http.StatusBadRequest, Type: "invalid_input", Message: "refused"}
	errOfServer    = &seam.Error{Status: http.StatusInternalServerError, Type: "internal_server_error"}
	errOutOfTime   = &seam.RetryTimeoutError{Err: errOfServer}
	errThrottled   = &seam.Error{Status: http.StatusTooManyRequests}
	errGateway     = &seam.Error{Status: http.StatusBadGateway}
	errReset       = &seam.TransportError{Err: io.ErrUnexpectedEOF}
	errCancelled   = fmt.Errorf("cancelled: %w", context.Canceled)
)

// takeEffect does what Seam does with a write, and returns its answer.
func (x *execution) takeEffect(w write) error {
	op := w.op
	if x.reached != here {
		return errNoACSUser
	}
	before := *x.now()
	user := before.users[w.user]
	if user.gone || before.outOfSight {
		return errNoACSUser
	}
	if before.groups {
		return x.changeMembership(w)
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
	// Only a change of another process between the read and the write of one
	// operation excuses that a link of another identity is moved or removed. A write
	// that lands late may also meet what another operation of ours did after it.
	overtaken := w.late && len(x.ops) > 1
	if before.held(w.user, op.identity) && !overtaken && !x.changedOutside(w.read.version) {
		x.violate("%s took %s away from %s, and no other process did anything since the read", op, w.user, user.holder)
	}
	x.become(after, op)
	op.effect = len(x.history) - 1
	return nil
}

// changeMembership is takeEffect for a membership.
func (x *execution) changeMembership(w write) error {
	after := *x.now()
	member := &after.users[w.user].in[w.identity]
	switch {
	case after.primary(w.identity) == nobody:
		return errNoGroup
	case member.is == w.add && w.add:
		return [...]error{nil, errRefused}[x.rule(&x.rules.addHeldHere, 2)-1]
	case member.is == w.add:
		return [...]error{nil, errRefused, errNoACSUser}[x.rule(&x.rules.removeUnlinked, 3)-1]
	}
	member.is, member.madeBy = w.add, w.op.number
	if x.rule(&x.rules.memberships, 3) == 1 {
		member.carried = w.add
	}
	x.become(after, w.op)
	w.op.effect = len(x.history) - 1
	return nil
}

// changedOutside reports whether another process acted after this version.
func (x *execution) changedOutside(version int) bool {
	for _, event := range x.history[version+1:] {
		if event.by == nil {
			return true
		}
	}
	return false
}

// operation is one of ours, and all that it is told and sends. It is the Seam of its
// Links, so that it is known who asks.
type operation struct {
	*execution
	number   int8 // from 1
	name     string
	identity identityOf
	user     acsUserOf
	reading  bool // it must not write
	links    *Links

	cancel    context.CancelFunc
	cancelled bool
	began     int // the version of the world
	beganCall int
	got       read   // the latest direct read of the ACS user
	freshFrom [2]int // a read of an ACS user, or of its access groups, shows this version or a later one
	adding    bool   // the latest read of the ACS user or the access group says that it is being added
	writes    int
	ignored   bool // its latest write was accepted without effect
	effect    int  // the version that its last effect brought about, or 0
	pauses    int
	turn      func() // waits for its turn, where operations take turns; nil if it is alone
	hasTurn   bool
	waiting   bool   // for its turn
	resume    func() // gives it its turn
}

// read is what a direct read told an operation of its ACS user.
type read struct {
	userState
	member  bool // whether it shows the membership
	version int
	since   int  // the version of the first of its requests
	valid   bool // since the last write
	calls   int  // of all operations until then
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

// answers decides whether a read is answered.
func (op *operation) answers() error {
	failure := [...]error{nil, errOutOfTime}[op.Usual(2)]
	if failure != nil && op.trace != nil {
		op.say("  fails: %v", failure)
	}
	return failure
}

func (op *operation) GetACSUser(ctx context.Context, acsUserID string) (seam.ACSUser, error) {
	user, isACSUser := parseACSUser(acsUserID)
	if err := op.call(ctx, "get", text(acsUserID)); err != nil {
		return seam.ACSUser{}, err
	}
	if err := op.answers(); err != nil {
		return seam.ACSUser{}, err
	}
	if !isACSUser {
		return seam.ACSUser{}, errNoACSUser
	}
	version, state := op.shown(0, user)
	if user == op.user {
		op.adding = state.in[op.identity].is && !state.in[op.identity].carried
		op.got = read{state, op.adding, version, version, true, op.calls}
	}
	if state.gone {
		op.say("  not found")
		return seam.ACSUser{}, errNoACSUser
	}
	if op.trace != nil {
		op.say("  linked to %q", state.holder)
	}
	return answered(user, state), nil
}

// shown is the state of an ACS user that a route shows, which may be a little stale right
// after a write.
func (op *operation) shown(route int, user acsUserOf) (version int, state userState) {
	version = len(op.history) - 1
	if op.history[version].by == op && version > op.freshFrom[route] && op.Usual(2) == 1 {
		op.say("  as it was before the write")
		version--
	}
	op.freshFrom[route] = version
	world := &op.history[version].world
	if op.reached != here || world.outOfSight {
		return version, userState{gone: true}
	}
	return version, world.users[user]
}

func answered(user acsUserOf, state userState) seam.ACSUser {
	answer := seam.ACSUser{ACSUserID: user.id(), ACSSystemID: theSystem, WorkspaceID: here, UserIdentityID: state.holder.answered()}
	for i := ann; i <= bob; i++ {
		if from, to, pending := state.in[i].mutation(); pending {
			answer.PendingMutations = append(answer.PendingMutations, seam.PendingMutation{
				MutationCode: "updating_group_membership",
				From:         seam.Membership{ACSAccessGroupID: from.only(i.answered())}, To: seam.Membership{ACSAccessGroupID: to.only(i.answered())},
			})
		}
	}
	if state.beingDeleted {
		answer.Warnings = beingDeletedWarning
	}
	return answer
}

// mutation is what a change that is pending moves an id from and to: one of the two names
// it.
func (m membershipState) mutation() (from, to side, pending bool) {
	return side(!m.is), side(m.is), m.is != m.carried
}

type side bool

func (s side) only(id string) string {
	if s {
		return id
	}
	return ""
}

var beingDeletedWarning = []seam.Warning{{WarningCode: "being_deleted"}}

func (op *operation) GetUserIdentity(ctx context.Context, userIdentityID string) (seam.UserIdentity, error) {
	identity := parseIdentity(userIdentityID)
	if err := op.call(ctx, "get", text(userIdentityID)); err != nil {
		return seam.UserIdentity{}, err
	}
	if err := op.answers(); err != nil {
		return seam.UserIdentity{}, err
	}
	w := op.now()
	primary := w.primary(identity)
	if primary != identity && op.rule(&op.rules.getByAlias, 2) == 2 {
		primary = nobody
	}
	if primary == nobody || op.reached != here {
		op.say("  not found")
		return seam.UserIdentity{}, op.noIdentity()
	}
	answer := seam.UserIdentity{UserIdentityID: primary.answered(), WorkspaceID: here}
	if w.identities[primary].beingDeleted {
		answer.Warnings = beingDeletedWarning
	}
	for merged := ann; merged <= bob; merged++ {
		if w.identities[merged].mergedInto == primary {
			answer.MergedUserIdentityIDs = []string{merged.answered()}
		}
	}
	return answer, nil
}

func (op *operation) GetUnmanagedUserIdentity(ctx context.Context, userIdentityID string) (seam.UserIdentity, error) {
	if err := op.call(ctx, "get unmanaged", text(userIdentityID)); err != nil {
		return seam.UserIdentity{}, err
	}
	return seam.UserIdentity{}, op.noIdentity()
}

func (op *operation) GetACSSystem(ctx context.Context, acsSystemID string) (seam.ACSSystem, error) {
	if err := op.call(ctx, "get", text(acsSystemID)); err != nil {
		return seam.ACSSystem{}, err
	}
	if err := op.answers(); err != nil {
		return seam.ACSSystem{}, err
	}
	if op.reached != here || op.now().outOfSight {
		op.say("  not found")
		return seam.ACSSystem{}, errNoACSSystem
	}
	return seam.ACSSystem{ACSSystemID: theSystem}, nil
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
	return op.write(ctx, true, userIdentityID, acsUserID)
}

func (op *operation) RemoveACSUser(ctx context.Context, userIdentityID, acsUserID string) error {
	return op.write(ctx, false, userIdentityID, acsUserID)
}

func (op *operation) write(ctx context.Context, add bool, userIdentityID, acsUserID string) error {
	identity := parseIdentity(userIdentityID)
	user, _ := parseACSUser(acsUserID)
	decidedOn := op.got
	op.mayWrite(add, identity, user, decidedOn)
	op.got.valid, op.adding = false, false
	if op.written[user] == 0 {
		op.written[user] = op.calls + 1
	}
	if err := op.call(ctx, map[bool]string{true: "add to " + identity.String(), false: "remove from " + identity.String()}[add], user); err != nil {
		return err
	}
	op.writes++
	op.ignored = false
	sent := write{op: op, add: add, identity: identity, user: user, read: decidedOn}
	switch op.Usual(7) {
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
		op.say("  502, and the effect is still to come")
		sent.late = true
		op.pending = append(op.pending, sent)
		return errGateway
	case 4:
		op.say("  accepted, without effect")
		op.ignored = true
		return nil
	case 5:
		op.say("  refused for no reason")
		return errRefused
	default:
		op.say("  429")
		return errThrottled
	}
}

// mayWrite holds what must be true when a write is decided on.
func (op *operation) mayWrite(add bool, identity identityOf, user acsUserOf, on read) {
	at := op.history[on.version].world
	switch {
	case op.reading:
		op.violate("%s writes", op)
	case user != op.user:
		op.violate("%s writes to %s", op, user)
	case !op.links.locks.Wrote(user.id()):
		op.violate("%s writes, and a page may still confirm what it writes to", op)
	case !on.valid:
		op.violate("%s writes without a direct read of its own since the last write", op)
	case op.turn == nil && op.calls-on.calls > 2:
		op.violate("%s does something else between the read and the write", op)
	case op.reached != here:
		op.violate("%s writes to another workspace", op)
	case op.now().groups && add == on.member:
		op.violate("%s writes what was so already: %+v", op, on)
	case op.now().groups && !add:
	case add && (on.gone || on.beingDeleted || on.holder != nobody):
		op.violate("%s adds what was not there to be linked: %+v", op, on)
	case !add && (on.gone || on.holder == nobody):
		op.violate("%s removes what was not linked: %+v", op, on)
	case !add && at.held(user, op.identity) && !op.sincePast(func(w *world) bool { return w.primary(on.holder) == w.primary(op.identity) }, on.version):
		op.violate("%s removes what another identity is linked to: %+v", op, on)
	case !op.namesMine(identity):
		op.violate("%s names %s", op, identity)
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

func (op *operation) StartOptional(ctx context.Context, _ time.Duration) context.Context { return ctx }

func (op *operation) FinalRead(ctx context.Context) context.Context {
	return context.WithoutCancel(ctx)
}

// inTurn stands for two requests that are sent at the same time. Three in all their orders
// at each attempt would be too many executions: another order than the usual is a deviation.
func (op *operation) inTurn(a, b func()) {
	choose := op.Any
	if op.now().groups {
		choose = op.Usual
	}
	if choose(2) == 1 {
		a, b = b, a
	}
	a()
	b()
}

func (op *operation) Pause(ctx context.Context, n int, cause error) error {
	if err := op.call(ctx, "pause after", text("the failure")); err != nil {
		return err
	}
	// Time is up some day.
	if op.pauses++; op.pauses > 5 || op.Usual(2) == 1 {
		op.say("  there is no time left")
		return &seam.RetryTimeoutError{Err: cause}
	}
	return nil
}

// pages answers the list with a state of any time: lists lag.
type pages struct {
	*execution
	shown *world
}

func (p pages) ListACSUsers(context.Context, seam.ACSUsersFilter, seam.PageRequest) (seam.Page[seam.ACSUser], error) {
	var page seam.Page[seam.ACSUser]
	for u := card; u <= fob; u++ {
		if state := p.shown.users[u]; !state.gone && !p.shown.outOfSight {
			page.Items = append(page.Items, answered(u, state))
		}
	}
	return page, nil
}

// loaded returns a reader whose pages show a state of any time, or nothing at all.
func (x *execution) loaded() Pages {
	p := pages{execution: x}
	switch at := x.Usual(1 + len(x.history) + len(x.past)); {
	case at == 0 || x.reached != here:
	case at <= len(x.history):
		p.shown = &x.history[at-1].world
	default:
		p.shown = &x.past[at-1-len(x.history)]
	}
	var reader Pages = bulkread.NewLinks(p, seam.SystemClock{})
	if x.now().groups {
		reader = bulkread.NewMemberships(p, seam.SystemClock{})
	}
	if p.shown != nil {
		x.say("pages show %s", p.shown)
		x.pages = p.shown
		for _, list := range []string{theSystem, ""} {
			for range 11 { // the reads after which a list is fetched
				reader.Confirm(context.Background(), list, identityIDs[bob], identityIDs[ann])
			}
		}
		synctest.Wait()
	}
	return reader
}

// group is an access group as it is answered, with what is pending of these ACS users.
func group(i identityOf, w *world, users *[2]userState) seam.AccessGroup {
	answer := seam.AccessGroup{ACSAccessGroupID: i.answered(), ACSSystemID: theSystem, WorkspaceID: here}
	if w.identities[i].beingDeleted {
		answer.Warnings = beingDeletedWarning
	}
	for u, user := range users {
		if from, to, pending := user.in[i].mutation(); pending {
			id := strings.ToUpper(acsUserOf(u).id())
			answer.PendingMutations = append(answer.PendingMutations, seam.PendingMutation{
				MutationCode: "updating_user_membership",
				From:         seam.Membership{ACSUserID: from.only(id)}, To: seam.Membership{ACSUserID: to.only(id)},
			})
		}
	}
	return answer
}

// lists reports whether lists show a membership.
func (x *execution) lists(m membershipState) bool {
	if x.rule(&x.rules.memberships, 3) == 2 {
		return m.is
	}
	return m.carried
}

func (op *operation) GetAccessGroup(ctx context.Context, acsAccessGroupID string) (seam.AccessGroup, error) {
	i := parseIdentity(acsAccessGroupID)
	if err := op.call(ctx, "get", text(acsAccessGroupID)); err != nil {
		return seam.AccessGroup{}, err
	}
	if err := op.answers(); err != nil {
		return seam.AccessGroup{}, err
	}
	w := op.now()
	if w.primary(i) == nobody || op.reached != here || w.outOfSight {
		op.say("  not found")
		return seam.AccessGroup{}, errNoGroup
	}
	op.got.calls = op.calls
	return group(i, w, &w.users), nil
}

func (op *operation) ListAccessGroups(ctx context.Context, filter seam.AccessGroupsFilter) ([]seam.AccessGroup, error) {
	user, isACSUser := parseACSUser(filter.ACSUserID)
	if err := op.call(ctx, "list the access groups of", text(filter.ACSUserID)); err != nil {
		return nil, err
	}
	if err := op.answers(); err != nil {
		return nil, err
	}
	version, state := op.shown(1, user)
	if !isACSUser || state.gone {
		if op.rule(&op.rules.groupsOfNobody, 2) == 2 {
			op.say("  not found")
			return nil, errNoACSUser
		}
		state = userState{}
	}
	w, users := &op.history[version].world, [2]userState{}
	users[user] = state
	groups := []seam.AccessGroup{}
	for i := ann; i <= bob; i++ {
		if w.primary(i) != nobody && op.lists(state.in[i]) {
			op.say("  member of %s", i)
			groups = append(groups, group(i, w, &users))
		}
	}
	if user == op.user {
		m := state.in[op.identity]
		// What else is known of the ACS user, reading itself told.
		since := version
		if op.got.valid {
			since = op.got.since
		}
		op.got = read{op.got.userState, op.adding || op.lists(m) && m.is, version, since, true, op.calls}
	}
	return groups, nil
}

func (op *operation) AddToAccessGroup(ctx context.Context, acsAccessGroupID, acsUserID string) error {
	return op.write(ctx, true, acsAccessGroupID, acsUserID)
}

func (op *operation) RemoveFromAccessGroup(ctx context.Context, acsAccessGroupID, acsUserID string) error {
	return op.write(ctx, false, acsAccessGroupID, acsUserID)
}

func (p pages) ListAccessGroupUsers(_ context.Context, acsAccessGroupID string) ([]seam.ACSUser, error) {
	i, users := parseIdentity(acsAccessGroupID), []seam.ACSUser{}
	for u := card; u <= fob; u++ {
		if state := p.shown.users[u]; !state.gone && !p.shown.outOfSight && p.lists(state.in[i]) {
			users = append(users, answered(u, state))
		}
	}
	return users, nil
}

func (p pages) StartOptional(ctx context.Context, _ time.Duration) context.Context { return ctx }
