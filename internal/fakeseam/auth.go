package fakeseam

import (
	"fmt"
	"net/http"
	"strings"
)

// AddToken returns a new personal access token for these workspaces. Every request with it
// needs a seam-workspace header. See https://docs.seam.co/latest/api/authentication.
func (s *Server) AddToken(workspaceIDs ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	reach := map[string]*workspace{}
	for _, id := range workspaceIDs {
		ws := s.mustWorkspace(id)
		reach[ws.id] = ws
	}
	token := "seam_at" + randomText(4) + "_" + randomText(24)
	s.tokens[token] = reach
	return token
}

// AddAPIKey returns a new API key of a workspace.
func (s *Server) AddAPIKey(workspaceID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addAPIKey(s.mustWorkspace(workspaceID))
}

func (s *Server) addAPIKey(ws *workspace) string {
	key := "seam_test" + randomText(4) + "_" + randomText(24)
	s.apiKeys[key] = ws
	return key
}

// Revoke revokes an API key or a personal access token.
func (s *Server) Revoke(credential string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, isKey := s.apiKeys[credential]
	_, isToken := s.tokens[credential]
	if !isKey && !isToken {
		panic(fmt.Sprintf("fakeseam: Revoke: no such credential, %d bytes long", len(credential)))
	}
	delete(s.apiKeys, credential)
	delete(s.tokens, credential)
}

// SetRefusedKeyNotFound chooses whether the response to an unknown API key is 404 with
// api_key_not_found, as observed with Seam, instead of 401.
func (s *Server) SetRefusedKeyNotFound(notFound bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusedKey404 = notFound
}

// authenticate returns the workspace of the credentials. The types of tokens and the messages
// are those of Seam.
func (s *Server) authenticate(header http.Header) (*workspace, *apiError) {
	authorization := header.Get("Authorization")
	if authorization == "" {
		return nil, unauthorized("No Authorization header")
	}
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	if !ok || token == "" {
		return nil, unauthorized("No token provided")
	}
	switch {
	case strings.HasPrefix(token, "seam_cst"):
		return nil, &apiError{
			status:  http.StatusUnauthorized,
			kind:    "client_session_token_used_for_api_key",
			message: "A client session token was used instead of an API key",
		}
	case strings.HasPrefix(token, "seam_at"):
		return s.authenticateToken(token, header.Get("seam-workspace"))
	case strings.HasPrefix(token, "ey"):
		return nil, unauthorized("A JWT was used instead of an API key")
	}
	ws, ok := s.apiKeys[token]
	switch {
	case !ok && s.refusedKey404:
		return nil, notFound("api_key_not_found", "API Key not found")
	case !ok:
		return nil, unauthorized("API Key not found")
	}
	return ws, nil
}

func (s *Server) authenticateToken(token, workspaceID string) (*workspace, *apiError) {
	if workspaceID == "" {
		return nil, badRequest("missing_workspace_id",
			"When using access token authentication, you must provide the Seam-Workspace header")
	}
	// The response does not reveal whether a workspace exists.
	ws, ok := s.tokens[token][strings.ToLower(workspaceID)]
	if !ok {
		return nil, unauthorized("Access token not found")
	}
	return ws, nil
}
