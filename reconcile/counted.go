package reconcile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Numbers are what is known of a comparison that somebody else made: how many
// rows each side had, and how many differed for longer than they may be on
// their way.
type Numbers struct {
	Left         int64            `json:"left"`
	Right        int64            `json:"right"`
	MissingLeft  int64            `json:"missing_left"`
	MissingRight int64            `json:"missing_right"`
	Differing    map[string]int64 `json:"differing"` // by field; a row counts under one of them
}

// Counted is a comparison of which only numbers are known, made at a time. A
// number does not say which rows it counts, so all of them count at once. The
// error is a field that is not compared, or a number below zero.
func (r *Reconciliation) Counted(n Numbers, at time.Time) (seen Result, err error) {
	seen = Result{Left: Tally{Rows: n.Left}, Right: Tally{Rows: n.Right}, Looked: Buckets}
	ripe := at.Add(-r.Allowed())
	seen.Seen = Counts{MissingLeft: n.MissingLeft, MissingRight: n.MissingRight}
	seen.count(MissingLeft, nil, n.MissingLeft, ripe)
	seen.count(MissingRight, nil, n.MissingRight, ripe)
	least := min(n.Left, n.Right, n.MissingLeft, n.MissingRight)
	for i, f := range r.Fields {
		rows := n.Differing[f.Name]
		seen.Fields = append(seen.Fields, FieldTally{Name: f.Name, Differ: rows})
		seen.Seen.Differing += rows
		seen.count(Differs, []int{i}, rows, ripe)
		least = min(least, rows)
	}
	if least < 0 {
		return seen, errors.New("a number of rows below zero")
	}
	for _, name := range slices.Sorted(maps.Keys(n.Differing)) {
		if !slices.ContainsFunc(r.Fields, func(f Field) bool { return f.Name == name }) {
			return seen, fmt.Errorf("%q is none of the fields that are compared", name)
		}
	}
	return seen, nil
}

// count adds rows that differ in one way. They have names of their own, so that
// as many of a later run are taken for the same.
func (s *Result) count(how How, fields []int, rows int64, changed time.Time) {
	for i := int64(0); i < rows && len(s.Differences) < maxTracked; i++ {
		s.Differences = append(s.Differences, Difference{Name: fmt.Sprint(how, fields, i), How: how, Fields: fields, Changed: changed})
	}
}
