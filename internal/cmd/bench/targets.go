package main

import (
	"math"
	"slices"
	"strings"
	"time"
)

// workload is what to measure: a number of links, in workspaces of several sizes.
type workload struct {
	links    int
	users    []int
	commands []command
}

// fullTable holds every workload that has a target.
var fullTable = []workload{
	{1_000, []int{1_000, 20_000, 100_000}, allCommands},
	{10_000, []int{10_000, 100_000}, []command{plan}},
}

// The targets are set for this latency and parallelism.
const (
	targetLatency     = 100 * time.Millisecond
	targetParallelism = 10
)

var targets = []struct {
	links, users int
	command      command
	unit         string
	most         float64
}{
	{1_000, 1_000, plan, "to floor", 1.0},
	{1_000, 1_000, plan, "requests", 45},
	{1_000, 20_000, plan, "to reference", 0.6},
	{1_000, 20_000, plan, "requests", 480},
	{1_000, 100_000, plan, "to reference", 0.9},
	{1_000, 100_000, plan, "requests", 1_000},
	{10_000, 10_000, plan, "to floor", 1.0},
	{10_000, 10_000, plan, "requests", 300},
	{10_000, 100_000, plan, "to floor", 1.1},
	{10_000, 100_000, plan, "MB", 100},
	{1_000, 1_000, apply, "to reference", 1.05},
	{1_000, 1_000, destroy, "to reference", 1.05},
	{1_000, 100_000, apply, "to reference", 1.3},
	{1_000, 100_000, destroy, "to reference", 1.3},
}

func (r result) figure(unit string) float64 {
	switch unit {
	case "to floor":
		return ratio(r.provider, r.floor, took)
	case "requests":
		return float64(total(r.requests()))
	case "MB":
		return slices.Max(values(r.provider, memory))
	}
	return ratio(r.provider, r.reference, took)
}

// verdicts reports which targets these results reach. A miss is not an error: machines
// are noisy.
func verdicts(results []result) string {
	var text strings.Builder
	for _, r := range results {
		for _, t := range targets {
			// To two decimals, as in the table. A figure of 0 was not measured.
			figure := math.Round(100*r.figure(t.unit)) / 100
			if t.links != r.links || t.users != r.users || t.command != r.command || figure == 0 {
				continue
			}
			verdict := map[bool]string{true: "missed", false: "reached"}[figure > t.most]
			text.WriteString(english.Sprintf("- %s: %s of %d links in %d ACS users: %v %s, at most %v\n",
				verdict, t.command, t.links, t.users, figure, t.unit, t.most))
		}
	}
	return text.String()
}
