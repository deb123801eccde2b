package main

import (
	"fmt"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// diagnosticWidth is where a detail is wrapped, as at the width of a terminal.
const diagnosticWidth = 88

// show prints what a command reported.
func (d *demo) show(r testbed.Result) {
	d.showMessages(r)
	d.showDiagnostics(append(r.Warnings(), r.Errors()...))
}

// showMessages prints what was planned and done.
func (d *demo) showMessages(r testbed.Result) {
	for _, m := range r.Messages {
		switch m.Type {
		case "resource_drift", "planned_change", "apply_complete", "apply_errored", "change_summary":
			d.print(m.Text)
		}
	}
}

func (d *demo) showDiagnostics(list []testbed.Diagnostic) {
	for _, diagnostic := range list {
		d.print("\n" + layOut(diagnostic))
	}
}

// explain prints whose ids a diagnostic contains.
func (d *demo) explain(diagnostic testbed.Diagnostic) {
	d.print("\n" + strings.Join(d.whoIsWho(diagnostic.Text()), "\n"))
}

func (d *demo) print(text string) {
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		fmt.Fprintln(d.out, strings.TrimRight("     "+line, " "))
	}
}

// layOut returns a diagnostic as the CLI prints it without -json.
func layOut(d testbed.Diagnostic) string {
	lines := []string{heading(d), ""}
	if d.Range != nil {
		if d.Address != "" {
			lines = append(lines, "  with "+d.Address+",")
		}
		where, code := fmt.Sprintf("  on %s line %d", d.Range.Filename, d.Range.Start.Line), []string(nil)
		if d.Snippet != nil {
			if d.Snippet.Context != nil {
				where += ", in " + *d.Snippet.Context
			}
			for n, line := range strings.Split(d.Snippet.Code, "\n") {
				code = append(code, fmt.Sprintf("%4d: %s", d.Snippet.StartLine+n, line))
			}
		}
		lines = append(append(append(lines, where+":"), code...), "")
	}
	for paragraph := range strings.SplitSeq(d.Detail, "\n") {
		lines = append(lines, wrap(paragraph)...)
	}
	for n := range lines {
		lines[n] = strings.TrimRight("| "+lines[n], " ")
	}
	return strings.Join(lines, "\n")
}

func heading(d testbed.Diagnostic) string {
	if d.Severity == "error" {
		return "Error: " + d.Summary
	}
	return "Warning: " + d.Summary
}

// wrap breaks a paragraph into lines. An indented one is code, and is kept.
func wrap(paragraph string) []string {
	if strings.HasPrefix(paragraph, " ") {
		return []string{paragraph}
	}
	lines := []string{""}
	for word := range strings.FieldsSeq(paragraph) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) > diagnosticWidth:
			lines = append(lines, word)
		default:
			*last += " " + word
		}
	}
	return lines
}
