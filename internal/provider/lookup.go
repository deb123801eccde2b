package provider

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// maxCandidates is how many candidates an error lists.
const maxCandidates = 10

// question asks for the one thing that has a certain value.
type question struct {
	thing       string // such as "ACS user"
	things      string
	idAttribute string // names one for sure, such as "acs_user_id"
	attribute   string // of the configuration, holds the value
	rule        matchingRule
	value       string
	reading     reading
}

// reading is how the things are read among which the answer is.
type reading int

const (
	// readSearched: Seam's search narrows them down, and if that finds
	// nothing, all are read.
	readSearched reading = iota
	// readWhole: they are so few that all are read, and all are candidates.
	readWhole
	// readFiltered: a filter of Seam's leaves the answers alone.
	readFiltered
)

func (q question) subject() string {
	return fmt.Sprintf("the %s with %s %s", q.thing, q.rule.words, excerpt(q.value))
}

func (q question) at() path.Path { return path.Root(q.attribute) }

// record is what tells one thing from another, for rules and for people.
type record struct {
	id, createdAt      string
	name, email, phone string
	display            string // in place of a name, if there is none
	kind               string
	userIdentityID     string
}

func (r record) String() string {
	name, text := cmp.Or(r.name, r.display), "without a name"
	if name != "" {
		text = excerpt(name)
	}
	var more []string
	for _, part := range []string{r.email, r.phone, r.kind} {
		if part != "" && part != name {
			more = append(more, strings.Trim(excerpt(part), `"`))
		}
	}
	if len(more) > 0 {
		text += " (" + strings.Join(more, ", ") + ")"
	}
	return text
}

// findOne returns the one thing that answers the question. It returns false, and
// says why, if there is none, or more than one. place names what was searched; it
// is asked only then, and may find that there is no such place.
func findOne[T any](
	ctx context.Context, data *configured, diags *diag.Diagnostics, q question, place func() (string, bool),
	describe func(T) record, list func(ctx context.Context, search string) iter.Seq2[T, error],
) (T, bool) {
	var none T
	f, err := find(ctx, q, list, describe)
	if err == nil && len(f.exact) == 1 {
		return f.exact[0], true
	}
	if err != nil && !seam.IsNotFound(err, seam.TypeACSSystemNotFound) {
		appendCannotRead(diags, data, q.subject(), err)
		return none, false
	}
	searched, ok := place()
	switch {
	case !ok:
	case err != nil: // the place is there all the same
		appendCannotRead(diags, data, q.subject(), err)
	case len(f.exact) == 0:
		appendNone(diags, q, searched, f.near, f.total)
	default:
		appendSeveral(diags, q, searched, recordsOf(f.exact, describe))
	}
	return none, false
}

func recordsOf[T any](things []T, describe func(T) record) []record {
	records := make([]record, 0, len(things))
	for _, thing := range things {
		records = append(records, describe(thing))
	}
	return records
}

// found is the answer to a question, before it is judged.
type found[T any] struct {
	exact []T
	near  []record // what comes near, if nothing is exact
	total int      // how many there are, if all were looked at
}

// find reads what list returns for a search text, and keeps what answers the
// question. Seam's search is a partial match of which nothing more is known, so
// it serves to find quickly, and never to conclude that there is nothing: then,
// and for text that can be written in several ways, the whole list is read.
func find[T any](ctx context.Context, q question, list func(ctx context.Context, search string) iter.Seq2[T, error], describe func(T) record) (found[T], error) {
	var f found[T]
	near := map[string]record{}
	look := func(search string) error {
		f.total = 0
		for thing, err := range list(ctx, search) {
			if err != nil {
				return err
			}
			f.total++
			switch r := describe(thing); {
			case q.rule.matches(r, q.value):
				f.exact = append(f.exact, thing)
			case q.reading == readFiltered: // a filter that lets others through
			case q.reading == readWhole || search != "" || q.rule.near(r, q.value):
				near[r.id] = r
			}
		}
		return nil
	}
	value := strings.TrimSpace(q.value)
	if q.reading == readSearched && isPlainASCII(value) {
		if err := look(value); err != nil || len(f.exact) > 0 {
			return f, err
		}
	}
	if err := look(""); err != nil {
		return f, err
	}
	for _, r := range near {
		f.near = append(f.near, r)
	}
	return f, nil
}

