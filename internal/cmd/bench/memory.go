package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

const memoryInterval = 100 * time.Millisecond

// watchMemory follows the memory of the processes of a program until stop is
// called, which returns the most bytes that one had resident, or 0 if that is not
// known. It is known on Linux only. The system keeps that mark, so that a peak is
// missed only right before a process ends.
func watchMemory(program string) (stop func() int64) {
	if runtime.GOOS != "linux" {
		return func() int64 { return 0 }
	}
	ended, most := make(chan struct{}), make(chan int64)
	go func() {
		var peak int64
		for {
			peak = max(peak, highWaterMark(program))
			select {
			case <-time.After(memoryInterval):
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
		// A process of another user, or one that has ended, is not ours.
		if target, err := os.Readlink(executable); err != nil || target != program {
			continue
		}
		status, _ := os.ReadFile(filepath.Join(filepath.Dir(executable), "status"))
		for line := range strings.Lines(string(status)) {
			if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmHWM:" {
				kilobytes, _ := strconv.ParseInt(fields[1], 10, 64)
				most = max(most, kilobytes<<10)
			}
		}
	}
	return most
}
