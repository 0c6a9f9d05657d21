package reconcile

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

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

// Compare walks through both sides. Run counts the runs, so that each sample is
// of other keys. What it returns may be used when there is no error.
func (r *Reconciliation) Compare(ctx context.Context, left, right Side, run int) (Result, error) {
	c := &comparison{Reconciliation: r, rules: r.Rules(), columns: r.columns(), sides: [2]Side{left, right}}
	defer c.close()
	c.begin(run)
	if err := c.gather(ctx); err != nil {
		return Result{}, err
	}
	if err := c.walk(ctx); err != nil {
		return Result{}, err
	}
	return c.finish(), nil
}

// A comparison is one on its way.
type comparison struct {
	*Reconciliation
	rules   []Rule
	columns []Field
	sides   [2]Side
	sorters [2]*sorter
	sums    [2]*Sums
	part    *Part   // that is looked at; nil for all
	local   [2]bool // read whole to be summed up here
	result  Result
	tracked tracked

	key, row, rest []byte // reused
	cells          []Cell
}

func (c *comparison) begin(run int) {
	limit := c.Memory
	if limit == 0 {
		limit = DefaultMemory
	}
	c.sorters = [2]*sorter{newSorter(limit), newSorter(limit)}
	for _, f := range c.Reconciliation.Fields {
		t := FieldTally{Name: f.Name}
		if c.Updated != nil {
			t.Days = map[int32]*Day{}
		}
		c.result.Fields = append(c.result.Fields, t)
	}
	if c.Sample > 0 && c.Sample < 1 {
		c.part = sampled(c.Sample, run)
		c.result.Sampled = c.part
	}
}

// sampled is the part that a run looks at: after enough runs, every bucket was
// looked at once.
func sampled(share float64, run int) *Part {
	size := max(1, int(math.Round(share*Buckets)))
	var part Part
	for i := range size {
		part.Add((run*size + i) % Buckets)
	}
	return &part
}

func (c *comparison) close() {
	for _, s := range c.sorters {
		if s != nil {
			_ = s.close() // nothing of it is needed any more
		}
	}
}

// gather brings rows into order: those of buckets that differ, when a side can
// sum itself up, else all.
func (c *comparison) gather(ctx context.Context) error {
	summed, err := c.sum(ctx)
	if err != nil {
		return err
	}
	part := c.part
	if summed {
		part = c.sums[0].differing(c.sums[1])
	}
	c.result.Looked = part.Len()
	for i := range c.sides {
		if c.local[i] || c.result.Looked == 0 {
			continue
		}
		if err := c.load(ctx, i, part, nil); err != nil {
			return err
		}
	}
	c.part = part
	return nil
}

// outside reports whether a key is not looked at: it was read with all others
// of its side, and its bucket does not differ.
func (c *comparison) outside(side int, key []byte) bool {
	return c.local[side] && !c.part.Has(bucketOf(key))
}

// sum asks for the digests of both sides. A side that cannot sum itself up is
// read and summed up here, when the other one can; false when none can.
func (c *comparison) sum(ctx context.Context) (summed bool, err error) {
	if c.Direct {
		return false, nil
	}
	able := 0
	for i, side := range c.sides {
		if s, can := side.(Summing); can {
			sums, yes, err := s.Sums(ctx, c.part)
			switch {
			case err != nil:
				return false, c.at(i, err)
			case yes:
				c.sums[i] = sums
				able++
			}
		}
	}
	if able == 0 {
		return false, nil
	}
	for i := range c.sides {
		if c.sums[i] == nil {
			c.sums[i], c.local[i] = &Sums{}, true
			if err := c.load(ctx, i, c.part, c.sums[i]); err != nil {
				return false, err
			}
			continue
		}
		c.tally(i).Rows, c.tally(i).Newest = c.sums[i].Rows(), c.sums[i].Newest
	}
	return true, nil
}

func (c *comparison) at(side int, err error) error {
	return &SideError{[2]string{c.Reconciliation.Left, c.Reconciliation.Right}[side], err}
}

// A SideError says which side could not be read.
type SideError struct {
	Side string
	Err  error
}

