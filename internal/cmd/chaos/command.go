package main

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// A command takes some seconds, with its retries.
const commandTimeout = 2 * time.Minute

// command is a command of the CLI, and what it may do: make what is wanted, and remove
// what was in the state before and is not wanted.
type command struct {
	args        []string
	want        wanted
	kill        testbed.Kill
	killAt      int    // with the nth request of the command; 0 for no kill
	killWrites  bool   // with the nth write instead
	unrefreshed bool   // it plans with the state alone
	hidden      string // an access system that cannot be read during the command

	before records // in the state
	began  time.Time
}

// result is how a command ended.
type result struct {
	testbed.KilledResult
	killed bool // and not interrupted: a process could not report what it did
}

// execute runs a command with everything that disturbs it.
func (s *storm) execute(ctx context.Context, c command) (result, error) {
	within, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	var counted atomic.Int64
	due := make(chan struct{})
	c.kill.Due = due
	s.seam.OnRequest(func(r fakeseam.Request) {
		if (!c.killWrites || isWrite(r.Route)) && int(counted.Add(1)) == c.killAt {
			close(due)
		}
		s.faults.meet(r)
		s.outside.meet(r)
	})
	defer s.seam.OnRequest(nil)

	name := strings.Join(c.args, " ")
	s.log("$ %s %s", s.cli.Name, name)
	s.tally.count("command")
	killed, err := s.cli.RunKilled(within, c.kill, c.args...)
	if ctx.Err() != nil {
		return result{}, ctx.Err()
	}
	r := result{killed, killed.Hit && strings.HasSuffix(c.kill.How, "KILL")}
	if r.Hit {
		s.record("kill", c.kill.How, "%s after its request", c.kill.After)
	} else if r.Outlived {
		s.tally.violation("%s left a process running", name)
	}
	if within.Err() != nil {
		s.tally.violation("%s did not end within %s", name, commandTimeout)
		r.Exit, err = -1, nil
	}
	if r.Crash() != "" && !r.killed {
		s.tally.violation("a program crashed: %s", r.Crash())
	}
	s.log("exit status %d, %d errors", r.Exit, len(r.Errors()))
	for _, d := range r.Errors() {
		s.log("  %s", d)
	}
	return r, err
}

// records are the state, by address.
type records map[string]testbed.Resource

// of returns the resource with a key.
func (state records) of(key string) (testbed.Resource, bool) {
	for _, r := range state {
		if r.Key() == key {
			return r, true
		}
	}
	return testbed.Resource{}, false
}

func (s *storm) state() (records, error) {
	resources, err := s.cli.Resources()
	state := records{}
	for _, r := range resources {
		if state[r.Address] = r; r.Deposed {
			return nil, fmt.Errorf("the state contains a deposed %s", r.Address)
		}
	}
	return state, err
}
