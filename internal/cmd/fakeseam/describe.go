package main

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// describe prints the environment to set and what is in the fake. All of it
// can be pasted into a shell: what is not a command is a comment.
func describe(out io.Writer, s *fakeseam.Server, url, token string, o options) error {
	var text bytes.Buffer
	workspaces := s.Workspaces()

	fmt.Fprintf(&text, "# A fake Seam runs at %s until it is interrupted. Nothing in it is real.\n", url)
	fmt.Fprintln(&text, "# Paste this where you run Terraform:")
	fmt.Fprintln(&text)
	fmt.Fprintln(&text, setEnv(o.shell, "SEAM_ENDPOINT", url))
	fmt.Fprintln(&text, setEnv(o.shell, "SEAM_API_KEY", workspaces[0].APIKey))
	fmt.Fprintln(&text)
	fmt.Fprintln(&text, "# Or, instead of SEAM_API_KEY, a personal access token:")
	fmt.Fprintln(&text, "# "+setEnv(o.shell, "SEAM_PERSONAL_ACCESS_TOKEN", token))
	fmt.Fprintln(&text, "# "+setEnv(o.shell, "SEAM_WORKSPACE_ID", workspaces[0].ID))

	for _, ws := range workspaces {
		fmt.Fprintf(&text, "\n# Workspace %s (%s), API key %s\n", ws.Name, ws.ID, ws.APIKey)
		describeSystems(&text, s, ws, o.rows)
		describeUsers(&text, s, ws, o.rows)
		describeIdentities(&text, s, ws, o.rows)
	}
	_, err := out.Write(text.Bytes())
	return err
}

func setEnv(shell, name, value string) string {
	if shell == "powershell" {
		return fmt.Sprintf("$env:%s = '%s'", name, value)
	}
	return fmt.Sprintf("export %s='%s'", name, value)
}

func describeSystems(text *bytes.Buffer, s *fakeseam.Server, ws fakeseam.Workspace, rows int) {
	var table [][]string
	for _, sys := range s.Systems(ws.ID) {
		table = append(table, []string{sys.Name, sys.ExternalType, sys.ID})
	}
	printTable(text, "ACCESS SYSTEM\tTYPE\tACS_SYSTEM_ID", table, rows)
}

func describeUsers(text *bytes.Buffer, s *fakeseam.Server, ws fakeseam.Workspace, rows int) {
	systems := map[string]string{}
	for _, sys := range s.Systems(ws.ID) {
		systems[sys.ID] = sys.Name
	}
	names := map[string]string{}
	for _, i := range s.UserIdentities(ws.ID) {
		names[i.ID] = i.FullName
	}
	var table [][]string
	for _, u := range s.ACSUsers(ws.ID) {
		holder := "-"
		if u.UserIdentityID != "" {
			holder = names[u.UserIdentityID]
		}
		table = append(table, []string{u.FullName, systems[u.SystemID], u.ID, holder})
	}
	printTable(text, "ACS USER\tIN\tACS_USER_ID\tLINKED TO", table, rows)
}

func describeIdentities(text *bytes.Buffer, s *fakeseam.Server, ws fakeseam.Workspace, rows int) {
	var table [][]string
	for _, i := range s.UserIdentities(ws.ID) {
		table = append(table, []string{i.FullName, i.EmailAddress, i.ID, strconv.Itoa(len(i.ACSUserIDs))})
	}
	printTable(text, "USER IDENTITY\tE-MAIL ADDRESS\tUSER_IDENTITY_ID\tLINKS", table, rows)
}

func printTable(text *bytes.Buffer, header string, table [][]string, rows int) {
	if len(table) == 0 {
		return
	}
	fmt.Fprintln(text, "#")
	var lines bytes.Buffer
	lines.WriteString("# " + header + "\n")
	for n, row := range table {
		if rows > 0 && n == rows {
			break
		}
		lines.WriteString("# " + strings.Join(row, "\t") + "\n")
	}
	// A bytes.Buffer takes everything, so neither of these fails.
	w := tabwriter.NewWriter(text, 0, 0, 2, ' ', 0)
	_, _ = w.Write(lines.Bytes())
	_ = w.Flush()
	if rest := len(table) - rows; rows > 0 && rest > 0 {
		fmt.Fprintf(text, "# … and %d more (-rows 0 shows all)\n", rest)
	}
}
