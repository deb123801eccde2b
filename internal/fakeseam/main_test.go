package fakeseam_test

import (
	"testing"

	"go.uber.org/goleak"
)

// After a response to a request whose body was not read to the end, net/http
// keeps the connection for 500 ms, which is longer than goleak waits. The
// goroutine ends by itself.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}
