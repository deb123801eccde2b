package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// startsPerRound is how often each program is started, which takes little time.
const startsPerRound = 5

// startUps reports how long the provider and the floor take from their start until they
// are ready, and how large they are.
func (b *bench) startUps(ctx context.Context) (string, error) {
	var samples [2][]sample
	var sizes [2]string
	for range b.rounds * startsPerRound {
		for n, binDir := range []string{b.floorDir, b.BinDir} {
			took, err := startUp(ctx, testbed.Binary(binDir))
			file, statErr := os.Stat(testbed.Binary(binDir))
			if err := errors.Join(err, statErr); err != nil {
				return "", err
			}
			samples[n], sizes[n] = append(samples[n], sample{took: took}), megabytes(float64(file.Size()))
		}
	}
	return fmt.Sprintf("Start-up: floor %.0f ms, provider %.0f ms, to floor %.2f. Program: floor %s, provider %s.",
		1000*median(values(samples[0], took)), 1000*median(values(samples[1], took)), ratio(samples[1], samples[0], took), sizes[0], sizes[1]), nil
}

// startUp starts a provider as a CLI does, and ends it.
func startUp(ctx context.Context, program string) (time.Duration, error) {
	client := plugin.NewClient(&plugin.ClientConfig{
		// As in terraform-plugin-go (tfprotov6/tf6server).
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion: 6, MagicCookieKey: "TF_PLUGIN_MAGIC_COOKIE", MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		},
		Plugins:          plugin.PluginSet{},
		Cmd:              exec.CommandContext(ctx, program),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		Logger:           hclog.NewNullLogger(),
		Stderr:           io.Discard,
	})
	defer client.Kill()
	began := time.Now()
	_, err := client.Start()
	return time.Since(began), errors.Join(ctx.Err(), err)
}
