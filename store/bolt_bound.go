package store

import (
	"fmt"

	"go.etcd.io/bbolt"

	"shapewatch/webhooks"
)

func backlogOf(source string) error {
	return fmt.Errorf("source %.80q: %w", source, webhooks.ErrBacklog)
}

// backlogged reports whether the source of an arrival holds as much for its
// receiver as it may.
func backlogged(tx *bbolt.Tx, source string, a webhooks.Arrival) (bool, error) {
	if a.Onward == nil || a.Most == (webhooks.Bound{}) {
		return false, nil
	}
	var o webhooks.Onward
	_, err := load(tx, inOnward, []byte(source), &o)
	return o.Full(a.Most, a.Onward.Weight()), err
}

// turnAway keeps that an event came, which is all that is kept of it; a refusal
// when that is known already.
func turnAway(tx *bbolt.Tx, source string, a webhooks.Arrival) error {
	return changeRhythm(tx, source, a, true, func(r *webhooks.Rhythm) bool { return r.TurnAway(a.At) })
}

// weighForwards works out once how many bytes wait and are dead of each source.
// Older releases did not count them.
func weighForwards(tx *bbolt.Tx) error {
	weights := map[string]*[2]uint64{}
	for i, bucket := range [][]byte{inForward, inForwardDead} {
		err := tx.Bucket(bucket).ForEach(func(key, raw []byte) error {
			var row listed
			if err := decode(raw, &row); err != nil || len(key) < len(numbered("", 0)) {
				return orDamaged(err)
			}
			source := string(key[:len(key)-len(numbered("", 0))])
			if weights[source] == nil {
				weights[source] = &[2]uint64{}
			}
			weights[source][i] += uint64(row.Head + row.Body)
			return nil
		})
		if err != nil {
			return fmt.Errorf("events that wait for a receiver: %w", err)
		}
	}
	for source, w := range weights {
		err := changeOnward(tx, source, func(o *webhooks.Onward) { o.Bytes, o.DeadBytes = w[0], w[1] })
		if err != nil {
			return err
		}
	}
	return nil
}
