package main

import (
	"os"
	"os/exec"
)

// strikes end something of a CLI's. Windows has no signal that could be sent to
// one program.
var strikes = map[string]func(cli *os.Process) bool{
	"CLI KILL": func(cli *os.Process) bool { return cli.Kill() == nil },
}

func ownGroup(*exec.Cmd) {}

func endGroup(int) bool { return false }
