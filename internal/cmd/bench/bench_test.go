package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// This test runs the whole benchmark with a real CLI, which it finds itself.
func TestAccBench(t *testing.T) {
	testbed.NeedCLI(t)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	t.Setenv("TEMP", temp)
	measure := func(t *testing.T, flags string) *bytes.Buffer {
		t.Helper()
		var out bytes.Buffer
		if err := run(t.Context(), strings.Fields(flags), &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		wantEmpty(t, temp)
		return &out
	}
	t.Run("table", func(t *testing.T) { //nolint:paralleltest // shares the place for temporary files
		file := filepath.Join(t.TempDir(), "plot.svg")
		out := measure(t, "-links 3 -users 1,5 -rounds 2 -latency 0 -plot "+file)
		if svg, err := os.ReadFile(file); err != nil || !bytes.Contains(svg, []byte(">destroy</text>")) {
			t.Errorf("got the plot %s (%v)", svg, err)
		}
		var commands []string
		for _, cells := range rows(out) {
			command := cells[1]
			commands = append(commands, cells[3]+" "+command)
			write := map[string]string{"apply": "3 /user_identities/add_acs_user", "plan": "/acs/users/", "destroy": "3 /user_identities/remove_acs_user"}[command]
			if requests := cells[len(cells)-1]; !strings.Contains(requests, write) {
				t.Errorf("%s: no %q in %s", command, write, requests)
			}
		}
		if want := []string{"3 apply", "3 plan", "3 destroy", "5 apply", "5 plan", "5 destroy"}; !slices.Equal(commands, want) {
			t.Errorf("got rows for %q, want %q, in\n%s", commands, want, out)
		}
	})
	t.Run("waits", func(t *testing.T) { //nolint:paralleltest // shares the place for temporary files
		out := measure(t, "-links 2 -users 2 -rounds 1 -latency 300ms -parallelism 1")
		table := rows(out)
		if len(table) != 3 {
			t.Fatalf("got %d rows, want 3, in\n%s", len(table), out)
		}
		for _, cells := range table {
			least := map[string]time.Duration{"apply": 1200 * time.Millisecond, "plan": 600 * time.Millisecond, "destroy": 1800 * time.Millisecond}[cells[1]]
			took, err := time.ParseDuration(strings.ReplaceAll(cells[5], " ", ""))
			if err != nil || took < least {
				t.Errorf("%s took %q (%v), want %v or more", cells[1], cells[5], err, least)
			}
		}
	})
	t.Run("without apply", func(t *testing.T) { //nolint:paralleltest // shares the place for temporary files
		table := rows(measure(t, "-links 3 -users 3 -rounds 2 -latency 0 -commands destroy,plan"))
		if len(table) != 2 || table[0][1] != string(plan) || table[1][1] != string(destroy) {
			t.Errorf("got %q, want a row for plan and one for destroy", table)
		}
	})
	t.Run("interrupted", func(t *testing.T) { //nolint:paralleltest // shares the place for temporary files
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		progress := writerFunc(func(text []byte) {
			if bytes.Contains(text, []byte("floor: apply")) {
				cancel()
			}
		})
		var out bytes.Buffer
		err := run(ctx, []string{"-links", "2", "-users", "2", "-latency", "0"}, &out, progress)
		if !errors.Is(err, context.Canceled) || out.Len() > 0 {
			t.Errorf("got %v and %q, want the interrupt and no table", err, &out)
		}
		wantEmpty(t, temp)
	})
}

// rows returns the cells of a Markdown table, from 1 on, without its head.
func rows(table *bytes.Buffer) [][]string {
	var rows [][]string
	for line := range strings.Lines(table.String()) {
		cells := strings.Split(line, "|")
		for n := range cells {
			cells[n] = strings.TrimSpace(cells[n])
		}
		if len(cells) == len(tableHead)+1 {
			rows = append(rows, cells)
		}
	}
	return rows[min(2, len(rows)):] // the head and the rule below it
}

type writerFunc func([]byte)

func (f writerFunc) Write(text []byte) (int, error) {
	f(text)
	return len(text), nil
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		// The go command keeps its own files beside ours for as long as it runs.
		if strings.HasPrefix(entry.Name(), "seam-") {
			t.Errorf("%s is left behind", entry.Name())
		}
	}
}

// Links are spread over a workspace: were they all on its first pages, few pages
// would do.
func TestSeed_spreadsTheLinks(t *testing.T) {
	t.Parallel()
	s := fakeseam.New()
	pairs := seed(s, 3, 30)
	if len(pairs) != 3 {
		t.Fatalf("got %d links, want 3", len(pairs))
	}
	users := s.ACSUsers(s.Workspaces()[0].ID)
	for _, third := range [][]fakeseam.ACSUser{users[:10], users[10:20], users[20:]} {
		linked := 0
		for _, user := range third {
			if _, ok := pairs[user.ID]; ok {
				linked++
			}
		}
		if linked != 1 {
			t.Errorf("%d links in a third of the workspace, want 1", linked)
		}
	}
}

// sampled returns what a contestant took: one round for each number of seconds.
func sampled(requests int, seconds ...float64) (rounds []sample) {
	for n, s := range seconds {
		took := time.Duration(s * float64(time.Second))
		rounds = append(rounds, sample{
			took: took, cpu: took + time.Second, memory: int64(s * 1e7),
			requests: map[string]int{"/acs/users/list": 3, "/acs/users/get": requests - n},
		})
	}
	return rounds
}

