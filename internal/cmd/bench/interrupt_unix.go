//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// aloneWithInterrupt keeps Ctrl-C in a terminal from reaching the CLI: its Command
// interrupts it already, and a second interrupt ends it without its providers.
func aloneWithInterrupt(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
