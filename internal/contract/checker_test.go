package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// A checker is a proxy in front of an HTTP server. It passes on each request and each response
// unchanged, and keeps what is wrong with them.
type checker struct {
	spec *openapi3.T
	next http.Handler

	mu        sync.Mutex
	exchanges []exchange
}

// An exchange is a request and its response.
type exchange struct {
	method, path string
	workspace    bool // The request named a workspace: a personal access token.
	status       int
	requestBody  []byte
	responseBody []byte
	request      error // What is wrong with the request.
	response     error // What is wrong with the response.
}

func (e exchange) String() string {
	return fmt.Sprintf("%s %s → %d", e.method, e.path, e.status)
}

func (c *checker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	seen := exchange{
		method:      r.Method,
		path:        r.URL.Path,
		workspace:   r.Header.Get("Seam-Workspace") != "",
		requestBody: body,
		request:     checkRequest(c.spec, r, body),
	}

	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	c.next.ServeHTTP(answer, r)

	seen.status = answer.Code
	seen.responseBody = answer.Body.Bytes()
	seen.response = checkResponse(c.spec, r, answer.Code, answer.Header(), answer.Body.Bytes())

	c.mu.Lock()
	c.exchanges = append(c.exchanges, seen)
	c.mu.Unlock()

	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(seen.responseBody)
}

// seen returns all exchanges so far.
func (c *checker) seen() []exchange {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.exchanges)
}

// last returns the latest exchange.
func (c *checker) last(t *testing.T) exchange {
	t.Helper()
	seen := c.seen()
	if len(seen) == 0 {
		t.Fatal("no request arrived")
	}
	return seen[len(seen)-1]
}

// checkRequest checks a request against the document.
func checkRequest(spec *openapi3.T, r *http.Request, body []byte) error {
	input, err := requestInput(spec, r, body)
	if err != nil {
		return err
	}
	problems := []error{openapi3filter.ValidateRequest(r.Context(), input)}

	operation := input.Route.Operation
	if operation.RequestBody == nil && len(body) > 0 && !bytes.Equal(bytes.TrimSpace(body), []byte("{}")) {
		// Seam's own SDKs send an empty object for no parameters.
		problems = append(problems, errors.New("it has a body, and none is described"))
	}
	if alternatives := unionBody(input.Route); alternatives != nil {
		problems = append(problems, checkQueryAsBody(r.URL.Query(), alternatives))
	} else {
		for name := range r.URL.Query() {
			if operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
				problems = append(problems, fmt.Errorf("it has the query parameter %q, which is not described", name))
			}
		}
	}
	return errors.Join(problems...)
}

// checkResponse checks a response against the document. The document does not describe the
// body of an error; it is checked against what Seam's SDKs decode.
func checkResponse(spec *openapi3.T, r *http.Request, status int, header http.Header, body []byte) error {
	if status == http.StatusNotFound || status == http.StatusMethodNotAllowed {
		// Seam returns these, but the document does not list them.
		return checkError(header, body)
	}
	input, err := requestInput(spec, r, nil)
	if err != nil {
		return err
	}
	response := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 status,
		Header:                 header,
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	response.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(r.Context(), response); err != nil {
		return err
	}
	if status >= http.StatusBadRequest {
		return checkError(header, body)
	}
	var envelope struct{ OK bool }
	if err := json.Unmarshal(body, &envelope); err != nil || !envelope.OK {
		return fmt.Errorf(`a success without "ok": true: %s`, body)
	}
	return nil
}

