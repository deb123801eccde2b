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

// payload is a value in the context of a call.
type payload struct{ _ [50 << 10]byte }

type payloadKey struct{}

func withPayload(ctx context.Context) (context.Context, weak.Pointer[payload]) {
	value := &payload{}
	return context.WithValue(ctx, payloadKey{}, value), weak.Make(value)
}

// isCollected reports whether the garbage collector frees the payload.
func isCollected(value weak.Pointer[payload]) bool {
	for range 10 {
		if runtime.GC(); value.Value() == nil {
			return true
		}
	}
	return false
}

// methodsOf returns the names of an interface's methods.
func methodsOf[T any]() []string {
	var names []string
	for method := range reflect.TypeFor[T]().Methods() {
		names = append(names, method.Name)
	}
	return names
}

// callEmpty makes a call with an empty request under a context with a payload.
func callEmpty(ctx context.Context, server tfprotov6.ProviderServer, name string) weak.Pointer[payload] {
	ctx, value := withPayload(ctx)
	call := reflect.ValueOf(server).MethodByName(name)
	call.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.New(call.Type().In(1).Elem())})
	return value
}

func TestServer_releasesContexts(t *testing.T) {
	t.Parallel()
	for _, name := range append(methodsOf[tfprotov6.ResourceServer](), methodsOf[tfprotov6.DataSourceServer]()...) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := NewServer("test")()
			if !isCollected(callEmpty(t.Context(), server, name)) {
				t.Error("the context of the call is kept after the call")
			}
			runtime.KeepAlive(server)
		})
	}
}

// If this fails, all of server.go has become superfluous.
func TestServer_isNeeded(t *testing.T) {
	t.Parallel()
	framework := providerserver.NewProtocol6(newProvider("test"))()
	if isCollected(callEmpty(t.Context(), framework, "ReadResource")) {
		t.Error("the framework's server releases contexts by itself: delete server.go, and serve with providerserver.Serve")
	}
	runtime.KeepAlive(framework)
}

// The plugin library finds optional features of a server by type assertion.
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

// A stop of the provider, and the cancellation of a call, reach the requests of a call.
func TestServer_cancelled(t *testing.T) {
	t.Parallel()
	for name, cancel := range map[string]func(tf *terraform, cancelCall func()){
		"Terraform stops the provider": func(tf *terraform, _ func()) {
			_, err := tf.server.StopProvider(tf.ctx, &tfprotov6.StopProviderRequest{})
			tf.noFault(err)
		},
		"gRPC cancels the call": func(_ *terraform, cancelCall func()) { cancelCall() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tf := w.terraform()
			ctx, cancelCall := context.WithCancel(t.Context())
			defer cancelCall()
			var once sync.Once
			over := make(chan struct{})
			w.OnRequest(func(fakeseam.Request) { // no response before the call is over
				once.Do(func() {
					cancel(tf, cancelCall)
					select {
					case <-over:
					case <-time.After(time.Minute):
						t.Error("the call goes on")
					}
				})
			})
			_, found := tf.with(ctx).create(w.janesLink())
			close(over)
			tf.wantError(found, "The operation was interrupted.")
			w.wantNoWrites()
		})
	}
}

func TestCallContext(t *testing.T) {
	t.Parallel()
	in, value := withPayload(t.Context())
	soon := time.Now().Add(time.Hour)
	in, cancel := context.WithDeadline(in, soon)
	defer cancel()

	ctx, end := newCallContext(in)
	if ctx.Err() != nil || ctx.Value(payloadKey{}) != any(value.Value()) {
		t.Errorf("during the call the context has the error %v and the value %v", ctx.Err(), ctx.Value(payloadKey{}))
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
		if !errors.Is(context.Cause(got), context.Canceled) || got.Value(payloadKey{}) != nil || !isClosed(got.Done()) {
			t.Errorf("after the call %s has the cause %v and the value %v", name, context.Cause(got), got.Value(payloadKey{}))
		}
	}
	if !isClosed(done) {
		t.Error("a wait that began in the call goes on")
	}
	if in.Err() != nil {
		t.Error("the context that the call came with is canceled too")
	}

	why := errors.New("enough")
	in, cancelIn := context.WithCancelCause(t.Context())
	ctx, end = newCallContext(in)
	defer end()
	derived, cancelDerived := context.WithCancel(ctx)
	defer cancelDerived()
	cancelIn(why)
	if got := context.Cause(derived); !errors.Is(got, why) {
		t.Errorf("the cause is %v, want %v", got, why)
	}
}

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// A goroutine that waits for a derived context would not end, and fail the test.
func TestCallContext_startsNoGoroutine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(*testing.T) {
		ctx, end := newCallContext(context.Background())
		derived, cancel := context.WithCancel(ctx)
		_, _, _ = derived, cancel, end
	})
}

// A goroutine that outlives a call may use its context at any time. This test is for the
// race detector.
func TestCallContext_endsConcurrently(t *testing.T) {
	t.Parallel()
	in, _ := withPayload(t.Context())
	for range 200 {
		ctx, end := newCallContext(in)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 20 {
					derived, cancel := context.WithTimeout(context.WithValue(ctx, t, t), time.Hour)
					_, _ = derived.Value(payloadKey{}), context.Cause(derived)
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
