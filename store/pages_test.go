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
	o := fresh(t)
	db, err := bbolt.Open(o.Path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{"a", "b"} { // too large to be inside the page of buckets
			b, err := tx.CreateBucket([]byte(name))
			if err == nil {
				err = b.Put([]byte("key"), make([]byte, 3*pageSize))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	data := compact(t, o.Path)
	trees := pagesOf(data, 1)
	if len(trees) != 2 {
		t.Fatal(trees)
	}
	path := filepath.Join(t.TempDir(), "s.db")
	for want, hurt := range map[string]func(data []byte){
		"referred to twice":      func(data []byte) { sameTree(data, trees) },
		"is listed as free":      func(data []byte) { listFree(data, 1, trees[0]/pageSize) },
		"more free pages than":   func(data []byte) { listFree(data, 0xffff, 1<<40) },
		"goes on beyond the end": func(data []byte) { binary.NativeEndian.PutUint32(data[trees[1]+12:], 1<<20) },
	} {
		damaged := bytes.Clone(data)
		hurt(damaged)
		if err := opening(t, path, damaged); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "backup") {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// pagesOf are where pages begin that hold as many rows; -1 means free pages.
func pagesOf(data []byte, rows int) (found []int) {
	for at := 2 * pageSize; at < len(data); at += pageSize {
		id, flags, count := binary.NativeEndian.Uint64(data[at:]), data[at+8], int(data[at+10])
		if int(id) == at/pageSize && (flags == 2 && count == rows || flags == 16 && rows == -1) {
			found = append(found, at)
		}
	}
	return found
}

func sameTree(data []byte, trees []int) {
	second := binary.NativeEndian.AppendUint64(nil, uint64(trees[1]/pageSize))
	at := bytes.LastIndex(data[:trees[0]], append([]byte("b"), second...))
	if at < 0 {
		at = trees[1] + bytes.Index(data[trees[1]:], append([]byte("b"), second...))
	}
	binary.NativeEndian.PutUint64(data[at+1:], uint64(trees[0]/pageSize))
}

// listFree changes the lists of free pages, of which the last counts.
func listFree(data []byte, count uint16, first int) {
	for _, at := range pagesOf(data, -1) {
		binary.NativeEndian.PutUint16(data[at+10:], count)
		binary.NativeEndian.PutUint64(data[at+16:], uint64(first))
	}
}
