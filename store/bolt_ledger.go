package store

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"
)

// Ledger returns what the last outcome of a reconciliation left to be
// remembered; nil when there was none.
func (b *Bolt) Ledger(ctx context.Context, probe string) (ledger []byte, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		ledger = bytes.Clone(tx.Bucket(inLedger).Get([]byte(probe)))
		return nil
	})
	return ledger, err
}

// keepLedger replaces a ledger; nil leaves it as it is.
func keepLedger(tx *bbolt.Tx, probe string, ledger []byte) error {
	if ledger == nil {
		return nil
	}
	return tx.Bucket(inLedger).Put([]byte(probe), ledger)
}
