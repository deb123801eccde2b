package reconcile

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// workspaceAnswers answers with its errors in turn, and then with the workspace.
type workspaceAnswers struct {
	mu     sync.Mutex
	errs   []error
	asked  int
	answer chan struct{} // if set, an answer waits for it
}

func (w *workspaceAnswers) GetWorkspace(ctx context.Context) (seam.Workspace, error) {
	w.mu.Lock()
	w.asked++
	var err error
	if len(w.errs) > 0 {
		err, w.errs = w.errs[0], w.errs[1:]
	}
	w.mu.Unlock()
	if w.answer != nil {
		select {
		case <-w.answer:
		case <-ctx.Done():
			return seam.Workspace{}, ctx.Err()
		}
	}
	if err != nil {
		return seam.Workspace{}, err
	}
	return seam.Workspace{WorkspaceID: "Here", Name: "Harbour House"}, nil
}

func (w *workspaceAnswers) GetACSSystem(_ context.Context, acsSystemID string) (seam.ACSSystem, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if len(w.errs) > 0 {
		var err error
		err, w.errs = w.errs[0], w.errs[1:]
		return seam.ACSSystem{}, err
	}
	if acsSystemID == "hidden" {
		return seam.ACSSystem{}, &seam.Error{Status: http.StatusNotFound, Type: seam.TypeACSSystemNotFound}
	}
	return seam.ACSSystem{ACSSystemID: acsSystemID}, nil
}

func TestWorkspace_checkMissing(t *testing.T) {
	t.Parallel()
	trouble := errors.New("trouble")
	for name, test := range map[string]struct {
		workspaceID, acsSystemID string
		errs                     []error
		asked                    int
		is                       func(error) bool
	}{
		"nothing is known":        {"", "", nil, 0, func(err error) bool { return err == nil }},
		"this workspace":          {"HERE", "", nil, 1, func(err error) bool { return err == nil }},
		"a system in sight":       {"here", "visible", nil, 2, func(err error) bool { return err == nil }},
		"another workspace":       {"elsewhere", "hidden", nil, 1, func(err error) bool { _, is := errors.AsType[*WrongWorkspaceError](err); return is }},
		"a system out of sight":   {"here", "hidden", nil, 2, func(err error) bool { _, is := errors.AsType[*SystemOutOfSightError](err); return is }},
		"an unreadable workspace": {"here", "visible", []error{trouble, trouble}, 2, func(err error) bool { return errors.Is(err, trouble) }},
		"an unreadable system":    {"", "visible", []error{trouble, trouble}, 2, func(err error) bool { return errors.Is(err, trouble) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := &workspaceAnswers{errs: test.errs}
			workspace := NewWorkspace(api, "")
			for range 2 { // a result is cached, a failure is not
				if err := workspace.CheckMissing(t.Context(), test.workspaceID, test.acsSystemID); !test.is(err) {
					t.Errorf("got %v", err)
				}
			}
			if api.asked != test.asked {
				t.Errorf("asked %d times, want %d", api.asked, test.asked)
			}
		})
	}
}

func TestWorkspace_isCached(t *testing.T) {
	t.Parallel()
	api := &workspaceAnswers{}
	workspace := NewWorkspace(api, "here")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := workspace.Get(t.Context()); err != nil || got.Name != "Harbour House" {
				t.Errorf("got %+v, %v", got, err)
			}
			if err := workspace.Verify(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if api.asked != 1 {
		t.Errorf("asked %d times", api.asked)
	}
}

func TestWorkspace_failureIsNotCached(t *testing.T) {
	t.Parallel()
	trouble := errors.New("trouble")
	api := &workspaceAnswers{errs: []error{trouble, trouble}}
	workspace := NewWorkspace(api, "here")
	if _, err := workspace.Get(t.Context()); !errors.Is(err, trouble) {
		t.Errorf("got %v", err)
	}
	if err := workspace.Verify(t.Context()); !errors.Is(err, trouble) {
		t.Errorf("got %v", err)
	}
	if got, err := workspace.Get(t.Context()); err != nil || got.WorkspaceID != "Here" || api.asked != 3 {
		t.Errorf("got %+v, %v after asking %d times", got, err, api.asked)
	}
}

// A cancelled call does not affect others.
func TestWorkspace_cancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &workspaceAnswers{answer: make(chan struct{})}
		workspace := NewWorkspace(api, "")
		ask := func(ctx context.Context) chan error {
			result := make(chan error, 1)
			go func() {
				_, err := workspace.Get(ctx)
				result <- err
			}()
			synctest.Wait()
			return result
		}
		askingCtx, cancelAsking := context.WithCancel(t.Context())
		asking := ask(askingCtx)
		waitingCtx, cancelWaiting := context.WithCancel(t.Context())
		waiting := ask(waitingCtx)
		patient := ask(t.Context())
		if api.asked != 1 {
			t.Errorf("asked %d times at once", api.asked)
		}
		cancelWaiting()
		if err := <-waiting; !errors.Is(err, context.Canceled) {
			t.Errorf("who waited got %v", err)
		}
		cancelAsking()
		if err := <-asking; !errors.Is(err, context.Canceled) {
			t.Errorf("who asked got %v", err)
		}
		close(api.answer)
		if err := <-patient; err != nil || api.asked != 2 {
			t.Errorf("who waited on got %v after asking %d times", err, api.asked)
		}
	})
}

// What is cached needs no request.
func TestWorkspace_cachedWhenCancelled(t *testing.T) {
	t.Parallel()
	workspace := NewWorkspace(&workspaceAnswers{}, "here")
	if _, err := workspace.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 { // one of two ready channels is chosen at random
		if got, err := workspace.Get(ctx); err != nil || got.WorkspaceID != "Here" {
			t.Fatalf("got %+v, %v", got, err)
		}
		if err := workspace.Verify(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWorkspace_verify(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		want  string
		asked int
		wrong bool
	}{
		"none is asked for": {"", 0, false},
		"this one":          {"HERE", 1, false},
		"another one":       {"elsewhere", 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := &workspaceAnswers{}
			err := NewWorkspace(api, test.want).Verify(t.Context())
			wrong, is := errors.AsType[*WrongWorkspaceError](err)
			if is != test.wrong || !is && err != nil || api.asked != test.asked {
				t.Fatalf("got %v after asking %d times", err, api.asked)
			}
			if is && (wrong.WantID != test.want || wrong.GotID != "Here" || wrong.OfState) {
				t.Errorf("got %+v", wrong)
			}
		})
	}
}
