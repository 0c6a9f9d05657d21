// Package contracts knows. It is the core of shapewatch and it is pure: no
// clock, no network, no disk, no log; time and randomness come in as
// arguments or not at all.
//
// [Observe] turns a sample into an [Observation]: its shape and its signals.
// [Compare] runs [Detector] values over an observation, the [Contract] and
// the [Baseline] and returns candidate findings. [Weigh] adds each candidate
// to the evidence of the checks before it and says in a [Verdict] what is
// confirmed, what is only suspected and what has cleared, under a stated
// budget of false alarms. [Baseline.Learn] remembers an observation that
// deserves it.
//
// Nothing here compares one response with another: everything is judged by
// evidence against what was learned.
package contracts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

// Severity is what a finding does to you.
type Severity uint8

// The severities, mildest first.
const (
	Info     Severity = iota // good to know: a new field, a digest line
	Warning                  // may hurt soon: an enum grew, a limit shrank
	Breaking                 // an integration that relies on it breaks
)

var severityNames = [...]string{"info", "warning", "breaking"}

// String returns "info", "warning" or "breaking".
func (s Severity) String() string { return severityNames[min(int(s), len(severityNames)-1)] }

// MarshalText writes the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity's name.
func (s *Severity) UnmarshalText(text []byte) error {
	for i, name := range severityNames {
		if name == string(text) {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("severity %q: want info, warning or breaking", text)
}

// A Finding is one difference between what was learned or agreed and what an
// API answers now.
type Finding struct {
	API       string   `json:"api"`
	Operation string   `json:"operation"`
	Path      string   `json:"path"` // "/data/[]/amount", "header:x-ratelimit-limit", or "" for the whole response
	Kind      string   `json:"kind"` // the detector's name: "field-removed"
	Severity  Severity `json:"severity"`
	Usual     string   `json:"usual,omitempty"` // the severity for those who said nothing of it; "" when it is the same
	Was       string   `json:"was"`             // in words, never a private value: "integer, in all of 412 answers"
	Now       string   `json:"now"`
	Evidence  Evidence `json:"evidence"`
	Cause     string   `json:"cause,omitempty"` // what ties findings together: "`customer` was renamed `customer_id`"
}

// Fingerprint identifies a finding over time: API, operation, path and kind,
// no values. Further movement of the same fact keeps its fingerprint.
func (f Finding) Fingerprint() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{"v1", f.API, f.Operation, f.Path, f.Kind}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// Evidence is the numbers behind a finding: how often it was so before, how
// often since. A detector fills the first four for one sample; [Weigh] keeps
// the rest over the run of samples that deviate.
type Evidence struct {
	WasSeen uint64 `json:"was_seen"` // baseline: in WasSeen …
	WasOf   uint64 `json:"was_of"`   // … of WasOf trials (probes, or entities where they are told apart)
	NowSeen uint64 `json:"now_seen"` // since it began: in NowSeen …
	NowOf   uint64 `json:"now_of"`   // … of NowOf trials

	WasSince time.Time `json:"was_since,omitzero"` // first sample of the baseline
	Since    time.Time `json:"since,omitzero"`     // first sample that deviated
	Checks   int       `json:"checks"`             // samples that deviated since then
	Of       int       `json:"of"`                 // samples judged since then
	Reprobes int       `json:"reprobes"`           // of these, quick confirmations
	Told     bool      `json:"told,omitempty"`     // the provider itself said so: needs no confirmation

	Variant *VariantRef `json:"variant,omitempty"` // the variant of a tagged union that it is about; nil for all objects

	// Filled by Compare for Weigh, empty in a Verdict.
	Rule   Rule    `json:"-"` // how to weigh it, from the detector
	Fresh  float64 `json:"-"` // share of the list's entities that no earlier answer had; 1 without ids
	Census Census  `json:"-"` // whom it is about
	Passes bool    `json:"-"` // a trouble that tends to pass by itself: its coming back is no change
}

// A VariantRef names a variant of a tagged union: the objects at a path whose
// tag has a value.
type VariantRef struct {
	Path string `json:"path"`
	Tag  string `json:"tag"`
	Hash uint64 `json:"hash"` // of the value
}

// A Detector notices one way in which an answer can depart from what was
// learned or agreed. It is data: a file with one of these, its fixtures, and
// one line in detectors.All.
type Detector struct {
	Name     string   // kebab-case; it is the Kind of its findings, and its key in the configuration
	Doc      string   // Markdown: first line is the title; then what it means for you, an example, how it decides, how to tune it
	Severity Severity // default; a policy may override it
	Rule     Rule     // how its findings are weighed
	// Absorbs says that a finding of this detector stands for every fresh
	// finding of the detectors before it: one message instead of forty.
	Absorbs bool
	// Always says that the detector also looks at samples that are not valid
	// (unreachable, wrong status …). All others see valid samples only.
	Always bool
	// Detect judges one observation. It is pure, bounded and never panics; it
	// leaves API, Kind and, where it is the probe's, Operation to Compare, and
	// Since, Checks … to Weigh. A
	// Severity it leaves at Info is replaced by the detector's default unless
	// the default is Info.
	Detect func(*Comparison) []Finding
}

// A Comparison is all that a detector may look at.
type Comparison struct {
	Contract    *Contract    // what was agreed; nil when no contract is named
	Baseline    *Baseline    // what was learned; never contains Observation
	Observation *Observation // what was answered now
	Policy      Policy       // what the user wants judged, and how strictly

	Found []Finding // by the detectors before this one, complete; filled by Compare

	both    []Pair       // fields that both have, paired once
	lists   []shape.List // of the observation, read when needed
	strange int          // paths that only the observation has
}

// An Observation is a sample understood: what it says, and in what shape.
type Observation struct {
	At      time.Time
	Class   probes.Class
	Problem string       // one sentence when Class is not Valid
	Shape   *shape.Shape // one probe's shape; nil unless Class is Valid
	Signals Signals
	Reprobe bool           // a quick confirmation, not a scheduled check
	Lacks   []string       // paths that a partial answer says it lacks
	Schema  *probes.Schema // of a GraphQL API that was asked for it; nil else
	Paged   *probes.Paged  // of a list that was read page by page; nil for one answer
	Inflow  *probes.Inflow // of a source of webhooks; nil where we ask
	Job     *probes.Job    // of a heartbeat; nil where we ask
	Run     *probes.Run    // of a workflow; nil for a plain request

	Reconciled  *probes.Reconciled  // of a reconciliation; nil for a plain request
	Publication *probes.Publication // of a published document; nil for all else

	fields  view     // of Shape, read once
	beats   []pulse  // what it shows of all that may move, read once
	strides []stride // how far its sequences have moved in the hour that is over with it
}

// A Policy is the user's word on judging one probe.
type Policy struct {
	API, Operation string
	Ignore         []Ignore            // facts that are never reported
	Severity       map[string]Severity // by detector name
	Off            map[string]bool     // detectors that do not run
	Sensitivity    Sensitivity
	Known          []Finding  // mismatches with the contract that people wrote down as known; nil means that nothing is written
	Uses           []string   // paths you read, exact or prefix; empty means unknown: all matter
	View           shape.View // what is a map and what is none, where the user says so
	Streams        int        // facts watched over all probes of the API, for the alarm budget; 0 means a typical probe's
	OneOf          bool       // an answer holds one of the top-level keys, whichever: an event under its type
	Checks         int        // of the probe in a month, for the same; 0 means one in five minutes
}

// An Ignore silences findings by path, by detector, or by both.
type Ignore struct {
	Path string // "/metadata" covers itself and everything below; "" matches every path
	Kind string // "" matches every detector
}

// Sensitivity says how much evidence an alarm needs.
type Sensitivity string

// The sensitivities. Calm is the default.
const (
	Calm     Sensitivity = "calm"     // alarm budget over a month, confirmation by re-probing
	Alert    Sensitivity = "alert"    // ten times the budget
	Snapshot Sensitivity = "snapshot" // few samples, months apart: first sight in a settled place counts
)

// A Verdict is what the evidence says after one more observation.
type Verdict struct {
	Confirmed []Finding // held now: alarm-worthy, with evidence; repeated at every check while they last
	Suspected []Finding // not enough evidence yet; worth a quick re-probe
	Ask       bool      // whether another look would tell more of a suspicion
	Looks     int       // re-probes that it has had since it showed, the least of all that Ask is about
	Fading    []string  // fingerprints of the confirmed that the last answers did not show
	Cleared   []string  // fingerprints that were confirmed and are over
	Learned   bool      // the observation may teach the baseline
}

// A Check is the record of one firing of a probe, small enough to keep many.
type Check struct {
	Probe     string        `json:"probe"`
	At        time.Time     `json:"at"`
	Class     probes.Class  `json:"class"`
	Problem   string        `json:"problem,omitempty"`
	Status    int           `json:"status"`
	Latency   time.Duration `json:"latency"` // nanoseconds
	Bytes     int64         `json:"bytes"`
	Items     int64         `json:"items"` // length of the main list; -1 when there is none
	Confirmed int           `json:"confirmed"`
	Suspected int           `json:"suspected"`
	Worst     Severity      `json:"worst"` // of the confirmed findings; meaningless when there are none
	Reprobe   bool          `json:"reprobe,omitempty"`
	Terms     Terms         `json:"terms,omitzero"`
}

// An Hour sums up the checks of one probe in one clock hour (UTC).
type Hour struct {
	Probe    string        `json:"probe"`
	Start    time.Time     `json:"start"`
	Checks   int           `json:"checks"`
	Failed   int           `json:"failed"`  // not valid
	Drifted  int           `json:"drifted"` // valid, with a confirmed finding above info
	Worst    Severity      `json:"worst"`
	Answered int           `json:"answered"`  // by the vendor, with whatever
	Latency  time.Duration `json:"latency"`   // mean of answered checks, nanoseconds
	Slowest  time.Duration `json:"slowest"`   // of answered checks
	MinItems int64         `json:"min_items"` // of valid answers with a main list; -1 when there is none
	MaxItems int64         `json:"max_items"`
	Bytes    int64         `json:"bytes,omitempty"`  // mean of valid answers
	Valid    int           `json:"valid,omitempty"`  // answers that Bytes is the mean of
	Limit    int64         `json:"limit,omitempty"`  // rate limit as last stated; 0 when none was
	Least    int64         `json:"least,omitempty"`  // least that remained of Limit
	OldestBy time.Duration `json:"oldest,omitempty"` // how old the newest time in an answer was at most, nanoseconds; 0 unknown
}

// Add counts a check into the hour.
func (h *Hour) Add(c Check) {
	if h.Checks == 0 {
		h.Probe, h.Start, h.MinItems, h.MaxItems = c.Probe, c.At.UTC().Truncate(time.Hour), -1, -1
	}
	h.Checks++
	h.measure(c)
	switch {
	case c.Class != probes.Valid:
		h.Failed++
	case c.Confirmed > 0 && c.Worst > Info:
		h.Drifted++
	}
	if c.Confirmed > 0 {
		h.Worst = max(h.Worst, c.Worst)
	}
}

// measure leaves out what says nothing of the vendor: how long we waited in
// vain, and how many items an error has.
func (h *Hour) measure(c Check) {
	if c.Class.Answered() {
		h.Latency = (h.Latency*time.Duration(h.Answered) + c.Latency) / time.Duration(h.Answered+1)
		h.Slowest = max(h.Slowest, c.Latency)
		h.Answered++
	}
	if c.Class == probes.Valid && c.Items >= 0 {
		if h.MinItems < 0 || c.Items < h.MinItems {
			h.MinItems = c.Items
		}
		h.MaxItems = max(h.MaxItems, c.Items)
	}
	if c.Class == probes.Valid {
		h.Bytes = (h.Bytes*int64(h.Valid) + c.Bytes) / int64(h.Valid+1)
		h.Valid++
		h.measureTerms(c)
	}
}

func (h *Hour) measureTerms(c Check) {
	if t := c.Terms; t.Limit > 0 {
		if h.Limit == 0 || t.Remaining < h.Least {
			h.Least = t.Remaining
		}
		h.Limit = t.Limit
	}
	if age := c.At.Sub(c.Terms.Newest); !c.Terms.Newest.IsZero() && age > 0 {
		h.OldestBy = max(h.OldestBy, age)
	}
}
