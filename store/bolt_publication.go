package store

import (
	"context"

	"go.etcd.io/bbolt"

	"shapewatch/probes"
)

// Publication returns what is remembered of a published document; the zero one
// when nothing is.
func (b *Bolt) Publication(ctx context.Context, probe string) (p probes.Publication, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		_, err := load(tx, inPublished, []byte(probe), &p)
		return err
	})
	return p, err
}

func keepPublication(tx *bbolt.Tx, probe string, row []byte) error {
	if row == nil {
		return nil
	}
	return tx.Bucket(inPublished).Put([]byte(probe), row)
}
