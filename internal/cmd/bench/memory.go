package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// memoryWatch looks, while a command runs, how much memory the processes of a
// program have had resident at most. The system keeps that mark, so that looking
// now and then misses no peak but what comes right before a process ends.
type memoryWatch struct {
	program string
	ended   chan struct{}
	most    chan int64
}

const memoryInterval = 100 * time.Millisecond

// watchMemory begins to watch. It knows how on Linux alone.
func watchMemory(program string) *memoryWatch {
	w := &memoryWatch{program: program, ended: make(chan struct{}), most: make(chan int64, 1)}
	if runtime.GOOS != "linux" {
		w.most <- 0
		return w
	}
	go w.watch()
	return w
}

// stop returns how many bytes it was at most, and 0 if that is not known.
func (w *memoryWatch) stop() int64 {
	close(w.ended)
	return <-w.most
}

func (w *memoryWatch) watch() {
	ticks := time.NewTicker(memoryInterval)
	defer ticks.Stop()
	var most int64
	for {
		most = max(most, highWaterMark(w.program))
		select {
		case <-ticks.C:
		case <-w.ended:
			w.most <- most
			return
		}
	}
}

// highWaterMark returns the largest one of all processes of a program.
func highWaterMark(program string) int64 {
	var most int64
	executables, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, executable := range executables {
		// A process that is somebody else's, or has ended by now, is not ours.
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
