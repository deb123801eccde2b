//go:build unix

package provider

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// After an apply that was interrupted or killed, Terraform knows each link, or the errors of
// the next apply say how to import it.
//
// Windows cannot send a signal to one process.

// runningCommand is a command in its own process group, as in a terminal.
type runningCommand struct {
	*exec.Cmd
	c      *builtCLI
	output *bytes.Buffer
}

func (c *builtCLI) start(args ...string) *runningCommand {
	c.w.t.Helper()
	command := c.command(nil, args...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		c.w.t.Fatal(err)
	}
	r := &runningCommand{command, c, &output}
	c.w.t.Cleanup(func() {
		// A provider outlives a CLI that was killed.
		if err := r.signalGroup(syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			c.w.t.Error(err)
		}
	})
	return r
}

// signalGroup sends a signal to the CLI and its child processes, as Ctrl-C in a terminal does.
func (r *runningCommand) signalGroup(signal syscall.Signal) error {
	return syscall.Kill(-r.Process.Pid, signal)
}

// ends waits for the command, which must fail, and returns what it printed.
func (r *runningCommand) ends(within time.Duration) string {
	r.c.w.t.Helper()
	late := time.AfterFunc(within, func() {
		r.c.w.t.Errorf("%s has not ended within %v", r.c.Name, within)
		_ = r.signalGroup(syscall.SIGKILL)
	})
	defer late.Stop()
	err := r.Wait()
	if _, ok := errors.AsType[*exec.ExitError](err); !ok {
		r.c.w.t.Errorf("got %v, want an exit status\n%s", err, r.output)
	}
	return r.output.String()
}

// provider returns the process id of the CLI's provider.
func (r *runningCommand) provider() int {
	r.c.w.t.Helper()
	output, err := exec.CommandContext(r.c.w.t.Context(), "ps", "-A", "-o", "pid=,ppid=,comm=").Output()
	if err != nil {
		r.c.w.t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		// Linux cuts the name after 15 characters.
		if len(fields) < 3 || fields[1] != strconv.Itoa(r.Process.Pid) || !strings.HasPrefix(filepath.Base(fields[2]), "terraform-provi") {
			continue
		}
		if found != 0 {
			r.c.w.t.Fatalf("%s has more than one provider:\n%s", r.c.Name, output)
		}
		found, _ = strconv.Atoi(fields[0])
	}
	if found == 0 {
		r.c.w.t.Fatalf("%s has no provider:\n%s", r.c.Name, output)
	}
	return found
}

// arrival returns a channel that is closed when the nth request (from 1) to the
// route arrives.
func (w *world) arrival(route string, nth int) <-chan struct{} {
	arrived := make(chan struct{})
	w.act(route, nth, func() { close(arrived) })
	return arrived
}

// await waits for an event.
func (r *runningCommand) await(what string, happened <-chan struct{}) {
	r.c.w.t.Helper()
	select {
	case <-happened:
	case <-time.After(time.Minute):
		r.c.w.t.Fatalf("timed out waiting for %s", what)
	}
}

func TestAccUserIdentityACSUser_interrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetLatency(100 * time.Millisecond)
	people := w.crowd(20, false)
	c := w.builtCLI(nil)
	c.write("main.tf", forEach(people...))

	added := w.arrival(addRoute, 5)
	apply := c.start("apply")
	apply.await("the fifth add", added)
	if err := apply.signalGroup(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	output := apply.ends(20 * time.Second)
	made := len(w.Links())
	if made == 0 || made == len(people) {
		t.Errorf("%d links were made, want some and not all:\n%s", made, output)
	}
	c.wantBalance(made)

	w.SetLatency(0)
	c.succeed("apply")
	c.wantBalance(len(people))
	c.wantEmptyPlan()
	if add := w.Count(addRoute); add != len(people) {
		t.Errorf("%d adds were sent for %d links", add, len(people))
	}
}

// After a kill, the links whose adds had no response are in Seam and not in state. The next
// apply finds them, adds none twice, and says how to import them.
func TestAccUserIdentityACSUser_killed(t *testing.T) {
	t.Parallel()
	const (
		all       = 20
		responses = 7
		inFlight  = 10 // Terraform does ten things at a time
	)
	for name, kill := range map[string]func(*runningCommand) error{
		"provider": func(r *runningCommand) error { return syscall.Kill(r.provider(), syscall.SIGKILL) },
		"CLI":      func(r *runningCommand) error { return r.Process.Kill() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			people := w.crowd(all, false)
			c := w.builtCLI(nil)
			c.since("1.5", "1.6") // import blocks
			c.write("main.tf", forEach(people...))

			w.Inject(fakeseam.Fault{Route: addRoute, Skip: responses, HangAfterEffect: time.Hour})
			apply := c.start("apply")
			w.until("ten adds that took effect and have no response", func() bool { return len(w.Links()) == responses+inFlight })
			if err := kill(apply); err != nil {
				t.Fatal(err)
			}
			apply.ends(20 * time.Second)
			w.ClearFaults()
			// A CLI that is killed may not have written all of its state.
			lost := responses + inFlight - len(c.state())
			if lost < inFlight {
				t.Errorf("the state has links whose adds had no response: %v", c.state())
			}

			output := c.fail("The link exists already", "apply")
			imports := importBlocks(output)
			if len(imports) != lost {
				t.Errorf("%d import blocks are advised, want %d:\n%s", len(imports), lost, output)
			}
			if strings.HasPrefix(c.Version, "Terraform v1.16.0") {
				t.Skipf("%s imports only the first of several instances of one resource, also terraform_data", c.Version)
			}
			c.write("imports.tf", imports...)
			c.succeed("apply")
			c.wantBalance(all)
			c.wantEmptyPlan()
			if add := w.Count(addRoute); add != all {
				t.Errorf("%d adds were sent for %d links", add, all)
			}
		})
	}
}

// importBlocks returns the import blocks that the errors advise, with the
// addresses of forEach.
func importBlocks(output string) []string {
	block := regexp.MustCompile(`import \{\n.* to = seam_user_identity_acs_user.example\n.* id = "(.*)"\n`)
	var blocks []string
	for _, message := range strings.Split(output, "Error: Cannot link ACS user")[1:] {
		advised := block.FindStringSubmatch(message)
		if advised == nil {
			continue
		}
		if pair, ok := identityLinks.parseImportID(advised[1]); ok {
			blocks = append(blocks, fmt.Sprintf("import {\n  to = %s.person[%q]\n  id = %q\n}\n", linkType, pair.ACSUserID, importID(pair)))
		}
	}
	return blocks
}
