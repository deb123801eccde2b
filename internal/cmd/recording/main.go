// Command recording turns what the demo prints into an SVG that plays it, for pages that
// run no scripts. It reads the text from standard input, and writes the SVG to standard
// output. The pauses are for a reader, and are not those of the demo.
package main

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"text/template"
	"time"
)

// The screen has the width of a README on GitHub.
const (
	columns, rows = 104, 26
	lineHeight    = 18 // in pixels
)

//go:embed recording.svg.tmpl
var recordingTemplate string

// kind is a kind of lines, by how they begin, with their color and how long one stays
// before the next appears.
type kind struct {
	begins *regexp.Regexp
	class  string
	pause  time.Duration
}

// Of the kinds that match, the first one counts.
var kinds = []kind{
	{regexp.MustCompile(`^\d+\. `), "title", 2 * time.Second},
	{regexp.MustCompile(`^ +\$ `), "command", time.Second},
	{regexp.MustCompile(`^ +Warning: `), "warning", time.Second},
	{regexp.MustCompile(`^ +Error: `), "error", 2 * time.Second},
	{regexp.MustCompile(`^   \+ `), "added", 500 * time.Millisecond},
	{regexp.MustCompile(`^   - `), "removed", 500 * time.Millisecond},
	{regexp.MustCompile(`^$`), "", 500 * time.Millisecond},
	{regexp.MustCompile(``), "", 150 * time.Millisecond},
}

type line struct {
	Y           int
	Class, Text string
}

// frame is where the lines are from some percentage of the time on.
type frame struct {
	Percent string
	Y       int
}

func main() {
	if err := record(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "recording:", err)
		os.Exit(1)
	}
}

func record(in io.Reader, out io.Writer) error {
	var lines []line
	var begins []time.Duration // when a line appears
	now := time.Duration(0)
	scanner := bufio.NewScanner(in)
	for scanner.Scan() {
		at := slices.IndexFunc(kinds, func(k kind) bool { return k.begins.MatchString(scanner.Text()) })
		for text := []rune(scanner.Text()); ; text = text[columns:] {
			lines = append(lines, line{lineHeight * (len(lines) + 1), kinds[at].class, string(text[:min(columns, len(text))])})
			begins = append(begins, now)
			if len(text) <= columns {
				break
			}
		}
		now += kinds[at].pause
	}
	if err := scanner.Err(); err != nil {
		return err
	}
	if len(lines) == 0 {
		return errors.New("there is nothing to record")
	}
	now += 5 * time.Second // the last frame stays
	var frames []frame
	for n, begin := range begins {
		// The newest line is at the bottom of the screen.
		frames = append(frames, frame{fmt.Sprintf("%.2f", 100*begin.Seconds()/now.Seconds()), lineHeight * (rows - n - 1)})
	}
	return template.Must(template.New("recording").Parse(recordingTemplate)).Execute(out, map[string]any{
		"Lines": lines, "Frames": frames, "Seconds": now.Seconds(),
	})
}
