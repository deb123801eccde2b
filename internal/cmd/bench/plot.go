package main

import (
	_ "embed"
	"fmt"
	"io"
	"math"
	"slices"
	"text/template"
)

//go:embed plot.svg.tmpl
var plotTemplate string

type tick struct{ At, Label string }

// curve is what a command takes, by number of links: in seconds on the way up.
type curve struct {
	Name, Color, Provider, Reference, End string
}

// plot writes an SVG that shows how each command grows with the number of links, in the
// smallest workspace that was measured with each number. Its colors are readable on light
// and on dark pages.
func plot(out io.Writer, results []result) error {
	const left, top, width, height = 60, 20, 560, 300
	links, seconds := 0, 0.0
	for _, r := range results {
		links, seconds = max(links, r.links), max(seconds, median(values(r.provider, took)), median(values(r.reference, took)))
	}
	x := func(n int) string { return fmt.Sprintf("%.1f", left+width*float64(n)/float64(links)) }
	y := func(s float64) string { return fmt.Sprintf("%.1f", top+height*(1-s/seconds)) }
	var data struct {
		Up, Across []tick
		Curves     []curve
	}
	step := math.Pow(10, math.Floor(math.Log10(seconds)))
	if seconds/step < 3 {
		step /= 2
	}
	for s := 0.0; s <= seconds; s += step {
		data.Up = append(data.Up, tick{y(s), fmt.Sprintf("%.3g", s)})
	}
	for command, color := range map[command]string{apply: "#3fb950", plan: "#388bfd", destroy: "#db6d28"} {
		c := curve{Name: string(command), Color: color}
		rows := slices.DeleteFunc(slices.Clone(results), func(r result) bool { return r.command != command })
		slices.SortFunc(rows, func(a, b result) int { return (a.links-b.links)<<32 + a.users - b.users })
		for _, r := range slices.CompactFunc(rows, func(a, b result) bool { return a.links == b.links }) {
			c.End = y(median(values(r.provider, took)))
			c.Provider += x(r.links) + "," + c.End + " "
			c.Reference += x(r.links) + "," + y(median(values(r.reference, took))) + " "
			if at := (tick{x(r.links), english.Sprint(r.links)}); !slices.Contains(data.Across, at) {
				data.Across = append(data.Across, at)
			}
		}
		if c.End != "" {
			data.Curves = append(data.Curves, c)
		}
	}
	slices.SortFunc(data.Curves, func(a, b curve) int {
		return slices.Index(allCommands, command(a.Name)) - slices.Index(allCommands, command(b.Name))
	})
	return template.Must(template.New("plot").Parse(plotTemplate)).Execute(out, data)
}
