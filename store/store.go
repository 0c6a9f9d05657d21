// Package store remembers. [Bolt] keeps everything in one bbolt file, [Memory]
// keeps the same in memory; both pass the suite in storetest. One method is one
// promise and one transaction: an outcome is kept whole or not at all.
//
// It knows what belongs to a probe (its place in the schedule, its last
// checks, its hours, its baseline), to an incident and to the outbox. It
// decides nothing, never looks into a baseline, never logs a value, and never
// reads or writes anything but its file.
//
// # The bucket tree
//
// Numbers in keys are big-endian, times are nanoseconds since 1970 (UTC), ids
// are raw bytes without NUL. A value is one codec byte (1: JSON) and the
// document, unless another type is given.
//
//	meta/
//	  schema                       -> be32   version of this tree, read before anything else
//	  opened                       -> be64   how often this file was opened: upper half of every claim's epoch
//	  listened                     -> be64   until when we listened for certain
//	deaf/
//	  <be64 time>                  -> be64   a stretch in which we did not listen, from and until; the last 100 of eight weeks
//	probe/
//	  <probe>                      -> place in the schedule, number of checks so far, last check
//	due/
//	  <be64 time><probe>           -> 0x01   the schedule's truth: the first key is the next work
//	baseline/
//	  <probe>                      -> opaque bytes, as the core encoded them
//	baseline_lesson/
//	  <probe> 0x00 <be64 check>    -> opaque bytes: what a check added to the baseline above
//	baseline_part/
//	  <probe> 0x00 <part>          -> opaque bytes: one hour, day or week of the baseline
//	baseline_moved/
//	  <probe>                      -> be64   how often somebody moved the baseline outside of a check
//	check/
//	  <probe> 0x00 <be64 number>   -> contracts.Check without its probe; the last 500 by number
//	hour/
//	  <probe> 0x00 <be64 time>     -> contracts.Hour without its probe
//	incident/
//	  <incident>                   -> alerting.Incident
//	incident_opened/
//	  <be64 time><incident>        -> 0x01 or 0x00 (open or resolved), then the API's name; the page's order
//	incident_recent/
//	  <api> 0x00 <incident>        -> be64   time it was resolved, 0 while open; what a check must recall
//	outbox/
//	  <be64 delivery>              -> alerting.Delivery, waiting
//	outbox_dead/
//	  <be64 delivery>              -> alerting.Delivery, given up
//	incident_due/
//	  <be64 time><incident>        -> 0x01   when time alone will change it
//	bulletin/
//	  <bulletin>                   -> alerting.Incident that sums up others; not one of them
//	silence/
//	  0x01 or 0x00, <silence>      -> alerting.Silence (not ended, or ended)
//	act/
//	  <be64 act>                   -> alerting.Act: the audit trail, never forgotten
//	act_incident/
//	  <incident> 0x00 <be64 act>   -> 0x01   the trail of one incident
//	run/
//	  <probe> 0x00 <run>           -> workflows.Trace of a run that has made something and is not settled
//	ledger/
//	  <probe>                      -> what a reconciliation remembers, or the last run of a workflow, as the monitor encodes it
//	beat/
//	  <probe> 0x00 <be64 number>   -> heartbeats.Beat; the last 200 by number
//	arrival/
//	  <probe> 0x00 <be64 number>   -> webhooks.Arrival that no outcome accounts for yet
//	event_id/
//	  <probe> 0x00 <event>         -> 0x01   the last 20,000 of a source, to know a retry
//	event_at/
//	  <probe> 0x00 <be64 number>   -> the event's id, raw: which one to forget
//	rhythm/
//	  <probe> 0x00 <type>          -> webhooks.Rhythm; moves with every event
//	calendar/
//	  <probe> 0x00 <type>          -> webhooks.Calendar of the rhythm; moves once an hour
//	forward/
//	  <probe> 0x00 <be64 number>   -> webhooks.Forward, waiting for the receiver
//	forward_dead/
//	  <probe> 0x00 <be64 number>   -> webhooks.Forward, given up
//	onward/
//	  <probe>                      -> webhooks.Onward: how handing on goes
//	publication/
//	  <probe>                      -> probes.Publication: what is known of a published document
//	posting/
//	  <probe> 0x00 l or r <key>    -> webhooks.Posting: the newest word of a source on a row that a reconciliation compares
//	posting_at/
//	  <probe> 0x00 l or r <be64 time><key> -> 0x01   which row to forget first
//	book/
//	  <probe> 0x00 l or r          -> webhooks.Account: the state of the rows above
//	excerpt/
//	  <file> <operation>           -> main's excerpt of a large contract file; both are hashes
//	receipt/
//	  <channel> 0x00 <incident>    -> alerting.Receipt
//
// Leases of probes and deliveries live in memory: one process owns the file,
// and what it had leased when it died is due again at the next start, so a
// claim costs no write and a crash loses no check.
//
// A probe checked every second fills its 500 check rows in eight minutes, one
// checked every five minutes in 41 hours; hours tell the rest. 500 rows of a
// probe take about 220 KB of file.
package store

import (
	"errors"
	"time"
)

// Errors of a store as a whole. Those of single records are
// alerting.ErrNotFound and alerting.ErrConflict.
var (
	ErrClosed  = errors.New("store is closed")
	ErrFull    = errors.New("store is full")    // only what frees room or tells of an incident is still accepted
	ErrDamaged = errors.New("store is damaged") // the file cannot be read as it was written; the text says what to do
	ErrLocked  = errors.New("in use")
	ErrSchema  = errors.New("store was written by a newer shapewatch")
	// ErrStopped means that a write went wrong in a way that cannot be tried
	// again in this process. Everything acknowledged before is safe: end, and
	// let the supervisor start anew.
	ErrStopped = errors.New("store stopped writing")
)

// Options say where a [Bolt] is kept and how much.
type Options struct {
	Path    string    // file; created with its folder when missing
	MaxSize int64     // bytes the file may grow to; 0 means [DefaultMaxSize]
	Keep    Retention // zero fields mean the default
}

// DefaultMaxSize is how large a file may grow unless told otherwise.
const DefaultMaxSize = 1 << 30 // bytes

// Retention says how long things are kept. Zero fields mean the default.
type Retention struct {
	Checks    time.Duration // single checks, at most the last 500 of each probe; 7 days
	Hours     time.Duration // hourly sums, and all of a probe that is gone; 90 days
	Incidents time.Duration // resolved incidents and dead deliveries; 365 days
}

func (r Retention) orDefault() Retention {
	const day = 24 * time.Hour
	for _, field := range []struct {
		keep     *time.Duration
		standard time.Duration
	}{{&r.Checks, 7 * day}, {&r.Hours, 90 * day}, {&r.Incidents, 365 * day}} {
		if *field.keep <= 0 {
			*field.keep = field.standard
		}
	}
	return r
}

const (
	checksKept  = 500                // single checks per probe
	recallFor   = 7 * 24 * time.Hour // how long a resolved incident is recalled
	maxSpread   = 5 * time.Minute    // overdue probes are caught up within this time
	maxIDLength = 1024               // bytes of a probe's, incident's or channel's name
)
