package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"shapewatch/alerting"
	"shapewatch/webhooks"
)

const (
	batchMost  = 256                  // writes in one transaction
	batchWait  = 2 * time.Millisecond // how long to wait for as many writers as there were last time
	queueDepth = 256                  // writes handed over and not yet begun
)

// A write is one promise to be kept in a transaction that it may share.
type write struct {
	// apply checks, then writes. An error that is a refusal says that it has
	// written nothing; any other undoes the whole transaction, and apply may
	// then be called once more, in one of its own.
	apply func(*bbolt.Tx) error
	// settle, if set, is called after each attempt: is it on disk?
	settle func(written bool)
	// patient says that only a check waits for it, which has nothing to tell and
	// nothing else to do: it may linger for others to share its transaction.
	patient bool

	begun atomic.Bool // by the committer, or by a caller who gave up: who sets it owns the write
	err   error
	done  chan struct{}
}

// refusal reports whether apply declined before writing anything.
func refusal(err error) bool {
	return errors.Is(err, alerting.ErrConflict) || errors.Is(err, alerting.ErrNotFound) || errors.Is(err, ErrFull) || errors.Is(err, webhooks.ErrBacklog)
}

// write hands w to the committer and waits until it is on disk. When ctx ends
// before the committer has begun, nothing is written.
func (b *Bolt) write(ctx context.Context, w *write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.done = make(chan struct{})
	if err := b.hand(ctx, w); err != nil {
		return err
	}
	select {
	case <-w.done:
	case <-ctx.Done():
		if w.begun.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		<-w.done
	}
	return w.err
}

func (b *Bolt) hand(ctx context.Context, w *write) error {
	b.gate.RLock()
	defer b.gate.RUnlock()
	if b.closed {
		return ErrClosed
	}
	select {
	case b.queue <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start begins committing; Close ends it.
func (b *Bolt) start() {
	b.queue = make(chan *write, queueDepth)
	b.drained = make(chan struct{})
	go func() {
		defer close(b.drained)
		writers := 1
		for first := range b.queue {
			batch := b.gather(first, writers)
			writers = len(batch)
			b.commit(batch)
		}
	}()
}

// gather takes what is waiting, and waits a moment for the writers of the
// last batch, who are just coming back: a lone writer never waits.
func (b *Bolt) gather(first *write, writers int) []*write {
	batch := b.linger(first)
	var enough <-chan time.Time
	for len(batch) < batchMost {
		if len(b.queue) == 0 && len(batch) >= writers {
			break
		}
		if enough == nil {
			enough = time.After(batchWait)
		}
		select {
		case w, open := <-b.queue:
			if !open {
				return batch
			}
			batch = append(batch, w)
		case <-enough:
			return batch
		}
	}
	return batch
}

// commit writes a batch in one transaction. If that cannot be, each is tried
// alone, so that one that does not fit or cannot be encoded fails alone.
func (b *Bolt) commit(batch []*write) {
	begun := batch[:0]
	for _, w := range batch {
		if w.begun.CompareAndSwap(false, true) {
			begun = append(begun, w)
		}
	}
	err := b.attempt(begun)
	for _, w := range begun {
		if err != nil && len(begun) > 1 {
			w.err = nil
			if alone := b.attempt([]*write{w}); alone != nil {
				w.err = alone
			}
		} else if err != nil {
			w.err = err
		}
		close(w.done)
	}
}

// attempt runs one transaction; its error means that nothing was written.
// Refusals are left in the writes.
func (b *Bolt) attempt(batch []*write) error {
	if b.stopped != nil || len(batch) == 0 {
		return b.stopped
	}
	written := false
	err := b.guard(func() (err error) {
		written, err = b.transact(batch)
		return err
	})
	for _, w := range batch {
		if w.settle != nil {
			w.settle(written && w.err == nil)
		}
	}
	if errors.Is(err, ErrDamaged) || errors.Is(err, errWrite) {
		b.stopped = b.explain(fmt.Errorf("%w: %w", ErrStopped, err))
		return b.stopped
	}
	return err
}

func (b *Bolt) transact(batch []*write) (written bool, err error) {
	tx, err := b.db.Begin(true)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	b.allow(true)
	b.noted = false
	changes := false
	for _, w := range batch {
		switch w.err = w.apply(tx); {
		case w.err == nil:
			changes = true
		case !refusal(w.err):
			return false, w.err
		}
	}
	if !changes {
		return false, nil
	}
	if b.listens && !b.noted {
		if err := noteListening(tx, time.Now()); err != nil {
			return false, err
		}
	}
	if err := tx.Commit(); err != nil {
		return false, b.commitError(err)
	}
	return true, nil
}

// errWrite marks an error after which the state of the disk is not known: a
// failed flush must never be tried again.
var errWrite = errors.New("write")

func (b *Bolt) commitError(err error) error {
	var path *os.PathError
	switch {
	case errors.Is(err, bolterrors.ErrMaxSizeReached):
		return b.full()
	case errors.Is(err, syscall.ENOSPC) && errors.As(err, &path):
		return fmt.Errorf("store %s: %w: no space left on the disk", b.path, ErrFull)
	}
	return fmt.Errorf("%w: %w", errWrite, err)
}
