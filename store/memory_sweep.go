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
		delete(m.last, id)
		delete(m.checks, id)
		delete(m.hours, id)
		delete(m.beats, id)
		delete(m.inboxes, id)
		delete(m.runs, id)
		delete(m.published, id)
		delete(m.ledgers, id)
		delete(m.forwards, id)
		delete(m.books, bookOf(id, false))
		delete(m.books, bookOf(id, true))
		return
	}
	m.sweepForwards(id, now)
	m.sweepBooks(id, now)
	fresh := func(c contracts.Check) bool { return !c.At.Before(now.Add(-m.keep.Checks)) }
	m.checks[id] = dropUntil(m.checks[id], fresh)
	m.hours[id] = dropUntil(m.hours[id], func(h contracts.Hour) bool { return !h.Start.Before(now.Add(-m.keep.Hours)) })
}

// dropUntil drops rows, oldest first, up to the first to keep.
func dropUntil[T any](rows []T, keep func(T) bool) []T {
	at := slices.IndexFunc(rows, keep)
	if at < 0 {
		at = len(rows)
	}
	return slices.Delete(rows, 0, at)
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
	m.spoken.sweep(old, needed)
	for key := range m.outbox.receipts {
		if _, kept := m.told(key.incident); !kept {
			delete(m.outbox.receipts, key)
		}
	}
}
