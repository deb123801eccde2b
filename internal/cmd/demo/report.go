package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// report is what the CLI said while it ran, read from its -json output so that
// what matters can be told from what does not.
type report struct {
	lines    []string // such as "Apply complete! Resources: …"
	changes  changes  // of the last summary
	warnings []diagnostic
	errors   []diagnostic
}

// changes counts resources.
type changes struct{ Add, Change, Remove int }

type diagnostic struct {
	Severity string
	Summary  string
	Detail   string
	Address  string
	Range    *struct {
		Filename string
		Start    struct{ Line int }
	}
	Snippet *struct {
		Context   *string
		Code      string
		StartLine int `json:"start_line"`
	}
}

func readReport(output io.Reader) (report, error) {
	var r report
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var message struct {
			Text       string `json:"@message"`
			Type       string
			Changes    changes
			Diagnostic diagnostic
		}
		if err := json.Unmarshal(lines.Bytes(), &message); err != nil {
			return report{}, fmt.Errorf("%w: %s", err, lines.Text())
		}
		switch message.Type {
		case "resource_drift", "planned_change", "apply_complete", "apply_errored":
			r.lines = append(r.lines, message.Text)
		case "change_summary":
			r.lines, r.changes = append(r.lines, message.Text), message.Changes
		case "diagnostic":
			r.add(message.Diagnostic)
		}
	}
	return r, lines.Err()
}

func (r *report) add(d diagnostic) {
	switch {
	case d.Severity == "error":
		r.errors = append(r.errors, d)
	case strings.HasPrefix(d.Summary, "Provider development overrides"):
		// True of the whole demo, and no news.
	case slices.ContainsFunc(r.warnings, d.same):
		// An apply plans twice, and warns twice.
	default:
		r.warnings = append(r.warnings, d)
	}
}

func (d diagnostic) same(other diagnostic) bool {
	return d.Address == other.Address && d.Summary == other.Summary && d.Detail == other.Detail
}

// text is all of a diagnostic that its author wrote.
func (d diagnostic) text() string { return d.Summary + "\n" + d.Detail }

// diagnosticWidth is where a detail is broken into lines, as the CLI does at the
// width of the terminal.
const diagnosticWidth = 88

// write shows a diagnostic as the CLI lays it out.
func (d diagnostic) write(out io.Writer) {
	line := func(text string) { fmt.Fprintln(out, strings.TrimRight("     | "+text, " ")) }
	line(d.heading())
	line("")
	if d.Address != "" && d.Range != nil {
		line("  with " + d.Address + ",")
	}
	if d.Range != nil {
		where := fmt.Sprintf("  on %s line %d", d.Range.Filename, d.Range.Start.Line)
		if d.Snippet != nil && d.Snippet.Context != nil {
			where += ", in " + *d.Snippet.Context
		}
		line(where + ":")
		if d.Snippet != nil {
			for n, code := range strings.Split(d.Snippet.Code, "\n") {
				line(fmt.Sprintf("%4d: %s", d.Snippet.StartLine+n, code))
			}
		}
		line("")
	}
	for paragraph := range strings.SplitSeq(d.Detail, "\n") {
		for _, text := range wrap(paragraph, diagnosticWidth) {
			line(text)
		}
	}
}

func (d diagnostic) heading() string {
	if d.Severity == "error" {
		return "Error: " + d.Summary
	}
	return "Warning: " + d.Summary
}

// wrap breaks a paragraph into lines. One that is indented is code, and stays as
// it is.
func wrap(paragraph string, width int) []string {
	if strings.HasPrefix(paragraph, " ") {
		return []string{paragraph}
	}
	var lines []string
	current := ""
	for word := range strings.FieldsSeq(paragraph) {
		switch {
		case current == "":
			current = word
		case len(current)+1+len(word) > width:
			lines = append(lines, current)
			current = word
		default:
			current += " " + word
		}
	}
	return append(lines, current)
}
