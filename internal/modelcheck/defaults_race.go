//go:build race

package modelcheck

// A model runs one operation after another. The race detector makes it four times as
// slow and finds nothing more in the other executions: make test runs those without it.
const (
	defaultDepth   = 1
	defaultSamples = 100
)
