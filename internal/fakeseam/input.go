package fakeseam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// input holds the parameters of one request and their issues. Each getter records the issues of
// its parameter. A handler reads all parameters and then calls check, so that one response
// lists every issue, in the order of the schema, as Seam's validator (zod) does.
type input struct {
	request  *http.Request
	values   map[string]any
	fromURL  bool // values are text, and lists may have commas
	hasBody  bool
	issues   []issue
	accepted url.Values // the filters, for a page cursor
}

type issue struct {
	path    []string
	message string
}

// readInput reads the parameters of GET and DELETE from the query, and those of PATCH, POST and
// PUT from a JSON body, as in Seam's OpenAPI document.
func readInput(r *http.Request, body []byte) (*input, *response) {
	in := &input{values: map[string]any{}, accepted: url.Values{}}
	if r.Method == http.MethodGet || r.Method == http.MethodDelete {
		in.fromURL = true
		for name, values := range r.URL.Query() {
			if base, ok := strings.CutSuffix(name, "[]"); ok {
				name = base
				in.values[name] = values
			} else if len(values) == 1 {
				in.values[name] = values[0]
			} else {
				in.values[name] = values
			}
		}
		return in, nil
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return in, nil
	}
	if !json.Valid(body) {
		a := plain(http.StatusBadRequest, "Invalid JSON")
		return nil, &a
	}
	in.hasBody = true
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		a := plain(http.StatusBadRequest, "Invalid JSON")
		return nil, &a
	}
	// A body that is JSON but not an object has no parameters, as in Seam.
	if object, ok := value.(map[string]any); ok {
		in.values = object
	}
	return in, nil
}

func (in *input) checkContentType(r *http.Request) *apiError {
	if in.hasBody && !strings.Contains(r.Header.Get("Content-Type"), "application/json") {
		return badRequest("invalid_content_type",
			r.Method+` requests must have Content-Type header with "application/json"`)
	}
	return nil
}

func (in *input) fault(message string, path ...string) {
	in.issues = append(in.issues, issue{path, message})
}

// kindOf returns the name of a JSON type as in zod.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case map[string]any:
		return "object"
	default:
		return "array"
	}
}

// text returns a string parameter, or "" with found false.
func (in *input) text(name string, required bool) (value string, found bool) {
	raw, present := in.values[name]
	if !present {
		if required {
			in.fault("Required", name)
		}
		return "", false
	}
	value, ok := raw.(string)
	if !ok {
		in.fault("Expected string, received "+kindOf(raw), name)
		return "", false
	}
	in.accepted.Set(name, value)
	return value, true
}

// uuidPattern is that of Seam's validator: case-insensitive, with any version and variant.
var uuidPattern = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// id returns a UUID parameter in lower case.
func (in *input) id(name string, required bool) (value string, found bool) {
	value, found = in.text(name, required)
	if found && !uuidPattern.MatchString(value) {
		in.fault("Invalid uuid", name)
		return "", false
	}
	return strings.ToLower(value), found
}

// ids returns a list of UUIDs in lower case.
func (in *input) ids(name string) (values []string, found bool) {
	raw, present := in.values[name]
	if !present {
		return nil, false
	}
	var list []any
	switch raw := raw.(type) {
	case []any:
		list = raw
	case []string:
		for _, value := range raw {
			list = append(list, value)
		}
	case string:
		if !in.fromURL {
			in.fault("Expected array, received string", name)
			return nil, false
		}
		for value := range strings.SplitSeq(raw, ",") {
			list = append(list, value)
		}
	default:
		in.fault("Expected array, received "+kindOf(raw), name)
		return nil, false
	}
	values = []string{}
	for i, item := range list {
		value, ok := item.(string)
		switch {
		case !ok:
			in.fault("Expected string, received "+kindOf(item), name, strconv.Itoa(i))
		case !uuidPattern.MatchString(value):
			in.fault("Invalid uuid", name, strconv.Itoa(i))
		default:
			values = append(values, strings.ToLower(value))
			in.accepted.Add(name, value)
		}
	}
	return values, true
}

// change is a parameter with the new value of a field. Empty text clears it.
type change struct {
	given bool
	text  string
}

func (c change) apply(field *string) {
	if c.given {
		*field = c.text
	}
}

// change returns an optional string parameter.
func (in *input) change(name string, minLength int) change {
	text, found := in.text(name, false)
	if found && len(text) < minLength {
		in.tooShort(minLength, name)
	}
	return change{found, text}
}

// nullable is change for a parameter that may be null.
func (in *input) nullable(name string, minLength int) change {
	if raw, present := in.values[name]; present && raw == nil {
		return change{given: true}
	}
	return in.change(name, minLength)
}

// emailPattern is a shorter version of that in Seam's validator.
var emailPattern = regexp.MustCompile(`^[A-Za-z0-9_'+\-.]*[A-Za-z0-9_+\-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$`)

// email validates that a change is an email address or null.
func (in *input) email(name string, c change) change {
	if c.given && in.values[name] != nil && !emailPattern.MatchString(c.text) {
		in.fault("Invalid email", name)
	}
	return c
}

