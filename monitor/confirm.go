package monitor

import (
	"time"

	"shapewatch/contracts"
)

// pause is how long to wait before asking again about what a verdict suspects;
// false when nothing is suspected or every suspicion has had its re-probes.
func (c Confirm) pause(v contracts.Verdict) (pause time.Duration, wanted bool) {
	if !v.Ask || v.Looks >= c.Most {
		return 0, false
	}
	return c.After << v.Looks, true
}

// leastRemaining is what must remain of the vendor's rate limit for one more
// request to be a twentieth of it at most.
const leastRemaining = 20

// pauseWithin is pause, and false where asking again would take more than a
// twentieth of what remains of any of the vendor's rate limits.
func (c Confirm) pauseWithin(v contracts.Verdict, o *contracts.Observation) (pause time.Duration, wanted bool) {
	for _, l := range o.Signals.RateLimit {
		if l.Remaining >= 0 && l.Remaining < leastRemaining {
			return 0, false
		}
	}
	return c.pause(v)
}

// A due time says by its last nanosecond whether it is a re-probe's: the store
// keeps due times and nothing else about the future, and whoever claims the
// probe, in this process or the next, must know that it is not one of the
// schedule's.
const (
	dueUnit     = time.Microsecond
	reprobeMark = time.Nanosecond
)

func reprobeAt(t time.Time) time.Time { return t.Truncate(dueUnit).Add(reprobeMark) }

func isReprobe(due time.Time) bool { return due.Sub(due.Truncate(dueUnit)) == reprobeMark }
