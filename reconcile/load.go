package reconcile

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"
)

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
	keyless := c.readKey()
	if c.result.Sampled != nil && !c.result.Sampled.Has(bucketOf(c.key)) {
		return nil
	}
	if !known {
		t.Rows++
	}
	if sums != nil { // whoever sums up where the rows are counts those without a key too
		c.row = c.appendCells(append(c.row[:0], c.key...), c.fieldCells())
		sums.Of[bucketOf(c.key)].Add(hashOf(c.row))
	}
	changed := c.changed(len(c.Keys)+len(c.Reconciliation.Fields), t)
	if keyless {
		t.Keyless++
		return nil
	}
	c.writeRest(changed, cells[:len(c.Keys)])
	return c.sorters[side].add(c.key, c.rest)
}

// readKey makes the key of the canonical cells; keyless when none has a value.
func (c *comparison) readKey() (keyless bool) {
	c.key, keyless = c.key[:0], true
	for _, cell := range c.cells[:len(c.Keys)] {
		c.key = AppendCell(c.key, cell)
		keyless = keyless && cell.State != There
	}
	return keyless
}

// fieldCells are the canonical cells of the fields.
func (c *comparison) fieldCells() []Cell {
	return c.cells[len(c.Keys) : len(c.Keys)+len(c.Reconciliation.Fields)]
}

// writeRest makes what lies behind the key. The key as it was written is left
// out where it is the canonical one.
func (c *comparison) writeRest(changed int64, written []Cell) {
	c.rest = binary.LittleEndian.AppendUint64(c.rest[:0], uint64(changed))
	c.rest = c.appendCells(c.rest, c.fieldCells())
	raw := len(c.rest)
	c.rest = c.appendCells(c.rest, written)
	if bytes.Equal(c.rest[raw:], c.key) {
		c.rest = c.rest[:raw]
	}
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
	micros, err := strconv.ParseInt(c.cells[column].Text, 10, 64) // canonical; else it is no time
	if err != nil {
		return 0
	}
	if at := time.UnixMicro(micros); at.After(t.Newest) {
		t.Newest = at
	}
	return micros
}
