package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// result is what all rounds of a command came to.
type result struct {
	links, users int
	command      command

	floor, reference, provider float64 // seconds: the median of the rounds
	toFloor, toReference       float64 // of the provider's time: the median of the rounds' ratios
	cpuToFloor                 float64 // the same of processor time, of the CLI and its providers together

	requests    map[string]int // by route, in the round that took most
	connections int            // in the round that opened most
	memory      int64          // bytes, in the round that took most; 0 if not known
	floorMemory int64
}

func newResult(links, users int, name command, floor, reference, provider []sample) result {
	r := result{
		links: links, users: users, command: name,
		floor: medianOf(floor, took), reference: medianOf(reference, took), provider: medianOf(provider, took),
		toFloor: medianRatio(provider, floor, took), toReference: medianRatio(provider, reference, took),
		cpuToFloor: medianRatio(provider, floor, cpu),
	}
	for round, p := range provider {
		if total(p.requests) >= total(r.requests) {
			r.requests = p.requests
		}
		r.connections = max(r.connections, p.connections)
		r.memory = max(r.memory, p.memory)
		r.floorMemory = max(r.floorMemory, floor[round].memory)
	}
	return r
}

func took(s sample) float64 { return s.took.Seconds() }

func cpu(s sample) float64 { return s.cpu.Seconds() }

func medianOf(rounds []sample, what func(sample) float64) float64 {
	var values []float64
	for _, s := range rounds {
		values = append(values, what(s))
	}
	return median(values)
}

// medianRatio compares within each round.
func medianRatio(rounds, to []sample, what func(sample) float64) float64 {
	var ratios []float64
	for round, s := range rounds {
		ratios = append(ratios, what(s)/what(to[round]))
	}
	return median(ratios)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func total(requests map[string]int) int {
	sum := 0
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

// leftAligned are the columns that hold words.
var leftAligned = []string{"command", "requests"}

func (r result) cells() []string {
	sameRequests, oneRead := fmt.Sprintf("%.1f s", r.reference), ""
	toSameRequests, toOneRead := fmt.Sprintf("%.2f", r.toReference), ""
	if r.command == plan {
		sameRequests, oneRead = oneRead, sameRequests
		toSameRequests, toOneRead = toOneRead, toSameRequests
	}
	return []string{
		thousands(r.links), thousands(r.users), string(r.command),
		fmt.Sprintf("%.1f s", r.floor), sameRequests, oneRead, fmt.Sprintf("%.1f s", r.provider),
		fmt.Sprintf("%.2f", r.toFloor), toSameRequests, toOneRead, fmt.Sprintf("%.2f", r.cpuToFloor),
		strconv.Itoa(r.connections), megabytes(r.memory), megabytes(r.floorMemory),
		byRoute(r.requests),
	}
}

// byRoute lists the busiest route first.
func byRoute(requests map[string]int) string {
	routes := slices.SortedFunc(maps.Keys(requests), func(a, b string) int {
		if requests[a] != requests[b] {
			return requests[b] - requests[a]
		}
		return strings.Compare(a, b)
	})
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

func megabytes(bytes int64) string {
	if bytes == 0 {
		return "n/a"
	}
	return fmt.Sprintf("%d MB", bytes/1_000_000)
}

func writeTable(out io.Writer, results []result, markdown bool) error {
	rows := [][]string{tableHead}
	for _, r := range results {
		rows = append(rows, r.cells())
	}
	widths := make([]int, len(tableHead))
	for _, row := range rows {
		for column, cell := range row {
			widths[column] = max(widths[column], utf8.RuneCountInString(cell))
		}
	}
	for n, row := range rows {
		var line []string
		for column, cell := range row {
			padding := strings.Repeat(" ", widths[column]-utf8.RuneCountInString(cell))
			if slices.Contains(leftAligned, tableHead[column]) {
				line = append(line, cell+padding)
			} else {
				line = append(line, padding+cell)
			}
		}
		text := strings.TrimRight(strings.Join(line, "  "), " ")
		if markdown {
			text = "| " + strings.Join(line, " | ") + " |"
		}
		if n == 0 {
			text += "\n" + rule(widths, markdown)
		}
		if _, err := fmt.Fprintln(out, text); err != nil {
			return err
		}
	}
	return nil
}

// rule parts the head of the table from its body.
func rule(widths []int, markdown bool) string {
	var parts []string
	for column, width := range widths {
		dashes := strings.Repeat("-", width)
		if markdown && !slices.Contains(leftAligned, tableHead[column]) {
			dashes = dashes[1:] + ":"
		}
		parts = append(parts, dashes)
	}
	if markdown {
		return "| " + strings.Join(parts, " | ") + " |"
	}
	return strings.Join(parts, "  ")
}

// setting says what was measured, and what the head of the table means.
func (b *bench) setting() string {
	return fmt.Sprintf(`API %v away, -parallelism=%d, -rounds=%d: times and ratios are medians.
"floor" is a provider that does nothing. "same requests" does nothing either, but
waits as long as the requests of a write take: two round trips to add a link, three
to remove one. "one read" waits one round trip to read a link. "to floor", "to same
requests" and "to one read" are the provider's time divided by theirs. "CPU to floor"
compares processor time, including the CLI's. "memory" is the most that the provider
had resident. "requests" is the total, then each route.`, b.latency, b.parallelism, b.rounds)
}

// machine says what it was measured with.
func (b *bench) machine(ctx context.Context) string {
	goVersion := "an unknown Go" // the one that built the providers, not this program
	if output, err := exec.CommandContext(ctx, "go", "env", "GOVERSION").Output(); err == nil {
		goVersion = strings.TrimSpace(string(output))
	}
	return fmt.Sprintf("%s/%s, %d CPUs, %s, %s.", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), goVersion, b.cliVersion)
}
