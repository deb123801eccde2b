package main

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// call is one call of the plugin protocol.
type call func(context.Context, tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error)

// Each operation waits as long as it is told: the benchmark compares the provider
// with that. It waits no longer than its caller does.
func TestFloorWaits(t *testing.T) {
	t.Parallel()
	unlinked := tftypes.NewValue(linkType, nil)
	w := waits{create: 2 * time.Minute, read: time.Minute, delete: 3 * time.Minute}
	for name, test := range map[string]struct {
		call call
		want time.Duration
	}{
		"create": {change(unlinked, link(tftypes.UnknownValue)), w.create},
		"read":   {read(link("known")), w.read},
		"delete": {change(link("known"), unlinked), w.delete},
	} {
		for _, patience := range []time.Duration{time.Second, time.Hour} {
			t.Run(fmt.Sprintf("%s within %v", name, patience), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					began := time.Now()
					diagnostics, err := test.call(ctx, providerserver.NewProtocol6(newFloorProvider(w)())())
					if err != nil {
						t.Fatal(err)
					}
					if took, want := time.Since(began), min(test.want, patience); took != want {
						t.Errorf("it took %v, want %v", took, want)
					}
					if failed := len(diagnostics) > 0; failed != (patience < test.want) {
						t.Errorf("got diagnostics %v", diagnostics)
					}
				})
			})
		}
	}
}

func change(from, to tftypes.Value) call {
	return func(ctx context.Context, server tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
		resp, err := server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
			TypeName: typeName, PriorState: encode(from), PlannedState: encode(to), Config: encode(to),
		})
		if err != nil {
			return nil, err
		}
		return resp.Diagnostics, nil
	}
}

func read(state tftypes.Value) call {
	return func(ctx context.Context, server tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
		resp, err := server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: encode(state)})
		if err != nil {
			return nil, err
		}
		return resp.Diagnostics, nil
	}
}

var linkType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
	"user_identity_id": tftypes.String, "acs_user_id": tftypes.String,
	"acs_system_id": tftypes.String, "workspace_id": tftypes.String,
}}

// link has this value in its computed attributes.
func link(computed any) tftypes.Value {
	return tftypes.NewValue(linkType, map[string]tftypes.Value{
		"user_identity_id": tftypes.NewValue(tftypes.String, "jane"),
		"acs_user_id":      tftypes.NewValue(tftypes.String, "jane-salto"),
		"acs_system_id":    tftypes.NewValue(tftypes.String, computed),
		"workspace_id":     tftypes.NewValue(tftypes.String, computed),
	})
}

func encode(value tftypes.Value) *tfprotov6.DynamicValue {
	encoded, err := tfprotov6.NewDynamicValue(linkType, value)
	if err != nil {
		panic(err)
	}
	return &encoded
}
