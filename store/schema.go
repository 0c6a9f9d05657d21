package store

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// schema is the version of the bucket tree that this release writes. Adding a
// bucket or changing the meaning of a row raises it, and takes a step that
// turns the version before into it.
const schema = 13

var (
	inMeta      = []byte("meta")
	inProbe     = []byte("probe")
	inDue       = []byte("due")
	inBaseline  = []byte("baseline")
	inLesson    = []byte("baseline_lesson")
	inPart      = []byte("baseline_part")
	inMoved     = []byte("baseline_moved")
	inCheck     = []byte("check")
	inHour      = []byte("hour")
	inIncident  = []byte("incident")
	inOpened    = []byte("incident_opened")
	inRecent    = []byte("incident_recent")
	inOutbox    = []byte("outbox")
	inDead      = []byte("outbox_dead")
	inReceipt   = []byte("receipt")
	inAttention = []byte("incident_due")
	inBulletin  = []byte("bulletin")
	inSilence   = []byte("silence")
	inAct       = []byte("act")
	inActOf     = []byte("act_incident")
	inRun       = []byte("run")
	inLedger    = []byte("ledger")
	inBeat      = []byte("beat")
	inArrival   = []byte("arrival")
	inEventID   = []byte("event_id")
	inEventAt   = []byte("event_at")
	inRhythm    = []byte("rhythm")
	inCalendar  = []byte("calendar")
	inPublished = []byte("publication")
	inForward   = []byte("forward")
	inOnward    = []byte("onward")
	inExcerpt   = []byte("excerpt")
	inDeaf      = []byte("deaf")
	keySchema   = []byte("schema")
	keyOpened   = []byte("opened")
	keyListened = []byte("listened")
	allBuckets  = [][]byte{inMeta, inProbe, inDue, inBaseline, inLesson, inPart, inMoved, inCheck, inHour, inIncident, inOpened, inRecent, inOutbox, inDead, inReceipt, inAttention, inBulletin, inSilence, inAct, inActOf, inRun, inLedger, inBeat, inArrival, inEventID, inEventAt, inRhythm, inCalendar, inPublished, inForward, inForwardDead, inOnward, inExcerpt, inDeaf, inPosting, inPostingAt, inBook}
	present     = []byte{1} // bbolt has had trouble with empty values, so sets hold this
	openFlag    = byte(1)
	closedFlag  = byte(0)

	inForwardDead = []byte("forward_dead")

	inPosting   = []byte("posting")
	inPostingAt = []byte("posting_at")
	inBook      = []byte("book")
)

// plant writes the empty tree into a new file.
func plant(tx *bbolt.Tx) error {
	for _, name := range allBuckets {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	return tx.Bucket(inMeta).Put(keySchema, binary.BigEndian.AppendUint32(nil, schema))
}

// upgrade turns the tree of an older release into this one's. Most steps only
// added buckets; the thirteenth knows how many bytes wait for receivers.
func upgrade(tx *bbolt.Tx) error {
	if schemaOf(tx) == schema {
		return nil
	}
	for _, name := range allBuckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	if err := weighForwards(tx); err != nil {
		return err
	}
	return tx.Bucket(inMeta).Put(keySchema, binary.BigEndian.AppendUint32(nil, schema))
}

// schemaOf is the schema of a tree that was checked.
func schemaOf(tx *bbolt.Tx) uint32 { return binary.BigEndian.Uint32(tx.Bucket(inMeta).Get(keySchema)) }

// checkSchema reads what wrote the file, before anything else is read.
func checkSchema(tx *bbolt.Tx) error {
	meta := tx.Bucket(inMeta)
	if meta == nil {
		return fmt.Errorf("%w: it is a bbolt file, but not one of shapewatch", ErrDamaged)
	}
	raw := meta.Get(keySchema)
	if len(raw) != 4 {
		return fmt.Errorf("%w: it does not say its schema", ErrDamaged)
	}
	switch found := binary.BigEndian.Uint32(raw); {
	case found > schema:
		return fmt.Errorf("%w: it has schema %d and this release knows %d; run the newer release, or start with a backup from before the upgrade. Nothing was changed", ErrSchema, found, schema)
	case found == 0:
		return fmt.Errorf("%w: schema 0 was never written", ErrDamaged)
	}
	return nil
}

func inspect(tx *bbolt.Tx) error {
	if err := checkSchema(tx); err != nil {
		return err
	}
	return walk(tx)
}

// walk meets every row, so that damage shows at the start rather than in the
// middle of a check. It decodes none.
func walk(tx *bbolt.Tx) error {
	old := schemaOf(tx) < schema
	for _, name := range allBuckets {
		bucket := tx.Bucket(name)
		if bucket == nil && old {
			continue // upgrade adds it
		}
		if bucket == nil {
			return fmt.Errorf("%w: bucket %s is missing", ErrDamaged, name)
		}
		if err := walkBucket(bucket, tx.Size()); err != nil {
			return fmt.Errorf("bucket %s: %w", name, err)
		}
	}
	return nil
}
