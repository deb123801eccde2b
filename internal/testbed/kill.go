package testbed

import (
	"bytes"
	"context"
	"errors"
	"time"
)

// Kill is a signal to a CLI, the provider or both.
type Kill struct {
	How   string          // a key of Kills
	Due   <-chan struct{} // closed when the time has come; nil for no kill
	After time.Duration   // after that
}

// KilledResult is a Result of a command that may have been killed.
type KilledResult struct {
	Result
	Hit      bool // a process got the signal
	Outlived bool // a process outlived the CLI, and was killed
}

// RunKilled is Run with a kill.
func (c *CLI) RunKilled(ctx context.Context, kill Kill, args ...string) (r KilledResult, err error) {
	command := c.Command(ctx, NonInteractive(args...)...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		return r, err
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	var waitErr error
	select {
	case waitErr = <-ended:
	case <-kill.Due:
		select {
		case waitErr = <-ended:
		case <-time.After(kill.After):
			r.Hit = Kills[kill.How](command.Process)
			waitErr = <-ended
			time.Sleep(kill.After) // the provider may outlive the CLI for a moment
		}
	}
	r.Outlived = endGroup(command.Process.Pid)
	r.Result, err = NewResult(command, waitErr, &output)
	return r, errors.Join(ctx.Err(), err)
}
