package store

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// Of MaxSize, check rows may fill nine tenths and outcomes without news 95 %;
// the rest is for incidents, what is to be told of them, and for the copies
// that a transaction needs even to delete.
const (
	pressedAt  = 0.90
	reservedAt = 0.95
)

// fill is the used part of what bbolt lets the file hold, which is one step of
// growth less than MaxSize.
func (b *Bolt) fill(tx *bbolt.Tx) float64 { return float64(b.used(tx)) / float64(b.maxSize-growBytes) }

// used is how many bytes of the file hold something.
func (b *Bolt) used(tx *bbolt.Tx) int64 {
	stats := b.db.Stats()
	return tx.Size() - int64(stats.FreePageN+stats.PendingPageN)*int64(b.db.Info().PageSize)
}

// room says whether an outcome fits, and whether without its check row.
func (b *Bolt) room(tx *bbolt.Tx, news bool) (shed bool, err error) {
	fill := b.fill(tx)
	if fill > reservedAt && !news {
		return true, b.full()
	}
	return fill > pressedAt, nil
}

func (b *Bolt) full() error {
	return fmt.Errorf("store %s: %w: it has reached its %d MiB; allow it more, or keep less", b.path, ErrFull, b.maxSize>>20)
}
