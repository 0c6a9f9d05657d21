package store_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"shapewatch/store"
)

const pageSize = 4096

// emptyFile is a store with no rows: all its buckets are inside one page,
// where bbolt copies those to its own memory that do not lie evenly.
func emptyFile(t *testing.T) (data []byte, root int) {
	t.Helper()
	o := fresh(t)
	b, err := store.OpenBolt(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	data = compact(t, o.Path)
	for at := 2 * pageSize; at < len(data); at += pageSize {
		if data[at+8] == 2 && data[at+10] > 9 {
			return data, at
		}
	}
	t.Fatal("no page of buckets")
	return nil, 0
}

// opening opens a file of this content; anything but an error that says what
// to do would end the test's process.
func opening(t *testing.T, path string, data []byte) error {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := store.OpenBolt(store.Options{Path: path})
	if err == nil {
		return b.Close()
	}
	if !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrSchema) {
		t.Error(err)
	}
	return err
}

// TestOpenBolt_FollowsNoPositionThatADamagedPageInvents flips the highest bit
// of each byte of the page of buckets. bbolt would follow a position to where
// the race detector, and without it sometimes the collector, ends the process.
func TestOpenBolt_FollowsNoPositionThatADamagedPageInvents(t *testing.T) {
	t.Parallel()
	sound, root := emptyFile(t)
	path := filepath.Join(t.TempDir(), "s.db")
	refused, end := 0, root+len(bytes.TrimRight(sound[root:root+pageSize], "\x00"))
	for at := root; at < end; at += 3 { // meets every byte of the sixteen that say where a row is
		data := bytes.Clone(sound)
		data[at] ^= 0x80
		if err := opening(t, path, data); err != nil {
			refused++
		}
	}
	t.Logf("%d bytes, %d refused", (end-root)/3, refused)
	if refused < (end-root)/6 {
		t.Errorf("%d of %d refused", refused, (end-root)/3)
	}
}

// TestOpenBolt_RefusesPagesThatContradictEachOther where each page by itself
// looks sound.
func TestOpenBolt_RefusesPagesThatContradictEachOther(t *testing.T) {
	t.Parallel()
	data, a, b := twoTrees(t)
	path := filepath.Join(t.TempDir(), "s.db")
	for want, hurt := range map[string]func(data []byte){
		"referred to twice":      func(data []byte) { refer(data, "b", b, a) },
		"does not exist":         func(data []byte) { refer(data, "b", b, 1<<40) },
		"is listed as free":      func(data []byte) { listFree(data, 1, a) },
		"more free pages than":   func(data []byte) { listFree(data, 0xffff, 1<<40) },
		"goes on beyond the end": func(data []byte) { binary.NativeEndian.PutUint32(data[a*pageSize+12:], 1<<20) },
	} {
		damaged := bytes.Clone(data)
		hurt(damaged)
		if err := opening(t, path, damaged); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "backup") {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// twoTrees is a file with the buckets a and b, and the pages where they begin:
// they are too large to be inside the page of buckets.
func twoTrees(t *testing.T) (data []byte, a, b uint64) {
	t.Helper()
	o := fresh(t)
	db, err := bbolt.Open(o.Path, 0o600, &bbolt.Options{PageSize: pageSize})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{"a", "b"} {
			bucket, err := tx.CreateBucket([]byte(name))
			if err == nil {
				err = bucket.Put([]byte("key"), make([]byte, 3*pageSize))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = db.View(func(tx *bbolt.Tx) error {
			a, b = uint64(tx.Bucket([]byte("a")).Root()), uint64(tx.Bucket([]byte("b")).Root())
			return nil
		})
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if data, err = os.ReadFile(o.Path); err != nil {
		t.Fatal(err)
	}
	return data, a, b
}

// refer lets a bucket begin at another page, also in pages that are no longer
// in use.
func refer(data []byte, name string, is, becomes uint64) {
	row := binary.NativeEndian.AppendUint64([]byte(name), is)
	for at := bytes.Index(data, row); at >= 0; at = bytes.Index(data, row) {
		binary.NativeEndian.PutUint64(data[at+len(name):], becomes)
	}
}

// listFree changes the lists of free pages, of which the last counts.
func listFree(data []byte, count uint16, first uint64) {
	for at := 2 * pageSize; at < len(data); at += pageSize {
		if int(binary.NativeEndian.Uint64(data[at:])) == at/pageSize && data[at+8] == 0x10 {
			binary.NativeEndian.PutUint16(data[at+10:], count)
			binary.NativeEndian.PutUint64(data[at+16:], first)
		}
	}
}
