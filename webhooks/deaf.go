package webhooks

import (
	"time"

	"shapewatch/probes"
)

// listened is the time when a pause has lasted so long while we listened. A
// deaf stretch takes none of it; after one as long as the longest pause, in
// which an event would have come, it begins anew. What was told before we were
// deaf stays told.
func (e *Ear) listened(last time.Time, pause, longest time.Duration) time.Time {
	at := e.times.after(last, pause)
	for _, d := range e.Deaf {
		switch {
		case !d.Until.After(last) || !d.From.Before(at):
		case d.Until.Sub(d.From) >= longest:
			last, at = d.Until, e.times.after(d.Until, pause)
		default:
			at = at.Add(d.Within(last, d.Until))
		}
	}
	return at
}

// DeafSince is the last deaf stretch of a silence; the zero one for none.
func (e *Ear) DeafSince(last, now time.Time) (deaf probes.Deaf) {
	for _, d := range e.Deaf {
		if d.Within(last, now) > 0 {
			deaf = d
		}
	}
	return deaf
}

// heardOf is how much of an hour, as a share of it, lies in a time in which we
// listened.
func (p *pattern) heardOf(hour int64, from, to time.Time) float64 {
	heard := part(hour, from, to)
	begin, end := time.Unix(hour*3600, 0), time.Unix((hour+1)*3600, 0)
	if from.After(begin) {
		begin = from
	}
	if to.Before(end) {
		end = to
	}
	for _, d := range p.deaf {
		heard -= d.Within(begin, end).Hours()
	}
	return max(heard, 0)
}
