package reconcile_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

var (
	errServer    = &seam.Error{Status: http.StatusBadGateway}
	errReset     = &seam.TransportError{Err: io.ErrUnexpectedEOF}
	errThrottled = &seam.Error{Status: http.StatusTooManyRequests}
	errRefused   = &seam.Error{Status: http.StatusBadRequest}
	errInTheWay  = errors.New("something is in the way")
)

// object is a switch that is on or off, and what becomes of the requests about it.
type object struct {
	// writes are the responses to the writes, one after the other; after the last
	// one they are accepted.
	writes []error
	// effects says whether each write takes effect; after the last one they do.
	effects []bool
	// lag is how many reads after a write still show the switch as it was before.
	lag int
	// reads fail from this one on, counted from 1; 0 is never.
	readsFail int
	// change happens outside before a step; steps are counted from 0.
	change map[int]func(*object)
	// waits is how many waits there is time for.
	waits  int
	once   bool
	cancel context.CancelFunc

	on, before bool
	blocked    bool
	log        []string
	read       int
	written    int
	sinceWrite int
}

func (o *object) step(name string) {
	if change := o.change[len(o.log)]; change != nil {
		change(o)
	}
	o.log = append(o.log, name)
}

func (o *object) Pause(ctx context.Context, _ int, cause error) error {
	o.step("wait")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if o.waits--; o.waits < 0 {
		return &seam.RetryTimeoutError{Err: cause}
	}
	return nil
}

