package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/alerting"
	"shapewatch/webhooks"
)

// idsKept is how many event IDs of a source are remembered to know its retries.
const idsKept = 20_000

// KeepArrival keeps what a vendor sent to a source until an outcome accounts
// for it, and makes the source due at once. fresh is false for an event that
// came before: then only its rhythm's count of retries moves. It is on disk
// when it returns. [webhooks.ErrBacklog] says that its source holds as much for
// its receiver as it may.
func (b *Bolt) KeepArrival(ctx context.Context, source string, a webhooks.Arrival) (fresh bool, err error) {
	if err := checkName("probe", source); err != nil {
		return false, err
	}
	row, err := encode(a)
	if err != nil {
		return false, err
	}
	turned := false
	err = b.write(ctx, &write{apply: func(tx *bbolt.Tx) (err error) {
		if fresh, turned, err = b.arrive(tx, source, a, row); err != nil || !fresh {
			return err
		}
		if a.Onward != nil {
			if err := keepForward(tx, source, *a.Onward); err != nil {
				return err
			}
		}
		if err := enterBooks(tx, a); err != nil {
			return err
		}
		return hasten(tx, source, a.At)
	}})
	if turned && err == nil {
		err = backlogOf(source)
	}
	return fresh, err
}

// arrive keeps an arrival that is fresh; turned says that of one that was turned
// away its rhythm was kept.
func (b *Bolt) arrive(tx *bbolt.Tx, source string, a webhooks.Arrival, row []byte) (fresh, turned bool, err error) {
	if _, err := b.room(tx, false); err != nil {
		return false, false, err
	}
	ids, prefix := tx.Bucket(inEventID), under(source)
	if a, row, err = typed(tx, prefix, a, row); err != nil {
		return false, false, err
	}
	fresh = a.ID == "" || ids.Get(append(bytes.Clone(prefix), a.ID...)) == nil
	full, err := backlogged(tx, source, a)
	if err != nil {
		return false, false, err
	}
	if fresh && full {
		return false, true, turnAway(tx, source, a)
	}
	if err := addRhythm(tx, source, a, fresh); err != nil || !fresh {
		return fresh, false, err
	}
	number := nextUnder(tx.Bucket(inArrival), tx.Bucket(inEventAt), prefix)
	if a.ID != "" {
		if err := keepEventID(tx, prefix, number, a.ID); err != nil {
			return false, false, err
		}
	}
	return true, false, tx.Bucket(inArrival).Put(binary.BigEndian.AppendUint64(bytes.Clone(prefix), number), row)
}

// typed gives an arrival the type of all others when its source has enough
// types already: each is a row for ever, and whoever may send chooses them.
func typed(tx *bbolt.Tx, prefix []byte, a webhooks.Arrival, row []byte) (webhooks.Arrival, []byte, error) {
	types := tx.Bucket(inRhythm)
	if types.Get(append(bytes.Clone(prefix), a.Type...)) != nil {
		return a, row, nil
	}
	n := 0
	cursor := types.Cursor()
	for key, _ := cursor.Seek(prefix); bytes.HasPrefix(key, prefix) && n < webhooks.MaxTypes; key, _ = cursor.Next() {
		n++
	}
	if n < webhooks.MaxTypes {
		return a, row, nil
	}
	a.Type = webhooks.OtherType
	row, err := encode(a)
	return a, row, err
}

// nextUnder is the number after the last that either bucket has.
func nextUnder(a, b *bbolt.Bucket, prefix []byte) (next uint64) {
	for _, bucket := range []*bbolt.Bucket{a, b} {
		if last := lastUnder(bucket, prefix); last != nil {
			next = max(next, binary.BigEndian.Uint64(last[len(prefix):]))
		}
	}
	return next + 1
}

