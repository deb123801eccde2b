package main

import (
	"debug/buildinfo"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// result is all rounds of a command.
type result struct {
	links, users int
	command      command

	floor, reference, provider []sample
}

func took(s sample) float64        { return s.took.Seconds() }
func cpu(s sample) float64         { return s.cpu.Seconds() }
func memory(s sample) float64      { return float64(s.memory) }
func connections(s sample) float64 { return float64(s.connections) }

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
	"links", "users", "command", "floor", "same requests", "one read", "provider",
	"to floor", "to same requests", "to one read", "CPU to floor",
	"connections", "memory", "floor's memory", "requests",
}

func (r result) cells() []string {
	seconds := func(rounds []sample) string { return fmt.Sprintf("%.1f s", median(values(rounds, took))) }
	write, read := []string{seconds(r.reference), fmt.Sprintf("%.2f", ratio(r.provider, r.reference, took))}, []string{"", ""}
	if r.command == plan {
		write, read = read, write
	}
	return []string{
		thousands(r.links), thousands(r.users), string(r.command),
		seconds(r.floor), write[0], read[0], seconds(r.provider),
		fmt.Sprintf("%.2f", ratio(r.provider, r.floor, took)), write[1], read[1],
		fmt.Sprintf("%.2f", ratio(r.provider, r.floor, cpu)),
		fmt.Sprint(slices.Max(values(r.provider, connections))),
		megabytes(slices.Max(values(r.provider, memory))), megabytes(slices.Max(values(r.floor, memory))),
		byRoute(r.requests()),
	}
}

// byRoute lists the busiest route first.
func byRoute(requests map[string]int) string {
	routes := slices.Sorted(maps.Keys(requests))
	slices.SortStableFunc(routes, func(a, b string) int { return requests[b] - requests[a] })
	var parts []string
	for _, route := range routes {
		parts = append(parts, fmt.Sprintf("%s %s", thousands(requests[route]), route))
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return fmt.Sprintf("%s: %s", thousands(total(requests)), strings.Join(parts, ", "))
}

func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

func megabytes(bytes float64) string {
	if bytes == 0 {
		return "n/a"
	}
	return fmt.Sprintf("%.0f MB", bytes/1e6)
}

func table(results []result, markdown bool) string {
	rows := [][]string{slices.Clone(tableHead), make([]string, len(tableHead))} // the head and the rule below it
	for _, r := range results {
		rows = append(rows, r.cells())
	}
	for column, name := range tableHead {
		width, format := 0, "%*s"
		for _, row := range rows {
			width = max(width, len(row[column]))
		}
		rows[1][column] = strings.Repeat("-", width)
		if name == "command" || name == "requests" { // words
			format = "%-*s"
		} else if markdown {
			rows[1][column] = rows[1][column][1:] + ":"
		}
		for _, row := range rows {
			row[column] = fmt.Sprintf(format, width, row[column])
		}
	}
	var text strings.Builder
	for _, row := range rows {
		if markdown {
			fmt.Fprintf(&text, "| %s |\n", strings.Join(row, " | "))
		} else {
			fmt.Fprintln(&text, strings.TrimRight(strings.Join(row, "  "), " "))
		}
	}
	return text.String()
}

// setting describes what was measured, and the head of the table.
func (b *bench) setting() string {
	return fmt.Sprintf(`API %v away, -parallelism=%d, -rounds=%d: times and ratios are medians.
"floor" is a provider that does nothing. "same requests" does nothing either, but
waits as long as the requests of a write take: two round trips to add a link, three
to remove one. "one read" waits one round trip to read a link. "to floor", "to same
requests" and "to one read" are the provider's time divided by theirs. "CPU to floor"
compares processor time, including the CLI's. "memory" is the most that the provider
had resident. "requests" is the total, then each route.`, b.latency, b.parallelism, b.rounds)
}

// machine describes what measured it. Both programs are built with the same Go.
func (b *bench) machine() string {
	goVersion := "an unknown Go"
	if info, err := buildinfo.ReadFile(testbed.Binary(b.floorDir)); err == nil {
		goVersion = info.GoVersion
	}
	return fmt.Sprintf("%s/%s, %d CPUs, %s, %s.", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), goVersion, b.Version())
}
