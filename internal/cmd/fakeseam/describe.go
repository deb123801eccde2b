package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// describe returns the environment to set, the content of the embedded Seam, and the
// control commands. All of it can be pasted into a shell: what is not a command is a
// comment.
func describe(s *fakeseam.Server, endpoint, token string, o options) string {
	first := s.Workspaces()[0]
	var text strings.Builder
	fmt.Fprintf(&text, `# An embedded Seam runs at %s until it is interrupted. Nothing in it is real.
# Paste this where you run Terraform:

%s
%s

# Or a personal access token instead of SEAM_API_KEY:
# %s
# %s
`, endpoint, setEnv(o.shell, "SEAM_ENDPOINT", endpoint), setEnv(o.shell, "SEAM_API_KEY", first.APIKey),
		setEnv(o.shell, "SEAM_PERSONAL_ACCESS_TOKEN", token), setEnv(o.shell, "SEAM_WORKSPACE_ID", first.ID))

	for _, ws := range s.Workspaces() {
		fmt.Fprintf(&text, "\n# Workspace %s (%s), API key %s\n", ws.Name, ws.ID, ws.APIKey)
		names, systems, users, identities := map[string]string{}, [][]string{}, [][]string{}, [][]string{}
		for _, sys := range s.Systems(ws.ID) {
			names[sys.ID] = sys.Name
			systems = append(systems, []string{sys.Name, sys.ExternalType, sys.ID})
		}
		for _, i := range s.UserIdentities(ws.ID) {
			names[i.ID] = i.FullName
			identities = append(identities, []string{i.FullName, i.EmailAddress, i.ID, strconv.Itoa(len(i.ACSUserIDs))})
		}
		for _, u := range s.ACSUsers(ws.ID) {
			users = append(users, []string{u.FullName, names[u.SystemID], u.ID, cmp.Or(names[u.UserIdentityID], "-")})
		}
		text.WriteString(table(o.rows, systems, "ACCESS SYSTEM", "TYPE", "ACS_SYSTEM_ID"))
		text.WriteString(table(o.rows, users, "ACS USER", "IN", "ACS_USER_ID", "LINKED TO"))
		text.WriteString(table(o.rows, identities, "USER IDENTITY", "EMAIL ADDRESS", "USER_IDENTITY_ID", "LINKS"))
	}
	return text.String() + "\n" + usage(endpoint, o.shell)
}

// usage explains the control commands.
func usage(endpoint, shell string) string {
	curl, rows := map[string]string{"posix": "curl", "powershell": "curl.exe"}[shell], [][]string{}
	for _, c := range controls {
		rows = append(rows, []string{c.name, c.parameters, c.what})
	}
	return fmt.Sprintf("# Rehearse what can go wrong, also while a plan or an apply runs:\n# %s -X POST '%s%soutage?status=503'\n%s",
		curl, endpoint, controlPath, table(0, rows, "COMMAND", "PARAMETERS", "WHAT HAPPENS"))
}

func setEnv(shell, name, value string) string {
	if shell == "powershell" {
		return fmt.Sprintf("$env:%s = '%s'", name, value)
	}
	return fmt.Sprintf("export %s='%s'", name, value)
}

// table returns a table as comments, with at most so many rows.
func table(most int, rows [][]string, head ...string) string {
	if len(rows) == 0 {
		return ""
	}
	rest := 0
	if most > 0 && len(rows) > most {
		rows, rest = rows[:most], len(rows)-most
	}
	var text strings.Builder
	fmt.Fprintln(&text, "#")
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{head}, rows...) {
		fmt.Fprintln(w, "# "+strings.Join(row, "\t"))
	}
	_ = w.Flush() // a strings.Builder takes everything
	if rest > 0 {
		fmt.Fprintf(&text, "# … and %d more (-rows 0 shows all)\n", rest)
	}
	return text.String()
}
