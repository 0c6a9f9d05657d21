package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// Backup copies the store as it is at one instant to a file, which it replaces
// only once the copy is complete, on disk and readable. Outcomes go on being
// committed meanwhile; pages they replace are not used again until it is done,
// so back up to a local disk.
func (b *Bolt) Backup(ctx context.Context, path string) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return fmt.Errorf("backup %s: %w", path, err)
	}
	defer os.Remove(temp.Name())
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(untilDone{ctx, temp})
		return err
	})
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return fmt.Errorf("backup %s: %w", path, err)
	}
	if err := verify(temp.Name()); err != nil {
		return fmt.Errorf("backup %s: %w", path, err)
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return fmt.Errorf("backup %s: %w", path, err)
	}
	return syncFolder(filepath.Dir(path))
}

// verify reads a whole copy without writing to it.
func verify(path string) error {
	b := &Bolt{path: path}
	return b.guard(func() error {
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, PreLoadFreelist: true, Timeout: lockWait, OpenFile: b.openFile})
		if err != nil {
			b.abandon()
			return err
		}
		return errors.Join(db.View(b.inspect), db.Close())
	})
}

// untilDone is a writer that stops when its context does.
type untilDone struct {
	ctx context.Context
	w   io.Writer
}

func (u untilDone) Write(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.w.Write(p)
}
