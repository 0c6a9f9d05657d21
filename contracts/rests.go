package contracts

import "time"

// What makes a rest of hours: nights and weekends.
const (
	restsInARow = 4    // hours, at the least
	restsShare  = 0.01 // of what an hour brings on average: as good as nothing
	restsPerDay = 24   // or one an hour
	hoursOfWeek = 168
)

// rests are the hours of the week in which something usually does not move,
// four in a row or more; nil where it moves round the clock, or all is still.
func (r Rhythm) rests() []bool {
	still := r.stillHours()
	rests, found := make([]bool, hoursOfWeek), false
	for begin := range still {
		n := 0
		for n < hoursOfWeek && still[(begin+n)%hoursOfWeek] {
			n++
		}
		if n < restsInARow || n == hoursOfWeek {
			continue
		}
		for i := range n {
			rests[(begin+i)%hoursOfWeek], found = true, true
		}
	}
	if !found {
		return nil
	}
	return rests
}

// stillHours are the hours of the week that are known to bring next to nothing.
func (r Rhythm) stillHours() (still [hoursOfWeek]bool) {
	mean := 0.
	for _, s := range r {
		mean += size(s.towards(0, 0)) / float64(len(r))
	}
	for _, s := range r {
		still[s[slotHour]%hoursOfWeek] = s[slotCount] >= tells && size(s.towards(0, 0)) < max(restsShare*mean, restsPerDay)
	}
	return still
}

// own is the mean of this very hour of the week; what [Rhythm.At] says before
// three answers told it.
func (r Rhythm) own(at time.Time) float64 {
	now := hourOfWeek(at)
	for _, s := range r {
		if s[slotHour] == now && s[slotCount] >= tells {
			return size(s.towards(0, 0))
		}
	}
	usual, _, _, _ := r.At(at)
	return usual
}

// sparedUntil is when the first working stretch is over that began after
// something last moved: it may be a holiday. 0 when it stopped in the middle of
// one, by now, or never rests.
func (r Rhythm) sparedUntil(moved, now int64) int64 {
	rests := r.rests()
	if rests == nil || moved == 0 {
		return 0
	}
	begun := next(rests, true, moved)
	if min(begun, now)-moved >= slowHours*paceStep {
		return 0
	}
	return next(rests, true, next(rests, false, begun))
}

// next is when a rest, or work, goes on at a time or begins after it.
func next(rests []bool, rest bool, at int64) int64 {
	for range hoursOfWeek {
		if rests[hourOfWeek(time.Unix(at, 0))] == rest {
			return at
		}
		at += paceStep - at%paceStep
	}
	return at
}
