//go:build unix

package testbed

import (
	"os"
	"os/exec"
	"syscall"
)

// interrupt asks a process to end, as Ctrl-C does.
func interrupt(process *os.Process) error { return process.Signal(os.Interrupt) }

func inOwnGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