func (e *SideError) Error() string { return e.Side + ": " + e.Err.Error() }
func (e *SideError) Unwrap() error { return e.Err }

func (c *comparison) tally(side int) *Tally {
	if side == 1 {
		return &c.result.Right
	}
	return &c.result.Left
}

// load reads the rows of a side into its sorter, and sums them up where sums
// are wanted.
func (c *comparison) load(ctx context.Context, side int, part *Part, sums *Sums) error {
	known := c.sums[side] != nil && sums == nil
	var n int
	err := c.sides[side].Rows(ctx, part, func(cells []Cell) error {
		if n++; n%256 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return c.take(side, cells, sums, known)
	})
	if err != nil {
		return c.at(side, err)
	}
	return nil
}

// take makes a record of a row: the canonical key, and behind it its canonical
// cells, the time of its last change and the key as it was written.
func (c *comparison) take(side int, cells []Cell, sums *Sums, known bool) error {
	if len(cells) != len(c.rules) {
		return fmt.Errorf("a row of %d cells where %d were asked for", len(cells), len(c.rules))
	}
	t := c.tally(side)
	c.canonical(side, cells, t)
	keys, fields := len(c.Keys), len(c.Reconciliation.Fields)
	c.key = c.key[:0]
	empty := true
	for _, cell := range c.cells[:keys] {
		c.key = AppendCell(c.key, cell)
		empty = empty && cell.State != There
	}
	if c.result.Sampled != nil && !c.result.Sampled.Has(bucketOf(c.key)) {
		return nil
	}
	if !known {
		t.Rows++
	}
	if sums != nil { // whoever sums up where the rows are counts those without a key too
		c.row = c.appendCells(append(c.row[:0], c.key...), c.cells[keys:keys+fields])
		sums.Of[bucketOf(c.key)].Add(hashOf(c.row))
	}
	changed := c.changed(keys+fields, t)
	if empty {
		t.Keyless++
		return nil
	}
	c.rest = binary.LittleEndian.AppendUint64(c.rest[:0], uint64(changed))
	c.rest = c.appendCells(c.rest, c.cells[keys:keys+fields])
	raw := len(c.rest)
	c.rest = c.appendCells(c.rest, cells[:keys])
	if bytes.Equal(c.rest[raw:], c.key) {
		c.rest = c.rest[:raw]
	}
	return c.sorters[side].add(c.key, c.rest)
}

func (c *comparison) appendCells(text []byte, cells []Cell) []byte {
	for _, cell := range cells {
		text = AppendCell(text, cell)
	}
	return text
}

func (c *comparison) canonical(side int, cells []Cell, t *Tally) {
	c.cells = c.cells[:0]
	for i, cell := range cells {
		if len(cell.Text) > maxCell {
			cell.Text = cell.Text[:maxCell]
		}
		canonical, ok := c.rules[i].Canonical(cell, side == 1)
		if !ok {
			t.Odd++
			t.OddField = c.columns[i].Name
		}
		c.cells = append(c.cells, canonical)
	}
}

// changed is when the row was last changed, in microseconds; 0 unknown.
func (c *comparison) changed(column int, t *Tally) int64 {
	if c.Updated == nil || c.cells[column].State != There {
		return 0
	}
	at, ok := moment(c.cells[column].Text, nil)
	if !ok {
		return 0
	}
	if at.After(t.Newest) {
		t.Newest = at
	}
	return at.UnixMicro()
}

// walk goes through both sides in the order of their keys.
func (c *comparison) walk(ctx context.Context) error {
	left, err := c.sorters[0].merge()
	if err != nil {
		return err
	}
	right, err := c.sorters[1].merge()
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		l, a, onLeft := left.head()
		r, b, onRight := right.head()
		switch {
		case !onLeft && !onRight:
			return nil
		case onLeft && c.outside(0, l):
			if err := left.advance(); err != nil {
				return err
			}
			continue
		case onRight && c.outside(1, r):
			if err := right.advance(); err != nil {
				return err
			}
			continue
		}
		order := bytes.Compare(l, r)
		switch {
		case onLeft && (!onRight || order < 0):
			c.missing(MissingRight, l, a)
			err = c.skip(left, &c.result.Left)
		case onRight && (!onLeft || order > 0):
			c.missing(MissingLeft, r, b)
			err = c.skip(right, &c.result.Right)
		default:
			c.pair(l, a, b)
			err = errors.Join(c.skip(left, &c.result.Left), c.skip(right, &c.result.Right))
		}
		if err != nil {
			return err
		}
	}
}

