package alerting

import (
	"slices"
	"time"

	"shapewatch/contracts"
)

// Hours are a time of each day in which a route's channels wait.
type Hours struct {
	From, To int // minutes after midnight; To before From is the next day
	Zone     *time.Location
	Except   contracts.Severity // what is this severe is told at once all the same
}

// until is when the hours that a time lies in are over; ok is false outside of
// them.
func (h Hours) until(at time.Time) (end time.Time, ok bool) {
	local := at.In(h.Zone)
	for day := -1; day <= 0; day++ {
		moment := func(minutes int) time.Time {
			return time.Date(local.Year(), local.Month(), local.Day()+day, 0, minutes, 0, 0, h.Zone)
		}
		from, to := moment(h.From), moment(h.To)
		if h.To <= h.From {
			to = moment(h.To + 24*60)
		}
		if !at.Before(from) && at.Before(to) {
			return to.UTC(), true
		}
	}
	return time.Time{}, false
}

// notBefore is when a channel may hear of an incident, by the quiet hours of
// the routes that lead it there: the earliest, when there are several.
func (r Routes) notBefore(inc Incident, channel string, at time.Time) (first time.Time) {
	first = at
	waits := false
	for _, route := range r.taken(inc) {
		if !slices.Contains(route.Channels, channel) {
			continue
		}
		if route.Quiet == nil || inc.Severity >= route.Quiet.Except {
			return at
		}
		end, quiet := route.Quiet.until(at)
		if !quiet {
			return at
		}
		if !waits || end.Before(first) {
			first, waits = end, true
		}
	}
	return first
}
