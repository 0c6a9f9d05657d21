// Package reconcile compares two sides that should hold the same things: the
// orders of a shop and those of its warehouse, the invoices of a vendor and the
// rows of our own database. Every call between them may answer 200 and they
// still do not agree.
//
// A [Reconciliation] says what the sides must agree on: the key by which rows
// belong together, the fields that must be equal, and by which [Rule] two texts
// mean the same. A [Side] hands over its rows, in any order. [Reconciliation.Compare]
// brings both into the order of their keys and walks through them side by side,
// in bounded memory however many there are: what does not fit lies sorted in
// files that have no name and are enciphered with a key that is nowhere else.
//
// A side that can sum itself up, a [Summing] one, is asked for the digests of
// [Buckets] buckets of keys first; rows are read only from buckets that differ.
//
// A difference counts when it is still there after the lag that is allowed. The
// [Ledger] is what is remembered for that from run to run, with the counts of
// earlier runs, which show whether the sides drift apart.
//
// The package asks nobody and reads no clock; time comes in as an argument.
// What it keeps and tells of values is stated at each type.
package reconcile

import (
	"context"
	"time"
)

// A Reconciliation says what two sides must agree on.
type Reconciliation struct {
	Left, Right string  // what the sides are called: "shop", "warehouse"
	Keys        []Field // together the key of a row; at least one
	Fields      []Field // what must be equal
	Updated     *Field  // when a row was last changed; nil when no side says
	Lag         time.Duration
	Sample      float64 // share of the keys that a run looks at, another one each time; 0 or 1 for all
	Direct      bool    // rows are read even where digests could be asked for
	Tolerate    int64   // differences that are not told
	Memory      int     // bytes of rows held per side before they go to a file; 0 means [DefaultMemory]
}

// A Field is one thing that both sides say of a row.
type Field struct {
	Name        string // as people are told
	Left, Right string // where each side has it: a column, or a JSON Pointer
	Rule        Rule
}

// Bounds of a comparison.
const (
	DefaultLag    = 5 * time.Minute
	DefaultMemory = 8 << 20
	maxTracked    = 10_000 // differences followed one by one, the same ones in each run
	maxCell       = 1 << 20
)

// columns are the fields in the order of a row's cells: keys, fields, updated.
func (r *Reconciliation) columns() (all []Field) {
	all = append(append(all, r.Keys...), r.Fields...)
	if r.Updated != nil {
		all = append(all, *r.Updated)
	}
	return all
}

// Columns are where one side has its cells, in the order of a row's: keys,
// fields and, when there is one, the time of the last change.
func (r *Reconciliation) Columns(right bool) (names []string) {
	for _, f := range r.columns() {
		if right {
			names = append(names, f.Right)
		} else {
			names = append(names, f.Left)
		}
	}
	return names
}

// Rules are the rules of the columns, in the same order.
func (r *Reconciliation) Rules() (rules []Rule) {
	for _, f := range r.columns() {
		rules = append(rules, f.Rule)
	}
	return rules
}

// A Cell is one value as a side has it, in text: numbers as they are written,
// times in any usual form, objects and lists as JSON.
type Cell struct {
	Text  string
	State State
}

// A State tells a text from what is not there.
type State uint8

// The states of a cell.
const (
	There State = iota
	Null
	Missing
)

// A Side is where rows come from.
type Side interface {
	// Rows hands over each row of a part once, in any order; a nil part is all
	// of them. The cells are in the order of [Reconciliation.Columns] and belong
	// to the caller only until yield returns. An error of yield ends it.
	Rows(ctx context.Context, part *Part, yield func(cells []Cell) error) error
	// Read is how many bytes were read of the side so far.
	Read() int64
}

// A Summing side can sum up its rows where they are, without handing them over.
type Summing interface {
	Side
	// Sums returns the digest of each bucket of the part. False means that it
	// cannot, for these rules.
	Sums(ctx context.Context, part *Part) (sums *Sums, able bool, err error)
}

// A Partial side has some of the rows only, such as those of which it was told
// lately. That it lacks one is a difference only when it says so.
type Partial interface {
	Side
	// Lacks reports whether the row of a key, in the text of [AppendKey], should
	// be there and is not; changed is when the other side last changed it, zero
	// when it does not say. It is asked after the rows were handed over.
	Lacks(key []byte, changed time.Time) bool
}
