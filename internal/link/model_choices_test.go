package link

import (
	"math/rand/v2"
	"slices"
)

// choices decide everything that is left open in an execution of the model: what
// Seam answers, what somebody else does meanwhile, which of two operations goes
// on. An execution is a function of its choices alone, so that all of them can
// be gone through one after the other, and a failing one can be replayed.
type choices struct {
	script     []int      // what to choose; after its end, the first alternative
	random     *rand.Rand // if set, what chooses after the end of the script
	deviations int        // how often something unusual may still be chosen
	taken      []choice
}

type choice struct{ alternatives, chosen int }

// usual chooses between what usually happens, which is 0, and n-1 things that
// seldom do. Only so many of those happen in one execution.
func (c *choices) usual(n int) int {
	if c.deviations == 0 || n < 2 {
		return 0
	}
	chosen := c.choose(n, c.random != nil && c.random.IntN(5) > 0)
	if chosen > 0 {
		c.deviations--
	}
	return chosen
}

// any chooses between n things that are all as likely.
func (c *choices) any(n int) int {
	if n < 2 {
		return 0
	}
	return c.choose(n, false)
}

func (c *choices) choose(n int, first bool) int {
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

func (c *choices) chosen() []int {
	script := make([]int, len(c.taken))
	for i, one := range c.taken {
		script[i] = one.chosen
	}
	return script
}

// next returns the choices of the execution after this one, depth first, or
// false after the last.
func (c *choices) next() (script []int, ok bool) {
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

// explore executes with all choices that hold so many deviations at most. It
// returns how many executions there were and the choices of the first that
// failed.
func explore(deviations int, execute func(*choices) (failed bool)) (executions int, failing []int) {
	script, ok := []int(nil), true
	taken := []choice(nil)
	for ok {
		c := &choices{script: script, deviations: deviations, taken: taken[:0]}
		executions++
		if execute(c) {
			return executions, c.chosen()
		}
		script, ok = c.next()
		taken = c.taken
	}
	return executions, nil
}

// sample executes with random choices, so many times.
func sample(seed uint64, executions, deviations int, execute func(*choices) (failed bool)) (failing []int) {
	random := rand.New(rand.NewPCG(seed, 0))
	for range executions {
		c := &choices{random: random, deviations: deviations}
		if execute(c) {
			return c.chosen()
		}
	}
	return nil
}

// shrink returns the simplest choices it finds that still fail: fewer of them,
// and more of what usually happens.
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
