package testbed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const module = "github.com/seamapi/terraform-provider-seam"

// RepositoryRoot finds the repository around the working directory.
func RepositoryRoot(ctx context.Context) (string, error) {
	output, err := goCommand(ctx, "", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
		}
		return "", errors.Join(ctx.Err(), fmt.Errorf("this runs only in a clone of the provider's repository: go list: %w", err))
	}
	return strings.TrimSpace(string(output)), nil
}

// Build builds the program in the directory source as the provider, with additional
// flags of go build such as -race, and returns the directory that contains it.
// Everything that is created is in dir, which exists, is absolute, and takes one build.
func Build(ctx context.Context, source, dir string, flags ...string) (binDir string, err error) {
	binDir, goTmp := filepath.Join(dir, "bin"), filepath.Join(dir, "go")
	for _, sub := range []string{binDir, goTmp} {
		if err := os.Mkdir(sub, 0o700); err != nil {
			return "", err
		}
	}
	args := append([]string{"build", "-buildvcs=false"}, flags...)
	build := goCommand(ctx, source, append(args, "-o", Binary(binDir), ".")...)
	build.Env = append(build.Environ(), "GOTMPDIR="+goTmp)
	if output, err := build.CombinedOutput(); err != nil {
		return "", errors.Join(ctx.Err(), fmt.Errorf("building the provider: %w\n%s", err, output))
	}
	return binDir, nil
}

// Binary returns the path of the provider in the directory that Build returned.
func Binary(binDir string) string {
	binary := filepath.Join(binDir, "terraform-provider-seam")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	return binary
}

// goCommand interrupts the go command when ctx ends, so that it cleans up.
func goCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = dir
	command.Cancel = func() error { return interrupt(command.Process) }
	command.WaitDelay = 5 * time.Second
	return command
}
