// Package alerting tells. Confirmed findings open, change or resolve an
// [Incident]: one provider change, however many operations and fields it
// touches, told once, updated in place, resolved by itself. [Fold] decides
// that and is pure. What is to be told goes as [Delivery] rows into an outbox
// that the store commits together with the incident; a [Dispatcher] drains it
// through a [Notifier] per channel, at least once and in order.
//
// A notifier is one file: its Options, its wire format, its size limits.
package alerting

import (
	"context"
	"errors"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// Condition is what the probes say about an incident.
type Condition string

// The conditions. What is only suspected has no incident yet.
const (
	Firing     Condition = "firing"
	Recovering Condition = "recovering" // nothing of it shows in the last answers, too few of them to call it over
	Resolved   Condition = "resolved"   // ok again
)

// Handling is what people have said about an incident.
type Handling string

// The handlings.
const (
	New          Handling = "new"
	Acknowledged Handling = "acknowledged"
	Accepted     Handling = "accepted" // this is how the API answers from now on
	Rejected     Handling = "rejected"
)

// An Incident is one provider change, from first seen to resolved, over all
// operations it touches.
type Incident struct {
	ID        string             `json:"id"` // "inc_" + 16 hex digits, from its first finding and time
	API       string             `json:"api"`
	Group     string             `json:"group,omitempty"`
	Owner     string             `json:"owner,omitempty"`
	Labels    map[string]string  `json:"labels,omitempty"` // of the probe that opened it, for routes
	Title     string             `json:"title"`            // one line: "`customer` was renamed `customer_id` in 2 operations"
	Severity  contracts.Severity `json:"severity"`         // worst of its entries so far
	Condition Condition          `json:"condition"`
	Handling  Handling           `json:"handling"`
	Flapping  bool               `json:"flapping,omitempty"`
	Opened    time.Time          `json:"opened"`
	Changed   time.Time          `json:"changed"`
	Resolved  time.Time          `json:"resolved,omitzero"`
	Entries   []Entry            `json:"entries"`
	Timeline  []Event            `json:"timeline"`           // oldest first, bounded
	Channels  []string           `json:"channels,omitempty"` // that were told; they hear of the end as well
	Muted     Muting             `json:"muted,omitzero"`     // why it is not told now
	Heard     Heard              `json:"heard,omitzero"`     // what those who are told of it believe
	Shifted   time.Time          `json:"shifted,omitzero"`   // when it last got worse or different
	Alarmed   time.Time          `json:"alarmed,omitzero"`   // from when its reminders count
	Reminded  int                `json:"reminded,omitempty"` // reminders that were due so far
	ByHand    bool               `json:"by_hand,omitempty"`  // somebody said that it is over; the probes may see it still
	Requests  []PullRequest      `json:"requests,omitempty"` // that would make contracts follow it, oldest first
	Sum       *Sum               `json:"sum,omitempty"`      // of a bulletin: what it sums up
	Due       time.Time          `json:"due,omitzero"`       // when time alone will change it; zero: never
	Version   uint64             `json:"version"`            // grows by one with each commit; stale writes are refused
}

// An Entry is one finding of an incident and how long it has held.
type Entry struct {
	Finding contracts.Finding `json:"finding"`
	Probe   string            `json:"probe"`
	Since   time.Time         `json:"since"`
	Ended   time.Time         `json:"ended,omitzero"`   // zero while it holds
	Fading  bool              `json:"fading,omitempty"` // the last answers did not show it; too few of them to call it over
}

// Open reports whether the incident is not over.
func (i Incident) Open() bool { return i.Condition != Resolved }

// An Event is one line of an incident's timeline.
type Event struct {
	At    time.Time      `json:"at"`
	Kind  TransitionKind `json:"kind"`
	Actor string         `json:"actor"` // "shapewatch" or a person
	Text  string         `json:"text"`
}

// TransitionKind is what happened to an incident; each is told once.
type TransitionKind string

// The kinds of transition.
const (
	Opened    TransitionKind = "opened"
	Worsened  TransitionKind = "worsened" // severity rose
	Updated   TransitionKind = "updated"  // another finding joined, or one moved on
	Closed    TransitionKind = "resolved"
	Reopened  TransitionKind = "reopened"
	Noted     TransitionKind = "noted"     // additive: told and accepted at once, nothing to do
	Flapped   TransitionKind = "flapping"  // comes and goes too often; told once, then only when steady
	Steadied  TransitionKind = "steady"    // was flapping and now holds; when it is over instead, that is Closed
	Reminded  TransitionKind = "reminder"  // still there, and nobody has said that they know
	Unmuted   TransitionKind = "unmuted"   // may be told again, and still holds
	Handled   TransitionKind = "handled"   // a person acknowledged, accepted or rejected it
	Requested TransitionKind = "requested" // its pull request was opened, updated, merged or closed
	Summed    TransitionKind = "summary"   // of a [Bulletin]: many incidents in one message
)

// A Transition is one step in the life of an incident.
type Transition struct {
	Incident string         `json:"incident"`
	Kind     TransitionKind `json:"kind"`
	Version  uint64         `json:"version"` // of the incident after the step
	At       time.Time      `json:"at"`
	Reason   string         `json:"reason"` // why you get this, in words
}

// An Outcome is all that one check decided. The store commits it whole, in one
// transaction, or not at all.
type Outcome struct {
	Claim      probes.Claim
	Next       time.Time // when the probe is due again
	Check      contracts.Check
	Baseline   []byte              // encoded contracts.Baseline; nil leaves it as it is, else the lessons before it are over
	Lesson     []byte              // encoded, joins the lessons that follow the baseline; nil when there is none
	Parts      []contracts.Part    // of the baseline, new or (with nil bytes) no more
	Moves      uint64              // as recalled: ErrConflict when the baseline was moved by somebody meanwhile
	Listens    bool                // of a source: arrivals that wait leave it due
	Arrivals   []uint64            // numbers of the webhooks that this outcome accounts for
	Runs       []string            // IDs of workflow runs that this outcome accounts for
	Published  *probes.Publication // what is to be remembered of a published document; nil leaves it as it is
	Ledger     []byte              // encoded reconcile.Ledger; nil leaves it as it is
	Incidents  []Incident          // new and changed; Version is one above what was recalled
	Deliveries []Delivery          // new outbox rows; the store gives them their ID
}

// A Memory is what is remembered of a probe when it is checked.
type Memory struct {
	Edition              // of the baseline
	Same      bool       // it is the edition that was asked beside, and Baseline and Lessons are left out
	Baseline  []byte     // encoded; nil at first
	Lessons   [][]byte   // that follow it, oldest first: contracts.Restore takes both
	Incidents []Incident // of the same API: open, or resolved in the last 7 days
	Silences  []Silence  // that have not ended
}

// An Edition tells one state of a probe's baseline from any other: nothing but
// outcomes and moves changes it.
type Edition struct {
	Checks uint64 // outcomes committed so far
	Moves  uint64 // how often somebody moved the baseline outside of a check
}

// Next is the edition that the next outcome makes.
func (e Edition) Next() Edition { return Edition{e.Checks + 1, e.Moves} }

// A Delivery is one row of the outbox: tell this channel about this step.
type Delivery struct {
	ID         uint64             `json:"id"` // grows; order of telling per channel and incident
	Channel    string             `json:"channel"`
	Incident   string             `json:"incident"`
	Transition Transition         `json:"transition"`
	Severity   contracts.Severity `json:"severity"`
	Created    time.Time          `json:"created"`
	NotBefore  time.Time          `json:"not_before"` // earliest next attempt
	Attempts   int                `json:"attempts"`
	LastError  string             `json:"last_error,omitempty"`
	Dead       bool               `json:"dead,omitempty"`   // given up; shown, never silently dropped
	Digest     bool               `json:"digest,omitempty"` // waits for the daily digest; what comes after it need not wait for it
}

// A Receipt is where a channel put an incident, so that the next step updates
// it in place.
type Receipt struct {
	Channel  string `json:"channel"`
	Incident string `json:"incident"`
	Ref      string `json:"ref"`                // opaque to all but the notifier: Slack's "C042/1712.0001"
	Version  uint64 `json:"version"`            // of the incident as last told
	Bulletin string `json:"bulletin,omitempty"` // that it was told in, with many others; then Ref may be empty
}

// A Notice is all that a notifier gets to tell one step.
type Notice struct {
	Incident   Incident
	Transition Transition
	Receipt    Receipt // zero Ref at first
	Link       string  // the incident's page; empty when the page has no public URL
	Plain      bool    // as plain and short as can be: the channel has refused it otherwise
	Mention    string  // who is to be called, in the channel's own notation, from the configuration; empty for nobody
	Proposal   string  // the edit of the contract that would accept it, as a diff; empty when there is none
}

// A Notifier carries an incident somewhere. It may also have a method
// Pace() time.Duration, the least distance of two steps, and Each() bool, which
// says that it wants no summaries; see [Adopter] for what else it may do.
type Notifier interface {
	// Channel is the name used in routes and on the page: "slack:#api-drift".
	Channel() string
	// Notify tells one step. It returns where the channel put it; errors are
	// [*DeliveryError], anything else counts as worth retrying.
	Notify(ctx context.Context, notice Notice) (Receipt, error)
}

// A DeliveryError says what to do about a failed delivery.
type DeliveryError struct {
	Err        error
	Permanent  bool          // retrying cannot help: dead-letter it and show it
	RetryAfter time.Duration // what the channel asked for; 0 means back off
	Degrade    bool          // the content was refused: tell it again, as plain as can be
	Repost     bool          // what was to be updated is gone: tell it anew
}

func (e *DeliveryError) Error() string { return e.Err.Error() }
func (e *DeliveryError) Unwrap() error { return e.Err }

// An Outbox hands out deliveries and takes back what became of them.
type Outbox interface {
	// TakeDeliveries leases up to max deliveries that are due at now, at most
	// one per channel and incident, in order of ID; a lease ends by itself.
	TakeDeliveries(ctx context.Context, now time.Time, max int, lease time.Duration) ([]Delivery, error)
	// Notice reads what a notifier needs to tell a delivery.
	Notice(ctx context.Context, d Delivery) (Notice, error)
	// SettleDelivery removes a told delivery and keeps its receipt.
	SettleDelivery(ctx context.Context, d Delivery, r Receipt) error
	// Rule keeps a ruling whole or not at all: for rows that are told together,
	// or given up and told elsewhere.
	Rule(ctx context.Context, ruling Ruling) error
	// PostponeDelivery keeps a delivery for later (or as dead) with its new
	// Attempts, NotBefore, LastError and Dead.
	PostponeDelivery(ctx context.Context, d Delivery) error
}

// OutboxHealth says whether what should be told is being told.
type OutboxHealth struct {
	Waiting   int       `json:"waiting"`
	Dead      int       `json:"dead"`
	Oldest    time.Time `json:"oldest,omitzero"` // Created of the oldest waiting delivery
	LastError string    `json:"last_error,omitempty"`
}

// Errors of anything that keeps incidents.
var (
	ErrNotFound = errors.New("not found")                // no such incident, probe or delivery
	ErrConflict = errors.New("changed by somebody else") // stale Incident.Version or Claim.Epoch
	ErrUnfit    = errors.New("makes no sense here")      // an act on an incident that it does not fit
)
