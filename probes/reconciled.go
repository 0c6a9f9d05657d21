package probes

import "time"

// A Reconciled is what one comparison of two sides amounts to, once what may
// still be on its way is set apart. It holds counts and names of fields, and no
// value and no key of a row.
type Reconciled struct {
	Left      string `json:"left"`
	Right     string `json:"right"` // what the sides are called
	LeftRows  int64  `json:"left_rows"`
	RightRows int64  `json:"right_rows"`
	LeftRead  int64  `json:"left_read"`  // bytes
	RightRead int64  `json:"right_read"` // bytes

	Counted  Differences      `json:"counted"`            // still there after the lag that is allowed
	Pending  Differences      `json:"pending"`            // may be on their way
	AtLeast  bool             `json:"at_least,omitempty"` // there are more than are followed one by one: Counted is the least
	Lag      time.Duration    `json:"lag"`
	Tolerate int64            `json:"tolerate"` // differences that are not told
	Fields   []FieldAgreement `json:"fields"`

	Twice       int64     `json:"twice"`               // rows whose key another row of the side has
	Keyless     int64     `json:"keyless"`             // rows without a key
	Odd         int64     `json:"odd"`                 // cells that are not what their rule says
	OddField    string    `json:"odd_field,omitempty"` // where
	Partly      bool      `json:"partly,omitempty"`    // only a sample was looked at
	Looked      int       `json:"looked"`              // share of the keys whose rows were read, in percent
	LeftNewest  time.Time `json:"left_newest,omitzero"`
	RightNewest time.Time `json:"right_newest,omitzero"`

	Runs   int       `json:"runs"`             // ever, this one included
	InStep time.Time `json:"in_step,omitzero"` // the last run before this one in which nothing counted; zero for none
	Apart  Trend     `json:"apart,omitzero"`   // of the differences that count
	Behind Trend     `json:"behind,omitzero"`  // of how much older the newest row of one side is, in seconds
	Late   string    `json:"late,omitempty"`   // which side that is; empty when none is
	Repair string    `json:"repair,omitempty"` // what became of the keys that were handed over, in words; empty for nothing
}

// Differences are numbers of rows, by how they differ.
type Differences struct {
	MissingLeft  int64 `json:"missing_left"`
	MissingRight int64 `json:"missing_right"`
	Differing    int64 `json:"differing"`
}

// All is the sum.
func (d Differences) All() int64 { return d.MissingLeft + d.MissingRight + d.Differing }

// A FieldAgreement is how one field agrees.
type FieldAgreement struct {
	Name    string `json:"name,omitempty"`
	Counted int64  `json:"counted"` // rows in which it counts as differing

	// Stopped is the day of the first rows from which on it does not agree;
	// zero when the rows show none.
	Stopped time.Time `json:"stopped,omitzero"`
	Before  Share     `json:"before,omitzero"`
	Then    Share     `json:"then,omitzero"` // of rows last changed before that day, and from it on, those that differ
}

// A Share is so many of so many.
type Share struct {
	Of     int64 `json:"of"`
	Differ int64 `json:"differ"`
}

// A Trend is how a number went over the last runs.
type Trend struct {
	Runs    int     `json:"runs"` // that it is read from; 0 when there are too few
	From    float64 `json:"from"` // at their begin, and now
	To      float64 `json:"to"`
	Usual   float64 `json:"usual"`           // the median before this run
	PerHour float64 `json:"per_hour"`        // what it grows by, by the median of all slopes
	Rises   bool    `json:"rises,omitempty"` // beyond chance
}
