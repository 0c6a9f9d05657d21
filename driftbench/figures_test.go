package driftbench

import (
	"fmt"
	"slices"
	"strings"
)

// A tally sums up instances.
type tally struct {
	n, found, kind, path, severity, prompt int
	delays                                 []int // checks, of those found
}

// prompt is within how many checks a breaking change that came at once has to
// be found, re-probes included.
const prompt = 3

// late reports whether a breaking change that came at once was found, and not
// promptly.
func (in instance) late() bool {
	return in.found && in.mode == atOnce && in.drift.severity == breaking && in.checks > prompt
}

func (t *tally) add(in instance) {
	t.n++
	if !in.found {
		return
	}
	t.found++
	t.delays = append(t.delays, in.checks)
	for ok, n := range map[*int]bool{&t.kind: in.right.kind, &t.path: in.right.path, &t.severity: in.right.severity, &t.prompt: in.checks <= prompt} {
		if n {
			*ok++
		}
	}
}

func sum(all []instance, which func(instance) bool) (t tally) {
	for _, in := range all {
		if which(in) {
			t.add(in)
		}
	}
	return t
}

func share(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

func (t tally) recall() float64 { return share(t.found, t.n) }

// median is the middle delay in checks.
func (t tally) median() string {
	if len(t.delays) == 0 {
		return "–"
	}
	slices.Sort(t.delays)
	return fmt.Sprint(t.delays[len(t.delays)/2])
}

// bars are the lines of the table that the issue asks for.
func bars(all []instance) (rows [][]string) {
	row := func(what, bar string, reached float64, of int) {
		verdict := "reached"
		switch {
		case need(bar) == 0:
			verdict = "–"
		case reached < need(bar):
			verdict = "**missed**"
		case len(all) < enoughInstances:
			verdict = unproven
		}
		rows = append(rows, []string{what, bar, fmt.Sprintf("%.3f", reached), fmt.Sprint(of), verdict})
	}
	once := sum(all, func(in instance) bool { return in.mode == atOnce && in.drift.severity == breaking })
	row("breaking, at once: recall", "1.00", once.recall(), once.n)
	row("breaking, at once: within 3 checks and their re-probes", "1.00", share(once.prompt, once.n), once.n)
	for _, m := range []mode{canary, ramp} {
		t := sum(all, func(in instance) bool { return in.mode == m })
		row(modeNames[m]+": recall", "0.95", t.recall(), t.n)
	}
	for _, m := range []mode{some, flap} {
		t := sum(all, func(in instance) bool { return in.mode == m })
		row(modeNames[m]+": recall (no bar)", "0", t.recall(), t.n)
	}
	every := sum(all, func(instance) bool { return true })
	row("right kind, of those found", "0.95", share(every.kind, every.found), every.found)
	row("right path, of those found", "0.99", share(every.path, every.found), every.found)
	row("right severity within 30 checks, at once (no bar)", "0", share(once.severity, once.found), once.found)
	return rows
}

// What a claim needs: a run on fewer proves misses, and nothing else.
const (
	enoughInstances = 2000
	enoughMonths    = 200
	unproven        = "unproven: too few"
)

func need(bar string) (n float64) {
	_, _ = fmt.Sscan(bar, &n)
	return n
}

// byDrift is a line for each drift and a column for each mode: found of all,
// and after how many checks in the middle.
func byDrift(all []instance) (rows [][]string) {
	for _, d := range drifts {
		row := []string{d.name}
		for m := range numModes {
			t := sum(all, func(in instance) bool { return in.drift.name == d.name && in.mode == m })
			cell := "–"
			if t.n > 0 {
				cell = fmt.Sprintf("%d/%d, %s", t.found, t.n, t.median())
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return rows
}

func table(head []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(head)
	line(slices.Repeat([]string{"---"}, len(head)))
	for _, r := range rows {
		line(r)
	}
	return b.String()
}
