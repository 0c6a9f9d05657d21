package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/webhooks"
)

// forgottenAtOnce is how many rows of a book one event may push out, so that
// keeping it costs little however many are too old. One of many rows may push
// out more, see [yielding].
const forgottenAtOnce = 64

// yielding is how many rows give way to an event of so many: twice as many, so
// that a book that is over its bound gets back to it.
func yielding(rows int) int { return max(forgottenAtOnce, 2*rows) }

// bookOf is the key of a book, under its probe.
func bookOf(probe string, right bool) string {
	if right {
		return string(append(under(probe), 'r'))
	}
	return string(append(under(probe), 'l'))
}

// enterBooks keeps what an event says of the rows of books, in the transaction
// that keeps its arrival.
func enterBooks(tx *bbolt.Tx, a webhooks.Arrival) error {
	for _, b := range a.Booked {
		if err := enterBook(tx, b, a.At); err != nil {
			return err
		}
	}
	return nil
}

func enterBook(tx *bbolt.Tx, b webhooks.Booked, now time.Time) error {
	book := []byte(bookOf(b.Probe, b.Right))
	var account webhooks.Account
	if _, err := load(tx, inBook, book, &account); err != nil {
		return err
	}
	if account.Form != b.Form {
		if err := clearBook(tx, book); err != nil {
			return err
		}
		account = webhooks.Account{Form: b.Form, Since: now}
	}
	account.Window, account.Most = b.Window, b.Most
	for _, p := range b.Postings {
		if err := enter(tx, book, &account, p); err != nil {
			return err
		}
	}
	if err := giveWay(tx, book, &account, yielding(len(b.Postings)), now); err != nil {
		return err
	}
	return save(tx, inBook, book, account)
}

func clearBook(tx *bbolt.Tx, book []byte) error {
	all := func([]byte, []byte) (bool, error) { return true, nil }
	for _, bucket := range [][]byte{inPosting, inPostingAt} {
		if err := dropWhile(tx.Bucket(bucket), book, all); err != nil {
			return err
		}
	}
	return nil
}

// enter keeps the newer word on a row.
func enter(tx *bbolt.Tx, book []byte, account *webhooks.Account, p webhooks.Posting) error {
	key := append(bytes.Clone(book), p.Key...)
	var before webhooks.Posting
	known, err := load(tx, inPosting, key, &before)
	if err != nil || known && !p.Follows(&before) {
		return err
	}
	p = p.Dated(&before)
	if known {
		if err := tx.Bucket(inPostingAt).Delete(postedAt(book, before.At, p.Key)); err != nil {
			return err
		}
	} else {
		account.Rows++
	}
	if err := tx.Bucket(inPostingAt).Put(postedAt(book, p.At, p.Key), present); err != nil {
		return err
	}
	return save(tx, inPosting, key, p)
}

// postedAt is where a row stands in the order of its book's events.
func postedAt(book []byte, at time.Time, key []byte) []byte {
	return append(binary.BigEndian.AppendUint64(bytes.Clone(book), nanos(at)), key...)
}

// giveWay forgets the rows of a book that are too old or too many, oldest
// first; at most so many.
func giveWay(tx *bbolt.Tx, book []byte, account *webhooks.Account, atOnce int, now time.Time) error {
	old := nanos(now.Add(-account.Window))
	forgotten := 0
	return dropWhile(tx.Bucket(inPostingAt), book, func(key, _ []byte) (bool, error) {
		at, over := binary.BigEndian.Uint64(key), account.Most > 0 && account.Rows > account.Most
		if at >= old && !over || forgotten == atOnce {
			return false, nil
		}
		if forgotten, account.Rows = forgotten+1, account.Rows-1; at >= old {
			account.Full = now
		}
		return true, tx.Bucket(inPosting).Delete(append(bytes.Clone(book), key[8:]...))
	})
}

// sweepBooks forgets the rows of a reconciliation's books that are too old or
// too many.
func sweepBooks(tx *bbolt.Tx, probe string, now time.Time) error {
	for _, right := range []bool{false, true} {
		book := []byte(bookOf(probe, right))
		var account webhooks.Account
		if _, err := load(tx, inBook, book, &account); err != nil {
			return err
		}
		for more := true; more; {
			kept := account.Rows
			if err := giveWay(tx, book, &account, forgottenAtOnce, now); err != nil {
				return err
			}
			if more = account.Rows < kept; !more {
				break
			}
			if err := save(tx, inBook, book, account); err != nil {
				return err
			}
		}
	}
	return nil
}

// Postings returns up to max rows of a book in the order of their keys, after
// one; nil begins.
func (b *Bolt) Postings(ctx context.Context, book webhooks.Book, after []byte, max int) (account webhooks.Account, rows []webhooks.Posting, err error) {
	name := []byte(bookOf(book.Probe, book.Right))
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		if known, err := load(tx, inBook, name, &account); err != nil || !known || account.Form != book.Form {
			account = webhooks.Account{}
			return err
		}
		cursor, from := tx.Bucket(inPosting).Cursor(), append(bytes.Clone(name), after...)
		for key, raw := cursor.Seek(from); bytes.HasPrefix(key, name) && len(rows) < max; key, raw = cursor.Next() {
			if after != nil && bytes.Equal(key, from) {
				continue
			}
			p := webhooks.Posting{Key: bytes.Clone(key[len(name):])}
			if err := decode(raw, &p); err != nil {
				return err
			}
			rows = append(rows, p)
		}
		return nil
	})
	return account, rows, err
}
