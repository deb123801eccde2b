// Package people says what the rule of package reconcile means for the two records of
// a person: the user identity, an account in an app, and the ACS user, a record in one
// access system.
//
// Creating either is not idempotent, so it is sent again only if it is known not to
// have left. What a create did is recognized by its values. Nothing of Terraform, HTTP
// or time is here, and nothing about links: package link does those.
package people

import (
	"context"
	"crypto/sha256"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/seamapi/terraform-provider-seam/internal/bulkread"
	"github.com/seamapi/terraform-provider-seam/internal/reconcile"
)

// Operations are what both kinds of record need of the client besides requests.
// *seam.Client provides them.
type Operations interface {
	reconcile.Waiter
	// StartOperation gives all calls made with the returned context one budget of
	// time in which to retry.
	StartOperation(ctx context.Context) context.Context
}

// Pages are list pages that confirm what is expected of an object. *bulkread.Reader
// provides them.
type Pages interface {
	Confirm(ctx context.Context, list, id string, value bulkread.Value) bool
}

// records is what both kinds of record have in common.
type records struct {
	operations Operations
	pages      Pages
	workspace  *reconcile.Workspace
	locks      *reconcile.Locks
}

// start begins an operation, in the workspace that was asked for.
func (r *records) start(ctx context.Context) (context.Context, error) {
	ctx = r.operations.StartOperation(ctx)
	return ctx, r.workspace.Verify(ctx)
}

// confirm asks the pages. They say nothing about what this process has written to.
func (r *records) confirm(ctx context.Context, list, id string, value bulkread.Value) bool {
	return id != "" && !r.locks.Wrote(id) && r.pages.Confirm(ctx, list, id, value)
}

// locked runs an operation on one record while no other one writes to it.
func (r *records) locked(ctx context.Context, id string, operation func(ctx context.Context) error) error {
	ctx, err := r.start(ctx)
	if err != nil {
		return err
	}
	unlock, err := r.locks.Lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	return operation(ctx)
}

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

// SameEmail reports whether two email addresses are the same. They are case-insensitive
// for the letters A to Z alone: any other letter may be a lookalike.
func SameEmail(a, b string) bool { return lowerASCII(a) == lowerASCII(b) }

func lowerASCII(text string) string {
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
