package store

import "go.etcd.io/bbolt"

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
