package docs

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// walk follows a guide from its beginning to its end, as a newcomer would: it
// writes every file where the guide shows it, and runs every command. A test says
// what each command has to lead to, and who does what in between.
type walk struct {
	*stage
	t     *testing.T
	cli   *cli
	parts []guidePart
	next  int
	env   map[string]string // what the guide's reader has set
}

// guidePart is a code block of a guide; of commands, one of them.
type guidePart struct {
	section string // the heading that it stands under
	file    string // to write, with text
	text    string
	command string // to run
}

var guideBlocks = regexp.MustCompile("(?ms)^(?:## ([^\n]+)$|```(\\w+)\n(.*?)^```$)")

// guideParts returns what there is to do in a guide. Configuration says its file
// in its first line, as a comment; a pipeline is its commands.
func guideParts(t *testing.T, guide string) []guidePart {
	t.Helper()
	content := readFile(t, "templates", "guides", guide+".md")
	var parts []guidePart
	section := ""
	for _, match := range guideBlocks.FindAllStringSubmatch(content, -1) {
		text := match[3]
		switch language := match[2]; {
		case match[1] != "":
			section = match[1]
		case language == "terraform":
			first, _, _ := strings.Cut(text, "\n")
			name, ok := strings.CutPrefix(first, "# ")
			if !ok || filepath.Base(name) != name || !slices.Contains([]string{".tf", ".hcl"}, filepath.Ext(name)) {
				t.Errorf("%s, %s: a block does not begin with the name of its file: %s", guide, section, first)
			}
			wantFormatted(t, text)
			parts = append(parts, guidePart{section: section, file: name, text: text})
		case language == "sh", language == "yaml":
			for line := range strings.Lines(text) {
				command, isStep := strings.CutPrefix(strings.TrimSpace(line), "- run: ")
				if language == "yaml" && !isStep {
					continue
				}
				parts = append(parts, guidePart{section: section, command: command})
			}
		case language != "text":
			t.Errorf("%s, %s: a block of an unknown language: %s", guide, section, language)
		}
	}
	if len(parts) == 0 {
		t.Fatalf("nothing was found in %s", guide)
	}
	return parts
}

// newWalk begins a guide. Of its sections, those that are named are left out.
func newWalk(t *testing.T, guide string, leftOut ...string) *walk {
	t.Helper()
	testbed.NeedCLI(t)
	w := &walk{stage: newStage(t), t: t, parts: guideParts(t, guide)}
	w.env = map[string]string{"SEAM_API_KEY": w.small.Workspace.APIKey}
	for _, section := range leftOut {
		if !slices.ContainsFunc(w.parts, func(p guidePart) bool { return p.section == section }) {
			t.Errorf("%s has no section %q with something to do", guide, section)
		}
	}
	w.parts = slices.DeleteFunc(w.parts, func(p guidePart) bool { return slices.Contains(leftOut, p.section) })

	w.cli = &cli{CLI: testbed.NewTestCLI(t, map[string]string{"SEAM_ENDPOINT": w.URL}), t: t}
	return w
}

// run goes on to the next command of the guide, which has to be this one and to
// succeed, and returns what it said.
func (w *walk) run(command string) string {
	w.t.Helper()
	output, err := w.goOn(command)
	if err != nil {
		w.t.Fatalf("%s: %v\n%s", command, err, output)
	}
	return output
}

// fail goes on to the next command, which has to fail and to say this.
func (w *walk) fail(command string, says ...string) {
	w.t.Helper()
	output, err := w.goOn(command)
	if _, ok := errors.AsType[*exec.ExitError](err); !ok {
		w.t.Fatalf("%s: got %v, want it to fail\n%s", command, err, output)
	}
	w.wantSaid(output, says...)
}

func (w *walk) goOn(command string) (string, error) {
	w.t.Helper()
	for ; w.next < len(w.parts); w.next++ {
		part := w.parts[w.next]
		switch {
		case part.file != "":
			w.cli.write(part.file, w.recast(w.t, part.text))
		case strings.HasPrefix(part.command, "terraform init"):
			// A provider that is built here is not installed.
		case part.command != command:
			w.t.Fatalf("the guide goes on with %q, and the test with %q", part.command, command)
		default:
			w.next++
			return w.do(command)
		}
	}
	w.t.Fatalf("the guide is at its end, and the test goes on with %q", command)
	return "", nil
}

