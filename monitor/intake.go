package monitor

import (
	"sync"
	"sync/atomic"
	"time"

	"shapewatch/probes"
	"shapewatch/webhooks"
)

// Refuse counts a request that was not accepted, and why.
func (m *Monitor) Refuse(probe string, err error) { m.intakes.refused(probe, err, time.Now()) }

// Stray counts a request to an address that no source has.
func (m *Monitor) Stray() { m.intakes.strays.Add(1) }

// Strays is how many came to an address that no source has, since the start.
func (m *Monitor) Strays() uint64 { return m.intakes.strays.Load() }

// Intake is what came to a source since the start.
func (m *Monitor) Intake(probe string) webhooks.Intake {
	var now webhooks.Intake
	m.intakes.change(probe, func(in *intake) { now = in.Clone() })
	return now
}

// intakes count what came to sources, in this life.
type intakes struct {
	mu     sync.Mutex
	by     map[string]*intake
	strays atomic.Uint64
}

// An intake is what came to one source: all of it, and what was refused since
// the last that was accepted.
type intake struct {
	webhooks.Intake
	row probes.Refusals
}

func (r *intakes) change(probe string, f func(*intake)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[string]*intake{}
	}
	if r.by[probe] == nil {
		r.by[probe] = &intake{}
	}
	f(r.by[probe])
}

func (r *intakes) accepted(probe string, fresh bool, at time.Time) {
	r.change(probe, func(in *intake) {
		in.Take(fresh)
		in.row = probes.Refusals{Accepted: at}
	})
}

func (r *intakes) refused(probe string, err error, at time.Time) {
	r.change(probe, func(in *intake) {
		why := webhooks.ReasonOf(err)
		if in.Refuse(why, at); why == webhooks.Backlog {
			return // nothing is wrong with it, and that too many wait is told of the receiver
		}
		if in.row.Count == 0 {
			in.row.Since = at
		}
		in.row.Count, in.row.Why = in.row.Count+1, err.Error()
	})
}

func (r *intakes) refusals(probe string) (row probes.Refusals) {
	r.change(probe, func(in *intake) { row = in.row })
	return row
}
