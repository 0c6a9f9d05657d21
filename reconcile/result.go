package reconcile

import "time"

// A Result is what one comparison saw, before anything is known of lag.
type Result struct {
	Left, Right Tally
	Compared    int64        // keys that both sides have, of the rows that were read
	Differences []Difference // at most 10,000, the same ones in each run as long as they last
	Seen        Counts       // of all differences
	Fields      []FieldTally // in the order of the reconciliation's
	Looked      int          // buckets that were read, of [Buckets]
	Sampled     *Part        // what a sample looked at; nil for all keys
}

// A Tally is one side as it was seen.
type Tally struct {
	Rows     int64     // that the side has, or that were read of it
	Read     int64     // bytes
	Twice    int64     // rows whose key another one has too; the first counts
	Keyless  int64     // rows with no value in any column of the key; they are not compared
	Odd      int64     // cells that are not of their rule's kind
	Newest   time.Time // of the last changes; zero when unknown
	OddField string    // one of those fields
}

// Counts are how many rows differ, by how.
type Counts struct{ MissingLeft, MissingRight, Differing int64 }

// All is the sum.
func (c Counts) All() int64 { return c.MissingLeft + c.MissingRight + c.Differing }

// A FieldTally is how one field agrees.
type FieldTally struct {
	Name   string
	Differ int64
	Days   map[int32]*Day // by the day of the row's last change, days since 1970; nil when no column says
}

// A Day counts rows that were last changed on it.
type Day struct{ Agree, Differ int64 }

// A Difference is one key on which the sides do not agree. Its texts are
// private: what is told outside is its Name.
type Difference struct {
	Key     []Cell // canonical
	Raw     []Cell // as the side that has the row writes it
	Name    string // "#3f9c0a7b", the same in each run
	How     How
	Fields  []int     // of the reconciliation, that differ
	Left    []Cell    // canonical, of those fields; nil when the row is missing there
	Right   []Cell    //
	Changed time.Time // the later of the two last changes; zero when unknown

	order uint64
}

// bucket is the one that the key is in.
func (d *Difference) bucket() int { return int(d.order >> (64 - bucketBits)) }

// How is the way in which a key differs.
type How string

// The ways.
const (
	MissingLeft  How = "missing-left"
	MissingRight How = "missing-right"
	Differs      How = "differs"
)
