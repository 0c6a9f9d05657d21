package probes

import "time"

// An Inflow is what a source of webhooks received, and when: judged when the
// source is looked at.
type Inflow struct {
	Types   []EventFlow // one for each type of event, by name
	Whole   *EventFlow  // all types as one, when the source is silent as a whole; else nil
	Refused Refusals
	Onward  *HandingOn // nil for a source whose events are not handed on
}

// A HandingOn is how handing events on to the user's own receiver goes.
type HandingOn struct {
	Waiting, Dead uint64
	Since         time.Time // of the first failure in a row; zero when the last attempt succeeded
	Why           string    // it fails, or the last event was given up; free of secrets
	Oldest        time.Time // when the first that waits came; zero when none does
	Fill          float64   // which part is used of what may wait and be given up; 0 where that is not bounded
	Full          bool      // events are turned away
	FullBy        time.Time // when it is at the pace of what waits; zero when that is not foreseeable
}

// An EventFlow is how events of one type come.
type EventFlow struct {
	Type     string
	Silent   time.Duration // how long nothing came, when that is unusual; else 0
	Usual    time.Duration // longest usual pause
	Told     time.Time     // since when it is silent for too long; zero when it is not
	Missing  uint64        // events that usually come from the last one until then, by the hours of its week; 0 when its pause alone was judged
	Last     time.Time
	Deaf     Deaf          // when we did not listen since then, the last time; the zero one for never
	Flood    uint64        // events in this hour, when that is unusual; else 0
	Busiest  uint64        // most events in an hour before
	Delay    time.Duration // from event to arrival, the longest in this hour, when that is unusual; else 0
	WasDelay time.Duration // the longest before
	Behind   Trend         // of how late even the promptest events come, in seconds; the zero one unless that rises
	Retries  uint64        // events that came again, ever
}

// Refusals are requests that were not accepted since we began to listen.
type Refusals struct {
	Count    uint64    // since the last one that was accepted
	Why      string    // of the last one
	Since    time.Time // the first of them
	Accepted time.Time // the last that was accepted in this life; zero for none
}
