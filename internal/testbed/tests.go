package testbed

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// shared is the bed of all tests of a package. The first test that needs it opens it.
var shared struct {
	once sync.Once
	bed  *Bed
	err  error
}

// Tests runs the tests of a package, and then closes the bed that they shared. It is
// for TestMain.
type Tests struct{ *testing.M }

// Run returns the exit status of the tests.
func (t Tests) Run() int {
	code := t.M.Run()
	if shared.bed != nil {
		if err := shared.bed.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	return code
}

// NeedCLI skips a test that runs a CLI, unless TF_ACC is set.
func NeedCLI(t *testing.T) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs a real Terraform or OpenTofu: set TF_ACC=1 to run it")
	}
}

// SharedBed returns the bed of all tests of a package, with the provider built as the
// test is: nearly all packages are then built already. It skips the test as NeedCLI
// does. TestMain must run Tests.
func SharedBed(t *testing.T) *Bed {
	t.Helper()
	NeedCLI(t)
	shared.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		o := Options{Out: os.Stderr}
		if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
			o.BuildFlags = []string{"-race"}
		}
		shared.bed, shared.err = Open(ctx, o)
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.bed
}

// NewTestCLI returns a CLI of the shared bed for one test, with env added to its
// environment. The test fails if the provider has a data race.
func NewTestCLI(t *testing.T, env map[string]string) *CLI {
	t.Helper()
	bed := SharedBed(t)
	dir, err := bed.newDir()
	if err != nil {
		t.Fatal(err)
	}
	races := filepath.Join(dir, "race")
	t.Cleanup(func() {
		reports, err := filepath.Glob(races + ".*")
		if err != nil {
			t.Error(err)
		}
		for _, report := range reports {
			content, err := os.ReadFile(report)
			t.Errorf("the provider has a data race: %s (%v)", content, err)
		}
		if err := RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	c, err := newCLI(Setup{Path: bed.CLIPath, BinDir: bed.BinDir, Dir: dir, Env: with(env, map[string]string{
		// Nothing leads to the real Seam or to a registry. A proxy is not used for what
		// runs on this machine.
		"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "localhost",
		// By default the race detector keeps each provider for a second at its end.
		"GORACE": "atexit_sleep_ms=0 log_path=" + races,
	})}, bed.intro)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ServeTest starts an embedded Seam for one test.
func ServeTest(t *testing.T, server *fakeseam.Server) *Seam {
	t.Helper()
	seam, err := Serve(server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := seam.Close(); err != nil {
			t.Error(err)
		}
	})
	return seam
}
