// Command releasecheck makes a whole release without publishing anything, and
// looks at it with the eyes of a provider registry and of the people who install
// from there: names, contents, checksums, signature, and a life of a link with
// the archive for this machine.
//
// It needs Go, git, gpg, and Terraform or OpenTofu, and no network once the Go
// modules are there. The signature is by a key that is thrown away. Nothing is
// left behind but dist, which git ignores.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/seamapi/terraform-provider-seam/internal/localcli"
)

const (
	exitFailed = 1
	exitUsage  = 2
)

// released are the platforms of a release. They stand here and in
// .goreleaser.yml, so that losing one is noticed.
var released = []platform{
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"freebsd", "386"},
	{"freebsd", "amd64"},
	{"freebsd", "arm"},
	{"freebsd", "arm64"},
	{"linux", "386"},
	{"linux", "amd64"},
	{"linux", "arm"},
	{"linux", "arm64"},
	{"windows", "386"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "_" + p.arch }

func main() {
	here := flag.Bool("here", false, "release for the platform of this machine alone, which takes a fraction of the time")
	cliPath := flag.String("cli", "", "path of the Terraform or OpenTofu to install with (default: TF_ACC_TERRAFORM_PATH,\n"+
		"else terraform or tofu on PATH, else a Terraform that is installed for this run)")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(flag.CommandLine.Output(), "releasecheck takes no arguments, got %q\n", flag.Args())
		flag.Usage()
		os.Exit(exitUsage)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, *here, *cliPath, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "\nThis release must not go out: %v\n", err)
		os.Exit(exitFailed)
	}
	fmt.Println("\nThe release is sound. Its files are in dist.")
}

func run(ctx context.Context, here bool, cliPath string, out io.Writer) (err error) {
	self := platform{runtime.GOOS, runtime.GOARCH}
	platforms := released
	if here {
		platforms = []platform{self}
	}
	for _, program := range []string{"git", "gpg", "gpgconf"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is needed: %w", program, err)
		}
	}
	root, err := localcli.RepositoryRoot(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "seam-release-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, localcli.RemoveAll(dir)) }()

	key, err := newSigningKey(ctx, filepath.Join(dir, "gnupg"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, key.forget()) }()

	s := snapshot{root: root, dir: dir, key: key, out: out, here: here}
	if err := s.make(ctx); err != nil {
		return err
	}
	r, err := s.collect()
	if err != nil {
		return err
	}

	for _, check := range []struct {
		says string
		is   func() error
	}{
		{"the files are named as the registry expects, and there are no others", func() error { return r.checkNames(platforms) }},
		{"the manifest names protocol 6.0", r.checkManifest},
		{"the checksums cover every file, and fit", r.checkSums},
		{"the signature is binary, by an RSA key, and fits", func() error { return r.checkSignature(key) }},
		{"each archive holds its platform's provider, built as it should be", func() error { return r.checkArchives(platforms, root) }},
		{"each bill of materials names what its binary is made of", func() error { return r.checkBills(platforms) }},
		{"a build elsewhere from the same source gives the same bytes", func() error { return s.checkReproducible(ctx, r, self) }},
		{"the archive for this machine installs, locks, and keeps a link", func() error { return r.checkInstall(ctx, self, dir, cliPath, out) }},
	} {
		if err := check.is(); err != nil {
			return fmt.Errorf("it is not true that %s: %w", check.says, err)
		}
		fmt.Fprintf(out, "ok  %s\n", check.says)
	}
	return nil
}
