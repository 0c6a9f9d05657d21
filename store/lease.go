package store

import (
	"sync"
	"time"

	"shapewatch/probes"
)

// leases remember which probes are being checked, and by which claim. Hold mu
// while reading the schedule and granting: a commit that lands in between
// would otherwise be granted once more from an old view of what is due.
type leases struct {
	mu   sync.Mutex
	last uint64 // epoch of the newest claim
	held map[string]lease
}

type lease struct {
	epoch uint64
	until time.Time
	spent bool // its outcome is being written
}

// writeTime is how soon to look again at a probe whose outcome is being
// written although its lease is over.
const writeTime = 10 * time.Millisecond

// newLeases starts the epochs of this opening above those of all before.
func newLeases(opened uint64) *leases {
	return &leases{last: opened << 32, held: map[string]lease{}}
}

// busyUntil says whether a probe must not be claimed at now, and when to look
// again. The caller holds mu.
func (l *leases) busyUntil(probe string, now time.Time) (again time.Time, busy bool) {
	held, leased := l.held[probe]
	switch {
	case !leased:
		return time.Time{}, false
	case held.until.After(now):
		return held.until, true
	}
	return now.Add(writeTime), held.spent
}

// grant gives out a probe. The caller holds mu.
func (l *leases) grant(probe string, due, until time.Time) probes.Claim {
	l.last++
	l.held[probe] = lease{epoch: l.last, until: until}
	return probes.Claim{Probe: probe, Due: due, Epoch: l.last}
}

// spend takes a claim for writing; false means that it is stale.
func (l *leases) spend(c probes.Claim) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	held, leased := l.held[c.Probe]
	if !leased || held.epoch != c.Epoch || held.spent {
		return false
	}
	held.spent = true
	l.held[c.Probe] = held
	return true
}

// settle ends a spent claim, or gives it back when nothing was written.
func (l *leases) settle(c probes.Claim, written bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	held, leased := l.held[c.Probe]
	switch {
	case !leased || held.epoch != c.Epoch:
	case written:
		delete(l.held, c.Probe)
	default:
		held.spent = false
		l.held[c.Probe] = held
	}
}

// revoke makes the claims of these probes stale.
func (l *leases) revoke(gone []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, probe := range gone {
		delete(l.held, probe)
	}
}
