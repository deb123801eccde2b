//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// kills signal a CLI, its providers or both, and report whether a process was signaled.
var kills = map[string]func(cli *os.Process) bool{
	"CLI KILL":      func(cli *os.Process) bool { return cli.Kill() == nil },
	"CLI INT":       func(cli *os.Process) bool { return cli.Signal(syscall.SIGINT) == nil },
	"all INT":       func(cli *os.Process) bool { return syscall.Kill(-cli.Pid, syscall.SIGINT) == nil },
	"all KILL":      func(cli *os.Process) bool { return syscall.Kill(-cli.Pid, syscall.SIGKILL) == nil },
	"provider KILL": killProviders,
}

// killProviders kills the providers that a CLI has started.
func killProviders(cli *os.Process) bool {
	output, err := exec.Command("ps", "-A", "-o", "pid=,ppid=,comm=").Output() //nolint:noctx // it ends at once
	if err != nil {
		return false
	}
	found := false
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		// Linux cuts the name after 15 characters.
		if len(fields) < 3 || fields[1] != strconv.Itoa(cli.Pid) || !strings.HasPrefix(filepath.Base(fields[2]), "terraform-provi") {
			continue
		}
		if pid, err := strconv.Atoi(fields[0]); err == nil && syscall.Kill(pid, syscall.SIGKILL) == nil {
			found = true
		}
	}
	return found
}

// endGroup kills what is left of the CLI's process group, and reports whether there was
// something.
func endGroup(pid int) bool {
	return !errors.Is(syscall.Kill(-pid, syscall.SIGKILL), syscall.ESRCH)
}
