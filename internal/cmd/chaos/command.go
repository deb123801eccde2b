package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// A command takes some seconds, with its retries.
const commandTimeout = 2 * time.Minute

// command is a command of the CLI, and what it may do: add what is wanted, and remove
// what was in the state before and is not wanted.
type command struct {
	args        []string
	want        wanted
	kill        kill
	unrefreshed bool   // it plans with the state alone
	hidden      string // an access system that cannot be read during the command

	before  links // in the state
	began   time.Time
	changes int // that there were in Seam before
}

// kill is a signal to the CLI, the provider or both.
type kill struct {
	how    string        // a key of kills
	at     int           // with the nth request of the command; 0 for no kill
	writes bool          // with the nth write instead
	after  time.Duration // after it
}

type result struct {
	testbed.Result
	killed  bool      // and not interrupted: a process could not report what it did
	planned time.Time // when the plan was complete; zero if it never was
}

func (r result) describe() string { return strings.ReplaceAll(r.Err().Error(), "\n", "\n    ") }

// execute runs a command with everything that disturbs it.
func (s *storm) execute(ctx context.Context, c command) (result, error) {
	within, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	process := s.cli.Command(within, testbed.NonInteractive(c.args...)...)
	var output bytes.Buffer
	process.Stdout, process.Stderr = &output, &output
	var counted atomic.Int64
	due, ended := make(chan struct{}), make(chan error, 1)
	s.seam.OnRequest(func(r fakeseam.Request) {
		if (!c.kill.writes || isWrite(r.Route)) && int(counted.Add(1)) == c.kill.at {
			close(due)
		}
		s.faults.meet(r)
		s.outside.meet(r)
	})
	defer s.seam.OnRequest(nil)

	name := strings.Join(c.args, " ")
	s.log("$ %s %s", s.cli.Name, name)
	if err := process.Start(); err != nil {
		return result{}, err
	}
	go func() { ended <- process.Wait() }()
	var waitErr error
	hit := false
	select {
	case waitErr = <-ended:
	case <-due:
		select {
		case waitErr = <-ended:
		case <-time.After(c.kill.after):
			if hit = kills[c.kill.how](process.Process); hit {
				s.record("kill", c.kill.how, "%s after its request", c.kill.after)
			}
			waitErr = <-ended
		}
	}
	s.tally.count("command")
	r := result{killed: hit && strings.HasSuffix(c.kill.how, "KILL")}
	if r.killed {
		time.Sleep(c.kill.after) // the provider may outlive the CLI for a moment
	}
	if endGroup(process.Process.Pid) && !hit && ctx.Err() == nil {
		s.tally.violation("%s left a process running", name)
	}
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	var err error
	r.Result, err = testbed.NewResult(process, waitErr, &output)
	if within.Err() != nil {
		s.tally.violation("%s did not end within %s", name, commandTimeout)
		r.Exit, err = -1, nil
	}
	for _, m := range r.Messages {
		if m.Type == "change_summary" && m.Changes != nil && m.Changes.Operation == "plan" {
			r.planned = m.Time
		}
	}
	s.log("exit status %d, %d errors", r.Exit, len(r.Errors()))
	for _, d := range r.Errors() {
		s.log("  %s", d)
	}
	for _, sign := range []string{"panic:", "plugin crashed", "Plugin did not respond", "crash log"} {
		if at := strings.Index(r.Output, sign); at >= 0 && !r.killed {
			s.tally.violation("a program crashed: %s", r.Output[at:min(len(r.Output), at+2000)])
			break
		}
	}
	return r, err
}

// links are the links in the state by ACS user, with ids in lower case.
type links map[string]testbed.StateLink

func (s *storm) state() (links, error) {
	all, err := s.cli.Links()
	state := links{}
	for _, link := range all {
		if link.Deposed {
			return nil, fmt.Errorf("the state contains the deposed link %+v", link.Link)
		}
		link.ACSUserID, link.UserIdentityID = strings.ToLower(link.ACSUserID), strings.ToLower(link.UserIdentityID)
		state[link.ACSUserID] = link
	}
	return state, err
}

// restoreState replaces a state that a killed CLI wrote in part with its backup, as the
// CLI's documentation advises.
func (s *storm) restoreState() error {
	path := filepath.Join(s.cli.WorkDir, testbed.StateFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && json.Valid(content) {
		return nil
	}
	s.log("the state is incomplete: its backup replaces it")
	backup, err := os.ReadFile(path + ".backup")
	if errors.Is(err, os.ErrNotExist) {
		return os.Remove(path)
	}
	return errors.Join(err, s.cli.Write(testbed.StateFile, string(backup)))
}

const importsFile = "imports.tf"

// configure writes a configuration. Every ninth user identity id is in upper case: ids
// are case-insensitive.
func (s *storm) configure(want wanted, retryTimeout time.Duration) error {
	s.want = want
	written := wanted{}
	for n, pair := range s.pairs {
		if id, ok := want[pair.ACSUserID]; ok && n%9 == 8 {
			written[pair.ACSUserID] = strings.ToUpper(id)
		} else if ok {
			written[pair.ACSUserID] = id
		}
	}
	content, err := json.Marshal(written)
	return errors.Join(err, s.cli.Write("links.json", string(content)), s.cli.Write("main.tf", fmt.Sprintf(`terraform {
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
`, retryTimeout)))
}