// schedule returns an access schedule. Without a start it starts now. found is also set for
// null, which clears the schedule.
func (in *input) schedule(whole, nullable bool) (schedule AccessSchedule, found bool) {
	const name, starts, ends = "access_schedule", "starts_at", "ends_at"
	raw, present := in.values[name]
	if !present || raw == nil && nullable {
		return AccessSchedule{}, present
	}
	object, ok := raw.(map[string]any)
	if !ok {
		in.fault("Expected object, received "+kindOf(raw), name)
		return AccessSchedule{}, false
	}
	times := map[string]time.Time{}
	for _, field := range []string{starts, ends} {
		raw, present := object[field]
		text, isText := raw.(string)
		switch {
		case !present && whole:
			in.fault("Required", name, field)
		case !present, raw == nil && field == ends && !whole:
		case !isText:
			in.fault("Expected string, received "+kindOf(raw), name, field)
		default:
			t, ok := parseTime(text)
			if !ok {
				in.fault("Invalid datetime", name, field)
			}
			times[field] = t
		}
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	schedule = AccessSchedule{StartsAt: times[starts], EndsAt: times[ends]}
	if schedule.StartsAt.IsZero() {
		schedule.StartsAt = now
	}
	if len(in.issues) == 0 && !schedule.EndsAt.IsZero() {
		switch {
		case !schedule.EndsAt.After(now):
			in.fault("ends_at must be in the future", name, ends)
		case !schedule.EndsAt.After(schedule.StartsAt):
			in.fault("ends_at must be after starts_at", name, ends)
		}
	}
	return schedule, true
}

// parseTime parses a date and time, to the millisecond as in Seam.
func parseTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC().Truncate(time.Millisecond), true
		}
	}
	return time.Time{}, false
}

func (in *input) tooShort(minLength int, name string) {
	in.fault(fmt.Sprintf("String must contain at least %d character(s)", minLength), name)
}

// search returns the search text in lower case. Some routes refuse an empty one.
func (in *input) search(minLength int) string {
	value, found := in.text("search", false)
	if found && len(value) < minLength {
		in.tooShort(minLength, "search")
	}
	return strings.ToLower(value)
}

// moment returns a date and time parameter, or the zero time.
func (in *input) moment(name string) time.Time {
	value, found := in.text(name, false)
	if !found {
		return time.Time{}
	}
	t, ok := parseTime(value)
	if !ok {
		in.fault("Invalid datetime", name)
	}
	return t
}

// limit returns the requested page size.
func (in *input) limit() int {
	const name, preset = "limit", 500
	raw, present := in.values[name]
	in.accepted.Set(name, strconv.Itoa(preset))
	if !present {
		return preset
	}
	var text string
	switch raw := raw.(type) {
	case json.Number:
		text = raw.String()
	case string:
		if !in.fromURL {
			in.fault("Expected number, received string", name)
			return preset
		}
		text = raw
	default:
		in.fault("Expected number, received "+kindOf(raw), name)
		return preset
	}
	number, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		in.fault("Expected number, received nan", name)
	case number != float64(int(number)):
		in.fault("Expected integer, received float", name)
	case number <= 0:
		in.fault("Number must be greater than 0", name)
	default:
		in.accepted.Set(name, strconv.Itoa(int(number)))
		return int(number)
	}
	return preset
}

// check returns the error of an invalid request, or nil.
func (in *input) check() *apiError {
	if len(in.issues) == 0 {
		return nil
	}
	var messages []string
	var tree issueTree
	for _, issue := range in.issues {
		messages = append(messages, issue.String())
		tree.add(issue)
	}
	message := strings.Join(messages, ", ")
	if len(messages) > 1 {
		message = fmt.Sprintf("%d Input Errors: %s", len(messages), message)
	}
	return &apiError{
		status:           http.StatusBadRequest,
		kind:             "invalid_input",
		message:          message,
		validationErrors: &tree,
	}
}

// issueTree is the nested form of validation_errors: each level has a list under _errors and
// one such object for each field or index.
type issueTree struct {
	messages []string
	fields   map[string]*issueTree
}

func (t *issueTree) add(i issue) {
	for _, step := range i.path {
		next, ok := t.fields[step]
		if !ok {
			next = &issueTree{}
			if t.fields == nil {
				t.fields = map[string]*issueTree{}
			}
			t.fields[step] = next
		}
		t = next
	}
	t.messages = append(t.messages, i.message)
}

// MarshalJSON encodes the list and the nested objects as one object.
func (t *issueTree) MarshalJSON() ([]byte, error) {
	object := map[string]any{"_errors": append([]string{}, t.messages...)}
	for name, field := range t.fields {
		object[name] = field
	}
	return json.Marshal(object)
}

func (i issue) String() string {
	path := strings.Join(i.path, ".")
	switch {
	case path == "":
		return i.message
	case i.message == "Required":
		return path + " is required"
	default:
		return fmt.Sprintf("%s for %q", i.message, path)
	}
}
