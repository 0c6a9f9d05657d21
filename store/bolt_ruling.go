package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/alerting"
)

// Rule keeps a ruling whole, or not at all, in one transaction. It is kept
// even when the file is nearly full: it tells of incidents.
func (b *Bolt) Rule(ctx context.Context, ruling alerting.Ruling) error {
	r, err := normalRuling(ruling)
	if err != nil {
		return err
	}
	rows, err := outcomeRows(asOutcome(r))
	if err != nil {
		return err
	}
	return b.write(ctx, &write{
		apply: func(tx *bbolt.Tx) error { return rule(tx, r, rows) },
		settle: func(written bool) {
			if written {
				b.endTakings(r)
			}
		},
	})
}

func rule(tx *bbolt.Tx, r alerting.Ruling, rows encodedOutcome) error {
	before, err := incidentsBefore(tx, r.Incidents)
	if err != nil {
		return err
	}
	if _, err := versionsOf(tx, inBulletin, r.Bulletins); err != nil {
		return err
	}
	for _, s := range r.Shifts {
		if err := checkShift(tx, s); err != nil {
			return err
		}
	}
	for _, d := range rowsOf(r) {
		if tx.Bucket(inOutbox).Get(be64(d.ID)) == nil {
			return noDelivery(d)
		}
	}
	// From here on, an error undoes the transaction.
	for i, incident := range r.Incidents {
		if err := keepIncident(tx, before[i], incident, rows.incidents[i]); err != nil {
			return fmt.Errorf("incident %s: %w", incident.ID, err)
		}
	}
	for _, s := range r.Shifts {
		if err := keepShift(tx, s); err != nil {
			return err
		}
	}
	if err := keepSpoken(tx, r); err != nil {
		return err
	}
	for _, s := range r.Settled {
		if err := settleRow(tx, s.Delivery, s.Receipt); err != nil {
			return err
		}
	}
	for _, d := range r.Dead {
		if err := buryRow(tx, d); err != nil {
			return err
		}
	}
	return keepDeliveries(tx, rows.deliveries)
}

// incidentsBefore reads what is stored of incidents and refuses stale ones.
func incidentsBefore(tx *bbolt.Tx, incidents []alerting.Incident) ([]alerting.Incident, error) {
	return versionsOf(tx, inIncident, incidents)
}

func versionsOf(tx *bbolt.Tx, bucket []byte, incidents []alerting.Incident) ([]alerting.Incident, error) {
	before := make([]alerting.Incident, len(incidents))
	for i, incident := range incidents {
		if _, err := load(tx, bucket, []byte(incident.ID), &before[i]); err != nil {
			return nil, fmt.Errorf("incident %s: %w", incident.ID, err)
		}
		if incident.Version != before[i].Version+1 {
			return nil, staleIncident(incident, before[i].Version)
		}
	}
	return before, nil
}

func checkShift(tx *bbolt.Tx, s alerting.Shift) error {
	if tx.Bucket(inProbe).Get([]byte(s.Probe)) == nil {
		return noProbe(s.Probe)
	}
	if stored := movesOf(tx, s.Probe); stored != s.Moves {
		return staleBaseline(s.Probe, s.Moves, stored)
	}
	return nil
}

func keepShift(tx *bbolt.Tx, s alerting.Shift) error {
	if err := replaceBaseline(tx, s.Probe, s.Whole); err != nil {
		return err
	}
	if err := tx.Bucket(inMoved).Put([]byte(s.Probe), be64(s.Moves+1)); err != nil {
		return err
	}
	return keepParts(tx, s.Probe, s.Parts)
}

// keepSpoken writes the bulletins, the silences and the audit trail.
func keepSpoken(tx *bbolt.Tx, r alerting.Ruling) error {
	for _, bulletin := range r.Bulletins {
		if err := save(tx, inBulletin, []byte(bulletin.ID), bulletin); err != nil {
			return err
		}
	}
	for _, s := range r.Silences {
		if err := tx.Bucket(inSilence).Delete(silenceKey(alerting.Silence{ID: s.ID})); err != nil {
			return err
		}
		if err := save(tx, inSilence, silenceKey(s), s); err != nil {
			return err
		}
	}
	for _, a := range r.Acts {
		if err := keepAct(tx, a); err != nil {
			return err
		}
	}
	return nil
}

func keepAct(tx *bbolt.Tx, a alerting.Act) error {
	number, err := tx.Bucket(inAct).NextSequence()
	if err != nil {
		return err
	}
	if a.Incident != "" {
		if err := tx.Bucket(inActOf).Put(numbered(a.Incident, number), present); err != nil {
			return err
		}
	}
	return save(tx, inAct, be64(number), a)
}

