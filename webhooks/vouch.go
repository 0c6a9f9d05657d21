package webhooks

import (
	"cmp"
	"math/bits"
	"slices"
	"time"
)

// alike is how much of what comes of a type may come while another rests, for
// them to be taken to rest together.
const alike = 0.1

// vouched reports whether by now another type came in a shift that was missed:
// then it was no holiday.
func (e *Ear) vouched(i int, missed piece, now time.Time) bool {
	for other := range e.Rhythms {
		if other != i && e.Rhythms[other].Last.Unix() >= missed.from*3600 && e.Rhythms[other].cameIn(missed.stretch, now) && e.restsWith(i, other) {
			return true
		}
	}
	return false
}

// restsWith is what [Ear.rests] says of two types, worked out once: it is asked
// for each shift and each minute that is tried.
func (e *Ear) restsWith(i, other int) bool {
	pair := [2]int{i, other}
	rests, known := e.together[pair]
	if !known {
		rests = e.rests(e.pattern(i), other)
		e.together[pair] = rests
	}
	return rests
}

// rests reports whether another type rests when this one does: in its week, and
// on most of the days on which this one missed a shift.
func (e *Ear) rests(p *pattern, other int) bool {
	o := e.pattern(other)
	if o == nil || !o.shifts {
		return false
	}
	all, then := 0., 0.
	for place := range HoursOfWeek {
		all += o.events[place]
		if p.rest[place] {
			then += o.events[place]
		}
	}
	came := 0
	for _, m := range p.missed {
		came += marked(o.calendar.cameWithin(m))
	}
	return then <= alike*all && 2*came <= len(p.missed)
}

func marked(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (c *Calendar) cameWithin(s stretch) bool {
	for hour := s.from; hour < s.until; hour++ {
		if c.came(hour) {
			return true
		}
	}
	return false
}

// cameIn reports whether an event came in some hours, by now.
func (r *Rhythm) cameIn(s stretch, now time.Time) bool {
	s.until = min(s.until, worldHour(now)+1)
	came := func(x cell) bool {
		first := time.Unix(x.hour*3600, 0).Add(time.Duration(bits.TrailingZeros16(x.slots)+1) * slot)
		return s.from <= x.hour && x.hour < s.until && !first.After(now)
	}
	first, _ := slices.BinarySearchFunc(r.Calendar.cells, s.from, func(x cell, hour int64) int { return cmp.Compare(x.hour, hour) })
	for _, x := range r.Calendar.cells[first:] {
		if x.hour >= s.until {
			break
		}
		if came(x) {
			return true
		}
	}
	return r.InHour > 0 && r.Slots != 0 && came(cell{hour: worldHour(r.Hour), slots: r.Slots})
}
