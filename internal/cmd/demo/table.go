package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// row is an ACS user as the table shows it.
type row struct {
	id     string
	cells  [4]string // person, access system, linked to, managed by
	linked string    // the id of the user identity, if any
}

var tableHead = [4]string{"Person", "Access system", "Linked to", "Managed by"}

// rows lists the ACS users as they are now, by access system. The demo manages the
// links in the state.
func (w *world) rows(state []fakeseam.Link) []row {
	var rows []row
	for _, user := range w.ACSUsers(w.Workspace.ID) {
		r := row{id: user.ID, linked: user.UserIdentityID}
		r.cells = [4]string{user.FullName, w.nameSystem(user.SystemID), "-", ""}
		if user.UserIdentityID != "" {
			r.cells[2] = w.nameIdentity(user.UserIdentityID)
			r.cells[3] = "another process"
		}
		if slices.Contains(state, fakeseam.Link{UserIdentityID: user.UserIdentityID, ACSUserID: user.ID}) {
			r.cells[3] = "this demo"
		}
		rows = append(rows, r)
	}
	return rows
}

// writeTable writes rows, with a sign in front of those whose link has changed:
// + added, - removed, ~ moved.
func writeTable(out io.Writer, rows, before []row) {
	var widths [4]int
	for column, title := range tableHead {
		widths[column] = utf8.RuneCountInString(title)
		for _, r := range rows {
			widths[column] = max(widths[column], utf8.RuneCountInString(r.cells[column]))
		}
	}
	line := func(sign string, cells [4]string) {
		var b strings.Builder
		b.WriteString("   " + sign + " ")
		for column, cell := range cells {
			b.WriteString(cell + strings.Repeat(" ", widths[column]-utf8.RuneCountInString(cell)+3))
		}
		fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
	}
	var rule [4]string
	for column, width := range widths {
		rule[column] = strings.Repeat("-", width)
	}
	line(" ", tableHead)
	line(" ", rule)
	for _, r := range rows {
		line(sign(r, before), r.cells)
	}
}

func sign(r row, before []row) string {
	at := slices.IndexFunc(before, func(old row) bool { return old.id == r.id })
	switch {
	case at < 0 || before[at].linked == r.linked:
		return " "
	case r.linked == "":
		return "-"
	case before[at].linked == "":
		return "+"
	default:
		return "~"
	}
}

func sameLinks(rows, before []row) bool {
	return !slices.ContainsFunc(rows, func(r row) bool { return sign(r, before) != " " })
}

// showTable prints the links in Seam, and marks what has changed since the last time.
func (d *demo) showTable(state []fakeseam.Link) {
	rows := d.rows(state)
	switch {
	case d.shown == nil:
	case sameLinks(rows, d.shown):
		fmt.Fprint(d.out, "\n   Seam has the same links as before:\n\n")
	default:
		fmt.Fprint(d.out, "\n   Seam has these links now:\n\n")
	}
	writeTable(d.out, rows, d.shown)
	d.shown = rows
}
