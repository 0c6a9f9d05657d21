package monitor

import (
	"context"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/heartbeats"
	"shapewatch/probes"
	"shapewatch/webhooks"
	"shapewatch/workflows"
)

// A Store remembers. Each method is one promise and one transaction; the
// schedule's truth is in it, not in this process.
type Store interface {
	// Register makes exactly these probes due. A probe it knows keeps its due
	// time and all that was learned; one it no longer hears of stops being due
	// and keeps its history until retention takes it.
	Register(ctx context.Context, plans []probes.Plan) error
	// Claim takes up to max probes that are due at now, each for at most lease;
	// next is when the earliest of the others is due (zero: none). A probe is
	// never claimed twice at a time.
	Claim(ctx context.Context, now time.Time, max int, lease time.Duration) (claims []probes.Claim, next time.Time, err error)
	// Recall returns what is remembered of a probe of an API.
	Recall(ctx context.Context, api, probe string) (alerting.Memory, error)
	// RecallBeside is Recall for who holds an edition of the baseline: while the
	// store has no other, the baseline is left out. The zero edition is nobody's.
	RecallBeside(ctx context.Context, api, probe string, has alerting.Edition) (alerting.Memory, error)
	// Commit keeps an outcome whole. alerting.ErrConflict means that the claim
	// or an incident is stale: recall, decide and commit again, or give up.
	Commit(ctx context.Context, outcome alerting.Outcome) error
	// Parts returns the parts that a probe's baseline consists of, by key.
	Parts(ctx context.Context, probe string) ([]contracts.Part, error)
	// MoveBaseline replaces a probe's baseline outside of any check: the whole,
	// no lessons, these parts new or (with nil bytes) no more. alerting.ErrConflict
	// when it was moved since the given number of moves was recalled.
	MoveBaseline(ctx context.Context, probe string, moves uint64, whole []byte, parts []contracts.Part) error
	// Rule keeps a ruling whole. alerting.ErrConflict means that an incident or
	// a baseline is stale: read, decide and rule again.
	Rule(ctx context.Context, ruling alerting.Ruling) error
	// DueIncidents returns up to max open incidents whose Due has come, earliest
	// first, and when the next of the others is due (zero: none).
	DueIncidents(ctx context.Context, now time.Time, max int) (due []alerting.Incident, next time.Time, err error)
	// Incidents returns up to max incidents, open ones first; api "" means all.
	Incidents(ctx context.Context, api string, max int) ([]alerting.Incident, error)
	// Incident returns one; alerting.ErrNotFound if there is none.
	Incident(ctx context.Context, id string) (alerting.Incident, error)
	// Silences returns every silence that is kept, newest first.
	Silences(ctx context.Context) ([]alerting.Silence, error)
	// Audit returns up to max acts, newest first; incident "" means all.
	Audit(ctx context.Context, incident string, max int) ([]alerting.Act, error)
	// KeepBeat remembers what a job said, and makes the probe due at once; it
	// is on disk when it returns.
	KeepBeat(ctx context.Context, probe string, beat heartbeats.Beat) error
	// Beats returns the last [heartbeats.Kept] of a job, oldest first.
	Beats(ctx context.Context, probe string) ([]heartbeats.Beat, error)
	// Listened notes that we listen at a time, as from then on every transaction
	// does. Since when we last did, if that is longer than [probes.ShortestDeaf],
	// is kept as a deaf stretch.
	Listened(ctx context.Context, now time.Time) error
	// Deaf returns the last [probes.DeafKept] stretches in which we did not
	// listen, oldest first.
	Deaf(ctx context.Context) ([]probes.Deaf, error)
	// KeepArrival keeps what a vendor sent to a source until an outcome accounts
	// for it, and makes the source due at once; false for an event that came
	// before. It is on disk when it returns.
	KeepArrival(ctx context.Context, source string, a webhooks.Arrival) (fresh bool, err error)
	// Arrivals returns up to max that wait, oldest first.
	Arrivals(ctx context.Context, source string, max int) ([]webhooks.Arrival, error)
	// Rhythms returns when events of each type come.
	Rhythms(ctx context.Context, source string) ([]webhooks.Rhythm, error)
	// Postings returns up to max rows of a book in the order of their keys, after
	// one; nil begins. The account says since when it is complete, and is the
	// zero one when nothing was kept of this form.
	Postings(ctx context.Context, book webhooks.Book, after []byte, max int) (webhooks.Account, []webhooks.Posting, error)
	// Onward says how handing on the events of a source goes.
	Onward(ctx context.Context, source string) (webhooks.Onward, error)
	// Publication returns what an outcome remembered of a published document; the
	// zero one when none did.
	Publication(ctx context.Context, probe string) (probes.Publication, error)
	// Ledger returns what the last outcome of a reconciliation left to be
	// remembered, encoded; nil when there was none.
	Ledger(ctx context.Context, probe string) ([]byte, error)
	// A Store keeps the runs of workflows until an outcome settles them.
	workflows.Journal
	// Defer gives a claim back unchecked, due again at until.
	Defer(ctx context.Context, claim probes.Claim, until time.Time) error
}
