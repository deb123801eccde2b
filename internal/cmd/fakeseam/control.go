package main

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// controlPath is the prefix of the control routes. No route of Seam begins with an
// underscore, and the embedded Seam never sees a request to these.
const controlPath = "/_control/"

// controls are the control commands. A parameter that is left out has the value in this
// table, where it has one.
var controls = []struct {
	name, parameters, what string
	do                     func(call)
}{
	{"latency", "for=2s", "every request waits", func(c call) { c.SetLatency(value(c, "for", time.ParseDuration, 0, time.Hour)) }},
	{"rate-limit", "requests=10&window=1m", "more requests in a window get 429", func(c call) {
		c.SetRateLimit(value(c, "requests", strconv.Atoi, 1, 1e6), value(c, "window", time.ParseDuration, 1, time.Hour))
	}},
	{"outage", "status=503", "every request fails, without effect", func(c call) { c.fail(fakeseam.Fault{Status: value(c, "status", strconv.Atoi, 400, 599)}) }},
	{"lost-responses", "", "every request takes effect, and then the connection breaks", func(c call) { c.fail(fakeseam.Fault{Drop: fakeseam.DropAfterEffect}) }},
	{"refuse-key", "", "every API key and token gets 401", func(c call) { c.fail(fakeseam.Fault{Status: http.StatusUnauthorized}) }},
	{"hide", "acs_system_id=", "an access system and its ACS users are not found", func(c call) { c.HideSystem(c.given.Get("acs_system_id"), true) }},
	{"clear", "", "everything above ends", call.clear},
	{"link", "acs_user_id=&user_identity_id=", "another process links an ACS user, or moves its link", func(c call) { c.Link(c.given.Get("user_identity_id"), c.given.Get("acs_user_id")) }},
	{"unlink", "acs_user_id=", "another process removes a link", func(c call) { c.Unlink(c.given.Get("acs_user_id")) }},
	{"delete", "acs_user_id=", "another process deletes an ACS user", func(c call) { c.DeleteACSUser(c.given.Get("acs_user_id")) }},
	{"merge", "user_identity_id=&into=", "another process merges a user identity into another one", func(c call) { c.MergeUserIdentities(c.given.Get("into"), c.given.Get("user_identity_id")) }},
}

// call is a control command with its parameters. It panics at a wrong parameter, as the embedded
// Seam does at an unknown id.
type call struct {
	*fakeseam.Server
	given url.Values
}

// fail begins a failure, and ends the one before it.
func (c call) fail(f fakeseam.Fault) {
	c.ClearFaults()
	c.Inject(f)
}

func (c call) clear() {
	c.ClearFaults()
	c.SetLatency(0)
	c.SetRateLimit(0, 0)
	for _, ws := range c.Workspaces() {
		for _, system := range c.Systems(ws.ID) {
			c.HideSystem(system.ID, false)
		}
	}
}

func value[T cmp.Ordered](c call, name string, parse func(string) (T, error), least, most T) T {
	v, err := parse(c.given.Get(name))
	if err != nil || v < least || v > most {
		panic(fmt.Sprintf("%s is %v to %v", name, least, most))
	}
	return v
}

// control carries out a command, and returns what happens from now on.
func control(s *fakeseam.Server, name string, given url.Values) (what string, err error) {
	for _, command := range controls {
		if command.name != name {
			continue
		}
		parameters, _ := url.ParseQuery(command.parameters) // in the table above, they are valid
		for name, values := range given {
			if !parameters.Has(name) {
				return "", fmt.Errorf("%s has no parameter %s", command.name, name)
			}
			parameters[name] = values
		}
		defer func() {
			if found := recover(); found != nil {
				err = fmt.Errorf("%s: %v", command.name, found)
			}
		}()
		command.do(call{s, parameters})
		return command.what, nil
	}
	return "", fmt.Errorf("there is no command %q", name)
}

// withControl serves the control routes, and passes all other requests to Seam.
func withControl(s *fakeseam.Server, shell string) http.Handler {
	// A page in a browser must not send commands.
	commands := http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		usage := usage("http://"+r.Host, shell)
		what, err := usage, r.ParseForm() // also what curl -d sends
		if err == nil && r.Method == http.MethodPost {
			what, err = control(s, strings.TrimPrefix(r.URL.Path, controlPath), r.Form)
		}
		if err != nil {
			http.Error(w, err.Error()+"\n\n"+usage, http.StatusBadRequest)
			return
		}
		fmt.Fprintln(w, what)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path+"/", controlPath) {
			commands.ServeHTTP(w, r)
		} else {
			s.ServeHTTP(w, r)
		}
	})
}
