package contracts

import (
	"slices"
	"time"
)

// A Slowness says how a sequence has fallen behind its usual pace.
type Slowness struct {
	Since   time.Time     // when it began
	PerHour float64       // how far it moved in an hour since
	Usual   float64       // how far it usually moves in an hour, at these times of the week
	Behind  time.Duration // how long what is missing would usually have taken
	Grows   float64       // by how many seconds an hour
	Stands  bool          // it has not moved at all
}

// Slow reports how far a sequence is behind, by the hours that it moved less
// than half as far as ever in these hours of the week; false when it is not
// known to be a sequence, its weeks are not known, or the last hours were as
// usual. Hours in which little is usual say nothing. Where nights or weekends
// rest, the first stretch of work in which nothing at all moves is let pass,
// since no answer says that it is a holiday.
func (c *Comparison) Slow(path string) (s Slowness, ok bool) {
	p := c.Baseline.pulse(sequencePulse + path)
	if p == nil || p.Course == nil || p.Changes < provenPulse || !p.Course.numbered() {
		return s, false
	}
	course, week := p.Course.upTo(c.Observation, path), c.Baseline.Habits.pace(path)
	late := lateness(course.Hours, week, 0)
	if late.moved == 0 && late.hours >= slowHours {
		late = lateness(course.Hours, week, week.sparedUntil(course.Moved, c.Observation.At.Unix()))
	}
	if late.hours < slowHours || late.least < slowLeast {
		return s, false
	}
	return late.slowness(), true
}

// lateness sums up the slow hours at the end of a course. Those before a time
// are not counted.
func lateness(course []paceHour, week Rhythm, spared int64) (sum lateHours) {
	for _, hour := range slices.Backward(course) {
		usual, least, known := week.over(hour)
		switch {
		case !known || hour.By == unknownPace:
			return sum
		case least < slowLeast/slowHours/slowTimes: // a quiet hour
		case float64(hour.By)*slowTimes >= least:
			return sum
		default:
			sum.add(hour, usual, least, hour.At >= spared)
		}
	}
	return sum
}

// upTo is a course with what came since the last of its hours.
func (c *course) upTo(o *Observation, path string) course {
	next, at := *c, o.At.Unix()
	next.Hours = slices.Clone(c.Hours)
	for _, s := range o.Signals.Sequences {
		if s.Path == path {
			next.add(at, s.At)
		}
	}
	if part := next.hour(at); part.For >= slowPart {
		next.Hours = append(next.Hours, part)
	}
	return next
}

// over is how far is usual in about an hour, and the least that ever was.
func (r Rhythm) over(h paceHour) (usual, least float64, ok bool) {
	_, least, _, ok = r.At(time.Unix(h.At, 0))
	share := float64(h.For) / 86400
	return r.own(time.Unix(h.At, 0)) * share, least * share, ok
}

// lateHours sums up slow hours.
type lateHours struct {
	since, took         int64   // Unix seconds, seconds
	hours               int     // that are over, and count
	moved, usual, least float64 // the least in the hours that count
}

func (l *lateHours) add(h paceHour, usual, least float64, counts bool) {
	l.since = h.At - h.For/2
	l.took += h.For
	l.moved, l.usual = l.moved+float64(h.By), l.usual+usual
	if !counts {
		return
	}
	if l.least += least; h.For >= paceStep {
		l.hours++
	}
}

func (l lateHours) slowness() Slowness {
	hours := float64(l.took) / 3600
	missing := 1 - l.moved/l.usual
	return Slowness{
		Since: time.Unix(l.since, 0).UTC(), PerHour: l.moved / hours, Usual: l.usual / hours,
		Behind: time.Duration(missing * float64(l.took) * float64(time.Second)), Grows: missing * 3600, Stands: l.moved == 0,
	}
}
