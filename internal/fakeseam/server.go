// Package fakeseam is an in-memory Seam: the part of Seam's API that the
// provider uses, served over HTTP from a world of workspaces, access systems,
// people and links that a test or a demonstration sets up in Go.
//
// What belongs here: the wire format as Seam documents it, Seam's answers to
// right and wrong requests, and the switches that make Seam misbehave, such as
// faults, rival answers to what Seam's documentation leaves open, and rate
// limits.
//
// What does not belong here: anything of Terraform, and anything of the
// provider's own client. The fake writes JSON from its own types, so that it
// stays an independent witness to the wire format.
//
// The API is described at https://docs.seam.co/latest/api.
package fakeseam

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// maxBody bounds what is read of a request body, in bytes.
const maxBody = 1 << 20

// Server is one fake Seam: an [http.Handler] together with the world that it
// serves. It is safe for concurrent use. Use [New].
type Server struct {
	mu sync.Mutex // guards everything below

	// the world
	moments    int64
	workspaces []*workspace
	byID       struct {
		workspaces map[string]*workspace
		systems    map[string]*system
		users      map[string]*acsUser
		identities map[string]*identity // also by the ids of merged identities
	}
	apiKeys map[string]*workspace
	tokens  map[string]map[string]*workspace // token → workspace id → workspace

	// how it answers
	semantics  Semantics
	unlinkedAs UnlinkedAs
	maxPage    int
	latency    time.Duration
	faults     []*pendingFault
	limit      rateLimit
	hook       func(Request)

	// what happened
	requests    []*Request
	changes     []Change
	serving     string // the route of the request that is taking effect
	connections int
}

// New returns an empty Seam: no workspace, no credentials.
func New() *Server {
	s := &Server{
		apiKeys: map[string]*workspace{},
		tokens:  map[string]map[string]*workspace{},
	}
	s.byID.workspaces = map[string]*workspace{}
	s.byID.systems = map[string]*system{}
	s.byID.users = map[string]*acsUser{}
	s.byID.identities = map[string]*identity{}
	return s
}

// handler answers one route. It runs while s.mu is held and must not block.
type handler func(s *Server, ws *workspace, in *input) (any, *apiError)

type route struct {
	methods []string
	handle  handler
}

var (
	reads   = []string{http.MethodGet, http.MethodPost}
	adds    = []string{http.MethodPost, http.MethodPut}
	removes = []string{http.MethodDelete, http.MethodPost}
)

func routes() map[string]route {
	return map[string]route{
		"/acs/systems/get":                 {reads, (*Server).getSystem},
		"/acs/systems/list":                {reads, (*Server).listSystems},
		"/acs/users/get":                   {reads, (*Server).getACSUser},
		"/acs/users/list":                  {reads, (*Server).listACSUsers},
		"/user_identities/add_acs_user":    {adds, (*Server).addACSUserToIdentity},
		"/user_identities/get":             {reads, (*Server).getIdentity},
		"/user_identities/list":            {reads, (*Server).listIdentities},
		"/user_identities/list_acs_users":  {reads, (*Server).listACSUsersOfIdentity},
		"/user_identities/remove_acs_user": {removes, (*Server).removeACSUserFromIdentity},
		"/workspaces/get":                  {reads, (*Server).getWorkspace},
	}
}

// table is built once: ServeHTTP looks every request up in it.
var table = sync.OnceValue(routes)

// Routes returns the paths that this fake serves, sorted.
func Routes() []string {
	return slices.Sorted(maps.Keys(table()))
}

// ServeHTTP answers one request, as Seam would or as an injected fault says.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		// The client broke off while sending: there is nobody to answer.
		panic(http.ErrAbortHandler)
	}

	id := uuid.NewString()
	w.Header().Set("seam-request-id", id)
	record, hook := s.record(r, body, id)
	if hook != nil {
		hook(record.copy())
	}
	if stop, ok := s.throttle(); ok {
		s.finish(record, http.StatusTooManyRequests)
		stop.send(w)
		return
	}
	fault, latency := s.takeFault(record)
	if !wait(r.Context(), latency) {
		panic(http.ErrAbortHandler)
	}
	respond := func() answer {
		if tooLarge != nil {
			return plain(http.StatusRequestEntityTooLarge, "Body exceeded 1mb limit")
		}
		return s.respond(r, body)
	}
	if fault != nil {
		s.serveFault(w, r, *fault, record, respond)
		return
	}
	a := respond()
	s.finish(record, a.status)
	a.send(w)
}

// respond routes, authenticates, validates and handles one request, in Seam's
// order.
func (s *Server) respond(r *http.Request, body []byte) answer {
	route, ok := table()[r.URL.Path]
	if !ok {
		return plain(http.StatusNotFound, "404")
	}
	in, invalid := readInput(r, body)
	if invalid != nil {
		return *invalid
	}
	value, apiErr := s.handle(r, route, in)
	if apiErr != nil {
		return apiErr.answer()
	}
	return encode(http.StatusOK, value)
}

// handle is all that happens to the world, in one go. What it returns holds
// copies, which are written as JSON with the lock given back.
func (s *Server) handle(r *http.Request, route route, in *input) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ws, err := s.authenticate(r.Header)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(route.methods, r.Method) {
		return nil, methodNotAllowed(route.methods)
	}
	if err := in.checkContentType(r); err != nil {
		return nil, err
	}
	in.request = r
	s.serving = r.URL.Path
	defer func() { s.serving = "" }()
	return route.handle(s, ws, in)
}

// SetLatency makes every request wait that long before it takes effect and is
// answered. A client that goes away during the wait leaves no effect behind.
func (s *Server) SetLatency(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency = d
}

// wait returns true once d has passed, or false as soon as ctx is done.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
