package webhooks

import "time"

// A Rhythm remembers when events of one type come: the longest pause of each
// of the last weeks, and how many come in an hour. It is small, and adding an
// event to it is all that an arrival costs. What its silence means says an [Ear].
type Rhythm struct {
	Type  string    `json:"type"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Count uint64    `json:"count"`
	Weeks []Week    `json:"weeks"` // oldest first, at most eight

	Hour    time.Time `json:"hour"`    // the clock hour of the last event
	InHour  uint64    `json:"in_hour"` // events in it so far
	Slots   uint16    `json:"slots"`   // the twelfths of it in which they came, a bit each
	Retries uint64    `json:"retries"` // events that came again
	Slowest int64     `json:"slowest"` // longest delay that three events in a row had in this hour, seconds
	Late    [2]int64  `json:"late"`    // delays of the last two events, seconds

	Habit HourCounts `json:"habit,omitempty"` // how many came in each hour of the week, UTC

	// Calendar are the hours before this one, kept apart: it moves once an
	// hour, and the rest with every event.
	Calendar Calendar `json:"-"`

	Delays     []Late `json:"delays,omitempty"`      // oldest first
	Before     uint64 `json:"before,omitempty"`      // how many were before these
	LateBefore int64  `json:"late_before,omitempty"` // the latest of those, seconds
}

// A Week is what was longest, most and slowest in it; the hour under way is not
// part of it yet.
type Week struct {
	Start time.Time     `json:"start"`
	Pause time.Duration `json:"pause"`
	Count uint64        `json:"count"`
	Busy  uint64        `json:"busy"` // most events in an hour
	Slow  int64         `json:"slow"` // longest delay of an event, seconds
}

// What it takes to call silence unusual.
const (
	week        = 7 * 24 * time.Hour
	keptWeeks   = 8
	enoughTime  = week + 24*time.Hour // every hour of a week was heard, and one day again
	enoughCount = 20
	silentAfter = 2  // times the longest pause of the last weeks
	floodAbove  = 10 // times the busiest hour
	floodFrom   = 100
	shortest    = time.Minute // pauses below are of no interest
)

// Take adds an event that is new, or counts one that came again.
func (r *Rhythm) Take(at, event time.Time, fresh bool) {
	if fresh {
		r.Add(at, event)
		return
	}
	r.Retries++
}

// Add takes an event into account.
func (r *Rhythm) Add(at, event time.Time) {
	at = at.UTC()
	if r.Count == 0 {
		r.First = at
	}
	r.turnHour(at)
	r.InHour++
	r.Slots |= slotOf(at)
	r.Habit.Add(at)
	if !event.IsZero() {
		r.wait(int64(at.Sub(event) / time.Second))
		r.late(at, at.Sub(event))
	}
	r.note(at)
	r.Last = at
	r.Count++
}

// wait takes the delay of an event into account, in seconds. One that is late
// was tried again; when three in a row are, the vendor's queue stands.
func (r *Rhythm) wait(delay int64) {
	r.Slowest = max(r.Slowest, min(delay, r.Late[0], r.Late[1]))
	r.Late = [2]int64{delay, r.Late[0]}
}

// Turns reports whether an event of this time ends the hour of the one before:
// then the calendar must be at hand, and moves.
func (r *Rhythm) Turns(at time.Time) bool { return !at.UTC().Truncate(time.Hour).Equal(r.Hour) }

func (r *Rhythm) turnHour(at time.Time) {
	if !r.Turns(at) {
		return
	}
	r.Calendar.put(worldHour(r.Hour), r.InHour, r.Slots)
	if n := len(r.Weeks); n > 0 {
		w := &r.Weeks[n-1]
		w.Busy, w.Slow = max(w.Busy, r.InHour), max(w.Slow, r.Slowest)
	}
	r.Hour, r.InHour, r.Slowest, r.Slots = at.Truncate(time.Hour), 0, 0, 0
}

// note counts the pause before an event to the week in which it ends.
func (r *Rhythm) note(at time.Time) {
	start := at.Truncate(week)
	if n := len(r.Weeks); n == 0 || !r.Weeks[n-1].Start.Equal(start) {
		r.Weeks = append(r.Weeks, Week{Start: start})
		r.Weeks = r.Weeks[max(0, len(r.Weeks)-keptWeeks):]
	}
	w := &r.Weeks[len(r.Weeks)-1]
	w.Count++
	if r.Count > 0 {
		w.Pause = max(w.Pause, at.Sub(r.Last))
	}
}

// LongestPause is the longest usual pause of the last weeks; 0 when too little
// is known to say: less than eight days, or fewer than twenty events.
func (r *Rhythm) LongestPause() (longest time.Duration) {
	if r.Count < enoughCount || r.Last.Sub(r.First) < enoughTime {
		return 0
	}
	for _, w := range r.Weeks {
		longest = max(longest, w.Pause)
	}
	return max(longest, shortest)
}

// Busiest is the most events in an hour of the last weeks, before this one.
func (r *Rhythm) Busiest() (most uint64) {
	for _, w := range r.Weeks {
		most = max(most, w.Busy)
	}
	return most
}

// WasSlow is the longest delay that three events in a row had in the last
// weeks, before this hour.
func (r *Rhythm) WasSlow() (longest time.Duration) {
	for _, w := range r.Weeks {
		longest = max(longest, time.Duration(w.Slow)*time.Second)
	}
	return longest
}

// Delay is how long three events in a row of this hour took to arrive, when
// that is ten times the longest before and a minute at least; else 0.
func (r *Rhythm) Delay(now time.Time) time.Duration {
	slow := time.Duration(r.Slowest) * time.Second
	if r.Last.Sub(r.First) < enoughTime || slow < shortest || slow < floodAbove*r.WasSlow() || now.Sub(r.Hour) > 2*time.Hour {
		return 0
	}
	return slow
}

// Flood is how many events came in this hour, when that is ten times the
// busiest one before and a hundred at least; else 0.
func (r *Rhythm) Flood(now time.Time) uint64 {
	if r.Last.Sub(r.First) < enoughTime || r.InHour < floodFrom || r.InHour < floodAbove*r.Busiest() || now.Sub(r.Hour) > 2*time.Hour {
		return 0
	}
	return r.InHour
}
