package store

import (
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// Commit keeps an outcome whole, or not at all: check, hour, baseline,
// incidents, deliveries and next due time in one transaction, on disk when it
// returns. [ErrFull] leaves the claim as it was.
func (b *Bolt) Commit(ctx context.Context, outcome alerting.Outcome) error {
	rows, err := outcomeRows(outcome)
	if err != nil {
		return err
	}
	quiet := len(outcome.Incidents)+len(outcome.Deliveries)+len(outcome.Arrivals) == 0
	return b.spend(ctx, outcome.Claim, quiet, func(tx *bbolt.Tx, row probeRow) error {
		return b.keepOutcome(tx, rows, row)
	})
}

// An encodedOutcome is an outcome made ready by the caller's goroutine, since
// the committer's is shared by all.
type encodedOutcome struct {
	alerting.Outcome
	check      []byte
	published  []byte // nil for none
	incidents  [][]byte
	deliveries [][]byte
}

func outcomeRows(outcome alerting.Outcome) (rows encodedOutcome, err error) {
	if rows.Outcome, err = normal(outcome); err != nil {
		return rows, err
	}
	rows.check, err = encode(bare(rows.Check))
	if rows.Published != nil && err == nil {
		rows.published, err = encode(rows.Published)
	}
	for _, incident := range rows.Incidents {
		rows.incidents = appendRow(rows.incidents, incident, &err)
	}
	for _, d := range rows.Deliveries {
		rows.deliveries = appendRow(rows.deliveries, d, &err)
	}
	return rows, err
}

func appendRow(rows [][]byte, v any, err *error) [][]byte {
	raw, failed := encode(v)
	if *err == nil {
		*err = failed
	}
	return append(rows, raw)
}

// bare is a check as its row holds it: the key says the probe.
func bare(c contracts.Check) contracts.Check {
	c.Probe = ""
	return c
}

func (b *Bolt) keepOutcome(tx *bbolt.Tx, o encodedOutcome, row probeRow) error {
	if moves := movesOf(tx, o.Claim.Probe); moves != o.Moves {
		return staleBaseline(o.Claim.Probe, o.Moves, moves)
	}
	before, err := incidentsBefore(tx, o.Incidents)
	if err != nil {
		return err
	}
	if err := b.keepProbe(tx, o, row); err != nil {
		return fmt.Errorf("probe %s: %w", o.Claim.Probe, err)
	}
	for i, incident := range o.Incidents {
		if err := keepIncident(tx, before[i], incident, o.incidents[i]); err != nil {
			return fmt.Errorf("incident %s: %w", incident.ID, err)
		}
	}
	return keepDeliveries(tx, o.deliveries)
}

func (b *Bolt) keepProbe(tx *bbolt.Tx, o encodedOutcome, row probeRow) error {
	id := o.Claim.Probe
	shed, err := b.room(tx, len(o.Incidents)+len(o.Deliveries) > 0)
	if err != nil {
		return err
	}
	row.Checks++
	row.Last = o.check[1:]
	if err := b.keepCheck(tx, o, row.Checks, shed); err != nil {
		return err
	}
	if err := addHour(tx, id, o.Check); err != nil {
		return err
	}
	if err := keepBaseline(tx, o.Outcome, row.Checks); err != nil {
		return err
	}
	if err := keepPublication(tx, id, o.published); err != nil {
		return err
	}
	if err := settleRuns(tx, id, o.Runs); err != nil {
		return err
	}
	if err := settleArrivals(tx, o.Outcome); err != nil {
		return err
	}
	if err := keepLedger(tx, id, o.Ledger); err != nil {
		return err
	}
	next, err := untilArrival(tx, o.Outcome)
	if err != nil {
		return err
	}
	return moveDue(tx, id, row, next)
}

func (b *Bolt) keepCheck(tx *bbolt.Tx, o encodedOutcome, number uint64, shed bool) error {
	checks, id := tx.Bucket(inCheck), o.Claim.Probe
	if number > checksKept {
		if err := checks.Delete(numbered(id, number-checksKept)); err != nil {
			return err
		}
	}
	if shed {
		return nil
	}
	return checks.Put(numbered(id, number), o.check)
}

func addHour(tx *bbolt.Tx, id string, check contracts.Check) error {
	var hour hourRow
	key := numbered(id, nanos(hourOf(check)))
	if _, err := load(tx, inHour, key, &hour); err != nil {
		return err
	}
	hour.Add(check)
	hour.Probe = ""
	return save(tx, inHour, key, hour)
}

// keepIncident writes an incident and its indexes.
func keepIncident(tx *bbolt.Tx, before, now alerting.Incident, row []byte) error {
	if before.ID != "" {
		if err := dropIncident(tx, before); err != nil {
			return err
		}
	}
	state := append([]byte{openFlag}, be64(0)...)
	if resolved(now) {
		state = append([]byte{closedFlag}, be64(nanos(now.Resolved))...)
	}
	if err := tx.Bucket(inRecent).Put(recentKey(now), state); err != nil {
		return err
	}
	if err := tx.Bucket(inOpened).Put(openedKey(now), append(state[:1:1], now.API...)); err != nil {
		return err
	}
	if wantsAttention(now) {
		if err := tx.Bucket(inAttention).Put(attentionKey(now), present); err != nil {
			return err
		}
	}
	return tx.Bucket(inIncident).Put([]byte(now.ID), row)
}

func dropIncident(tx *bbolt.Tx, i alerting.Incident) error {
	if err := tx.Bucket(inRecent).Delete(recentKey(i)); err != nil {
		return err
	}
	if err := tx.Bucket(inOpened).Delete(openedKey(i)); err != nil {
		return err
	}
	if err := tx.Bucket(inAttention).Delete(attentionKey(i)); err != nil {
		return err
	}
	return tx.Bucket(inIncident).Delete([]byte(i.ID))
}

func recentKey(i alerting.Incident) []byte { return append(under(i.API), i.ID...) }
func openedKey(i alerting.Incident) []byte { return append(be64(nanos(i.Opened)), i.ID...) }

func keepDeliveries(tx *bbolt.Tx, rows [][]byte) error {
	outbox := tx.Bucket(inOutbox)
	for _, row := range rows {
		id, err := outbox.NextSequence()
		if err != nil {
			return err
		}
		if err := outbox.Put(be64(id), row); err != nil {
			return err
		}
	}
	return nil
}
