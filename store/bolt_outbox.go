package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/alerting"
)

// TakeDeliveries leases up to max deliveries that are due at now, at most one
// per channel and incident, in order of ID; a lease ends by itself.
func (b *Bolt) TakeDeliveries(ctx context.Context, now time.Time, max int, lease time.Duration) ([]alerting.Delivery, error) {
	b.takenMu.Lock()
	defer b.takenMu.Unlock()
	line := line{taken: b.taken, now: now, max: max, lease: lease}
	err := b.view(ctx, func(tx *bbolt.Tx) error { return offerDeliveries(tx, &line) })
	return line.out, err
}

func offerDeliveries(tx *bbolt.Tx, l *line) error {
	cursor := tx.Bucket(inOutbox).Cursor()
	for key, raw := cursor.First(); key != nil && len(l.out) < l.max; key, raw = cursor.Next() {
		id := binary.BigEndian.Uint64(key)
		if l.passes(id) {
			continue
		}
		d := alerting.Delivery{}
		if err := decode(raw, &d); err != nil {
			return fmt.Errorf("delivery %x: %w", key, err)
		}
		d.ID = id
		l.offer(d)
	}
	return nil
}

// eachDelivery calls f in order of ID until it returns false.
func eachDelivery(tx *bbolt.Tx, bucket []byte, f func(alerting.Delivery) bool) error {
	cursor := tx.Bucket(bucket).Cursor()
	for key, raw := cursor.First(); key != nil; key, raw = cursor.Next() {
		d := alerting.Delivery{}
		if err := decode(raw, &d); err != nil {
			return fmt.Errorf("delivery %x: %w", key, err)
		}
		d.ID = binary.BigEndian.Uint64(key)
		if !f(d) {
			break
		}
	}
	return nil
}

// Notice reads what a notifier needs to tell a delivery; its Link is empty.
func (b *Bolt) Notice(ctx context.Context, d alerting.Delivery) (notice alerting.Notice, err error) {
	notice.Transition = d.Transition
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		if notice.Incident, err = loadTold(tx, []byte(d.Incident)); err != nil {
			return err
		}
		_, err = load(tx, inReceipt, receiptKey(d), &notice.Receipt)
		return err
	})
	return notice, err
}

func receiptKey(d alerting.Delivery) []byte { return append(under(d.Channel), d.Incident...) }

// SettleDelivery removes a told delivery and keeps its receipt;
// alerting.ErrNotFound when it does not wait.
func (b *Bolt) SettleDelivery(ctx context.Context, d alerting.Delivery, r alerting.Receipt) error {
	return b.giveBack(ctx, d, func(tx *bbolt.Tx, _ alerting.Delivery) error { return settleRow(tx, d, r) })
}

func settleRow(tx *bbolt.Tx, d alerting.Delivery, r alerting.Receipt) error {
	var old alerting.Receipt
	if _, err := load(tx, inReceipt, receiptKey(d), &old); err != nil {
		return err
	}
	if err := save(tx, inReceipt, receiptKey(d), follow(old, r, d)); err != nil {
		return err
	}
	return tx.Bucket(inOutbox).Delete(be64(d.ID))
}

// buryRow keeps a waiting row as dead.
func buryRow(tx *bbolt.Tx, d alerting.Delivery) error {
	var stored alerting.Delivery
	if _, err := load(tx, inOutbox, be64(d.ID), &stored); err != nil {
		return err
	}
	if err := tx.Bucket(inOutbox).Delete(be64(d.ID)); err != nil {
		return err
	}
	d.Dead = true
	return save(tx, inDead, be64(d.ID), postponed(stored, d))
}

// endTakings ends the leases of the rows that a ruling has taken off.
func (b *Bolt) endTakings(r alerting.Ruling) {
	b.takenMu.Lock()
	defer b.takenMu.Unlock()
	for _, d := range rowsOf(r) {
		delete(b.taken, d.ID)
	}
}

// PostponeDelivery keeps a waiting delivery for later, or as dead, with its
// new Attempts, NotBefore, LastError and Dead; alerting.ErrNotFound when it
// does not wait.
func (b *Bolt) PostponeDelivery(ctx context.Context, d alerting.Delivery) error {
	return b.giveBack(ctx, d, func(tx *bbolt.Tx, stored alerting.Delivery) error {
		if !d.Dead {
			return save(tx, inOutbox, be64(d.ID), postponed(stored, d))
		}
		return buryRow(tx, d)
	})
}

// giveBack writes what became of a waiting delivery and ends its lease.
func (b *Bolt) giveBack(ctx context.Context, d alerting.Delivery, apply func(*bbolt.Tx, alerting.Delivery) error) error {
	return b.write(ctx, &write{
		apply: func(tx *bbolt.Tx) error {
			var stored alerting.Delivery
			switch waits, err := load(tx, inOutbox, be64(d.ID), &stored); {
			case err != nil:
				return fmt.Errorf("delivery %d: %w", d.ID, err)
			case !waits:
				return noDelivery(d)
			}
			return apply(tx, stored)
		},
		settle: func(written bool) {
			if written {
				b.takenMu.Lock()
				defer b.takenMu.Unlock()
				delete(b.taken, d.ID)
			}
		},
	})
}

// OutboxHealth says whether alerts get through.
func (b *Bolt) OutboxHealth(ctx context.Context) (health alerting.OutboxHealth, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		count := func(d alerting.Delivery) bool {
			countDelivery(&health, d)
			return true
		}
		if err := eachDelivery(tx, inDead, count); err != nil {
			return err
		}
		return eachDelivery(tx, inOutbox, count)
	})
	return health, err
}
