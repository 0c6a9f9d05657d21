package reconcile

import (
	"strconv"
	"strings"
	"time"
)

// layouts are the ways in which times are written, those with a zone first.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999Z07",
	"2006-01-02 15:04:05.999999999 -0700 MST", "2006-01-02T15:04:05.999999999Z0700", time.RFC1123, time.RFC1123Z,
	"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly,
}

// moment reads a time. One that names no zone is of the given one; a plain
// number is Unix time in seconds, milli-, micro- or nanoseconds, by its size.
func moment(text string, zone *time.Location) (at time.Time, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) == 0 || len(text) > 64 {
		return at, false
	}
	if zone == nil {
		zone = time.UTC
	}
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, true
		}
	}
	return epoch(text)
}

func epoch(text string) (at time.Time, ok bool) {
	whole, fraction, broken := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return at, false
	}
	if broken { // seconds with a fraction
		fraction = (fraction + "000000000")[:9]
		nanos, err := strconv.ParseInt(fraction, 10, 64)
		return time.Unix(n, nanos), err == nil
	}
	switch {
	case n < 1e11 && n > -1e11:
		return time.Unix(n, 0), true
	case n < 1e14 && n > -1e14:
		return time.UnixMilli(n), true
	case n < 1e17 && n > -1e17:
		return time.UnixMicro(n), true
	}
	return time.Unix(0, n), true
}

// floorTo is microseconds since 1970, rounded down to whole steps.
func floorTo(at time.Time, step time.Duration) int64 {
	micros := at.UnixMicro()
	size := step.Microseconds()
	if size <= 1 {
		return micros
	}
	rest := micros % size
	if rest < 0 {
		rest += size
	}
	return micros - rest
}
