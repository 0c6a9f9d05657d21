package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

// A passed change is over. What was answered while it lasted has taught
// nothing and is forgotten; what the incident noted of it stays, and is what
// its picture and its lines in the diff are drawn from.
type passed struct {
	kind     string
	now      string // what was answered while it lasted, in words
	evidence contracts.Evidence
	to       time.Time // when it ended
}

// newPassed is what an entry leaves behind; nil while it lasts, and when it was
// accepted: then it is learned, and no past.
func newPassed(i alerting.Incident, e alerting.Entry) *passed {
	if e.Ended.IsZero() || i.Handling == alerting.Accepted {
		return nil
	}
	return &passed{e.Finding.Kind, clip(200, e.Finding.Now), e.Finding.Evidence, e.Ended}
}

// recallPassed lets a past know of the changes of a group that are over. When
// all are, what is answered now is what was.
func (p *past) recallPassed(changes []change) {
	p.passed = map[string]*passed{}
	for _, c := range changes {
		if c.passed != nil {
			p.passed[c.path] = c.passed
		}
	}
	for _, c := range changes {
		if c.passed == nil {
			delete(p.passed, c.path) // what lasts at a place is what is to be seen there
		}
	}
	if len(p.passed) > 0 && (allPassed(changes) || len(p.after) == 0) {
		p.after = p.before
	}
}

// allPassed reports whether no change of a group lasts. Several may be at one
// path.
func allPassed(changes []change) bool {
	return !slices.ContainsFunc(changes, func(c change) bool { return c.passed == nil })
}

// addPassed draws a place as it was and as it was answered for a while.
func (d *shapeDiff) addPassed(path string, o *passed) {
	if before, was := d.past.before[path]; was {
		d.put("-", d.line(before))
	}
	if o.kind != "field-removed" {
		name := path[strings.LastIndexByte(path, '/')+1:]
		f := shape.Field{Path: path, Name: unescapePath(name)}
		d.put("+", clip(240, strings.Repeat("  ", strings.Count(path, "/"))+fieldName(f)+": "+plain(o.now)))
	}
}

// passedCourse draws a change that is over between what was before it and what
// is since; nil when there are no numbers of it.
func (p *past) passedCourse(id, path string, o *passed, now time.Time) *course {
	e := o.evidence
	if !strings.HasPrefix(path, "/") || e.NowOf == 0 || e.Since.IsZero() {
		return nil
	}
	title, f := nameOf(path)+": how often it was so", p.factOf(path, o.kind)
	lasted := stretchBar{e.Since, o.to, e.NowSeen, e.NowOf, true}
	bars := []stretchBar{{e.WasSince, e.Since, e.WasSeen, e.WasOf, false}, lasted}
	if f != nil {
		title = nameOf(path) + ": " + f.words
		before, since := p.outside(*f, path, o)
		bars = append(append(before, lasted), since...)
	} else if e.WasOf == 0 || e.WasSince.IsZero() {
		return nil
	}
	c := drawCourse(id, title, bars, e.Since, now)
	if f != nil {
		c.unit, _, _ = strings.Cut(f.words, " ")
	}
	c.Words = passedWords(bars, lasted, now)
	return c
}

// factOf is the share that a kind of finding counts as its evidence does; nil
// for kinds that count otherwise.
func (p *past) factOf(path, kind string) *fact {
	before := p.before[path]
	for _, f := range facts(before, before) {
		switch kind {
		case "field-removed", "field-optional", "field-new":
			if f.id == presenceFact {
				return &f
			}
		case "null-new":
			if f.id == "null" {
				return &f
			}
		}
	}
	return nil
}

// outside are the stretches before a change that is over, and since.
func (p *past) outside(f fact, path string, o *passed) (before, since []stretchBar) {
	for i, s := range p.stretches {
		seen, of := p.at(f, p.fields[i], path)
		switch {
		case of == 0 || s.Held:
		case s.From.Before(o.evidence.Since):
			before = append(before, stretchBar{s.From, s.To, seen, of, false})
		case !s.From.Before(o.to):
			since = append(since, stretchBar{s.From, s.To, seen, of, false})
		}
	}
	return before, since
}

// passedWords tell the picture: "100 % before (1,236 of 1,236), 0 % from 14:05
// to 14:40 (0 of 37), 100 % since (72 of 72)".
func passedWords(bars []stretchBar, lasted stretchBar, now time.Time) string {
	var seen, of [2]uint64
	for _, b := range bars {
		if !b.after {
			side := boolInt(b.from.After(lasted.from))
			seen[side], of[side] = seen[side]+b.seen, of[side]+b.of
		}
	}
	told := func(when string, seen, of uint64) string {
		return fmt.Sprintf("%s %s (%s)", percent(seen, of), when, shareWords(seen, of))
	}
	var parts []string
	if of[0] > 0 {
		parts = append(parts, told("before", seen[0], of[0]))
	}
	parts = append(parts, told("from "+moment{lasted.from, now}.Clock()+" to "+moment{lasted.to, now}.Clock(), lasted.seen, lasted.of))
	if of[1] > 0 {
		parts = append(parts, told("since", seen[1], of[1]))
	}
	return strings.Join(parts, ", ") + "."
}
