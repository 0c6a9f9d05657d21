package store

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// TestLastUnder_ComesBackFromEmptiedPages: a transaction that takes what was
// learned and keeps what arrives deletes whole pages before it asks for the
// last number. It must find it, of each name, and never search for ever.
func TestLastUnder_ComesBackFromEmptiedPages(t *testing.T) {
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "x.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !t.Failed() { // a search that does not end holds its transaction
			db.Close()
		}
	})
	names := []string{"a", "b", "c"}
	const rows = 60 // some a page
	err = db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket([]byte("arrival"))
		for _, name := range names {
			for n := range uint64(rows) {
				if err == nil {
					err = bucket.Put(numbered(name, n+1), bytes.Repeat([]byte{'x'}, 700))
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for mask := range 1 << len(names) { // of which names rows are deleted
		for keep := range uint64(2) {
			found := make(chan []uint64, 1)
			go func() { found <- lastsAfter(t, db, names, mask, keep) }()
			select {
			case got := <-found:
				for i, last := range got {
					want := uint64(rows)
					if mask&(1<<i) != 0 {
						want = keep
					}
					if last != want {
						t.Errorf("deleted %03b but %d: %s has %d as its last, want %d", mask, keep, names[i], last, want)
					}
				}
			case <-time.After(time.Minute):
				t.Fatalf("deleted %03b but %d: searches for ever", mask, keep)
			}
		}
	}
}

// lastsAfter deletes all rows of some names but the first few, and returns the
// last of each in the same transaction, which is not kept.
func lastsAfter(t *testing.T, db *bbolt.DB, names []string, mask int, keep uint64) (lasts []uint64) {
	tx, err := db.Begin(true)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer func() { _ = tx.Rollback() }()
	bucket := tx.Bucket([]byte("arrival"))
	for i, name := range names {
		for n := keep + 1; mask&(1<<i) != 0 && n <= 60; n++ {
			if err := bucket.Delete(numbered(name, n)); err != nil {
				t.Error(err)
			}
		}
	}
	for _, name := range names {
		last := uint64(0)
		if key := lastUnder(bucket, under(name)); key != nil {
			last = binary.BigEndian.Uint64(key[len(under(name)):])
		}
		lasts = append(lasts, last)
	}
	return lasts
}
