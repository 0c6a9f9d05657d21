package store

import (
	"context"
	"slices"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// Sweep forgets what is older than retention asks for.
func (m *Memory) Sweep(ctx context.Context, now time.Time) error {
	return m.locked(ctx, func() error {
		for id, row := range m.probes {
			m.sweepProbe(id, row, now)
		}
		m.sweepIncidents(now)
		return nil
	})
}

func (m *Memory) sweepProbe(id string, row probeRow, now time.Time) {
	if row.retired() && row.Retired.Before(now.Add(-m.keep.Hours)) {
		delete(m.probes, id)
		delete(m.baselines, id)
		delete(m.checks, id)
		delete(m.hours, id)
		return
	}
	m.checks[id] = slices.DeleteFunc(m.checks[id], func(c contracts.Check) bool {
		return c.At.Before(now.Add(-m.keep.Checks))
	})
	m.hours[id] = slices.DeleteFunc(m.hours[id], func(h contracts.Hour) bool {
		return h.Start.Before(now.Add(-m.keep.Hours))
	})
}

func (m *Memory) sweepIncidents(now time.Time) {
	old := now.Add(-m.keep.Incidents)
	m.outbox.dead = slices.DeleteFunc(m.outbox.dead, func(d alerting.Delivery) bool { return d.Created.Before(old) })
	needed := map[string]bool{}
	for _, d := range m.outbox.waiting {
		needed[d.Incident] = true
	}
	for id, incident := range m.incidents {
		if resolved(incident) && incident.Resolved.Before(old) && !needed[id] {
			delete(m.incidents, id)
		}
	}
	for key := range m.outbox.receipts {
		if _, kept := m.incidents[key.incident]; !kept {
			delete(m.outbox.receipts, key)
		}
	}
}
