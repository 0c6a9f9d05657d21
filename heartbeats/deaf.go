package heartbeats

import (
	"slices"
	"time"

	"shapewatch/probes"
)

// excusedMost bounds how many due times within deaf stretches are met one by
// one; beyond, the first after the stretch is taken.
const excusedMost = 1000

// awaited is the first due time whose success we could have heard, from one on,
// and the deaf stretch for which those before it are let pass; the zero one for
// none.
func (e Expectation) awaited(due, now time.Time, u usualWait) (time.Time, probes.Deaf) {
	var excuse probes.Deaf
	for n := 0; !due.IsZero() && now.After(due.Add(e.Grace)); n++ {
		deaf, lost := e.lost(due, u)
		if !lost {
			break
		}
		excuse = deaf
		if due = e.Next(due); n == excusedMost {
			due = e.Next(deaf.Until)
		}
	}
	return due, excuse
}

// lost is the deaf stretch in which the success of a run may have come: within
// the time in which it usually does, or just as its grace ended. What was late
// before we were deaf is late.
func (e Expectation) lost(due time.Time, u usualWait) (probes.Deaf, bool) {
	deadline := due.Add(e.Grace)
	for _, d := range e.Deaf {
		if deadline.Before(d.From) {
			continue
		}
		if d.Touches(deadline, deadline) || d.Touches(due.Add(u.least), due.Add(min(u.most, e.Grace))) {
			return d, true
		}
	}
	return probes.Deaf{}, false
}

// usualWait is when a success comes, seen from when it is due.
type usualWait struct{ least, most time.Duration }

// usualWait is learned from the last successes, those in time; while they are
// too few it is all of the grace.
func (e Expectation) usualWait(successes []time.Time) usualWait {
	var waits []time.Duration
	for i := max(1, len(successes)-remembered); i < len(successes); i++ {
		if wait := successes[i].Sub(e.Next(successes[i-1])); wait <= e.Grace && wait > -patience-e.Grace {
			waits = append(waits, wait)
		}
	}
	if len(waits) < habit {
		return usualWait{0, e.Grace}
	}
	return usualWait{slices.Min(waits), slices.Max(waits) + patience}
}

// heardWhole reports whether we listened all the time between two moments.
func heardWhole(deaf []probes.Deaf, from, until time.Time) bool {
	return !slices.ContainsFunc(deaf, func(d probes.Deaf) bool { return d.Within(from, until) > 0 })
}

// lostSight takes out the runs under way whose end we may not have heard: it
// usually comes within a deaf stretch, or too little is known of it and the run
// was not too long when we went deaf. That they do not succeed is told when the
// next success is due.
func (h *history) lostSight(deaf []probes.Deaf, allowed time.Duration) {
	least, most := time.Duration(0), allowed
	if took := lastOf(h.took); len(took) >= habit {
		least, most = slices.Min(took), longest(took)+patience
	}
	for run, began := range h.open {
		for _, d := range deaf {
			unknown := most == 0 && began.Before(d.From)
			if unknown || most > 0 && d.Touches(began.Add(least), began.Add(most)) {
				delete(h.open, run)
			}
		}
	}
}
