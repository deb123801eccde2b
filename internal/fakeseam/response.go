package fakeseam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

const jsonType = "application/json; charset=utf-8"

// response is a complete HTTP response, which may be sent, cut off or dropped.
type response struct {
	status      int
	contentType string
	header      map[string]string
	body        []byte
}

func (r response) writeHeader(w http.ResponseWriter) {
	if r.contentType != "" {
		w.Header().Set("Content-Type", r.contentType)
	}
	for name, value := range r.header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
}

func (r response) send(w http.ResponseWriter) {
	r.writeHeader(w)
	if _, err := w.Write(r.body); err != nil {
		// The client disconnected, or the status allows no body.
		panic(http.ErrAbortHandler)
	}
}

// cut sends the Content-Length of the whole body but half of the body, and closes the
// connection.
func (r response) cut(w http.ResponseWriter) {
	r.writeHeader(w)
	_, err := w.Write(r.body[:len(r.body)/2])
	if flusher, ok := w.(http.Flusher); ok && err == nil {
		flusher.Flush()
	}
	panic(http.ErrAbortHandler)
}

// edit lets a test change a body that is a JSON object.
func (r *response) edit(change func(map[string]any)) {
	var body map[string]any
	if err := json.Unmarshal(r.body, &body); err != nil || body == nil {
		return
	}
	change(body)
	r.body = encode(r.status, body).body
}

func plain(status int, text string) response {
	return response{status: status, contentType: "text/plain; charset=utf-8", body: []byte(text)}
}

func encode(status int, value any) response {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false) // Seam's JavaScript does not escape <, > and &
	if err := encoder.Encode(value); err != nil {
		// The types of this package can always be encoded, values of Edit perhaps not.
		panic(fmt.Sprintf("fakeseam: encoding a response: %v", err))
	}
	return response{status: status, contentType: jsonType, body: bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))}
}

// apiError is an error response of Seam's API.
type apiError struct {
	status           int
	kind             string
	message          string
	validationErrors *issueTree
}

func (e *apiError) response() response {
	type body struct {
		Type             string     `json:"type"`
		Message          string     `json:"message"`
		ValidationErrors *issueTree `json:"validation_errors,omitempty"`
	}
	return encode(e.status, struct {
		Error body `json:"error"`
		OK    bool `json:"ok"`
	}{Error: body{e.kind, e.message, e.validationErrors}})
}

func unauthorized(message string) *apiError {
	return &apiError{status: http.StatusUnauthorized, kind: "unauthorized", message: message}
}

func notFound(kind, message string) *apiError {
	return &apiError{status: http.StatusNotFound, kind: kind, message: message}
}

func badRequest(kind, message string) *apiError {
	return &apiError{status: http.StatusBadRequest, kind: kind, message: message}
}

func methodNotAllowed(methods []string) *apiError {
	return &apiError{
		status:  http.StatusMethodNotAllowed,
		kind:    "method_not_allowed",
		message: "only " + strings.Join(methods, ",") + " accepted",
	}
}

// errorForStatus returns the default body of a fault.
func errorForStatus(status int) *apiError {
	known := map[int]apiError{
		http.StatusBadRequest:          {kind: "invalid_input", message: "Invalid input"},
		http.StatusUnauthorized:        {kind: "unauthorized", message: "API Key not found"},
		http.StatusForbidden:           {kind: "forbidden", message: "Forbidden"},
		http.StatusNotFound:            {kind: "not_found", message: "Not found"},
		http.StatusConflict:            {kind: "conflict", message: "Conflict"},
		http.StatusTooManyRequests:     {kind: "rate_limit_exceeded", message: "Too many requests"},
		http.StatusInternalServerError: {kind: "internal_server_error", message: "Internal server error"},
		http.StatusBadGateway:          {kind: "bad_gateway", message: "Bad gateway"},
		http.StatusServiceUnavailable:  {kind: "service_unavailable", message: "Service unavailable"},
		http.StatusGatewayTimeout:      {kind: "gateway_timeout", message: "Gateway timeout"},
	}
	e, ok := known[status]
	if !ok {
		e = apiError{kind: "unknown_error", message: http.StatusText(status)}
	}
	e.status = status
	return &e
}
