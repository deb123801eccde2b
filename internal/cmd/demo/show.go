package main

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// diagnosticWidth is where a detail is wrapped, as at the width of a terminal.
const diagnosticWidth = 88

// row is an account with an ACS user that is linked to it and the access groups of the
// ACS user, or one of the two alone.
type row [3]string

func sorted(rows []row) []row {
	slices.SortFunc(rows, func(a, b row) int { return slices.Compare(a[:], b[:]) })
	return rows
}

// rows lists the people in Seam as they are now.
func (w world) rows() []row {
	var rows []row
	names := w.names()
	for _, user := range w.ACSUsers(w.Workspace.ID) {
		var groups []string
		for _, group := range w.AccessGroups(w.Workspace.ID) {
			if slices.Contains(w.Members(group.ID), user.ID) {
				groups = append(groups, group.Name)
			}
		}
		rows = append(rows, row{cmp.Or(names[user.UserIdentityID], "-"), names[user.ID], strings.Join(groups, ", ")})
	}
	for _, identity := range w.UserIdentities(w.Workspace.ID) {
		if len(identity.ACSUserIDs) == 0 {
			rows = append(rows, row{identity.FullName, "-"})
		}
	}
	return sorted(rows)
}

// names returns a name for each ID.
func (w world) names() map[string]string {
	names := map[string]string{}
	for _, identity := range w.UserIdentities(w.Workspace.ID) {
		names[identity.ID] = identity.FullName
	}
	for _, system := range w.Systems(w.Workspace.ID) {
		names[system.ID] = system.Name
	}
	for _, group := range w.AccessGroups(w.Workspace.ID) {
		names[group.ID] = "access group " + group.Name
	}
	for _, user := range w.ACSUsers(w.Workspace.ID) {
		names[user.ID] = user.FullName + " in " + names[user.SystemID]
	}
	return names
}

// table lays out rows, and marks what was added to other rows, and removed from them.
func table(rows, before []row) string {
	without := func(a, b []row) []row {
		return slices.DeleteFunc(slices.Clone(a), func(r row) bool { return slices.Contains(b, r) })
	}
	added, removed := without(rows, before), without(before, rows)
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "     User identity\tACS user\tAccess groups")
	for _, r := range sorted(slices.Concat(rows, removed)) {
		sign := " "
		if slices.Contains(added, r) {
			sign = "+"
		} else if slices.Contains(removed, r) {
			sign = "-"
		}
		fmt.Fprintf(w, "   %s %s\n", sign, strings.Join(r[:], "\t"))
	}
	_ = w.Flush() // a strings.Builder accepts everything
	return regexp.MustCompile(` +\n`).ReplaceAllString(text.String(), "\n")
}

// showTable prints the people in Seam, and marks what has changed since the last time.
func (d *demo) showTable() {
	rows := d.rows()
	fmt.Fprint(d.out, table(rows, d.shown))
	d.shown = rows
}

// show prints what a command planned and did, and its warnings and errors, with names
// for the IDs in them.
func (d *demo) show(r testbed.Result) {
	for _, m := range r.Messages {
		switch m.Type {
		case "resource_drift", "planned_change", "apply_complete", "apply_errored", "change_summary":
			d.print(m.Text)
		}
	}
	names := d.names()
	for _, found := range append(r.Warnings(), r.Errors()...) {
		d.print("\n" + strings.ToUpper(found.Severity[:1]) + found.Severity[1:] + ": " + found.Summary + "\n\n")
		for line := range strings.SplitSeq(found.Detail, "\n") {
			d.print(wrap(line))
		}
		between := "\n"
		for _, id := range slices.Sorted(maps.Keys(names)) {
			if strings.Contains(found.Text(), id) {
				d.print(between + id + " is " + names[id])
				between = ""
			}
		}
	}
	fmt.Fprintln(d.out)
}

func (d *demo) print(text string) {
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		fmt.Fprintln(d.out, strings.TrimRight("     "+line, " "))
	}
}

// wrap breaks a paragraph into lines. An indented one is code, and is kept.
func wrap(paragraph string) string {
	if strings.HasPrefix(paragraph, " ") {
		return paragraph
	}
	var text strings.Builder
	width := 0
	for word := range strings.FieldsSeq(paragraph) {
		switch width += 1 + len(word); {
		case text.Len() == 0:
		case width > diagnosticWidth:
			text.WriteString("\n")
			width = len(word)
		default:
			text.WriteString(" ")
		}
		text.WriteString(word)
	}
	return text.String()
}
