//go:build race

package bulkread_test

// raced: the race detector makes a workspace of 100,000 take a minute.
const raced = true
