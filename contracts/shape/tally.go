package shape

import (
	"cmp"
	"math/bits"
	"slices"
)

// A tally counts by small integer keys: formats, lengths, histogram buckets.
// It is an open-addressing table, because most tallies have one to four keys
// and a Go map costs ten times their memory. Keys are never removed.
type tally struct {
	cells []cell // length a power of two; at most three quarters in use
	used  int
	hot   *cell // counted last; nil when none was
}

type cell struct {
	key   uint32
	count uint64 // 0 marks a free cell
}

// tick adds one. What came last time mostly comes again.
func (t *tally) tick(key uint32) {
	if t.hot == nil || t.hot.key != key {
		t.turn(key)
	}
	t.hot.count++
}

func (t *tally) add(key uint32, count uint64) {
	t.turn(key)
	t.hot.count += count
}

// turn makes the cell of a key the hot one. It is free until it counts.
func (t *tally) turn(key uint32) {
	if 4*t.used >= 3*len(t.cells) { // one cell is always free, so that a search ends
		t.grow()
	}
	mask := len(t.cells) - 1
	i := spread(key) & mask
	for t.cells[i].count > 0 && t.cells[i].key != key {
		i = (i + 1) & mask
	}
	if t.hot = &t.cells[i]; t.hot.count == 0 {
		t.hot.key = key
		t.used++
	}
}

func spread(key uint32) int { return int(key * 0x9E3779B1 >> 15) }

func (t *tally) grow() {
	old := t.cells
	t.cells, t.used, t.hot = make([]cell, max(4, 2*len(old))), 0, nil
	for _, c := range old {
		if c.count > 0 {
			t.add(c.key, c.count)
		}
	}
}

// tallySize is the number of cells that n keys need.
func tallySize(n int) int {
	if n == 0 {
		return 0
	}
	size := 4
	for 4*n >= 3*size {
		size *= 2
	}
	return size
}

func (t *tally) merge(o *tally) {
	for _, c := range o.cells {
		if c.count > 0 {
			t.add(c.key, c.count)
		}
	}
}

func (t *tally) reset() {
	clear(t.cells)
	t.used, t.hot = 0, nil
}

// sorted lists the counts by key, in room as far as that goes.
func (t *tally) sorted(room []cell) []cell {
	out := slices.Grow(room[:0], t.used)
	for _, c := range t.cells {
		if c.count > 0 {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b cell) int { return cmp.Compare(a.key, b.key) })
	return out
}

// A span summarises sizes: how many, the smallest, the largest, and a
// histogram that is exact to 8 and keeps four buckets for each doubling above.
type span struct {
	count, min, max uint64
	sizes           tally
}

func (s *span) add(size uint64) {
	if s.count == 0 {
		s.min = size
	}
	s.count++
	s.min, s.max = min(s.min, size), max(s.max, size)
	s.sizes.tick(sizeBucket(size))
}

func (s *span) merge(o *span) {
	if o.count == 0 {
		return
	}
	if s.count == 0 {
		s.min = o.min
	}
	s.count += o.count
	s.min, s.max = min(s.min, o.min), max(s.max, o.max)
	s.sizes.merge(&o.sizes)
}

func (s *span) reset() {
	s.count, s.min, s.max = 0, 0, 0
	s.sizes.reset()
}

func (s *span) view() Lengths {
	v := Lengths{Count: s.count, Min: s.min, Max: s.max}
	var below uint64
	var room [16]cell
	for _, c := range s.sizes.sorted(room[:0]) {
		if below += c.count; 2*below >= s.count {
			v.Median = min(max(bucketSize(c.key), s.min), s.max)
			break
		}
	}
	return v
}

func sizeBucket(size uint64) uint32 {
	if size <= 8 {
		return uint32(size)
	}
	octave := bits.Len64(size) - 4 // 0 for 8 to 15
	return uint32(9 + 4*octave + int(size>>(octave+1))&3)
}

// bucketSize is the middle of a bucket.
func bucketSize(bucket uint32) uint64 {
	if bucket <= 8 {
		return uint64(bucket)
	}
	octave, quarter := (bucket-9)/4, (bucket-9)%4
	return uint64(4+quarter)<<(octave+1) + 1<<octave
}
