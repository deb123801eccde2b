//go:build unix

package testbed

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// Kills signal a CLI, its providers or both, and report whether a process was signaled.
var Kills = map[string]func(cli *os.Process) bool{
	"CLI KILL":      func(cli *os.Process) bool { return cli.Kill() == nil },
	"CLI INT":       func(cli *os.Process) bool { return cli.Signal(syscall.SIGINT) == nil },
	"all INT":       func(cli *os.Process) bool { return syscall.Kill(-cli.Pid, syscall.SIGINT) == nil },
	"all KILL":      func(cli *os.Process) bool { return syscall.Kill(-cli.Pid, syscall.SIGKILL) == nil },
	"provider KILL": killProviders,
}

// killProviders kills the processes that a CLI has started.
func killProviders(cli *os.Process) bool {
	output, _ := exec.Command("pgrep", "-P", strconv.Itoa(cli.Pid)).Output() //nolint:noctx // it ends at once; without a process it fails
	killed := false
	for field := range strings.FieldsSeq(string(output)) {
		pid, err := strconv.Atoi(field)
		killed = err == nil && syscall.Kill(pid, syscall.SIGKILL) == nil || killed
	}
	return killed
}

// endGroup kills what is left of the CLI's process group, and reports whether there was
// something.
func endGroup(pid int) bool {
	return !errors.Is(syscall.Kill(-pid, syscall.SIGKILL), syscall.ESRCH)
}
