package seam

import (
	"context"
	"strings"
	"sync"
	"time"
)

// staleAfterCreate is how long a get may miss what was created: Seam's API does not say
// that a get shows what was accepted a moment ago.
const staleAfterCreate = 10 * time.Second

// created remembers when a client created what, by id.
type created struct {
	mu    sync.Mutex
	times map[string]time.Time
}

// creates sends a create, and remembers what it made.
func creates[T interface{ id() string }](ctx context.Context, c *Client, path string, body any, extract func(response) (T, error)) (T, error) {
	object, err := post(ctx, c, write, path, body, extract)
	if err == nil {
		c.created.mu.Lock()
		defer c.created.mu.Unlock()
		if c.created.times == nil {
			c.created.times = map[string]time.Time{}
		}
		c.created.times[strings.ToLower(object.id())] = c.clock.Now()
	}
	return object, err
}

// forget believes the next get that does not find an object.
func (c *Client) forget(id string) {
	c.created.mu.Lock()
	defer c.created.mu.Unlock()
	delete(c.created.times, strings.ToLower(id))
}

func (c *Client) hasJustCreated(id string) bool {
	c.created.mu.Lock()
	defer c.created.mu.Unlock()
	at, ok := c.created.times[strings.ToLower(id)]
	return ok && c.clock.Now().Sub(at) <= staleAfterCreate
}

// getCreated repeats a get that does not find what this client created a moment ago.
func getCreated[T any](ctx context.Context, c *Client, id, notFound string, get func() (T, error)) (T, error) {
	for n := 0; ; n++ {
		object, err := get()
		if !IsNotFound(err, notFound) || !c.hasJustCreated(id) || c.Pause(ctx, n, err) != nil {
			return object, err
		}
	}
}
