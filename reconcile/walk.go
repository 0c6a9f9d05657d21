package reconcile

import (
	"bytes"
	"context"
	"errors"
)

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
		if more, err := c.step(left, right); err != nil || !more {
			return err
		}
	}
}

// step looks at the lower one of the two keys, or at both when they are equal.
func (c *comparison) step(left, right *merged) (more bool, err error) {
	l, a, onLeft := left.head()
	r, b, onRight := right.head()
	order := bytes.Compare(l, r)
	switch {
	case !onLeft && !onRight:
		return false, nil
	case onLeft && c.outside(0, l):
		return true, left.advance()
	case onRight && c.outside(1, r):
		return true, right.advance()
	case onLeft && (!onRight || order < 0):
		if c.lacks(1, l, a) {
			c.missing(MissingRight, l, a)
		}
		return true, c.skip(left, &c.result.Left)
	case onRight && (!onLeft || order > 0):
		if c.lacks(0, r, b) {
			c.missing(MissingLeft, r, b)
		}
		return true, c.skip(right, &c.result.Right)
	}
	c.pair(l, a, b)
	return true, errors.Join(c.skip(left, &c.result.Left), c.skip(right, &c.result.Right))
}

// lacks reports whether a side should have a row that the other one has.
func (c *comparison) lacks(side int, key, rest []byte) bool {
	partial, is := c.sides[side].(Partial)
	return !is || partial.Lacks(key, changedAt(rest))
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
		return Difference{How: how, Key: ReadCells(key, len(c.Keys)), Raw: c.raw(key, rest), Changed: changedAt(rest)}
	})
}
