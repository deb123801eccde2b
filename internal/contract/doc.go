// Package contract checks internal/seam and internal/fakeseam against Seam's
// own OpenAPI.
//
// The client and the embedded Seam were written apart and do not import each
// other, yet they could agree on the same mistake. Seam publishes an OpenAPI
// document of its API in the npm package @seamapi/types; it is the third
// witness. The tests here put a checker between a caller and the embedded Seam
// that holds each request and each answer against that document.
//
// The document is fetched when the tests run and is never committed: package.json
// and package-lock.json pin its version and its hash, and npm verifies them. A
// copy stays in the user's cache directory, so that only the first run needs the
// network. If the document cannot be had, the tests fail; only -short skips
// them.
//
// What the provider makes of the answers is tested elsewhere. Here is only the
// wire: paths, methods, headers, bodies.
package contract
