package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

const (
	lockWait  = 2 * time.Second
	growBytes = 1 << 20 // the file grows in steps of this size
	minSize   = 4 << 20 // smallest MaxSize: less leaves no room for one batch
)

// OpenBolt opens the store in a file, creating it if there is none. Only one
// process can have it open. Errors wrap [ErrLocked], [ErrDamaged] or [ErrSchema]
// where they apply; a file that cannot be used is never written to.
func OpenBolt(o Options) (*Bolt, error) {
	if o.MaxSize == 0 {
		o.MaxSize = DefaultMaxSize
	}
	if o.MaxSize < minSize {
		return nil, fmt.Errorf("store %s: a maximum size of %d bytes is too small: at least %d", o.Path, o.MaxSize, minSize)
	}
	if err := create(o.Path); err != nil {
		return nil, fmt.Errorf("store %s: %w", o.Path, err)
	}
	b := &Bolt{path: o.Path, maxSize: o.MaxSize, keep: o.Keep.orDefault(), taken: takings{}}
	if err := b.guard(b.open); err != nil {
		b.abandon()
		return nil, b.explain(err)
	}
	b.start()
	return b, nil
}

// create makes a new file under another name first, so that a crash never
// leaves half a store behind.
func create(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(folder, filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if err := errors.Join(temp.Close(), plantFile(temp.Name())); err != nil {
		return err
	}
	if err := publish(temp.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

func plantFile(path string) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait})
	if err != nil {
		return err
	}
	return errors.Join(db.Update(plant), db.Close())
}

// publish gives a finished file its name without ever replacing another: two
// processes may start at once.
func publish(temp, path string) error {
	err := os.Link(temp, path)
	switch {
	case err == nil, errors.Is(err, fs.ErrExist):
		return nil
	}
	return os.Rename(temp, path) // a file system without hard links
}

func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// open looks at all of the file, maps it, and counts this opening.
func (b *Bolt) open() error {
	if stat, err := os.Stat(b.path); err != nil {
		return err
	} else if stat.Size() == 0 {
		return fmt.Errorf("%w: it is empty", ErrDamaged)
	}
	if err := b.survey(); err != nil {
		return err
	}
	db, err := bbolt.Open(b.path, 0o600, &bbolt.Options{
		Timeout:         lockWait,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: int(b.maxSize), // else one open reader stops every writer when the file must grow
		MaxSize:         int(b.maxSize),
		OpenFile:        b.openFile,
	})
	if err != nil {
		return openError(err, b.path)
	}
	b.db = db
	db.AllocSize = growBytes
	if err := db.View(inspect); err != nil {
		return errors.Join(err, db.Close())
	}
	return b.countOpening()
}

// survey holds the file as a reader does, so that nobody writes meanwhile, and
// checks its pages before bbolt takes the first for what it says.
func (b *Bolt) survey() error {
	db, err := bbolt.Open(b.path, 0o600, &bbolt.Options{Timeout: lockWait, ReadOnly: true, OpenFile: b.openFile})
	if err != nil {
		return openError(err, b.path)
	}
	stat, err := b.file.Stat()
	if err == nil {
		err = db.View(func(tx *bbolt.Tx) error { return checkPages(tx, b.file, stat.Size()) })
	}
	return errors.Join(err, db.Close())
}

// openFile keeps the file at hand: bbolt leaves it open when it panics.
func (b *Bolt) openFile(path string, flag int, mode os.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, flag, mode)
	b.file = f
	return f, err
}

func openError(err error, path string) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%w: another process has it open, most likely a second shapewatch (`fuser %s` names it): stop that one, or give this one a file of its own", ErrLocked, path)
	case errors.As(err, new(*os.PathError)), errors.As(err, new(syscall.Errno)):
		return err // the disk or its permissions, not what is written in the file
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// explain names the file in an error about it, and says what to do about a
// damaged one.
func (b *Bolt) explain(err error) error {
	if errors.Is(err, ErrDamaged) {
		err = fmt.Errorf("%w; stop shapewatch, move the file aside and put a backup in its place (without one it starts empty and learns again)", err)
	}
	return fmt.Errorf("store %s: %w", b.path, err)
}

// guard turns what a damaged file does to bbolt, a panic or a fault beyond the
// end of the mapping, into an error.
func (b *Bolt) guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	return f()
}
