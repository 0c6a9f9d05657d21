package store

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"shapewatch/webhooks"
)

// shelved is a book with its rows, by key.
type shelved struct {
	account webhooks.Account
	rows    map[string]webhooks.Posting
}

func (m *Memory) enterBooks(a webhooks.Arrival) {
	for _, b := range a.Booked {
		name := bookOf(b.Probe, b.Right)
		s := m.books[name]
		if s == nil || s.account.Form != b.Form {
			s = &shelved{webhooks.Account{Form: b.Form, Since: a.At}, map[string]webhooks.Posting{}}
			m.books[name] = s
		}
		s.account.Window, s.account.Most = b.Window, b.Most
		for _, p := range b.Postings {
			s.enter(p)
		}
		s.giveWay(a.At, yielding(len(b.Postings)))
	}
}

// enter keeps the newer word on a row.
func (s *shelved) enter(p webhooks.Posting) {
	before, known := s.rows[string(p.Key)]
	if known && !p.Follows(&before) {
		return
	}
	p = p.Dated(&before)
	p.Row = bytes.Clone(p.Row)
	s.rows[string(p.Key)] = p
}

// giveWay forgets rows that are too old or too many, oldest first; at most so
// many, 0 for all.
func (s *shelved) giveWay(now time.Time, atOnce int) {
	old, most := now.Add(-s.account.Window), s.account.Most
	byAge := slices.SortedFunc(maps.Values(s.rows), func(a, b webhooks.Posting) int {
		return cmp.Or(a.At.Compare(b.At), bytes.Compare(a.Key, b.Key))
	})
	for i, p := range byAge {
		young := !p.At.Before(old)
		if young && (most == 0 || len(s.rows) <= most) || atOnce > 0 && i == atOnce {
			break
		}
		if delete(s.rows, string(p.Key)); young {
			s.account.Full = now
		}
	}
	s.account.Rows = len(s.rows)
}

func (m *Memory) sweepBooks(probe string, now time.Time) {
	for _, right := range []bool{false, true} {
		if s := m.books[bookOf(probe, right)]; s != nil {
			s.giveWay(now, 0)
		}
	}
}

// Postings returns up to max rows of a book in the order of their keys, after
// one; nil begins.
func (m *Memory) Postings(ctx context.Context, book webhooks.Book, after []byte, max int) (account webhooks.Account, rows []webhooks.Posting, err error) {
	err = m.locked(ctx, func() error {
		s := m.books[bookOf(book.Probe, book.Right)]
		if s == nil || s.account.Form != book.Form {
			return nil
		}
		account = s.account
		for _, key := range slices.Sorted(maps.Keys(s.rows)) {
			if len(rows) < max && (after == nil || key > string(after)) {
				rows = append(rows, s.rows[key])
			}
		}
		return nil
	})
	return account, rows, err
}
