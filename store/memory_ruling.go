package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"shapewatch/alerting"
)

// spoken is what people and the clock have said, of a [Memory].
type spoken struct {
	bulletins map[string]alerting.Incident
	silences  map[string]alerting.Silence
	acts      []alerting.Act // oldest first
}

func newSpoken() spoken {
	return spoken{bulletins: map[string]alerting.Incident{}, silences: map[string]alerting.Silence{}}
}

// Rule keeps a ruling whole, or not at all.
func (m *Memory) Rule(ctx context.Context, ruling alerting.Ruling) error {
	r, err := normalRuling(ruling)
	if err != nil {
		return err
	}
	return m.locked(ctx, func() error {
		if err := m.checkRuling(r); err != nil {
			return err
		}
		for _, s := range r.Shifts {
			kept := m.baselines[s.Probe]
			kept.whole, kept.lessons, kept.edition.Moves = s.Whole, nil, s.Moves+1
			kept.put(s.Parts)
			m.baselines[s.Probe] = kept
		}
		for _, i := range r.Incidents {
			m.incidents[i.ID] = i
		}
		for _, i := range r.Bulletins {
			m.spoken.bulletins[i.ID] = i
		}
		for _, s := range r.Silences {
			m.spoken.silences[s.ID] = s
		}
		for _, settled := range r.Settled {
			m.settleRow(settled.Delivery, settled.Receipt)
		}
		for _, d := range r.Dead {
			at, _ := slices.BinarySearchFunc(m.outbox.waiting, d.ID, byID)
			d.Dead = true
			moved := postponed(m.outbox.waiting[at], d)
			m.outbox.remove(d.ID)
			m.outbox.put(moved)
			delete(m.outbox.taken, d.ID)
		}
		m.spoken.acts = append(m.spoken.acts, r.Acts...)
		for _, d := range r.Deliveries {
			m.outbox.add(d)
		}
		return nil
	})
}

func (m *Memory) checkRuling(r alerting.Ruling) error {
	for _, i := range r.Incidents {
		if stored := m.incidents[i.ID].Version; i.Version != stored+1 {
			return staleIncident(i, stored)
		}
	}
	for _, i := range r.Bulletins {
		if stored := m.spoken.bulletins[i.ID].Version; i.Version != stored+1 {
			return staleIncident(i, stored)
		}
	}
	for _, d := range rowsOf(r) {
		if _, waits := slices.BinarySearchFunc(m.outbox.waiting, d.ID, byID); !waits {
			return noDelivery(d)
		}
	}
	for _, s := range r.Shifts {
		if _, known := m.probes[s.Probe]; !known {
			return noProbe(s.Probe)
		}
		if moves := m.baselines[s.Probe].edition.Moves; moves != s.Moves {
			return staleBaseline(s.Probe, s.Moves, moves)
		}
	}
	return nil
}

// DueIncidents returns up to max open incidents whose Due has come, earliest
// first, and when the next of the others is due; zero when none is.
func (m *Memory) DueIncidents(ctx context.Context, now time.Time, max int) (due []alerting.Incident, next time.Time, err error) {
	err = m.locked(ctx, func() error {
		waiting, err := m.pick(wantsAttention)
		slices.SortFunc(waiting, func(a, b alerting.Incident) int {
			return cmp.Or(cmp.Compare(nanos(a.Due), nanos(b.Due)), strings.Compare(a.ID, b.ID))
		})
		for _, i := range waiting {
			if i.Due.After(now) || len(due) >= max {
				next = i.Due
				break
			}
			due = append(due, i)
		}
		return err
	})
	return due, next, err
}

// Silences returns every silence that is kept, newest first.
func (m *Memory) Silences(ctx context.Context) (silences []alerting.Silence, err error) {
	err = m.locked(ctx, func() error {
		for _, s := range m.spoken.silences {
			s, err := clone(s)
			if err != nil {
				return err
			}
			silences = append(silences, s)
		}
		return nil
	})
	slices.SortFunc(silences, newestSilence)
	return silences, err
}

// newestSilence orders silences as they are listed.
func newestSilence(a, b alerting.Silence) int {
	return cmp.Or(b.From.Compare(a.From), strings.Compare(a.ID, b.ID))
}

// Audit returns up to max acts, newest first; incident "" means all.
func (m *Memory) Audit(ctx context.Context, incident string, max int) (acts []alerting.Act, err error) {
	err = m.locked(ctx, func() error {
		for _, a := range slices.Backward(m.spoken.acts) {
			if len(acts) >= max {
				break
			}
			if concerns(a, incident) {
				acts = append(acts, a)
			}
		}
		return nil
	})
	return acts, err
}

// sweep forgets silences and bulletins that are long over.
func (s *spoken) sweep(old time.Time, needed map[string]bool) {
	for id, silence := range s.silences {
		if forgettableSilence(silence, old) {
			delete(s.silences, id)
		}
	}
	for id, bulletin := range s.bulletins {
		if bulletin.Changed.Before(old) && !needed[id] {
			delete(s.bulletins, id)
		}
	}
}
