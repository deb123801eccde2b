package provider

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/text/unicode/norm"

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
	// readSearched: Seam's search narrows them down.
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
	beingDeleted       bool
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
	if r.beingDeleted {
		text += ", being deleted"
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
		appendNone(diags, q, searched, f.near)
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
	near  []record // similar ones, if nothing is exact
}

// find reads what list returns for a search text, and keeps what answers the
// question. Seam's search is a partial match, so what it returns is compared here.
// A record that is being deleted is the answer only if there is no other.
func find[T any](ctx context.Context, q question, list func(ctx context.Context, search string) iter.Seq2[T, error], describe func(T) record) (found[T], error) {
	var f found[T]
	search := ""
	if q.reading == readSearched {
		search = searchText(q.value)
	}
	near := map[string]record{}
	for thing, err := range list(ctx, search) {
		if err != nil {
			return f, err
		}
		switch r := describe(thing); {
		case q.rule.matches(r, q.value):
			f.exact = append(f.exact, thing)
		case q.reading == readFiltered: // a filter that lets others through
		case q.reading == readWhole || search == strings.TrimSpace(q.value) || q.rule.near(r, q.value):
			near[r.id] = r
		}
	}
	staying := slices.DeleteFunc(slices.Clone(f.exact), func(thing T) bool { return describe(thing).beingDeleted })
	if len(staying) > 0 {
		f.exact = staying
	}
	f.near = slices.Collect(maps.Values(near))
	return f, nil
}

// leastSearched is how short a part of a value may be that is searched for: less
// text is part of nearly everything.
const leastSearched = 3

// searchText returns the part of a value to search for: the longest one in ASCII,
// which Seam's search finds whatever form of Unicode the rest was written in. It is
// empty if all records have to be read.
func searchText(value string) string {
	value = norm.NFC.String(strings.TrimSpace(value))
	longest := ""
	for _, part := range strings.FieldsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
		if part = strings.TrimSpace(part); len(part) > len(longest) {
			longest = part
		}
	}
	if longest != value && len(longest) < leastSearched {
		return ""
	}
	return longest
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

// sequence is a list without pages, which is read to its end at once.
func sequence[T any](entries []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, entry := range entries {
			if !yield(entry, nil) {
				return
			}
		}
		if err != nil {
			yield(*new(T), err)
		}
	}
}

// appendNone says that nothing answers the question.
func appendNone(diags *diag.Diagnostics, q question, place string, near []record) {
	var b strings.Builder
	fmt.Fprintf(&b, "Searched %s.", place)
	if q.rule.explanation != "" {
		b.WriteString(" " + q.rule.explanation)
	}
	switch {
	case len(near) > 0 && q.reading == readWhole:
		b.WriteString("\n\nThere are:\n" + candidates(near, q.idAttribute))
	case len(near) > 0:
		b.WriteString("\n\nSimilar ones are:\n" + candidates(near, q.idAttribute))
	}
	fmt.Fprintf(&b, "\n\nCheck %s, and that the provider's credentials belong to the right workspace.", q.attribute)
	diags.AddAttributeError(q.at(), fmt.Sprintf("No %s with %s %s", q.thing, q.rule.words, excerpt(q.value)), b.String())
}

// appendSeveral says that more than one thing answers the question.
func appendSeveral(diags *diag.Diagnostics, q question, place string, records []record) {
	var b strings.Builder
	fmt.Fprintf(&b, "Searched %s and found %d.", place, len(records))
	if q.rule.explanation != "" {
		b.WriteString(" " + q.rule.explanation)
	}
	fmt.Fprintf(&b, "\n\nThey are:\n%s\n\nUse %s to select one.", candidates(records, q.idAttribute), q.idAttribute)
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

// appendNoSuch says that there is nothing with the id or key that the attribute
// holds, in the workspace that place names.
func appendNoSuch(diags *diag.Diagnostics, attribute, thing, id, place string) {
	diags.AddAttributeError(path.Root(attribute), fmt.Sprintf("No %s %s", thing, id),
		fmt.Sprintf("There is no %s %s in %s, which the provider's credentials reach.\n\nCheck %s, and that the credentials belong to the right workspace.",
			thing, id, place, attribute))
}

// theWorkspace names the workspace in an error about something else, so it
// makes do without the name.
func theWorkspace(ctx context.Context, data *configured) string {
	workspace, err := data.workspace.Get(ctx)
	if err != nil {
		return "the Seam workspace"
	}
	return nameWorkspace(workspace)
}

// theACSSystem names an access system and its workspace. It returns false, and
// says so, if there is no such access system: nothing found in it is no answer. It
// sends one request, so that a lookup that finds nothing costs two.
func theACSSystem(ctx context.Context, diags *diag.Diagnostics, data *configured, attribute, acsSystemID string) (string, bool) {
	system, ok := acsSystemIn(ctx, diags, data, attribute, acsSystemID, func() string { return knownWorkspace(data, "the Seam workspace") })
	if !ok {
		return "", false
	}
	return fmt.Sprintf("access system %s (%s) in %s", excerpt(system.Name), system.ACSSystemID, knownWorkspace(data, "workspace "+system.WorkspaceID)), true
}

// knownWorkspace names the workspace if Seam was asked for it before.
func knownWorkspace(data *configured, otherwise string) string {
	if workspace, known := data.workspace.Known(); known {
		return nameWorkspace(workspace)
	}
	return otherwise
}
