package store

import (
	"fmt"
	"time"

	"shapewatch/alerting"
)

// A thread is one incident in one channel: told in order, updated in place.
type thread struct{ channel, incident string }

func threadOf(d alerting.Delivery) thread { return thread{d.Channel, d.Incident} }

// takings says until when deliveries, by ID, are somebody's.
type takings map[uint64]taking

// A taking is one delivery that is somebody's.
type taking struct {
	until  time.Time
	thread thread
	digest bool
}

// A line is one call of TakeDeliveries, offered what waits by ID.
type line struct {
	taken takings
	now   time.Time
	max   int
	lease time.Duration

	behind map[thread]bool // threads whose first delivery was met
	out    []alerting.Delivery
}

// offer takes a delivery if it is first in its thread and due; false means
// that there are enough.
func (l *line) offer(d alerting.Delivery) bool {
	if len(l.out) >= l.max {
		return false
	}
	if l.behind == nil {
		l.behind = map[thread]bool{}
	}
	if l.behind[threadOf(d)] {
		return true
	}
	l.behind[threadOf(d)] = !d.Digest // what comes after need not wait for the morning
	if d.NotBefore.After(l.now) || l.taken[d.ID].until.After(l.now) {
		return true
	}
	l.taken[d.ID] = taking{l.now.Add(l.lease), threadOf(d), d.Digest}
	l.out = append(l.out, d)
	return true
}

// passes reports whether a delivery is somebody's, so that it need not be read:
// of a long outbox most are.
func (l *line) passes(id uint64) bool {
	t, taken := l.taken[id]
	if !taken || !t.until.After(l.now) {
		return false
	}
	if l.behind == nil {
		l.behind = map[thread]bool{}
	}
	l.behind[t.thread] = l.behind[t.thread] || !t.digest
	return true
}

// postponed is a stored delivery with what an attempt changes.
func postponed(stored, d alerting.Delivery) alerting.Delivery {
	stored.Attempts, stored.NotBefore, stored.LastError, stored.Dead = d.Attempts, d.NotBefore, d.LastError, d.Dead
	return stored
}

// follow is the receipt to keep after another step was told. A notifier that
// returns no place keeps the one it had.
func follow(old, r alerting.Receipt, d alerting.Delivery) alerting.Receipt {
	r.Channel, r.Incident = d.Channel, d.Incident
	if r.Ref == "" {
		r.Ref = old.Ref
	}
	if r.Bulletin == "" {
		r.Bulletin = old.Bulletin
	}
	r.Version = max(r.Version, old.Version)
	return r
}

func noDelivery(d alerting.Delivery) error {
	return fmt.Errorf("delivery %d: %w", d.ID, alerting.ErrNotFound)
}

// countDelivery adds one to the health; offer the dead first, then by ID.
func countDelivery(health *alerting.OutboxHealth, d alerting.Delivery) {
	if d.LastError != "" {
		health.LastError = d.LastError
	}
	if d.Dead {
		health.Dead++
		return
	}
	health.Waiting++
	health.Oldest = earlier(health.Oldest, d.Created)
}
