// Package fakeseam is an in-memory Seam: the part of Seam's API that the
// provider uses, served over HTTP from a world of workspaces, access systems,
// people and links that a test or a demonstration sets up in Go.
//
// What belongs here: the wire format as Seam documents it, Seam's responses to valid and
// invalid requests, and switches for misbehavior, such as faults, rival behaviors where Seam's
// documentation leaves them open, and rate limits.
//
// What does not belong here: Terraform, and the provider's client. The fake has its own JSON
// types, so that it is an independent witness to the wire format.
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

// maxBody is the maximum size of a request body, in bytes.
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
		groups     map[string]*accessGroup
		users      map[string]*acsUser
		identities map[string]*identity // also by the ids of merged identities
	}
	apiKeys map[string]*workspace
	tokens  map[string]map[string]*workspace // token → workspace id → workspace

	// behavior
	semantics       Semantics
	unlinkedAs      UnlinkedAs
	maxPage         int
	getLag          int
	mergedUnlisted  bool
	slowDeletes     bool
	unmanagedInGets bool
	refusedKey404   bool
	latency         time.Duration
	faults          []*pendingFault
	limit           rateLimit
	hook            func(Request)

	// history
	requests          []*Request
	changes           []Change
	objectChanges     []ObjectChange
	membershipChanges []MembershipChange
	serving           string // the route of the request that is taking effect
	requestID         string // of that request
	noEffect          bool   // the request has a response, but changes nothing
	ids               *idSequence
	connections       int
}

// New returns an empty Seam: no workspace, no credentials.
func New() *Server {
	s := &Server{
		apiKeys: map[string]*workspace{},
		tokens:  map[string]map[string]*workspace{},
	}
	s.byID.workspaces = map[string]*workspace{}
	s.byID.systems = map[string]*system{}
	s.byID.groups = map[string]*accessGroup{}
	s.byID.users = map[string]*acsUser{}
	s.byID.identities = map[string]*identity{}
	return s
}

// handler handles one route. It is called with s.mu held and must not block. It changes the
// world only through functions that check s.noEffect.
type handler func(s *Server, ws *workspace, in *input) (any, *apiError)

type route struct {
	methods []string
	handle  handler
}

var (
	reads   = []string{http.MethodGet, http.MethodPost}
	creates = []string{http.MethodPost}
	updates = []string{http.MethodPatch, http.MethodPost}
	adds    = []string{http.MethodPost, http.MethodPut}
	removes = []string{http.MethodDelete, http.MethodPost}
)

func routes() map[string]route {
	return map[string]route{
		"/acs/access_groups/get":              {reads, (*Server).getAccessGroup},
		"/acs/access_groups/list":             {reads, (*Server).listAccessGroups},
		"/acs/access_groups/list_users":       {reads, (*Server).listUsersOfAccessGroup},
		"/acs/systems/get":                    {reads, (*Server).getSystem},
		"/acs/systems/list":                   {reads, (*Server).listSystems},
		"/acs/users/add_to_access_group":      {adds, (*Server).addToAccessGroup},
		"/acs/users/create":                   {creates, (*Server).createACSUser},
		"/acs/users/delete":                   {removes, (*Server).deleteACSUser},
		"/acs/users/get":                      {reads, (*Server).getACSUser},
		"/acs/users/list":                     {reads, (*Server).listACSUsers},
		"/acs/users/remove_from_access_group": {removes, (*Server).removeFromAccessGroup},
		"/acs/users/suspend":                  {creates, (*Server).suspendACSUser},
		"/acs/users/unsuspend":                {creates, (*Server).unsuspendACSUser},
		"/acs/users/update":                   {updates, (*Server).updateACSUser},
		"/user_identities/add_acs_user":       {adds, (*Server).addACSUserToIdentity},
		"/user_identities/create":             {creates, (*Server).createIdentity},
		"/user_identities/delete":             {removes, (*Server).deleteUserIdentity},
		"/user_identities/get":                {reads, (*Server).getIdentity},
		"/user_identities/list":               {reads, (*Server).listIdentities},
		"/user_identities/list_acs_users":     {reads, (*Server).listACSUsersOfIdentity},
		"/user_identities/remove_acs_user":    {removes, (*Server).removeACSUserFromIdentity},
		"/user_identities/unmanaged/get":      {reads, (*Server).getUnmanagedIdentity},
		"/user_identities/update":             {updates, (*Server).updateUserIdentity},
		"/workspaces/get":                     {reads, (*Server).getWorkspace},
	}
}

