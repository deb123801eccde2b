package testbed

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// ErrUsage says that the command line was wrong, and that this was printed.
var ErrUsage = errors.New("wrong usage")

// Exit statuses of a program.
const (
	ExitFailed      = 1
	ExitUsage       = 2
	ExitInterrupted = 130
)

// Main runs a program, and returns its exit status. An interrupt ends ctx, and so does
// a reader of stdout that goes away, as in `| head`: run then removes what it created,
// and returns.
func Main(name string, run func(ctx context.Context, stdout io.Writer) error) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// A broken pipe is an error of Write, and not the end of the process.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

	err := run(ctx, &screen{out: os.Stdout, gone: cancel})
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, ErrUsage):
		return ExitUsage
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "\nInterrupted. Nothing is left behind on this machine.")
		return ExitInterrupted
	default:
		fmt.Fprintf(os.Stderr, "\n%s: %v\n", name, err)
		return ExitFailed
	}
}

// screen reports when its reader has gone away.
type screen struct {
	mu   sync.Mutex
	out  io.Writer
	gone func()
}

func (s *screen) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.out.Write(text)
	if err != nil {
		s.gone()
	}
	return n, err
}

// Parse parses the command line args into flags, and prints what is wrong to stderr.
// problem returns what is wrong with the values, if anything; it may be nil. There are
// no arguments besides flags.
func Parse(flags *flag.FlagSet, args []string, stderr io.Writer, problem func() string) error {
	flags.SetOutput(stderr)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return ErrUsage
	}
	found := ""
	if problem != nil {
		found = problem()
	}
	if flags.NArg() > 0 {
		found = fmt.Sprintf("unexpected argument %q", flags.Arg(0))
	}
	if found == "" {
		return nil
	}
	fmt.Fprintf(stderr, "%s: %s\n", flags.Name(), found)
	flags.Usage()
	return ErrUsage
}
