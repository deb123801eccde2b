package provider

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// luggage is what the context of a call carries.
type luggage struct{ _ [50 << 10]byte }

type luggageKey struct{}

func withLuggage(ctx context.Context) (context.Context, weak.Pointer[luggage]) {
	carried := &luggage{}
	return context.WithValue(ctx, luggageKey{}, carried), weak.Make(carried)
}

// isGone reports whether the garbage collector takes it.
func isGone(carried weak.Pointer[luggage]) bool {
	for range 10 {
		if runtime.GC(); carried.Value() == nil {
			return true
		}
	}
	return false
}

// callsOf lists the calls that an interface has.
func callsOf[T any]() []string {
	var names []string
	for method := range reflect.TypeFor[T]().Methods() {
		names = append(names, method.Name)
	}
	return names
}

// callWithNothing makes a call that asks for nothing that there is, under a
// context that carries something.
func callWithNothing(ctx context.Context, server tfprotov6.ProviderServer, name string) weak.Pointer[luggage] {
	ctx, carried := withLuggage(ctx)
	call := reflect.ValueOf(server).MethodByName(name)
	call.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.New(call.Type().In(1).Elem())})
	return carried
}

func TestServer_letsGo(t *testing.T) {
	t.Parallel()
	for _, name := range append(callsOf[tfprotov6.ResourceServer](), callsOf[tfprotov6.DataSourceServer]()...) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := NewServer("test")()
			if !isGone(callWithNothing(t.Context(), server, name)) {
				t.Error("what the context of the call carried is kept after the call")
			}
			runtime.KeepAlive(server)
		})
	}
}

func TestServer_letsGoOfARead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link(w.janeID.ID, w.jane.ID)
	tf := w.served()
	read := func() weak.Pointer[luggage] {
		ctx, carried := withLuggage(tf.ctx)
		state, found := tf.with(ctx).read(w.linkState(w.janesLink()))
		tf.wantNothingSaid(found)
		if state == nil {
			t.Error("the link was dropped from the state")
		}
		return carried
	}
	if !isGone(read()) {
		t.Error("what the context of the call carried is kept after the call")
	}
	runtime.KeepAlive(tf)
}

// If this fails, all of server.go has become superfluous.
func TestServer_isNeeded(t *testing.T) {
	t.Parallel()
	framework := providerserver.NewProtocol6(newProvider("test"))()
	if isGone(callWithNothing(t.Context(), framework, "ReadResource")) {
		t.Error("the framework's server lets go of contexts by itself: delete server.go, and serve with providerserver.Serve")
	}
	runtime.KeepAlive(framework)
}

// The plugin library asks with type assertions what a server can do.
func TestServer_hidesNothing(t *testing.T) {
	t.Parallel()
	framework := providerserver.NewProtocol6(newProvider("test"))()
	got := reflect.TypeOf(releasingContexts(framework))
	if got == reflect.TypeOf(framework) {
		t.Fatal("the framework's server is served as it is")
	}
	for want := range reflect.TypeOf(framework).Methods() {
		if _, ok := got.MethodByName(want.Name); !ok {
			t.Errorf("%s of the framework's server is hidden: add its interface to frameworkServer", want.Name)
		}
	}
}

// served is a provider that is configured for this world, behind the server that
// main serves.
func (w *world) served() *terraform {
	w.t.Helper()
	tf := &terraform{t: w.t, server: releasingContexts(w.providerServer()), ctx: w.t.Context()}
	tf.wantNoErrors(tf.configure(values{"endpoint": w.url, "api_key": w.workspace.APIKey}))
	return tf
}

