package main

import (
	"os"
	"runtime/debug"
)

// gcPercent lets the small heap of a provider grow further between two collections
// than Go's default of 100 does. It trades memory for time in a process that lives for
// one command: a plan of 10,000 links in a workspace of 100,000 ACS users stays below
// 100 MB (make bench BENCH=-full). A higher value saved no more time.
const gcPercent = 250

// tuneGarbageCollection sets gcPercent, unless GOGC or GOMEMLIMIT is set.
func tuneGarbageCollection() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