// keepEventID remembers an ID and forgets the one that came long before.
func keepEventID(tx *bbolt.Tx, prefix []byte, number uint64, id string) error {
	ids, at := tx.Bucket(inEventID), tx.Bucket(inEventAt)
	if number > idsKept {
		old := binary.BigEndian.AppendUint64(bytes.Clone(prefix), number-idsKept)
		if forgotten := at.Get(old); forgotten != nil {
			if err := ids.Delete(append(bytes.Clone(prefix), forgotten...)); err != nil {
				return err
			}
			if err := at.Delete(old); err != nil {
				return err
			}
		}
	}
	if err := ids.Put(append(bytes.Clone(prefix), id...), present); err != nil {
		return err
	}
	return at.Put(binary.BigEndian.AppendUint64(bytes.Clone(prefix), number), []byte(id))
}

func addRhythm(tx *bbolt.Tx, source string, a webhooks.Arrival, fresh bool) error {
	return changeRhythm(tx, source, a, fresh, func(r *webhooks.Rhythm) bool {
		r.Take(a.At, a.Event, fresh)
		return true
	})
}

// changeRhythm changes the rhythm of an arrival's type; came says that its hour
// counts. A change that says false is not kept, and a refusal.
func changeRhythm(tx *bbolt.Tx, source string, a webhooks.Arrival, came bool, change func(*webhooks.Rhythm) bool) error {
	key := append(under(source), a.Type...)
	rhythm := webhooks.Rhythm{Type: a.Type}
	if _, err := load(tx, inRhythm, key, &rhythm); err != nil {
		return err
	}
	turns := came && rhythm.Turns(a.At)
	if turns {
		if _, err := load(tx, inCalendar, key, &rhythm.Calendar); err != nil {
			return err
		}
	}
	if !change(&rhythm) {
		return backlogOf(source)
	}
	if turns {
		if err := save(tx, inCalendar, key, rhythm.Calendar); err != nil {
			return err
		}
	}
	return save(tx, inRhythm, key, rhythm)
}

// Arrivals returns up to max arrivals of a source that no outcome accounts
// for, oldest first.
func (b *Bolt) Arrivals(ctx context.Context, source string, max int) (waiting []webhooks.Arrival, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		prefix := under(source)
		cursor := tx.Bucket(inArrival).Cursor()
		for key, row := cursor.Seek(prefix); bytes.HasPrefix(key, prefix) && len(waiting) < max; key, row = cursor.Next() {
			var a webhooks.Arrival
			if err := decode(row, &a); err != nil {
				return err
			}
			a.Number = binary.BigEndian.Uint64(key[len(prefix):])
			waiting = append(waiting, a)
		}
		return nil
	})
	return waiting, err
}

// Rhythms returns the rhythm of every type of event of a source.
func (b *Bolt) Rhythms(ctx context.Context, source string) (rhythms []webhooks.Rhythm, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		prefix := under(source)
		cursor := tx.Bucket(inRhythm).Cursor()
		for key, row := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, row = cursor.Next() {
			var r webhooks.Rhythm
			if err := decode(row, &r); err != nil {
				return err
			}
			if _, err := load(tx, inCalendar, key, &r.Calendar); err != nil {
				return err
			}
			rhythms = append(rhythms, r)
		}
		return nil
	})
	return rhythms, err
}

// untilArrival is when an outcome's probe is due: of a source, when the first
// arrival came that still waits. Nobody takes what a probe has left that was one.
func untilArrival(tx *bbolt.Tx, o alerting.Outcome) (time.Time, error) {
	if !o.Listens {
		return o.Next, nil
	}
	prefix := under(o.Claim.Probe)
	key, row := tx.Bucket(inArrival).Cursor().Seek(prefix)
	if !bytes.HasPrefix(key, prefix) {
		return o.Next, nil
	}
	var a webhooks.Arrival
	err := decode(row, &a)
	return earlier(o.Next, a.At), err
}

// settleArrivals forgets the arrivals that an outcome accounts for.
func settleArrivals(tx *bbolt.Tx, o alerting.Outcome) error {
	for _, number := range o.Arrivals {
		key := binary.BigEndian.AppendUint64(under(o.Claim.Probe), number)
		if err := tx.Bucket(inArrival).Delete(key); err != nil {
			return err
		}
	}
	return nil
}
