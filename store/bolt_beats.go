package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/heartbeats"
)

// KeepBeat remembers a beat of a probe's job, and the last [heartbeats.Kept]
// before it, and makes the probe due at once; it is on disk when it returns.
func (b *Bolt) KeepBeat(ctx context.Context, probe string, beat heartbeats.Beat) error {
	if err := checkName("probe", probe); err != nil {
		return err
	}
	row, err := encode(beat)
	if err != nil {
		return err
	}
	return b.write(ctx, &write{apply: func(tx *bbolt.Tx) error {
		if err := keepBeat(tx, under(probe), row); err != nil {
			return err
		}
		return hasten(tx, probe, beat.At)
	}})
}

func keepBeat(tx *bbolt.Tx, prefix, row []byte) error {
	bucket := tx.Bucket(inBeat)
	number := uint64(1)
	if last := lastUnder(bucket, prefix); last != nil {
		number = binary.BigEndian.Uint64(last[len(prefix):]) + 1
	}
	if number > heartbeats.Kept {
		old := binary.BigEndian.AppendUint64(bytes.Clone(prefix), number-heartbeats.Kept)
		if err := bucket.Delete(old); err != nil {
			return err
		}
	}
	return bucket.Put(binary.BigEndian.AppendUint64(bytes.Clone(prefix), number), row)
}

// hasten makes a probe due no later than at a time.
func hasten(tx *bbolt.Tx, probe string, due time.Time) error {
	var row probeRow
	known, err := load(tx, inProbe, []byte(probe), &row)
	if err != nil || !known || row.retired() || !row.Due.After(due) {
		return err
	}
	return moveDue(tx, probe, row, due)
}

// lastUnder is the last key of a name; nil when there is none. Pages that this
// transaction has emptied are still in the tree: going back, a cursor says nil
// at each of them, and Last never comes back when all are empty. So it is first
// made sure, going forward, that there is a key to come back to.
func lastUnder(bucket *bbolt.Bucket, prefix []byte) (key []byte) {
	cursor := bucket.Cursor()
	if first, _ := cursor.Seek(prefix); !bytes.HasPrefix(first, prefix) {
		return nil
	}
	cursor.Seek(binary.BigEndian.AppendUint64(bytes.Clone(prefix), ^uint64(0)))
	for key == nil {
		key, _ = cursor.Prev()
	}
	return key
}

// Beats returns what is remembered of a job, oldest first.
func (b *Bolt) Beats(ctx context.Context, probe string) (beats []heartbeats.Beat, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		prefix := under(probe)
		cursor := tx.Bucket(inBeat).Cursor()
		for key, row := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, row = cursor.Next() {
			var beat heartbeats.Beat
			if err := decode(row, &beat); err != nil {
				return err
			}
			beats = append(beats, beat)
		}
		return nil
	})
	return beats, err
}
