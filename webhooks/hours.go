package webhooks

import (
	"encoding/binary"
	"time"
)

// HoursOfWeek is how many hours a week has; the first begins on Sunday at 0 h,
// UTC.
const HoursOfWeek = 7 * 24

// HourCounts are how many events came in each hour of the week, two bytes an
// hour: a row that moves with every event is to stay small. When an hour is
// full all are halved, so that what they say beside each other stays.
type HourCounts []byte

// hourOf is an hour's place in the week.
func hourOf(at time.Time) int { return int(at.UTC().Weekday())*24 + at.UTC().Hour() }

// Add counts an event.
func (h *HourCounts) Add(at time.Time) {
	if len(*h) != 2*HoursOfWeek {
		*h = make(HourCounts, 2*HoursOfWeek)
	}
	place := (*h)[2*hourOf(at):]
	n := binary.BigEndian.Uint16(place)
	if n == 1<<16-1 {
		h.halve()
		n = binary.BigEndian.Uint16(place)
	}
	binary.BigEndian.PutUint16(place, n+1)
}

// halve keeps an hour that ever had events apart from one that is quiet.
func (h *HourCounts) halve() {
	for i := 0; i < len(*h); i += 2 {
		n := binary.BigEndian.Uint16((*h)[i:])
		binary.BigEndian.PutUint16((*h)[i:], n/2+n%2)
	}
}

// Of is how many came in an hour of the week; 0 when none were counted.
func (h HourCounts) Of(hour int) uint64 {
	if len(h) != 2*HoursOfWeek {
		return 0
	}
	return uint64(binary.BigEndian.Uint16(h[2*hour:]))
}

// Within reports which hours of the week a time touches: all, when it is a
// week or more.
func Within(from, to time.Time) (hours [HoursOfWeek]bool) {
	for at, n := from.UTC().Truncate(time.Hour), 0; !at.After(to) && n <= HoursOfWeek; at, n = at.Add(time.Hour), n+1 {
		hours[hourOf(at)] = true
	}
	return hours
}
