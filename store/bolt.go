package store

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Bolt keeps everything in one bbolt file that one process has open.
// Everything is written by one goroutine that gathers what is waiting into
// one transaction; see [OpenBolt].
type Bolt struct {
	path    string
	maxSize int64
	keep    Retention
	file    *os.File // what db has open and locked
	db      *bbolt.DB
	leases  *leases

	takenMu sync.Mutex // held while reading the outbox and leasing from it
	taken   takings

	forwards map[string]map[uint64]time.Time // leases by source and number; the committer's own

	gate    sync.RWMutex // held for reading while a write is handed over
	closed  bool
	queue   chan *write
	drained chan struct{}
	soon    atomic.Int64 // when the next probe is due, as far as was asked; Unix nanoseconds
	vain    vain         // the committer's own
	listens bool         // every transaction notes it; the committer's own
	noted   bool         // this one has; the committer's own
	stopped error        // why nothing is written any more; the committer's own until drained
}

// countOpening numbers this opening, which fences off claims of those before.
func (b *Bolt) countOpening() error {
	return b.db.Update(func(tx *bbolt.Tx) error {
		if err := upgrade(tx); err != nil {
			return err
		}
		meta := tx.Bucket(inMeta)
		opened := uint64(1)
		if raw := meta.Get(keyOpened); len(raw) == 8 {
			opened += binary.BigEndian.Uint64(raw)
		}
		b.leases = newLeases(opened)
		return meta.Put(keyOpened, be64(opened))
	})
}

// Close writes what is waiting to be written and releases the file. Every
// later call fails with [ErrClosed].
func (b *Bolt) Close() error {
	b.gate.Lock()
	if b.closed {
		b.gate.Unlock()
		return nil
	}
	b.closed = true
	close(b.queue)
	b.gate.Unlock()
	<-b.drained
	if b.stopped != nil {
		b.abandon()
		return b.stopped
	}
	return b.db.Close()
}

// abandon releases the file without asking bbolt, which may hold its own locks
// for ever after a panic.
func (b *Bolt) abandon() {
	if b.file != nil {
		unlock(b.file)
		b.file.Close()
	}
}

// view reads in one consistent state. f copies out and does nothing slow: an
// open reader keeps old pages from being used again.
func (b *Bolt) view(ctx context.Context, f func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := b.guard(func() error { return b.db.View(f) })
	switch {
	case errors.Is(err, bolterrors.ErrDatabaseNotOpen):
		return ErrClosed
	case errors.Is(err, ErrDamaged):
		return b.explain(err)
	}
	return err
}

// load reads one document; false when there is none.
func load(tx *bbolt.Tx, bucket, key []byte, v any) (bool, error) {
	raw := tx.Bucket(bucket).Get(key)
	if raw == nil {
		return false, nil
	}
	return true, decode(raw, v)
}

// save writes one document.
func save(tx *bbolt.Tx, bucket, key []byte, v any) error {
	raw, err := encode(v)
	if err != nil {
		return err
	}
	return tx.Bucket(bucket).Put(key, raw)
}

// walkBucket meets all rows of a bucket: keys rise, and together they are not
// larger than the file. Of a row that claims to be, bbolt would make a copy
// when it writes beside it.
func walkBucket(bucket *bbolt.Bucket, room int64) error {
	var before []byte
	return bucket.ForEach(func(key, value []byte) error {
		room -= int64(len(key) + len(value))
		if before != nil && string(before) >= string(key) || len(value) == 0 || room < 0 {
			return ErrDamaged
		}
		before = key
		return nil
	})
}