// end holds that nothing of the guide was left out, and that nothing is left to
// do for Terraform.
func (w *walk) end() {
	w.t.Helper()
	if w.next < len(w.parts) {
		w.t.Errorf("the guide goes on: %+v", w.parts[w.next:])
	}
	if output, err := w.do("terraform plan -detailed-exitcode"); err != nil {
		w.t.Errorf("there is something left to do: %v\n%s", err, output)
	}
}

// do runs a command by itself: Windows has no shell for it.
func (w *walk) do(command string) (string, error) {
	w.t.Helper()
	words := strings.Fields(command)
	switch words[0] {
	case "rm":
		path := filepath.Join(w.cli.WorkDir, words[len(words)-1])
		if err := os.Remove(path); err != nil && words[1] != "-f" {
			w.t.Fatal(err)
		}
		return "", nil
	case "export", "unset":
		return "", nil // the test sets w.env
	case "git", "make":
		return "", nil // the stage has an embedded Seam
	case "terraform":
	default:
		w.t.Fatalf("a command that is not Terraform's: %s", command)
	}
	args, to := words[1:], ""
	if n := len(args); n > 2 && args[n-2] == ">" {
		args, to = args[:n-2], args[n-1]
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*time.Minute)
	defer cancel()
	run := w.cli.Command(ctx, testbed.NonInteractive(args...)...)
	for name, value := range w.env {
		run.Env = append(run.Env, name+"="+value)
	}
	if to != "" {
		output, err := run.Output()
		w.cli.write(to, string(output))
		return string(output), err
	}
	output, err := run.CombinedOutput()
	return string(output), err
}

// apply is an apply that the guide does not show.
func (w *walk) apply() {
	w.t.Helper()
	if output, err := w.do("terraform apply"); err != nil {
		w.t.Fatalf("%v\n%s", err, output)
	}
}

func (w *walk) wantSaid(output string, says ...string) {
	w.t.Helper()
	said := unwrapped(output)
	for _, want := range says {
		if !strings.Contains(said, want) {
			w.t.Errorf("it does not say %q:\n%s", want, output)
		}
	}
}

// unwrapped is what a CLI says without the lines and the frames that it breaks
// it into.
func unwrapped(output string) string {
	return strings.Join(strings.FieldsFunc(output, func(r rune) bool {
		return strings.ContainsRune(" \t\r\n│╷╵", r)
	}), " ")
}

// wantLinks holds that these links are there, and no others.
func (w *walk) wantLinks(want ...[2]string) {
	w.t.Helper()
	var got [][2]string
	for _, link := range w.Links() {
		got = append(got, [2]string{link.UserIdentityID, link.ACSUserID})
	}
	compare := func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) }
	slices.SortFunc(want, compare)
	slices.SortFunc(got, compare)
	if !slices.Equal(got, want) {
		w.t.Errorf("these are linked: %v\nwant: %v", got, want)
	}
}

// edit changes a file as the guide says in words.
func (w *walk) edit(name, old, changed string) {
	w.t.Helper()
	path := filepath.Join(w.cli.WorkDir, name)
	text, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		w.t.Fatalf("%s does not hold %q:\n%s", name, old, text)
	}
	w.cli.write(name, strings.ReplaceAll(string(text), old, changed))
}

// writes are the routes of the requests that change something, in their order.
func (w *walk) writes() []string {
	var routes []string
	for _, request := range w.Requests() {
		route := strings.TrimPrefix(strings.TrimPrefix(request.Route, "/user_identities"), "/")
		switch last := route[strings.LastIndex(route, "/")+1:]; {
		case last == "get", strings.HasPrefix(last, "list"):
		default:
			routes = append(routes, route)
		}
	}
	return routes
}

func (w *walk) wantWrites(want ...string) {
	w.t.Helper()
	if got := w.writes(); !slices.Equal(got, want) {
		w.t.Errorf("these writes were sent: %v, want %v", got, want)
	}
	w.ResetRequests()
}
