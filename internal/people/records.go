package people

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/bulkread"
	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// Operations are what both kinds of record need of the client besides requests.
// *seam.Client provides them.
type Operations interface {
	reconcile.Waiter
	// StartOperation gives all calls made with the returned context one budget of
	// time in which to retry.
	StartOperation(ctx context.Context) context.Context
}

// Pages are list pages that confirm what is expected of an object. *bulkread.Reader
// provides them.
type Pages interface {
	Confirm(ctx context.Context, list, id string, value bulkread.Value) bool
}

// records are what both kinds of record have in common.
type records[T interface{ BeingDeleted() bool }] struct {
	kind[T]
	operations Operations
	pages      Pages
	workspace  *reconcile.Workspace
	locks      *reconcile.Locks
}

// kind is what differs between them.
type kind[T any] struct {
	place       func(T) place
	fingerprint func(T) bulkread.Value
	same        func(a, b T) bool // that is, their values are
	// find returns those that share a value with this one and are not being deleted.
	find     func(ctx context.Context, like T) ([]T, error)
	get      func(ctx context.Context, id string) (T, error)
	notFound string // the type of its error if there is none
	delete   func(ctx context.Context, id string) error
}

// place is the ID of a record, and where it is. What is not known is empty.
type place struct{ id, workspaceID, acsSystemID string }

// start begins an operation, in the workspace that was asked for.
func (r *records[T]) start(ctx context.Context) (context.Context, error) {
	ctx = r.operations.StartOperation(ctx)
	return ctx, r.workspace.Verify(ctx)
}

// Find returns the record with an ID, or nil if there is none.
func (r *records[T]) Find(ctx context.Context, id string) (*T, error) {
	ctx, err := r.start(ctx)
	if err != nil {
		return nil, err
	}
	return r.read(ctx, place{id: id})
}

// Read returns a record that is in state, or nil if it is gone. A record without an ID,
// as after an inconclusive create, is recognized by its values. If there is none, that is
// [ErrNotListed] unless lists have caught up: had the time to show it.
func (r *records[T]) Read(ctx context.Context, known T, caughtUp bool) (*T, error) {
	ctx, err := r.start(ctx)
	if err != nil {
		return nil, err
	}
	at := r.place(known)
	switch {
	case at.id == "":
		return r.recognize(ctx, known, caughtUp)
	case !r.locks.Wrote(at.id) && r.pages.Confirm(ctx, at.acsSystemID, at.id, r.fingerprint(known)):
		return &known, nil
	default:
		return r.read(ctx, at)
	}
}

// read reads directly. That a record is gone is believed only where its workspace and its
// access system are in sight.
func (r *records[T]) read(ctx context.Context, at place) (*T, error) {
	record, err := r.get(ctx, at.id)
	if seam.IsNotFound(err, r.notFound) {
		return nil, r.workspace.CheckMissing(ctx, at.workspaceID, at.acsSystemID)
	}
	if err != nil {
		return nil, err
	}
	return &record, nil
}

// recognize returns the record that a create may have made. Before that was sent, there
// was none with its unique values.
func (r *records[T]) recognize(ctx context.Context, known T, caughtUp bool) (*T, error) {
	// In another workspace, it would be another person's.
	at := r.place(known)
	if err := r.workspace.CheckMissing(ctx, at.workspaceID, ""); err != nil {
		return nil, err
	}
	found, err := r.find(ctx, known)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(record T) bool { return !r.same(record, known) })
	switch {
	case len(found) > 1:
		return nil, r.several(found)
	case len(found) == 1:
		return &found[0], nil
	case !caughtUp:
		return nil, ErrNotListed
	default:
		return nil, r.workspace.CheckMissing(ctx, at.workspaceID, at.acsSystemID)
	}
}

// direct adds to those that were found what lists show. A list may be late: what it shows
// is read directly.
func (r *records[T]) direct(ctx context.Context, found []T, matches func(T) bool, lists ...iter.Seq2[T, error]) ([]T, error) {
	seen := map[string]bool{}
	for _, record := range found {
		seen[r.place(record).id] = true
	}
	for _, list := range lists {
		for listed, err := range list {
			if err != nil {
				return nil, err
			}
			id := r.place(listed).id
			if seen[id] || !matches(listed) {
				continue
			}
			seen[id] = true
			record, err := r.get(ctx, id)
			switch {
			case err == nil && matches(record) && !record.BeingDeleted():
				found = append(found, record)
			case err != nil && !seam.IsNotFound(err, r.notFound):
				return nil, err
			}
		}
	}
	return found, nil
}

