package reconcile

import (
	"bytes"
	"context"
	"math"
	"slices"
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
