package testbed

import "os"

// Kills end a CLI, and report whether there was a process to end. Windows has no signal
// that could be sent to one program.
var Kills = map[string]func(cli *os.Process) bool{
	"CLI KILL": func(cli *os.Process) bool { return cli.Kill() == nil },
}

func endGroup(int) bool { return false }
