// Package contract checks internal/seam and internal/fakeseam against Seam's
// own OpenAPI.
//
// The client and the embedded Seam were written apart and do not import each
// other, yet they could agree on the same mistake. Seam publishes an OpenAPI
// document of its API in the npm package @seamapi/types; it is the third
// witness. The tests here put a checker between a caller and the embedded Seam
// that holds each request and each answer against that document.
//
// Seam also publishes a fake server, @seamapi/fake-seam-connect, for tests of
// applications. One test runs the client against it; vendorDifferences lists where
// that server differs from the document.
//
// The document and the fake server are fetched when the tests run and are never
// committed: package.json and package-lock.json pin their versions and hashes, and
// npm verifies them. A copy stays in the user's cache directory, so that only the
// first run needs the network. If they cannot be fetched, the tests fail; only
// -short skips them.
//
// What the provider makes of the answers is tested elsewhere. Here is only the
// wire: paths, methods, headers, bodies.
package contract
