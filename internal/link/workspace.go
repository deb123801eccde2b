package link

import (
	"context"
	"sync/atomic"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// WorkspaceGetter asks Seam which workspace the credentials reach.
type WorkspaceGetter interface {
	GetWorkspace(ctx context.Context) (seam.Workspace, error)
}

// Workspace is the workspace that the credentials reach. Seam is asked once,
// when it is first needed; a failure is not remembered.
type Workspace struct {
	api    WorkspaceGetter
	wantID string
	turn   chan struct{} // held by whoever asks Seam
	got    atomic.Pointer[seam.Workspace]
}

// NewWorkspace returns the workspace that api reaches. With wantID not empty,
// Verify refuses any other.
func NewWorkspace(api WorkspaceGetter, wantID string) *Workspace {
	return &Workspace{api: api, wantID: wantID, turn: make(chan struct{}, 1)}
}

// Get returns the workspace. One that is known is returned even when ctx is cancelled.
func (w *Workspace) Get(ctx context.Context) (seam.Workspace, error) {
	if got := w.got.Load(); got != nil {
		return *got, nil
	}
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	case <-ctx.Done():
		return seam.Workspace{}, ctx.Err()
	}
	if got := w.got.Load(); got != nil {
		return *got, nil
	}
	got, err := w.api.GetWorkspace(ctx)
	if err != nil {
		return seam.Workspace{}, err
	}
	w.got.Store(&got)
	return got, nil
}

// Verify returns a *WrongWorkspaceError when the credentials reach another
// workspace than the one that was asked for. It asks Seam only if one was.
func (w *Workspace) Verify(ctx context.Context) error {
	if w.wantID == "" {
		return nil
	}
	got, err := w.Get(ctx)
	if err != nil {
		return err
	}
	if !sameID(got.WorkspaceID, w.wantID) {
		return &WrongWorkspaceError{WantID: w.wantID, GotID: got.WorkspaceID}
	}
	return nil
}
