package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// keepBaseline keeps what an outcome says of the baseline: a whole one ends
// the lessons before it, a lesson joins them.
func keepBaseline(tx *bbolt.Tx, o alerting.Outcome, check uint64) error {
	id := o.Claim.Probe
	if o.Baseline != nil {
		if err := replaceBaseline(tx, id, o.Baseline); err != nil {
			return err
		}
	}
	if o.Lesson != nil {
		if err := tx.Bucket(inLesson).Put(numbered(id, check), bytes.Clone(o.Lesson)); err != nil {
			return err
		}
	}
	return keepParts(tx, id, o.Parts)
}

func replaceBaseline(tx *bbolt.Tx, id string, whole []byte) error {
	if err := tx.Bucket(inBaseline).Put([]byte(id), bytes.Clone(whole)); err != nil {
		return err
	}
	return dropWhile(tx.Bucket(inLesson), under(id), func([]byte, []byte) (bool, error) { return true, nil })
}

func keepParts(tx *bbolt.Tx, id string, parts []contracts.Part) error {
	bucket := tx.Bucket(inPart)
	for _, p := range parts {
		key := append(under(id), p.Key...)
		if err := bucket.Delete(key); err != nil {
			return err
		}
		if len(p.Bytes) == 0 {
			continue
		}
		if err := bucket.Put(key, bytes.Clone(p.Bytes)); err != nil {
			return err
		}
	}
	return nil
}

func recallBaseline(tx *bbolt.Tx, id string, has alerting.Edition, memory *alerting.Memory) error {
	var row probeRow
	if _, err := load(tx, inProbe, []byte(id), &row); err != nil {
		return fmt.Errorf("probe %s: %w", id, err)
	}
	memory.Edition = alerting.Edition{Checks: row.Checks, Moves: movesOf(tx, id)}
	if memory.Same = has == memory.Edition && has != (alerting.Edition{}); memory.Same {
		return nil
	}
	memory.Baseline = bytes.Clone(tx.Bucket(inBaseline).Get([]byte(id)))
	prefix := under(id)
	cursor := tx.Bucket(inLesson).Cursor()
	for key, lesson := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, lesson = cursor.Next() {
		memory.Lessons = append(memory.Lessons, bytes.Clone(lesson))
	}
	return nil
}

func movesOf(tx *bbolt.Tx, id string) uint64 {
	raw := tx.Bucket(inMoved).Get([]byte(id))
	if len(raw) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(raw)
}

// Parts returns the parts of a probe's baseline by key.
func (b *Bolt) Parts(ctx context.Context, probe string) (parts []contracts.Part, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		prefix := under(probe)
		cursor := tx.Bucket(inPart).Cursor()
		for key, raw := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, raw = cursor.Next() {
			parts = append(parts, contracts.Part{Key: string(key[len(prefix):]), Bytes: bytes.Clone(raw)})
		}
		return nil
	})
	return parts, err
}

// MoveBaseline replaces a probe's baseline outside of any check, in one
// transaction.
func (b *Bolt) MoveBaseline(ctx context.Context, probe string, moves uint64, whole []byte, parts []contracts.Part) error {
	return b.write(ctx, &write{apply: func(tx *bbolt.Tx) error {
		if tx.Bucket(inProbe).Get([]byte(probe)) == nil {
			return fmt.Errorf("probe %.40q: %w", probe, alerting.ErrNotFound)
		}
		if stored := movesOf(tx, probe); stored != moves {
			return staleBaseline(probe, moves, stored)
		}
		if err := replaceBaseline(tx, probe, whole); err != nil {
			return err
		}
		if err := tx.Bucket(inMoved).Put([]byte(probe), be64(moves+1)); err != nil {
			return err
		}
		return keepParts(tx, probe, parts)
	}})
}
