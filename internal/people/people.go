// Package people says what the rule of package reconcile means for the two records of
// a person: the user identity, an account in an app, and the ACS user, a record in one
// access system.
//
// Creating either is not idempotent, so it is sent again only if it is known not to
// have left. What a create did is recognized by its values. Nothing of Terraform, HTTP
// or time is here, and nothing about links: package link does those.
package people

import (
	"crypto/sha256"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/seamapi/terraform-provider-seam/internal/bulkread"
)

// fingerprint is the value of a record for pages to confirm: two records have the same
// one if all fields are the same.
func fingerprint(fields ...string) bulkread.Value {
	sum := sha256.New()
	for _, field := range fields {
		sum.Write([]byte(field))
		sum.Write([]byte{0})
	}
	return bulkread.Value(sum.Sum(nil)[:16])
}

// SameEmail reports whether two email addresses are the same.
func SameEmail(a, b string) bool { return FoldEmail(a) == FoldEmail(b) }

// FoldEmail returns what all spellings of an email address have in common. They are
// case-insensitive for the letters A to Z alone: any other letter may be a lookalike.
func FoldEmail(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, strings.TrimSpace(text))
}

// SameName reports whether two names are the same, in whichever form Unicode is
// written: Terraform turns all text into NFC.
func SameName(a, b string) bool { return nfc(a) == nfc(b) }

func nfc(text string) string { return norm.NFC.String(strings.TrimSpace(text)) }

// keepSame returns what a record has if that is what it should have, so that an update
// does not write it.
func keepSame(has, want string, same func(a, b string) bool) string {
	if want != "" && same(has, want) {
		return has
	}
	return want
}
