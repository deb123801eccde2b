package main

import "os/exec"

// aloneWithInterrupt has nothing to do where a Command is not told but killed.
func aloneWithInterrupt(*exec.Cmd) {}
