package fakeseam

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Running is a Server that listens on this machine.
type Running struct {
	// URL is the endpoint to configure, such as http://127.0.0.1:41234.
	URL string

	server *http.Server
	cancel context.CancelFunc
	served chan error

	mu       sync.Mutex
	closed   bool
	handlers sync.WaitGroup
	closing  sync.Once
	closeErr error
}

// Start listens on a free port of the loopback interface.
func (s *Server) Start() (*Running, error) {
	return s.StartAt("127.0.0.1:0", s)
}

// StartAt listens on addr, a host and a port, and serves a handler that passes requests to the
// Server. It refuses an address that other machines can reach: the fake uses plain HTTP, and
// prints its credentials.
func (s *Server) StartAt(addr string, handler http.Handler) (*Running, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("the address %q is not a host and a port: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("the address %q is not a loopback address such as 127.0.0.1:0", addr)
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", addr, err)
	}
	// A hosts file can define localhost as any address.
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		err := fmt.Errorf("the address %q leads to %s, which is not a loopback address", addr, listener.Addr())
		return nil, errors.Join(err, listener.Close())
	}

	ctx, cancel := context.WithCancel(context.Background())
	r := &Running{
		URL:    "http://" + listener.Addr().String(),
		cancel: cancel,
		served: make(chan error, 1),
	}
	r.server = &http.Server{
		Handler:           r.counted(handler),
		ReadHeaderTimeout: 30 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.connections++
			}
		},
	}
	go func() { r.served <- r.server.Serve(listener) }()
	return r, nil
}

// Connections returns the number of connections that were opened since Start or StartAt.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// counted counts the running requests, for Close.
func (r *Running) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.mu.Lock()
		if r.closed {
			r.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
		r.handlers.Add(1)
		r.mu.Unlock()
		defer r.handlers.Done()
		next.ServeHTTP(w, request)
	})
}

// Close stops listening, closes every connection, ends waits and hangs, and returns when all
// requests have ended. The world stays as it is and can be started again. Do not call it from
// an OnRequest hook.
func (r *Running) Close() error {
	r.closing.Do(func() {
		r.mu.Lock()
		r.closed = true
		r.mu.Unlock()
		r.cancel()
		r.closeErr = r.server.Close()
		r.handlers.Wait()
		if err := <-r.served; !errors.Is(err, http.ErrServerClosed) {
			r.closeErr = errors.Join(r.closeErr, err)
		}
	})
	return r.closeErr
}
