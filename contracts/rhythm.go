package contracts

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// A Rhythm is how large something usually is in each hour of the week (UTC),
// on a logarithmic scale, exactly additive.
type Rhythm []slot

// slot is an hour of the week, how often it was seen, the sum of the sizes in
// steps of a [Scale], and the least and the most of them.
type slot [5]uint64

const (
	slotHour = iota
	slotCount
	slotSum
	slotMin
	slotMax
)

// Add counts a size at a time.
func (r *Rhythm) Add(at time.Time, n int64) {
	s := steps(n)
	r.count(slot{hourOfWeek(at), 1, s, s, s})
}

func hourOfWeek(at time.Time) uint64 {
	at = at.UTC()
	return uint64(at.Weekday())*24 + uint64(at.Hour())
}

// steps is a size on the scale of a [Scale].
func steps(n int64) uint64 { return uint64(math.Log1p(float64(max(n, 0)))*stepsPerE + 0.5) }

func (r *Rhythm) count(s slot) {
	i, found := slices.BinarySearchFunc(*r, s[slotHour], func(s slot, hour uint64) int { return cmp.Compare(s[slotHour], hour) })
	if !found {
		*r = slices.Insert(*r, i, s)
		return
	}
	mine := &(*r)[i]
	mine[slotCount] += s[slotCount]
	mine[slotSum] += s[slotSum]
	mine[slotMin], mine[slotMax] = min(mine[slotMin], s[slotMin]), max(mine[slotMax], s[slotMax])
}

func (r *Rhythm) merge(o Rhythm) {
	for _, s := range o {
		r.count(s)
	}
}

// shrink is how many answers of the same hour weigh as much as all others.
const shrink = 4

// At is the usual size at a time: the mean of that hour of the week, drawn
// towards the mean of that hour of the day, and that towards the mean of all,
// the more the fewer answers there were; and the least and the most that this
// hour and its neighbours have had. ok is false before three answers told each
// of these.
func (r Rhythm) At(at time.Time) (usual, least, most float64, ok bool) {
	var all, day, hour slot
	now, near := hourOfWeek(at), 0
	low, high := uint64(math.MaxUint64), uint64(0)
	for _, s := range r {
		all[slotCount], all[slotSum] = all[slotCount]+s[slotCount], all[slotSum]+s[slotSum]
		if s[slotHour]%24 == now%24 {
			day[slotCount], day[slotSum] = day[slotCount]+s[slotCount], day[slotSum]+s[slotSum]
		}
		if s[slotHour] == now {
			hour = s
		}
		if d := (s[slotHour] + 168 - now) % 168; (d <= 1 || d == 167) && s[slotCount] >= tells {
			near++
			low, high = min(low, s[slotMin]), max(high, s[slotMax])
		}
	}
	if near < 3 {
		return 0, 0, 0, false
	}
	mean := hour.towards(day.towards(all.towards(0, 0), shrink), shrink)
	return size(mean), size(float64(low)), size(float64(high)), true
}

// OfDay is the usual size, the least and the most at this hour of the day and
// its neighbours, whatever the weekday, and in how many hours of the week that
// was seen.
func (r Rhythm) OfDay(at time.Time) (usual, least, most float64, hours int) {
	now := hourOfWeek(at) % 24
	var all slot
	low, high := uint64(math.MaxUint64), uint64(0)
	for _, s := range r {
		if d := (s[slotHour]%24 + 24 - now) % 24; d <= 1 || d == 23 {
			hours++
			all[slotCount], all[slotSum] = all[slotCount]+s[slotCount], all[slotSum]+s[slotSum]
			low, high = min(low, s[slotMin]), max(high, s[slotMax])
		}
	}
	if hours == 0 {
		return 0, 0, 0, 0
	}
	return size(all.towards(0, 0)), size(float64(low)), size(float64(high)), hours
}

// tells is how many answers tell an hour of the week.
const tells = 3

func size(steps float64) float64 { return math.Expm1(steps / stepsPerE) }

// towards is the mean of a slot, drawn towards another mean.
func (s slot) towards(other, weight float64) float64 {
	n := float64(s[slotCount])
	return (float64(s[slotSum]) + weight*other) / max(n+weight, 1)
}
