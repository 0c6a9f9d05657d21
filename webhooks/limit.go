package webhooks

import (
	"math"
	"math/bits"
)

// How many false alarms may come of it, a month.
const (
	pauseBudget = 0.02 // of a type, because of a pause in the middle of a shift
	shiftBudget = 0.2  // of a type, because a shift never began
	tail        = 10   // longest pauses, which say how the rest of them would go on
	beyond      = 1.5  // times the longest, at the least
	maxSpare    = 10   // shifts
)

// findLimit measures the pauses within shifts, in expected slots, and sets how
// long one must be to be told; false while there are too few.
//
// Beyond the eleventh longest, pauses are taken to go on as exponential ones of
// the mean that the ten longest have: the limit is where the budget is met. A
// pause that was seen is exceeded by half, whatever that says.
func (p *pattern) findLimit(places []uint8) bool {
	top := p.longestPauses(places)
	if len(top) <= tail {
		return false
	}
	from, more := top[tail], 0.
	for _, x := range top[:tail] {
		more += (x - from) / tail
	}
	months := float64(p.until-p.from) / hoursAMonth
	p.limit = max(from+more*math.Log(tail/(months*pauseBudget)), beyond*top[0])
	return true
}

// longestPauses are the longest of the pauses within shifts, longest first. Of
// an event only its slot is known, so each is taken for as long as it can have
// been. Shifts in which nothing came are none of them.
func (p *pattern) longestPauses(places []uint8) (l longest) {
	cells, working, alive, entire, pause := p.cellsIn(), false, false, false, 0.
	for i, place := range places {
		came := uint16(0)
		if len(cells) > 0 && cells[0].hour == p.from+int64(i) {
			came, cells = cells[0].slots, cells[1:]
		}
		if p.rest[place] {
			if working && alive {
				l.take(pause)
			}
			working = false
			continue
		}
		if !working {
			working, alive, entire, pause = true, false, i > 0, 0
		}
		part, passed := p.rate[place]/slots, 0
		for came != 0 {
			s := bits.TrailingZeros16(came)
			came &^= 1 << s
			pause += part * float64(s+1-passed)
			if alive || entire {
				l.take(pause)
			}
			alive, pause, passed = true, part, s+1
		}
		pause += part * float64(slots-passed)
	}
	return l
}

// longest are the longest pauses that were taken, longest first.
type longest []float64

func (l *longest) take(x float64) {
	list := *l
	if len(list) <= tail {
		list = append(list, x)
	} else if x > list[tail] {
		list[tail] = x
	} else {
		return
	}
	for i := len(list) - 1; i > 0 && list[i] > list[i-1]; i-- {
		list[i], list[i-1] = list[i-1], list[i]
	}
	*l = list
}

// findSpare decides how many shifts in a row may pass without an event before
// that is told. A shift that never begins may be a holiday: a vendor does not
// say. How often so many were missed in the last year says how many are allowed;
// what was never seen is taken to come once in five months, and eight times more
// rarely for each shift more.
func (p *pattern) findSpare() {
	if !p.shifts {
		return
	}
	runs, months := p.missedRuns()
	for chance := 1.; p.spare < maxSpare; p.spare, chance = p.spare+1, chance/8 {
		more := chance
		for _, n := range runs {
			if n > p.spare {
				more++
			}
		}
		if more/months <= shiftBudget {
			return
		}
	}
}

// missedRuns are how many shifts in a row were missed, each time that some were
// in the last year, and how many months that was.
func (p *pattern) missedRuns() (runs []int, months float64) {
	c := p.calendar
	from := max(c.first+1, c.weeks[0].week*HoursOfWeek, p.until-weeksFor*HoursOfWeek)
	shift, working, alive, run := stretch{}, false, true, 0
	end := func() {
		if !alive {
			run++
			p.missed = append(p.missed, shift)
			return
		}
		if run > 0 {
			runs = append(runs, run)
		}
		run = 0
	}
	week := 0
	for i, place := range p.times.places(from, p.until) {
		hour := from + int64(i)
		if p.rest[place] {
			if working {
				end()
			}
			working = false
			continue
		}
		if !working {
			working, alive, shift = true, i == 0, stretch{from: hour}
		}
		shift.until = hour + 1
		for week < len(c.weeks)-1 && c.weeks[week+1].week*HoursOfWeek <= hour {
			week++
		}
		alive = alive || c.weeks[week].has(hour)
	}
	if run > 0 {
		runs = append(runs, run)
	}
	return runs, float64(p.until-from) / hoursAMonth
}

// has reports whether anything came in an hour of the world.
func (x heardWeek) has(hour int64) bool {
	place := hour - x.week*HoursOfWeek
	return 0 <= place && place < HoursOfWeek && x.hours[place/8]&(1<<(place%8)) != 0
}
