package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

const (
	sweepProbes = 64   // probes trimmed in one transaction
	sweepRows   = 1000 // incidents or deliveries forgotten in one transaction
	pressedKept = 100  // checks kept per probe while the file is nearly full
)

// Sweep forgets what is older than retention asks for, in many small
// transactions so that outcomes need not wait. While the file is nearly full
// it also shortens the list of checks of every probe.
func (b *Bolt) Sweep(ctx context.Context, now time.Time) error {
	var rows map[string]probeRow
	kept := uint64(checksKept)
	err := b.view(ctx, func(tx *bbolt.Tx) (err error) {
		if b.fill(tx) > pressedAt {
			kept = pressedKept
		}
		rows, err = probeRows(tx)
		return err
	})
	if err != nil {
		return err
	}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(rows)), sweepProbes) {
		sweep := func(tx *bbolt.Tx) error { return b.sweepProbes(tx, ids, now, kept) }
		if err := b.write(ctx, &write{apply: sweep}); err != nil {
			return err
		}
	}
	return b.sweepIncidents(ctx, now)
}

func (b *Bolt) sweepProbes(tx *bbolt.Tx, ids []string, now time.Time, kept uint64) error {
	for _, id := range ids {
		var row probeRow
		switch known, err := load(tx, inProbe, []byte(id), &row); {
		case err != nil:
			return err
		case !known: // another sweep was faster
			continue
		}
		if row.retired() && row.Retired.Before(now.Add(-b.keep.Hours)) {
			if err := forgetProbe(tx, id); err != nil {
				return err
			}
			continue
		}
		if err := b.trim(tx, id, now, row.Checks-min(row.Checks, kept)); err != nil {
			return err
		}
	}
	return nil
}

func forgetProbe(tx *bbolt.Tx, id string) error {
	all := func([]byte, []byte) (bool, error) { return true, nil }
	for _, bucket := range [][]byte{inCheck, inHour, inLesson, inPart, inBeat, inArrival, inEventID, inEventAt, inRhythm, inCalendar, inRun, inForward, inForwardDead, inPosting, inPostingAt, inBook} {
		if err := dropWhile(tx.Bucket(bucket), under(id), all); err != nil {
			return err
		}
	}
	for _, bucket := range [][]byte{inBaseline, inMoved, inLedger, inPublished, inOnward} {
		if err := tx.Bucket(bucket).Delete([]byte(id)); err != nil {
			return err
		}
	}
	return tx.Bucket(inProbe).Delete([]byte(id))
}

// trim drops a probe's checks up to a number, and all that is too old.
func (b *Bolt) trim(tx *bbolt.Tx, id string, now time.Time, upTo uint64) error {
	err := dropWhile(tx.Bucket(inCheck), under(id), func(key, raw []byte) (bool, error) {
		if binary.BigEndian.Uint64(key) <= upTo {
			return true, nil
		}
		var check contracts.Check
		err := decode(raw, &check)
		return check.At.Before(now.Add(-b.keep.Checks)), err
	})
	if err != nil {
		return err
	}
	if err := sweepForwards(tx, id, now); err != nil {
		return err
	}
	if err := sweepBooks(tx, id, now); err != nil {
		return err
	}
	return dropWhile(tx.Bucket(inHour), under(id), func(key, _ []byte) (bool, error) {
		return fromNanos(binary.BigEndian.Uint64(key)).Before(now.Add(-b.keep.Hours)), nil
	})
}

// dropWhile deletes the first rows under a prefix while old says so; old gets
// the key without the prefix.
func dropWhile(bucket *bbolt.Bucket, prefix []byte, old func(key, value []byte) (bool, error)) error {
	var drop [][]byte // bbolt's cursor skips a row after deleting one
	cursor := bucket.Cursor()
	for key, value := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, value = cursor.Next() {
		if is, err := old(key[len(prefix):], value); err != nil {
			return err
		} else if !is {
			break
		}
		drop = append(drop, bytes.Clone(key))
	}
	for _, key := range drop {
		if err := bucket.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// sweepIncidents forgets dead deliveries, then resolved incidents that nobody
// is still to be told of, with their receipts.
func (b *Bolt) sweepIncidents(ctx context.Context, now time.Time) error {
	for more := true; more; {
		err := b.write(ctx, &write{apply: func(tx *bbolt.Tx) (err error) {
			more, err = b.forgetIncidents(tx, now)
			return err
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *Bolt) forgetIncidents(tx *bbolt.Tx, now time.Time) (more bool, err error) {
	old := now.Add(-b.keep.Incidents)
	if err := dropDead(tx, old); err != nil {
		return false, err
	}
	if err := sweepSpoken(tx, old); err != nil {
		return false, err
	}
	if err := unlistRecent(tx, now); err != nil {
		return false, err
	}
	gone, err := forgettable(tx, old)
	if err != nil || len(gone) == 0 {
		return false, err
	}
	for _, incident := range gone {
		if err := dropIncident(tx, incident); err != nil {
			return false, err
		}
	}
	return len(gone) == sweepRows, dropReceipts(tx, gone)
}

func dropDead(tx *bbolt.Tx, old time.Time) error {
	var drop []uint64
	err := eachDelivery(tx, inDead, func(d alerting.Delivery) bool {
		if d.Created.Before(old) {
			drop = append(drop, d.ID)
		}
		return len(drop) < sweepRows
	})
	for _, id := range drop {
		if err := tx.Bucket(inDead).Delete(be64(id)); err != nil {
			return err
		}
	}
	return err
}

// unlistRecent takes out what no check recalls any more.
func unlistRecent(tx *bbolt.Tx, now time.Time) error {
	var drop [][]byte
	recent := tx.Bucket(inRecent)
	err := recent.ForEach(func(key, state []byte) error {
		if state[0] == closedFlag && fromState(state).Before(now.Add(-recallFor)) {
			drop = append(drop, bytes.Clone(key))
		}
		return nil
	})
	for _, key := range drop {
		if err := recent.Delete(key); err != nil {
			return err
		}
	}
	return err
}

// forgettable finds resolved incidents to forget, oldest first.
func forgettable(tx *bbolt.Tx, old time.Time) (gone []alerting.Incident, err error) {
	needed := map[string]bool{}
	err = eachDelivery(tx, inOutbox, func(d alerting.Delivery) bool {
		needed[d.Incident] = true
		return true
	})
	cursor := tx.Bucket(inOpened).Cursor()
	for key, state := cursor.First(); err == nil && len(gone) < sweepRows && len(key) > 8; key, state = cursor.Next() {
		if state[0] != closedFlag || needed[string(key[8:])] {
			continue
		}
		var incident alerting.Incident
		if incident, err = loadIncident(tx, key[8:]); err == nil && incident.Resolved.Before(old) {
			gone = append(gone, incident)
		}
	}
	return gone, err
}

func dropReceipts(tx *bbolt.Tx, gone []alerting.Incident) error {
	ids := map[string]bool{}
	for _, incident := range gone {
		ids[incident.ID] = true
	}
	var drop [][]byte
	receipts := tx.Bucket(inReceipt)
	err := receipts.ForEach(func(key, _ []byte) error {
		if _, incident, _ := bytes.Cut(key, []byte{0}); ids[string(incident)] {
			drop = append(drop, bytes.Clone(key))
		}
		return nil
	})
	for _, key := range drop {
		if err := receipts.Delete(key); err != nil {
			return err
		}
	}
	return err
}

// fromState is the time in a row of recent incidents.
func fromState(state []byte) time.Time { return fromNanos(binary.BigEndian.Uint64(state[1:])) }
