package testbed

import (
	"os/exec"
	"testing"
)

func TestCLI_RunKilled(t *testing.T) {
	t.Parallel()
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Skip("there is no program to kill:", err)
	}
	c := &CLI{Path: sleep, WorkDir: t.TempDir()}
	due := make(chan struct{})
	close(due)
	if r, err := c.RunKilled(t.Context(), Kill{How: "CLI KILL", Due: due}, "60"); err != nil || !r.Hit || r.Exit != -1 || r.Outlived {
		t.Errorf("got %+v (%v)", r, err)
	}
	if r, err := c.RunKilled(t.Context(), Kill{}, "0"); err != nil || r.Hit || r.Exit != 0 || r.Outlived {
		t.Errorf("without a kill: got %+v (%v)", r, err)
	}
}
