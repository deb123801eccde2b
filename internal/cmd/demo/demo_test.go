package main

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func TestMain(m *testing.M) { testbed.Tests{M: m}.Run() }

// These tests run the whole demo with a real CLI.

func TestAccDemo(t *testing.T) {
	t.Parallel()
	testbed.NeedCLI(t)
	before := repositoryFiles(t)
	command, temp := demoProgram(t)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, want := range []string{
		"\n1. ", "\n2. ", "\n3. ", "\n4. ", "\n5. ",
		"\n     Warning: ACS user ",
		"\n     Error: Cannot link ACS user ",
		"\nAll 5 steps had the expected result.\n",
	} {
		if !bytes.Contains(output, []byte(want)) {
			t.Errorf("%q is not on the screen:\n%s", want, output)
		}
	}
	if bytes.Contains(output, []byte("development overrides")) {
		t.Errorf("the warning of development overrides is on the screen:\n%s", output)
	}
	assertEmpty(t, temp)
	if after := repositoryFiles(t); after != before {
		t.Errorf("the repository has other files than before:\n%s\nbefore:\n%s", after, before)
	}
}

func TestAccDemo_interrupted(t *testing.T) {
	t.Parallel()
	testbed.NeedCLI(t)
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send an interrupt to one program")
	}
	command, temp := demoProgram(t)
	var messages bytes.Buffer
	command.Stderr = &messages
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "1. ") {
			if err := command.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
		}
		if strings.HasPrefix(lines.Text(), "2. ") {
			t.Error("went on after the interrupt")
		}
	}
	err = command.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != testbed.ExitInterrupted {
		t.Errorf("got %v, want exit status %d", err, testbed.ExitInterrupted)
	}
	if !strings.Contains(messages.String(), "Interrupted.") {
		t.Errorf("got the message %q", &messages)
	}
	assertEmpty(t, temp)
}

// The demo checks every step: each of these defects of Seam ends it.
func TestAccDemo_wrongResult(t *testing.T) {
	t.Parallel()
	bed := testbed.SharedBed(t)
	for _, test := range []struct {
		name string
		do   func(world)
		want string
	}{
		{
			// The provider believes the reads: only the demo finds the record.
			"a deleted record stays",
			func(w world) {
				const remove = "/acs/users/delete"
				w.Inject(fakeseam.Fault{Route: remove, NoEffect: true})
				w.Inject(fakeseam.Fault{
					Route: "/acs/users/get",
					Match: func(fakeseam.Request) bool { return w.Count(remove) > 0 },
					Edit: func(body map[string]any) {
						if user, ok := body["acs_user"].(map[string]any); ok {
							user["warnings"] = []any{map[string]any{"warning_code": "being_deleted", "message": "It is being deleted."}}
						}
					},
				})
			},
			"   + -               Nina Novak in Salto HQ\n",
		},
		{
			"another link is removed",
			func(w world) {
				w.OnRequest(func(r fakeseam.Request) {
					if r.Route == "/user_identities/remove_acs_user" {
						w.Unlink(w.JohnSalto.ID)
					}
				})
			},
			"   - John Smith      John Smith in Salto HQ\n",
		},
		{
			"the link is added twice",
			func(w world) {
				w.Inject(fakeseam.Fault{Route: "/user_identities/add_acs_user", Times: 1, Status: http.StatusInternalServerError})
			},
			`"/user_identities/add_acs_user" "/user_identities/add_acs_user" "/user_identities/create"], expected `,
		},
		{
			"apply fails",
			func(w world) {
				w.Inject(fakeseam.Fault{Route: "/user_identities/add_acs_user", Status: http.StatusForbidden})
			},
			"step 1 had another result",
		},
		{
			"the ACS user of the mistake is not linked",
			func(w world) { w.Unlink(w.JohnSalto.ID) },
			"step 4 had another result (Link an ACS user to Nina that is linked to John: apply fails, and no link is moved)\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			test.do(w)
			err := run(t.Context(), bed, w, t.Output())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

// demoProgram builds the demo, for its exit status is a part of it, and gives it
// a place for temporary files where what it leaves behind can be seen.
func demoProgram(t *testing.T) (command *exec.Cmd, temp string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "demo")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	// Not t.TempDir: the sockets of providers go there, whose paths must not be
	// long.
	temp, err := os.MkdirTemp("", "demo") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(temp); err != nil {
			t.Error(err)
		}
	})
	command = exec.CommandContext(t.Context(), program)
	command.Env = append(command.Environ(), "TMPDIR="+temp, "TMP="+temp, "TEMP="+temp)
	return command, temp
}

func assertEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		t.Errorf("%s is left behind", entry.Name())
	}
}

// repositoryFiles lists what the demo could leave in the repository: the
// directories that it runs in and reads from.
func repositoryFiles(t *testing.T) string {
	t.Helper()
	var files []string
	for _, dir := range []string{".", filepath.Join("..", "..", "..", "examples", "demo")} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			files = append(files, filepath.Join(dir, entry.Name()))
		}
	}
	return strings.Join(files, "\n")
}
