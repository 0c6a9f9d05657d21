package store

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"

	"shapewatch/workflows"
)

// KeepRun writes down how far a run of a workflow has come; it is on disk when
// it returns, whatever ends this process afterwards.
func (b *Bolt) KeepRun(ctx context.Context, t workflows.Trace) error {
	row, err := encode(t)
	if err != nil {
		return err
	}
	return b.write(ctx, &write{apply: func(tx *bbolt.Tx) error {
		return tx.Bucket(inRun).Put(append(under(t.Probe), t.ID...), row)
	}})
}

// LeftRuns returns the runs of a probe that no outcome has settled, by ID.
func (b *Bolt) LeftRuns(ctx context.Context, probe string) (left []workflows.Trace, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		prefix := under(probe)
		cursor := tx.Bucket(inRun).Cursor()
		for key, row := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, row = cursor.Next() {
			var t workflows.Trace
			if err := decode(row, &t); err != nil {
				return err
			}
			left = append(left, t)
		}
		return nil
	})
	return left, err
}

// SettleRuns forgets runs that somebody has been told of.
func (b *Bolt) SettleRuns(ctx context.Context, probe string, ids []string) error {
	return b.write(ctx, &write{apply: func(tx *bbolt.Tx) error { return settleRuns(tx, probe, ids) }})
}

func settleRuns(tx *bbolt.Tx, probe string, ids []string) error {
	for _, id := range ids {
		if err := tx.Bucket(inRun).Delete(append(under(probe), id...)); err != nil {
			return err
		}
	}
	return nil
}
