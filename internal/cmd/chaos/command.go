package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
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
	exit    int  // -1 when it was killed
	hit     bool // the kill or interrupt reached a process
	errors  []diagnostic
	output  string
	planned time.Time // when the plan was complete; zero if it never was
}

// diagnostic is an error as the CLI prints it with -json.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
}

func (d diagnostic) String() string {
	return strings.Join(strings.Fields(d.Address+" "+d.Summary+" | "+d.Detail), " ")
}

// command runs the CLI while the storm goes on around it.
func (s *storm) command(ctx context.Context, k kill, args ...string) (result, error) {
	if ctx.Err() != nil {
		return result{}, ctx.Err()
	}
	within, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	command := s.cli.Command(within, args...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	ownGroup(command)

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
	err := command.Wait()
	close(ended)
	killing.Wait()
	s.tally.commands++
	r := result{exit: command.ProcessState.ExitCode(), hit: hit.Load(), output: output.String()}
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
	if within.Err() != nil {
		s.tally.violation("%s did not end within %s", strings.Join(args, " "), commandTimeout)
	}
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok && within.Err() == nil {
		return r, fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	r.read()
	s.log("ended with %d, %d errors", r.exit, len(r.errors))
	for _, d := range r.errors {
		s.log("  %s", d)
	}
	s.checkCrash(r, k)
	return r, nil
}

// read finds the errors, and the end of the plan, in the output, which is JSON, one value a line, but for
// what was printed before the CLI knew that it was to be.
func (r *result) read() {
	for line := range strings.Lines(r.output) {
		var message struct {
			Diagnostic diagnostic `json:"diagnostic"`
			Type       string     `json:"type"`
			Timestamp  time.Time  `json:"@timestamp"`
			Changes    struct {
				Operation string `json:"operation"`
			} `json:"changes"`
		}
		if json.Unmarshal([]byte(line), &message) != nil {
			continue
		}
		if message.Diagnostic.Severity == "error" {
			r.errors = append(r.errors, message.Diagnostic)
		}
		if message.Type == "change_summary" && message.Changes.Operation == "plan" {
			r.planned = message.Timestamp
		}
	}
}

// checkCrash finds a program that ended and was not killed.
func (s *storm) checkCrash(r result, k kill) {
	for _, sign := range []string{"panic:", "plugin crashed", "Plugin did not respond", "crash log"} {
		if at := strings.Index(r.output, sign); at >= 0 && (!r.hit || !k.deadly()) {
			s.tally.violation("a program crashed: %s", r.output[at:min(len(r.output), at+2000)])
			return
		}
	}
}

// entry is a link in the state.
type entry struct {
	fakeseam.Link
	tainted bool
}

const stateFile = "terraform.tfstate"

// state returns the links in the state.
func (s *storm) state() ([]entry, error) {
	content, err := os.ReadFile(filepath.Join(s.cli.WorkDir, stateFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var state struct {
		Resources []struct {
			Instances []struct {
				Status     string
				Deposed    string
				Attributes struct {
					UserIdentityID string `json:"user_identity_id"`
					ACSUserID      string `json:"acs_user_id"`
				}
			}
		}
	}
	if err := json.Unmarshal(content, &state); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	var entries []entry
	for _, resource := range state.Resources {
		for _, instance := range resource.Instances {
			if instance.Deposed != "" {
				return nil, fmt.Errorf("the state holds the deposed link %+v", instance.Attributes)
			}
			link := fakeseam.Link(instance.Attributes)
			link.ACSUserID, link.UserIdentityID = strings.ToLower(link.ACSUserID), strings.ToLower(link.UserIdentityID)
			entries = append(entries, entry{Link: link, tainted: instance.Status == "tainted"})
		}
	}
	return entries, nil
}

// mendState puts the backup in the place of a state that a killed CLI has left
// half written, as the CLI's documentation advises.
func (s *storm) mendState() error {
	path := filepath.Join(s.cli.WorkDir, stateFile)
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
	return errors.Join(s.write("links.json", string(links)), s.write("main.tf", main))
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
	return s.write(importsFile, blocks.String())
}

func (s *storm) write(name, content string) error {
	return os.WriteFile(filepath.Join(s.cli.WorkDir, name), []byte(content), 0o600)
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
