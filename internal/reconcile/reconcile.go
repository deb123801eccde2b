// Package reconcile is the rule by which every resource writes: read, write,
// verify.
//
// A write to Seam grants or revokes physical access, so it rests on a direct read by the
// same operation, and an operation ends only when it knows the effect of its write, or
// says that it does not. [Apply] is that rule, for any object: the caller says what a
// read means and which write follows. Nothing here knows
// Terraform, HTTP, or a kind of object.
package reconcile

import (
	"context"
	"errors"
	"fmt"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// Waiter waits within the time that an operation has. *seam.Client provides it.
type Waiter interface {
	// Pause waits before the nth retry, counted from 0, with a growing backoff. It
	// fails when the operation is cancelled, or would outlast its retry budget.
	Pause(ctx context.Context, n int, cause error) error
	// FinalRead returns a context that outlives the cancelling of ctx and allows
	// no waits: a write that was sent is verified even then.
	FinalRead(ctx context.Context) context.Context
}

// Change is one write to one object, and the read that decides about it.
type Change[S any] struct {
	// Read reads the object directly: each call is a request of its own.
	Read func(ctx context.Context) (S, error)
	// Done reports whether the object is already as the write would make it.
	Done func(S) bool
	// Refuse returns the reason not to send the write, or nil. It is asked about
	// what is not Done.
	Refuse func(ctx context.Context, read S) error
	// Write sends the write once. What was read is of this moment.
	Write func(ctx context.Context, read S) error
	// VerifyAccepted is for a write that is verified even if Seam accepts it,
	// because no later command reads the object.
	VerifyAccepted bool
	// Once is for a write that makes a new object each time it takes effect: after
	// an ambiguous failure it is only verified, and never sent again.
	Once bool
}

// Apply reads the object, writes if that is allowed, and reads until the effect
// shows if the response to the write is ambiguous. The caller holds the lock of the
// object meanwhile.
//
// It returns what its last write was decided on, and whether a write of its own may
// have had an effect. With false it returns what was read last, and if there is no
// error, that was Done without it. An [UnknownEffectError] says that the operation
// ended without knowing what became of its write, a [NoEffectError] that an accepted
// write had no effect. Any other error means that nothing was changed.
func Apply[S any](ctx context.Context, waiter Waiter, change Change[S]) (read S, wrote bool, err error) {
	var sent outcome
	verifying := false // the read right after a write leads to no retry of the write
	for n := 0; ; {
		readCtx := ctx
		if ctx.Err() != nil && sent.mayHaveEffect() {
			readCtx = waiter.FinalRead(ctx)
		}
		now, err := change.Read(readCtx)
		if !sent.mayHaveEffect() {
			read = now
		}
		if err == nil && change.Done(now) {
			return read, sent.mayHaveEffect(), nil
		}
		if err == nil {
			err = change.Refuse(ctx, now)
		}
		if err == nil && sent.isRefused() {
			err = sent.latest
		}
		if err != nil {
			return read, sent.mayHaveEffect(), sent.ended(err)
		}

		if !verifying && !sent.accepted && !(change.Once && sent.ambiguous != nil) {
			read = now
			failure := change.Write(ctx, now)
			sent.add(failure)
			switch {
			case failure == nil && !change.VerifyAccepted:
				return read, true, nil
			case ctx.Err() != nil && !sent.mayHaveEffect():
				return read, false, failure
			case !seam.IsTransient(failure):
				verifying = true
				continue
			}
		}
		verifying = false
		if err := waiter.Pause(ctx, n, sent.cause()); err != nil {
			return read, sent.mayHaveEffect(), sent.endedWaiting(err)
		}
		n++
	}
}

// outcome is what is known about the writes of one operation.
type outcome struct {
	accepted  bool
	ambiguous error // the latest failure after which a write may have an effect, or get one
	latest    error
}

func (o *outcome) add(failure error) {
	o.latest = failure
	switch {
	case failure == nil:
		o.accepted = true
	case seam.IsAmbiguous(failure):
		o.ambiguous = failure
	}
}

func (o *outcome) mayHaveEffect() bool { return o.accepted || o.ambiguous != nil }

// isRefused reports whether the latest write had no effect, and would have none if
// it was sent again.
func (o *outcome) isRefused() bool {
	return o.latest != nil && !seam.IsAmbiguous(o.latest) && !seam.IsTransient(o.latest)
}

func (o *outcome) cause() error {
	if o.accepted {
		return errNotShown
	}
	return o.latest
}

// ended is the error of an operation that ends for this reason.
func (o *outcome) ended(reason error) error {
	if !o.mayHaveEffect() {
		return reason
	}
	return &UnknownEffectError{Accepted: o.accepted, Write: o.ambiguous, Reason: reason}
}

// endedWaiting is ended for an operation that may not wait any longer.
func (o *outcome) endedWaiting(reason error) error {
	if timeout, ok := errors.AsType[*seam.RetryTimeoutError](reason); ok && o.accepted {
		return &NoEffectError{Waited: timeout}
	}
	return o.ended(reason)
}

var errNotShown = errors.New("Seam accepted the request, and a read does not show its effect yet")

// UnknownEffectError says that a write was sent, and that the operation ended
// without knowing whether it has taken effect, or still will.
type UnknownEffectError struct {
	Accepted bool  // Seam accepted it
	Write    error // its ambiguous failure, the latest one; nil if there was none
	Reason   error // why the operation ended
}

func (e *UnknownEffectError) Error() string {
	if e.Accepted {
		return fmt.Sprintf("the write was accepted, and its effect is not known: %v", e.Reason)
	}
	return fmt.Sprintf("the effect of the write is not known: %v; then: %v", e.Write, e.Reason)
}

// Unwrap returns how the write failed and why the operation ended.
func (e *UnknownEffectError) Unwrap() []error {
	if e.Write == nil {
		return []error{e.Reason}
	}
	return []error{e.Write, e.Reason}
}

// NoEffectError says that Seam accepted a write, and that no read showed its effect
// for as long as the operation could wait.
type NoEffectError struct{ Waited *seam.RetryTimeoutError }

func (e *NoEffectError) Error() string {
	return fmt.Sprintf("Seam accepted the request, and it had no effect: %v", e.Waited)
}