// collect reads a list to its end.
func collect[T any](list iter.Seq2[T, error]) ([]T, error) {
	var entries []T
	for entry, err := range list {
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// isPlainASCII reports whether text can be written in one way only, so that a
// search by bytes finds it.
func isPlainASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// appendNone says that nothing answers the question.
func appendNone(diags *diag.Diagnostics, q question, place string, near []record, total int) {
	var b strings.Builder
	if q.reading == readFiltered {
		fmt.Fprintf(&b, "None of the %s of %s is linked to this %s.", q.things, place, q.rule.words)
	} else {
		fmt.Fprintf(&b, "All of %s was searched, %s in all, and none has this %s.", place, counted(total, q), q.rule.words)
	}
	if q.rule.explanation != "" {
		b.WriteString(" " + q.rule.explanation)
	}
	switch {
	case len(near) > 0 && q.reading == readWhole:
		b.WriteString("\n\nThere are:\n" + candidates(near, q.idAttribute))
	case len(near) > 0:
		b.WriteString("\n\nNo exact match, but these come near:\n" + candidates(near, q.idAttribute))
	}
	fmt.Fprintf(&b, "\n\nCheck %s, and that the provider's credentials belong to the right workspace.", q.attribute)
	diags.AddAttributeError(q.at(), fmt.Sprintf("No %s with %s %s", q.thing, q.rule.words, excerpt(q.value)), b.String())
}

// appendSeveral says that more than one thing answers the question.
func appendSeveral(diags *diag.Diagnostics, q question, place string, records []record) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s must name one %s, and %s was searched and holds %d with this %s.", q.attribute, q.thing, place, len(records), q.rule.words)
	if q.rule.explanation != "" {
		b.WriteString(" " + q.rule.explanation)
	}
	fmt.Fprintf(&b, "\n\nThe candidates are:\n%s\n\nSay which one is meant with %s.", candidates(records, q.idAttribute), q.idAttribute)
	diags.AddAttributeError(q.at(), fmt.Sprintf("Several %s with %s %s", q.things, q.rule.words, excerpt(q.value)), b.String())
}

// candidates lists the first few, oldest first, one a line. Terraform leaves
// lines that begin with space as they are.
func candidates(records []record, idAttribute string) string {
	slices.SortFunc(records, func(a, b record) int { return byAge(a.createdAt, a.id, b.createdAt, b.id) })
	var lines []string
	for _, r := range records[:min(len(records), maxCandidates)] {
		lines = append(lines, fmt.Sprintf("  - %s, %s %s", r, idAttribute, r.id))
	}
	if more := len(records) - maxCandidates; more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", more))
	}
	return strings.Join(lines, "\n")
}

func counted(n int, q question) string {
	if n == 1 {
		return "1 " + q.thing
	}
	return fmt.Sprintf("%d %s", n, q.things)
}

// appendNoSuch says that there is nothing with the id or key that the attribute
// holds.
func appendNoSuch(ctx context.Context, diags *diag.Diagnostics, data *configured, attribute, thing, id string) {
	diags.AddAttributeError(path.Root(attribute), fmt.Sprintf("No %s %s", thing, id),
		fmt.Sprintf("There is no %s %s in %s, which the provider's credentials reach.\n\nCheck %s, and that the credentials belong to the right workspace.",
			thing, id, theWorkspace(ctx, data), attribute))
}

// theWorkspace names the workspace in an error about something else, so it
// makes do without the name.
func theWorkspace(ctx context.Context, data *configured) string {
	workspace, err := data.workspace.Get(ctx)
	if err != nil {
		return "the workspace"
	}
	return nameWorkspace(workspace)
}

// theACSSystem names an access system and its workspace. It returns false, and
// says so, if there is no such access system: nothing found in it is no answer.
func theACSSystem(ctx context.Context, diags *diag.Diagnostics, data *configured, attribute, acsSystemID string) (string, bool) {
	system, ok := askedACSSystem(ctx, diags, data, attribute, acsSystemID)
	if !ok {
		return "", false
	}
	return fmt.Sprintf("access system %s (%s) in %s", excerpt(system.Name), system.ACSSystemID, theWorkspace(ctx, data)), true
}
