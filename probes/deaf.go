package probes

import (
	"fmt"
	"time"
)

// A Deaf stretch is a time in which we did not listen: shapewatch was stopped,
// or could write nothing. What should have called us then may have called, so
// that it was not heard says nothing.
type Deaf struct {
	From  time.Time `json:"from"`  // when we last listened
	Until time.Time `json:"until"` // when we did again
}

// ShortestDeaf is the shortest stretch that is noted: callers try again for as
// long, and that we listen is written down once a minute.
const ShortestDeaf = 2 * time.Minute

// How many deaf stretches are remembered, and for how long.
const (
	DeafKept    = 100
	DeafKeptFor = 8 * 7 * 24 * time.Hour
)

// Gap is the deaf stretch between two moments in which we listened; false when
// it is too short to be one.
func Gap(last, now time.Time) (d Deaf, ok bool) {
	d = Deaf{From: last.UTC(), Until: now.UTC()}
	return d, now.Sub(last) > ShortestDeaf
}

// Within is how much of the stretch lies in a time.
func (d Deaf) Within(from, until time.Time) time.Duration {
	if d.From.After(from) {
		from = d.From
	}
	if d.Until.Before(until) {
		until = d.Until
	}
	return max(until.Sub(from), 0)
}

// Touches reports whether we were deaf at any moment of a time, its ends among
// them.
func (d Deaf) Touches(from, until time.Time) bool {
	return !d.IsZero() && !until.Before(d.From) && !from.After(d.Until)
}

// IsZero reports whether it is no stretch at all.
func (d Deaf) IsZero() bool { return d.From.IsZero() && d.Until.IsZero() }

// String is the stretch in words: "we did not listen from 2026-03-02 02:10 to
// 03:05 UTC".
func (d Deaf) String() string {
	from, until := d.From.UTC(), d.Until.UTC()
	layout := "15:04"
	if from.Format(time.DateOnly) != until.Format(time.DateOnly) {
		layout = "2006-01-02 15:04"
	}
	return fmt.Sprintf("we did not listen from %s to %s UTC", from.Format("2006-01-02 15:04"), until.Format(layout))
}
