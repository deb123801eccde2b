// Package testbed drives a real Terraform or OpenTofu with a build of this
// repository's provider against an embedded Seam. The programs in internal/cmd use
// it, and so do the tests that need a CLI.
//
// A [Bed] finds the CLI, builds the provider once, and gives each [CLI] a directory
// of its own, where neither a registry nor the credentials of a real workspace reach
// it. [Serve] starts the embedded Seam. [CLI.Run] returns what a command reports with
// -json, and [CLI.Links] what the state contains.
//
// What a run configures, and what it must show, is for the caller. Nothing in here is
// part of the provider that people run.
package testbed

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// Options says how to open a bed.
type Options struct {
	// CLIPath is the path of Terraform or OpenTofu. If it is empty, Find searches.
	CLIPath string
	// BuildFlags are flags of go build, such as -race.
	BuildFlags []string
	// Out gets lines about what takes time. The default is to discard them.
	Out io.Writer
}

// AddFlag defines -cli.
func (o *Options) AddFlag(flags *flag.FlagSet) {
	flags.StringVar(&o.CLIPath, "cli", "", "`path` of the Terraform or OpenTofu to run (default: TF_ACC_TERRAFORM_PATH, or\n"+
		"TF_ACC_TERRAFORM_VERSION, or terraform or tofu on PATH, or a Terraform that is\ninstalled for this run)")
}

// Bed is a CLI program and a build of the provider, for any number of CLIs.
type Bed struct {
	Root    string // of the repository
	Dir     string // of everything that is created; Close removes it
	CLIPath string
	BinDir  string // the provider's
	intro   introduction
	dirs    atomic.Int64
}

// Open finds a CLI and builds the provider.
func Open(ctx context.Context, o Options) (bed *Bed, err error) {
	if o.Out == nil {
		o.Out = io.Discard
	}
	b := &Bed{}
	if b.Root, err = RepositoryRoot(ctx); err != nil {
		return nil, err
	}
	if b.Dir, err = os.MkdirTemp("", "seam-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}()
	if b.CLIPath, err = Find(ctx, o.CLIPath, b.Dir, o.Out); err != nil {
		return nil, err
	}
	if b.intro, err = introduce(ctx, b.CLIPath, b.Dir); err != nil {
		return nil, err
	}
	fmt.Fprintln(o.Out, "Building the provider ...")
	b.BinDir, err = b.Build(ctx, ".", o.BuildFlags...)
	return b, err
}

// Version is the CLI's, such as Terraform v1.11.4.
func (b *Bed) Version() string { return b.intro.line }

// Close removes everything that was created.
func (b *Bed) Close() error { return RemoveAll(b.Dir) }

// Build builds a program of the repository as the provider, and returns the directory
// that contains it.
func (b *Bed) Build(ctx context.Context, pkg string, flags ...string) (binDir string, err error) {
	dir, err := b.newDir()
	if err != nil {
		return "", err
	}
	return Build(ctx, filepath.Join(b.Root, filepath.FromSlash(pkg)), dir, flags...)
}

// NewCLI returns a CLI that runs the provider, with env added to its environment.
func (b *Bed) NewCLI(env map[string]string) (*CLI, error) { return b.NewCLIWith(b.BinDir, env) }

// NewCLIWith returns a CLI that runs the program in binDir, as from Build.
func (b *Bed) NewCLIWith(binDir string, env map[string]string) (*CLI, error) {
	dir, err := b.newDir()
	if err != nil {
		return nil, err
	}
	return newCLI(Setup{Path: b.CLIPath, BinDir: binDir, Dir: dir, Env: env}, b.intro)
}

// newDir creates a directory with a short path.
func (b *Bed) newDir() (string, error) {
	dir := filepath.Join(b.Dir, strconv.FormatInt(b.dirs.Add(1), 10))
	return dir, os.Mkdir(dir, 0o700)
}

// Seam is an embedded Seam that accepts requests.
type Seam struct {
	*fakeseam.Server
	*fakeseam.Running
}

// Serve starts an embedded Seam, which has at least one workspace.
func Serve(server *fakeseam.Server) (*Seam, error) {
	running, err := server.Start()
	if err != nil {
		return nil, err
	}
	return &Seam{server, running}, nil
}

// Env returns the environment that leads the provider to the first workspace.
func (s *Seam) Env() map[string]string {
	return map[string]string{"SEAM_ENDPOINT": s.URL, "SEAM_API_KEY": s.Workspaces()[0].APIKey}
}

// RemoveAll removes a directory and its content. It retries: Windows does not remove
// a program that is still ending.
func RemoveAll(dir string) error {
	var err error
	for range 50 {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("cannot remove all temporary files: %w", err)
}

// with returns a copy of env with these variables added.
func with(env, added map[string]string) map[string]string {
	merged := maps.Clone(added)
	maps.Copy(merged, env)
	return merged
}
