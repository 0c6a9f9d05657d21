package alerting

import (
	"context"
	"time"

	"shapewatch/contracts"
)

// ActKind is what a person does about an incident or a silence.
type ActKind string

// The kinds of act.
const (
	Acknowledge ActKind = "acknowledge" // "I am on it": no more reminders
	Accept      ActKind = "accept"      // "this is how the API answers from now on": the baseline moves, the contract follows
	Reject      ActKind = "reject"      // "this is not what we agreed": stays open, is told to the vendor, never learned
	Resolve     ActKind = "resolve"     // "over, whatever the probes say"
	Hush        ActKind = "silence"     // a silence begins
	Unhush      ActKind = "unsilence"   // a silence ends before its time
	SendAgain   ActKind = "send"        // events that were not handed on are tried anew
	Discard     ActKind = "drop"        // events that were not handed on are forgotten
)

// An Act is one thing a person did, kept for ever in the audit trail.
type Act struct {
	Kind     ActKind   `json:"act"`
	Incident string    `json:"incident,omitempty"` // its ID; empty for acts on silences
	Silence  string    `json:"silence,omitempty"`  // its ID; empty for acts on incidents
	Source   string    `json:"source,omitempty"`   // of events that were not handed on: its name
	Events   int       `json:"events,omitempty"`   // of these, how many
	Actor    string    `json:"actor"`              // who: "ada", "U024BE7LH", "token ci"
	Through  string    `json:"through"`            // by what: "page", "slack", "command", "api"
	At       time.Time `json:"at"`
	Reason   string    `json:"reason,omitempty"`
}

// A Matcher says what a silence or a route is about. An empty field matches
// everything; what is given must all match.
type Matcher struct {
	API       string              `json:"api,omitempty"` // a name, or a pattern with * and ?
	Group     string              `json:"group,omitempty"`
	Owner     string              `json:"owner,omitempty"`
	Operation string              `json:"operation,omitempty"`
	Kind      string              `json:"kind,omitempty"` // a detector's name
	Incident  string              `json:"incident,omitempty"`
	Labels    map[string]string   `json:"labels,omitempty"`
	Below     *contracts.Severity `json:"below,omitempty"` // only incidents less severe than this
}

// A Silence hushes incidents: they are kept and shown, and not told.
type Silence struct {
	ID          string    `json:"id"` // "sil_" + 16 hex digits
	Matcher     Matcher   `json:"matcher"`
	From        time.Time `json:"from"`
	Until       time.Time `json:"until,omitzero"`         // zero only together with UntilChange
	UntilChange bool      `json:"until_change,omitempty"` // ends by itself when what it hushes gets worse or different
	Actor       string    `json:"actor"`
	Through     string    `json:"through"`
	Reason      string    `json:"reason,omitempty"`
	Ended       time.Time `json:"ended,omitzero"` // when it was over, by itself or by a person
}

// A Desk takes what people say and answers what they ask about it. The page,
// Slack's buttons and the commands all act through one.
type Desk interface {
	// Act carries out an act on an incident and returns the incident after it.
	// ErrNotFound when there is none; an error that says why when the act makes
	// no sense there (accepting what is over, say).
	Act(ctx context.Context, act Act) (Incident, error)
	// Silence begins a silence, giving it its ID and From.
	Silence(ctx context.Context, s Silence) (Silence, error)
	// Unsilence ends one; act says who and why. ErrNotFound when there is none.
	Unsilence(ctx context.Context, id string, act Act) error
	// Silences are those in force and those ended in the last 7 days, newest first.
	Silences(ctx context.Context) ([]Silence, error)
	// Audit returns up to max acts, newest first; incident "" means all.
	Audit(ctx context.Context, incident string, max int) ([]Act, error)
}
