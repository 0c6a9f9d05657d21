package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// Recall returns what is remembered of a probe of an API: its baseline, and
// the API's incidents that are open or were resolved in the last 7 days.
func (m *Memory) Recall(ctx context.Context, api, probe string) (memory alerting.Memory, err error) {
	return m.RecallBeside(ctx, api, probe, alerting.Edition{})
}

// RecallBeside is Recall without the baseline, while it is the edition that
// the caller has; the zero one is nobody's.
func (m *Memory) RecallBeside(ctx context.Context, api, probe string, has alerting.Edition) (memory alerting.Memory, err error) {
	since := time.Now().Add(-recallFor)
	err = m.locked(ctx, func() error {
		m.recallBaseline(probe, has, &memory)
		memory.Incidents, err = m.pick(func(i alerting.Incident) bool {
			return i.API == api && (!resolved(i) || i.Resolved.After(since))
		})
		for _, s := range m.spoken.silences {
			if s.Ended.IsZero() {
				memory.Silences = append(memory.Silences, s)
			}
		}
		slices.SortFunc(memory.Silences, func(a, b alerting.Silence) int { return strings.Compare(a.ID, b.ID) })
		slices.SortFunc(memory.Incidents, func(a, b alerting.Incident) int { return strings.Compare(a.ID, b.ID) })
		return err
	})
	return memory, err
}

func (m *Memory) pick(wanted func(alerting.Incident) bool) (picked []alerting.Incident, err error) {
	for _, incident := range m.incidents {
		if !wanted(incident) {
			continue
		}
		incident, err := clone(incident)
		if err != nil {
			return nil, err
		}
		picked = append(picked, incident)
	}
	return picked, nil
}

// Latest returns the last check of every registered probe, by probe.
func (m *Memory) Latest(ctx context.Context) (latest []contracts.Check, err error) {
	err = m.locked(ctx, func() error {
		for id, check := range m.last {
			if row := m.probes[id]; !row.retired() {
				latest = append(latest, check)
			}
		}
		return nil
	})
	slices.SortFunc(latest, func(a, b contracts.Check) int { return strings.Compare(a.Probe, b.Probe) })
	return latest, err
}

// Checks returns up to max checks of a probe since a time, newest first.
func (m *Memory) Checks(ctx context.Context, probe string, since time.Time, max int) (checks []contracts.Check, err error) {
	err = m.locked(ctx, func() error {
		for _, check := range slices.Backward(m.checks[probe]) {
			if len(checks) >= max {
				break
			}
			if !check.At.Before(since) {
				checks = append(checks, check)
			}
		}
		return nil
	})
	return checks, err
}

// Hours returns the hourly sums of a probe since a time, oldest first; the
// hour that the time lies in is the first.
func (m *Memory) Hours(ctx context.Context, probe string, since time.Time) (hours []contracts.Hour, err error) {
	err = m.locked(ctx, func() error {
		for _, hour := range m.hours[probe] {
			if hour.Start.Add(time.Hour).After(since) {
				hours = append(hours, hour)
			}
		}
		return nil
	})
	return hours, err
}

// Incidents returns up to limit incidents of an API, or of all when it is
// empty: open ones first, then by when they opened, newest first.
func (m *Memory) Incidents(ctx context.Context, api string, limit int) (incidents []alerting.Incident, err error) {
	err = m.locked(ctx, func() error {
		incidents, err = m.pick(func(i alerting.Incident) bool { return api == "" || i.API == api })
		return err
	})
	slices.SortFunc(incidents, compareIncidents)
	return incidents[:min(len(incidents), max(limit, 0))], err
}

// compareIncidents orders as the page does.
func compareIncidents(a, b alerting.Incident) int {
	if resolved(a) != resolved(b) {
		if resolved(a) {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(nanos(b.Opened), nanos(a.Opened)), strings.Compare(b.ID, a.ID))
}

// Incident returns one; alerting.ErrNotFound if there is none.
func (m *Memory) Incident(ctx context.Context, id string) (incident alerting.Incident, err error) {
	err = m.locked(ctx, func() error {
		stored, found := m.told(id)
		if !found {
			return noIncident(id)
		}
		incident, err = clone(stored)
		return err
	})
	return incident, err
}

// told is what can be told: an incident, or else a bulletin.
func (m *Memory) told(id string) (alerting.Incident, bool) {
	if bulletin, found := m.spoken.bulletins[id]; found {
		return bulletin, true
	}
	incident, found := m.incidents[id]
	return incident, found
}

// Size is 0 of 0: memory is not measured.
func (m *Memory) Size(ctx context.Context) (used, limit int64, err error) {
	return 0, 0, m.locked(ctx, func() error { return nil })
}