// creation is how a record of one kind is created.
type creation[T any] struct {
	// exclusive are values that no two creates at a time may share, by field: nothing would
	// tell what one of them made from what the other one did.
	exclusive map[string]string
	// refuse returns why not to create it, given those that share a value with it. It
	// is sent if there may be a new one.
	refuse func(found []T, sent bool) error
	write  func(ctx context.Context, found []T) (T, error)
}

// create makes a record. If that is an *UnknownEffectError, there may be a new one: then it
// returns what is known of it.
func (r *records[T]) create(ctx context.Context, want T, how creation[T]) (T, error) {
	var created T
	ctx, err := r.start(ctx)
	if err != nil {
		return created, err
	}
	for _, field := range slices.Sorted(maps.Keys(how.exclusive)) { // in order, so that two creates never wait for each other
		if how.exclusive[field] == "" {
			continue
		}
		unlock, err := r.locks.Lock(ctx, "create in "+r.place(want).acsSystemID+" with "+field+" "+how.exclusive[field])
		if err != nil {
			return created, err
		}
		defer unlock()
	}
	var before []string // IDs of those that share a value, as read before the write
	sent := false
	ours := func(found []T) []T {
		return slices.DeleteFunc(slices.Clone(found), func(record T) bool {
			return !sent || !r.same(record, want) || slices.Contains(before, r.place(record).id)
		})
	}
	_, _, err = reconcile.Apply(ctx, r.operations, reconcile.Change[[]T]{
		Read: func(ctx context.Context) ([]T, error) { return r.find(ctx, want) },
		Done: func(found []T) bool {
			recognized := ours(found)
			if len(recognized) == 1 {
				created = recognized[0]
			}
			return len(recognized) == 1
		},
		Refuse: func(_ context.Context, found []T) error {
			if recognized := ours(found); len(recognized) > 1 {
				return r.several(recognized)
			}
			return how.refuse(found, sent)
		},
		Write: func(ctx context.Context, found []T) error {
			before = nil
			for _, record := range found {
				before = append(before, r.place(record).id)
			}
			var err error
			created, err = how.write(ctx, found)
			sent = err == nil || seam.IsAmbiguous(err)
			return err
		},
		Once: true,
	})
	if err == nil {
		r.locks.Writing(r.place(created).id)
	}
	return created, err
}

// write changes a record while no other operation writes to it. done is also asked about
// nil, for one that is gone.
func (r *records[T]) write(ctx context.Context, at place, done func(*T) bool, refuse func(context.Context, T) error, send func(context.Context, T) error) error {
	ctx, err := r.start(ctx)
	if err != nil {
		return err
	}
	unlock, err := r.locks.Lock(ctx, at.id)
	if err != nil {
		return err
	}
	defer unlock()
	// An identity that was merged is another one, and never changed through the old ID.
	isOther := func(now *T) bool { return now != nil && !strings.EqualFold(r.place(*now).id, at.id) }
	_, _, err = reconcile.Apply(ctx, r.operations, reconcile.Change[*T]{
		Read: func(ctx context.Context) (*T, error) { return r.read(ctx, at) },
		Done: func(now *T) bool { return !isOther(now) && done(now) },
		Refuse: func(ctx context.Context, now *T) error {
			switch {
			case now == nil:
				return &MissingError{ID: at.id}
			case isOther(now):
				return &MergedError{ID: at.id, PrimaryID: r.place(*now).id}
			default:
				return refuse(ctx, *now)
			}
		},
		Write: func(ctx context.Context, now *T) error {
			r.locks.Writing(at.id)
			return send(ctx, *now)
		},
		VerifyAccepted: true,
	})
	if noEffect, ok := errors.AsType[*reconcile.NoEffectError](err); ok {
		return &NotShownError{ID: at.id, Waited: noEffect.Waited}
	}
	return err
}

// remove deletes a record. One that is gone, or that is being deleted, is a success.
func (r *records[T]) remove(ctx context.Context, known T, caughtUp bool, refuse func(context.Context, T) error) error {
	if r.place(known).id == "" {
		recognized, err := r.Read(ctx, known, caughtUp)
		if err != nil || recognized == nil {
			return err
		}
		known = *recognized
	}
	at := r.place(known)
	return r.write(ctx, at, func(now *T) bool { return now == nil || (*now).BeingDeleted() }, refuse,
		func(ctx context.Context, _ T) error { return r.delete(ctx, at.id) })
}

func (r *records[T]) several(found []T) error {
	several := &SeveralError{}
	for _, record := range found {
		several.IDs = append(several.IDs, r.place(record).id)
	}
	return several
}
