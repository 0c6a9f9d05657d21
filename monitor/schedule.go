package monitor

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"shapewatch/probes"
)

// maxCronShift is the most by which the hash moves a cron time: people who
// write "at nine" accept half a minute, a vendor does not accept a stampede.
const maxCronShift = 30 * time.Second

// CheckSchedule says what is wrong with a schedule, in a sentence that tells
// what to write instead; nil when the schedule comes due again and again.
func CheckSchedule(s probes.Schedule) error {
	_, err := newTimetable(s, "")
	return err
}

// Next is when a probe is due first after a time. The same probe gets the same
// times in every process and over restarts; two probes of one schedule get
// different ones, so that they do not ask all at once.
func Next(s probes.Schedule, probe string, after time.Time) (time.Time, error) {
	t, err := newTimetable(s, probe)
	if err != nil {
		return time.Time{}, err
	}
	return t.next(after), nil
}

// NextRuns are the next n times a schedule names after a time, before the hash
// moves them: what a person who wrote the schedule wants to see.
func NextRuns(s probes.Schedule, after time.Time, n int) ([]time.Time, error) {
	t, err := newTimetable(s, "")
	if err != nil {
		return nil, err
	}
	t.share = 0
	var runs []time.Time
	for range n {
		after = t.next(after)
		if after.IsZero() {
			break
		}
		runs = append(runs, after.In(t.zone))
	}
	return runs, nil
}

// A timetable is a schedule made ready for one probe.
type timetable struct {
	every time.Duration // 0 when spec is set
	spec  cron.Schedule // works on wall-clock times, written as UTC
	zone  *time.Location
	share float64 // in [0, 1): the probe's place within an interval
}

func newTimetable(s probes.Schedule, probe string) (timetable, error) {
	t := timetable{zone: time.UTC, share: shareOf(probe)}
	switch {
	case s.Cron == "" && s.Every < time.Second:
		return t, fmt.Errorf("every %v: want at least 1s", s.Every)
	case s.Cron == "":
		t.every = s.Every.Truncate(dueUnit)
		return t, nil
	case s.Every != 0:
		return t, errors.New("both every and cron: keep one of them")
	}
	return t, t.parse(s)
}

func (t *timetable) parse(s probes.Schedule) (err error) {
	if strings.Contains(s.Cron, "=") {
		return fmt.Errorf("cron %q: the zone belongs in timezone, not in the expression", s.Cron)
	}
	if strings.HasPrefix(s.Cron, "@every") {
		return fmt.Errorf("cron %q: write it as every", s.Cron)
	}
	if t.spec, err = parseCron(s.Cron); err != nil {
		return err
	}
	if t.zone, err = time.LoadLocation(s.Timezone); err != nil || s.Timezone == "Local" {
		return fmt.Errorf("timezone %q: not known; want an IANA name such as Europe/Paris", s.Timezone)
	}
	if t.spec.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return fmt.Errorf("cron %q: never comes due", s.Cron)
	}
	return nil
}

func parseCron(text string) (cron.Schedule, error) {
	spec, err := cron.ParseStandard(text)
	if err != nil {
		return nil, fmt.Errorf("cron %q: %w; want five fields: minute hour day month weekday", text, err)
	}
	if named, ok := spec.(*cron.SpecSchedule); ok {
		named.Location = time.UTC
	}
	return spec, nil
}

// shareOf spreads probes evenly and for good: it depends on the name alone.
func shareOf(probe string) float64 {
	hash := fnv.New64a()
	hash.Write([]byte(probe))
	mixed := hash.Sum64() * 0x9e3779b97f4a7c15 // FNV alone leaves the high bits of like names alike
	return float64(mixed>>11) / (1 << 53)
}

func (t timetable) next(after time.Time) time.Time {
	if t.every > 0 {
		return t.nextEvery(after)
	}
	return t.nextShifted(after)
}

// nextEvery walks a fixed grid, so that neither slow checks nor restarts make
// the times drift.
func (t timetable) nextEvery(after time.Time) time.Time {
	every := int64(t.every)
	phase := int64(t.share*float64(every)) / int64(dueUnit) * int64(dueUnit)
	steps := (after.UnixNano() - phase) / every
	return time.Unix(0, phase+(steps+1)*every).UTC()
}

// nextShifted moves each cron time by the probe's share of a tenth of the way
// to the one after it, at most maxCronShift.
func (t timetable) nextShifted(after time.Time) time.Time {
	for at := t.nextCron(after.Add(-maxCronShift)); !at.IsZero(); at = t.nextCron(at) {
		gap := maxCronShift
		if following := t.nextCron(at); !following.IsZero() {
			gap = min(gap, following.Sub(at)/10)
		}
		if shifted := at.Add(time.Duration(t.share * float64(gap))).Truncate(dueUnit); shifted.After(after) {
			return shifted.UTC()
		}
	}
	return time.Time{}
}

// nextCron asks the expression for wall-clock times, one stretch of constant
// UTC offset at a time. A time that the clocks jump over runs once, at the
// jump; the library alone would leave it out.
func (t timetable) nextCron(after time.Time) time.Time {
	stretch := after.In(t.zone)
	for from := wallClock(stretch); ; from = wallClock(stretch).Add(-time.Nanosecond) {
		wall := t.spec.Next(from)
		if wall.IsZero() {
			return time.Time{}
		}
		at := wall.Add(stretch.Sub(wallClock(stretch)))
		_, end := stretch.ZoneBounds()
		if end.IsZero() || at.Before(end) {
			return at
		}
		if stretch = end.In(t.zone); wall.Before(wallClock(stretch)) {
			return end.UTC()
		}
	}
}

// wallClock is what a clock on the wall shows at t, written as a UTC time.
func wallClock(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}
