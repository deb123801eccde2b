package main

import "os/exec"

// aloneWithInterrupt does nothing: on Windows, a Command is killed, not interrupted.
func aloneWithInterrupt(*exec.Cmd) {}
