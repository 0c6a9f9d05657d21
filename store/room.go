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

// fill is the used part of what the file may hold for outcomes without news.
// bbolt lets it hold one step of growth less than it is allowed, and one more is
// kept for news.
func (b *Bolt) fill(tx *bbolt.Tx) float64 {
	return float64(b.used(tx)) / float64(b.maxSize-2*growBytes)
}

// allow lets the file grow to its limit in this transaction, or but for the last
// step. Free pages alone are no reserve: they lie scattered, and what is written
// beside large baselines needs many in a row.
func (b *Bolt) allow(last bool) {
	if b.db.MaxSize = int(b.maxSize); !last {
		b.db.MaxSize -= growBytes
	}
}

// used is how many bytes of the file hold something.
func (b *Bolt) used(tx *bbolt.Tx) int64 {
	stats := b.db.Stats()
	return tx.Size() - int64(stats.FreePageN+stats.PendingPageN)*int64(b.db.Info().PageSize)
}

// room says whether an outcome fits, and whether without its check row.
func (b *Bolt) room(tx *bbolt.Tx, news bool) (shed bool, err error) {
	if !news {
		b.allow(false)
	}
	fill := b.fill(tx)
	if fill > reservedAt && !news {
		return true, b.full()
	}
	return fill > pressedAt, nil
}

func (b *Bolt) full() error {
	return fmt.Errorf("store %s: %w: it has reached its %d MiB; allow it more, or keep less", b.path, ErrFull, b.maxSize>>20)
}
