package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// contestant is one provider with its links to manage, and the CLI that runs it.
type contestant struct {
	name         string
	links, users int
	pairs        map[string]string // the ids of ACS users, and whom to link each one to
	cli          *testbed.CLI
	process      string // path of the running provider, symbolic links resolved
	state        []byte // as it is after an apply

	waits   map[command]string // the floor's environment variable for each command
	seam    *fakeseam.Server   // nil for the floor, as is running
	running *fakeseam.Running
	samples map[command][]sample
}

// command is a command of the CLI. A round runs them in this order: apply adds all
// links, plan finds no change, and destroy removes all links. A round without apply
// begins with links that exist.
type command string

const (
	apply   command = "apply"
	plan    command = "plan"
	destroy command = "destroy"
)

var allCommands = []command{apply, plan, destroy}

// sample is what one command took.
type sample struct {
	took        time.Duration
	cpu         time.Duration // of the CLI and its providers
	requests    map[string]int
	connections int
	memory      int64 // most that the provider had resident, in bytes; 0 if not known
}

// newFloor returns the provider that does nothing but wait.
func (b *bench) newFloor(ctx context.Context, name string, links int, waits map[command]string) (*contestant, error) {
	seam := fakeseam.New()
	workspace, pairs := seed(seam, links, links)
	c := &contestant{name: name, links: links, pairs: pairs, waits: waits, samples: map[command][]sample{}}
	return c, b.prepare(ctx, c, seam.ACSUsers(workspace.ID), b.floorDir, nil)
}

// referenceWaits has the floor wait in a write as long as the requests of a write
// take, and in a plan as long as one request for each link takes.
func (b *bench) referenceWaits() map[command]string {
	return map[command]string{
		apply:   fmt.Sprintf("SEAM_FLOOR_CREATE=%v", 2*b.latency),
		plan:    fmt.Sprintf("SEAM_FLOOR_READ=%v", b.latency),
		destroy: fmt.Sprintf("SEAM_FLOOR_DELETE=%v", 3*b.latency),
	}
}

// newProvider returns the provider in a workspace of that many ACS users.
func (b *bench) newProvider(ctx context.Context, links, users int) (*contestant, error) {
	seam := fakeseam.New()
	workspace, pairs := seed(seam, links, users)
	seam.SetLatency(b.latency)
	running, err := seam.Start()
	if err != nil {
		return nil, err
	}
	c := &contestant{
		name: fmt.Sprintf("provider with %d users", users), links: links, users: users, pairs: pairs,
		seam: seam, running: running, samples: map[command][]sample{},
	}
	err = b.prepare(ctx, c, seam.ACSUsers(workspace.ID), b.providerDir, map[string]string{
		"SEAM_ENDPOINT": running.URL, "SEAM_API_KEY": workspace.APIKey,
	})
	if err != nil {
		return nil, errors.Join(err, running.Close())
	}
	return c, nil
}

// prepare gives a contestant a CLI with the program in binDir, and the links to
// manage.
func (b *bench) prepare(ctx context.Context, c *contestant, users []fakeseam.ACSUser, binDir string, env map[string]string) (err error) {
	b.contestants++
	dir := filepath.Join(b.dir, strconv.Itoa(b.contestants))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if c.process, err = filepath.EvalSymlinks(testbed.Binary(binDir)); err != nil {
		return err
	}
	c.cli, err = testbed.New(ctx, testbed.Setup{Path: b.cliPath, BinDir: binDir, Dir: dir, Env: env})
	if err != nil {
		return err
	}
	b.cliVersion = c.cli.Version
	registry := "registry.terraform.io"
	if strings.HasPrefix(b.cliVersion, "OpenTofu ") {
		registry = "registry.opentofu.org"
	}
	blocks := blocks(c.pairs)
	if c.state, err = state(registry, blocks, users); err != nil {
		return err
	}
	content, err := json.Marshal(blocks)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(c.cli.WorkDir, "links.json"), content, 0o600),
		os.WriteFile(filepath.Join(c.cli.WorkDir, "main.tf"), []byte(configuration(blocks)), 0o600),
	)
}

