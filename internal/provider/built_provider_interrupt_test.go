//go:build unix

package provider

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
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

// What becomes of an apply that is cut short. Afterwards there is no link that
// Terraform does not know of, or one more apply and what it says lead there.
//
// Windows has no signal that could be sent to one program.

// underWay is a command that runs in a process group of its own, as in a
// terminal, so that what is left of it can be ended.
type underWay struct {
	*exec.Cmd
	c      *builtCLI
	output *bytes.Buffer
}

func (c *builtCLI) start(args ...string) *underWay {
	c.w.t.Helper()
	command := c.command(nil, args...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		c.w.t.Fatal(err)
	}
	u := &underWay{command, c, &output}
	c.w.t.Cleanup(func() {
		// A provider outlives a CLI that was killed.
		if err := u.signalGroup(syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			c.w.t.Error(err)
		}
	})
	return u
}

// signalGroup sends a signal to the CLI and to what it has started, as Ctrl-C in
// a terminal does.
func (u *underWay) signalGroup(signal syscall.Signal) error {
	return syscall.Kill(-u.Process.Pid, signal)
}

// ends waits for the end of the command, which fails, and returns what it said.
func (u *underWay) ends(within time.Duration) string {
	u.c.w.t.Helper()
	late := time.AfterFunc(within, func() {
		u.c.w.t.Errorf("%s has not ended within %v", u.c.Name, within)
		_ = u.signalGroup(syscall.SIGKILL)
	})
	defer late.Stop()
	err := u.Wait()
	if _, ok := errors.AsType[*exec.ExitError](err); !ok {
		u.c.w.t.Errorf("got %v, want an exit status\n%s", err, u.output)
	}
	return u.output.String()
}

// provider returns the process id of the provider that the CLI has started.
func (u *underWay) provider() int {
	u.c.w.t.Helper()
	output, err := exec.CommandContext(u.c.w.t.Context(), "ps", "-A", "-o", "pid=,ppid=,comm=").Output()
	if err != nil {
		u.c.w.t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		// Linux cuts the name after 15 characters.
		if len(fields) < 3 || fields[1] != strconv.Itoa(u.Process.Pid) || !strings.HasPrefix(filepath.Base(fields[2]), "terraform-provi") {
			continue
		}
		if found != 0 {
			u.c.w.t.Fatalf("%s has more than one provider:\n%s", u.c.Name, output)
		}
		found, _ = strconv.Atoi(fields[0])
	}
	if found == 0 {
		u.c.w.t.Fatalf("%s has no provider:\n%s", u.c.Name, output)
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

// await waits for something that is going to happen.
func (u *underWay) await(what string, happened <-chan struct{}) {
	u.c.w.t.Helper()
	select {
	case <-happened:
	case <-time.After(time.Minute):
		u.c.w.t.Fatalf("%s has not happened", what)
	}
}

func TestAccUserIdentityACSUser_interrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetLatency(100 * time.Millisecond)
	people := w.people(20)
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

// A wait that Seam asked for may be long. It ends with an interrupt.
func TestAccUserIdentityACSUser_interruptedWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(fakeseam.Fault{Route: addRoute, Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": "200"}})
	c := w.builtCLI(nil)
	c.write("main.tf", linkBlock("test", w.janesLink()))

	apply := c.start("apply")
	w.until("an add that is refused", func() bool {
		requests := w.Requests()
		return len(requests) > 0 && requests[len(requests)-1].Status == http.StatusTooManyRequests
	})
	if err := apply.signalGroup(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	apply.ends(20 * time.Second)
	c.wantBalance(0)
	if add := w.Count(addRoute); add != 1 {
		t.Errorf("%d adds were sent, want one", add)
	}
}

// A process that is killed cannot say what it did: the links whose adds were
// under way are in Seam and not in the state. The next apply finds them, adds
// nothing twice, and says how to take them over.
func TestAccUserIdentityACSUser_killed(t *testing.T) {
	t.Parallel()
	const (
		all      = 20
		answered = 7
		inFlight = 10 // Terraform does ten things at a time
	)
	for name, kill := range map[string]func(*underWay) error{
		"provider": func(u *underWay) error { return syscall.Kill(u.provider(), syscall.SIGKILL) },
		"CLI":      func(u *underWay) error { return u.Process.Kill() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			people := w.people(all)
			c := w.builtCLI(nil)
			c.since("1.5", "1.6") // import blocks
			c.write("main.tf", forEach(people...))

			w.Inject(fakeseam.Fault{Route: addRoute, Skip: answered, HangAfterEffect: time.Hour})
			apply := c.start("apply")
			w.until("ten adds that took effect and are not answered", func() bool { return len(w.Links()) == answered+inFlight })
			if err := kill(apply); err != nil {
				t.Fatal(err)
			}
			apply.ends(20 * time.Second)
			w.ClearFaults()
			// A CLI that is killed may not have written what it knew.
			lost := answered + inFlight - len(c.state())
			if lost < inFlight {
				t.Errorf("the state holds links whose adds were not answered: %v", c.state())
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
