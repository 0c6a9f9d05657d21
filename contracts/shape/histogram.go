package shape

import (
	"cmp"
	"math"
	"slices"
)

// The histogram counts float64 values by sign, exponent and the first bits of
// the mantissa: 32 buckets for each doubling, fewer once there are too many.
const (
	finest     = 5
	maxBuckets = 32
)

func (n *numbers) magnitude(f float64) {
	f = min(max(f, -math.MaxFloat64), math.MaxFloat64) // 1e400 has no float64
	n.hist.tick(uint32(math.Float64bits(f)>>(52-finest)) >> n.coarse)
	if n.hist.used > maxBuckets {
		n.coarsen()
	}
}

// coarsen halves the resolution until the buckets are few enough. The result
// depends on the set of values only.
func (n *numbers) coarsen() {
	for n.hist.used > maxBuckets {
		n.halve()
	}
}

func (n *numbers) halve() {
	var room [2 * maxBuckets]cell
	cells := append(room[:0], n.hist.cells...)
	n.hist.reset()
	for _, c := range cells {
		if c.count > 0 {
			n.hist.add(c.key>>1, c.count)
		}
	}
	n.coarse++
}

// median is the middle of the bucket that holds the median.
func (n *numbers) median() float64 {
	cells := n.hist.sorted()
	var total uint64
	values := make([]float64, len(cells))
	for i, c := range cells {
		total += c.count
		low := uint64(c.key) << n.coarse << (52 - finest)
		values[i] = math.Float64frombits(low)
		if width := uint64(1) << (52 - finest) << n.coarse; low != 0 && n.coarse <= finest {
			values[i] = math.Float64frombits(low + width/2)
		}
		values[i] = min(max(values[i], -math.MaxFloat64), math.MaxFloat64)
		if math.IsNaN(values[i]) {
			values[i] = 0
		}
	}
	order := make([]int, len(cells))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	var below uint64
	for _, i := range order {
		if below += cells[i].count; 2*below >= total {
			return values[i]
		}
	}
	return 0
}
