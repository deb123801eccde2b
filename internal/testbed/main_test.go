package testbed

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"
)

func TestMain_exitStatus(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{flag.ErrHelp, 0},
		{ErrUsage, ExitUsage},
		{io.ErrUnexpectedEOF, ExitFailed},
		{context.Canceled, ExitFailed}, // by whatever, for there was no interrupt
	} {
		got := Main("test", func(context.Context, io.Writer) error { return test.err })
		if got != test.want {
			t.Errorf("%v: got %d, want %d", test.err, got, test.want)
		}
	}
}

func TestScreen_readerGone(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	gone := false
	s := &screen{out: writer, gone: func() { gone = true }}
	if _, err := s.Write([]byte("one")); err != nil || gone {
		t.Errorf("got %v, %v", err, gone)
	}
	if err := errors.Join(reader.Close(), writer.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write([]byte("two")); err == nil || !gone {
		t.Errorf("got %v, %v", err, gone)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	parse := func(args ...string) (path, printed string, err error) {
		var out bytes.Buffer
		var o Options
		flags := flag.NewFlagSet("test", flag.ContinueOnError)
		o.AddFlag(flags)
		err = Parse(flags, args, &out, func() string {
			if o.CLIPath == "wrong" {
				return "-cli is wrong"
			}
			return ""
		})
		return o.CLIPath, out.String(), err
	}
	if path, printed, err := parse("-cli", "here"); path != "here" || printed != "" || err != nil {
		t.Errorf("got %q, %q, %v", path, printed, err)
	}
	if _, printed, err := parse("-h"); !errors.Is(err, flag.ErrHelp) || !strings.Contains(printed, "-cli path") {
		t.Errorf("got %q, %v", printed, err)
	}
	for args, want := range map[string]string{
		"-cli wrong": "test: -cli is wrong\n",
		"more":       "test: unexpected argument \"more\"\n",
		"-nonsense":  "-nonsense",
	} {
		if _, printed, err := parse(strings.Fields(args)...); !errors.Is(err, ErrUsage) || !strings.Contains(printed, want) || !strings.Contains(printed, "-cli path") {
			t.Errorf("%s: got %q, %v", args, printed, err)
		}
	}
}
