package probes

import "time"

// A Reconciled is what one comparison of two sides amounts to, once what may
// still be on its way is set apart. It holds counts and names of fields, and no
// value and no key of a row.
type Reconciled struct {
	Left, Right string // what the sides are called
	LeftRows    int64
	RightRows   int64
	LeftRead    int64 // bytes
	RightRead   int64 // bytes

	Counted  Differences // still there after the lag that is allowed
	Pending  Differences // may be on their way
	AtLeast  bool        // there are more than are followed one by one: Counted is the least
	Lag      time.Duration
	Tolerate int64 // differences that are not told
	Fields   []FieldAgreement

	Twice       int64  // rows whose key another row of the side has
	Keyless     int64  // rows without a key
	Odd         int64  // cells that are not what their rule says
	OddField    string // where
	Partly      bool   // only a sample was looked at
	Looked      int    // share of the keys whose rows were read, in percent
	LeftNewest  time.Time
	RightNewest time.Time

	Runs   int       // ever, this one included
	InStep time.Time // the last run before this one in which nothing counted; zero for none
	Apart  Trend     // of the differences that count
	Behind Trend     // of how much older the newest row of one side is, in seconds
	Late   string    // which side that is; empty when none is
	Repair string    // what became of the keys that were handed over, in words; empty for nothing
}

// Differences are numbers of rows, by how they differ.
type Differences struct{ MissingLeft, MissingRight, Differing int64 }

// All is the sum.
func (d Differences) All() int64 { return d.MissingLeft + d.MissingRight + d.Differing }

// A FieldAgreement is how one field agrees.
type FieldAgreement struct {
	Name    string
	Counted int64 // rows in which it counts as differing

	// Stopped is the day of the first rows from which on it does not agree;
	// zero when the rows show none.
	Stopped      time.Time
	Before, Then Share // of rows last changed before that day, and from it on, those that differ
}

// A Share is so many of so many.
type Share struct{ Of, Differ int64 }

// A Trend is how a number went over the last runs.
type Trend struct {
	Runs    int     // that it is read from; 0 when there are too few
	From    float64 // at their begin, and now
	To      float64
	Usual   float64 // the median before this run
	PerHour float64 // what it grows by, by the median of all slopes
	Rises   bool    // beyond chance
}
