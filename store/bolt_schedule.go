package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/probes"
)

// Register makes exactly these probes due, in one transaction.
func (b *Bolt) Register(ctx context.Context, plans []probes.Plan) error {
	planned, err := byProbe(plans)
	if err != nil {
		return err
	}
	var gone []string
	return b.write(ctx, &write{
		apply: func(tx *bbolt.Tx) error {
			now := time.Now()
			for id, plan := range planned {
				if err := registerProbe(tx, id, plan, now); err != nil {
					return fmt.Errorf("probe %s: %w", id, err)
				}
			}
			gone, err = retireProbes(tx, planned, now)
			return err
		},
		settle: func(written bool) {
			if written {
				b.leases.revoke(gone)
			}
		},
	})
}

func registerProbe(tx *bbolt.Tx, id string, plan probes.Plan, now time.Time) error {
	var row probeRow
	known, err := load(tx, inProbe, []byte(id), &row)
	if err != nil {
		return err
	}
	due := place(row, known, plan, now)
	if known && !row.retired() && due.Equal(row.Due) && row.Every == plan.Every {
		return nil
	}
	row.Every, row.Retired = plan.Every, time.Time{}
	return moveDue(tx, id, row, due)
}

// retireProbes ends the schedule of the probes that are not planned.
func retireProbes(tx *bbolt.Tx, planned map[string]probes.Plan, now time.Time) (gone []string, err error) {
	rows, err := probeRows(tx)
	if err != nil {
		return nil, err
	}
	for id, row := range rows {
		if _, stays := planned[id]; stays || row.retired() {
			continue
		}
		if err := tx.Bucket(inDue).Delete(dueKey(row.Due, id)); err != nil {
			return nil, err
		}
		row.Retired = now
		if err := save(tx, inProbe, []byte(id), row); err != nil {
			return nil, err
		}
		gone = append(gone, id)
	}
	return gone, nil
}

func probeRows(tx *bbolt.Tx) (map[string]probeRow, error) {
	rows := map[string]probeRow{}
	err := tx.Bucket(inProbe).ForEach(func(id, raw []byte) error {
		var row probeRow
		err := decode(raw, &row)
		rows[string(id)] = row
		return err
	})
	return rows, err
}

func dueKey(due time.Time, id string) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(id)), nanos(due)), id...)
}

// moveDue keeps a probe's row with another due time.
func moveDue(tx *bbolt.Tx, id string, row probeRow, due time.Time) error {
	if err := tx.Bucket(inDue).Delete(dueKey(row.Due, id)); err != nil {
		return err
	}
	row.Due = fromNanos(nanos(due))
	if err := save(tx, inProbe, []byte(id), row); err != nil {
		return err
	}
	return tx.Bucket(inDue).Put(dueKey(due, id), present)
}

// Claim takes up to max probes that are due at now, each for at most lease.
// next is when another claim may find one: the earliest due time or end of a
// lease; zero when no probe is registered. It writes nothing.
func (b *Bolt) Claim(ctx context.Context, now time.Time, max int, lease time.Duration) ([]probes.Claim, time.Time, error) {
	b.leases.mu.Lock()
	defer b.leases.mu.Unlock()
	round := round{leases: b.leases, now: now, max: max, lease: lease}
	err := b.view(ctx, func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(inDue).Cursor()
		for key, _ := cursor.First(); len(key) > 8; key, _ = cursor.Next() {
			if !round.offer(string(key[8:]), fromNanos(binary.BigEndian.Uint64(key))) {
				break
			}
		}
		return nil
	})
	if err == nil {
		b.soon.Store(int64(nanos(round.next)))
	}
	return round.claims, round.next, err
}

// Defer gives a claim back unchecked, due again at until.
func (b *Bolt) Defer(ctx context.Context, claim probes.Claim, until time.Time) error {
	return b.spend(ctx, claim, true, func(tx *bbolt.Tx, row probeRow) error {
		return moveDue(tx, claim.Probe, row, until)
	})
}

// spend writes what ends a claim, if the claim is not stale. Patient is that of
// a write.
func (b *Bolt) spend(ctx context.Context, claim probes.Claim, patient bool, apply func(*bbolt.Tx, probeRow) error) error {
	spent := false
	return b.write(ctx, &write{
		patient: patient,
		apply: func(tx *bbolt.Tx) error {
			if spent = b.leases.spend(claim); !spent {
				return staleClaim(claim)
			}
			var row probeRow
			known, err := load(tx, inProbe, []byte(claim.Probe), &row)
			if err != nil {
				return fmt.Errorf("probe %s: %w", claim.Probe, err)
			}
			if !known || row.retired() {
				return staleClaim(claim)
			}
			return apply(tx, row)
		},
		settle: func(written bool) {
			if spent {
				b.leases.settle(claim, written)
			}
			spent = false
		},
	})
}
