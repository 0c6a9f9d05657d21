package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"shapewatch/alerting"
	"shapewatch/webhooks"
)

// An inbox is what a source received.
type inbox struct {
	number  uint64
	ids     map[string]uint64
	waiting []webhooks.Arrival
	rhythms map[string]webhooks.Rhythm
}

// KeepArrival keeps what a vendor sent to a source until an outcome accounts
// for it, and makes the source due at once. [webhooks.ErrBacklog] says that its
// source holds as much for its receiver as it may.
func (m *Memory) KeepArrival(ctx context.Context, source string, a webhooks.Arrival) (fresh bool, err error) {
	if err := checkName("probe", source); err != nil {
		return false, err
	}
	err = m.locked(ctx, func() error {
		copied, err := clone(a)
		if err != nil {
			return err
		}
		full := a.Onward != nil && m.forwardsOf(source).onward.Full(a.Most, a.Onward.Weight())
		fresh, full = m.inboxOf(source).take(copied, full)
		if full {
			return backlogOf(source)
		}
		if fresh && a.Onward != nil {
			onward, err := clone(*a.Onward)
			if err != nil {
				return err
			}
			m.keepForward(source, onward)
		}
		if fresh {
			m.enterBooks(a)
		}
		if row, known := m.probes[source]; fresh && known && !row.retired() && row.Due.After(a.At) {
			m.unqueue(source)
			m.enqueue(source, row, a.At)
		}
		return nil
	})
	return fresh, err
}

func (m *Memory) inboxOf(source string) *inbox {
	if m.inboxes[source] == nil {
		m.inboxes[source] = &inbox{ids: map[string]uint64{}, rhythms: map[string]webhooks.Rhythm{}}
	}
	return m.inboxes[source]
}

// take keeps an arrival that is fresh; with full it is turned away, and only its
// rhythm kept.
func (i *inbox) take(a webhooks.Arrival, full bool) (fresh, turned bool) {
	if _, told := i.rhythms[a.Type]; !told && len(i.rhythms) >= webhooks.MaxTypes {
		a.Type = webhooks.OtherType
	}
	_, known := i.ids[a.ID]
	fresh = a.ID == "" || !known
	rhythm := i.rhythms[a.Type]
	rhythm.Type = a.Type
	if turned = fresh && full; turned {
		rhythm.TurnAway(a.At)
	} else {
		rhythm.Take(a.At, a.Event, fresh)
	}
	i.rhythms[a.Type] = rhythm
	if turned || !fresh {
		return false, turned
	}
	i.number++
	if a.ID != "" {
		i.ids[a.ID] = i.number
		maps.DeleteFunc(i.ids, func(_ string, number uint64) bool { return number+idsKept <= i.number })
	}
	a.Number = i.number
	i.waiting = append(i.waiting, a)
	return true, false
}

// Arrivals returns up to max arrivals of a source that no outcome accounts
// for, oldest first.
func (m *Memory) Arrivals(ctx context.Context, source string, max int) (waiting []webhooks.Arrival, err error) {
	err = m.locked(ctx, func() error {
		all := m.inboxOf(source).waiting
		waiting = slices.Clone(all[:min(max, len(all))])
		return nil
	})
	return waiting, err
}

// Rhythms returns the rhythm of every type of event of a source.
func (m *Memory) Rhythms(ctx context.Context, source string) (rhythms []webhooks.Rhythm, err error) {
	err = m.locked(ctx, func() error {
		kept := m.inboxOf(source).rhythms
		for _, kind := range slices.Sorted(maps.Keys(kept)) {
			r, err := clone(kept[kind])
			if err != nil {
				return err
			}
			r.Calendar = kept[kind].Calendar.Clone()
			rhythms = append(rhythms, r)
		}
		return nil
	})
	return rhythms, err
}

// untilArrival is when an outcome's probe is due: of a source, when the first
// arrival came that still waits.
func (m *Memory) untilArrival(o alerting.Outcome) time.Time {
	if i := m.inboxes[o.Claim.Probe]; o.Listens && i != nil && len(i.waiting) > 0 {
		return earlier(o.Next, i.waiting[0].At)
	}
	return o.Next
}

func (m *Memory) settleArrivals(source string, numbers []uint64) {
	if len(numbers) == 0 {
		return
	}
	i := m.inboxOf(source)
	i.waiting = slices.DeleteFunc(i.waiting, func(a webhooks.Arrival) bool { return slices.Contains(numbers, a.Number) })
}
