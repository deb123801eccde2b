package main

import (
	"debug/buildinfo"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// result is all rounds of a command.
type result struct {
	links, users int
	command      command

	floor, reference, provider []sample
}

func took(s sample) float64   { return s.took.Seconds() }
func cpu(s sample) float64    { return s.cpu.Seconds() }
func memory(s sample) float64 { return float64(s.memory) / 1e6 }

func values(rounds []sample, what func(sample) float64) []float64 {
	var values []float64
	for _, s := range rounds {
		values = append(values, what(s))
	}
	return values
}

// ratio compares within each round, and returns the median of the rounds.
func ratio(rounds, to []sample, what func(sample) float64) float64 {
	ratios := values(rounds, what)
	for round, s := range to {
		ratios[round] /= what(s)
	}
	return median(ratios)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// requests counts by route, in the round with the most requests.
func (r result) requests() map[string]int {
	return slices.MaxFunc(r.provider, func(a, b sample) int { return total(a.requests) - total(b.requests) }).requests
}

func total(requests map[string]int) (sum int) {
	for _, n := range requests {
		sum += n
	}
	return sum
}

var tableHead = []string{
	"command", "links", "ACS users", "floor", "reference", "provider", "to floor", "to reference", "CPU to floor", "memory", "requests",
}

func (r result) cells() []string {
	seconds := func(rounds []sample) string { return fmt.Sprintf("%.1f s", median(values(rounds, took))) }
	ratio := func(to []sample, what func(sample) float64) string {
		return fmt.Sprintf("%.2f", ratio(r.provider, to, what))
	}
	memory := fmt.Sprintf("%.0f MB", slices.Max(values(r.provider, memory)))
	if memory == "0 MB" {
		memory = "n/a"
	}
	return []string{
		string(r.command), english.Sprint(r.links), english.Sprint(r.users), seconds(r.floor), seconds(r.reference), seconds(r.provider),
		ratio(r.floor, took), ratio(r.reference, took), ratio(r.floor, cpu), memory, byRoute(r.requests()),
	}
}

// byRoute lists the busiest route first.
func byRoute(requests map[string]int) string {
	routes := slices.Sorted(maps.Keys(requests))
	slices.SortStableFunc(routes, func(a, b string) int { return requests[b] - requests[a] })
	for i, route := range routes {
		routes[i] = english.Sprint(requests[route], " ", route)
	}
	if len(routes) > 1 {
		routes[0] = english.Sprint(total(requests), ": ", routes[0])
	}
	return strings.Join(routes, ", ")
}

// english writes numbers as 1,000.
var english = message.NewPrinter(language.English)

// table is in Markdown, and aligned for a terminal.
func table(results []result) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 0, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(w, "\t "+strings.Join(tableHead, "\t "))
	fmt.Fprintln(w, strings.Repeat("\t -:", len(tableHead)-1)+"\t -")
	for _, r := range results {
		fmt.Fprintln(w, "\t "+strings.Join(r.cells(), "\t "))
	}
	_ = w.Flush() // to memory
	return text.String()
}

// setting describes what was measured, on which machine, and the head of the table. Both
// programs are built with the same Go.
func (b *bench) setting() string {
	goVersion := "an unknown Go"
	if info, err := buildinfo.ReadFile(testbed.Binary(b.floorDir)); err == nil {
		goVersion = info.GoVersion
	}
	return fmt.Sprintf(`%s/%s, %d CPUs, %s, %s.
API %v away, -parallelism=%d, -rounds=%d: times and ratios are medians.

- "floor" is a provider that does nothing.
- "reference" does nothing either, but waits: as long as the requests of a write take
  (two round trips to add a link, three to remove one), and in a plan one round trip for
  each link.
- "to floor" and "to reference" are the provider's time divided by theirs. "CPU to floor"
  compares processor time, including the CLI's.
- "memory" is the most that the provider had resident.
- "requests" is the total, then each route.`,
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), goVersion, b.Version(), b.latency, b.parallelism, b.rounds)
}
