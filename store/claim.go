package store

import (
	"time"

	"shapewatch/probes"
)

// A round is one call of Claim, offered the schedule earliest first.
type round struct {
	leases *leases // locked by the caller
	now    time.Time
	max    int
	lease  time.Duration

	claims []probes.Claim
	next   time.Time
}

// offer takes a probe if it can; false means that no later one matters.
func (r *round) offer(probe string, due time.Time) bool {
	again, busy := r.leases.busyUntil(probe, r.now)
	switch {
	case busy:
		r.next = earlier(r.next, again)
		return true
	case due.After(r.now) || len(r.claims) >= r.max:
		r.next = earlier(r.next, due)
		return false
	}
	until := r.now.Add(r.lease)
	r.claims = append(r.claims, r.leases.grant(probe, due, until))
	r.next = earlier(r.next, until)
	return true
}
