package webhooks

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// A Calendar is in which hours events of one type came: for the last eight
// weeks how many, and in which twelfths of the hour; for the last year only that
// some did. Hours are those of the world, not of a week or a zone, so that on
// whose clocks a week is read is decided when it is read.
//
// It is exact: counts add, marks unite, and what is too old goes by the newest
// hour that anything came in. Any order of events and any split among calendars
// that are merged gives the same calendar, to the byte.
type Calendar struct {
	first int64 // hour of the first event ever
	cells []cell
	weeks []heardWeek
}

// A cell is an hour in which events came.
type cell struct {
	hour  int64 // since 1970
	count uint32
	slots uint16 // in which twelfths of it, a bit each
}

// A heardWeek is in which hours of a week, from Thursday at 0 h UTC, events came.
type heardWeek struct {
	week  int64 // since 1970
	hours [HoursOfWeek / 8]byte
}

// What a calendar keeps.
const (
	cellsFor = keptWeeks * HoursOfWeek // hours
	weeksFor = 53
	slots    = 12 // of an hour
	slot     = time.Hour / slots
)

// worldHour is the hour since 1970 that a time is in.
func worldHour(at time.Time) int64 { return floorDiv(at.Unix(), 3600) }

// slotOf is the mark of the twelfth of the hour that a time is in.
func slotOf(at time.Time) uint16 { return 1 << (at.Minute() / (60 / slots)) }

func floorDiv(a, b int64) int64 { return int64(math.Floor(float64(a) / float64(b))) }

// Add takes an event into account.
func (c *Calendar) Add(at time.Time) { c.put(worldHour(at), 1, slotOf(at.UTC())) }

// put takes the events of an hour into account.
func (c *Calendar) put(hour int64, count uint64, slots uint16) {
	if count == 0 || slots == 0 {
		return
	}
	one := Calendar{
		first: hour,
		cells: []cell{{hour, uint32(min(count, math.MaxUint32)), slots}},
		weeks: []heardWeek{{week: floorDiv(hour, HoursOfWeek)}},
	}
	place := hour - one.weeks[0].week*HoursOfWeek
	one.weeks[0].hours[place/8] = 1 << (place % 8)
	c.Merge(one)
}

// Merge takes what another calendar holds into account.
func (c *Calendar) Merge(other Calendar) {
	switch {
	case other.empty():
		return
	case c.empty():
		c.first = other.first
	}
	c.first = min(c.first, other.first)
	c.cells = union(c.cells, other.cells, func(x cell) int64 { return x.hour }, cell.and)
	c.weeks = union(c.weeks, other.weeks, func(x heardWeek) int64 { return x.week }, heardWeek.and)
	newest := c.weeks[len(c.weeks)-1].week
	c.cells = since(c.cells, c.newest()-cellsFor+1, func(x cell) int64 { return x.hour })
	c.weeks = since(c.weeks, newest-weeksFor+1, func(x heardWeek) int64 { return x.week })
}

// Clone is a calendar that changes by itself.
func (c Calendar) Clone() Calendar {
	c.cells, c.weeks = slices.Clone(c.cells), slices.Clone(c.weeks)
	return c
}

func (c *Calendar) empty() bool { return len(c.cells) == 0 }

// newest is the last hour that anything came in.
func (c *Calendar) newest() int64 { return c.cells[len(c.cells)-1].hour }

func (x cell) and(y cell) cell {
	x.count = uint32(min(uint64(x.count)+uint64(y.count), math.MaxUint32))
	x.slots |= y.slots
	return x
}

func (x heardWeek) and(y heardWeek) heardWeek {
	for i := range x.hours {
		x.hours[i] |= y.hours[i]
	}
	return x
}

// union joins two sorted lists; what both have is one of both.
func union[T any](a, b []T, key func(T) int64, and func(T, T) T) []T {
	if len(b) == 1 { // an hour more is what nearly always comes
		i, found := slices.BinarySearchFunc(a, key(b[0]), func(x T, k int64) int { return cmp.Compare(key(x), k) })
		if found {
			a[i] = and(a[i], b[0])
			return a
		}
		return slices.Insert(a, i, b[0])
	}
	joined := make([]T, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch cmp.Compare(key(a[0]), key(b[0])) {
		case -1:
			joined, a = append(joined, a[0]), a[1:]
		case 1:
			joined, b = append(joined, b[0]), b[1:]
		default:
			joined, a, b = append(joined, and(a[0], b[0])), a[1:], b[1:]
		}
	}
	return append(append(joined, a...), b...)
}

// since drops what is older.
func since[T any](list []T, oldest int64, key func(T) int64) []T {
	i, _ := slices.BinarySearchFunc(list, oldest, func(x T, k int64) int { return cmp.Compare(key(x), k) })
	return slices.Delete(list, 0, i)
}

// came reports whether anything came in an hour of the last year.
func (c *Calendar) came(hour int64) bool {
	week := floorDiv(hour, HoursOfWeek)
	i, found := slices.BinarySearchFunc(c.weeks, week, func(x heardWeek, k int64) int { return cmp.Compare(x.week, k) })
	place := hour - week*HoursOfWeek
	return found && c.weeks[i].hours[place/8]&(1<<(place%8)) != 0
}
