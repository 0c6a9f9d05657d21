package web

import (
	"fmt"
	"strings"
	"time"
)

// A course is one share of a place over time as bars, one for each stretch of
// time that is told apart, with the moment at which it changed.
type course struct {
	ID, Title string
	Words     string
	Before    string // path of the bars before the change
	After     string // and since
	Change    string // x of the change; empty when all bars are on one side
	Back      string // x at which it was as before again; empty while it is not
	First     string // label of the first bar
	Since     string // of the change
	Last      string
	Rows      []chartRow // newest first
	unit      string     // what is counted: "objects"
	before    tally
	after     tally
}

// A tally is a share in numbers.
type tally struct{ seen, of uint64 }

// A stretchBar is one stretch of time with its share.
type stretchBar struct {
	from, to time.Time
	seen, of uint64
	after    bool
}

// course draws what a finding is about over time; nil when it is nothing in an
// answer, or no longer remembered.
func (p *past) course(id, path, kind string, now time.Time) *course {
	if !strings.HasPrefix(path, "/") {
		return nil
	}
	f := p.choose(path, kind)
	if f == nil {
		return nil
	}
	bars := p.bars(*f, path)
	if len(bars) < 2 {
		return nil
	}
	c := drawCourse(id, nameOf(path)+": "+f.words, bars, p.since, now)
	c.unit, _, _ = strings.Cut(f.words, " ")
	return c
}

func (p *past) bars(f fact, path string) (bars []stretchBar) {
	for i, s := range p.stretches {
		if seen, of := p.at(f, p.fields[i], path); of > 0 {
			bars = append(bars, stretchBar{s.From, s.To, seen, of, p.isAfter(s)})
		}
	}
	return bars
}

func drawCourse(id, title string, bars []stretchBar, since, now time.Time) *course {
	c := &course{ID: id, Title: title, Since: moment{since, now}.Clock()}
	var before, after strings.Builder
	step := chartWidth / float64(len(bars))
	for i, b := range bars {
		x, path := float64(i)*step, &before
		switch {
		case b.after:
			path = &after
			if c.Change == "" && i > 0 {
				c.Change = number(x)
			}
		case i > 0 && bars[i-1].after:
			c.Back = number(x)
		}
		drawBar(path, x, step, float64(b.seen)/float64(b.of))
	}
	c.Before, c.After = before.String(), after.String()
	c.First, c.Last = moment{bars[0].from, now}.Clock(), moment{bars[len(bars)-1].to, now}.Clock()
	c.Words, c.Rows = courseWords(bars, c.Since), courseRows(bars, now)
	c.before, c.after = tallied(bars, false), tallied(bars, true)
	return c
}

// drawBar draws a share; none at all is a stump, so that it is not taken for
// an hour without answers.
func drawBar(path *strings.Builder, x, step, share float64) {
	const stump = 2
	height := max(share*chartHeight, stump)
	gap := min(1.5, step/4)
	fmt.Fprintf(path, "M%s %sh%sv%sh-%sz", number(x+gap/2), number(chartHeight-height), number(step-gap), number(height), number(step-gap))
}

// tallied sums the bars up since a change, or all others.
func tallied(bars []stretchBar, after bool) (t tally) {
	for _, b := range bars {
		if b.after == after {
			t.seen, t.of = t.seen+b.seen, t.of+b.of
		}
	}
	return t
}

// courseWords tell the picture: "100 % before (1,236 of 1,236), 0 % since 14:05 (0 of 37)".
func courseWords(bars []stretchBar, since string) string {
	var parts []string
	for side, when := range []string{"before", "since " + since} {
		if t := tallied(bars, side == 1); t.of > 0 {
			parts = append(parts, fmt.Sprintf("%s %s (%s)", percent(t.seen, t.of), when, shareWords(t.seen, t.of)))
		}
	}
	return strings.Join(parts, ", ") + "."
}

func courseRows(bars []stretchBar, now time.Time) (rows []chartRow) {
	for i := len(bars) - 1; i >= 0; i-- {
		b := bars[i]
		at := moment{b.from, now}.Clock() + ", " + span(b.to.Sub(b.from))
		rows = append(rows, chartRow{At: at, Mid: percent(b.seen, b.of), Range: shareWords(b.seen, b.of)})
	}
	return rows
}
