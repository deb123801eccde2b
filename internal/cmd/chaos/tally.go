package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// tally counts what happened.
type tally struct {
	storms, commands, requests int
	kills                      map[string]int // by what was killed, and how
	faults                     map[string]int // by kind
	outside                    map[string]int // outside changes, by kind
	imported                   int            // links that were taken over with an import block
	// races are writes that changed a link which was made outside after the
	// read: no client of this API can prevent them.
	races int
	// window is the longest time between a read and the effect that it allowed.
	window     time.Duration
	violations []string
}

func newTally() tally {
	return tally{kills: map[string]int{}, faults: map[string]int{}, outside: map[string]int{}}
}

func (t *tally) violation(format string, args ...any) {
	t.violations = append(t.violations, fmt.Sprintf(format, args...))
}

func (t *tally) add(other tally) {
	if t.kills == nil {
		*t = newTally()
	}
	t.storms += other.storms
	t.commands += other.commands
	t.requests += other.requests
	t.imported += other.imported
	t.races += other.races
	t.window = max(t.window, other.window)
	t.violations = append(t.violations, other.violations...)
	for _, counts := range []struct{ to, from map[string]int }{
		{t.kills, other.kills}, {t.faults, other.faults}, {t.outside, other.outside},
	} {
		for kind, n := range counts.from {
			counts.to[kind] += n
		}
	}
}

func (t *tally) write(out io.Writer) {
	fmt.Fprintf(out, "\nstorms      %d, with %d commands and %d requests\n", t.storms, t.commands, t.requests)
	fmt.Fprintf(out, "kills       %s\n", counted(t.kills))
	fmt.Fprintf(out, "faults      %s\n", counted(t.faults))
	fmt.Fprintf(out, "outside     %s\n", counted(t.outside))
	fmt.Fprintf(out, "imported    %d links that an apply reported as existing already\n", t.imported)
	fmt.Fprintf(out, "races       %d effects on a link that was changed outside after the read; at most %s from a read to its effect\n",
		t.races, t.window.Round(time.Millisecond))
	fmt.Fprintf(out, "violations  %s\n", number(len(t.violations)))
}

// counted names a sum and its parts.
func counted(counts map[string]int) string {
	sum := total(counts)
	if sum == 0 {
		return number(0)
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", kind, counts[kind]))
	}
	return fmt.Sprintf("%d: %s", sum, strings.Join(parts, ", "))
}

func total(counts map[string]int) int {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum
}

func number(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}
