package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"shapewatch/alerting"
	"shapewatch/webhooks"
)

// A forwardBox is what of one source is to be handed on.
type forwardBox struct {
	waiting, dead []webhooks.Forward // by number
	leased        map[uint64]time.Time
	onward        webhooks.Onward
}

func (m *Memory) forwardsOf(source string) *forwardBox {
	if m.forwards[source] == nil {
		m.forwards[source] = &forwardBox{leased: map[uint64]time.Time{}}
	}
	return m.forwards[source]
}

func (m *Memory) keepForward(source string, f webhooks.Forward) {
	box := m.forwardsOf(source)
	m.forwardNumber++
	f.Number = m.forwardNumber
	box.waiting = append(box.waiting, f)
	box.onward.Waiting++
	box.onward.Bytes += f.Weight()
}

// count counts what it holds.
func (b *forwardBox) count() {
	b.onward.Waiting, b.onward.Bytes = sumOf(b.waiting)
	b.onward.Dead, b.onward.DeadBytes = sumOf(b.dead)
}

func sumOf(rows []webhooks.Forward) (n, bytes uint64) {
	for _, f := range rows {
		bytes += f.Weight()
	}
	return uint64(len(rows)), bytes
}

// TakeForwards leases up to max forwards of a source that are due at now, by
// number, and counts an attempt of each; with inOrder none that is behind one
// that is not due.
func (m *Memory) TakeForwards(ctx context.Context, source string, now time.Time, lease time.Duration, max int, inOrder bool) (taken []webhooks.Forward, next time.Time, err error) {
	err = m.locked(ctx, func() error {
		box := m.forwardsOf(source)
		queue := forwardQueue{leased: box.leased, now: now, max: max, inOrder: inOrder}
		for _, f := range box.waiting {
			if !queue.offer(f) {
				break
			}
		}
		for _, f := range queue.taken {
			box.put(f)
			box.leased[f.Number] = now.Add(lease)
		}
		taken, next = queue.taken, queue.next
		return nil
	})
	return taken, next, err
}

// put replaces a forward that waits; false when it does not.
func (b *forwardBox) put(f webhooks.Forward) bool {
	at := slices.IndexFunc(b.waiting, func(w webhooks.Forward) bool { return w.Number == f.Number })
	if at >= 0 {
		b.waiting[at] = f
	}
	return at >= 0
}

// SettleForwards keeps what became of taken forwards, and ends their leases.
func (m *Memory) SettleForwards(ctx context.Context, source string, now time.Time, fated []webhooks.Fated) error {
	return m.locked(ctx, func() error {
		box := m.forwardsOf(source)
		for _, f := range fated {
			delete(box.leased, f.Number)
			if !box.put(settled(f)) {
				continue
			}
			box.onward.Count(f, now)
			if f.Fate == webhooks.Delivered || f.Fate == webhooks.GivenUp {
				box.waiting = slices.DeleteFunc(box.waiting, func(w webhooks.Forward) bool { return w.Number == f.Number })
			}
			if f.Fate == webhooks.GivenUp {
				box.dead = append(box.dead, f.Forward)
			}
		}
		return nil
	})
}

// Forwards lists up to max forwards of a source by number: those that wait, or
// the dead; without headers and bodies.
func (m *Memory) Forwards(ctx context.Context, source string, dead bool, max int) (rows []webhooks.Forward, err error) {
	err = m.locked(ctx, func() error {
		all := m.forwardsOf(source).waiting
		if dead {
			all = m.forwardsOf(source).dead
		}
		for _, f := range all[:min(max, len(all))] {
			f.Size, f.Head, f.Body = len(f.Body), nil, nil
			rows = append(rows, f)
		}
		return nil
	})
	return rows, err
}

// Onward says how handing on the events of a source goes.
func (m *Memory) Onward(ctx context.Context, source string) (o webhooks.Onward, err error) {
	err = m.locked(ctx, func() error {
		box := m.forwardsOf(source)
		if o = box.onward; len(box.waiting) > 0 {
			o.Oldest = box.waiting[0].Begun()
		}
		return nil
	})
	return o, err
}

// Holding are the sources of which something waits or is dead.
func (m *Memory) Holding(ctx context.Context) (sources []string, err error) {
	err = m.locked(ctx, func() error {
		for _, source := range slices.Sorted(maps.Keys(m.forwards)) {
			if o := m.forwards[source].onward; o.Waiting+o.Dead > 0 {
				sources = append(sources, source)
			}
		}
		return nil
	})
	return sources, err
}

// RuleForwards sends dead forwards of a source again, behind those that wait,
// or drops them, as the act says, which joins the audit trail. It returns how
// many there were.
func (m *Memory) RuleForwards(ctx context.Context, source string, chosen webhooks.Chosen, act alerting.Act) (n int, err error) {
	err = m.locked(ctx, func() error {
		box := m.forwardsOf(source)
		ruled := take(&box.dead, chosen)
		if chosen.Waiting {
			ruled = append(ruled, take(&box.waiting, chosen)...)
		}
		box.count()
		if n = len(ruled); n == 0 {
			return noForwards(source)
		}
		for _, f := range ruled {
			if act.Kind == alerting.SendAgain {
				m.keepForward(cmp.Or(chosen.To, source), revived(f, act.At))
			}
		}
		act.Events = n
		m.spoken.acts = append(m.spoken.acts, act)
		return nil
	})
	return n, err
}

// take takes the chosen out.
func take(from *[]webhooks.Forward, chosen webhooks.Chosen) (taken []webhooks.Forward) {
	var kept []webhooks.Forward
	for _, f := range *from {
		if chosen.Has(f.Number) {
			taken = append(taken, f)
			continue
		}
		kept = append(kept, f)
	}
	*from = kept
	return taken
}

func (m *Memory) sweepForwards(source string, now time.Time) {
	box := m.forwards[source]
	if box == nil {
		return
	}
	box.dead = slices.DeleteFunc(box.dead, func(f webhooks.Forward) bool { return f.Dead.Before(now.Add(-deadFor)) })
	box.count()
}
