package seam

import (
	"crypto/tls"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// A TLS alert is retried, unless it says that the two ends will never agree.
func TestTLSAlerts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		alert tls.AlertError
		pass  bool
	}{
		"close notify":                  {0, true},
		"unexpected message":            {10, true},
		"handshake failure":             {40, true},
		"bad certificate":               {42, false},
		"unsupported certificate":       {43, false},
		"revoked certificate":           {44, false},
		"expired certificate":           {45, false},
		"unknown certificate":           {46, false},
		"unknown certificate authority": {48, false},
		"access denied":                 {49, false},
		"protocol version":              {70, false},
		"internal error":                {80, true},
		"user canceled":                 {90, true},
		"unrecognized name":             {112, true},
		"certificate required":          {116, false},
		"not known":                     {200, true},
	} {
		for _, route := range []string{"direct", "proxy"} {
			t.Run(name+"/"+route, func(t *testing.T) {
				t.Parallel()
				var connections atomic.Int64
				address := accept(t, func(conn net.Conn) {
					connections.Add(1)
					readSome(conn)
					sendAlert(conn, test.alert)
				})
				c := clientOf(t, "https://"+address, nil)
				if route == "proxy" {
					c = clientOf(t, "https://connect.example.com", through("https://"+address))
				}
				c.clock, c.retryTimeout = &fakeClock{now: time.Now()}, time.Second
				err := doRead(t.Context(), c)
				_ = asError[*TransportError](t, err)
				if n := connections.Load(); (n > 1) != test.pass {
					t.Errorf("read: %d attempts: %v", n, err)
				}
				if err := doWrite(t.Context(), c); IsAmbiguous(err) || IsTransient(err) != test.pass {
					t.Errorf("write: ambiguous: %t, transient: %t: %v", IsAmbiguous(err), IsTransient(err), err)
				}
			})
		}
	}
}
