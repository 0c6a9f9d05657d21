package webhooks

import (
	"cmp"
	"math/bits"
	"slices"

	"shapewatch/probes"
)

// A pattern is the usual week of one type, read from its calendar up to its
// last event: it does not move while nothing comes.
//
// What is expected is counted in slots, the twelfths of an hour in which
// something comes: a burst of two hundred events is no more of a sign of life
// than one event. The rates of the hours turn time into expected slots, so that
// a night, in which nothing is expected, takes no time at all; how long pauses
// are is measured in that time. They are what says how long is too long, not a
// law that events would have to follow.
type pattern struct {
	times        Times
	deaf         []probes.Deaf
	calendar     *Calendar
	from, until  int64 // hours that were read
	rate, events [HoursOfWeek + 1]float64
	rest         [HoursOfWeek + 1]bool
	shifts       bool // there is rest, and work between
	limit        float64
	spare        int
	missed       []stretch // shifts of the last year in which nothing came
}

// A stretch is some hours of the world, until not among them.
type stretch struct{ from, until int64 }

// What it takes to know a week.
const (
	leastWeeks  = 3
	leastEvents = 50
	restHours   = 4   // in a row, at least
	restSlots   = 12  // that would have come in them, were they as others
	restShare   = 0.1 // of what comes in an hour on average: as good as nothing
	shiftShare  = 0.2 // of the busiest shift: less is not work
	hoursAMonth = 730.
)

// newPattern reads a week; nil while too little is known.
func newPattern(r *Rhythm, times Times) *pattern {
	p := &pattern{times: times, calendar: &r.Calendar, until: worldHour(r.Last)}
	if r.Calendar.empty() || r.Count < leastEvents {
		return nil
	}
	p.from = max(r.Calendar.first+1, p.until-cellsFor)
	if p.until-p.from < leastWeeks*HoursOfWeek {
		return nil
	}
	places := times.places(p.from, p.until)
	p.findRest(p.readRates(places))
	if !p.findLimit(places) {
		return nil
	}
	p.findSpare()
	return p
}

// cellsIn are the cells of the hours that are read.
func (p *pattern) cellsIn() []cell {
	at := func(hour int64) int {
		i, _ := slices.BinarySearchFunc(p.calendar.cells, hour, func(x cell, h int64) int { return cmp.Compare(x.hour, h) })
		return i
	}
	return p.calendar.cells[at(p.from):at(p.until)]
}

// readRates learns what comes in each hour of the week, and returns in how many
// slots something came. One week in which nothing came is added: what was seen
// three times is not yet sure.
func (p *pattern) readRates(places []uint8) (came [HoursOfWeek + 1]float64) {
	var seen [HoursOfWeek + 1]float64
	for _, place := range places {
		seen[place]++
	}
	for _, x := range p.cellsIn() {
		place := places[x.hour-p.from]
		came[place] += float64(bits.OnesCount16(x.slots))
		p.events[place] += float64(x.count)
	}
	for place := range HoursOfWeek {
		p.rate[place] = came[place] / (seen[place] + 1)
		p.events[place] /= max(seen[place], 1)
	}
	came[restPlace], p.events[restPlace] = 0, 0
	return came
}

// findRest finds the nights and weekends: hours in a row in which nothing comes
// though much would, were they like others.
func (p *pattern) findRest(came [HoursOfWeek + 1]float64) {
	p.rest[restPlace] = true
	total := 0.
	for _, n := range came {
		total += n
	}
	mean := total / HoursOfWeek
	low := func(place int) bool { return came[place%HoursOfWeek] <= restShare*mean }
	p.runs(low, func(begin, n int) {
		if n < restHours || mean*float64(n) < restSlots || n == HoursOfWeek {
			return
		}
		for i := range n {
			p.setRest((begin + i) % HoursOfWeek)
		}
	})
	p.dropWeakShifts()
}

func (p *pattern) setRest(place int) { p.rest[place], p.rate[place], p.shifts = true, 0, true }

// dropWeakShifts takes what hardly comes for rest: an event that strayed into a
// Saturday makes no shift of it.
func (p *pattern) dropWeakShifts() {
	if !p.shifts {
		return
	}
	work := func(place int) bool { return !p.rest[place%HoursOfWeek] }
	sum := func(begin, n int) (s float64) {
		for i := range n {
			s += p.rate[(begin+i)%HoursOfWeek]
		}
		return s
	}
	most := 0.
	p.runs(work, func(begin, n int) { most = max(most, sum(begin, n)) })
	p.runs(work, func(begin, n int) {
		if sum(begin, n) < shiftShare*most {
			for i := range n {
				p.setRest((begin + i) % HoursOfWeek)
			}
		}
	})
}

// runs meets the longest stretches of places that are so, around the week.
func (p *pattern) runs(so func(int) bool, each func(begin, n int)) {
	start := 0
	for start < HoursOfWeek && so(start) {
		start++
	}
	if start == HoursOfWeek {
		each(0, HoursOfWeek)
		return
	}
	n := 0
	for i := 1; i <= HoursOfWeek; i++ {
		if so(start + i) {
			n++
			continue
		}
		if n > 0 {
			each((start+i-n)%HoursOfWeek, n)
		}
		n = 0
	}
}
