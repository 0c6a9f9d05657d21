package store

import (
	"context"
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/probes"
)

// Listened notes that we listen at a time, as every transaction does from then
// on. What lies between it and the last such note is kept as a deaf stretch if
// it is long enough to be one.
func (b *Bolt) Listened(ctx context.Context, now time.Time) error {
	return b.write(ctx, &write{patient: true, apply: func(tx *bbolt.Tx) error {
		b.listens, b.noted = true, true
		return noteListening(tx, now)
	}})
}

// noteListening moves the time until which we listened. It lies in a bucket so
// small that the page of its parent holds it, which every transaction writes.
func noteListening(tx *bbolt.Tx, now time.Time) error {
	meta := tx.Bucket(inMeta)
	if raw := meta.Get(keyListened); len(raw) == 8 {
		if d, ok := probes.Gap(fromNanos(binary.BigEndian.Uint64(raw)), now); ok {
			if err := keepDeaf(tx, d); err != nil {
				return err
			}
		}
	}
	return meta.Put(keyListened, be64(nanos(now)))
}

// keepDeaf keeps a deaf stretch and forgets those that are too many or too old.
func keepDeaf(tx *bbolt.Tx, d probes.Deaf) error {
	bucket := tx.Bucket(inDeaf)
	if err := bucket.Put(be64(nanos(d.From)), be64(nanos(d.Until))); err != nil {
		return err
	}
	kept := deafIn(tx)
	for i, old := range kept {
		if len(kept)-i <= probes.DeafKept && d.Until.Sub(old.Until) <= probes.DeafKeptFor {
			break
		}
		if err := bucket.Delete(be64(nanos(old.From))); err != nil {
			return err
		}
	}
	return nil
}

// Deaf returns the last stretches in which we did not listen, oldest first.
func (b *Bolt) Deaf(ctx context.Context) (kept []probes.Deaf, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		kept = deafIn(tx)
		return nil
	})
	return kept, err
}

func deafIn(tx *bbolt.Tx) (kept []probes.Deaf) {
	cursor := tx.Bucket(inDeaf).Cursor()
	for from, until := cursor.First(); from != nil; from, until = cursor.Next() {
		if len(from) == 8 && len(until) == 8 {
			kept = append(kept, probes.Deaf{From: fromNanos(binary.BigEndian.Uint64(from)), Until: fromNanos(binary.BigEndian.Uint64(until))})
		}
	}
	return kept
}
