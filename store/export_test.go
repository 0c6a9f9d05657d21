package store

import (
	"context"
	"time"

	"go.etcd.io/bbolt"
)

// Restart forgets what a process holds in memory only, as a crash would.
func (m *Memory) Restart() {
	m.leases = newLeases(m.leases.last>>32 + 1)
	m.outbox.taken = takings{}
}

// View reads as a page does, for a test that will not let go.
func (b *Bolt) View(f func() error) error {
	return b.db.View(func(*bbolt.Tx) error { return f() })
}

// Update writes past the committer: one transaction per outcome.
func (b *Bolt) Update(f func(*bbolt.Tx) error) error { return b.db.Update(f) }

// Rows counts the rows of each kind, as tests name them.
type Rows struct{ Probes, Checks, Hours, Incidents, Waiting, Dead int }

// Rows counts by reading every page, which no shipped code should.
func (b *Bolt) Rows() (rows Rows) {
	err := b.db.View(func(tx *bbolt.Tx) error {
		for bucket, count := range map[string]*int{
			string(inDue): &rows.Probes, string(inCheck): &rows.Checks, string(inHour): &rows.Hours,
			string(inIncident): &rows.Incidents, string(inOutbox): &rows.Waiting, string(inDead): &rows.Dead,
		} {
			*count = tx.Bucket([]byte(bucket)).Stats().KeyN
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	return rows
}

// SweepProbes trims these probes in one transaction, as a part of Sweep.
func (b *Bolt) SweepProbes(ctx context.Context, ids []string, now time.Time) error {
	return b.write(ctx, &write{apply: func(tx *bbolt.Tx) error { return b.sweepProbes(tx, ids, now, checksKept) }})
}

// Transactions is how many have been written since the file was made.
func (b *Bolt) Transactions() (n int) {
	if err := b.db.View(func(tx *bbolt.Tx) error { n = tx.ID(); return nil }); err != nil {
		panic(err)
	}
	return n
}
