// Package contract checks internal/seam and internal/fakeseam against Seam's
// own OpenAPI.
//
// The client and the embedded Seam were written independently and do not import each other,
// but both could have the same mistake. Seam publishes an OpenAPI document of its API in the
// npm package @seamapi/types. The tests put a checker between a caller and the embedded Seam
// that validates each request and each response against that document.
//
// Seam also publishes a fake server, @seamapi/fake-seam-connect, for tests of applications. One
// test runs the client against it; vendorDifferences lists where that server differs from the
// document.
//
// The document and the fake server are fetched when the tests run and are never committed:
// package.json and package-lock.json pin their versions and hashes, and npm verifies them. A
// copy stays in the user's cache directory, so that only the first run needs the network. If
// they cannot be fetched, the tests fail; only -short skips them.
//
// These tests are about the wire only: paths, methods, headers, bodies.
package contract
