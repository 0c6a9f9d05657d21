package reconcile

import (
	"bytes"
	"encoding/binary"
	"time"
)

// pair compares the two rows of a key.
func (c *comparison) pair(key, left, right []byte) {
	c.result.Compared++
	later := max(binary.LittleEndian.Uint64(left), binary.LittleEndian.Uint64(right))
	if bytes.Equal(left[changedSize:], right[changedSize:]) {
		c.agree(later)
		return
	}
	n := len(c.Reconciliation.Fields)
	l, r := ReadCells(left[changedSize:], n), ReadCells(right[changedSize:], n)
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
		d := Difference{How: Differs, Key: ReadCells(key, len(c.Keys)), Raw: c.raw(key, left), Fields: differ}
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
	_, after := cutCells(rest[changedSize:], len(c.Reconciliation.Fields))
	if len(after) == 0 {
		after = key
	}
	return ReadCells(after, len(c.Keys))
}

func changedAt(rest []byte) time.Time {
	if micros := int64(binary.LittleEndian.Uint64(rest)); micros != 0 {
		return time.UnixMicro(micros).UTC()
	}
	return time.Time{}
}