func TestServer_cancelled(t *testing.T) {
	t.Parallel()
	calls := map[string]func(w *world, tf *terraform) diagnostics{
		"ReadResource": func(w *world, tf *terraform) diagnostics {
			_, found := tf.read(w.linkState(w.janesLink()))
			return found
		},
		"ApplyResourceChange": func(w *world, tf *terraform) diagnostics {
			_, found := tf.create(w.janesLink())
			return found
		},
	}
	cancels := map[string]func(tf *terraform, cancelCall func()){
		"Terraform stops the provider": func(tf *terraform, _ func()) {
			_, err := tf.server.StopProvider(tf.ctx, &tfprotov6.StopProviderRequest{})
			tf.noFault(err)
		},
		"gRPC cancels the call": func(_ *terraform, cancelCall func()) { cancelCall() },
	}
	for callName, call := range calls {
		for cancelName, cancel := range cancels {
			t.Run(callName+"/"+cancelName, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				tf := w.served()
				ctx, cancelCall := context.WithCancel(t.Context())
				defer cancelCall()

				// The call is cancelled while it waits for Seam, which does
				// not answer before the call is over.
				var once sync.Once
				over := make(chan struct{})
				w.OnRequest(func(fakeseam.Request) {
					once.Do(func() {
						cancel(tf, cancelCall)
						select {
						case <-over:
						case <-time.After(time.Minute):
							t.Error("the call goes on")
						}
					})
				})
				found := call(w, tf.with(ctx))
				close(over)
				tf.wantError(found, "The operation was interrupted.")
				w.wantNoWrites()
			})
		}
	}
}

func TestCallContext(t *testing.T) {
	t.Parallel()
	in, carried := withLuggage(t.Context())
	soon := time.Now().Add(time.Hour)
	in, cancel := context.WithDeadline(in, soon)
	defer cancel()

	ctx, end := newCallContext(in)
	if ctx.Err() != nil || ctx.Value(luggageKey{}) != any(carried.Value()) {
		t.Errorf("during the call the context has the error %v and the value %v", ctx.Err(), ctx.Value(luggageKey{}))
	}
	if deadline, ok := ctx.Deadline(); !ok || !deadline.Equal(soon) {
		t.Errorf("during the call the deadline is %v, want %v", deadline, soon)
	}
	before, cancelBefore := context.WithCancel(ctx)
	defer cancelBefore()
	done := ctx.Done()

	end()
	after, cancelAfter := context.WithCancel(ctx)
	defer cancelAfter()
	for name, got := range map[string]context.Context{"the context": ctx, "one derived before": before, "one derived after": after} {
		if !errors.Is(got.Err(), context.Canceled) || !errors.Is(context.Cause(got), context.Canceled) {
			t.Errorf("after the call %s has the error %v because of %v", name, got.Err(), context.Cause(got))
		}
		if got.Value(luggageKey{}) != nil {
			t.Errorf("after the call %s still has its values", name)
		}
		select {
		case <-got.Done():
		default:
			t.Errorf("after the call %s is not done", name)
		}
	}
	select {
	case <-done:
	default:
		t.Error("a wait that began in the call goes on")
	}
	if in.Err() != nil {
		t.Error("the context that the call came with is cancelled too")
	}
}

func TestCallContext_passesOnWhy(t *testing.T) {
	t.Parallel()
	why := errors.New("enough")
	in, cancel := context.WithCancelCause(t.Context())
	ctx, end := newCallContext(in)
	defer end()
	derived, cancelDerived := context.WithCancel(ctx)
	defer cancelDerived()
	cancel(why)
	if got := context.Cause(derived); !errors.Is(got, why) {
		t.Errorf("the cause is %v, want %v", got, why)
	}
}

// A goroutine that watched over a derived context would be left here, and fail
// the test.
func TestCallContext_needsNoGoroutine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(*testing.T) {
		ctx, end := newCallContext(context.Background())
		derived, cancel := context.WithCancel(ctx)
		_, _, _ = derived, cancel, end
	})
}

// What a call has left behind may look at its context at any time. The race
// detector watches.
func TestCallContext_endsAtAnyTime(t *testing.T) {
	t.Parallel()
	in, _ := withLuggage(t.Context())
	for range 200 {
		ctx, end := newCallContext(in)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 20 {
					derived, cancel := context.WithTimeout(context.WithValue(ctx, t, t), time.Hour)
					_, _ = derived.Value(luggageKey{}), context.Cause(derived)
					_, _ = ctx.Deadline()
					if ctx.Err() != nil {
						<-derived.Done()
					}
					cancel()
				}
			})
		}
		end()
		wg.Wait()
	}
}