// linked adds the links in Seam and in the state, without an apply.
func (c *contestant) linked() error {
	if c.seam != nil && len(c.seam.Links()) == 0 {
		for acsUserID, userIdentityID := range c.pairs {
			c.seam.Link(userIdentityID, acsUserID)
		}
	}
	return os.WriteFile(filepath.Join(c.cli.WorkDir, "terraform.tfstate"), c.state, 0o600)
}

// seed adds a workspace of that many people, each with a user identity and a
// record in one of two access systems, and returns the pairs to link: the ids of
// ACS users, spread over the workspace, and whom to link each one to.
func seed(s *fakeseam.Server, links, users int) (workspace fakeseam.Workspace, pairs map[string]string) {
	workspace = s.AddWorkspace("Harbour Tower")
	systems := []fakeseam.System{
		s.AddSystem(workspace.ID, "Salto Lobby", "salto_ks_site"),
		s.AddSystem(workspace.ID, "Visionline Garage", "visionline_system"),
	}
	pairs = make(map[string]string, links)
	for n := range users {
		person := fakeseam.Person{
			FullName:     fmt.Sprintf("Resident %06d", n),
			EmailAddress: fmt.Sprintf("resident-%06d@example.com", n),
			PhoneNumber:  fmt.Sprintf("+1555%07d", n),
		}
		identity := s.AddUserIdentity(workspace.ID, person)
		part := n * links / users // there are as many parts as links
		user := s.AddACSUser(systems[part%len(systems)].ID, person)
		if part != (n+1)*links/users {
			pairs[user.ID] = identity.ID
		}
	}
	return workspace, pairs
}

// run runs a command, and fails unless the links in Seam are as they should be then.
func (b *bench) run(ctx context.Context, c *contestant, name command, round int) (sample, error) {
	args := []string{string(name), "-input=false", "-no-color", "-parallelism=" + strconv.Itoa(b.parallelism)}
	if name == plan {
		args = append(args, "-detailed-exitcode") // something to do is an error
	} else {
		args = append(args, "-auto-approve")
	}
	command := c.cli.Command(ctx, args...)
	aloneWithInterrupt(command)
	if wait, ok := c.waits[name]; ok {
		command.Env = append(command.Env, wait)
	}
	if b.profile != "" && c.seam != nil {
		dir := filepath.Join(b.profile, fmt.Sprintf("%s-%d-of-%d-round-%d", name, c.links, c.users, round+1))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return sample{}, err
		}
		command.Env = append(command.Env, "SEAM_PROVIDER_PPROF="+dir)
	}
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output

	connections := 0
	if c.seam != nil {
		c.seam.ResetRequests()
		connections = c.seam.Connections()
	}
	stop := watchMemory(c.process)
	began := time.Now()
	err := command.Run()
	took := time.Since(began)
	s := sample{took: took, memory: stop()}
	if err != nil {
		return sample{}, errors.Join(ctx.Err(), fmt.Errorf("%s with %s: %w\n%s", name, c.name, err, last(output.Bytes())))
	}
	s.cpu = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	if c.seam == nil {
		return s, nil
	}
	s.connections = c.seam.Connections() - connections
	s.requests = map[string]int{}
	for _, route := range fakeseam.Routes() {
		if n := c.seam.Count(route); n > 0 {
			s.requests[route] = n
		}
	}
	want := c.links
	if name == destroy {
		want = 0
	}
	if got := len(c.seam.Links()); got != want {
		return sample{}, fmt.Errorf("after %s there are %d links in Seam, not %d", name, got, want)
	}
	return s, nil
}

// last is the end of a CLI's output, which holds the error.
func last(output []byte) []byte {
	const most = 4 << 10
	return output[max(0, len(output)-most):]
}
