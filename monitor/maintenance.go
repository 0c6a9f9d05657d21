package monitor

import (
	"fmt"
	"time"

	"shapewatch/alerting"
	"shapewatch/probes"
)

// A Maintenance is a time, again and again, in which incidents are not told.
type Maintenance struct {
	alerting.Matcher
	Name     string // as it is told
	Cron     string // when it begins, on the clocks of Timezone
	Timezone string // IANA; empty means UTC
	For      time.Duration
}

// maxMaintenance is the longest that one maintenance may last.
const maxMaintenance = 7 * 24 * time.Hour

// CheckMaintenance says what is wrong with a maintenance, in a sentence that
// tells what to write instead.
func CheckMaintenance(m Maintenance) error {
	if m.For <= 0 || m.For > maxMaintenance {
		return fmt.Errorf("for %v: want a duration up to 7d", m.For)
	}
	_, err := m.timetable()
	return err
}

func (m Maintenance) timetable() (timetable, error) {
	return newTimetable(probes.Schedule{Cron: m.Cron, Timezone: m.Timezone}, "")
}

// open says whether the maintenance is under way, and until when. Of windows
// that overlap, the last counts.
func (m Maintenance) open(now time.Time) (until time.Time, open bool) {
	t, err := m.timetable()
	if err != nil {
		return time.Time{}, false // refused when it was configured
	}
	begin := t.nextCron(now.Add(-m.For))
	for !begin.IsZero() && !begin.After(now) {
		until, open = begin.Add(m.For).UTC(), true
		begin = t.nextCron(begin)
	}
	return until, open
}

// Daily is one moment of each day, on the clocks of a zone.
type Daily struct {
	Hour, Minute int
	Zone         *time.Location
}

// Next is when the moment comes next, after a time. Where the clocks jump over
// it, it is the moment they jump to.
func (d Daily) Next(after time.Time) time.Time {
	local := after.In(d.Zone)
	for day := 0; ; day++ {
		at := time.Date(local.Year(), local.Month(), local.Day()+day, d.Hour, d.Minute, 0, 0, d.Zone)
		if at.After(after) {
			return at.UTC()
		}
	}
}
