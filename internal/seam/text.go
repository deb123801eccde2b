package seam

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Limits of what is taken over from a server, in runes.
const (
	maxExcerpt   = 200
	maxMessage   = 1000
	maxRequestID = 100
	maxFields    = 50 // in number
)

// cleaner makes text from a server fit to be shown.
type cleaner struct {
	token string // which a proxy may echo
}

// clean returns text that is one line, printable, no longer than the limit in runes,
// and without the token.
func (t cleaner) clean(s string, limit int) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || isJoiner(r) || unicode.IsPrint(r) && r != unicode.ReplacementChar {
			return r
		}
		return -1
	}, s)), " ")
	if t.token != "" {
		s = strings.ReplaceAll(s, t.token, "[redacted]")
	}
	if runes := []rune(s); len(runes) > limit {
		s = string(runes[:limit-1]) + "…"
	}
	return s
}

// text is a string of a decoded body, cleaned; "" if it is something else.
func (t cleaner) text(value any, limit int) string {
	s, _ := value.(string)
	return t.clean(s, limit)
}

// fieldErrors collects the "_errors" of an object and of the objects in it,
// which are named as the fields of the request are.
func (t cleaner) fieldErrors(found []FieldError, field string, value any) []FieldError {
	object, _ := value.(map[string]any)
	list, _ := object["_errors"].([]any)
	var messages []string
	for _, m := range list {
		if text := t.text(m, maxMessage); text != "" && len(messages) < maxFields {
			messages = append(messages, text)
		}
	}
	if len(messages) > 0 {
		found = append(found, FieldError{field, messages})
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if name != "_errors" && len(found) < maxFields {
			path := t.clean(strings.TrimPrefix(field+"."+t.clean(name, maxExcerpt), "."), maxExcerpt)
			found = t.fieldErrors(found, path, object[name])
		}
	}
	return found
}

var (
	// Up to the last @, since passwords may hold any character unescaped.
	userinfo = regexp.MustCompile(`//[^\s"']*@`)
	query    = regexp.MustCompile(`(//[^\s"'?]*)\?[^\s"']*`)
)

// describeTransport says why there was no response, without credentials and query
// strings.
func describeTransport(err error) string {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		if outer.Op == "parse" {
			return "a URL, perhaps that of the proxy, is not valid" // its text quotes the URL in pieces
		}
		err = outer.Err
	}
	if err == context.DeadlineExceeded { //nolint:errorlint // a dial that timed out is one too, and says more
		return "timed out after " + inWords(attemptTimeout)
	}
	return query.ReplaceAllString(userinfo.ReplaceAllString(err.Error(), "//"), "$1")
}

// inWords is a duration as people say it, in its two largest units.
func inWords(d time.Duration) string {
	if d < time.Second {
		return "less than a second"
	}
	var words []string
	rest := d.Round(time.Second)
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		if n := rest / unit.size; n > 0 && len(words) < 2 {
			words = append(words, fmt.Sprintf("%d %s%s", n, unit.name, "s"[:min(n-1, 1)]))
		}
		rest %= unit.size
	}
	return strings.Join(words, " ")
}

// isJoiner reports whether a character that prints nothing is part of how a word or an
// emoji is spelled.
func isJoiner(r rune) bool { return r == '\u200c' || r == '\u200d' }
