package reconcile

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// WorkspaceReader reads the workspace that the credentials reach, and the access
// systems in it. *seam.Client provides it.
type WorkspaceReader interface {
	GetWorkspace(ctx context.Context) (seam.Workspace, error)
	GetACSSystem(ctx context.Context, acsSystemID string) (seam.ACSSystem, error)
}

// Workspace is the workspace that the credentials reach, and what is visible there.
// Each is read once, when it is first needed, and cached; a failure is not cached.
type Workspace struct {
	api     WorkspaceReader
	wantID  string
	reading chan struct{} // held by the call that reads it
	got     atomic.Pointer[seam.Workspace]
	systems sync.Map // of *system, by id in lower case
}

// NewWorkspace returns the workspace that api reaches. With wantID not empty,
// Verify refuses any other.
func NewWorkspace(api WorkspaceReader, wantID string) *Workspace {
	return &Workspace{api: api, wantID: wantID, reading: make(chan struct{}, 1)}
}

// Get returns the workspace. Once it was read, it is returned even when ctx is cancelled.
func (w *Workspace) Get(ctx context.Context) (seam.Workspace, error) {
	if known, ok := w.Known(); ok {
		return known, nil
	}
	select {
	case w.reading <- struct{}{}:
		defer func() { <-w.reading }()
	case <-ctx.Done():
		return seam.Workspace{}, ctx.Err()
	}
	if known, ok := w.Known(); ok {
		return known, nil
	}
	got, err := w.api.GetWorkspace(ctx)
	if err != nil {
		return seam.Workspace{}, err
	}
	w.got.Store(&got)
	return got, nil
}

// Known returns the workspace if Seam was asked for it before.
func (w *Workspace) Known() (workspace seam.Workspace, known bool) {
	if got := w.got.Load(); got != nil {
		return *got, true
	}
	return seam.Workspace{}, false
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
	if !strings.EqualFold(got.WorkspaceID, w.wantID) {
		return &WrongWorkspaceError{WantID: w.wantID, GotID: got.WorkspaceID}
	}
	return nil
}

// CheckMissing returns the reason not to believe that an object is gone that Seam does
// not find: the credentials reach another workspace than the object was in
// (*WrongWorkspaceError), or Seam does not find its access system either
// (*SystemOutOfSightError). What is not known is empty, and not checked.
func (w *Workspace) CheckMissing(ctx context.Context, workspaceID, acsSystemID string) error {
	if workspaceID != "" {
		got, err := w.Get(ctx)
		if err != nil {
			return err
		}
		if !strings.EqualFold(got.WorkspaceID, workspaceID) {
			return &WrongWorkspaceError{OfState: true, WantID: workspaceID, GotID: got.WorkspaceID}
		}
	}
	if acsSystemID == "" {
		return nil
	}
	visible, err := w.visible(ctx, acsSystemID)
	if err == nil && !visible {
		err = &SystemOutOfSightError{ACSSystemID: acsSystemID}
	}
	return err
}

// system caches whether an access system is visible.
type system struct {
	reading         chan struct{} // held by the call that reads it
	cached, visible bool
}

// visible reports whether Seam finds an access system. One whose connected account is
// cut off may be out of sight together with its ACS users.
func (w *Workspace) visible(ctx context.Context, acsSystemID string) (bool, error) {
	value, _ := w.systems.LoadOrStore(strings.ToLower(acsSystemID), &system{reading: make(chan struct{}, 1)})
	this, _ := value.(*system)
	select {
	case this.reading <- struct{}{}:
		defer func() { <-this.reading }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	if this.cached {
		return this.visible, nil
	}
	_, err := w.api.GetACSSystem(ctx, acsSystemID)
	if err != nil && !seam.IsNotFound(err, seam.TypeACSSystemNotFound) {
		return false, err
	}
	this.cached, this.visible = true, err == nil
	return this.visible, nil
}

// WrongWorkspaceError says that the credentials reach another workspace than the one
// that is expected or, with OfState, that the object in state was made in.
type WrongWorkspaceError struct {
	OfState bool
	WantID  string
	GotID   string
}

func (e *WrongWorkspaceError) Error() string {
	return "the credentials reach workspace " + e.GotID + ", not " + e.WantID
}

// SystemOutOfSightError says that Seam does not find the access system of an object
// that it does not find, so that this says nothing about the object.
type SystemOutOfSightError struct{ ACSSystemID string }

func (e *SystemOutOfSightError) Error() string {
	return "Seam does not find access system " + e.ACSSystemID
}
