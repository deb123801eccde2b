package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// The framework's server keeps what the context of each call refers to until Terraform
// stops the provider; see "Workarounds" in CONTRIBUTING.md. A test tells when it no
// longer does: then this file can be deleted, and main can go back to
// providerserver.Serve.

// NewServer returns the constructor of the server that Terraform calls. version
// is the provider's own, as in [New].
func NewServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		return releasingContexts(providerserver.NewProtocol6(newProvider(version))())
	}
}

func releasingContexts(framework tfprotov6.ProviderServer) tfprotov6.ProviderServer {
	if whole, ok := framework.(frameworkServer); ok {
		return server{whole}
	}
	return framework
}

// frameworkServer is all that the framework's server can do. The plugin library
// asks a server by type assertion for what is not in ProviderServer.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
	tfprotov6.StateStoreServer
}

// server is the framework's server, but for the calls that Terraform makes for
// each resource and each data source: those of ResourceServer and
// DataSourceServer. The others are few, or return streams that are read after the
// call.
type server struct{ frameworkServer }

func (s server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return withCallContext(ctx, req, s.frameworkServer.ValidateResourceConfig)
}

func (s server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return withCallContext(ctx, req, s.frameworkServer.UpgradeResourceState)
}

func (s server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return withCallContext(ctx, req, s.frameworkServer.UpgradeResourceIdentity)
}

func (s server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return withCallContext(ctx, req, s.frameworkServer.ReadResource)
}

func (s server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return withCallContext(ctx, req, s.frameworkServer.PlanResourceChange)
}

func (s server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return withCallContext(ctx, req, s.frameworkServer.ApplyResourceChange)
}

func (s server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return withCallContext(ctx, req, s.frameworkServer.ImportResourceState)
}

func (s server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return withCallContext(ctx, req, s.frameworkServer.MoveResourceState)
}

func (s server) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return withCallContext(ctx, req, s.frameworkServer.GenerateResourceConfig)
}

func (s server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return withCallContext(ctx, req, s.frameworkServer.ValidateDataResourceConfig)
}

func (s server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return withCallContext(ctx, req, s.frameworkServer.ReadDataSource)
}

// CallFunction makes an argument without data null, as OpenTofu means it: up to 1.12, it
// leaves out an argument that is null (CallFunction in internal/plugin6/grpc_provider.go),
// and the framework fails.
func (s server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	for _, argument := range req.Arguments {
		if argument != nil && len(argument.MsgPack) == 0 && len(argument.JSON) == 0 {
			argument.MsgPack = []byte{0xc0} // nil
		}
	}
	return s.frameworkServer.CallFunction(ctx, req)
}

// withCallContext makes a call with a context that refers to nothing when the call is
// over.
func withCallContext[Req, Resp any](ctx context.Context, req Req, call func(context.Context, Req) (Resp, error)) (Resp, error) {
	callCtx, end := newCallContext(ctx)
	defer end()
	return call(callCtx, req)
}

// callContext stands for the context of a call while that lasts, and is a
// cancelled and empty one afterwards. It passes on all questions, also the one by
// which package context finds what a context derives from: deriving from it costs
// no goroutine.
type callContext struct {
	current atomic.Pointer[context.Context]
}

func newCallContext(ctx context.Context) (callCtx *callContext, end func()) {
	// What derives from it is cancelled and off ctx when the call is over.
	ctx, cancel := context.WithCancel(ctx)
	callCtx = &callContext{}
	callCtx.current.Store(&ctx)
	return callCtx, func() {
		cancel()
		callCtx.current.Store(&over)
	}
}

// over is what is left of a call's context when the call is over.
var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (c *callContext) Deadline() (time.Time, bool) { return (*c.current.Load()).Deadline() }
func (c *callContext) Done() <-chan struct{}       { return (*c.current.Load()).Done() }
func (c *callContext) Err() error                  { return (*c.current.Load()).Err() }
func (c *callContext) Value(key any) any           { return (*c.current.Load()).Value(key) }
