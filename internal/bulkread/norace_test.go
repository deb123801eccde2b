//go:build !race

package bulkread_test

const raced = false
