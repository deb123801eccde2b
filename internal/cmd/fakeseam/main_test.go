package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

func TestRun_printsAnEnvironmentThatWorks(t *testing.T) {
	t.Parallel()
	for shell, pattern := range map[string]string{
		"posix":      `(?m)^(# )?export (SEAM_\w+)='(.*)'$`,
		"powershell": `(?m)^(# )?\$env:(SEAM_\w+) = '(.*)'$`,
	} {
		ctx, cancel := context.WithCancel(t.Context())
		reader, writer := io.Pipe()
		done := make(chan error, 1)
		go func() {
			err := run(ctx, []string{"-shell", shell, "-workspaces", "2"}, writer, io.Discard)
			done <- errors.Join(err, writer.Close())
		}()
		var text strings.Builder
		for lines := bufio.NewScanner(reader); lines.Scan(); {
			text.WriteString(lines.Text() + "\n")
			if strings.Count(lines.Text(), "Priya") == 1 && strings.Count(text.String(), "# Workspace") == 2 {
				break // the last row of the last table
			}
		}
		env := map[string]string{}
		for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(text.String(), -1) {
			if _, again := env[found[2]]; again {
				t.Errorf("%s is set twice", found[2])
			}
			env[found[2]] = found[3]
			isComment, wantComment := found[1] != "", found[2] != "SEAM_ENDPOINT" && found[2] != "SEAM_API_KEY"
			if isComment != wantComment {
				t.Errorf("%s is a comment: %v", found[2], isComment)
			}
		}
		for _, header := range []http.Header{
			{"Authorization": {"Bearer " + env["SEAM_API_KEY"]}},
			{"Authorization": {"Bearer " + env["SEAM_PERSONAL_ACCESS_TOKEN"]}, "Seam-Workspace": {env["SEAM_WORKSPACE_ID"]}},
		} {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, env["SEAM_ENDPOINT"]+"/workspaces/get", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header = header
			response, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
				t.Errorf("%s: status %d, %v", shell, response.StatusCode, err)
			}
		}
		cancel()
		go func() { _, _ = io.Copy(io.Discard, reader) }() // until the writer is closed
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestRun_stopsAndShortensTables(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // run prints, and ends at once
	var out bytes.Buffer
	if err := run(ctx, []string{"-seed", "building", "-people", "30", "-rows", "5"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Harbour Tower", "# … and 25 more (-rows 0 shows all)", "Kisi Roof"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing from\n%s", want, out.String())
		}
	}
	out.Reset()
	if err := run(ctx, []string{"-seed", "empty"}, &out, io.Discard); err != nil || strings.Contains(out.String(), "ACS_USER_ID") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestRun_refusesWrongFlags(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"-seed castle", "-shell fish", "-workspaces 0", "-rows -1", "extra", "-nonsense"} {
		var stderr bytes.Buffer
		if err := run(t.Context(), strings.Fields(args), io.Discard, &stderr); !errors.Is(err, testbed.ErrUsage) || stderr.Len() == 0 {
			t.Errorf("%s: %v %s", args, err, stderr.String())
		}
	}
	if err := run(t.Context(), []string{"-h"}, io.Discard, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h: %v", err)
	}
	if err := run(t.Context(), []string{"-addr", "0.0.0.0:0"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("-addr 0.0.0.0:0: %v", err)
	}
}
