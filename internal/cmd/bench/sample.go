package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// sample is what one command took.
type sample struct {
	took, cpu time.Duration // cpu is of the CLI and its providers
	requests  map[string]int
	memory    int64 // most that the provider had resident, in bytes; 0 if not known
}

// run runs a command, and fails unless the links in Seam are then as expected.
func (b *bench) run(ctx context.Context, c *contestant, name command, round int) (s sample, err error) {
	args := []string{string(name), "-parallelism=" + strconv.Itoa(b.parallelism)}
	want := map[command]int{apply: c.links, plan: c.links}[name]
	if name == plan {
		args = append(args, "-detailed-exitcode") // changes are an error
	}
	isProvider, env := c.binDir == b.BinDir, c.env[name]
	if b.profile != "" && isProvider {
		dir := filepath.Join(b.profile, fmt.Sprintf("%s-%d-of-%d-round-%d", name, c.links, c.users, round+1))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return s, err
		}
		env = map[string]string{"SEAM_PROVIDER_PPROF": dir}
	}
	c.seam.ResetRequests()
	stop := watchMemory(c.process)
	began := time.Now()
	r, err := c.cli.RunWith(ctx, env, args...)
	s = sample{took: time.Since(began), memory: stop(), cpu: r.CPU, requests: map[string]int{}}
	if err := errors.Join(err, r.Err()); err != nil {
		return s, fmt.Errorf("%s with %s: %w", name, c.name, err)
	}
	for _, route := range fakeseam.Routes() {
		if n := c.seam.Count(route); n > 0 {
			s.requests[route] = n
		}
	}
	if got := len(c.seam.Links()); isProvider && got != want {
		return s, fmt.Errorf("after %s there are %d links in Seam, not %d", name, got, want)
	}
	return s, nil
}

// watchMemory follows the memory of the processes of a program until stop is called,
// which returns the most bytes that one had resident, or 0 if that is not known: /proc is
// Linux's. The kernel keeps this maximum, so a peak is missed only right before a process
// ends.
func watchMemory(program string) (stop func() int64) {
	ended, most := make(chan struct{}), make(chan int64)
	go func() {
		var peak int64
		for {
			peak = max(peak, highWaterMark(program))
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ended:
				most <- peak
				return
			}
		}
	}()
	return func() int64 {
		close(ended)
		return <-most
	}
}

// highWaterMark returns the largest one of all processes of a program.
func highWaterMark(program string) int64 {
	var most int64
	executables, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, executable := range executables {
		// The link of another user's process, or of one that has ended, is not readable.
		if target, err := os.Readlink(executable); err != nil || target != program {
			continue
		}
		status, _ := os.ReadFile(filepath.Join(filepath.Dir(executable), "status"))
		_, rest, _ := strings.Cut(string(status), "\nVmHWM:")
		if fields := strings.Fields(rest); len(fields) > 0 {
			kilobytes, _ := strconv.ParseInt(fields[0], 10, 64)
			most = max(most, kilobytes<<10)
		}
	}
	return most
}
