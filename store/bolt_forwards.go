package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/alerting"
	"shapewatch/webhooks"
)

// Bounds of handing on.
const (
	takenBytes = 4 << 20             // of bodies that one call of TakeForwards returns, beyond the first
	deadFor    = 30 * 24 * time.Hour // how long what was given up can be sent again
)

// keepForward keeps an event that is to be handed on, in the transaction that
// keeps its arrival.
func keepForward(tx *bbolt.Tx, source string, f webhooks.Forward) error {
	number, err := nextForward(tx)
	if err != nil {
		return err
	}
	if err := save(tx, inForward, numbered(source, number), f); err != nil {
		return err
	}
	return changeOnward(tx, source, func(o *webhooks.Onward) {
		o.Waiting++
		o.Bytes += f.Weight()
	})
}

// nextForward is a number that was never given: the bucket's own, as rows leave.
func nextForward(tx *bbolt.Tx) (uint64, error) { return tx.Bucket(inForward).NextSequence() }

func changeOnward(tx *bbolt.Tx, source string, change func(*webhooks.Onward)) error {
	var o webhooks.Onward
	if _, err := load(tx, inOnward, []byte(source), &o); err != nil {
		return err
	}
	change(&o)
	return save(tx, inOnward, []byte(source), o)
}

// eachListed is eachForward without headers and bodies.
func eachListed(tx *bbolt.Tx, bucket []byte, source string, f func(webhooks.Forward) bool) error {
	prefix, cursor := under(source), tx.Bucket(bucket).Cursor()
	for key, raw := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, raw = cursor.Next() {
		var row listed
		if err := decode(raw, &row); err != nil {
			return err
		}
		one := row.forward()
		one.Number = binary.BigEndian.Uint64(key[len(prefix):])
		if !f(one) {
			break
		}
	}
	return nil
}

// eachForward calls f with the forwards of a source by number until it returns
// false.
func eachForward(tx *bbolt.Tx, bucket []byte, source string, f func(webhooks.Forward) bool) error {
	prefix, cursor := under(source), tx.Bucket(bucket).Cursor()
	for key, raw := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, raw = cursor.Next() {
		var row webhooks.Forward
		if err := decode(raw, &row); err != nil {
			return err
		}
		row.Number = binary.BigEndian.Uint64(key[len(prefix):])
		if !f(row) {
			break
		}
	}
	return nil
}

// TakeForwards leases up to max forwards of a source that are due at now, by
// number, and counts an attempt of each; with inOrder none that is behind one
// that is not due. A lease ends by itself, or with the process.
func (b *Bolt) TakeForwards(ctx context.Context, source string, now time.Time, lease time.Duration, max int, inOrder bool) (taken []webhooks.Forward, next time.Time, err error) {
	if next, waits, err := b.nextForwardDue(ctx, source, now, inOrder); err != nil || !waits {
		return nil, next, err // most looks find nothing, and write nothing
	}
	var queue forwardQueue
	err = b.write(ctx, &write{
		apply: func(tx *bbolt.Tx) error {
			queue = forwardQueue{leased: b.forwards[source], now: now, max: max, inOrder: inOrder}
			if err := eachForward(tx, inForward, source, queue.offer); err != nil {
				return err
			}
			for _, f := range queue.taken {
				if err := save(tx, inForward, numbered(source, f.Number), f); err != nil {
					return err
				}
			}
			return nil
		},
		settle: func(written bool) {
			if written {
				b.leaseForwards(source, queue.taken, now.Add(lease))
			}
		},
	})
	if err != nil {
		return nil, time.Time{}, err
	}
	return queue.taken, queue.next, nil
}

// nextForwardDue says when the first of a source is due, and whether that is now.
func (b *Bolt) nextForwardDue(ctx context.Context, source string, now time.Time, inOrder bool) (next time.Time, waits bool, err error) {
	queue := forwardQueue{now: now, max: 1, inOrder: inOrder}
	err = b.view(ctx, func(tx *bbolt.Tx) error { return eachListed(tx, inForward, source, queue.offer) })
	return queue.next, len(queue.taken) > 0, err
}

// leaseForwards is called by the committer alone.
func (b *Bolt) leaseForwards(source string, taken []webhooks.Forward, until time.Time) {
	if b.forwards == nil {
		b.forwards = map[string]map[uint64]time.Time{}
	}
	if b.forwards[source] == nil {
		b.forwards[source] = map[uint64]time.Time{}
	}
	for _, f := range taken {
		b.forwards[source][f.Number] = until
	}
}

// SettleForwards keeps what became of taken forwards, and ends their leases.
func (b *Bolt) SettleForwards(ctx context.Context, source string, now time.Time, fated []webhooks.Fated) error {
	return b.write(ctx, &write{
		apply: func(tx *bbolt.Tx) error {
			var o webhooks.Onward
			if _, err := load(tx, inOnward, []byte(source), &o); err != nil {
				return err
			}
			for _, f := range fated {
				if tx.Bucket(inForward).Get(numbered(source, f.Number)) == nil {
					continue // somebody else has settled it, when our lease was over
				}
				o.Count(f, now)
				if err := settleForward(tx, source, f); err != nil {
					return err
				}
			}
			return save(tx, inOnward, []byte(source), o)
		},
		settle: func(written bool) {
			for _, f := range fated {
				if written {
					delete(b.forwards[source], f.Number)
				}
			}
		},
	})
}

func settleForward(tx *bbolt.Tx, source string, f webhooks.Fated) error {
	key := numbered(source, f.Number)
	switch f.Fate {
	case webhooks.Untried, webhooks.Later:
		return save(tx, inForward, key, settled(f))
	case webhooks.GivenUp:
		if err := save(tx, inForwardDead, key, f.Forward); err != nil {
			return err
		}
	}
	return tx.Bucket(inForward).Delete(key)
}