func (o *object) FinalRead(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

func (o *object) apply(ctx context.Context, verifyAccepted bool) (wrote bool, err error) {
	_, wrote, err = reconcile.Apply(ctx, o, reconcile.Change[bool]{
		Read: func(ctx context.Context) (bool, error) {
			o.step("read")
			if o.read++; ctx.Err() != nil || o.readsFail > 0 && o.read >= o.readsFail {
				return false, errServer
			}
			if o.sinceWrite++; o.written > 0 && o.sinceWrite <= o.lag {
				return o.before, nil
			}
			return o.on, nil
		},
		Done: func(on bool) bool { return on },
		Refuse: func(context.Context, bool) error {
			if o.blocked {
				return errInTheWay
			}
			return nil
		},
		Write: func(context.Context, bool) error {
			o.step("write")
			n := o.written
			o.written++
			o.before, o.sinceWrite = o.on, 0
			if n >= len(o.effects) || o.effects[n] {
				o.on = true
			}
			if n < len(o.writes) {
				return o.writes[n]
			}
			return nil
		},
		VerifyAccepted: verifyAccepted,
		Once:           o.once,
	})
	return wrote, err
}

func TestApply(t *testing.T) {
	t.Parallel()
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	success := func(err error) bool { return err == nil }
	unknown := func(err error) bool { _, ok := errors.AsType[*reconcile.UnknownEffectError](err); return ok }
	noEffect := func(err error) bool { _, ok := errors.AsType[*reconcile.NoEffectError](err); return ok }
	plain := func(want error) func(error) bool {
		return func(err error) bool { return errors.Is(err, want) && !unknown(err) && !noEffect(err) }
	}
	for _, test := range []struct {
		name     string
		object   object
		verify   bool
		steps    []string
		wrote    bool
		expected func(error) bool
	}{
		{"accepted", object{}, false, []string{"read", "write"}, true, success},
		{"accepted and verified", object{}, true, []string{"read", "write", "read"}, true, success},
		{"on already", object{on: true}, true, []string{"read"}, false, success},
		{"in the way", object{blocked: true}, true, []string{"read"}, false, plain(errInTheWay)},
		{"not to be read", object{readsFail: 1}, true, []string{"read"}, false, plain(errServer)},
		{"accepted, late in showing", object{lag: 2, waits: 5}, true, []string{"read", "write", "read", "wait", "read", "wait", "read"}, true, success},
		{"accepted without effect", object{effects: []bool{false}, waits: 2}, true, []string{"read", "write", "read", "wait", "read", "wait", "read", "wait"}, true, noEffect},
		{"accepted, and not to be read", object{readsFail: 2}, true, []string{"read", "write", "read"}, true, unknown},
		{"ambiguous, with effect", object{writes: []error{errReset}}, false, []string{"read", "write", "read"}, true, success},
		{"ambiguous, late in showing", object{writes: []error{errServer}, lag: 1, waits: 5}, false, []string{"read", "write", "read", "wait", "read"}, true, success},
		{"ambiguous, without effect", object{writes: []error{errServer}, effects: []bool{false}, waits: 5}, false, []string{"read", "write", "read", "wait", "read", "write"}, true, success},
		{"ambiguous, until the time is up", object{writes: []error{errServer, errServer}, effects: []bool{false, false}, waits: 1}, false, []string{"read", "write", "read", "wait", "read", "write", "read", "wait"}, true, unknown},
		{"ambiguous, and not to be read", object{writes: []error{errReset}, readsFail: 2}, false, []string{"read", "write", "read"}, true, unknown},
		{"ambiguous, then in the way", object{writes: []error{errReset}, effects: []bool{false}, change: map[int]func(*object){2: func(o *object) { o.blocked = true }}}, false, []string{"read", "write", "read"}, true, unknown},
		{"ambiguous, then refused", object{writes: []error{errReset, errRefused}, effects: []bool{false, false}, waits: 5}, false, []string{"read", "write", "read", "wait", "read", "write", "read"}, true, unknown},
		{"ambiguous, then throttled", object{writes: []error{errReset, errThrottled}, effects: []bool{false, false}, waits: 5}, false, []string{"read", "write", "read", "wait", "read", "write", "wait", "read", "write"}, true, success},
		{"ambiguous and not to be repeated, late in showing", object{once: true, writes: []error{errServer}, lag: 2, waits: 5}, false, []string{"read", "write", "read", "wait", "read", "wait", "read"}, true, success},
		{"ambiguous and not to be repeated, without effect", object{once: true, writes: []error{errServer}, effects: []bool{false}, waits: 2}, false, []string{"read", "write", "read", "wait", "read", "wait", "read", "wait"}, true, unknown},
		{"throttled and not to be repeated", object{once: true, writes: []error{errThrottled}, effects: []bool{false}, waits: 5}, false, []string{"read", "write", "wait", "read", "write"}, true, success},
		{"refused", object{writes: []error{errRefused}, effects: []bool{false}}, false, []string{"read", "write", "read"}, false, plain(errRefused)},
		{"refused, and on meanwhile", object{writes: []error{errRefused}, effects: []bool{false}, change: map[int]func(*object){2: func(o *object) { o.on = true }}}, false, []string{"read", "write", "read"}, false, success},
		{"refused, and in the way", object{writes: []error{errRefused}, effects: []bool{false}, change: map[int]func(*object){2: func(o *object) { o.blocked = true }}}, false, []string{"read", "write", "read"}, false, plain(errInTheWay)},
		{"throttled", object{writes: []error{errThrottled}, effects: []bool{false}, waits: 5}, false, []string{"read", "write", "wait", "read", "write"}, true, success},
		{"throttled, and on meanwhile", object{writes: []error{errThrottled}, effects: []bool{false}, waits: 5, change: map[int]func(*object){2: func(o *object) { o.on = true }}}, false, []string{"read", "write", "wait", "read"}, false, success},
		{"throttled until the time is up", object{writes: []error{errThrottled}, effects: []bool{false}}, false, []string{"read", "write", "wait"}, false, plain(errThrottled)},
		{"interrupted while ambiguous, with effect", object{writes: []error{errReset}, change: map[int]func(*object){1: func(o *object) { o.cancel() }}}, false, []string{"read", "write", "read"}, true, success},
		{"interrupted while ambiguous, without effect", object{writes: []error{errReset}, effects: []bool{false}, waits: 5, change: map[int]func(*object){1: func(o *object) { o.cancel() }}}, false, []string{"read", "write", "read", "wait"}, true, unknown},
		{"interrupted while it does not show", object{lag: 5, waits: 5, change: map[int]func(*object){1: func(o *object) { o.cancel() }}}, true, []string{"read", "write", "read", "wait"}, true, unknown},
		{"interrupted before anything was sent", object{writes: []error{context.Canceled}, effects: []bool{false}, change: map[int]func(*object){1: func(o *object) { o.cancel() }}}, false, []string{"read", "write"}, false, is(context.Canceled)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o := test.object
			o.cancel = cancel
			wrote, err := o.apply(ctx, test.verify)
			if !test.expected(err) {
				t.Errorf("the error is %v", err)
			}
			if wrote != test.wrote {
				t.Errorf("wrote is %t, want %t", wrote, test.wrote)
			}
			if !slices.Equal(o.log, test.steps) {
				t.Errorf("the steps were %q, want %q", o.log, test.steps)
			}
		})
	}
}
