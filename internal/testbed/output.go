package testbed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// Result is how a command ended, and what it reported.
type Result struct {
	Exit   int           // exit status; -1 when it was killed
	Output string        // everything that was printed
	CPU    time.Duration // of the CLI and the provider
	// Messages are those of -json. It is nil without -json.
	Messages []Message
}

// Message is one line of the output with -json. See
// https://developer.hashicorp.com/terraform/internals/machine-readable-ui.
type Message struct {
	Text       string      `json:"@message"`
	Time       time.Time   `json:"@timestamp"`
	Type       string      `json:"type"` // such as planned_change or diagnostic
	Changes    *Changes    `json:"changes"`
	Diagnostic *Diagnostic `json:"diagnostic"`
}

// Changes counts resources, in a message of the type change_summary.
type Changes struct {
	Import, Add, Change, Remove int
	Operation                   string // plan, apply or destroy
}

// Diagnostic is an error or a warning.
type Diagnostic struct {
	Severity string // error or warning
	Summary  string
	Detail   string
	Address  string // of the resource
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

// Text is all of a diagnostic that its author wrote.
func (d Diagnostic) Text() string { return d.Summary + "\n" + d.Detail }

// String is a diagnostic on one line.
func (d Diagnostic) String() string {
	return strings.Join(strings.Fields(d.Address+" "+d.Summary+" | "+d.Detail), " ")
}

// ReadMessages reads the output of a command with -json. It skips lines that are not
// JSON: the CLI prints such a line when it fails before it reads its flags.
func ReadMessages(output string) []Message {
	var messages []Message
	for line := range strings.Lines(output) {
		var m Message
		if strings.HasPrefix(line, "{") && json.Unmarshal([]byte(line), &m) == nil {
			messages = append(messages, m)
		}
	}
	return messages
}

// Run runs a command without interaction. An exit status is not an error; see Err.
func (c *CLI) Run(ctx context.Context, args ...string) (Result, error) {
	return c.RunWith(ctx, nil, args...)
}

// RunWith is Run with more environment.
func (c *CLI) RunWith(ctx context.Context, env map[string]string, args ...string) (Result, error) {
	command := c.Command(ctx, NonInteractive(args...)...)
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	r, err := NewResult(command, command.Run(), &output)
	return r, errors.Join(ctx.Err(), err)
}

// NewResult returns the result of a command that ended with err, for a caller that
// starts the command itself. It fails if the command could not run.
func NewResult(command *exec.Cmd, err error, output *bytes.Buffer) (Result, error) {
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		return Result{}, fmt.Errorf("%s: %w", strings.Join(command.Args, " "), err)
	}
	return Result{
		Exit:     command.ProcessState.ExitCode(),
		Output:   output.String(),
		CPU:      command.ProcessState.UserTime() + command.ProcessState.SystemTime(),
		Messages: ReadMessages(output.String()),
	}, nil
}

// Errors returns the errors.
func (r Result) Errors() []Diagnostic { return r.diagnostics("error") }

// Warnings returns each warning once, without those about development overrides.
// An apply plans again, and warns again.
func (r Result) Warnings() []Diagnostic {
	var warnings []Diagnostic
	seen := map[string]bool{}
	for _, d := range r.diagnostics("warning") {
		if !seen[d.String()] && !strings.HasPrefix(d.Summary, "Provider development overrides") {
			warnings = append(warnings, d)
		}
		seen[d.String()] = true
	}
	return warnings
}

func (r Result) diagnostics(severity string) []Diagnostic {
	var found []Diagnostic
	for _, m := range r.Messages {
		if m.Diagnostic != nil && m.Diagnostic.Severity == severity {
			found = append(found, *m.Diagnostic)
		}
	}
	return found
}

// Changes returns the last summary of changes.
func (r Result) Changes() Changes {
	var last Changes
	for _, m := range r.Messages {
		if m.Type == "change_summary" && m.Changes != nil {
			last = *m.Changes
		}
	}
	return last
}

// PlannedAt returns when the plan was complete, with -json; zero if it never was.
func (r Result) PlannedAt() time.Time {
	for _, m := range r.Messages {
		if m.Type == "change_summary" && m.Changes != nil && m.Changes.Operation == "plan" {
			return m.Time
		}
	}
	return time.Time{}
}

// Crash returns what was printed when the CLI or the provider crashed, "" if none did.
func (r Result) Crash() string {
	for _, sign := range []string{"panic:", "plugin crashed", "Plugin did not respond", "crash log"} {
		if at := strings.Index(r.Output, sign); at >= 0 {
			return r.Output[at:min(len(r.Output), at+2000)]
		}
	}
	return ""
}

// Err returns an error for a command that failed, with its diagnostics or, if there are
// none, with the end of what it printed.
func (r Result) Err() error {
	if r.Exit == 0 {
		return nil
	}
	err := fmt.Errorf("exit status %d", r.Exit)
	for _, d := range r.Errors() {
		err = fmt.Errorf("%w\n%s", err, d)
	}
	if len(r.Errors()) == 0 {
		err = fmt.Errorf("%w\n%s", err, r.Output[max(0, len(r.Output)-4<<10):])
	}
	return err
}
