// Package seam is a client for the part of the Seam API that the provider
// needs: user identities, ACS users, access systems and the workspace.
//
// What belongs here is what is true of every call: authentication, the wire
// format, attempts, waits and limits, and the judgement of an answer (is it a
// success, a refusal, or does nobody know). A method is one request of the
// API, and an answer that cannot be trusted is an error, never an empty
// result: "not found" and "not linked" are facts that callers drop state for.
//
// What does not belong here is anything about Terraform, and any decision
// about links. In particular a write whose outcome is unknown is not repeated
// here: the caller has to look at the ACS user first (see [IsAmbiguous] and
// [Client.Pause]).
//
// The API is described at https://docs.seam.co/latest/api.
package seam

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Config is what a [Client] is made of.
type Config struct {
	// Endpoint is the base URL of the API, validated by the caller. A base
	// path is kept; userinfo, query and fragment are not.
	Endpoint *url.URL
	// Token is the API key or personal access token. It is sent as a bearer
	// token and appears nowhere else.
	Token string
	// WorkspaceID is sent as seam-workspace unless empty. A personal access
	// token needs it; with an API key it is left empty, since the key already
	// belongs to a workspace.
	WorkspaceID string

	UserAgent  string
	SDKName    string // sent as seam-sdk-name
	SDKVersion string // sent as seam-sdk-version

	// RetryTimeout is how long one operation may keep trying again. With 0
	// nothing is tried again.
	RetryTimeout time.Duration

	Throttle  *Throttle         // shared by the clients of the process; nil: one of its own
	Clock     Clock             // nil: the real one
	Transport http.RoundTripper // nil: NewTransport()
	Logger    *slog.Logger      // each request and each wait, at debug level; nil: discarded
}

// Client calls the Seam API. It is safe for concurrent use.
type Client struct {
	endpoint     url.URL     // with no slash at the end of its path
	header       http.Header // of every request; never changed after NewClient
	token        string      // to keep it out of what the server echoes
	retryTimeout time.Duration
	throttle     *Throttle
	outage       outage
	clock        Clock
	logger       *slog.Logger
	random       func() float64 // in [0, 1)
	http         *retryablehttp.Client
}

// NewClient returns a client. It sends nothing.
func NewClient(cfg Config) *Client {
	c := &Client{
		endpoint:     *cfg.Endpoint.JoinPath(),
		header:       header(cfg),
		token:        cfg.Token,
		retryTimeout: cfg.RetryTimeout,
		throttle:     cfg.Throttle,
		clock:        cfg.Clock,
		logger:       cfg.Logger,
		random:       rand.Float64,
	}
	c.endpoint.User = nil
	c.endpoint.RawQuery, c.endpoint.ForceQuery = "", false
	c.endpoint.Fragment, c.endpoint.RawFragment = "", ""
	c.endpoint.Path = strings.TrimSuffix(c.endpoint.Path, "/")
	c.endpoint.RawPath = strings.TrimSuffix(c.endpoint.RawPath, "/")
	if c.throttle == nil {
		c.throttle = NewThrottle()
	}
	if c.clock == nil {
		c.clock = SystemClock{}
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	transport := cfg.Transport
	if transport == nil {
		transport = NewTransport()
	}
	c.http = &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport: &attemptTransport{client: c, next: transport},
			// A redirect would carry the credentials to wherever it points.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     math.MaxInt32, // time is the limit, not a number: see retryBudget
		CheckRetry:   c.checkRetry,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
		// Waits belong to admit, where the clock and the throttle are.
		Backoff: func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 },
	}
	return c
}

func header(cfg Config) http.Header {
	h := http.Header{}
	h.Set("Authorization", "Bearer "+cfg.Token)
	h.Set("Content-Type", "application/json")
	h.Set("Accept", "application/json")
	for name, value := range map[string]string{
		"User-Agent":       cfg.UserAgent,
		"seam-workspace":   cfg.WorkspaceID,
		"seam-sdk-name":    cfg.SDKName,
		"seam-sdk-version": cfg.SDKVersion,
	} {
		if value != "" {
			h.Set(name, value)
		}
	}
	return h
}

// kind says what may be done with a request that failed.
type kind int

const (
	read  kind = iota // no effect: may be repeated, may be cut off
	write             // has an effect, once or not at all: neither
)

// answer is the body of a success, as one route defines it.
type answer interface {
	succeeded() bool
	// problem says what makes no sense in the answer, in a few words; "" if
	// it can be trusted.
	problem() string
}

// envelope is what every answer carries.
type envelope struct {
	OK bool `json:"ok"`
}

func (e *envelope) succeeded() bool { return e.OK }
func (e *envelope) problem() string { return "" }

// call is the state of one method call through all of its attempts.
type call struct {
	kind   kind
	path   string // of the API, without the endpoint's base path
	answer answer
	budget retryBudget

	attempt   int       // the number of the attempt under way, from 1
	failure   error     // of the latest attempt, nil if it succeeded
	notBefore time.Time // when the next attempt may be sent
}

type callKey struct{}

// callOf returns the call that a request belongs to. Requests come from
// Client.call alone, so that there always is one.
func callOf(ctx context.Context) *call {
	this, _ := ctx.Value(callKey{}).(*call)
	return this
}

// call sends the request until it is answered, and decodes the answer.
func (c *Client) call(ctx context.Context, k kind, path string, request any, a answer) error {
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("encoding the request to %s: %w", path, err)
	}
	this := &call{kind: k, path: path, answer: a, budget: c.budget(ctx)}
	u := c.endpoint
	u.Path += path
	if u.RawPath != "" {
		u.RawPath += path
	}
	req := retryablehttp.Request{Request: (&http.Request{
		Method:     http.MethodPost,
		URL:        &u,
		Host:       u.Host,
		Header:     c.header,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
	}).WithContext(context.WithValue(ctx, callKey{}, this))}
	if err := req.SetBody(body); err != nil {
		return fmt.Errorf("encoding the request to %s: %w", path, err)
	}

	// Every answer has been read by the attempt: there is no body to close.
	_, err = c.http.Do(&req)            //nolint:bodyclose // see attemptTransport
	if err != nil && err == ctx.Err() { //nolint:errorlint // a timeout of a write wraps the same error, and is ambiguous
		// Cancelled between two attempts, where retryablehttp watches ctx too.
		return c.cancelled(ctx, this)
	}
	return err
}
