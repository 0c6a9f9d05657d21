package store

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"
)

// Excerpts are the excerpts of contract files that were kept last, by key.
func (b *Bolt) Excerpts(ctx context.Context) (map[string][]byte, error) {
	all := map[string][]byte{}
	err := b.view(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(inExcerpt).ForEach(func(key, text []byte) error {
			all[string(key)] = bytes.Clone(text)
			return nil
		})
	})
	return all, err
}

// KeepExcerpts puts excerpts in the place of all that were kept before.
func (b *Bolt) KeepExcerpts(ctx context.Context, all map[string][]byte) error {
	return b.write(ctx, &write{apply: func(tx *bbolt.Tx) error {
		var gone [][]byte
		bucket := tx.Bucket(inExcerpt)
		err := bucket.ForEach(func(key, _ []byte) error {
			if _, stays := all[string(key)]; !stays {
				gone = append(gone, bytes.Clone(key))
			}
			return nil
		})
		for _, key := range gone {
			if err == nil {
				err = bucket.Delete(key)
			}
		}
		for key, text := range all {
			if err == nil && !bytes.Equal(bucket.Get([]byte(key)), text) {
				err = bucket.Put([]byte(key), text)
			}
		}
		return err
	}})
}