// Times and ratios are medians; requests and memory are maxima.
func TestTable(t *testing.T) {
	t.Parallel()
	got := table([]result{{1000, 100_000, plan, sampled(0, 1, 2, 10), sampled(0, 1, 4, 5), sampled(1007, 2, 2, 11)}})
	want := "" +
		"| command| links| ACS users| floor| reference| provider| to floor| to reference| CPU to floor| memory| requests\n" +
		"|      -:|    -:|        -:|    -:|        -:|       -:|       -:|           -:|           -:|     -:| -\n" +
		"|    plan| 1,000|   100,000| 2.0 s|     4.0 s|    2.0 s|     1.10|         2.00|         1.09| 110 MB| 1,010: 1,007 /acs/users/get, 3 /acs/users/list\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := median([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("the median of four is %v, want 2.5", got)
	}
}

// The plot has each command in the smallest workspace.
func TestPlot(t *testing.T) {
	t.Parallel()
	var results []result
	for _, links := range []int{1000, 100} {
		for _, users := range []int{9000, links} {
			seconds := float64(links*users) / 1e5
			results = append(results, result{links, users, plan, nil, sampled(0, 2*seconds), sampled(0, seconds)})
		}
	}
	var out strings.Builder
	if err := plot(&out, results); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<polyline points="116.0,319.8 620.0,303.3 "/>`, `<polyline points="116.0,319.7 620.0,286.7 " stroke-dasharray`,
		`<text x="116.0" y="345" text-anchor="middle">100</text>`, `>1,000</text>`, `>0 s</text>`, `>50 s</text>`, `y="303.3" dy="4" fill="#388bfd" font-weight="bold">plan</text>`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "apply</text>") {
		t.Error("a command that was not measured is drawn")
	}
}

// A target without its workload in the full table would never be checked.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	var results []result
	for _, w := range fullTable {
		for _, users := range w.users {
			for _, command := range w.commands {
				results = append(results, result{w.links, users, command, sampled(0, 10.05), sampled(0, 9.52), sampled(42, 10.09)})
			}
		}
	}
	text := verdicts(results)
	if lines := strings.Count(text, "\n"); lines != len(targets) {
		t.Errorf("got %d lines for %d targets:\n%s", lines, len(targets), text)
	}
	for _, want := range []string{
		"- reached: plan of 1,000 links in 1,000 ACS users: 1 to floor, at most 1\n",
		"- reached: plan of 1,000 links in 1,000 ACS users: 45 requests, at most 45\n",
		"- missed: plan of 1,000 links in 100,000 ACS users: 1.06 to reference, at most 0.9\n",
		"- missed: apply of 1,000 links in 1,000 ACS users: 1.06 to reference, at most 1.05\n",
		"- reached: destroy of 1,000 links in 100,000 ACS users: 1.06 to reference, at most 1.3\n",
		"- missed: plan of 10,000 links in 100,000 ACS users: 100.9 MB, at most 100\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	unknown := []sample{{took: 1}}
	if text := verdicts([]result{{10_000, 100_000, plan, unknown, unknown, unknown}}); strings.Contains(text, "MB") {
		t.Errorf("a target for memory that was not measured:\n%s", text)
	}
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	links := map[string]string{}
	for n := range 2*blockSize + 1 {
		links[strconv.Itoa(n)] = strconv.Itoa(-n)
	}
	blocks, all := blocks(links), map[string]string{}
	for name, block := range blocks {
		if len(block) > blockSize {
			t.Errorf("%d links in a block, want at most %d", len(block), blockSize)
		}
		if !strings.Contains(configuration(blocks), fmt.Sprintf("for_each = local.user_identity_of.%s\n", name)) {
			t.Errorf("no %s in\n%s", name, configuration(blocks))
		}
		maps.Copy(all, block)
	}
	if len(blocks) != 3 || !maps.Equal(all, links) {
		t.Errorf("got %d blocks with %d links, want 3 with all links", len(blocks), len(all))
	}
}

func TestParse_workloads(t *testing.T) {
	t.Parallel()
	for args, want := range map[string][]workload{
		"":                         {{10, []int{1_000, 100_000}, allCommands}, {1_000, []int{1_000, 100_000}, allCommands}},
		"-links 5,20 -users 30,10": {{5, []int{10, 30}, allCommands}, {20, []int{20, 30}, allCommands}},
		"-links 5 -users 5 -commands destroy,apply": {{5, []int{5}, []command{apply, destroy}}},
		"-full": fullTable,
	} {
		if o, err := parse(strings.Fields(args), io.Discard); err != nil || !reflect.DeepEqual(o.workloads, want) {
			t.Errorf("%s: got %+v, %v, want %+v", args, o.workloads, err, want)
		}
	}
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-links", "0"}, {"-users", "many"}, {"-rounds", "0"}, {"-parallelism", "0"}, {"-latency", "-1s"}, {"-commands", "plan,refresh"}, {"-commands", "plan,plan"}, {"more"}} {
		if _, err := parse(args, io.Discard); !errors.Is(err, testbed.ErrUsage) {
			t.Errorf("%q: got %v", args, err)
		}
	}
}
