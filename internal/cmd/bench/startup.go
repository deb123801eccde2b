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

// startsPerRound is how often each program is started: that takes no time.
const startsPerRound = 5

// handshake is how a CLI and a provider know each other, as it stands in
// terraform-plugin-go (tfprotov6/tf6server).
var handshake = plugin.HandshakeConfig{
	ProtocolVersion:  6,
	MagicCookieKey:   "TF_PLUGIN_MAGIC_COOKIE",
	MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
}

// startUps says how long the provider and the floor take from their start until
// they wait for calls, and how large they are.
func (b *bench) startUps(ctx context.Context) (string, error) {
	var floor, provider []sample
	for range b.rounds * startsPerRound {
		f, err := startUp(ctx, b.floorDir)
		if err != nil {
			return "", err
		}
		p, err := startUp(ctx, b.providerDir)
		if err != nil {
			return "", err
		}
		floor, provider = append(floor, sample{took: f}), append(provider, sample{took: p})
	}
	floorFile, err := os.Stat(testbed.Binary(b.floorDir))
	providerFile, err2 := os.Stat(testbed.Binary(b.providerDir))
	if err := errors.Join(err, err2); err != nil {
		return "", err
	}
	return fmt.Sprintf("Start-up: floor %.0f ms, provider %.0f ms, to floor %.2f. Program: floor %s, provider %s.",
		1000*median(values(floor, took)), 1000*median(values(provider, took)), ratio(provider, floor, took), megabytes(float64(floorFile.Size())), megabytes(float64(providerFile.Size()))), nil
}

// startUp starts the program in a directory as a CLI does, and ends it.
func startUp(ctx context.Context, binDir string) (time.Duration, error) {
	command := exec.CommandContext(ctx, testbed.Binary(binDir))
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  handshake,
		Plugins:          plugin.PluginSet{},
		Cmd:              command,
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
