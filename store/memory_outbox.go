package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"shapewatch/alerting"
)

// An outbox is the deliveries of a [Memory].
type outbox struct {
	newest   uint64              // ID of the newest delivery
	waiting  []alerting.Delivery // by ID
	dead     []alerting.Delivery // by ID
	taken    takings
	receipts map[thread]alerting.Receipt
}

func newOutbox() outbox {
	return outbox{taken: takings{}, receipts: map[thread]alerting.Receipt{}}
}

func (o *outbox) add(d alerting.Delivery) {
	o.newest++
	d.ID = o.newest
	o.waiting = append(o.waiting, d)
}

func (o *outbox) remove(id uint64) bool {
	at, found := slices.BinarySearchFunc(o.waiting, id, byID)
	if found {
		o.waiting = slices.Delete(o.waiting, at, at+1)
	}
	return found
}

func (o *outbox) put(d alerting.Delivery) {
	rows := &o.waiting
	if d.Dead {
		rows = &o.dead
	}
	at, _ := slices.BinarySearchFunc(*rows, d.ID, byID)
	*rows = slices.Insert(*rows, at, d)
}

func byID(d alerting.Delivery, id uint64) int { return cmp.Compare(d.ID, id) }

// TakeDeliveries leases up to max deliveries that are due at now, at most one
// per channel and incident, in order of ID; a lease ends by itself.
func (m *Memory) TakeDeliveries(ctx context.Context, now time.Time, max int, lease time.Duration) (taken []alerting.Delivery, err error) {
	err = m.locked(ctx, func() error {
		line := line{taken: m.outbox.taken, now: now, max: max, lease: lease}
		for _, d := range m.outbox.waiting {
			if !line.offer(d) {
				break
			}
		}
		taken = line.out
		return nil
	})
	return taken, err
}

// Notice reads what a notifier needs to tell a delivery; its Link is empty.
func (m *Memory) Notice(ctx context.Context, d alerting.Delivery) (notice alerting.Notice, err error) {
	err = m.locked(ctx, func() error {
		stored, found := m.told(d.Incident)
		if !found {
			return noIncident(d.Incident)
		}
		notice.Transition = d.Transition
		notice.Receipt = m.outbox.receipts[threadOf(d)]
		notice.Incident, err = clone(stored)
		return err
	})
	return notice, err
}

// SettleDelivery removes a told delivery and keeps its receipt;
// alerting.ErrNotFound when it does not wait.
func (m *Memory) SettleDelivery(ctx context.Context, d alerting.Delivery, r alerting.Receipt) error {
	return m.locked(ctx, func() error {
		if !m.settleRow(d, r) {
			return noDelivery(d)
		}
		return nil
	})
}

func (m *Memory) settleRow(d alerting.Delivery, r alerting.Receipt) bool {
	if !m.outbox.remove(d.ID) {
		return false
	}
	delete(m.outbox.taken, d.ID)
	m.outbox.receipts[threadOf(d)] = follow(m.outbox.receipts[threadOf(d)], r, d)
	return true
}

// PostponeDelivery keeps a waiting delivery for later, or as dead, with its
// new Attempts, NotBefore, LastError and Dead; alerting.ErrNotFound when it
// does not wait.
func (m *Memory) PostponeDelivery(ctx context.Context, d alerting.Delivery) error {
	return m.locked(ctx, func() error {
		at, found := slices.BinarySearchFunc(m.outbox.waiting, d.ID, byID)
		if !found {
			return noDelivery(d)
		}
		moved, err := clone(postponed(m.outbox.waiting[at], d))
		if err != nil {
			return err
		}
		m.outbox.remove(d.ID)
		m.outbox.put(moved)
		delete(m.outbox.taken, d.ID)
		return nil
	})
}

// OutboxHealth says whether alerts get through.
func (m *Memory) OutboxHealth(ctx context.Context) (health alerting.OutboxHealth, err error) {
	err = m.locked(ctx, func() error {
		for _, d := range m.outbox.dead {
			countDelivery(&health, d)
		}
		for _, d := range m.outbox.waiting {
			countDelivery(&health, d)
		}
		return nil
	})
	return health, err
}
