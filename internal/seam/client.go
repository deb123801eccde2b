// Package seam is a client for the part of the Seam API that the provider needs. It
// holds what is true of every request: authentication, the wire format, retries, and
// whether a response can be trusted. One that cannot be trusted is an error, never an
// empty result: callers remove links from state for "not found" and "not linked".
//
// Nothing here knows Terraform or decides about links. In particular, a write that
// failed is not repeated here: the caller has to read first (see [IsAmbiguous],
// [IsTransient] and [Client.Pause]).
//
// The API is described at https://docs.seam.co/latest/api.
package seam

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"
)

// Config is what a [Client] is made of.
type Config struct {
	Endpoint    *url.URL // base URL of the API, validated by the caller; only scheme, host and path count
	Token       string   // API key or personal access token, sent as a bearer token and nowhere else
	WorkspaceID string   // sent as seam-workspace: a personal access token needs it, an API key has one
	UserAgent   string
	SDKName     string // sent as seam-sdk-name
	SDKVersion  string // sent as seam-sdk-version

	RetryTimeout time.Duration     // how long one operation may retry; 0: not at all
	Throttle     *Throttle         // shared by the clients of the process; nil: one of its own
	Clock        Clock             // nil: the real one
	Transport    http.RoundTripper // nil: NewTransport()
	Logger       *slog.Logger      // each request and each wait, at debug level; nil: discarded
}

// Client calls the Seam API. It is safe for concurrent use.
type Client struct {
	sanitizer
	endpoint     url.URL
	header       http.Header // of every request; never changed after NewClient
	retryTimeout time.Duration
	throttle     *Throttle
	outage       outage
	created      created
	clock        Clock
	transport    http.RoundTripper
	logger       *slog.Logger
	random       func() float64 // in [0, 1)
}

// NewClient returns a client. It sends nothing.
func NewClient(cfg Config) *Client {
	header := http.Header{
		"Authorization":    {"Bearer " + cfg.Token},
		"Content-Type":     {"application/json"},
		"Accept":           {"application/json"},
		"User-Agent":       {cfg.UserAgent},
		"Seam-Workspace":   {cfg.WorkspaceID},
		"Seam-Sdk-Name":    {cfg.SDKName},
		"Seam-Sdk-Version": {cfg.SDKVersion},
	}
	maps.DeleteFunc(header, func(_ string, values []string) bool { return values[0] == "" })
	return &Client{
		sanitizer:    sanitizer{token: cfg.Token},
		endpoint:     url.URL{Scheme: cfg.Endpoint.Scheme, Host: cfg.Endpoint.Host, Path: cfg.Endpoint.Path, RawPath: cfg.Endpoint.RawPath},
		header:       header,
		retryTimeout: cfg.RetryTimeout,
		throttle:     cmp.Or(cfg.Throttle, &Throttle{}),
		clock:        cmp.Or[Clock](cfg.Clock, SystemClock{}),
		transport:    cmp.Or[http.RoundTripper](cfg.Transport, NewTransport()),
		logger:       cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler)),
		random:       rand.Float64,
	}
}

// kind says whether a request may be retried, and ended when it is cancelled.
type kind int

const (
	read  kind = iota // no effect: both
	write             // has an effect, once or not at all: neither
)

// request is one request to the API, through all of its attempts.
type request struct {
	kind   kind
	path   string // of the API, without the endpoint's base path
	body   []byte
	decode func(body []byte) error // of a success
}

// post sends a request, and returns what extract takes out of the response.
func post[T any](ctx context.Context, c *Client, k kind, path string, body any, extract func(response) (T, error)) (T, error) {
	var result, none T
	encoded, err := json.Marshal(body)
	if err != nil {
		return none, fmt.Errorf("encoding the request to %s: %w", path, err)
	}
	err = c.call(ctx, &request{k, path, encoded, func(body []byte) error {
		decoded, err := decodeResponse(body)
		if err == nil {
			result, err = extract(decoded)
		}
		return err
	}})
	if err != nil {
		return none, err
	}
	return result, nil
}

// command sends a write whose response says only that Seam accepted it.
func (c *Client) command(ctx context.Context, path string, body any) error {
	_, err := post(ctx, c, write, path, body, func(response) (struct{}, error) { return struct{}{}, nil })
	return err
}

// call makes attempts until one succeeds, fails for good, or is the last one that
// there is time for. A write has one attempt.
func (c *Client) call(ctx context.Context, r *request) error {
	budget := c.budgetOf(ctx)
	var failure error       // of the latest attempt
	var notBefore time.Time // when the next attempt may begin
	for n := 0; ; n++ {
		if err := c.waitFor(ctx, r, budget, notBefore, failure); err != nil {
			return err
		}

		failure = c.attempt(ctx, r, n+1)
		now := c.clock.Now()
		down := c.outage.record(failure, now)
		if failure == nil {
			return nil
		}

		notBefore = retryAt(failure)
		asked := !notBefore.IsZero()
		if !asked {
			notBefore = now.Add(backoff(n, c.random()))
		}
		status, _ := statusOf(failure)
		if status == http.StatusTooManyRequests || asked && status == http.StatusServiceUnavailable {
			c.throttle.block(notBefore, status)
		}

		if r.kind == write || !isRetryable(failure) {
			return failure
		}
		if down > 0 && down >= c.retryTimeout {
			return &RetryTimeoutError{RetryTimeout: c.retryTimeout, Down: down, Err: failure}
		}
	}
}
