package seam

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Limits of what is taken over from a server, in runes.
const (
	maxExcerpt = 200
	maxMessage = 1000
	maxFields  = 50 // in number
)

// sanitizer makes text from a server fit to be shown.
type sanitizer struct {
	token string // which a proxy may echo
}

// sanitize returns a string as one line, printable, no longer than the limit in runes, and
// without the token. It returns "" for any other value. A character that joins others prints
// nothing, and is part of how a word or an emoji is spelled.
func (t sanitizer) sanitize(value any, limit int) string {
	s, _ := value.(string)
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		isJoiner := r == '\u200c' || r == '\u200d'
		if unicode.IsSpace(r) || isJoiner || unicode.IsPrint(r) && r != unicode.ReplacementChar {
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

// fieldErrors collects the "_errors" of an object and of the objects in it, each with the
// path of the field.
func (t sanitizer) fieldErrors(found []string, field string, value any) []string {
	object, _ := value.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if name != "_errors" {
			path := strings.TrimPrefix(field+"."+t.sanitize(name, maxExcerpt), ".")
			found = t.fieldErrors(found, t.sanitize(path, maxExcerpt), object[name])
			continue
		}
		messages, _ := object[name].([]any)
		for _, message := range messages {
			if text := t.sanitize(message, maxMessage); text != "" && len(found) < maxFields {
				found = append(found, optional("", field, ": ")+text)
			}
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
	return query.ReplaceAllString(userinfo.ReplaceAllString(err.Error(), "//"), "$1")
}

// formatDuration writes a duration as the configuration does: 5m, 4m52s, 250ms.
func formatDuration(d time.Duration) string {
	if d >= time.Second {
		d = d.Round(time.Second)
	}
	return strings.NewReplacer("h0m0s", "h", "m0s", "m").Replace(d.Round(time.Millisecond).String())
}