// checkError checks the body of an error against what Seam's SDKs decode.
func checkError(header http.Header, body []byte) error {
	if mime, _, _ := strings.Cut(header.Get("Content-Type"), ";"); mime != "application/json" {
		return fmt.Errorf("an error has the content type %q", mime)
	}
	var envelope struct {
		OK    *bool `json:"ok"`
		Error struct {
			Type    string `json:"type"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return fmt.Errorf("an error has a body that is not JSON: %w", err)
	}
	if envelope.Error.Type == "" || envelope.Error.Message == "" || envelope.OK == nil || *envelope.OK {
		return fmt.Errorf(`an error lacks its type, its message or "ok": false: %s`, body)
	}
	return nil
}

// requestInput finds the operation for a request. Seam's paths have no
// parameters, so that looking one up is all the routing there is.
func requestInput(spec *openapi3.T, r *http.Request, body []byte) (*openapi3filter.RequestValidationInput, error) {
	if !slices.Contains(routes, r.URL.Path) {
		return nil, fmt.Errorf("%s is none of the routes that the provider uses", r.URL.Path)
	}
	item := spec.Paths.Value(r.URL.Path)
	operation := item.GetOperation(r.Method)
	if operation == nil {
		return nil, fmt.Errorf("Seam does not offer %s %s", r.Method, r.URL.Path)
	}

	copied := r.Clone(r.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	copied.ContentLength = int64(len(body))
	return &openapi3filter.RequestValidationInput{
		Request:     copied,
		QueryParams: r.URL.Query(),
		Route: &routers.Route{
			Spec: spec, Path: r.URL.Path, PathItem: item, Method: r.Method, Operation: operation,
		},
		Options: &openapi3filter.Options{
			AuthenticationFunc: authenticate,
			MultiError:         true,
			// What is sent is checked, not what it becomes with the defaults.
			SkipSettingDefaults: true,
		},
	}, nil
}

// authenticate checks a request against one security scheme of its operation. Both schemes
// that the provider uses are a bearer token in the document; Seam's documentation and SDKs
// tell them apart.
func authenticate(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	scheme := input.SecurityScheme
	if scheme.Type != "http" || scheme.Scheme != "bearer" {
		return fmt.Errorf("%s is not used by this provider", input.SecuritySchemeName)
	}
	header := input.RequestValidationInput.Request.Header
	token, isBearer := strings.CutPrefix(header.Get("Authorization"), "Bearer ")
	if !isBearer {
		return errors.New("no bearer token in Authorization")
	}
	isPersonal, workspace := strings.HasPrefix(token, "seam_at"), header.Get("Seam-Workspace")
	switch input.SecuritySchemeName {
	case "api_key":
		if !strings.HasPrefix(token, "seam_") || isPersonal {
			return errors.New("not an API key")
		}
		if workspace != "" {
			return errors.New("an API key fixes the workspace; seam-workspace is for personal access tokens")
		}
	case "pat_with_workspace":
		if !isPersonal {
			return errors.New("not a personal access token")
		}
		if !uuidPattern.MatchString(workspace) {
			return fmt.Errorf("a personal access token needs seam-workspace, got %q", workspace)
		}
	default:
		return fmt.Errorf("%s is not used by this provider", input.SecuritySchemeName)
	}
	return nil
}

// unionBody returns the schema of the POST body for an operation whose parameters are missing
// from the document: its generator drops query parameters that are a union, such as those of
// GET /user_identities/get.
func unionBody(route *routers.Route) *openapi3.Schema {
	if route.Operation.RequestBody != nil || len(route.Operation.Parameters) > 0 {
		return nil
	}
	post := route.PathItem.Post
	if post == nil || post.RequestBody == nil {
		return nil
	}
	schema := post.RequestBody.Value.Content["application/json"].Schema.Value
	if len(schema.OneOf) == 0 {
		return nil
	}
	return schema
}

func checkQueryAsBody(query url.Values, schema *openapi3.Schema) error {
	object := map[string]any{}
	for name, values := range query {
		if len(values) != 1 {
			return fmt.Errorf("the query parameter %q occurs %d times", name, len(values))
		}
		object[name] = values[0]
	}
	return schema.VisitJSON(object, openapi3.VisitAsRequest(), openapi3.MultiErrors())
}

// The rest of this file tests the checker.

const (
	someID    = "2b7a0e53-7d5c-4a0e-9c3b-0c5de6a53c1f"
	anotherID = "7e0f5b0e-4a0a-4cf4-8a39-5f3a8a0cbb55"
)

func TestChecker_request(t *testing.T) {
	t.Parallel()
	spec := seamSpec(t)

	withKey := http.Header{"Authorization": {"Bearer seam_key"}}
	withToken := http.Header{"Authorization": {"Bearer seam_at_token"}, "Seam-Workspace": {someID}}
	both := `{"user_identity_id":"` + someID + `","acs_user_id":"` + anotherID + `"}`

	for name, c := range map[string]struct {
		method, target, body string
		header               http.Header
		contentType          string
		complaint            string // Empty: nothing is wrong.
	}{
		"add by POST":                  {method: "POST", target: "/user_identities/add_acs_user", body: both},
		"add by PUT":                   {method: "PUT", target: "/user_identities/add_acs_user", body: both},
		"add with a PAT":               {method: "PUT", target: "/user_identities/add_acs_user", body: both, header: withToken},
		"remove by DELETE":             {method: "DELETE", target: "/user_identities/remove_acs_user?user_identity_id=" + someID + "&acs_user_id=" + anotherID},
		"list with everything left":    {method: "POST", target: "/acs/users/list", body: `{}`},
		"list by several ids":          {method: "GET", target: "/user_identities/list?user_identity_ids=" + someID + "&user_identity_ids=" + anotherID},
		"workspace without a body":     {method: "POST", target: "/workspaces/get"},
		"workspace with an empty body": {method: "POST", target: "/workspaces/get", body: `{}`},
		"identity by id":               {method: "GET", target: "/user_identities/get?user_identity_id=" + someID},
		"identity by key":              {method: "POST", target: "/user_identities/get", body: `{"user_identity_key":"k"}`},

		"another route":             {method: "POST", target: "/acs/entrances/grant_access", body: `{}`, complaint: "none of the routes"},
		"a path with a slash more":  {method: "POST", target: "/workspaces/get/", complaint: "none of the routes"},
		"another method":            {method: "DELETE", target: "/user_identities/add_acs_user", complaint: "does not offer"},
		"a missing field":           {method: "POST", target: "/user_identities/remove_acs_user", body: `{"acs_user_id":"` + someID + `"}`, complaint: `"user_identity_id" is missing`},
		"a missing query parameter": {method: "DELETE", target: "/user_identities/remove_acs_user?acs_user_id=" + someID, complaint: "user_identity_id"},
		"a malformed id":            {method: "POST", target: "/acs/users/get", body: `{"acs_user_id":"123"}`, complaint: "not a UUID"},
		"a malformed id in a query": {method: "GET", target: "/acs/users/get?acs_user_id=123", complaint: "not a UUID"},
		"a malformed id in a list":  {method: "POST", target: "/user_identities/list", body: `{"user_identity_ids":["x"]}`, complaint: "not a UUID"},
		"an extra field":            {method: "POST", target: "/acs/users/list", body: `{"acs_system":"x"}`, complaint: `property "acs_system" is unsupported`},
		"an extra query parameter":  {method: "GET", target: "/acs/users/list?acs_system=x", complaint: `query parameter "acs_system"`},
		"a query on a POST":         {method: "POST", target: "/acs/users/list?limit=1", body: `{}`, complaint: `query parameter "limit"`},
		"both of two alternatives":  {method: "POST", target: "/user_identities/get", body: `{"user_identity_id":"` + someID + `","user_identity_key":"k"}`, complaint: `property "user_identity_key" is unsupported`},
		"none of two alternatives":  {method: "GET", target: "/user_identities/get", complaint: `"user_identity_key" is missing`},
		"a body missing":            {method: "POST", target: "/acs/users/list", complaint: "value is required"},
		"a body where none belongs": {method: "GET", target: "/workspaces/get", body: `{"workspace_id":"` + someID + `"}`, complaint: "none is described"},
		"a number as a string":      {method: "POST", target: "/acs/users/list", body: `{"limit":"10"}`, complaint: "must be an integer"},
		"no page at all":            {method: "POST", target: "/acs/users/list", body: `{"limit":0}`, complaint: "must be more than 0"},
		"a malformed time":          {method: "POST", target: "/acs/users/list", body: `{"created_before":"yesterday"}`, complaint: "date-time"},
		"a null filter":             {method: "POST", target: "/acs/users/list", body: `{"acs_system_id":null}`, complaint: "not nullable"},
		"another content type":      {method: "POST", target: "/acs/users/list", body: `{}`, contentType: "text/plain", complaint: "Content-Type"},
		"broken JSON":               {method: "POST", target: "/acs/users/list", body: `{`, complaint: "decode"},
		"no credentials":            {method: "GET", target: "/workspaces/get", header: http.Header{}, complaint: "no bearer token"},
		"basic authentication":      {method: "GET", target: "/workspaces/get", header: http.Header{"Authorization": {"Basic c2VhbQ=="}}, complaint: "no bearer token"},
		"a PAT without a workspace": {method: "GET", target: "/workspaces/get", header: http.Header{"Authorization": {"Bearer seam_at_x"}}, complaint: "needs seam-workspace"},
		"a key with a workspace":    {method: "GET", target: "/workspaces/get", header: http.Header{"Authorization": {"Bearer seam_x"}, "Seam-Workspace": {someID}}, complaint: "fixes the workspace"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequest(c.method, c.target, strings.NewReader(c.body))
			request.Header = withKey.Clone()
			if c.header != nil {
				request.Header = c.header.Clone()
			}
			if c.body != "" {
				request.Header.Set("Content-Type", "application/json")
			}
			if c.contentType != "" {
				request.Header.Set("Content-Type", c.contentType)
			}
			expectComplaint(t, checkRequest(spec, request, []byte(c.body)), c.complaint)
		})
	}
}

func TestChecker_response(t *testing.T) {
	t.Parallel()
	spec := seamSpec(t)

	const user = `"acs_user_id":"` + someID + `","acs_system_id":"` + someID + `","workspace_id":"` + someID + `",
		"connected_account_id":"` + someID + `","created_at":"2026-01-02T03:04:05.678Z","display_name":"Jane Doe",
		"errors":[],"last_successful_sync_at":null,"is_managed":true`

	for name, c := range map[string]struct {
		path, body  string
		status      int
		contentType string
		complaint   string // Empty: nothing is wrong.
	}{
		"a user":                {path: "/acs/users/get", body: `{"ok":true,"acs_user":{` + user + `,"warnings":[]}}`},
		"a user being deleted":  {path: "/acs/users/get", body: `{"ok":true,"acs_user":{` + user + `,"warnings":[{"warning_code":"being_deleted","created_at":"2026-01-02T03:04:05Z","message":"m"}]}}`},
		"the first page of two": {path: "/acs/users/list", body: `{"ok":true,"acs_users":[],"pagination":{"has_next_page":true,"next_page_cursor":"c","next_page_url":"https://connect.getseam.com/acs/users/list?page_cursor=c"}}`},
		"not found":             {path: "/acs/users/get", status: 404, body: `{"ok":false,"error":{"type":"acs_user_not_found","message":"m"}}`},
		"unauthorized":          {path: "/acs/users/get", status: 401, body: `{"ok":false,"error":{"type":"unauthorized","message":"m"}}`},

		"a missing field":         {path: "/acs/users/get", body: `{"ok":true,"acs_user":{` + user + `}}`, complaint: `"warnings" is missing`},
		"a missing envelope":      {path: "/acs/users/get", body: `{` + user + `,"warnings":[]}`, complaint: `"acs_user" is missing`},
		"an extra field":          {path: "/acs/users/get", body: `{"ok":true,"acs_user":{` + user + `,"warnings":[],"user_identity":"x"}}`, complaint: `property "user_identity" is unsupported`},
		"a malformed id":          {path: "/acs/users/get", body: `{"ok":true,"acs_user":{` + user + `,"warnings":[],"hid_acs_system_id":""}}`, complaint: "not a UUID"},
		"a malformed address":     {path: "/acs/users/get", body: `{"ok":true,"acs_user":{` + user + `,"warnings":[],"email_address":"jane"}}`, complaint: "not an email address"},
		"an unknown warning":      {path: "/acs/users/get", body: `{"ok":true,"acs_user":{` + user + `,"warnings":[{"warning_code":"unheard_of","created_at":"2026-01-02T03:04:05Z","message":"m"}]}}`, complaint: `not one of the allowed values ["being_deleted"]`},
		"a page without the rest": {path: "/acs/users/list", body: `{"ok":true,"acs_users":[]}`, complaint: `"pagination" is missing`},
		"a malformed page URL":    {path: "/acs/users/list", body: `{"ok":true,"acs_users":[],"pagination":{"has_next_page":true,"next_page_cursor":"c","next_page_url":"acs/users"}}`, complaint: "not an absolute URL"},
		"a success that is none":  {path: "/user_identities/add_acs_user", body: `{"ok":false}`, complaint: `"ok": true`},
		"another content type":    {path: "/user_identities/add_acs_user", contentType: "text/html", body: `{"ok":true}`, complaint: "Content-Type"},
		"another success":         {path: "/user_identities/add_acs_user", status: 204, complaint: "status is not supported"},
		"a redirect":              {path: "/user_identities/add_acs_user", status: 302, complaint: "status is not supported"},
		"an error of the server":  {path: "/user_identities/add_acs_user", status: 500, complaint: "status is not supported"},
		"an error without a type": {path: "/acs/users/get", status: 404, body: `{"ok":false,"error":{"message":"m"}}`, complaint: "lacks its type"},
		"an error that says ok":   {path: "/acs/users/get", status: 400, body: `{"ok":true,"error":{"type":"t","message":"m"}}`, complaint: "lacks its type"},
		"an error in plain text":  {path: "/acs/users/get", status: 401, contentType: "text/plain", body: `no`, complaint: "content type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequest(http.MethodPost, c.path, http.NoBody)
			header := http.Header{"Content-Type": {"application/json"}}
			if c.contentType != "" {
				header.Set("Content-Type", c.contentType)
			}
			if c.status == 0 {
				c.status = http.StatusOK
			}
			expectComplaint(t, checkResponse(spec, request, c.status, header, []byte(c.body)), c.complaint)
		})
	}
}

func expectComplaint(t *testing.T, err error, complaint string) {
	t.Helper()
	switch {
	case complaint == "" && err != nil:
		t.Errorf("the checker refuses a valid message: %v", err)
	case complaint != "" && err == nil:
		t.Errorf("the checker accepts it, expected an error with %q", complaint)
	case complaint != "" && !strings.Contains(err.Error(), complaint):
		t.Errorf("expected an error with %q, got: %v", complaint, err)
	}
}
