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

// answer is a whole HTTP response, ready to be sent, cut or dropped.
type answer struct {
	status      int
	contentType string
	header      map[string]string
	body        []byte
}

func (a answer) writeHeader(w http.ResponseWriter) {
	if a.contentType != "" {
		w.Header().Set("Content-Type", a.contentType)
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
}

func (a answer) send(w http.ResponseWriter) {
	a.writeHeader(w)
	if _, err := w.Write(a.body); err != nil {
		// The client has gone, or the status allows no body: either way
		// the connection is of no use any more.
		panic(http.ErrAbortHandler)
	}
}

// cut promises the whole body, sends half of it and closes the connection.
func (a answer) cut(w http.ResponseWriter) {
	a.writeHeader(w)
	_, err := w.Write(a.body[:len(a.body)/2])
	if flusher, ok := w.(http.Flusher); ok && err == nil {
		flusher.Flush()
	}
	panic(http.ErrAbortHandler)
}

// edit lets a test change a body that is a JSON object.
func (a *answer) edit(change func(map[string]any)) {
	var body map[string]any
	if err := json.Unmarshal(a.body, &body); err != nil || body == nil {
		return
	}
	change(body)
	a.body = encode(a.status, body).body
}

func plain(status int, text string) answer {
	return answer{status: status, contentType: "text/plain; charset=utf-8", body: []byte(text)}
}

func encode(status int, value any) answer {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false) // Seam's JavaScript escapes no <, > and &
	if err := encoder.Encode(value); err != nil {
		// Our own types always encode; what Edit put in may not.
		panic(fmt.Sprintf("fakeseam: encoding an answer: %v", err))
	}
	return answer{status: status, contentType: jsonType, body: bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))}
}

// apiError is an error as Seam's API answers it.
type apiError struct {
	status           int
	kind             string
	message          string
	validationErrors *issueTree
}

func (e *apiError) answer() answer {
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

// errorForStatus is the body with which a fault answers when it names none.
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
