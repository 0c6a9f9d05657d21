package webhooks

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Times say on whose clocks a source lives, and when it is quiet by agreement.
// The zero value is a source of which neither is known.
type Times struct {
	// Zone is where the people are whose work makes the events. When it is not
	// known a week is read in UTC, and that everything comes an hour earlier or
	// later is no news: so it is after each change to or from summer time.
	Zone  *time.Location
	Quiet []Quiet
}

// A Quiet is a time, again and again or once, in which nothing needs to come.
type Quiet struct {
	weekday    time.Weekday
	first, end string // days, "2026-12-24" or "12-24"; both are part of it
	from, to   int    // minutes of a day; to is after from, or on the next day
	kind       quietKind
}

type quietKind int

const (
	daily quietKind = iota
	weekly
	yearly
	once
)

// ReadQuiet reads what a person writes: "22:00-06:00" of each day, "sat",
// "2026-12-24", "12-24" of each year, or a stretch "2026-12-24..2027-01-01".
func ReadQuiet(text string) (q Quiet, err error) {
	if from, to, ok := strings.Cut(text, "-"); ok && strings.Contains(from, ":") {
		return readHours(from, to)
	}
	for day := range time.Weekday(7) {
		if name := strings.ToLower(day.String()); strings.ToLower(text) == name[:3] || strings.ToLower(text) == name {
			return Quiet{kind: weekly, weekday: day}, nil
		}
	}
	first, end, ranged := strings.Cut(text, "..")
	if !ranged {
		end = first
	}
	for kind, layout := range map[quietKind]string{once: time.DateOnly, yearly: "01-02"} {
		_, wrong := time.Parse(layout, first)
		_, wrongEnd := time.Parse(layout, end)
		if wrong == nil && wrongEnd == nil && (kind == yearly || first <= end) {
			return Quiet{kind: kind, first: first, end: end}, nil
		}
	}
	return q, fmt.Errorf("%q is no hours (22:00-06:00), no day of the week (sat) and no days (2026-12-24, 12-24, 2026-12-24..2027-01-01)", text)
}

func readHours(from, to string) (q Quiet, err error) {
	begin, err := time.Parse("15:04", from)
	if err != nil {
		return q, fmt.Errorf("%q is no time of day", from)
	}
	end, err := time.Parse("15:04", to)
	if err != nil || end.Equal(begin) {
		return q, fmt.Errorf("%q is no time of day after %s", to, from)
	}
	return Quiet{kind: daily, from: begin.Hour()*60 + begin.Minute(), to: end.Hour()*60 + end.Minute()}, nil
}

// at reports whether a local time is part of it.
func (q Quiet) at(local time.Time) bool {
	switch q.kind {
	case weekly:
		return local.Weekday() == q.weekday
	case yearly:
		day := local.Format("01-02")
		if q.first <= q.end {
			return q.first <= day && day <= q.end
		}
		return day >= q.first || day <= q.end
	case once:
		day := local.Format(time.DateOnly)
		return q.first <= day && day <= q.end
	}
	minute := local.Hour()*60 + local.Minute()
	if q.from < q.to {
		return q.from <= minute && minute < q.to
	}
	return minute >= q.from || minute < q.to
}

func (t Times) zone() *time.Location {
	if t.Zone == nil {
		return time.UTC
	}
	return t.Zone
}

// agreed reports whether nothing needs to come at a time. Of whole days it is
// asked apart: a pause does not grow on them.
func (t Times) agreed(at time.Time, days bool) bool {
	local := at.In(t.zone())
	return slices.ContainsFunc(t.Quiet, func(q Quiet) bool { return (!days || q.kind != daily) && q.at(local) })
}

// restPlace is the place of an hour in which nothing needs to come.
const restPlace = HoursOfWeek

// places are the places in the week of some hours of the world, from Sunday at
// 0 h on the clocks of the zone.
func (t Times) places(from, until int64) []uint8 {
	all := make([]uint8, max(until-from, 0))
	var ahead, known int64
	for i := range all {
		hour := from + int64(i)
		if t.Zone != nil && (i == 0 || hour >= known) { // clocks change on whole hours
			at := time.Unix(hour*3600, 0).In(t.Zone)
			_, offset := at.Zone()
			ahead, known = floorDiv(int64(offset), 3600), hour+24
			if _, change := at.ZoneBounds(); !change.IsZero() {
				known = min(known, worldHour(change))
			}
		}
		all[i] = uint8(((hour+ahead+4*24)%HoursOfWeek + HoursOfWeek) % HoursOfWeek) // 1970 began on a Thursday
		if len(t.Quiet) > 0 && t.agreed(time.Unix(hour*3600, 0), false) {
			all[i] = restPlace
		}
	}
	return all
}