// Forwards lists up to max forwards of a source by number: those that wait, or
// the dead; without headers and bodies.
func (b *Bolt) Forwards(ctx context.Context, source string, dead bool, max int) (rows []webhooks.Forward, err error) {
	bucket := inForward
	if dead {
		bucket = inForwardDead
	}
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		return eachListed(tx, bucket, source, func(f webhooks.Forward) bool {
			if len(rows) < max {
				rows = append(rows, f)
			}
			return len(rows) < max
		})
	})
	return rows, err
}

// Onward says how handing on the events of a source goes.
func (b *Bolt) Onward(ctx context.Context, source string) (o webhooks.Onward, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		if _, err := load(tx, inOnward, []byte(source), &o); err != nil || o.Waiting == 0 {
			return err
		}
		return eachListed(tx, inForward, source, func(f webhooks.Forward) bool {
			o.Oldest = f.Begun()
			return false
		})
	})
	return o, err
}

// Holding are the sources of which something waits or is dead.
func (b *Bolt) Holding(ctx context.Context) (sources []string, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(inOnward).ForEach(func(source, raw []byte) error {
			var o webhooks.Onward
			if err := decode(raw, &o); err != nil {
				return err
			}
			if o.Waiting+o.Dead > 0 {
				sources = append(sources, string(source))
			}
			return nil
		})
	})
	return sources, err
}

// RuleForwards sends dead forwards of a source again, behind those that wait,
// or drops them, as the act says, which joins the audit trail. It returns how
// many there were. A transaction holds no more bodies than a call of
// TakeForwards, and has an act of its own.
func (b *Bolt) RuleForwards(ctx context.Context, source string, chosen webhooks.Chosen, act alerting.Act) (n int, err error) {
	ruling := forwardRuling{source: source, chosen: chosen, act: act}
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		ruling.newest = tx.Bucket(inForward).Sequence()
		return nil
	})
	for more := true; more && err == nil; {
		var ruled int
		err = b.write(ctx, &write{apply: func(tx *bbolt.Tx) (err error) {
			ruled, more, err = ruling.some(tx)
			return err
		}})
		if err == nil {
			n += ruled
		}
	}
	if n == 0 && err == nil {
		err = noForwards(source)
	}
	return n, err
}

// A forwardRuling is one call of RuleForwards. What dies again meanwhile is
// newer, and does not count.
type forwardRuling struct {
	source string
	chosen webhooks.Chosen
	act    alerting.Act
	newest uint64
}

// some rules on the first of them; more says that there are others.
func (r forwardRuling) some(tx *bbolt.Tx) (n int, more bool, err error) {
	for _, bucket := range r.buckets() {
		rows, left, err := r.first(tx, bucket)
		for _, f := range rows {
			if err == nil {
				err = r.rule(tx, bucket, f)
			}
		}
		if n += len(rows); err != nil || left {
			return n, left, errors.Join(err, r.keep(tx, n))
		}
	}
	return n, false, r.keep(tx, n)
}

func (r forwardRuling) buckets() [][]byte {
	if r.chosen.Waiting {
		return [][]byte{inForwardDead, inForward}
	}
	return [][]byte{inForwardDead}
}

// keep writes the act into the audit trail.
func (r forwardRuling) keep(tx *bbolt.Tx, n int) error {
	if n == 0 {
		return nil
	}
	r.act.Events = n
	return keepAct(tx, r.act)
}

func (r forwardRuling) first(tx *bbolt.Tx, bucket []byte) (rows []webhooks.Forward, more bool, err error) {
	bytes := 0
	err = eachForward(tx, bucket, r.source, func(f webhooks.Forward) bool {
		if f.Number > r.newest || !r.chosen.Has(f.Number) {
			return f.Number <= r.newest
		}
		if more = len(rows) > 0 && bytes+len(f.Body) > takenBytes; !more {
			rows, bytes = append(rows, f), bytes+len(f.Body)
		}
		return !more
	})
	return rows, more, err
}

// rule takes one out, and back in behind those that wait.
func (r forwardRuling) rule(tx *bbolt.Tx, bucket []byte, f webhooks.Forward) error {
	if err := removeForward(tx, bucket, r.source, f.Number, f.Weight()); err != nil || r.act.Kind != alerting.SendAgain {
		return err
	}
	return keepForward(tx, cmp.Or(r.chosen.To, r.source), revived(f, r.act.At))
}

func removeForward(tx *bbolt.Tx, bucket []byte, source string, number, weight uint64) error {
	if err := tx.Bucket(bucket).Delete(numbered(source, number)); err != nil {
		return err
	}
	return changeOnward(tx, source, func(o *webhooks.Onward) {
		if bytes.Equal(bucket, inForward) {
			o.Waiting--
			o.Bytes -= weight
			return
		}
		o.Dead--
		o.DeadBytes -= weight
	})
}

// sweepForwards forgets what was given up long ago. They lie in the order in
// which they came: behind the first that is young hardly any is old.
func sweepForwards(tx *bbolt.Tx, source string, now time.Time) error {
	var old [][2]uint64 // numbers and weights
	err := eachForward(tx, inForwardDead, source, func(f webhooks.Forward) bool {
		if !f.Dead.Before(now.Add(-deadFor)) {
			return false
		}
		old = append(old, [2]uint64{f.Number, f.Weight()})
		return len(old) < sweepRows
	})
	for _, f := range old {
		if err := removeForward(tx, inForwardDead, source, f[0], f[1]); err != nil {
			return err
		}
	}
	return err
}
