package provider

import (
	"fmt"
	"testing"
	"time"
)

// Terraform does so many things at a time as -parallelism says, and each one
// asks Seam one thing at a time: many more connections than that would be opened
// only to be thrown away. A few may be, where a request that waits for its
// connection takes over one that has become free before.
func TestAccProvider_connections(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{10, 40} {
		t.Run(fmt.Sprint(parallelism), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetLatency(50 * time.Millisecond)
			people := w.people(40)
			c := w.builtCLI(nil)
			c.write("main.tf", forEach(people...))

			// An apply without a plan file plans in one process, and applies
			// in another.
			opened := 0
			for _, args := range [][]string{
				{"plan", "-out=new.tfplan"},
				{"apply", "new.tfplan"},
				{"plan", "-out=same.tfplan"},
				{"plan", "-destroy", "-refresh=false", "-out=destroy.tfplan"},
				{"apply", "destroy.tfplan"},
			} {
				if parallelism != 10 {
					args = append([]string{args[0], fmt.Sprintf("-parallelism=%d", parallelism)}, args[1:]...)
				}
				w.ResetRequests()
				c.succeed(args...)
				before := opened
				opened = w.Connections()
				if now := opened - before; now > parallelism+parallelism/4 {
					t.Errorf("%v opened %d connections for %d requests, want about %d at most", args, now, w.Count(""), parallelism)
				}
			}
			c.wantBalance(0)
		})
	}
}
