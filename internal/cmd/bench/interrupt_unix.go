//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// aloneWithInterrupt keeps Ctrl-C in a terminal from reaching the CLI a second
// time: it is told by its Command to end, and hearing it twice it would end
// without taking its providers along.
func aloneWithInterrupt(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
