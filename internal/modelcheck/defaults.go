//go:build !race

package modelcheck

const (
	defaultDepth   = 2
	defaultSamples = 5_000
)
