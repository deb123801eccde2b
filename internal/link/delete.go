package link

import (
	"cmp"
	"context"
	"errors"

	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
)

// Delete removes a link that is known to have been there. It returns what it found:
// Linked, if it removed the link, and else why there was nothing of ours to remove.
// The write is sent only while a read shows the link.
//
// When it is not known in which workspace the link was made, a missing ACS user is a
// *MissingError: nothing tells a deleted ACS user from one of another workspace.
func (l *Links) Delete(ctx context.Context, known Link) (Finding, error) {
	l.written.Store(true)
	ctx, err := l.start(ctx)
	if err != nil {
		return Finding{}, err
	}
	unlock, err := l.locks.Lock(ctx, known.ACSUserID)
	if err != nil {
		return Finding{}, err
	}
	defer unlock()

	kind, expected := l.kinds[known.Target], Linked
	read, _, err := reconcile.Apply(ctx, l.seam, reconcile.Change[Finding]{
		Read:   func(ctx context.Context) (Finding, error) { return l.read(ctx, known, expected) },
		Done:   func(read Finding) bool { return read.Standing != Linked },
		Refuse: func(context.Context, Finding) error { return nil },
		Write: func(ctx context.Context, read Finding) error {
			l.locks.Writing(known.ACSUserID)
			expected = Unlinked
			return kind.remove(ctx, cmp.Or(read.Link.PrimaryUserIdentityID, known.TargetID), known.ACSUserID)
		},
		VerifyAccepted: true,
	})
	if noEffect, ok := errors.AsType[*reconcile.NoEffectError](err); ok {
		err = &StillLinkedError{Pair: known.Pair, Waited: noEffect.Waited}
	}
	return read, err
}
