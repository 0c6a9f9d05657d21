package store

import (
	"bytes"
	"context"
)

// Ledger returns what the last outcome of a reconciliation left to be
// remembered; nil when there was none.
func (m *Memory) Ledger(ctx context.Context, probe string) (ledger []byte, err error) {
	err = m.locked(ctx, func() error {
		ledger = bytes.Clone(m.ledgers[probe])
		return nil
	})
	return ledger, err
}

// keepLedger replaces a ledger; nil leaves it as it is.
func (m *Memory) keepLedger(probe string, ledger []byte) {
	if ledger != nil {
		m.ledgers[probe] = ledger
	}
}
