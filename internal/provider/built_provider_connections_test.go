package provider

import (
	"fmt"
	"testing"
	"time"
)

// Terraform runs as many operations at a time as -parallelism says. A creation reads both ends
// of its link at once, everything else sends one request at a time, and a list page may run
// beside all of them. More connections would be opened and thrown away. A quarter more is
// allowed: a request that waits for its connection takes over one that becomes idle before.
func TestAccProvider_connections(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{10, 40} {
		t.Run(fmt.Sprint(parallelism), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetLatency(50 * time.Millisecond)
			people := w.crowd(40, false)
			c := w.builtCLI(nil)
			c.write("main.tf", forEach(people...))

			// With a plan file, each command is one process.
			opened := 0
			for _, command := range []struct {
				args   []string
				atOnce int // requests
			}{
				{[]string{"plan", "-out=new.tfplan"}, parallelism + 1},
				{[]string{"apply", "new.tfplan"}, 2 * parallelism},
				{[]string{"plan", "-out=same.tfplan"}, parallelism + 1},
				{[]string{"plan", "-destroy", "-refresh=false", "-out=destroy.tfplan"}, 0},
				{[]string{"apply", "destroy.tfplan"}, parallelism},
			} {
				args, most := command.args, command.atOnce+parallelism/4
				if parallelism != 10 {
					args = append([]string{args[0], fmt.Sprintf("-parallelism=%d", parallelism)}, args[1:]...)
				}
				w.ResetRequests()
				c.succeed(args...)
				before := opened
				opened = w.Connections()
				if now := opened - before; now > most {
					t.Errorf("%v opened %d connections for %d requests, want %d at most", args, now, w.Count(""), most)
				}
			}
			c.wantBalance(0)
		})
	}
}
