package probes

import "time"

// An Inflow is what a source of webhooks received, and when: judged when the
// source is looked at.
type Inflow struct {
	Types   []EventFlow // one for each type of event, by name
	Refused Refusals
}

// An EventFlow is how events of one type come.
type EventFlow struct {
	Type     string
	Silent   time.Duration // how long nothing came, when that is unusual; else 0
	Usual    time.Duration // longest usual pause
	Last     time.Time
	Flood    uint64        // events in this hour, when that is unusual; else 0
	Busiest  uint64        // most events in an hour before
	Delay    time.Duration // from event to arrival, the longest in this hour, when that is unusual; else 0
	WasDelay time.Duration // the longest before
	Retries  uint64        // events that came again, ever
}

// Refusals are requests that were not accepted since we began to listen.
type Refusals struct {
	Count    uint64    // since the last one that was accepted
	Why      string    // of the last one
	Since    time.Time // the first of them
	Accepted time.Time // the last that was accepted in this life; zero for none
}