// table is built once.
var table = sync.OnceValue(routes)

// Routes returns the paths that this fake serves, sorted.
func Routes() []string {
	return slices.Sorted(maps.Keys(table()))
}

// ServeHTTP handles one request, as Seam would or as an injected fault requires.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		// The client disconnected while it sent the request.
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
	c := call{s: s, request: r, id: id, body: body, tooLarge: tooLarge != nil, ids: &idSequence{}}
	if fault != nil {
		c.serveFault(w, *fault, record)
		return
	}
	a := c.respond(true)
	s.finish(record, a.status)
	a.send(w)
}

// call is a request whose body was read.
type call struct {
	s        *Server
	request  *http.Request
	id       string
	body     []byte
	tooLarge bool
	ids      *idSequence
}

// idSequence holds the ids of the objects that a request creates, in order. A request that
// takes effect after its response creates objects with the ids of the response.
type idSequence struct {
	ids  []string
	used int
}

// newID returns the id of a new object.
func (s *Server) newID() string {
	if s.ids == nil {
		return uuid.NewString()
	}
	if s.ids.used == len(s.ids.ids) {
		s.ids.ids = append(s.ids.ids, uuid.NewString())
	}
	s.ids.used++
	return s.ids.ids[s.ids.used-1]
}

// respond routes, authenticates, validates and handles the request, in Seam's order. Without
// effect, the response is the same and the world stays as it is.
func (c call) respond(effect bool) response {
	if c.tooLarge {
		return plain(http.StatusRequestEntityTooLarge, "Body exceeded 1mb limit")
	}
	route, ok := table()[c.request.URL.Path]
	if !ok {
		return plain(http.StatusNotFound, "404")
	}
	in, invalid := readInput(c.request, c.body)
	if invalid != nil {
		return *invalid
	}
	value, apiErr := c.handle(route, in, effect)
	if apiErr != nil {
		return apiErr.response()
	}
	return encode(http.StatusOK, value)
}

// handle makes all changes of a request, with s.mu held. Its result holds copies, which are
// encoded without the lock.
func (c call) handle(route route, in *input, effect bool) (any, *apiError) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	ws, err := c.admit(route, in)
	if err != nil {
		return nil, err
	}
	return c.carryOut(route, ws, in, effect)
}

// admit returns the workspace of the request, or why it is refused. s.mu is held.
func (c call) admit(route route, in *input) (*workspace, *apiError) {
	ws, err := c.s.authenticate(c.request.Header)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(route.methods, c.request.Method) {
		return nil, methodNotAllowed(route.methods)
	}
	if err := in.checkContentType(c.request); err != nil {
		return nil, err
	}
	in.request = c.request
	return ws, nil
}

// carryOut calls the handler with s.mu held.
func (c call) carryOut(route route, ws *workspace, in *input, effect bool) (any, *apiError) {
	c.ids.used = 0
	c.s.serving, c.s.requestID, c.s.noEffect, c.s.ids = c.request.URL.Path, c.id, !effect, c.ids
	defer func() { c.s.serving, c.s.requestID, c.s.noEffect, c.s.ids = "", "", false, nil }()
	return route.handle(c.s, ws, in)
}

// later authenticates the request, and returns a function that carries it out on its first
// call. A request that is refused now has no effect then.
func (c call) later() func() {
	route, ok := table()[c.request.URL.Path]
	if !ok || c.tooLarge {
		return func() {}
	}
	in, invalid := readInput(c.request, c.body)
	if invalid != nil {
		return func() {}
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	ws, err := c.admit(route, in)
	if err != nil {
		return func() {}
	}
	return sync.OnceFunc(func() {
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		_, _ = c.carryOut(route, ws, in, true) // the client has its response
	})
}

// SetLatency makes every request wait before it takes effect. If the client disconnects during
// the wait, there is no effect.
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
