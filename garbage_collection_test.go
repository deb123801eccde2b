package main

import (
	"runtime/debug"
	"testing"
)

func TestTuneGarbageCollection(t *testing.T) {
	for _, test := range []struct {
		gogc, limit string
		want        int
	}{
		{"", "", gcPercent},
		{"50", "", 123},
		{"off", "", 123},
		{"", "1GiB", 123},
	} {
		t.Run("GOGC="+test.gogc+" GOMEMLIMIT="+test.limit, func(t *testing.T) {
			t.Setenv("GOGC", test.gogc)
			t.Setenv("GOMEMLIMIT", test.limit)
			before := debug.SetGCPercent(123) // as the runtime has read it from the environment
			tuneGarbageCollection()
			if got := debug.SetGCPercent(before); got != test.want {
				t.Errorf("the heap may grow by %d %%, want %d %%", got, test.want)
			}
		})
	}
}
