package main

import (
	"os"
	"runtime/debug"
)

// gcPercent lets the heap of a provider, which is small, grow further between
// two collections than Go does by default: memory for time, in a process that
// lives for one command. It keeps a plan of 10,000 links in a workspace of 100,000
// ACS users below 100 MB. More saves no time worth the memory: what collections
// cost less, new memory costs more. Nor is there a memory limit: a heap that came
// near it would be collected all the time.
const gcPercent = 250

// tuneGarbageCollection leaves alone what whoever runs the provider has set.
func tuneGarbageCollection() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
