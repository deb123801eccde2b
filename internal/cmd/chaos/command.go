package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// A command takes some seconds here, also when it has to wait for Seam; one that
// takes that long is stuck.
const commandTimeout = 2 * time.Minute

// kill is a signal to the CLI, the provider or both during a command.
type kill struct {
	how    string        // a key of kills; empty for none
	at     int           // with the nth request of the command
	writes bool          // with the nth write instead
	after  time.Duration // after it
}

// deadly reports whether it is a kill and no interrupt: the process cannot report
// what it did.
func (k kill) deadly() bool { return strings.HasSuffix(k.how, "KILL") }

// result is how a command ended.
type result struct {
	testbed.Result
	hit     bool      // the kill or interrupt reached a process
	planned time.Time // when the plan was complete; zero if it never was
}

// command runs the CLI while the storm goes on around it.
func (s *storm) command(ctx context.Context, k kill, args ...string) (result, error) {
	if ctx.Err() != nil {
		return result{}, ctx.Err()
	}
	within, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	command := s.cli.Command(within, testbed.NonInteractive(args...)...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output

	var (
		requests atomic.Int64
		counted  atomic.Int64 // requests that k.at refers to
		hit      atomic.Bool
		killing  sync.WaitGroup
		started  = make(chan struct{})
		ended    = make(chan struct{})
	)
	s.seam.OnRequest(func(r fakeseam.Request) {
		n := int(requests.Add(1))
		if k.how != "" && (!k.writes || isWrite(r.Route)) && int(counted.Add(1)) == k.at {
			killing.Go(func() {
				select {
				case <-started:
				case <-ended:
					return
				}
				select {
				case <-time.After(k.after):
				case <-ended:
					return
				}
				s.log("%s, %s after request %d", k.how, k.after.Round(time.Millisecond), n)
				hit.Store(kills[k.how](command.Process))
			})
		}
		s.faults.meets(r)
		s.outside.meets(n, r)
	})
	defer s.seam.OnRequest(nil)

	s.log("$ %s %s", s.cli.Name, strings.Join(args, " "))
	if err := command.Start(); err != nil {
		return result{}, err
	}
	close(started)
	waitErr := command.Wait()
	close(ended)
	killing.Wait()
	s.tally.commands++
	r := result{hit: hit.Load()}
	if r.hit {
		s.tally.kills[k.how]++
		if k.deadly() {
			// The provider outlives a CLI that was killed, for a moment.
			time.Sleep(k.after)
		}
	}
	if left := endGroup(command.Process.Pid); left && !r.hit && ctx.Err() == nil {
		s.tally.violation("%s left something running", strings.Join(args, " "))
	}
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	var err error
	r.Result, err = testbed.NewResult(command, waitErr, &output)
	if within.Err() != nil {
		s.tally.violation("%s did not end within %s", strings.Join(args, " "), commandTimeout)
		r.Exit = -1
	} else if err != nil {
		return r, err
	}
	for _, m := range r.Messages {
		if m.Type == "change_summary" && m.Changes != nil && m.Changes.Operation == "plan" {
			r.planned = m.Time
		}
	}
	s.log("ended with %d, %d errors", r.Exit, len(r.Errors()))
	for _, d := range r.Errors() {
		s.log("  %s", d)
	}
	s.checkCrash(r, k)
	return r, nil
}

// checkCrash finds a program that ended and was not killed.
func (s *storm) checkCrash(r result, k kill) {
	for _, sign := range []string{"panic:", "plugin crashed", "Plugin did not respond", "crash log"} {
		if at := strings.Index(r.Output, sign); at >= 0 && (!r.hit || !k.deadly()) {
			s.tally.violation("a program crashed: %s", r.Output[at:min(len(r.Output), at+2000)])
			return
		}
	}
}

// state returns the links in the state, with ids in lower case.
func (s *storm) state() ([]testbed.StateLink, error) {
	links, err := s.cli.Links()
	for n := range links {
		if links[n].Deposed {
			return nil, fmt.Errorf("the state contains the deposed link %+v", links[n].Link)
		}
		links[n].ACSUserID, links[n].UserIdentityID = strings.ToLower(links[n].ACSUserID), strings.ToLower(links[n].UserIdentityID)
	}
	return links, err
}

// mendState puts the backup in the place of a state that a killed CLI has left
// half written, as the CLI's documentation advises.
func (s *storm) mendState() error {
	path := filepath.Join(s.cli.WorkDir, testbed.StateFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && json.Valid(content) {
		return nil
	}
	if err != nil {
		return err
	}
	s.log("the state is half written: the backup takes its place")
	backup, err := os.ReadFile(path + ".backup")
	if errors.Is(err, os.ErrNotExist) {
		return os.Remove(path)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, backup, 0o600)
}

// configure writes the configuration.
func (s *storm) configure(want wanted, retryTimeout time.Duration) error {
	links, err := json.Marshal(want)
	if err != nil {
		return err
	}
	main := fmt.Sprintf(`terraform {
  required_providers {
    seam = {
      source = "seamapi/seam"
    }
  }
}

provider "seam" {
  retry_timeout = %q
}

resource "seam_user_identity_acs_user" "person" {
  for_each         = jsondecode(file("${path.module}/links.json"))
  acs_user_id      = each.key
  user_identity_id = each.value
}
`, retryTimeout)
	s.want = want
	return errors.Join(s.cli.Write("links.json", string(links)), s.cli.Write("main.tf", main))
}

const importsFile = "imports.tf"

// writeImports writes import blocks, by ACS user.
func (s *storm) writeImports(ids map[string]string) error {
	var blocks strings.Builder
	for _, pair := range s.pairs {
		if id, ok := ids[pair.ACSUserID]; ok {
			fmt.Fprintf(&blocks, "import {\n  to = seam_user_identity_acs_user.person[%q]\n  id = %q\n}\n", pair.ACSUserID, id)
		}
	}
	return s.cli.Write(importsFile, blocks.String())
}

// kindsOfKill returns the kills of this platform, sorted.
func kindsOfKill() []string {
	var all []string
	for how := range kills {
		all = append(all, how)
	}
	slices.Sort(all)
	return all
}
