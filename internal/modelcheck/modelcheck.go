// Package modelcheck executes a model with all that may happen in it, for tests. A model is
// a small world in which the code that ships runs, and which leaves open what happens next:
// [Choices] decide it. Nothing of a particular model is here.
package modelcheck

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var (
	depth   = flag.Int("model.depth", defaultDepth, "how many unusual things may happen in one execution of a model; 3 takes minutes")
	samples = flag.Int("model.samples", defaultSamples, "how many executions to pick at random, with many unusual things in each")
	seed    = flag.Uint64("model.seed", 1, "seed of the executions that are picked at random")
)

// Choices decide everything that is left open in an execution of a model: what Seam
// answers, what another process does meanwhile, which of two operations goes on. An
// execution is a function of its choices alone, so that all of them can be gone through
// one after the other, and a failing one can be replayed.
type Choices struct {
	script     []int      // what to choose; after its end, the first alternative
	random     *rand.Rand // if set, what chooses after the end of the script
	deviations int        // how often something unusual may still be chosen
	taken      []choice
}

type choice struct{ alternatives, chosen int }

// CanDeviate reports whether something unusual may still happen.
func (c *Choices) CanDeviate() bool { return c.deviations > 0 }

// Usual chooses between what usually happens, which is 0, and n-1 things that seldom do.
// Only so many of those happen in one execution.
func (c *Choices) Usual(n int) int {
	if c.deviations == 0 || n < 2 {
		return 0
	}
	chosen := c.choose(n, c.random != nil && c.random.IntN(5) > 0)
	if chosen > 0 {
		c.deviations--
	}
	return chosen
}

// Any chooses between n things that are all as likely.
func (c *Choices) Any(n int) int {
	if n < 2 {
		return 0
	}
	return c.choose(n, false)
}

func (c *Choices) choose(n int, first bool) int {
	chosen := 0
	switch {
	case len(c.taken) < len(c.script):
		// A script that was shortened may not fit any more.
		chosen = c.script[len(c.taken)] % n
	case c.random != nil && !first:
		chosen = c.random.IntN(n)
	}
	c.taken = append(c.taken, choice{n, chosen})
	return chosen
}

func (c *Choices) chosen() []int {
	script := make([]int, len(c.taken))
	for i, one := range c.taken {
		script[i] = one.chosen
	}
	return script
}

// next returns the choices of the execution after this one, depth first, or false after
// the last.
func (c *Choices) next() (script []int, ok bool) {
	last := len(c.taken) - 1
	for last >= 0 && c.taken[last].chosen == c.taken[last].alternatives-1 {
		last--
	}
	if last < 0 {
		return nil, false
	}
	c.taken = c.taken[:last+1]
	c.taken[last].chosen++
	return c.chosen(), true
}

// explore executes with all choices that hold so many deviations at most. It returns how
// many executions there were and the choices of the first that failed.
func explore(deviations int, fails func(*Choices) bool) (executions int, failing []int) {
	script, ok := []int(nil), true
	taken := []choice(nil)
	for ok {
		c := &Choices{script: script, deviations: deviations, taken: taken[:0]}
		executions++
		if fails(c) {
			return executions, c.chosen()
		}
		script, ok = c.next()
		taken = c.taken
	}
	return executions, nil
}

// sample executes with random choices, so many times.
func sample(executions int, fails func(*Choices) bool) (failing []int) {
	random := rand.New(rand.NewPCG(*seed, 0))
	for range executions {
		c := &Choices{random: random, deviations: math.MaxInt}
		if fails(c) {
			return c.chosen()
		}
	}
	return nil
}

// shrink returns the simplest choices it finds that still fail: fewer of them, and more of
// what usually happens.
func shrink(script []int, fails func(script []int) bool) []int {
	for again := true; again; {
		again = false
		for size := len(script); size > 0; size /= 2 {
			for at := 0; at+size <= len(script); {
				shorter := slices.Delete(slices.Clone(script), at, at+size)
				if fails(shorter) {
					script, again = shorter, true
				} else {
					at++
				}
			}
		}
		for i := range script {
			for value := range script[i] {
				simpler := slices.Clone(script)
				simpler[i] = value
				if fails(simpler) {
					script, again = simpler, true
					break
				}
			}
		}
	}
	return script
}

// Run executes a model once, and returns the rule that it broke, "" if none. It tells what
// happens to say, which is nil if no one reads it.
type Run func(c *Choices, say func(format string, args ...any)) (violation string)

// Check explores all executions with so many deviations fewer than the flag model.depth
// says, and samples some with many. It tells the first one that breaks a rule in the
// shortest form it finds.
func Check(t *testing.T, fewer, sampled int, run Run) {
	t.Helper()
	deviations := max(0, *depth-fewer)
	fails := func(c *Choices) bool { return run(c, nil) != "" }
	executions, failing := explore(deviations, fails)
	if failing == nil {
		deviations = math.MaxInt
		sampled = sampled * *samples / 5_000
		failing = sample(sampled, fails)
		executions += sampled
	}
	if failing == nil {
		t.Logf("%d executions", executions)
		return
	}
	failing = shrink(failing, func(script []int) bool {
		return fails(&Choices{script: script, deviations: deviations})
	})
	var story strings.Builder
	run(&Choices{script: failing, deviations: deviations}, func(format string, args ...any) {
		fmt.Fprintf(&story, format+"\n", args...)
	})
	t.Errorf("after these choices, %v:\n%s", failing, story.String())
}