// skip goes on to the next key.
func (c *comparison) skip(m *merged, t *Tally) error {
	key, _, _ := m.head()
	c.key = append(c.key[:0], key...)
	for {
		if err := m.advance(); err != nil {
			return err
		}
		next, _, more := m.head()
		if !more || !bytes.Equal(next, c.key) {
			return nil
		}
		t.Twice++
	}
}

func (c *comparison) missing(how How, key, rest []byte) {
	if how == MissingLeft {
		c.result.Seen.MissingLeft++
	} else {
		c.result.Seen.MissingRight++
	}
	c.tracked.add(key, func() Difference {
		return Difference{How: how, Key: readCells(key, len(c.Keys)), Raw: c.raw(key, rest), Changed: changedAt(rest)}
	})
}

// pair compares the two rows of a key.
func (c *comparison) pair(key, left, right []byte) {
	c.result.Compared++
	later := max(binary.LittleEndian.Uint64(left), binary.LittleEndian.Uint64(right))
	if bytes.Equal(left[8:], right[8:]) {
		c.agree(later)
		return
	}
	n := len(c.Reconciliation.Fields)
	l, r := readCells(left[8:], n), readCells(right[8:], n)
	var differ []int
	for i := range l {
		same := l[i] == r[i]
		if !same {
			differ = append(differ, i)
			c.result.Fields[i].Differ++
		}
		c.day(i, later, !same)
	}
	if len(differ) == 0 {
		return // only the keys are written in another way
	}
	c.result.Seen.Differing++
	c.tracked.add(key, func() Difference {
		d := Difference{How: Differs, Key: readCells(key, len(c.Keys)), Raw: c.raw(key, left), Fields: differ}
		for _, i := range differ {
			d.Left, d.Right = append(d.Left, l[i]), append(d.Right, r[i])
		}
		if d.Changed = changedAt(left); changedAt(right).After(d.Changed) {
			d.Changed = changedAt(right)
		}
		return d
	})
}

// agree counts a pair without a difference.
func (c *comparison) agree(changed uint64) {
	for i := range c.result.Fields {
		c.day(i, changed, false)
	}
}

const microsPerDay = int64(24 * time.Hour / time.Microsecond)

// maxDays bounds the days that are told apart: about eleven years.
const maxDays = 4096

func (c *comparison) day(field int, changed uint64, differs bool) {
	days := c.result.Fields[field].Days
	if days == nil || changed == 0 {
		return
	}
	n := int32(int64(changed) / microsPerDay)
	d := days[n]
	if d == nil {
		if len(days) >= maxDays {
			return
		}
		d = &Day{}
		days[n] = d
	}
	if differs {
		d.Differ++
	} else {
		d.Agree++
	}
}

// raw is the key as it was written.
func (c *comparison) raw(key, rest []byte) []Cell {
	_, after := cutCells(rest[8:], len(c.Reconciliation.Fields))
	if len(after) == 0 {
		after = key
	}
	return readCells(after, len(c.Keys))
}

func changedAt(rest []byte) time.Time {
	if micros := int64(binary.LittleEndian.Uint64(rest)); micros != 0 {
		return time.UnixMicro(micros).UTC()
	}
	return time.Time{}
}

func (c *comparison) finish() Result {
	c.result.Left.Read, c.result.Right.Read = c.sides[0].Read(), c.sides[1].Read()
	c.result.Differences = c.tracked.list()
	slices.SortFunc(c.result.Differences, func(a, b Difference) int {
		return bytes.Compare(AppendKey(nil, a.Key), AppendKey(nil, b.Key))
	})
	return c.result
}

// AppendKey appends the text that a key is hashed as.
func AppendKey(text []byte, key []Cell) []byte {
	for _, cell := range key {
		text = AppendCell(text, cell)
	}
	return text
}
