package provider

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/seamapi/terraform-provider-seam/internal/people"
)

// matchingRule says when what Seam has is what the configuration asks for. What
// is found may open doors, so a rule ignores only what cannot tell two people
// apart.
type matchingRule struct {
	words       string // what is compared, such as "email address"
	explanation string // how, as a sentence for people
	of          func(record) string
	same        func(a, b string) bool
}

var (
	byEmailAddress = matchingRule{
		words:       "email address",
		explanation: "Email addresses match regardless of the case of the letters A to Z.",
		of:          func(r record) string { return r.email },
		same:        people.SameEmail,
	}
	byPhoneNumber = matchingRule{
		words:       "phone number",
		explanation: "Phone numbers match exactly.",
		of:          func(r record) string { return r.phone },
		same:        func(a, b string) bool { return a == b },
	}
	byFullName = matchingRule{
		words:       "full name",
		explanation: "Names match exactly, including case and accents; only surrounding space is ignored.",
		of:          func(r record) string { return r.name },
		same:        people.SameName,
	}
	byUserIdentityID = matchingRule{
		words: "user identity",
		of:    func(r record) string { return r.userIdentityID },
		same:  strings.EqualFold,
	}
	byName = matchingRule{
		words:       "name",
		explanation: byFullName.explanation,
		of:          byFullName.of,
		same:        people.SameName,
	}
)

func (m matchingRule) matches(r record, value string) bool {
	has := m.of(r)
	return strings.TrimSpace(has) != "" && m.same(has, value)
}

// near reports whether a thing is worth mentioning when nothing matches.
func (m matchingRule) near(r record, value string) bool {
	want := loosely(value)
	for _, field := range []string{r.name, r.email, r.phone} {
		has := loosely(field)
		if len(want) >= leastSearched && strings.Contains(has, want) || len(has) >= leastSearched && strings.Contains(want, has) {
			return true
		}
	}
	return false
}

// loosely is text without case, accents, and space around it.
func loosely(text string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(strings.TrimSpace(text))))
}