// DueIncidents returns up to max open incidents whose Due has come, earliest
// first, and when the next of the others is due; zero when none is.
func (b *Bolt) DueIncidents(ctx context.Context, now time.Time, max int) (due []alerting.Incident, next time.Time, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(inAttention).Cursor()
		for key, _ := cursor.First(); len(key) > 8; key, _ = cursor.Next() {
			next = fromNanos(binary.BigEndian.Uint64(key))
			if next.After(now) || len(due) >= max {
				return nil
			}
			incident, err := loadIncident(tx, key[8:])
			if err != nil {
				return err
			}
			due = append(due, incident)
		}
		next = time.Time{}
		return nil
	})
	return due, next, err
}

func attentionKey(i alerting.Incident) []byte { return append(be64(nanos(i.Due)), i.ID...) }

// Silences returns every silence that is kept, newest first.
func (b *Bolt) Silences(ctx context.Context) (silences []alerting.Silence, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(inSilence).ForEach(func(id, raw []byte) error {
			var s alerting.Silence
			if err := decode(raw, &s); err != nil {
				return fmt.Errorf("silence %s: %w", id, err)
			}
			silences = append(silences, s)
			return nil
		})
	})
	slices.SortFunc(silences, newestSilence)
	return silences, err
}

// silenceKey lists the silences that have not ended apart: every check reads
// them.
func silenceKey(s alerting.Silence) []byte {
	if s.Ended.IsZero() {
		return append([]byte{openFlag}, s.ID...)
	}
	return append([]byte{closedFlag}, s.ID...)
}

func openSilences(tx *bbolt.Tx) (silences []alerting.Silence, err error) {
	cursor := tx.Bucket(inSilence).Cursor()
	for key, raw := cursor.Seek([]byte{openFlag}); key != nil; key, raw = cursor.Next() {
		var s alerting.Silence
		if err := decode(raw, &s); err != nil {
			return nil, fmt.Errorf("silence %s: %w", key[1:], err)
		}
		silences = append(silences, s)
	}
	return silences, nil
}

// Audit returns up to max acts, newest first; incident "" means all.
func (b *Bolt) Audit(ctx context.Context, incident string, max int) (acts []alerting.Act, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		bucket, prefix := tx.Bucket(inAct), []byte{}
		if incident != "" {
			bucket, prefix = tx.Bucket(inActOf), under(incident)
		}
		cursor := bucket.Cursor()
		last := append(bytes.Clone(prefix), be64(1<<64-1)...)
		for key, _ := lastBefore(cursor, last); key != nil && len(acts) < max && bytes.HasPrefix(key, prefix); key, _ = cursor.Prev() {
			var a alerting.Act
			if found, err := load(tx, inAct, key[len(prefix):], &a); err != nil || !found {
				return fmt.Errorf("act %x: %w", key, orDamaged(err))
			}
			acts = append(acts, a)
		}
		return nil
	})
	return acts, err
}

func orDamaged(err error) error {
	if err == nil {
		return ErrDamaged
	}
	return err
}

// sweepSpoken forgets silences and bulletins that are long over. Acts are kept
// for ever.
func sweepSpoken(tx *bbolt.Tx, old time.Time) error {
	var drop [][2][]byte
	var gone []alerting.Incident
	err := tx.Bucket(inSilence).ForEach(func(id, raw []byte) error {
		var s alerting.Silence
		err := decode(raw, &s)
		if err == nil && forgettableSilence(s, old) {
			drop = append(drop, [2][]byte{inSilence, bytes.Clone(id)})
		}
		return err
	})
	if err != nil {
		return err
	}
	needed := map[string]bool{}
	err = eachDelivery(tx, inOutbox, func(d alerting.Delivery) bool {
		needed[d.Incident] = true
		return true
	})
	if err != nil {
		return err
	}
	err = tx.Bucket(inBulletin).ForEach(func(id, raw []byte) error {
		var i alerting.Incident
		err := decode(raw, &i)
		if err == nil && i.Changed.Before(old) && !needed[i.ID] {
			drop = append(drop, [2][]byte{inBulletin, bytes.Clone(id)})
			gone = append(gone, i)
		}
		return err
	})
	for _, row := range drop {
		if err := tx.Bucket(row[0]).Delete(row[1]); err != nil {
			return err
		}
	}
	if err != nil || len(gone) == 0 {
		return err
	}
	return dropReceipts(tx, gone)
}
