package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// Recall returns what is remembered of a probe of an API: its baseline, and
// the API's incidents that are open or were resolved in the last 7 days.
func (b *Bolt) Recall(ctx context.Context, api, probe string) (memory alerting.Memory, err error) {
	return b.RecallBeside(ctx, api, probe, alerting.Edition{})
}

// RecallBeside is Recall without the baseline, while it is the edition that
// the caller has; the zero one is nobody's.
func (b *Bolt) RecallBeside(ctx context.Context, api, probe string, has alerting.Edition) (memory alerting.Memory, err error) {
	since := time.Now().Add(-recallFor)
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		if err := recallBaseline(tx, probe, has, &memory); err != nil {
			return err
		}
		prefix := under(api)
		if memory.Silences, err = openSilences(tx); err != nil {
			return err
		}
		cursor := tx.Bucket(inRecent).Cursor()
		for key, state := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, state = cursor.Next() {
			if state[0] == closedFlag && !fromState(state).After(since) {
				continue
			}
			incident, err := loadIncident(tx, key[len(prefix):])
			if err != nil {
				return err
			}
			memory.Incidents = append(memory.Incidents, incident)
		}
		return nil
	})
	return memory, err
}

func loadIncident(tx *bbolt.Tx, id []byte) (incident alerting.Incident, err error) {
	switch found, err := load(tx, inIncident, id, &incident); {
	case err != nil:
		return incident, fmt.Errorf("incident %s: %w", id, err)
	case !found:
		return incident, noIncident(string(id))
	}
	return incident, nil
}

// loadTold reads what can be told: an incident, or else a bulletin.
func loadTold(tx *bbolt.Tx, id []byte) (told alerting.Incident, err error) {
	if found, err := load(tx, inBulletin, id, &told); err != nil || found {
		return told, err
	}
	return loadIncident(tx, id)
}

// Latest returns the last check of every registered probe, by probe.
func (b *Bolt) Latest(ctx context.Context) (latest []contracts.Check, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(inProbe).ForEach(func(id, raw []byte) error {
			var row probeRow
			if err := decode(raw, &row); err != nil || row.retired() || row.Last == nil {
				return err
			}
			check := contracts.Check{}
			if err := json.Unmarshal(row.Last, &check); err != nil {
				return fmt.Errorf("%w: probe %s: its last check cannot be decoded", ErrDamaged, id)
			}
			check.Probe = string(id)
			latest = append(latest, check)
			return nil
		})
	})
	return latest, err
}

// Checks returns up to max checks of a probe since a time, newest first.
func (b *Bolt) Checks(ctx context.Context, probe string, since time.Time, max int) (checks []contracts.Check, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		prefix := under(probe)
		cursor := tx.Bucket(inCheck).Cursor()
		for key, raw := lastBefore(cursor, numbered(probe, 1<<64-1)); len(checks) < max && bytes.HasPrefix(key, prefix); key, raw = cursor.Prev() {
			check := contracts.Check{}
			if err := decode(raw, &check); err != nil {
				return fmt.Errorf("probe %s: %w", probe, err)
			}
			if check.Probe = probe; !check.At.Before(since) {
				checks = append(checks, check)
			}
		}
		return nil
	})
	return checks, err
}

// lastBefore moves to the last key that is less than a bound.
func lastBefore(cursor *bbolt.Cursor, bound []byte) (key, value []byte) {
	if key, _ := cursor.Seek(bound); key == nil {
		return cursor.Last()
	}
	return cursor.Prev()
}

// Hours returns the hourly sums of a probe since a time, oldest first; the
// hour that the time lies in is the first.
func (b *Bolt) Hours(ctx context.Context, probe string, since time.Time) (hours []contracts.Hour, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		prefix := under(probe)
		cursor := tx.Bucket(inHour).Cursor()
		first := numbered(probe, nanos(since.UTC().Truncate(time.Hour)))
		for key, raw := cursor.Seek(first); bytes.HasPrefix(key, prefix); key, raw = cursor.Next() {
			hour := hourRow{}
			if err := decode(raw, &hour); err != nil {
				return fmt.Errorf("probe %s: %w", probe, err)
			}
			hour.Probe = probe
			hours = append(hours, hour.Hour)
		}
		return nil
	})
	return hours, err
}

// Incidents returns up to max incidents of an API, or of all when it is
// empty: open ones first, then by when they opened, newest first.
func (b *Bolt) Incidents(ctx context.Context, api string, max int) (incidents []alerting.Incident, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		for _, state := range []byte{openFlag, closedFlag} {
			cursor := tx.Bucket(inOpened).Cursor()
			for key, value := cursor.Last(); len(key) > 8 && len(incidents) < max; key, value = cursor.Prev() {
				if value[0] != state || api != "" && api != string(value[1:]) {
					continue
				}
				incident, err := loadIncident(tx, key[8:])
				if err != nil {
					return err
				}
				incidents = append(incidents, incident)
			}
		}
		return nil
	})
	return incidents, err
}

// Incident returns one; alerting.ErrNotFound if there is none.
func (b *Bolt) Incident(ctx context.Context, id string) (incident alerting.Incident, err error) {
	if id == "" {
		return incident, noIncident(id)
	}
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		incident, err = loadTold(tx, []byte(id))
		return err
	})
	return incident, err
}

// Size returns how many bytes of the file hold something, of how many it may
// grow to.
func (b *Bolt) Size(ctx context.Context) (used, limit int64, err error) {
	err = b.view(ctx, func(tx *bbolt.Tx) error {
		used = b.used(tx)
		return nil
	})
	return used, b.maxSize, err
}
