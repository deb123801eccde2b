// Package docs holds that what the documentation shows works.
//
// Its tests run every example, and every block of configuration in the
// documentation, with a real CLI and the provider as people install it, against
// an embedded Seam. How pages come into being is for make generate, and whether
// they are up to date for make docs-check.
package docs
